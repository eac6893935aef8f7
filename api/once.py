"""The Idempotency-Key: what its header looks like, and how a stored answer is given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Header
from sqlalchemy.engine import Connection

from api.city import City
from api.shapes import fault_body
from store.idempotency import Reply, once

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="The same key with the same request brings the same answer, and acts once; kept for seven days.",
    ),
]


def answer(
    city: City, tx: Connection, key: str | None, route: str, request: str, now: datetime, act: Callable[[], Reply]
) -> Reply:
    """Act once under `key`; 422 where `key` came with another `request` before."""
    # The request may hold a note about a person; a fingerprint is enough to tell it from another.
    # What one account was told is no other's to hear again.
    fingerprint = hashlib.sha256(f"{city.actor.account}\n{request}".encode()).hexdigest()
    reply = once(tx, key, route, fingerprint, now, act)
    return reply or Reply(422, fault_body("api.key_reused"))
