"""Silences that have been told: each is told once, and where a person has closed it nothing tells it again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.signals import Concern, Sense
from store.tables import cases, signals


def spent_silence(tx: Connection, home: str, detector: str) -> datetime | None:
    """When the case was closed of a silence that `detector`, which holds the hard limit, has told and that goes on:
    nobody has moved, and nothing is due until somebody does. None where the limit stands before it, or the case lives.
    """
    query = sa.select(signals.c.sense, cases.c.closed_at).outerjoin(cases, cases.c.id == signals.c.case_id)
    query = query.where(
        signals.c.home == home,
        signals.c.concern == Concern.INACTIVITY,
        signals.c.body["source"].as_string() == detector,
    )
    newest = tx.execute(query.order_by(signals.c.id.desc()).limit(1)).first()
    if newest is None or newest.sense != Sense.RAISE:
        return None
    closed_at: datetime | None = newest.closed_at
    return closed_at
