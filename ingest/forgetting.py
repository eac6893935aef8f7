"""Keeps the promise that what was said at home is forgotten: a cry's words after 30 days, in every copy."""

from __future__ import annotations

import logging

from core.clock import Clock
from core.privacy import KEEP_WORDS
from store.database import Database
from store.words import blank_words

log = logging.getLogger(__name__)


class Forgetting:
    """`step` several times a day. It takes the writers' lock for one stride of the log at a time."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._copies = True  # a process before this one may have died between the two

    def step(self) -> int:
        """Blank what is due in one stride; 1: there is more to look through."""
        with self._db.write() as tx:
            blanked, more = blank_words(tx, self._clock.now() - KEEP_WORDS)
        if blanked:
            log.info("the words of %d cries are over %d days old and forgotten", blanked, KEEP_WORDS.days)
        self._copies = self._copies or blanked > 0
        if more:
            return 1
        if self._copies:
            self._copies = not self._db.truncate_log()
        return 0
