"""What the home owes the city, on its own disk: nothing is sent before it is here, nothing leaves without a receipt."""

from __future__ import annotations

import math
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.events import URGENT_FIRST, URGENT_KINDS, Event, Lane, lane_of
from gateway.adapters.said import Said, State
from wire.codec import decode_data, encode_data
from wire.receipt import Receipt

Key = tuple[int, int]
"""(number of the boot, seq): the order in which events were numbered"""

ROOM_BYTES = 64 * 1024 * 1024
_ROW_BYTES = 100  # of columns and index, beside the data: a little more than was measured
_THINNED = 0.9  # so that it is not thinned again at once
# More than a broker sends without an acknowledgement; a mark older than so many messages is of no use.
_MARKS = 4000
_MAX_SEQ = 2**63 - 1
# What is thinned, in this order; `URGENT_KINDS` are in none of them.
_SPARE = (Lane.BULK, Lane.STATUS, Lane.EVENT)

_SCHEMA = """
-- Every start of the program is a boot. Its name is drawn, so that a home with a new disk repeats none.
CREATE TABLE IF NOT EXISTS boots (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
-- kept (boot and seq null) -> numbered, at its first sending -> deleted, by a receipt. Only what is kept is thinned:
-- so the city sees no gap that stays.
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, urgent INTEGER NOT NULL, device TEXT NOT NULL,
    kind TEXT NOT NULL, at REAL NOT NULL, data TEXT NOT NULL, boot INTEGER, seq INTEGER, UNIQUE (boot, seq)
);
CREATE INDEX IF NOT EXISTS kept ON events (lane, id) WHERE boot IS NULL;
-- Messages that were taken, by which one that comes again is known; the newest only.
CREATE TABLE IF NOT EXISTS marks (n INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS states (
    device TEXT, capability TEXT, value REAL NOT NULL, flag INTEGER NOT NULL, PRIMARY KEY (device, capability)
);
CREATE TABLE IF NOT EXISTS counts (what TEXT PRIMARY KEY, n INTEGER NOT NULL);
"""


class Numbered(NamedTuple):
    """An event with its counters, ready to be sent."""

    key: Key
    lane: Lane
    event: Event
    size: int


class Outbox:
    """One file, one process: a second one raises sqlite3.OperationalError, as a full or broken disk does.

    Laws: what `keep` returned from survives a crash and a loss of power; an urgent event leaves by a receipt alone;
    the seqs of a boot rise by one from 1 in the order of sending.
    """

    def __init__(self, path: Path, gateway: str, *, room_bytes: int = ROOM_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._gateway, self._room_bytes, self._bytes = gateway, room_bytes, 0
        self._db = sqlite3.connect(path, isolation_level=None, timeout=2.0)
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            name = f"b{self._one('SELECT coalesce(max(number), 0) + 1 FROM boots')}-{secrets.token_hex(6)}"
            with self._transaction():
                self._boot = int(self._db.execute("INSERT INTO boots (name) VALUES (?)", (name,)).lastrowid or 0)
                self._db.execute(
                    "DELETE FROM boots WHERE number < ? AND number NOT IN (SELECT boot FROM events WHERE boot > 0)",
                    (self._boot,),
                )
        except sqlite3.Error:
            self._db.close()
            raise
        self._names: dict[int, str] = dict(self._db.execute("SELECT number, name FROM boots"))
        self._seq = 0
        self._bytes = self._one(f"SELECT coalesce(sum(length(data) + {_ROW_BYTES}), 0) FROM events")

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
        return self._one("SELECT count(*) FROM events")

    def counts(self) -> dict[str, int]:
        """What was ever thinned, as `thinned_{kind}`, and rejected, as `rejected_{reason}`."""
        return dict(self._db.execute("SELECT what, n FROM counts ORDER BY what"))

    def states(self) -> dict[tuple[str, str], State]:
        """What each device last said."""
        rows = self._db.execute("SELECT device, capability, value, flag FROM states")
        return {(device, capability): bool(value) if flag else value for device, capability, value, flag in rows}

    # --- in

    def keep(
        self,
        said: Sequence[Said],
        arrived: datetime,
        *,
        states: Mapping[tuple[str, str], State] | None = None,
        marks: Iterable[str] = (),
        rejected: Iterable[str] = (),
    ) -> None:
        """Write down, in one transaction, what a message meant and that it was taken. Thins where the room is used up.

        `said` without a time of its own happened when it arrived.
        """
        with self._transaction():
            for one in said:
                self._insert(one, arrived)
            self._db.executemany(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)",
                [(*name, value, isinstance(value, bool)) for name, value in (states or {}).items()],
            )
            self._db.executemany("INSERT OR REPLACE INTO marks (mark) VALUES (?)", [(mark,) for mark in marks])
            self._db.execute("DELETE FROM marks WHERE n <= (SELECT max(n) FROM marks) - ?", (_MARKS,))
            self._count(Counter(f"rejected_{reason}" for reason in rejected))
            if self._bytes > self._room_bytes:
                self._thin()

    def marked(self, mark: str) -> bool:
        """Whether a message with this mark was taken, not long ago."""
        return self._db.execute("SELECT 1 FROM marks WHERE mark = ?", (mark,)).fetchone() is not None

    def unmark(self, prefix: str) -> None:
        """Forget the marks that begin so: nothing comes again that they were made for."""
        with self._transaction():
            self._db.execute("DELETE FROM marks WHERE substr(mark, 1, ?) = ?", (len(prefix), prefix))

    # --- out

    def numbered(self) -> list[Numbered]:
        """What was given its counters and has no receipt, the most urgent lane first, then the oldest."""
        rows = self._db.execute(
            "SELECT device, kind, at, data, boot, seq FROM events WHERE boot IS NOT NULL ORDER BY boot, seq"
        )
        found = [self._event(*row) for row in rows]
        return sorted(found, key=lambda one: (URGENT_FIRST.index(one.lane), one.key))

    def number(self, lane: Lane, most: int, most_bytes: int) -> list[Numbered]:
        """Give the oldest of `lane` the next counters, and hand them over: at least one, if there is any."""
        if most < 1:
            return []
        rows = self._db.execute(
            "SELECT id, device, kind, at, data FROM events WHERE lane = ? AND boot IS NULL ORDER BY id LIMIT ?",
            (lane, most),
        ).fetchall()
        found: list[Numbered] = []
        ids: list[tuple[int, int, int]] = []
        size = 0
        for id_, device, kind, at, data in rows:
            one = self._event(device, kind, at, data, self._boot, self._seq + len(found) + 1)
            size += one.size
            if found and size > most_bytes:
                break
            found.append(one)
            ids.append((*one.key, id_))
        if found:
            with self._transaction():
                self._db.executemany("UPDATE events SET boot = ?, seq = ? WHERE id = ?", ids)
            self._seq += len(found)
        return found

    def forget(self, receipt: Receipt) -> None:
        """Delete what the city holds; a receipt that names no boot of ours deletes nothing."""
        number = next((number for number, name in self._names.items() if name == receipt.boot), None)
        if number is None or receipt.from_ is None or receipt.seq is None or receipt.from_ > _MAX_SEQ:
            return
        with self._transaction():
            for low, high in ((receipt.from_, receipt.seq), *receipt.also):
                where = "FROM events WHERE boot = ? AND seq BETWEEN ? AND ?"
                held = (number, max(low, 0), min(high, _MAX_SEQ))
                self._bytes -= self._one(f"SELECT coalesce(sum(length(data) + {_ROW_BYTES}), 0) {where}", *held)
                self._db.execute(f"DELETE {where}", held)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # --- rows

    def _insert(self, said: Said, arrived: datetime) -> None:
        data, at = encode_data(said.data), said.at or arrived
        self._db.execute(
            "INSERT INTO events (lane, urgent, device, kind, at, data) VALUES (?, ?, ?, ?, ?, ?)",
            (lane_of(said.kind), said.kind in URGENT_KINDS, said.device, said.kind, at.timestamp(), data),
        )
        self._bytes += len(data) + _ROW_BYTES

    def _event(self, device: str, kind: str, at: float, data: str, boot: int, seq: int) -> Numbered:
        name = self._names[boot]
        event = Event(
            f"{name}-{seq}", self._gateway, device, kind, datetime.fromtimestamp(at, UTC), decode_data(kind, data),
            name, seq,
        )  # fmt: skip
        return Numbered((boot, seq), lane_of(kind), event, len(data.encode()) + 300)

    def _thin(self) -> None:
        """Make room of what can be spared most, taken evenly out of all that waits: a thinner story, not a gap."""
        gone: Counter[str] = Counter()
        for lane in _SPARE:
            rows = self._db.execute(
                f"SELECT id, kind, length(data) + {_ROW_BYTES} FROM events "
                "WHERE lane = ? AND boot IS NULL AND NOT urgent ORDER BY id",
                (lane,),
            ).fetchall()
            while rows and (excess := self._bytes - _THINNED * self._room_bytes) > 0:
                size = sum(row[2] for row in rows)
                many = min(len(rows), math.ceil(excess * len(rows) / size))
                chosen = {(2 * i + 1) * len(rows) // (2 * many) for i in range(many)}
                drop = [rows[i] for i in chosen]
                rows = [row for i, row in enumerate(rows) if i not in chosen]
                self._db.executemany("DELETE FROM events WHERE id = ?", [row[:1] for row in drop])
                self._bytes -= sum(row[2] for row in drop)
                gone.update(f"thinned_{row[1]}" for row in drop)
        self._count(gone)

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
