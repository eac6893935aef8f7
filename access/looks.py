"""Who looked at what is written down before it is shown; where no writer comes in just now, moments after.

In an emergency nobody waits for the book-keeping: a look is held up for `PATIENCE_S` at most, and stays in the queue
until it is written. Looks that wait together share one transaction, and one sync of the disk.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime

import msgspec
from sqlalchemy.exc import DBAPIError

from access import audit
from access.actor import Actor
from store.database import Database
from store.wal import DiskFault

log = logging.getLogger(__name__)
PATIENCE_S = 1.0
AGAIN_S = 1.0
MOST = 10_000
AT_ONCE = 200
"""An SOS waits behind no more of them than that."""
LAST_S = 5.0


class TooMany(Exception):
    """So many looks wait to be written down that one more might be lost: nothing is shown."""


class Look(msgspec.Struct, frozen=True):
    """As `audit.note` writes it. `at`: real time, UTC."""

    actor: Actor
    action: str
    kind: str
    object: str
    about: str
    request: str
    reason: str
    at: datetime


class Looks:
    """The queue in front of the audit, and the thread that empties it; it starts at the first look."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._news = threading.Condition()
        self._waiting: list[Look] = []
        self._taken = self._written = 0
        self._thread: threading.Thread | None = None
        self._ending = False

    def note(self, look: Look) -> bool:
        """Whether it is written, for good; else it will be. Raises TooMany."""
        with self._news:
            if len(self._waiting) >= MOST:
                raise TooMany
            self._waiting.append(look)
            self._taken += 1
            mine = self._taken
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="looks", daemon=True)
                self._thread.start()
            self._news.notify_all()
            if self._news.wait_for(lambda: self._written >= mine, PATIENCE_S):
                return True
        log.warning("shown, and not yet in the audit: %s", _told(look))
        return False

    def close(self) -> None:
        """Write what waits; what cannot be written within `LAST_S` is told to the log, which outlives this process."""
        with self._news:
            self._ending = True
            self._news.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(LAST_S)
        with self._news:
            left, self._thread, self._ending = self._waiting, None, False
            self._waiting = []
        for look in left:
            log.error("not in the audit: %s", _told(look))

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._ending)
                some = self._waiting[:AT_ONCE]
                if not some:
                    return
            try:
                with self._db.write() as tx:
                    for it in some:
                        audit.note(
                            tx, it.actor, it.action, it.kind, it.object, it.about, it.request, it.reason, now=it.at
                        )
            except (DBAPIError, DiskFault):
                log.exception("%d looks wait to be written down", len(some))
                with self._news:
                    self._news.wait_for(lambda: self._ending, AGAIN_S)
                    if self._ending:
                        return
                continue
            with self._news:
                if self._waiting[: len(some)] == some:
                    del self._waiting[: len(some)]
                self._written += len(some)
                self._news.notify_all()


def _told(look: Look) -> str:
    actor = look.actor
    return msgspec.json.encode({**msgspec.structs.asdict(look), "actor": f"{actor.role} {actor.account}"}).decode()
