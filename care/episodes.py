"""Episodes of care: the one record that goes from a Care Call through the five stages, and the SQL that moves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import journal, stages
from care.catalogue import rules_for
from care.stages import Standing
from core.care import Ended, Origin, Priority, Refused, Stage
from core.people import Home
from core.signals import Signal
from store.care_tables import consents, episodes, orders, plans, tasks, visits
from store.outcome_tables import follow_ups


@dataclass(frozen=True)
class Hands:
    """What the chain cannot do itself: the Care Call desk and the outbox do it, in the caller's transaction."""

    alert: Callable[[Connection, Signal, Home | None, datetime, str], int | None]
    """(tx, signal, home, now, about): the case that the signal has opened or joined. `about`: "" for the home's or the
    area's own, else whom it is about who lives in no watched home: "person:ID"."""
    ring: Callable[[Connection, int, str, str, str, str, datetime], bool]
    """(tx, case, member, what, thread, url, now): `notice.WHAT` goes to a member's phone, once for each `thread`.
    False: nothing reaches them."""
    shut: Callable[[Connection, int, str, bool, datetime], None]
    """(tx, case, by, exercise, now): an application's living case is closed, because its episode has gone on. Nothing
    else is: an alarm is closed by who was there."""


Chore = Callable[[Connection, Hands, datetime], int]
"""What falls due by itself; how much of it was done. It does a bounded part at a time."""

LEFT_OPEN = {
    visits: visits.c.state.in_(("planned", "started", "arrived")),
    plans: plans.c.state == "draft",
    orders: orders.c.state.in_(("offered", "accepted")),
    follow_ups: follow_ups.c.state == "open",
}
"""What may still be open of an episode, and when it is."""


class Episode(msgspec.Struct, frozen=True):
    """One row of `episodes`."""

    id: int
    application: str
    person: str
    area: str
    origin: Origin
    priority: Priority
    case_id: int
    stage: Stage
    stage_since: datetime
    owner: str
    due_at: datetime | None
    told_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    ended: Ended | None
    requested: list[str]
    note: str
    by: str
    level: str | None
    exercise: bool

    @property
    def standing(self) -> Standing:
        return Standing(self.stage, self.stage_since, self.due_at, self.priority, self.origin, self.ended)

    @property
    def open(self) -> bool:
        return self.stage is not Stage.CLOSED


def _episode(row: Any) -> Episode:
    words = {"origin": Origin(row.origin), "priority": Priority(row.priority), "stage": Stage(row.stage)}
    ended = Ended(row.ended) if row.ended else None
    return Episode(**{**row._mapping, **words, "ended": ended})


def episode(tx: Connection, id: int) -> Episode | None:
    """One episode; None: there is none of that number."""
    row = tx.execute(sa.select(episodes).where(episodes.c.id == id)).first()
    return None if row is None else _episode(row)


def select(tx: Connection, *where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> Sequence[Episode]:
    """Episodes, what is due first on top, closed ones last."""
    order = (episodes.c.due_at.is_(None), episodes.c.due_at, episodes.c.id.desc())
    query = sa.select(episodes).where(*where).order_by(*order).limit(limit).offset(offset)
    return [_episode(row) for row in tx.execute(query)]


def put(tx: Connection, values: dict[str, Any], now: datetime, who: str) -> int:
    """Insert an episode in its first stage, and say so in the journal. Its id."""
    id = int(tx.execute(sa.insert(episodes).values(values).returning(episodes.c.id)).scalar_one())
    journal.note(tx, "opened", now, who, episode=id, person=values["person"], origin=values["origin"])
    return id


def move(tx: Connection, it: Episode, to: Stage, hands: Hands, now: datetime, who: str) -> Episode | Refused:
    """The next stage, audited. The caller has seen to it that the work of this one is done."""
    standing = stages.advance(it.standing, to, rules_for(tx, it.area), now)
    if isinstance(standing, Refused):
        return standing
    hands.shut(tx, it.case_id, who, it.exercise, now)
    return _settle(tx, it, standing, now, who, "moved")


def close(tx: Connection, it: Episode, ended: Ended, hands: Hands, now: datetime, who: str) -> Episode | Refused:
    """The end. Completing it needs all else done; where it ends early, what is still open of it ends with it."""
    standing = stages.close(it.standing, ended, now)
    if isinstance(standing, Refused):
        return standing
    left = {name: count for name, count in open_items(tx, it.id).items() if count}
    if ended is Ended.COMPLETED and left:
        return Refused("work_left", {"what": ", ".join(sorted(left))})
    _cancel(tx, it.id, now, who)
    hands.shut(tx, it.case_id, who, it.exercise, now)
    return _settle(tx, it, standing, now, who, "closed")


def take(tx: Connection, it: Episode, by: str, now: datetime) -> Episode | Refused:
    """Somebody becomes its owner."""
    if not it.open:
        return Refused("closed")
    if it.owner != by:
        tx.execute(sa.update(episodes).where(episodes.c.id == it.id).values(owner=by))
        journal.note(tx, "taken", now, by, episode=it.id, person=it.person)
    return msgspec.structs.replace(it, owner=by)


def open_items(tx: Connection, id: int) -> dict[str, int]:
    """How many visits, plans, orders and follow-ups of an episode are still open."""
    return {
        table.name: tx.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.episode == id, open_)) or 0
        for table, open_ in LEFT_OPEN.items()
    }


def _cancel(tx: Connection, id: int, now: datetime, who: str) -> None:
    cancelled: dict[sa.Table, dict[str, Any]] = {
        visits: {"state": "cancelled"},
        plans: {"state": "replaced"},
        orders: {"state": "cancelled", "due_at": None, "decided_at": now, "decided_by": who},
        follow_ups: {"state": "cancelled", "done_at": now},
    }
    mine = sa.select(orders.c.id).where(orders.c.episode == id)
    theirs = sa.and_(tasks.c.order.in_(mine), tasks.c.state == "assigned")
    tx.execute(sa.update(tasks).where(theirs).values(state="cancelled", due_at=None))
    asked = sa.and_(consents.c.episode == id, consents.c.state == "asked")
    tx.execute(sa.update(consents).where(asked).values(state="lapsed"))
    for table, values in cancelled.items():
        tx.execute(sa.update(table).where(table.c.episode == id, LEFT_OPEN[table]).values(values))


def _settle(tx: Connection, it: Episode, standing: Standing, now: datetime, who: str, what: str) -> Episode:
    ended = standing.ended.value if standing.ended else None
    values: dict[str, Any] = {
        "stage": standing.stage.value,
        "stage_since": standing.since,
        "due_at": standing.due_at,
        "told_at": None,
        "ended": ended,
        "closed_at": now if standing.stage is Stage.CLOSED else None,
    }
    tx.execute(sa.update(episodes).where(episodes.c.id == it.id).values(values))
    numbers = {"from": it.stage.value, "to": standing.stage.value, "ended": ended or ""}
    journal.note(tx, what, now, who, episode=it.id, person=it.person, **numbers)
    after = episode(tx, it.id)
    assert after is not None
    return after
