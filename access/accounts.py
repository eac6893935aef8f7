"""Accounts: who may come in, as what, and for which area, provider or home. None is deleted: the audit names them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access import sessions, tokens
from access.actor import Actor
from access.roles import REACH, By, Role
from core.care import Refused, who
from core.people import AREA, within
from core.words import LANGUAGES
from store.account_tables import account_homes, accounts
from store.pack_tables import providers
from store.tables import areas, homes, members

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,99}")
MOST_NAME, MOST_HOMES = 100, 20


class Wanted(msgspec.Struct, frozen=True):
    """An account as somebody wants it: by its role it reaches an area, a provider's work, or homes."""

    login: str
    name: str
    role: Role
    area: str = ""
    member: str | None = None
    provider: str | None = None
    language: str = "ko"
    homes: tuple[str, ...] = ()


class Account(msgspec.Struct, frozen=True):
    """One row of `accounts`, with its homes. `password`: as it is kept."""

    id: str
    login: str
    name: str
    role: Role
    area: str
    member: str | None
    provider: str | None
    language: str
    password: str | None
    subject: str | None
    active: bool
    created_at: datetime
    password_at: datetime | None
    homes: tuple[str, ...] = ()

    @property
    def wanted(self) -> Wanted:
        """What it is now, to be wanted otherwise."""
        kept = {name: getattr(self, name) for name in Wanted.__struct_fields__}
        return Wanted(**kept)


def any_at_all(tx: Connection) -> bool:
    """Whether there is one account, active or not."""
    return tx.execute(sa.select(accounts.c.id).limit(1)).first() is not None


def find(tx: Connection, id: str) -> Account | None:
    """The account of this id."""
    return _one(tx, accounts.c.id == id)


def by_login(tx: Connection, login: str) -> Account | None:
    """The account of this log-in, however it is typed."""
    return _one(tx, accounts.c.login == who(login))


def by_subject(tx: Connection, subject: str) -> Account | None:
    """The account that the organisation's own log-in is bound to."""
    return _one(tx, accounts.c.subject == subject)


def select(tx: Connection, mine: sa.ColumnElement[bool], most: int, after: str = "") -> list[Account]:
    """Accounts by log-in, the first behind `after`."""
    query = sa.select(accounts).where(mine, accounts.c.login > after).order_by(accounts.c.login).limit(most)
    return _all(tx, query)


def add(tx: Connection, wanted: Wanted, kept: str | None, now: datetime) -> Account | Refused:
    """Make an account with a password as it is kept; without one it comes in by the organisation's own log-in."""
    wanted = _tidy(wanted)
    if (refused := _fault(tx, wanted)) is not None:
        return refused
    if by_login(tx, wanted.login) is not None:
        return Refused("login_taken", {"login": wanted.login})
    id = f"u-{secrets.token_hex(8)}"
    tx.execute(
        sa.insert(accounts).values(
            id=id, active=True, created_at=now, subject=None, password=kept,
            password_at=None if kept is None else now, **_columns(wanted),
        )
    )  # fmt: skip
    _put_homes(tx, id, wanted.homes)
    made = find(tx, id)
    assert made is not None
    return made


def change(tx: Connection, it: Account, wanted: Wanted, now: datetime) -> Account | Refused:
    """Make an account what is wanted now. One whose role or reach becomes another begins new sessions and tokens."""
    wanted = _tidy(wanted)
    if wanted.login != it.login:
        return Refused("login_stays")
    if (refused := _fault(tx, wanted)) is not None:
        return refused
    tx.execute(sa.update(accounts).where(accounts.c.id == it.id).values(**_columns(wanted)))
    _put_homes(tx, it.id, wanted.homes)
    if wanted.role != it.role:
        sessions.end_all(tx, it.id, now)
        tokens.end_all(tx, it.id, now)
    return msgspec.structs.replace(it, **{name: getattr(wanted, name) for name in Wanted.__struct_fields__})


def disable(tx: Connection, id: str, now: datetime) -> None:
    """Nobody comes in by it any more: from the next request on."""
    tx.execute(sa.update(accounts).where(accounts.c.id == id).values(active=False))
    sessions.end_all(tx, id, now)
    tokens.end_all(tx, id, now)


def enable(tx: Connection, id: str) -> None:
    """Whoever has its password, passkey or the organisation's log-in comes in again; old sessions stay ended."""
    tx.execute(sa.update(accounts).where(accounts.c.id == id).values(active=True))


def put_password(tx: Connection, id: str, kept: str, now: datetime, but: str | None = None) -> None:
    """A new password, as it is kept; every session but the one of id `but` ends."""
    tx.execute(sa.update(accounts).where(accounts.c.id == id).values(password=kept, password_at=now))
    sessions.end_all(tx, id, now, but=but)


def keep_anew(tx: Connection, id: str, old: str, kept: str) -> None:
    """The same password, kept with today's parameters, where it is the same still."""
    same = sa.and_(accounts.c.id == id, accounts.c.password == old)
    tx.execute(sa.update(accounts).where(same).values(password=kept))


def bind(tx: Connection, id: str, subject: str) -> None:
    """From now on the organisation's log-in `subject` is this account."""
    tx.execute(sa.update(accounts).where(accounts.c.id == id, accounts.c.subject.is_(None)).values(subject=subject))


def reached_by(actor: Actor, id: str | None = None) -> sa.ColumnElement[bool]:
    """Which accounts somebody reaches: of their areas; of the providers and the homes there; and their own. With `id`
    that one, if they do."""
    if id is not None:
        return sa.and_(accounts.c.id == id, reached_by(actor))
    if actor.system:
        return sa.true()
    mine = accounts.c.id == actor.account
    if REACH[actor.role] is not By.AREA:
        return mine
    theirs = sa.select(account_homes.c.account).join(homes, homes.c.id == account_homes.c.home)
    city = sa.select(providers.c.id).where(providers.c.city.in_(actor.areas))
    ways = [
        mine,
        *(sa.and_(accounts.c.area != "", _below(accounts.c.area, area)) for area in actor.areas),
        accounts.c.provider.in_(city),
        *(accounts.c.id.in_(theirs.where(_below(homes.c.area, area))) for area in actor.areas),
    ]
    return sa.or_(*ways)


def named(text: str) -> sa.ColumnElement[bool]:
    """Accounts with `text` in their log-in or name."""
    return sa.or_(
        accounts.c.login.contains(who(text), autoescape=True), accounts.c.name.contains(text.strip(), autoescape=True)
    )


def beyond(tx: Connection, it: Wanted, actor: Actor) -> bool:
    """Whether an account would reach further than who makes it."""
    if actor.system:
        return False
    mine = [area for area in actor.areas if area]
    places = [it.area] if it.area else []
    if it.provider is not None:
        places += tx.scalars(sa.select(providers.c.city).where(providers.c.id == it.provider))
    places += tx.scalars(sa.select(homes.c.area).where(homes.c.id.in_(it.homes)))
    if it.member is not None:
        places += tx.scalars(sa.select(members.c.area).where(members.c.id == it.member))
    return not all(any(within(place, area) for area in mine) for place in places)


def _below(column: sa.ColumnElement[str], area: str) -> sa.ColumnElement[bool]:
    return sa.or_(column == area, column.startswith(f"{area}/", autoescape=True)) if area else sa.true()


def _tidy(wanted: Wanted) -> Wanted:
    return msgspec.structs.replace(wanted, login=who(wanted.login), name=wanted.name.strip())


def _fault(tx: Connection, it: Wanted) -> Refused | None:
    if LOGIN.fullmatch(it.login) is None:
        return Refused("login", {"login": it.login[:100]})
    if not who(it.name) or len(it.name) > MOST_NAME or "\x00" in it.name:
        return Refused("name", {"most": MOST_NAME})
    if it.language not in LANGUAGES:
        return Refused("language", {"language": it.language[:20]})
    if it.role is Role.SYSTEM:
        return Refused("role", {"role": it.role})
    if it.member is not None and not _exists(tx, members.c.id == it.member):
        return Refused("unknown_member", {"member": it.member[:100]})
    return _reach_fault(tx, it)


def _reach_fault(tx: Connection, it: Wanted) -> Refused | None:
    by = REACH[it.role]
    if by is By.AREA:
        if AREA.fullmatch(it.area) is None:
            return Refused("area_needed", {"role": it.role})
        # A city of which nothing is known yet has its first account, too.
        if not _exists(tx, areas.c.code == it.area) and _exists(tx, sa.true(), areas):
            return Refused("unknown_area", {"area": it.area[:200]})
    elif it.area:
        return Refused("area_not_wanted", {"role": it.role})
    if (it.provider is not None) is not (by is By.PROVIDER):
        return Refused("provider_needed" if by is By.PROVIDER else "provider_not_wanted", {"role": it.role})
    if it.provider is not None and not _exists(tx, providers.c.id == it.provider):
        return Refused("unknown_provider", {"provider": it.provider[:100]})
    if bool(it.homes) is not (by is By.HOME) or len(it.homes) > MOST_HOMES:
        return Refused("homes_needed" if by is By.HOME else "homes_not_wanted", {"role": it.role, "most": MOST_HOMES})
    for home in it.homes:
        if not _exists(tx, homes.c.id == home):
            return Refused("unknown_home", {"home": home[:100]})
    return None


def _columns(it: Wanted) -> dict[str, Any]:
    return {name: getattr(it, name) for name in Wanted.__struct_fields__ if name != "homes"}


def _put_homes(tx: Connection, account: str, wanted: Sequence[str]) -> None:
    tx.execute(sa.delete(account_homes).where(account_homes.c.account == account))
    for home in dict.fromkeys(wanted):
        tx.execute(sa.insert(account_homes).values(account=account, home=home))


def _exists(tx: Connection, where: sa.ColumnElement[bool], table: sa.Table | None = None) -> bool:
    query = sa.select(sa.literal(1)).where(where).limit(1)
    return tx.execute(query if table is None else query.select_from(table)).first() is not None


def _one(tx: Connection, where: sa.ColumnElement[bool]) -> Account | None:
    return next(iter(_all(tx, sa.select(accounts).where(where))), None)


def _all(tx: Connection, query: sa.Select[Any]) -> list[Account]:
    rows = tx.execute(query).mappings().all()
    owned: dict[str, list[str]] = {}
    mine = sa.select(account_homes).where(account_homes.c.account.in_([row["id"] for row in rows]))
    for account, home in tx.execute(mine.order_by(account_homes.c.home)):
        owned.setdefault(account, []).append(home)
    return [Account(**{**row, "role": Role(row["role"])}, homes=tuple(owned.get(row["id"], ()))) for row in rows]
