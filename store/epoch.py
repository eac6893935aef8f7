"""The city's epoch: one word that is another after a restore, so that homes send again what the backup did not hold."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import city

_EPOCH = sa.select(city.c.value).where(city.c.key == "epoch")


def epoch(tx: Connection) -> str:
    """The word that every receipt carries."""
    word: str = tx.execute(_EPOCH).scalar_one()
    return word


def renew(tx: Connection) -> str:
    """Begin another epoch; the new word."""
    word = secrets.token_hex(8)
    tx.execute(sa.update(city).where(city.c.key == "epoch").values(value=word))
    return word
