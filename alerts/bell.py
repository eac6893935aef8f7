"""Rings every case whose time has come: deadlines are rows, so a restart loses none and an overdue one rings once."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from alerts.desk import Desk
from core.clock import Clock
from store.database import Database

log = logging.getLogger("anbu.bell")


# Hundreds may be due at once, and each commit waits for the disk; an SOS waits for a turn at most.
_TOGETHER = 20


class Bell:
    """The watch's hand: `step` again and again, a second or less apart. `failed` counts the cases it could not ring."""

    def __init__(self, db: Database, desk: Desk, clock: Clock) -> None:
        self._db, self._desk, self._clock = db, desk, clock
        self.failed = 0

    def step(self) -> int:
        """Ring what is due, some cases in a transaction, and say how many rang.

        A case that fails is reported and the others go on; a database that is away raises, to be tried again.
        """
        with self._db.read() as tx:
            overdue = self._desk.overdue(tx, self._clock.now())
        return sum(self._ring(overdue[first : first + _TOGETHER]) for first in range(0, len(overdue), _TOGETHER))

    def _ring(self, cases: Sequence[int]) -> int:
        try:
            with self._db.write() as tx:
                return sum(self._desk.ring(tx, case, self._clock.now()) for case in cases)
        except OperationalError:
            raise
        except Exception:  # one broken case must not keep the others' bells from ringing
            if len(cases) > 1:
                return sum(self._ring([case]) for case in cases)
            self.failed += 1
            log.exception("case %s could not be rung", cases[0])
            return 0
