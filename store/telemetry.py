"""Measurements over time behind one small protocol; charts read them, the alarm path never does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import sqlalchemy as sa

from store.database import Database, insert_new
from store.tables import telemetry


class Measure(msgspec.Struct, frozen=True, gc=False):
    """One value of one device: `metric` names quantity and unit (`temp_c`, `humidity_pct`, `battery_pct`, …)."""

    home: str
    metric: str
    device: str
    at: datetime
    value: float


class Telemetry(Protocol):
    """Where measurements are kept."""

    def put(self, measures: Sequence[Measure]) -> None:
        """Keep them; the same measure twice is one. Raises where the store is away: the caller tries again."""
        ...

    def series(self, home: str, metric: str, start: datetime, end: datetime) -> list[Measure]:
        """One metric of a home in [start, end), by time."""
        ...


_TOGETHER = 200  # in small turns: an SOS may be waiting to write


class SqlTelemetry:
    """Telemetry in the city's own database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, measures: Sequence[Measure]) -> None:
        """See `Telemetry.put`."""
        rows = [msgspec.structs.asdict(measure) for measure in measures]
        for first in range(0, len(rows), _TOGETHER):
            with self._db.write(synced=False) as tx:
                tx.execute(insert_new(telemetry, self._db.backend), rows[first : first + _TOGETHER])
        if rows:
            self._db.sync()

    def series(self, home: str, metric: str, start: datetime, end: datetime) -> list[Measure]:
        """See `Telemetry.series`."""
        t = telemetry.c
        query = (
            sa.select(t.home, t.metric, t.device, t.at, t.value)
            .where(t.home == home, t.metric == metric, t.at >= start, t.at < end)
            .order_by(t.at, t.device)
        )
        with self._db.read() as tx:
            return [Measure(*row) for row in tx.execute(query)]
