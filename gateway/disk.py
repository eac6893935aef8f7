"""The outbox's file: its tables, and how it is opened; SQL itself stays with whoever asks."""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from core.clock import wall_now

log = logging.getLogger(__name__)

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
_BROKEN = ".broken-"
_MOST_BROKEN = 2
# Before a word of our own SQL was said, an error without a name of its own is the file's as well.
_DAMAGES = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR})


def opened(path: Path) -> sqlite3.Connection:
    """The file for one process alone and for nobody else to read, every commit on the disk before it returns. One that
    is damaged is set aside, and another begun: a home that waits for somebody to mend a file is alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o600)  # an earlier version's
    else:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, isolation_level=None, timeout=2.0)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        damage = _damage(db)
        if damage is None:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = ON")  # what somebody said is gone from the disk with what held it
            there = {row[1] for row in db.execute("PRAGMA table_info(events)")}
            for column, kind in _LATER.items():
                if there and column not in there:
                    db.execute(f"ALTER TABLE events ADD COLUMN {column} {kind}")
            db.executescript(_SCHEMA)
            return db
    except sqlite3.Error:
        db.close()
        raise
    db.close()
    _set_aside(path, damage)
    return opened(path)


def _damage(db: sqlite3.Connection) -> str | None:
    """What is wrong with the file itself; None: it is sound. Raises sqlite3.Error where that cannot be told."""
    try:
        ((found,),) = db.execute("PRAGMA quick_check(1)")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _DAMAGES:
            raise
        return str(error)
    return None if found == "ok" else str(found)


def _set_aside(path: Path, damage: str) -> None:
    """Give the file another name, and the log that belongs to it: a new file must not be given its pages."""
    name = f"{path.name}{_BROKEN}{wall_now():%Y%m%dT%H%M%SZ}"
    log.error("%s is damaged and is set aside as %s; what it still owed the city is in there: %s", path, name, damage)
    for end in ("-wal", "-shm", ""):
        part = path.with_name(path.name + end)
        if part.exists():
            part.replace(path.with_name(name + end))
    for old in sorted(set_aside(path))[:-_MOST_BROKEN]:
        for end in ("-wal", "-shm", ""):
            old.with_name(old.name + end).unlink(missing_ok=True)


def set_aside(path: Path) -> list[Path]:
    """The damaged files that lie beside this one."""
    return [old for old in path.parent.glob(f"{path.name}{_BROKEN}*") if old.name[-1] == "Z"]


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
