"""Finds who is asking: from a session's cookie or a token's word to the actor, with what they reach at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access import accounts, grants, sessions, tokens
from access.accounts import Account
from access.actor import Actor
from access.roles import PERMISSIONS, REACH, By, Purpose
from access.sessions import TOUCH, Life, Session
from access.tokens import Token
from store.account_tables import viewer_consents
from store.care_tables import persons
from store.tables import covers, members


class Found(msgspec.Struct, frozen=True):
    """Who it is, and the session or token by which they came, where that is due to be written down as used."""

    actor: Actor
    session: Session | None = None
    token: Token | None = None

    def write(self, tx: Connection, now: datetime) -> None:
        """Note that it was used."""
        if self.session is not None:
            sessions.touch(tx, self.session.id, now)
        if self.token is not None:
            tokens.touch(tx, self.token.id, now)

    @property
    def due(self) -> bool:
        """Whether there is something to write."""
        return self.session is not None or self.token is not None


def by_cookie(tx: Connection, cookie: str, now: datetime, city_now: datetime, life: Life) -> Found | None:
    """Who came by a session's cookie. `now` is real time; covers and loans run on the city's."""
    session = sessions.find(tx, cookie, now, life)
    account = None if session is None else accounts.find(tx, session.account)
    if session is None or account is None or not account.active:
        return None
    actor = actor_of(tx, account, city_now, session=session.id)
    return Found(actor, session=session if now - session.seen_at >= TOUCH else None)


def by_token(tx: Connection, word: str, now: datetime, city_now: datetime, *, calendar: bool = False) -> Found | None:
    """Who came by a token's word, or (`calendar`) by the word in a calendar's address."""
    token = tokens.find(tx, word, now, calendar=calendar)
    account = None if token is None else accounts.find(tx, token.account)
    if token is None or account is None or not account.active:
        return None
    # What the role has lost since, no token brings back: `Actor.may` asks for both.
    only = frozenset(token.permissions) & PERMISSIONS.keys()
    actor = msgspec.structs.replace(actor_of(tx, account, city_now, only=only), own_alone=calendar)
    return Found(actor, token=token if tokens.due(token, now) else None)


def actor_of(
    tx: Connection,
    account: Account,
    now: datetime,
    *,
    session: str | None = None,
    only: frozenset[str] | None = None,
) -> Actor:
    """An account as somebody who asks, with what it reaches at `now`, the city's time."""
    by = REACH[account.role]
    homes = _homes(tx, account) if by is By.HOME else ()
    lent = grants.lent(tx, account.id, now) if by is By.AREA else {}
    return Actor(
        account=account.id,
        name=account.name,
        role=account.role,
        areas=_areas(tx, account, now) if by is By.AREA else (),
        homes=homes,
        since=_since(tx, homes) if homes else (),
        provider=account.provider if by is By.PROVIDER else None,
        member=account.member,
        language=account.language,
        grants=tuple(lent),
        reasons=tuple(lent.values()),
        only=only,
        session=session,
        login=account.login,
    )


def _areas(tx: Connection, account: Account, now: datetime) -> tuple[str, ...]:
    """The account's own, and those of everybody whom its member stands in for, as far as that goes."""
    mine = [account.area]
    if account.member is not None:
        standing = _stands_in(tx, account.member, now)
        found = tx.scalars(sa.select(members.c.area).where(members.c.id.in_(standing)).order_by(members.c.area))
        mine += found
    return tuple(dict.fromkeys(mine))


def _stands_in(tx: Connection, member: str, now: datetime) -> set[str]:
    running = sa.select(covers.c.member, covers.c.by).where(covers.c.start <= now, covers.c.end > now)
    # Of two that overlap the one entered later holds, as for who is called.
    by = {row.member: row.by for row in tx.execute(running.order_by(covers.c.id))}
    found: set[str] = set()
    fresh: Iterable[str] = [member]
    while fresh:
        fresh = [away for away, instead in by.items() if instead in fresh and away not in found and away != member]
        found.update(fresh)
    return found


def _homes(tx: Connection, account: Account) -> tuple[str, ...]:
    """The account's homes, where everybody there who was asked has said, at last, that it may be seen."""
    said = viewer_consents.alias()
    newest = (
        sa.select(sa.func.max(said.c.id))
        .where(said.c.viewer == account.id, said.c.purpose == Purpose.WATCH, said.c.person == persons.c.id)
        .correlate(persons)
        .scalar_subquery()
    )
    query = (
        sa.select(persons.c.home, viewer_consents.c.state)
        .select_from(persons)
        .join(viewer_consents, viewer_consents.c.id == newest)
        .where(persons.c.home.in_(account.homes), persons.c.gone_at.is_(None))
    )
    words: dict[str, set[str]] = {}
    for home, state in tx.execute(query):
        words.setdefault(home, set()).add(state)
    return tuple(home for home in account.homes if words.get(home) == {"given"})


def _since(tx: Connection, homes: Iterable[str]) -> tuple[tuple[str, datetime], ...]:
    """Of those homes where somebody else lived before: when the last of them left."""
    left = sa.func.max(persons.c.gone_at)
    query = sa.select(persons.c.home, left).where(persons.c.home.in_(homes), persons.c.gone_at.is_not(None))
    return tuple((home, at) for home, at in tx.execute(query.group_by(persons.c.home).order_by(persons.c.home)))
