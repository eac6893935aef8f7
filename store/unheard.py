"""The homes that cannot be heard right now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.database import upsert
from store.people import RESIDENT
from store.tables import homes
from store.tables import unheard as table


def unheard(tx: Connection) -> dict[str, datetime | None]:
    """Home -> when its last word arrived; None: it never said one."""
    return {row.home: row.since for row in tx.execute(sa.select(table.c.home, table.c.since))}


def unheard_since(tx: Connection, home: str) -> tuple[bool, datetime | None]:
    """Whether a home cannot be heard, and when its last word arrived."""
    row = tx.execute(sa.select(table.c.since).where(table.c.home == home)).first()
    return row is not None, row.since if row else None


def unheard_homes(
    tx: Connection, limit: int | None = None, *, only: sa.ColumnElement[bool] | None = None
) -> Sequence[Any]:
    """(home, area, resident, since) of them, longest first; those that never said a word are last. `only`: a further
    clause on the table of homes."""
    query = sa.select(table.c.home, homes.c.area, sa.func.coalesce(RESIDENT, "").label("resident"), table.c.since)
    query = query.join(homes, homes.c.id == table.c.home).order_by(table.c.since.is_(None), table.c.since, table.c.home)
    return tx.execute((query if only is None else query.where(only)).limit(limit)).all()


def count_unheard(tx: Connection, *, only: sa.ColumnElement[bool] | None = None) -> tuple[int, int]:
    """How many homes fell silent, and how many never said a word; `only` as in `unheard_homes`."""
    query = sa.select(sa.func.count(table.c.since), sa.func.count())
    if only is not None:
        query = query.select_from(table.join(homes, homes.c.id == table.c.home)).where(only)
    lost, every = tx.execute(query).one()
    return lost, every - lost


def put_unheard(tx: Connection, backend: str, lost: Mapping[str, datetime | None], found: Collection[str]) -> None:
    """Enter homes with their last word, and take out those that are heard again."""
    if lost:
        rows = [{"home": home, "since": since} for home, since in lost.items()]
        tx.execute(upsert(table, backend, ["home"], ["since"]), rows)
    if found:
        tx.execute(sa.delete(table).where(table.c.home.in_(found)))
