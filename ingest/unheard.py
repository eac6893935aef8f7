"""Homes that cannot be heard right now, written down within seconds: the fold waits two minutes for late words, and
whoever looks at a home need not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from anomaly import life, sight
from anomaly.engine import Engine
from anomaly.intake import consents
from anomaly.time import moment
from core.clock import Clock
from core.events import LogRow
from store.database import Database
from store.unheard import put_unheard, unheard

_EVERY = timedelta(seconds=1)
_TOGETHER = 500


class Unheard:
    """Keeps the table of homes of which nothing has arrived for `sight.limit_s`; the engine's rows say how often their
    heartbeats are due. What came in late was heard all the same.
    """

    def __init__(self, db: Database, engine: Engine, clock: Clock) -> None:
        """`engine`: as it was restored; what it knows is where hearing begins."""
        self._db, self._rows, self._clock = db, engine.rows, clock
        self._heard = engine.heard()
        with db.read() as tx:
            self._written = unheard(tx)
        self._next = clock.now()

    def hear(self, log: Iterable[LogRow]) -> None:
        """Take in log rows, of which each shows that its home is heard, but for what others say about it."""
        self._grow()
        index, heard = self._rows.index, self._heard
        for row in log:
            i = index.get(row.home)
            if i is not None and life.traffic(row):
                heard[i] = max(heard[i], row.seen_at.timestamp())

    def write(self) -> None:
        """Bring the table up to date, once a second: call this where no row waits to be heard."""
        now = self._clock.now()
        if now < self._next:
            return
        self._next = now + _EVERY
        found, was = self._unheard(now), self._written
        lost = {home: since for home, since in found.items() if home not in was or was[home] != since}
        names = [*lost, *(was.keys() - found.keys())]
        for first in range(0, len(names), _TOGETHER):  # in small turns: an SOS may be waiting to write
            turn = names[first : first + _TOGETHER]
            with self._db.write(synced=False) as tx:
                gone = {home: found[home] for home in turn if home in found}
                put_unheard(tx, self._db.backend, gone, [home for home in turn if home not in found])
        self._written = found

    def _unheard(self, now: datetime) -> dict[str, datetime | None]:
        """Home -> its last word; None: there was none."""
        self._grow()
        rows, n = self._rows, len(self._heard)
        silent = now.timestamp() - self._heard >= sight.limits_s(rows.col["sight.beat_s"][:n])
        which = np.flatnonzero(rows.trait(consents, "?")[:n] & (silent | (self._heard == 0)))
        return {rows.homes[i].id: moment(self._heard[i].item()) if self._heard[i] else None for i in which.tolist()}

    def _grow(self) -> None:
        if more := len(self._rows.homes) - len(self._heard):
            self._heard = np.concatenate([self._heard, np.zeros(more)])
