"""A home's own part of the event log, for what looks back at its days: replays and the picture of a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from heapq import merge

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.events import LogRow
from store.log import ROW, head, legible_rows, micros
from store.tables import events


def of_home(
    tx: Connection,
    home: str,
    gateway: str,
    since: datetime,
    *,
    kinds: Collection[str] | None = None,
    after: int = 0,
) -> list[LogRow]:
    """What the city has seen of a home since then, as its present gateway brought it, in order.

    By gateway, because an index by home would be one more for every event to write. `after`: rows behind this position
    alone; both databases sort the others out in that index, without looking at them.
    """
    theirs = ROW.where(
        events.c.gateway == gateway, events.c.home == home, events.c.seen_at_us >= micros(since), events.c.id > after
    )
    if kinds is not None:
        theirs = theirs.where(events.c.kind.in_(kinds))
    # Each half is one of the two unique indexes of the log.
    counted, others = theirs.where(events.c.seq.is_not(None)), theirs.where(events.c.seq.is_(None))
    halves = (legible_rows(tx.execute(half)) for half in (counted, others))
    return list(merge(*halves, key=lambda row: row.position))


_SEEN = (
    sa.select(events.c.id, events.c.seen_at_us)
    .where(events.c.id >= sa.bindparam("least"))
    .order_by(events.c.id)
    .limit(1)
)


def position_before(tx: Connection, at: datetime) -> int:
    """A position behind which is everything that the city has seen since `at`, as far as its clock never went back."""
    low, high, wanted = 0, head(tx) + 1, micros(at)
    while low + 1 < high:  # what stands at `low` was seen before, what stands at `high` was not
        middle = (low + high) // 2
        row = tx.execute(_SEEN, {"least": middle}).first()
        if row is None or row.seen_at_us >= wanted:
            high = middle
        else:
            low = row.id
    return low
