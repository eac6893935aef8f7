"""Tokens for programs: a part of what an account may, hashed, for a year at most."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.roles import PERMISSIONS, Role
from access.sessions import TOUCH, digest
from core.care import Refused
from store.account_tables import tokens

LONGEST_D = 366
MOST = 50
HEAD = "anbu_"
CALENDAR_HEAD = "anbucal_"
"""Of a word that stands in a calendar's address: it opens that calendar, and nothing as a bearer's word."""
CALENDARS = {"visits": "calendar.read", "rota": "rota.read"}
"""What each calendar needs; a word opens one of them."""
_CALENDAR_ID = "c-"


class Token(msgspec.Struct, frozen=True):
    """One row of `tokens`, without its hash."""

    id: str
    account: str
    name: str
    permissions: list[str]
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None
    ended_at: datetime | None

    @property
    def calendar(self) -> str | None:
        """Which calendar its word opens; None: it is a program's."""
        named = {permission: name for name, permission in CALENDARS.items()}
        return named.get(self.permissions[0]) if self.id.startswith(_CALENDAR_ID) else None


_COLUMNS = [tokens.c[name] for name in Token.__struct_fields__]


def make(
    tx: Connection,
    account: str,
    role: Role,
    name: str,
    permissions: Collection[str],
    ends_at: datetime,
    now: datetime,
    *,
    calendar: bool = False,
) -> tuple[Token, str] | Refused:
    """A new token and its word, which is shown once and kept nowhere. `calendar`: the word stands in an address."""
    wrong = sorted(one for one in permissions if role not in PERMISSIONS.get(one, frozenset()))
    if wrong or not permissions:
        return Refused("token_permissions", {"permission": wrong[0][:100] if wrong else "-"})
    if not now < ends_at <= now + timedelta(days=LONGEST_D):
        return Refused("token_ends", {"days": LONGEST_D})
    if len(of(tx, account, now)) >= MOST:
        return Refused("token_many", {"most": MOST})
    head, kind = (CALENDAR_HEAD, _CALENDAR_ID) if calendar else (HEAD, "t-")
    word, id = head + secrets.token_urlsafe(32), f"{kind}{secrets.token_hex(8)}"
    given = sorted(set(permissions))
    tx.execute(
        sa.insert(tokens).values(
            id=id, hash=digest(word), account=account, name=name, permissions=given, created_at=now, ends_at=ends_at
        )
    )
    return Token(id, account, name, given, now, ends_at, None, None), word


def find(tx: Connection, word: str, now: datetime, *, calendar: bool = False) -> Token | None:
    """The token of this word, if it still holds. `calendar`: of an address, where no other word holds."""
    if not word.startswith(CALENDAR_HEAD if calendar else HEAD):
        return None
    holds = sa.and_(tokens.c.hash == digest(word), tokens.c.ended_at.is_(None), tokens.c.ends_at > now)
    row = tx.execute(sa.select(*_COLUMNS).where(holds)).mappings().first()
    return None if row is None else Token(**row)


def of(tx: Connection, account: str, now: datetime) -> list[Token]:
    """The tokens of an account that hold, the newest first."""
    mine = sa.and_(tokens.c.account == account, tokens.c.ended_at.is_(None), tokens.c.ends_at > now)
    query = sa.select(*_COLUMNS).where(mine).order_by(tokens.c.created_at.desc(), tokens.c.id)
    return [Token(**row) for row in tx.execute(query).mappings()]


def touch(tx: Connection, id: str, now: datetime) -> None:
    """It was used now."""
    tx.execute(sa.update(tokens).where(tokens.c.id == id).values(used_at=now))


def due(it: Token, now: datetime) -> bool:
    """Whether that it is used should be written again."""
    return it.used_at is None or now - it.used_at >= TOUCH


def end(tx: Connection, account: str, id: str, now: datetime) -> bool:
    """It holds no more; False: the account has none of this id."""
    mine = sa.and_(tokens.c.account == account, tokens.c.id == id, tokens.c.ended_at.is_(None))
    return bool(tx.execute(sa.update(tokens).where(mine).values(ended_at=now)).rowcount)


def end_all(tx: Connection, account: str, now: datetime) -> None:
    """None of an account's tokens holds any more."""
    mine = sa.and_(tokens.c.account == account, tokens.c.ended_at.is_(None))
    tx.execute(sa.update(tokens).where(mine).values(ended_at=now))
