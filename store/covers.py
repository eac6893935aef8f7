"""Who stands in for whom, as dated records: what has begun is ended and never taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.people import Cover
from store.tables import covers


def add_cover(tx: Connection, cover: Cover) -> int:
    """Write it down; its number. Where two overlap, the one that was written later holds."""
    row = {"member": cover.member, "start": cover.start, "end": cover.end, "by": cover.by}
    number: int = tx.execute(sa.insert(covers).values(row).returning(covers.c.id)).scalar_one()
    return number


def covers_between(
    tx: Connection, start: datetime, end: datetime, only: sa.ColumnElement[bool] | None = None
) -> Sequence[Any]:
    """The covers that touch [start, end), by time."""
    query = sa.select(covers).where(covers.c.start < end, covers.c.end > start)
    if only is not None:
        query = query.where(only)
    return tx.execute(query.order_by(covers.c.start, covers.c.id)).all()


def cover(tx: Connection, number: int, only: sa.ColumnElement[bool] | None = None) -> Any | None:
    """One of them; None: there is none of that number."""
    query = sa.select(covers).where(covers.c.id == number)
    return tx.execute(query if only is None else query.where(only)).first()


def end_cover(tx: Connection, number: int, now: datetime) -> None:
    """It holds no more: what has not begun is taken out, what has begun ends now, what is over stays as it was."""
    tx.execute(sa.delete(covers).where(covers.c.id == number, covers.c.start > now))
    tx.execute(sa.update(covers).where(covers.c.id == number, covers.c.end > now).values(end=now))
