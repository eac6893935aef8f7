"""Sessions: what a browser holds after a log-in, how long it holds, and how it is ended from here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.account_tables import sessions

MOST = 20
"""Of one account at once; the oldest makes room."""
TOUCH = timedelta(minutes=1)
_MOST_AGENT = 200


class Life(msgspec.Struct, frozen=True):
    """How long a session holds unused, and at the most."""

    idle: timedelta = timedelta(hours=8)
    whole: timedelta = timedelta(hours=24)


class Session(msgspec.Struct, frozen=True):
    """One row of `sessions`; `how`: password, passkey or oidc."""

    id: str
    account: str
    how: str
    agent: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None


def secret() -> str:
    """256 bits that nobody guesses, for a cookie."""
    return secrets.token_urlsafe(32)


def digest(word: str) -> str:
    """What is kept of a secret word; it does not lead back."""
    return hashlib.sha256(word.encode()).hexdigest()


def begin(tx: Connection, account: str, how: str, agent: str, now: datetime, life: Life) -> str:
    """A new session; the answer is its cookie, which is kept nowhere."""
    cookie = secret()
    for old in living(tx, account, now, life)[MOST - 1 :]:
        end(tx, old.id, now)
    tx.execute(
        sa.insert(sessions).values(
            id=digest(cookie), account=account, how=how, agent="".join(filter(str.isprintable, agent))[:_MOST_AGENT],
            created_at=now, seen_at=now, ends_at=now + life.whole, ended_at=None,
        )
    )  # fmt: skip
    return cookie


def find(tx: Connection, cookie: str, now: datetime, life: Life) -> Session | None:
    """The session of a cookie, if it still holds."""
    row = tx.execute(sa.select(sessions).where(sessions.c.id == digest(cookie), _holds(now, life))).mappings().first()
    return None if row is None else Session(**row)


def living(tx: Connection, account: str, now: datetime, life: Life) -> list[Session]:
    """The sessions of an account that hold, the newest first."""
    query = sa.select(sessions).where(sessions.c.account == account, _holds(now, life))
    order = (sessions.c.created_at.desc(), sessions.c.id)
    return [Session(**row) for row in tx.execute(query.order_by(*order)).mappings()]


def touch(tx: Connection, id: str, now: datetime) -> None:
    """It was used now."""
    tx.execute(sa.update(sessions).where(sessions.c.id == id, sessions.c.ended_at.is_(None)).values(seen_at=now))


def end(tx: Connection, id: str, now: datetime) -> None:
    """It holds no more."""
    tx.execute(sa.update(sessions).where(sessions.c.id == id, sessions.c.ended_at.is_(None)).values(ended_at=now))


def end_all(tx: Connection, account: str, now: datetime, but: str | None = None) -> int:
    """None of an account's sessions holds any more, but the one of id `but`; how many that were."""
    mine = sa.and_(sessions.c.account == account, sessions.c.ended_at.is_(None))
    if but is not None:
        mine = sa.and_(mine, sessions.c.id != but)
    return tx.execute(sa.update(sessions).where(mine).values(ended_at=now)).rowcount


def _holds(now: datetime, life: Life) -> sa.ColumnElement[bool]:
    return sa.and_(
        sessions.c.ended_at.is_(None),
        sessions.c.ends_at > now,
        sessions.c.seen_at > now - life.idle,
        # A clock that went back must not lengthen it.
        sessions.c.created_at > now - life.whole,
    )
