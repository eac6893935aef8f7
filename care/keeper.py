"""What falls due by itself in the care chain: each kind of it a loop of its own, its deadlines rows."""

from __future__ import annotations

from care import alarms, consent, followup, linkage, rounds, tasks
from care.episodes import Chore, Hands
from core.clock import Clock
from store.database import Database

CHORES: dict[str, Chore] = {
    "intake": alarms.chore,
    "consents": consent.chore,
    "rounds": rounds.chore,
    "orders": linkage.chore,
    "tasks": tasks.chore,
    "follow-ups": followup.chore,
}
"""By name; one that fails ends its process, and the others have had their turn."""


class Keeper:
    """One chore, done again and again; what it does and that it was done are one transaction."""

    def __init__(self, db: Database, hands: Hands, clock: Clock, chore: Chore) -> None:
        self._db, self._hands, self._clock, self._chore = db, hands, clock, chore

    def step(self) -> int:
        """Do what is due, a bounded part of it, and say how much that was."""
        with self._db.write() as tx:
            return self._chore(tx, self._hands, self._clock.now())
