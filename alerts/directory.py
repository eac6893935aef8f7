"""Finds the people a letter goes to: who is on call, who has the case, who has been called already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from alerts.letters import Letter
from alerts.plan import Rung
from alerts.pushes import PUSH
from alerts.rota import Roster, Rota, on_call
from core.people import Cover, Member, Reach
from store.tables import covers, members, outbox

REACHED = ("accepted", "delivered", "seen", "acknowledged")
"""States of a message that has left for its member, as far as the city can know."""

# Built once: an SOS passes through these, and building a statement costs as much as running it.
_AWAY = (
    sa.select(covers.c.member, covers.c.start, covers.c.end, covers.c.by)
    .where(covers.c.start <= sa.bindparam("now"), covers.c.end > sa.bindparam("now"))
    .order_by(covers.c.id)
)
_ANSWERING = (
    sa.select(members)
    .where(
        sa.or_(
            sa.and_(members.c.role == sa.bindparam("as"), members.c.area.in_(sa.bindparam("above", expanding=True))),
            members.c.id.in_(sa.bindparam("named", expanding=True)),
        )
    )
    .order_by(members.c.id)
)


def roster(tx: Connection, rung: Rung, area: str, rota: Rota, now: datetime) -> Roster:
    """Who is on call at `rung` for `area`, by the people and the cover that the database knows."""
    if rung.post:
        return on_call(rung, area, (), (), rota, now)
    away = [Cover(*row) for row in tx.execute(_AWAY, {"now": now})]
    names = {c.by for c in away if c.by} | {name for shift in rota.shifts for name in shift.members}
    parts = area.split("/")
    above = ["", *("/".join(parts[: i + 1]) for i in range(len(parts)))]
    found = _members(tx.execute(_ANSWERING, {"as": rung.who, "above": above, "named": sorted(names)}))
    return on_call(rung, area, found, away, rota, now)


def named(tx: Connection, names: Sequence[str]) -> list[Member]:
    """The members of these ids; who acts on a case need not be one."""
    return _members(tx.execute(sa.select(members).where(members.c.id.in_(names))))


def reached(tx: Connection, case_id: int, by: str | None, purpose: str, call: int, now: datetime) -> list[Letter]:
    """A letter to everybody but `by` whom a call has reached, or may be reaching this moment, by the same way."""
    on_its_way = sa.or_(outbox.c.state.in_(REACHED), outbox.c.claimed_until > now)
    query = sa.select(outbox.c.member, outbox.c.channel, outbox.c.address, outbox.c.payload)
    query = query.where(
        outbox.c.case_id == case_id, outbox.c.purpose.in_(("call", "owner")), outbox.c.channel != PUSH, on_its_way
    )
    told = {row.member: row for row in tx.execute(query.order_by(outbox.c.id)) if row.member != by}
    return [
        Letter(purpose, call, _language(row.payload), (Reach(row.channel, row.address),), member)
        for member, row in told.items()
    ]


def _language(payload: Any) -> str:
    # One damaged message must not keep a case from being taken.
    return str(payload.get("language", "ko")) if isinstance(payload, dict) else "ko"


def _members(rows: Iterable[Any]) -> list[Member]:
    found = ({name: getattr(row, name) for name in Member.__struct_fields__} for row in rows)
    return [msgspec.convert(member, Member) for member in found]
