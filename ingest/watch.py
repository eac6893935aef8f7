"""The log folded through the engine: silence becomes a signal, a signal a case, and a restart changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from anomaly.engine import Engine
from anomaly.snapshot import SnapshotMismatch
from core.clock import Clock, wall_now
from core.people import Home
from core.privacy import unspoken
from core.signals import Signal
from ingest.roster import Roster
from ingest.unheard import Unheard
from store.database import Database
from store.log import Illegible, put_snapshot, set_aside, snapshot, stretch

log = logging.getLogger(__name__)

FOLD = "engine"
Sink = Callable[[Connection, Signal, Home | None, datetime], None]


class Watch:
    """The engine's worker. The snapshot is its cursor: after a restart it folds the rows behind it once more, and the
    signals that come again are known by their keys.
    """

    def __init__(
        self,
        db: Database,
        sink: Sink,
        clock: Clock,
        *,
        batch: int = 2000,
        snapshot_rows: int = 200_000,
        snapshot_s: float = 60.0,
    ) -> None:
        """`sink` takes each signal in, in the transaction that it is given."""
        self._db, self._sink, self._clock = db, sink, clock
        self._batch = batch
        self._snapshot_rows, self._snapshot_every = snapshot_rows, timedelta(seconds=snapshot_s)
        self._roster = Roster()
        self._homes: dict[str, Home] = {}
        self.engine = Engine(())
        self.position = 0
        self.reached_at = wall_now()  # real time, for whoever measures
        self._snapshot_position = 0
        self._snapshot_at = clock.now()
        # What the engine has said once and no transaction holds so far: it will not say it again.
        self._found: list[Signal] = []
        self._illegible: list[Illegible] = []
        self._behind = True
        """Whether the engine knows what the snapshot, which others read, does not."""
        self._restore()
        self._unheard = Unheard(db, self.engine, clock)
        self.engine.ready()

    def step(self, *, advance: bool = True) -> int:
        """Fold the next rows in and, where none are left, the time that has passed. 0: there are no more rows now.

        The rows of a few hundred milliseconds together cost half of what they cost one by one, and the engine waits for
        late ones far longer.
        """
        with self._db.read() as tx:
            changed = self._roster.refresh(tx)
            new = stretch(tx, self.position, self._batch)
        for home in _lived_in(changed):
            self._homes[home.id] = home
            self.engine.set_home(home)
        moved, self.position = new.position > self.position, new.position
        self._found += self.engine.feed(new.rows)
        self._unheard.hear(new.rows)
        self._illegible += new.illegible
        if advance and not new.more:
            self._found += self.engine.advance(self._clock.now())
        for detector, home_id, error in self.engine.faults:
            log.error("detector %s failed for %s: %s", detector, home_id or "all homes", error)
        self.engine.faults.clear()
        if new.illegible:
            log.error("%d rows of the log cannot be read, and are set aside", len(new.illegible))
        self._keep()
        if advance and not new.more:
            self._unheard.write()
        if moved:
            self.reached_at = wall_now()
        return self._batch if new.more else 0

    def lag(self) -> int:
        """Rows of the log that are not folded in yet."""
        with self._db.read() as tx:
            return len(stretch(tx, self.position, 10_000).rows)

    def _keep(self) -> None:
        now, position = self._clock.now(), self.position
        self._behind |= bool(self._found) or position > self._snapshot_position
        stale = self._behind and now - self._snapshot_at >= self._snapshot_every
        due = stale or position - self._snapshot_position >= self._snapshot_rows
        if not (self._found or self._illegible or due):
            return
        body = self.engine.snapshot() if due else b""  # before the lock: nobody waits for it
        with self._db.write() as tx:
            for row in self._illegible:
                set_aside(tx, "event", str(row.position), unspoken(f"{row.kind} {row.data}"), now)
            for signal in self._found:
                self._sink(tx, signal, self._homes.get(signal.home or ""), now)
            if due:
                put_snapshot(tx, FOLD, position, body, now)
        self._found, self._illegible = [], []
        if due:
            self._snapshot_position, self._snapshot_at = position, now
            self._behind = not self.engine.settled  # what waits is folded in without a new row

    def _restore(self) -> None:
        with self._db.read() as tx:
            for home in _lived_in(self._roster.refresh(tx)):
                self._homes[home.id] = home
            kept = snapshot(tx, FOLD)
        if kept is not None:
            try:
                self.engine = Engine.restore(kept[1])
                self.position = self._snapshot_position = kept[0]
            except SnapshotMismatch as error:
                log.warning("the engine's snapshot is of another version, the log is folded from its start: %s", error)
        for home in self._homes.values():
            self.engine.set_home(home)


def _lived_in(homes: Iterable[Home]) -> Iterator[Home]:
    # What a synthetic home says is a stranger's word to the engine: it says nothing about people.
    return (home for home in homes if not home.synthetic)
