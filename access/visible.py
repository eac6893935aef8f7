"""What somebody may see, said once: lists are filtered and things are checked by it, so they can not disagree."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.actor import Actor
from access.roles import REACH, By, Role
from core.care import city_of
from core.people import within
from store.care_tables import claims, consents, episodes, orders, persons, plan_items, plans, records, tasks, visits
from store.columns import below
from store.pack_tables import providers
from store.tables import cases, gateways, homes, members


class Kind(StrEnum):
    """What a thing is that somebody may or may not see."""

    CASE = "case"
    HOME = "home"
    PERSON = "person"
    EPISODE = "episode"
    VISIT = "visit"
    PLAN_ITEM = "plan_item"
    ORDER = "order"
    TASK = "task"
    RECORD = "record"
    CLAIM = "claim"
    GATEWAY = "gateway"
    PROVIDER = "provider"
    MEMBER = "member"


class Sights(msgspec.Struct, frozen=True):
    """Where a kind's rows are found, and by which columns somebody reaches them; None: not by that."""

    id: Any
    rows: Any
    area: Any = None
    home: Any = None
    person: Any = None
    provider: Any = None


class Found(msgspec.Struct, frozen=True):
    """A thing that the actor may see. `about`: the home or person it is about; "": nobody."""

    about: str


def _of_person(table: sa.Table, person: Any) -> sa.FromClause:
    return table.join(persons, persons.c.id == person)


_ordered = orders.join(persons, persons.c.id == orders.c.person)
_BY_ORDER: dict[str, Any] = {
    "area": orders.c.area,
    "home": persons.c.home,
    "person": orders.c.person,
    "provider": orders.c.provider,
}

SIGHTS: dict[Kind, Sights] = {
    Kind.CASE: Sights(cases.c.id, cases, area=cases.c.area, home=cases.c.home),
    Kind.HOME: Sights(homes.c.id, homes, area=homes.c.area, home=homes.c.id),
    Kind.PERSON: Sights(persons.c.id, persons, area=persons.c.area, home=persons.c.home, person=persons.c.id),
    Kind.EPISODE: Sights(
        episodes.c.id,
        _of_person(episodes, episodes.c.person),
        area=episodes.c.area,
        home=persons.c.home,
        person=episodes.c.person,
    ),
    Kind.VISIT: Sights(
        visits.c.id,
        _of_person(visits, visits.c.person),
        area=visits.c.area,
        home=persons.c.home,
        person=visits.c.person,
    ),
    Kind.PLAN_ITEM: Sights(
        plan_items.c.id,
        plan_items.join(plans, plans.c.id == plan_items.c.plan)
        .join(episodes, episodes.c.id == plans.c.episode)
        .join(persons, persons.c.id == episodes.c.person),
        area=episodes.c.area,
        home=persons.c.home,
        person=episodes.c.person,
    ),
    Kind.ORDER: Sights(orders.c.id, _ordered, **_BY_ORDER),
    Kind.TASK: Sights(tasks.c.id, tasks.join(_ordered, orders.c.id == tasks.c.order), **_BY_ORDER),
    Kind.RECORD: Sights(records.c.id, records.join(_ordered, orders.c.id == records.c.order), **_BY_ORDER),
    Kind.CLAIM: Sights(claims.c.id, claims, area=claims.c.gu, provider=claims.c.provider),
    Kind.GATEWAY: Sights(
        gateways.c.id, gateways.outerjoin(homes, homes.c.gateway == gateways.c.id), area=homes.c.area, home=homes.c.id
    ),
    Kind.PROVIDER: Sights(providers.c.id, providers, area=providers.c.city, provider=providers.c.id),
    Kind.MEMBER: Sights(members.c.id, members, area=members.c.area),
}


def only(actor: Actor, kind: Kind, column: Any) -> sa.ColumnElement[bool]:
    """The rows of a list, whose `column` holds a `kind`'s id, that `actor` may see."""
    if REACH[actor.role] is By.ALL:
        return sa.true()
    sights = SIGHTS[kind]
    seen: sa.ColumnElement[bool] = column.in_(
        sa.select(sights.id).select_from(sights.rows).where(_clause(actor, kind)).correlate(None)
    )
    return seen


def find(tx: Connection, actor: Actor, kind: Kind, id: int | str) -> Found | None:
    """The thing of that id, if `actor` may see it."""
    sights = SIGHTS[kind]
    about = [column for column in (sights.person, sights.home) if column is not None]
    query = sa.select(sa.func.coalesce(*about, "") if about else sa.literal("")).select_from(sights.rows)
    row = tx.execute(query.where(sights.id == id, _clause(actor, kind))).first()
    return None if row is None else Found(str(row[0]))


def shows_case(actor: Actor, area: str, home: str | None) -> bool:
    """What `find` says of a case of that area and home, without a database: for each line of the live stream."""
    match REACH[actor.role]:
        case By.ALL:
            return True
        case By.HOME:
            return home is not None and home in actor.homes
        case By.AREA:
            lent = home is not None and ("home", home) in actor.grants
            return lent or any(within(area, mine) for mine in actor.areas)
        case By.PROVIDER:
            return False


def reach(actor: Actor, area: str) -> str | None:
    """The part of `area` (a prefix; "": everywhere) that is `actor`'s: itself, their own where it is asked for from
    above, or None. Somebody with several areas has to name one of them."""
    if REACH[actor.role] is By.ALL:
        return area
    if any(within(area, mine) for mine in actor.areas):
        return area
    below = [mine for mine in actor.areas if within(mine, area)]
    return below[0] if below else None


def _clause(actor: Actor, kind: Kind) -> sa.ColumnElement[bool]:
    sights = SIGHTS[kind]
    match REACH[actor.role]:
        case By.ALL:
            return sa.true()
        case By.PROVIDER:
            return _of_provider(actor, kind, sights)
        case By.HOME:
            return sights.home.in_(actor.homes) if sights.home is not None else sa.false()
        case By.AREA:
            return _in_area(actor, kind, sights)


def _in_area(actor: Actor, kind: Kind, sights: Sights) -> sa.ColumnElement[bool]:
    if kind is Kind.PROVIDER:
        return sa.or_(sa.false(), sights.area.in_({city_of(area) for area in actor.areas}))
    ways = [below(sights.area, area) for area in actor.areas]
    if kind is Kind.GATEWAY and actor.role is Role.OPERATOR:
        ways.append(sights.area.is_(None))  # one that has no home yet
    if kind is Kind.MEMBER and actor.member is not None:
        ways.append(sights.id == actor.member)
    for lent, object in actor.grants:
        column = {"home": sights.home, "person": sights.person}[lent]
        if column is not None:
            ways.append(column == object)
    return sa.or_(sa.false(), *ways)


def _of_provider(actor: Actor, kind: Kind, sights: Sights) -> sa.ColumnElement[bool]:
    if kind is Kind.MEMBER:
        return sights.id == actor.member if actor.member is not None else sa.false()
    if kind is not Kind.PERSON:
        return sights.provider == actor.provider if sights.provider is not None else sa.false()
    # A person whom they serve now, and who has agreed to share with providers.
    served = sa.exists().where(
        orders.c.person == persons.c.id, orders.c.provider == actor.provider, orders.c.state == "accepted"
    )
    newest = (
        sa.select(consents.c.state)
        .where(consents.c.person == persons.c.id, consents.c.purpose == "sharing")
        .order_by(consents.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.and_(served, newest == "given")
