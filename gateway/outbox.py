"""What the home owes the city, on its own disk: nothing is sent before it is here, nothing leaves without a receipt."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.clock import machine_boot, since_boot_s
from core.events import URGENT_FIRST, URGENT_KINDS, Event, Lane, lane_of
from gateway.adapters.said import Said, State
from gateway.disk import is_full, opened, put_spare, set_aside, take_spare, wake
from gateway.room import ROW_BYTES, drop_held, thin
from wire.codec import decode_data, encode_data
from wire.receipt import Receipt

log = logging.getLogger(__name__)

Key = tuple[int, int]
"""(number of the boot, seq): the order in which events were numbered"""

ROOM_BYTES = 64 * 1024 * 1024
_THINNED = 0.9  # so that it is not thinned again at once
# More than a broker sends without an acknowledgement; a mark older than so many messages is of no use.
_MARKS = 4000
_MAX_SEQ = 2**63 - 1
HELD_URGENT_S, HELD_S = 72 * 3600.0, 3600.0
"""How long what the city has receipted is kept, for a city that is restored from a backup to ask for."""
_TIDY_S = 60.0
_MOST_RECEIPTS = 100  # that wait for a full disk; what falls out of memory is only sent once more

_ROW = "id, device, kind, at, data, since, boot, seq"


class Numbered(NamedTuple):
    """An event with its counters, ready to be sent."""

    key: Key
    lane: Lane
    event: Event
    size: int
    since_s: float | None = None
    """The box's clock was not trusted: it happened when so many seconds had passed since the machine's start."""

    def dated(self, count_s: float) -> Event:
        """The event as it is sent `count_s` seconds after the machine's start."""
        if self.since_s is None:
            return self.event
        return msgspec.structs.replace(self.event, age_s=round(max(count_s - self.since_s, 0.0), 3))


class Outbox:
    """One file, one process: a second one raises sqlite3.OperationalError, as a broken disk does. `count_s` counts
    seconds since the machine's start, which `machine` names. `damaged`: a file that could not be read lies beside it.

    Laws: what `keep` returned from survives a crash and a loss of power; an urgent event leaves by a receipt alone, and
    not before a city that was restored from a backup has had 72 h to ask for it again; the seqs of a boot rise by one
    from 1 in the order of sending. On a full disk `keep` alone fails: numbers and receipts are written down later.
    """

    def __init__(
        self,
        path: Path,
        gateway: str,
        *,
        room_bytes: int = ROOM_BYTES,
        count_s: Callable[[], float] = since_boot_s,
        machine: str | None = None,
    ) -> None:
        self._gateway, self._room_bytes, self._bytes, self._count_s = gateway, room_bytes, 0, count_s
        self._tidied_s = count_s()
        self._unwritten: dict[int, Key] = {}
        self._receipts: list[Receipt] = []
        try:
            self._begin(path, machine)
        except sqlite3.OperationalError as error:
            if not is_full(error) or not take_spare(path):
                raise
            self._begin(path, machine)
        put_spare(path)
        self.damaged = bool(set_aside(path))
        self._names: dict[int, str] = dict(self._db.execute("SELECT number, name FROM boots"))
        self._seq = 0
        self._bytes = self._one(f"SELECT coalesce(sum(length(data) + {ROW_BYTES}), 0) FROM events")

    def _begin(self, path: Path, machine: str | None) -> None:
        """Open the file, and a new boot."""
        self._db = opened(path)
        try:
            name = f"b{self._one('SELECT coalesce(max(number), 0) + 1 FROM boots')}-{secrets.token_hex(6)}"
            with self._transaction():
                self._boot = int(self._db.execute("INSERT INTO boots (name) VALUES (?)", (name,)).lastrowid or 0)
                self._db.execute(
                    "DELETE FROM boots WHERE number < ? AND number NOT IN (SELECT boot FROM events WHERE boot > 0)",
                    (self._boot,),
                )
                self._db.execute("UPDATE events SET handed = 0 WHERE handed AND receipted IS NULL")
                wake(self._db, machine_boot() if machine is None else machine)
        except sqlite3.Error:
            self._db.close()
            raise

    @property
    def boot(self) -> str:
        """The name of this boot; no other ever has it."""
        return self._names[self._boot]

    @property
    def size_bytes(self) -> int:
        """About what the events take on the disk."""
        return self._bytes

    def waiting(self) -> int:
        """Events without a receipt."""
        return self._one("SELECT count(*) FROM events WHERE receipted IS NULL")

    def counts(self) -> dict[str, int]:
        """What was ever thinned, as `thinned_{kind}`, and rejected, as `rejected_{reason}`."""
        return dict(self._db.execute("SELECT what, n FROM counts ORDER BY what"))

    def states(self) -> dict[tuple[str, str], State]:
        """What each device last said, the longest unchanged first."""
        rows = self._db.execute("SELECT device, capability, value, flag FROM states ORDER BY rowid")
        return {(device, capability): bool(value) if flag else value for device, capability, value, flag in rows}

    # --- in

    def keep(
        self,
        said: Sequence[Said],
        arrived: datetime,
        *,
        since_s: float | None = None,
        sent: Iterable[Numbered] = (),
        states: Mapping[tuple[str, str], State] | None = None,
        forgotten: Iterable[str] = (),
        marks: Iterable[str] = (),
        rejected: Iterable[str] = (),
        thinned: Iterable[str] = (),
    ) -> None:
        """Write down, in one transaction, what a message meant and that it was taken. Thins where the room is used up.
        On a full disk drops what the city has; raises sqlite3.OperationalError where that does not help.

        `said` without a time of its own happened when it arrived; `since_s`, seconds after the machine's start, stands
        for a time that is not to be trusted. `sent` went out before it could be written down, `thinned` was let go. Of
        devices that are `forgotten` no former state is kept.
        """

        def write() -> None:
            for one in said:
                self._insert(one, arrived, since_s)
            for was in sent:
                self._insert(_said(was.event), was.event.at, was.since_s, was.key)
            self._db.executemany("DELETE FROM states WHERE device = ?", [(device,) for device in forgotten])
            self._db.executemany(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)",
                [(*name, value, isinstance(value, bool)) for name, value in (states or {}).items()],
            )
            self._db.executemany("INSERT OR REPLACE INTO marks (mark) VALUES (?)", [(mark,) for mark in marks])
            self._db.execute("DELETE FROM marks WHERE n <= (SELECT max(n) FROM marks) - ?", (_MARKS,))
            self._count(Counter(f"rejected_{reason}" for reason in rejected))
            self._count(Counter(f"thinned_{kind}" for kind in thinned))
            if self._bytes > self._room_bytes:
                self._thin(self._bytes - _THINNED * self._room_bytes)

        try:
            with self._transaction():
                write()
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            with self._transaction():
                self._bytes -= drop_held(self._db, (1 - _THINNED) * self._room_bytes)
            with self._transaction():
                write()
        self._write_down()

    def marked(self, mark: str) -> bool:
        """Whether a message with this mark was taken, not long ago."""
        return self._db.execute("SELECT 1 FROM marks WHERE mark = ?", (mark,)).fetchone() is not None

    def unmark(self, prefix: str) -> None:
        """Forget the marks that begin so: nothing comes again that they were made for."""
        with self._transaction():
            self._db.execute("DELETE FROM marks WHERE substr(mark, 1, ?) = ?", (len(prefix), prefix))

    def set_right(self, now: datetime) -> None:
        """The box's clock has become right: what happened before is given its time by the count of seconds."""
        with self._transaction():
            self._db.execute(
                "UPDATE events SET at = ? - (? - since), since = NULL WHERE since IS NOT NULL",
                (now.timestamp(), self._count_s()),
            )

    # --- out

    def numbered(self) -> list[Numbered]:
        """What was given its counters and has no receipt, the most urgent lane first, then the oldest."""
        rows = self._db.execute(
            f"SELECT {_ROW} FROM events WHERE boot IS NOT NULL AND receipted IS NULL ORDER BY boot, seq"
        )
        found = [self._event(*row[1:]) for row in rows]
        return sorted(found, key=lambda one: (URGENT_FIRST.index(one.lane), one.key))

    def number(self, lane: Lane, most: int, most_bytes: int, but: Sequence[str] = ()) -> list[Numbered]:
        """Hand over the oldest of `lane` that are not on their way, none of the devices `but`: at least one, if there
        is any. What never was is given the next counters; on a full disk they are written down later.
        """
        if most < 1:
            return []
        rows = self._db.execute(
            f"SELECT {_ROW} FROM events WHERE lane = ? AND handed = 0 AND receipted IS NULL "
            f"AND device NOT IN ({', '.join('?' * len(but))}) ORDER BY id LIMIT ?",
            (lane, *but, most + len(self._unwritten)),
        ).fetchall()
        found: list[Numbered] = []
        size = 0
        for id_, device, kind, at, data, since, boot, seq in rows:
            if id_ in self._unwritten:
                continue
            new = boot is None
            one = self._event(device, kind, at, data, since, self._boot if new else boot, self._seq + 1 if new else seq)
            size += one.size
            if found and (size > most_bytes or len(found) == most):
                break
            found.append(one)
            self._unwritten[id_] = one.key
            self._seq += new
        self._write_down()
        return found

    def number_unkept(self, said: Said, at: datetime, since_s: float | None) -> Numbered:
        """Give counters to what the full disk does not take, for it cannot wait."""
        self._seq += 1
        data = encode_data(said.data)
        return self._event(said.device, said.kind, at.timestamp(), data, since_s, self._boot, self._seq)

    def forget(self, receipt: Receipt) -> None:
        """Hold what the city has only for a while; a receipt that names no boot of ours holds nothing. One of another
        epoch than before makes everything owed again that is still held, one of an epoch that is past says nothing.
        """
        self._receipts.append(receipt)
        self._write_down()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # --- rows

    def _write_down(self) -> None:
        """Counters that were given and receipts that came; what a full disk does not take waits for the next time."""
        if not self._unwritten and not self._receipts:
            return
        numbered = [(*key, id_) for id_, key in self._unwritten.items()]
        try:
            with self._transaction():
                self._db.executemany("UPDATE events SET boot = ?, seq = ?, handed = 1 WHERE id = ?", numbered)
                for receipt in self._receipts:
                    if self._of_now(receipt):
                        self._hold(receipt)
                dropped = self._tidy()
            if dropped:  # what somebody said is to stand in no copy either
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            del self._receipts[:-_MOST_RECEIPTS]
            return
        self._unwritten.clear()
        self._receipts.clear()

    def _of_now(self, receipt: Receipt) -> bool:
        """Whether a receipt is the present city's word, and not one from before it was restored."""
        if receipt.epoch is None:
            return True
        known = dict(self._db.execute("SELECT name, n FROM epochs"))
        if receipt.epoch in known:
            return bool(known[receipt.epoch] == max(known.values()))
        self._db.execute("INSERT INTO epochs (name) VALUES (?)", (receipt.epoch,))
        if known:
            again = self._db.execute(
                "UPDATE events SET receipted = NULL, handed = 0 WHERE receipted IS NOT NULL"
            ).rowcount
            log.warning("the city was restored from a backup: %d events that it had receipted are sent again", again)
        return True

    def _hold(self, receipt: Receipt) -> None:
        number = next((number for number, name in self._names.items() if name == receipt.boot), None)
        if number is None or receipt.from_ is None or receipt.seq is None or receipt.from_ > _MAX_SEQ:
            return
        for low, high in ((receipt.from_, receipt.seq), *receipt.also):
            self._db.execute(
                "UPDATE events SET receipted = ? WHERE boot = ? AND seq BETWEEN ? AND ? AND receipted IS NULL",
                (self._count_s(), number, max(low, 0), min(high, _MAX_SEQ)),
            )

    def _tidy(self) -> int:
        """Drop what was held long enough; how many events."""
        now_s, dropped = self._count_s(), 0
        if 0 <= now_s - self._tidied_s < _TIDY_S:
            return 0
        self._tidied_s = now_s
        for urgent, held_s in ((True, HELD_URGENT_S), (False, HELD_S)):
            where = "FROM events WHERE urgent = ? AND receipted < ?"
            old = (urgent, now_s - held_s)
            self._bytes -= self._one(f"SELECT coalesce(sum(length(data) + {ROW_BYTES}), 0) {where}", *old)
            dropped += self._db.execute(f"DELETE {where}", old).rowcount
        return dropped

    def _insert(self, said: Said, arrived: datetime, since_s: float | None, key: Key | None = None) -> None:
        data, at = encode_data(said.data), said.at or arrived
        self._db.execute(
            "INSERT INTO events (lane, urgent, device, kind, at, data, since, boot, seq, handed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                lane_of(said.kind), said.kind in URGENT_KINDS, said.device, said.kind, at.timestamp(), data, since_s,
                *(key or (None, None)), key is not None,
            ),
        )  # fmt: skip
        self._bytes += len(data) + ROW_BYTES

    def _event(
        self, device: str, kind: str, at: float, data: str, since: float | None, boot: int, seq: int
    ) -> Numbered:
        name = self._names[boot]
        event = Event(
            f"{name}-{seq}", self._gateway, device, kind, datetime.fromtimestamp(at, UTC), decode_data(kind, data),
            name, seq,
        )  # fmt: skip
        return Numbered((boot, seq), lane_of(kind), event, len(data.encode()) + 300, since)

    def _thin(self, excess: float) -> None:
        freed, gone = thin(self._db, excess, self._unwritten)
        self._bytes -= freed
        self._count(Counter({f"thinned_{kind}": n for kind, n in gone.items()}))

    def _count(self, more: Counter[str]) -> None:
        self._db.executemany(
            "INSERT INTO counts VALUES (?, ?) ON CONFLICT (what) DO UPDATE SET n = n + excluded.n", more.items()
        )

    def _one(self, query: str, *values: object) -> int:
        return int(self._db.execute(query, values).fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        was = self._bytes
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._bytes = was
                self._db.execute("ROLLBACK")


def _said(event: Event) -> Said:
    return Said(event.device, event.kind, event.data, event.at)
