"""Every device of the city as a list for who looks after them: what is weak, silent or not proved comes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.columns import below
from store.tables import devices, homes, of_people

WEAK_PCT = 20.0
SILENT = timedelta(hours=24)
State = Literal["weak", "silent", "unproved"]


def found_devices(
    tx: Connection, now: datetime, state: State | None, area: str, limit: int, offset: int, only: Any
) -> tuple[int, Sequence[Any]]:
    """How many there are, and a page of them, who was silent longest first: of homes that `only` lets through, in
    `area` and below, in that `state` (None: all). Rows have the device's columns and the home's `area`.
    """
    table = devices.join(homes, homes.c.gateway == devices.c.gateway)
    wanted = [of_people(homes.c.id), only, below(homes.c.area, area)]
    if state is not None:
        wanted.append(
            {
                "weak": devices.c.battery_pct < WEAK_PCT,
                "silent": devices.c.last_seen < now - SILENT,
                "unproved": devices.c.unproved != "",
            }[state]
        )
    total = tx.scalar(sa.select(sa.func.count()).select_from(table).where(*wanted)) or 0
    query = sa.select(devices, homes.c.area).select_from(table).where(*wanted)
    query = query.order_by(devices.c.last_seen, devices.c.gateway, devices.c.device).limit(limit).offset(offset)
    return total, tx.execute(query).all()
