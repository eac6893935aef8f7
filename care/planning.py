"""Care plans: which services somebody receives, how often and until when; agreed with the person's consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, followup, journal
from care.assess import must_be_here, must_be_known
from care.episodes import Episode, Hands
from core.care import Refused, Stage, city_of, who
from store.care_tables import consents, orders, plan_items, plans
from store.pack_tables import services

MOST_ITEMS = 20
LONGEST = timedelta(days=731)
"""Two years, one of them a leap year."""
WITHIN = (Stage.PLAN, Stage.LINKAGE)
"""The stages in which a plan is made, and made again."""


class Want(msgspec.Struct, frozen=True):
    """So many units of a service from `start` to `end` (UTC)."""

    service: str
    units: int
    start: datetime
    end: datetime


class Item(Want, frozen=True):
    """One row of `plan_items`."""

    id: int


class Plan(msgspec.Struct, frozen=True):
    """One row of `plans` with its items. An agreed one never changes: another takes its place."""

    id: int
    episode: int
    state: str
    goals: str
    by: str
    at: datetime
    agreed_at: datetime | None
    items: tuple[Item, ...]

    @property
    def wants(self) -> tuple[Want, ...]:
        return tuple(Want(item.service, item.units, item.start, item.end) for item in self.items)


def draft(tx: Connection, episode: int, goals: str, items: Sequence[Want], by: str, now: datetime) -> Plan | Refused:
    """Write a plan down; the draft of before is replaced. The same draft again is the one that stands."""
    it = episodes.episode(tx, episode)
    if it is None:
        return Refused("unknown_episode", {"id": episode})
    refused = _may_plan(tx, it, by) or _possible(tx, it, items, now)
    if refused is not None:
        return refused
    stands = drafted(tx, episode)
    if stands and (stands.goals, stands.wants, who(stands.by)) == (goals, tuple(items), who(by)):
        return stands
    tx.execute(_drafts(episode).values(state="replaced"))
    row = {"episode": episode, "state": "draft", "goals": goals, "by": by, "at": now}
    id = int(tx.execute(sa.insert(plans).values(row).returning(plans.c.id)).scalar_one())
    tx.execute(sa.insert(plan_items), [{"plan": id, **msgspec.structs.asdict(want)} for want in items])
    journal.note(tx, "planned", now, by, episode=episode, person=it.person, plan=id, items=len(items))
    made = plan(tx, id)
    assert made is not None
    return made


def agree(tx: Connection, id: int, by: str, hands: Hands, now: datetime) -> Plan | Refused:
    """The person and the office are agreed: the plan is in force, the one of before is not, and evaluations fall due.

    It needs the person's consent to care. A plan of which an order is under way is not replaced: that order is done or
    cancelled first. Agreed again, it is as it was.
    """
    it, made = None, plan(tx, id)
    if made is not None:
        it = episodes.episode(tx, made.episode)
    if made is None or it is None:
        return Refused("unknown_plan", {"id": id})
    if made.state == "agreed":
        return made
    refused = _may_plan(tx, it, by)
    if refused is None and made.state != "draft":
        refused = Refused("plan_replaced", {"id": id})
    refused = refused or _possible(tx, it, made.wants, now)
    if refused is None and not consented(tx, it.person):
        refused = Refused("no_consent")
    if refused is None and (under_way := episodes.open_items(tx, it.id)["orders"]):
        refused = Refused("orders_open", {"open": under_way})
    if refused is not None:
        return refused
    if it.stage is Stage.PLAN:
        moved = episodes.move(tx, it, Stage.LINKAGE, hands, now, by)
        if isinstance(moved, Refused):
            return moved
    older = sa.update(plans).where(plans.c.episode == it.id, plans.c.state == "agreed")
    tx.execute(older.values(state="replaced"))
    tx.execute(sa.update(plans).where(plans.c.id == id).values(state="agreed", agreed_at=now))
    followup.open_all(tx, it, now)
    journal.note(tx, "agreed", now, by, episode=it.id, person=it.person, plan=id)
    missing = sorted(set(it.requested) - {item.service for item in made.items})
    if missing:
        journal.note(tx, "not_planned", now, by, episode=it.id, person=it.person, services=", ".join(missing))
    return msgspec.structs.replace(made, state="agreed", agreed_at=now)


def plan(tx: Connection, id: int) -> Plan | None:
    """One plan; None: there is none of that number."""
    return _plan(tx, plans.c.id == id)


def drafted(tx: Connection, episode: int) -> Plan | None:
    """The draft of an episode."""
    return _plan(tx, sa.and_(plans.c.episode == episode, plans.c.state == "draft"))


def agreed(tx: Connection, episode: int) -> Plan | None:
    """The plan in force."""
    return _plan(tx, sa.and_(plans.c.episode == episode, plans.c.state == "agreed"))


def consented(tx: Connection, person: str) -> bool:
    """Whether what the person said last about care is yes."""
    said = sa.and_(consents.c.person == person, consents.c.purpose == "care")
    decided = consents.c.state.in_(("given", "refused", "withdrawn"))
    last = sa.select(consents.c.state).where(said, decided)
    return tx.scalar(last.order_by(consents.c.decided_at.desc(), consents.c.id.desc()).limit(1)) == "given"


def unserved(tx: Connection, it: Plan) -> int:
    """How many items of a plan nobody has delivered, nor cancelled with a reason."""
    # The newest order of an item is what has become of it: the ones before were declined, lapsed or cancelled.
    query = sa.select(orders.c.item, orders.c.state, orders.c.reason).order_by(orders.c.id)
    mine = orders.c.item.in_([item.id for item in it.items])
    last = {row.item: row for row in tx.execute(query.where(mine))}
    over = {id for id, row in last.items() if row.state == "done" or (row.state == "cancelled" and row.reason)}
    return len(it.items) - len(over)


def _plan(tx: Connection, where: sa.ColumnElement[bool]) -> Plan | None:
    row = tx.execute(sa.select(plans).where(where).order_by(plans.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    theirs = sa.select(plan_items).where(plan_items.c.plan == row.id).order_by(plan_items.c.id)
    items = [{name: value for name, value in one.items() if name != "plan"} for one in tx.execute(theirs).mappings()]
    return Plan(**row._mapping, items=tuple(Item(**one) for one in items))


def _drafts(episode: int) -> Any:
    return sa.update(plans).where(plans.c.episode == episode, plans.c.state == "draft")


def _may_plan(tx: Connection, it: Episode, by: str) -> Refused | None:
    refused = must_be_known(tx, it, by)
    if refused is None and it.stage not in WITHIN:
        refused = Refused("not_now", {"stage": it.stage.value})
    return refused or must_be_here(tx, it)


def _possible(tx: Connection, it: Episode, items: Sequence[Want], now: datetime) -> Refused | None:
    if not 1 <= len(items) <= MOST_ITEMS:
        return Refused("items", {"most": MOST_ITEMS})
    here = sa.and_(services.c.city == city_of(it.area), services.c.active)
    rows = tx.execute(sa.select(services.c.code, services.c.most_units).where(here))
    most: dict[str, int] = {row.code: row.most_units for row in rows}
    for item in items:
        if item.service not in most:
            return Refused("unknown_service", {"id": item.service})
        if not 1 <= item.units <= most[item.service]:
            return Refused("units", {"service": item.service, "most": most[item.service]})
        if not timedelta(0) < item.end - item.start <= LONGEST or item.end <= now:
            return Refused("period", {"service": item.service})
    return None
