"""The requests of clouds that were heard lately, so that one which somebody else recorded is not heard again."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.database import insert_new
from store.tables import cloud_requests


def is_replayed(tx: Connection, request: str, now: datetime, kept_s: float) -> bool:
    """Whether a request came before; from now on it has. It is remembered for `kept_s` seconds at least."""
    tx.execute(sa.delete(cloud_requests).where(cloud_requests.c.at < now - timedelta(seconds=kept_s)))
    row = {"digest": sha256(request.encode()).hexdigest(), "at": now}
    fresh = insert_new(cloud_requests, tx.dialect.name).values(row).returning(cloud_requests.c.digest)
    return tx.execute(fresh).first() is None
