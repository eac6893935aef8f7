"""What somebody may see, said once: lists are filtered and things are checked by it, so they can not disagree."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.actor import Actor
from access.roles import REACH, By, Role, may
from core.care import ABOUT, city_of
from core.people import within
from store.account_tables import grants
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
    GRANT = "grant"


class Sights(msgspec.Struct, frozen=True):
    """Where a kind's rows are found, and by which columns somebody reaches them; None: not by that."""

    id: Any
    rows: Any
    area: Any = None
    home: Any = None
    person: Any = None
    provider: Any = None
    about: Any = None
    """Whom it is about, where neither person nor home says it."""


class Found(msgspec.Struct, frozen=True):
    """A thing that the actor may see. `about`: the person or home it is about; "": nobody. `reason`: where it is only
    lent to them, what for.
    """

    about: str
    reason: str = ""


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
    Kind.CASE: Sights(
        cases.c.id,
        cases,
        area=cases.c.area,
        home=cases.c.home,
        # Of somebody of no watched home; who lives in a watched one is reached by the home.
        person=sa.case((cases.c.subject.startswith(ABOUT), sa.func.substr(cases.c.subject, len(ABOUT) + 1))),
    ),
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
    Kind.GRANT: Sights(grants.c.id, grants, area=grants.c.area, about=grants.c.object),
}

_OF_HOME = (Kind.CASE, Kind.HOME, Kind.GATEWAY)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def only(actor: Actor, kind: Kind, column: Any) -> sa.ColumnElement[bool]:
    """The rows of a list, whose `column` holds a `kind`'s id, that `actor` may see."""
    if REACH[actor.role] is By.ALL:
        return sa.true()
    sights = SIGHTS[kind]
    if column is sights.id and isinstance(sights.rows, sa.Table):
        return _clause(actor, kind)  # so the list's own indexes and limits hold: what is closed long ago is not read
    seen: sa.ColumnElement[bool] = column.in_(
        sa.select(sights.id).select_from(sights.rows).where(_clause(actor, kind)).correlate(None)
    )
    return seen


def find(tx: Connection, actor: Actor, kind: Kind, id: int | str) -> Found | None:
    """The thing of that id, if `actor` may see it."""
    sights = SIGHTS[kind]
    about = [column for column in (sights.about, sights.person, sights.home) if column is not None]
    query = sa.select(
        (sa.func.coalesce(*about, "") if about else sa.literal("")).label("about"),
        (_in_area(actor, kind) if actor.grants else sa.true()).label("own"),
        *(_lent(kind, lent, object).label(f"lent_{n}") for n, (lent, object) in enumerate(actor.grants)),
    ).select_from(sights.rows)
    row = tx.execute(query.where(sights.id == id, _clause(actor, kind))).first()
    if row is None or row.own:
        return None if row is None else Found(str(row.about))
    reasons = [reason for n, reason in enumerate(actor.reasons) if row._mapping[f"lent_{n}"]]
    return Found(str(row.about), "; ".join(dict.fromkeys(reasons)))


def shows_case(actor: Actor, area: str, home: str | None, person: str | None, opened_at: datetime) -> bool:
    """What `find` says of a case, without a database: for each line of the live stream. `person`: of no home."""
    match REACH[actor.role]:
        case By.ALL:
            return True
        case By.HOME:
            return home in actor.homes and opened_at > dict(actor.since).get(str(home), _EVER)
        case By.AREA:
            lent = {("home", home), ("person", person)} & set(actor.grants)
            return bool(lent) or any(within(area, mine) for mine in actor.areas)
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
            return _at_home(actor, kind, sights)
        case By.AREA:
            return sa.or_(_in_area(actor, kind), *(_lent(kind, lent, object) for lent, object in actor.grants))


def _at_home(actor: Actor, kind: Kind, sights: Sights) -> sa.ColumnElement[bool]:
    if sights.home is None:
        return sa.false()
    mine: sa.ColumnElement[bool] = sights.home.in_(actor.homes)
    if kind is not Kind.CASE:
        return mine
    # What was before they moved in is about somebody else.
    return sa.and_(mine, *(sa.or_(sights.home != home, cases.c.opened_at > left) for home, left in actor.since))


def _in_area(actor: Actor, kind: Kind) -> sa.ColumnElement[bool]:
    """What is theirs without anything lent."""
    sights = SIGHTS[kind]
    if kind is Kind.GRANT:
        mine = grants.c.account == actor.account
        told = [below(sights.area, area) for area in actor.areas] if may(actor.role, "grant.read") else []
        return sa.or_(mine, *told)
    if kind is Kind.PROVIDER:
        return sa.or_(sa.false(), sights.area.in_({city_of(area) for area in actor.areas}))
    ways = [below(sights.area, area) for area in actor.areas]
    if kind is Kind.GATEWAY and actor.role is Role.OPERATOR:
        ways.append(sights.area.is_(None))  # one that has no home yet
    if kind is Kind.MEMBER and actor.member is not None:
        ways.append(sights.id == actor.member)
    return sa.or_(sa.false(), *ways)


def _lent(kind: Kind, lent: str, object: str) -> sa.ColumnElement[bool]:
    """Whether a row comes with a home or person that is lent. A person's things come with the person alone: in the same
    home somebody else may have lived."""
    sights = SIGHTS[kind]
    column = sights.person if lent == "person" else sights.home if kind in _OF_HOME else None
    return sa.false() if column is None else column == object


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
