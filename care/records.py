"""Which records of a provider can be claimed, and what each is worth: done work, once, at the order's price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.claim import MOST_RECORDS
from core.care import Refused, gu_of
from store.care_tables import claim_items, orders, records

DONE = "done"


class Line(msgspec.Struct, frozen=True):
    """One record as a claim bills it."""

    record: str
    order: int
    service: str
    area: str
    start: datetime
    end: datetime
    units: int
    won: int
    exercise: bool

    @classmethod
    def of(cls, row: Any) -> Line:
        known = {name: getattr(row, name) for name in cls.__struct_fields__ if name not in ("record", "won")}
        return cls(record=row.id, won=row.units * row.price_won, **known)


_RECORDS = sa.select(
    records.c.id,
    records.c.order,
    records.c.provider,
    records.c.outcome,
    records.c.units,
    records.c.start,
    records.c.end,
    orders.c.service,
    orders.c.area,
    orders.c.price_won,
    orders.c.exercise,
    orders.c.units.label("ordered"),
    claim_items.c.claim,
).select_from(records.join(orders, orders.c.id == records.c.order).outerjoin(claim_items))


def claimable(
    tx: Connection, provider: str, *, limit: int, offset: int = 0, only: sa.ColumnElement[bool] | None = None
) -> list[Line]:
    """What a provider has done and not claimed yet, the oldest first. `only`: a further clause on the records."""
    free = (
        sa.true() if only is None else only,
        records.c.outcome == DONE,
        records.c.units > 0,
        claim_items.c.claim.is_(None),
    )
    query = _RECORDS.where(records.c.provider == provider, *free).order_by(records.c.start, records.c.id)
    return [Line.of(row) for row in tx.execute(query.limit(limit).offset(offset))]


def bill(tx: Connection, provider: str, ids: Sequence[str]) -> list[Line] | Refused:
    """These records as one claim, of one district, all of an exercise or none; each refusal names what it is about."""
    if not 1 <= len(ids) <= MOST_RECORDS:
        return Refused("claim_size", {"most": MOST_RECORDS})
    found = {row.id: row for row in tx.execute(_RECORDS.where(records.c.id.in_(ids)))}
    for id, times in Counter(ids).items():
        row = found.get(id)
        if row is None:
            return Refused("unknown_record", {"id": id})
        if times > 1:
            return Refused("record_twice", {"id": id})
        if row.provider != provider:
            return Refused("record_of_another", {"id": id})
        if row.outcome != DONE or row.units <= 0:
            return Refused("record_not_done", {"id": id})
        if row.claim is not None:
            return Refused("record_claimed", {"id": id, "claim": row.claim})
        first = found[ids[0]]
        if gu_of(row.area) != gu_of(first.area):
            return Refused("record_elsewhere", {"id": id})
        if row.exercise != first.exercise:
            return Refused("record_exercise", {"id": id})
    rows = [found[id] for id in ids]
    return _beyond(tx, rows) or [Line.of(row) for row in rows]


def _beyond(tx: Connection, rows: Sequence[Any]) -> Refused | None:
    ordered = {row.order: row.ordered for row in rows}
    units: Counter[int] = Counter()
    for row in rows:
        units[row.order] += row.units
    held = sa.select(records.c.order, sa.func.sum(records.c.units).label("units"))
    held = held.select_from(records.join(claim_items)).where(records.c.order.in_(ordered)).group_by(records.c.order)
    for before in tx.execute(held):
        units[before.order] += int(before.units)
    for order, most in ordered.items():
        if units[order] > most:
            return Refused("claim_beyond_order", {"order": order, "units": most})
    return None
