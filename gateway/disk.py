"""The outbox's file: its tables, and how it is opened; SQL itself stays with whoever asks."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

_SCHEMA = """
-- Every start of the program is a boot. Its name is drawn, so that a home with a new disk repeats none.
CREATE TABLE IF NOT EXISTS boots (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
-- kept (boot and seq null) -> numbered and handed over, at its first sending -> receipted -> deleted, a while later.
-- `handed`: on its way since this program was started. `since`: the box's clock was not trusted, and it happened when
-- so many seconds had passed since the machine's start; null: `at` is right. `receipted`: when, by the same count.
-- Of what has no receipt only what is kept is thinned: so the city sees no gap that stays.
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, urgent INTEGER NOT NULL, device TEXT NOT NULL,
    kind TEXT NOT NULL, at REAL NOT NULL, data TEXT NOT NULL, boot INTEGER, seq INTEGER, since REAL,
    handed INTEGER NOT NULL DEFAULT 0, receipted REAL, UNIQUE (boot, seq)
);
DROP INDEX IF EXISTS kept;
CREATE INDEX IF NOT EXISTS queue ON events (lane, id) WHERE handed = 0 AND receipted IS NULL;
CREATE INDEX IF NOT EXISTS owed ON events (boot, seq) WHERE receipted IS NULL;
CREATE INDEX IF NOT EXISTS held ON events (urgent, receipted) WHERE receipted IS NOT NULL;
-- Messages that were taken, by which one that comes again is known; the newest only.
CREATE TABLE IF NOT EXISTS marks (n INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS states (
    device TEXT, capability TEXT, value REAL NOT NULL, flag INTEGER NOT NULL, PRIMARY KEY (device, capability)
);
CREATE TABLE IF NOT EXISTS counts (what TEXT PRIMARY KEY, n INTEGER NOT NULL);
-- The city's epochs in the order in which they were heard of, and the machine's last start: one row.
CREATE TABLE IF NOT EXISTS epochs (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS machine (boot TEXT NOT NULL);
"""
# An outbox of an earlier version has its events without these.
_LATER = {"since": "REAL", "handed": "INTEGER NOT NULL DEFAULT 0", "receipted": "REAL"}
_SPARE_BYTES = 256 * 1024


def opened(path: Path) -> sqlite3.Connection:
    """The file for one process alone, every commit on the disk before it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, timeout=2.0)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")  # what somebody said is gone from the disk with the event that held it
        there = {row[1] for row in db.execute("PRAGMA table_info(events)")}
        for column, kind in _LATER.items():
            if there and column not in there:
                db.execute(f"ALTER TABLE events ADD COLUMN {column} {kind}")
        db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def take_spare(path: Path) -> bool:
    """Free what `put_spare` holds back for a start on a full disk; False: there is none."""
    try:
        _spare(path).unlink()
    except OSError:
        return False
    return True


def put_spare(path: Path) -> None:
    """Hold some space back, if there is any: a box that loses its power while its disk is full must start again."""
    spare = _spare(path)
    if spare.exists():
        return
    try:
        spare.write_bytes(os.urandom(_SPARE_BYTES))  # zeros may take no space
    except OSError:
        spare.unlink(missing_ok=True)


def _spare(path: Path) -> Path:
    return path.with_suffix(".spare")


def wake(db: sqlite3.Connection, machine: str) -> None:
    """Seconds of an earlier start of the machine become seconds before this one: at the least, for how long it was off
    is not known.
    """
    known = db.execute("SELECT boot FROM machine").fetchone()
    if known == (machine,):
        return
    if known is not None:
        ((last,),) = db.execute("SELECT max(max(coalesce(since, 0)), max(coalesce(receipted, 0))) FROM events")
        db.execute("UPDATE events SET since = since - :last, receipted = receipted - :last", {"last": last or 0.0})
    db.execute("DELETE FROM machine")
    db.execute("INSERT INTO machine VALUES (?)", (machine,))


def is_full(error: sqlite3.Error) -> bool:
    """Whether an error is a full disk's: it may pass, and nothing is broken."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
