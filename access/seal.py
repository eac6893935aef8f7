"""The key under which a browser keeps what its account has written and not sent yet: it holds none after a log-out."""

from __future__ import annotations

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.database import insert_new
from store.tables import city

_KEY = "seal"
_SECRET = sa.select(city.c.value).where(city.c.key == _KEY)


def seal(tx: Connection, account: str) -> bytes:
    """32 bytes, the same for an account on every device and after each log-in."""
    secret = tx.execute(_SECRET).scalar()
    if secret is None:
        made = {"key": _KEY, "value": secrets.token_hex(32)}
        tx.execute(insert_new(city, tx.dialect.name).values(made))
        secret = tx.execute(_SECRET).scalar_one()
    return hmac.digest(bytes.fromhex(secret), account.encode(), hashlib.sha256)
