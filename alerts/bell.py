"""Rings every case whose time has come: deadlines are rows, so a restart loses none and an overdue one rings once."""

from __future__ import annotations

import logging

from sqlalchemy.exc import OperationalError

from alerts.desk import Desk
from core.clock import Clock
from store.database import Database

log = logging.getLogger("anbu.bell")


class Bell:
    """The watch's hand: `step` again and again, a second or less apart. `failed` counts the cases it could not ring."""

    def __init__(self, db: Database, desk: Desk, clock: Clock) -> None:
        self._db, self._desk, self._clock = db, desk, clock
        self.failed = 0

    def step(self) -> int:
        """Ring what is due, each case in a transaction of its own, and say how many rang.

        A case that fails is reported and the others go on; a database that is away raises, to be tried again.
        """
        with self._db.read() as tx:
            overdue = self._desk.overdue(tx, self._clock.now())
        rung = 0
        for case_id in overdue:
            try:
                with self._db.write() as tx:
                    rung += self._desk.ring(tx, case_id, self._clock.now())
            except OperationalError:
                raise
            except Exception:  # one broken case must not keep the others' bells from ringing
                self.failed += 1
                log.exception("case %s could not be rung", case_id)
        return rung
