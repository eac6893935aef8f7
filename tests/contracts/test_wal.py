"""After a failed sync nobody goes on as if nothing had happened: not the process that saw it, and not the others."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from store import database, log, wal
from store.database import Database
from store.migrate import migrate
from store.wal import DiskFault

EIO = OSError(5, "Input/output error")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "anbu.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{path}")
    migrate(made)
    yield made
    made.close()


def say(db: Database, *, synced: bool = True) -> None:
    with db.write(synced=synced) as tx:
        log.count(tx, {("said", ""): 1})


def said(db: Database) -> int:
    with db.read() as tx:
        return log.counts(tx).get(("said", ""), 0)


class Disk:
    """What reaches the disk; `broken`: no sync of ours succeeds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broken = False
        self.done: list[str] = []
        self.written = b""
        pwrite, sync = os.pwrite, wal._sync_data

        def watched_write(file: int, data: bytes, at: int) -> int:
            self.done.append("write")
            self.written += data
            return pwrite(file, data, at)

        def watched_sync(file: int) -> None:
            self.done.append("sync")
            if self.broken:
                raise EIO
            sync(file)

        monkeypatch.setattr(os, "pwrite", watched_write)
        monkeypatch.setattr(wal, "_sync_data", watched_sync)


def test_who_saw_it_writes_nothing_more(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    say(db, synced=False)
    disk.broken = True
    with pytest.raises(DiskFault):
        db.sync()
    disk.broken = False
    for again in (db.sync, db.checkpoint, lambda: say(db)):
        with pytest.raises(DiskFault):
            again()
    assert said(db) == 1


def test_who_comes_next_writes_the_whole_log_anew_before_anything_else(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(db, synced=False)
    disk = Disk(monkeypatch)
    disk.broken = True
    with pytest.raises(DiskFault):
        db.sync()
    other = Database(f"sqlite:///{path}")
    disk.done.clear()
    with pytest.raises(DiskFault), other.write():
        pytest.fail("the log is not on the disk")
    other.close()

    disk.broken = False
    disk.written = b""
    third = Database(f"sqlite:///{path}")
    whole = Path(f"{path}-wal").read_bytes()
    disk.done.clear()
    with third.write() as tx:
        assert disk.done == ["write", "sync"]
        assert disk.written == whole
        log.count(tx, {("said", ""): 1})
    say(third)
    assert disk.done == ["write", "sync"], "once is enough"
    assert said(third) == 3
    third.close()


def test_a_failed_sync_of_sqlites_own_counts_too(db: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)

    def fails(_connection: sa.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise sa.exc.OperationalError("COMMIT", {}, error)

    with monkeypatch.context() as patched:
        patched.setattr(sa.Connection, "commit", fails)
        with pytest.raises(DiskFault):
            say(db)
    other = Database(f"sqlite:///{path}")
    disk.done.clear()
    say(other)
    assert disk.done == ["write", "sync"]
    assert said(other) == 1
    other.close()


def test_a_full_disk_is_waited_for(db: Database) -> None:
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def fill() -> None:
        with db.write() as tx:
            log.put_snapshot(tx, "fold", 1, b"\0" * 100_000, log.moment(0))

    with pytest.raises(database.Unavailable):
        fill()
    assert db.trouble == "database or disk is full"
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    fill()
    assert db.trouble is None


def test_the_log_does_not_grow_for_ever(db: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_LOG_BYTES", 100_000)

    def grow() -> int:
        with db.write() as tx:
            log.put_snapshot(tx, "fold", 1, os.urandom(400_000), log.moment(0))
        db.checkpoint()
        return Path(f"{path}-wal").stat().st_size

    assert grow() == 0
    with db.read() as tx:
        log.snapshot(tx, "fold")
        assert grow() > 0, "a reader still needs it"
    assert grow() == 0
