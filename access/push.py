"""Where an account's browsers want their notices pushed to; the console and the ladder never wait for these."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.sessions import digest
from store.account_tables import push_subscriptions
from store.database import upsert

MOST = 20


class Subscription(msgspec.Struct, frozen=True):
    """One browser's push address and the keys with which it reads."""

    id: str
    account: str
    endpoint: str
    p256dh: str
    auth: str


_COLUMNS = [push_subscriptions.c[name] for name in Subscription.__struct_fields__]


def put(tx: Connection, backend: str, account: str, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """Push to this browser from now on; whoever logged in there before is told nothing there any more."""
    row = {
        "id": digest(endpoint), "account": account, "endpoint": endpoint, "p256dh": p256dh, "auth": auth,
        "created_at": now, "ended_at": None,
    }  # fmt: skip
    tx.execute(upsert(push_subscriptions, backend, ["id"], [name for name in row if name != "id"]).values(row))
    for old in of(tx, account)[MOST:]:
        end(tx, account, old.endpoint, now)


def of(tx: Connection, account: str) -> list[Subscription]:
    """Where an account's notices are pushed to, the newest first."""
    mine = sa.and_(push_subscriptions.c.account == account, push_subscriptions.c.ended_at.is_(None))
    query = sa.select(*_COLUMNS).where(mine).order_by(push_subscriptions.c.created_at.desc(), push_subscriptions.c.id)
    return [Subscription(**row) for row in tx.execute(query).mappings()]


def end(tx: Connection, account: str, endpoint: str | None, now: datetime) -> None:
    """Push no more to one address of an account; None: to any."""
    mine = sa.and_(push_subscriptions.c.account == account, push_subscriptions.c.ended_at.is_(None))
    if endpoint is not None:
        mine = sa.and_(mine, push_subscriptions.c.id == digest(endpoint))
    tx.execute(sa.update(push_subscriptions).where(mine).values(ended_at=now))
