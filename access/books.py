"""Reading the audit: what an auditor sees of it, the month's access report, and who has looked at one person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.accounts import reached_by
from access.actor import Actor
from store.account_tables import accounts, audit
from store.care_tables import persons
from store.columns import below
from store.tables import homes

_of = audit.c


class Record(msgspec.Struct, frozen=True):
    """One row of `audit`, with the account's name."""

    id: int
    at: datetime
    account: str
    name: str | None
    role: str
    action: str
    kind: str
    object: str
    about: str
    request: str
    reason: str
    hash: str


class Use(msgspec.Struct, frozen=True):
    """One line of the access report: what an account did in a month, and to how many people or homes."""

    account: str
    name: str | None
    role: str
    action: str
    times: int
    about: int


class Look(msgspec.Struct, frozen=True):
    """What one account did with what is known of one person, and how often."""

    account: str
    name: str | None
    role: str
    action: str
    times: int
    lent: int
    first: datetime
    last: datetime


def told(actor: Actor) -> sa.ColumnElement[bool]:
    """The records that somebody may read: of the accounts that they reach, and about who lives in their areas. What
    programs and strangers did is theirs unless it is about somebody elsewhere."""
    if actor.system:
        return sa.true()
    here = [
        _of.about.in_(sa.select(table.c.id).where(sa.or_(*(below(table.c.area, area) for area in actor.areas))))
        for table in (homes, persons)
    ]
    theirs = _of.account.in_(sa.select(accounts.c.id).where(reached_by(actor)))
    return sa.or_(theirs, sa.and_(_of.account == "", _of.about == ""), *here)


def records(
    tx: Connection,
    which: sa.ColumnElement[bool],
    *,
    about: str = "",
    account: str = "",
    action: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[Record]:
    """The newest first, those before a number."""
    query = _named().where(which).order_by(_of.id.desc()).limit(limit)
    for column, wanted in ((_of.about, about), (_of.account, account), (_of.action, action)):
        if wanted:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(_of.id < before)
    return [Record(**row) for row in tx.execute(query).mappings()]


def everything(tx: Connection, after: int = 0) -> Iterator[Record]:
    """All of it, the oldest first."""
    while page := tx.execute(_named().where(_of.id > after).order_by(_of.id).limit(1000)).mappings().all():
        yield from (Record(**row) for row in page)
        after = page[-1]["id"]


def uses(tx: Connection, which: sa.ColumnElement[bool], start: datetime, end: datetime) -> list[Use]:
    """The access report of [start, end): who did what, how often, and to how many people or homes."""
    grouped = (
        sa.select(
            _of.account,
            accounts.c.name,
            _of.role,
            _of.action,
            sa.func.count().label("times"),
            sa.func.count(sa.distinct(sa.func.nullif(_of.about, ""))).label("about"),
        )
        .select_from(_by_account())
        .where(which, _of.at >= start, _of.at < end)
        .group_by(_of.account, accounts.c.name, _of.role, _of.action)
        .order_by(_of.account, _of.role, _of.action)
    )
    return [Use(**row) for row in tx.execute(grouped).mappings()]


def looks(tx: Connection, person: str, since: datetime) -> list[Look]:
    """Who has looked at one person's things, or at their home's while they lived there; the last first."""
    grouped = (
        sa.select(
            _of.account,
            accounts.c.name,
            _of.role,
            _of.action,
            sa.func.count().label("times"),
            sa.func.count(sa.func.nullif(_of.reason, "")).label("lent"),
            sa.func.min(_of.at).label("first"),
            sa.func.max(_of.at).label("last"),
        )
        .select_from(_by_account())
        .where(sa.or_(*_about(tx, person)), _of.at >= since, _of.action != "denied")
        .group_by(_of.account, accounts.c.name, _of.role, _of.action)
    )
    found = [Look(**row) for row in tx.execute(grouped).mappings()]
    return sorted(found, key=lambda one: one.last, reverse=True)


def _about(tx: Connection, person: str) -> list[sa.ColumnElement[bool]]:
    ways = [_of.about == person]
    it: Any = tx.execute(sa.select(persons.c.home, persons.c.gone_at).where(persons.c.id == person)).first()
    if it is None or it.home is None:
        return ways
    others = sa.and_(persons.c.home == it.home, persons.c.id != person, persons.c.gone_at.is_not(None))
    left: Sequence[datetime] = tx.scalars(sa.select(persons.c.gone_at).where(others)).all()
    before = [at for at in left if it.gone_at is None or at < it.gone_at]
    while_there = [_of.about == it.home]
    if before:
        while_there.append(_of.at > max(before))
    if it.gone_at is not None:
        while_there.append(_of.at <= it.gone_at)
    return [*ways, sa.and_(*while_there)]


def _by_account() -> sa.FromClause:
    return audit.join(accounts, accounts.c.id == _of.account, isouter=True)


def _named() -> sa.Select[Any]:
    return sa.select(audit, accounts.c.name).select_from(_by_account())
