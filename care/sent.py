"""Keeps what was sent under an id that something else holds already: it is refused, and not lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.care_tables import money_conflicts
from store.database import insert_new


def keep(tx: Connection, key: str, body: Mapping[str, Any], now: datetime) -> None:
    """Keep `body` beside what stands under `key`; the same one sent again is kept once."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    row = {"key": key, "digest": digest, "body": dict(body), "at": now}
    tx.execute(insert_new(money_conflicts, tx.dialect.name).values(row))


def kept(tx: Connection, key: str) -> list[dict[str, Any]]:
    """What was refused under `key`, the oldest first."""
    mine = sa.select(money_conflicts.c.body).where(money_conflicts.c.key == key)
    return list(tx.scalars(mine.order_by(money_conflicts.c.at, money_conflicts.c.digest)))
