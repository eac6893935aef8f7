"""Challenges: what a browser must bring back once, within minutes, of what was begun with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.sessions import digest, secret
from store.account_tables import challenges

HOLDS = timedelta(minutes=5)


class Challenge(msgspec.Struct, frozen=True):
    """What was begun: for which account, if it was for one, and what must fit at the end."""

    account: str | None
    body: dict[str, Any]


def begin(tx: Connection, kind: str, body: dict[str, Any], now: datetime, account: str | None = None) -> str:
    """Keep what must fit; the answer is the word that the browser brings back."""
    word = secret()
    tx.execute(sa.delete(challenges).where(challenges.c.ends_at <= now))
    row = {"id": digest(word), "kind": kind, "account": account, "body": body, "ends_at": now + HOLDS}
    tx.execute(sa.insert(challenges).values(row))
    return word


def take(tx: Connection, kind: str, word: str, now: datetime) -> Challenge | None:
    """What was begun with this word, the one time that it is asked for; it is gone then, whatever comes of it."""
    mine = sa.and_(challenges.c.id == digest(word), challenges.c.kind == kind)
    row = tx.execute(sa.select(challenges).where(mine)).first()
    tx.execute(sa.delete(challenges).where(mine))
    return None if row is None or row.ends_at <= now else Challenge(row.account, row.body)
