"""Opens the database, and lets one writer in at a time, so that the log's order is its commit order."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

# Any number that no other application locks in this database.
_WRITER_LOCK = 0x414E4255

_sync_data = getattr(os, "fdatasync", os.fsync)

Unavailable = (sa.exc.OperationalError, sa.exc.InterfaceError)
"""What `write` and `read` raise when the database is away; loops wait and try again. A broken rule is a bug of ours."""


class Database:
    """One database, SQLite or PostgreSQL, by SQLAlchemy URL.

    `write()` is a transaction that commits at its end; writers queue behind one lock, across threads and processes, in
    the order they came. `read()` is a consistent read that blocks nobody.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = sa.make_url(url)
        self._lock_path: Path | None = None
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("SQLite needs a file: a database in memory would lose everything")
            path = Path(parsed.database).resolve()  # SQLite's own files stand beside the real one
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock_path = path
            self.engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
            sa.event.listen(self.engine, "connect", _sqlite_connect)
        elif parsed.get_backend_name() == "postgresql":
            url_ = parsed.set(drivername="postgresql+psycopg")
            self.engine = sa.create_engine(
                url_, pool_pre_ping=True, pool_size=4, connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"}
            )
        else:
            raise ValueError(f"ANBU_DATABASE_URL: sqlite or postgresql, not {parsed.get_backend_name()}")
        self._files = threading.local()

    @property
    def backend(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Connection]:
        """One transaction; it is durable when the block has ended without an error, and undone otherwise.

        With `synced=False` it is durable only when a `sync` after it has ended: SQLite then syncs the disk without
        holding the writers' lock, and an SOS waits for rows only, not for the disk. Nothing may be said of it before.
        """
        with self._writer(), self.engine.connect() as tx:
            if self.backend == "sqlite":
                if tx.info.get("synced", True) != synced:
                    tx.exec_driver_sql(f"PRAGMA synchronous={'FULL' if synced else 'NORMAL'}")
                    tx.info["synced"] = synced
                tx.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
            yield tx
            tx.commit()

    def sync(self) -> None:
        """Make durable what was committed before, by whomever. PostgreSQL has done so at the commit."""
        if self._lock_path is None:
            return
        # The log is one sequence: what a later commit syncs, or a checkpoint moves, includes all before it.
        try:
            file = os.open(f"{self._lock_path}-wal", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # the last connection that closed has moved it into the database, and synced that
        try:
            _sync_data(file)
        finally:
            os.close(file)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only look at one moment of the database."""
        with self.engine.connect() as tx:
            if self.backend == "sqlite":
                tx.exec_driver_sql("BEGIN")
            else:
                tx.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield tx
            tx.rollback()

    @contextmanager
    def _writer(self) -> Iterator[None]:
        # SQLite's own busy handler polls with sleeps of up to 100 ms: an SOS would wait them out. A file lock wakes it.
        if self._lock_path is None:
            yield
            return
        held: tuple[int, int] | None = getattr(self._files, "held", None)
        if held is None:
            held = self._files.held = (self._lock_file("turn"), self._lock_file("write"))
        turn, write = held
        # Who waits to write holds the turn meanwhile: a writer in a busy loop cannot come in twice before it.
        with _locked(turn):
            fcntl.flock(write, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(write, fcntl.LOCK_UN)

    def _lock_file(self, name: str) -> int:
        assert self._lock_path is not None
        path = self._lock_path.with_name(f"{self._lock_path.name}-{name}")
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def checkpoint(self) -> int:
        """Move what has been written into SQLite's main file, without holding anybody up. PostgreSQL does so itself."""
        if self.backend == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        return 0

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()


@contextmanager
def _locked(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _sqlite_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # SQLAlchemy begins nothing by itself here: `write` and `read` say BEGIN.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    # Every so many pages a commit would move them all, and the SOS behind it would wait: `checkpoint` does it. This is
    # for where nobody calls it: 1 GB.
    connection.execute("PRAGMA wal_autocheckpoint=250000")


def insert_new(table: sa.Table, backend: str) -> Any:
    """An INSERT that leaves a row alone where a unique index already holds it, in this backend's dialect."""
    return _insert(table, backend).on_conflict_do_nothing()


def upsert(table: sa.Table, backend: str, keys: list[str], values: list[str]) -> Any:
    """An INSERT that updates `values` where the unique `keys` already stand; without `values` the caller says how."""
    insert = _insert(table, backend)
    if not values:
        return insert
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in values})


def _insert(table: sa.Table, backend: str) -> Any:
    # The two dialects have the same clause and no common type for it.
    return sqlite.insert(table) if backend == "sqlite" else postgresql.insert(table)
