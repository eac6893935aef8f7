"""Break-glass: one home's or person's data, lent to somebody from elsewhere for a reason and some hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access import visible
from access.actor import Actor
from access.visible import Kind
from core.care import Refused, city_of, who
from core.people import is_canary
from store.account_tables import accounts, grants
from store.care_tables import persons
from store.tables import homes

LONGEST_H = 12
SHORTEST_REASON, LONGEST_REASON = 10, 400
MOST = 10
"""That one account has at once: what is asked for by the dozen is no emergency."""
Lent = Literal["home", "person"]


class Grant(msgspec.Struct, frozen=True):
    """One row of `grants`, with the name of who asked. `seen_by`: the supervisor's account who has looked at it."""

    id: int
    account: str
    name: str
    kind: str
    object: str
    area: str
    reason: str
    start: datetime
    end: datetime
    seen_by: str | None
    seen_at: datetime | None


def ask(
    tx: Connection, actor: Actor, kind: Lent, object: str, reason: str, hours: int, now: datetime
) -> Grant | Refused:
    """Lend `actor` a home or person of their own city from `now`, the city's time, on."""
    reason = " ".join(reason.split())
    if len(who(reason)) < SHORTEST_REASON or len(reason) > LONGEST_REASON:
        return Refused("grant_reason", {"least": SHORTEST_REASON, "most": LONGEST_REASON})
    if not 1 <= hours <= LONGEST_H:
        return Refused("grant_hours", {"most": LONGEST_H})
    area = _area(tx, kind, object)
    if area is None or city_of(area) not in {city_of(mine) for mine in actor.areas}:
        return Refused(f"unknown_{kind}", {"home" if kind == "home" else "id": object[:110]})
    own = msgspec.structs.replace(actor, grants=(), reasons=())
    if visible.find(tx, own, Kind(kind), object) is not None:
        return Refused("grant_own")
    if len(select(tx, running(actor.account, now), MOST)) == MOST:
        return Refused("grant_many", {"most": MOST})
    row = {"account": actor.account, "kind": kind, "object": object, "area": area, "reason": reason}
    made = tx.execute(sa.insert(grants).values(**row, start=now, end=now + timedelta(hours=hours)))
    assert made.inserted_primary_key is not None
    return select(tx, grants.c.id == made.inserted_primary_key[0], 1)[0]


def select(tx: Connection, which: sa.ColumnElement[bool], most: int) -> list[Grant]:
    """The newest first."""
    query = sa.select(grants, accounts.c.name).join(accounts, accounts.c.id == grants.c.account)
    return [Grant(**row) for row in tx.execute(query.where(which).order_by(grants.c.id.desc()).limit(most)).mappings()]


def running(account: str, now: datetime) -> sa.ColumnElement[bool]:
    """An account's that hold now."""
    return sa.and_(grants.c.account == account, grants.c.start <= now, grants.c.end > now)


def see(tx: Connection, actor: Actor, id: int, now: datetime) -> Grant | Refused:
    """A supervisor has looked at it; who was the first stays."""
    it = _one(tx, id)
    if it is None:
        return Refused("unknown_grant")
    if it.account == actor.account:
        return Refused("grant_own_look")
    if it.seen_at is None:
        tx.execute(sa.update(grants).where(grants.c.id == id).values(seen_by=actor.account, seen_at=now))
    return _one(tx, id) or Refused("unknown_grant")


def end(tx: Connection, id: int, now: datetime) -> Grant | None:
    """It is lent no more; None: there is none of that id."""
    it = _one(tx, id)
    if it is None:
        return None
    tx.execute(sa.update(grants).where(grants.c.id == id, grants.c.end > now).values(end=max(now, it.start)))
    return _one(tx, id)


def lent(tx: Connection, account: str, now: datetime) -> dict[tuple[str, str], str]:
    """(kind, object) -> reason of all that is lent to an account now: a home with who lives there, a person with their
    home."""
    held = sa.select(grants).where(running(account, now)).order_by(grants.c.id)
    rows: Sequence[Any] = tx.execute(held).all()
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        reason = f"#{row.id} {row.reason}"
        there = sa.and_(persons.c.gone_at.is_(None), persons.c.home.is_not(None))
        mine = persons.c.home == row.object if row.kind == "home" else persons.c.id == row.object
        for one in tx.execute(sa.select(persons.c.id, persons.c.home).where(mine, there)):
            found[("home", one.home)] = found[("person", one.id)] = reason
        found[(row.kind, row.object)] = reason
    return found


def _area(tx: Connection, kind: Lent, object: str) -> str | None:
    table = homes if kind == "home" else persons
    if is_canary(object.removeprefix("h-")):
        return None  # nobody lives there
    area: str | None = tx.scalar(sa.select(table.c.area).where(table.c.id == object))
    return area


def _one(tx: Connection, id: int) -> Grant | None:
    return next(iter(select(tx, grants.c.id == id, 1)), None)
