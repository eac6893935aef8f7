"""Lets a client that lost an answer ask again: the same key brings the stored answer, not a second deed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import idempotency

KEPT = timedelta(days=7)


class Reply(msgspec.Struct, frozen=True):
    """What was answered: an HTTP status and a JSON body."""

    status: int
    body: Any


def once(
    tx: Connection, key: str | None, route: str, request: str, now: datetime, act: Callable[[], Reply]
) -> Reply | None:
    """`act()`'s reply, or the stored one where `key` was used on `route` before; None: with another `request`.

    Runs in the transaction of the act: deed and answer are kept together or not at all. Without a key it just acts.
    """
    if key is None:
        return act()
    row = tx.execute(sa.select(idempotency).where(idempotency.c.key == key, idempotency.c.route == route)).one_or_none()
    if row is not None:
        return Reply(row.status, row.response) if row.request == request else None
    reply = act()
    tx.execute(sa.delete(idempotency).where(idempotency.c.at < now - KEPT))
    tx.execute(
        sa.insert(idempotency).values(
            key=key, route=route, request=request, status=reply.status, response=reply.body, at=now
        )
    )
    return reply
