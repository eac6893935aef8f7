"""What a city's pack offers: its rules, services, providers and instruments, as they stand in the database."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.rules import Rules, merged
from core.care import city_of, gu_of
from store.pack_tables import overrides, packs


def rules_for(tx: Connection, area: str) -> Rules:
    """The rules in force in an area; the program's own where no pack is loaded."""
    body = tx.scalar(sa.select(packs.c.body).where(packs.c.city == city_of(area)))
    if body is None:
        return Rules(city=city_of(area))
    own = tx.execute(sa.select(overrides.c.key, overrides.c.value).where(overrides.c.area == gu_of(area)))
    return merged(body, {row.key: row.value for row in own})
