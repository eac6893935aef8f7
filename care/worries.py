"""Brings a worry about a person to the Care Call desk: by their home where it is watched, else by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from care.episodes import Hands
from care.persons import person
from core.signals import Concern, Evidence, Signal, Urgency
from store import people


def worry(
    tx: Connection, id: str, key: str, concern: Concern, urgency: Urgency, why: Evidence, hands: Hands, now: datetime
) -> int | None:
    """Raise it once for each `key`; the case that it has opened or joined. `id` is a person's."""
    about = person(tx, id)
    assert about is not None
    home = people.home(tx, about.home) if about.home else None
    signal = Signal(key, concern, urgency, now, (why,), "care", home.id if home else None, about.area)
    return hands.alert(tx, signal, home, now, "" if home else f"person:{id}")
