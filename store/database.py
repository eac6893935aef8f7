"""Opens the database, and lets one writer in at a time, so that the log's order is its commit order."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from store.wal import DiskFault, Wal, is_failed_sync

# Any number that no other application locks in this database.
_WRITER_LOCK = 0x414E4255

# Beyond this, what is left of SQLite's log is moved into its file while the writers wait.
_LOG_BYTES = 64 << 20
_PATIENCE_MS = 100
_BUSY_S = 30

Unavailable = (sa.exc.OperationalError, sa.exc.InterfaceError)
"""What `write` and `read` raise when the database is away; loops wait and try again. A broken rule is a bug of ours."""


class Transactions(Protocol):
    """What hands out transactions: the database, or who stands before it and looks at who is asking."""

    @property
    def backend(self) -> str: ...

    @property
    def trouble(self) -> str | None: ...

    def read(self) -> AbstractContextManager[Connection]: ...

    def write(self, *, synced: bool = True) -> AbstractContextManager[Connection]: ...


class Database:
    """One database, SQLite or PostgreSQL, by SQLAlchemy URL.

    `write()` is a transaction that commits at its end; writers queue behind one lock, across threads and processes, in
    the order they came. `read()` is a consistent read that blocks nobody.

    After a failed sync, ours or SQLite's, `write` and `sync` raise DiskFault for as long as the process lives.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = sa.make_url(url)
        self._lock_path: Path | None = None
        self._fault: DiskFault | None = None
        self.trouble: str | None = None
        """Why this process's last transaction was refused; None: it was not."""
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("SQLite needs a file: a database in memory would lose everything")
            path = Path(parsed.database).resolve()  # SQLite's own files stand beside the real one
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock_path = path
            self._wal = Wal(str(path))
            self.engine = sa.create_engine(
                url, connect_args={"timeout": _BUSY_S, "check_same_thread": False}, json_deserializer=_from_json
            )
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
        try:
            with self._writer() as lock, self.engine.connect() as tx:
                try:
                    self._begin(tx, lock, synced)
                    yield tx
                    tx.commit()
                except sa.exc.OperationalError as error:
                    if is_failed_sync(error):
                        raise self._distrust(lock, error) from error
                    raise
        except Unavailable as error:
            # PostgreSQL's own words name hosts and users, and this is shown to anybody.
            self.trouble = str(error.orig) if self.backend == "sqlite" else type(error.orig).__name__
            raise
        self.trouble = None

    def _begin(self, tx: Connection, lock: int, synced: bool) -> None:
        if self._lock_path is None:
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
            return
        self._mend(lock)
        if tx.info.get("synced", True) != synced:
            tx.exec_driver_sql(f"PRAGMA synchronous={'FULL' if synced else 'NORMAL'}")
            tx.info["synced"] = synced
        tx.exec_driver_sql("BEGIN IMMEDIATE")

    def sync(self) -> None:
        """Make durable what was committed before, by whomever. PostgreSQL has done so at the commit."""
        if self._lock_path is None:
            return
        self._refuse_after_a_fault()
        try:
            self._wal.sync()
        except OSError as error:
            with self._writer() as lock:
                raise self._distrust(lock, error) from error

    def _mend(self, lock: int) -> None:
        """Write the log anew where a sync has failed since somebody did. Raises DiskFault."""
        self._refuse_after_a_fault()
        if os.fstat(lock).st_size:
            return
        try:
            self._wal.rewrite()
        except OSError as error:
            raise self._distrust(lock, error) from error
        os.ftruncate(lock, 1)

    def _distrust(self, lock: int, error: Exception) -> DiskFault:
        """Let every process know that the log has to be written anew before anything is written behind it."""
        os.ftruncate(lock, 0)  # an empty lock file says so: emptying it needs no room on the disk
        self._fault = DiskFault(f"a sync has failed: {error}")
        return self._fault

    def _refuse_after_a_fault(self) -> None:
        if self._fault is not None:
            raise self._fault

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
    def _writer(self) -> Iterator[int]:
        # SQLite's own busy handler polls with sleeps of up to 100 ms: an SOS would wait them out. A file lock wakes it.
        if self._lock_path is None:
            yield -1
            return
        held: _Held | None = getattr(self._files, "held", None)
        if held is None:
            held = self._files.held = _Held(self._lock_path)
        turn, write = held.turn, held.write
        # Who waits to write holds the turn meanwhile: a writer in a busy loop cannot come in twice before it.
        with _locked(turn):
            fcntl.flock(write, fcntl.LOCK_EX)
        try:
            yield write
        finally:
            fcntl.flock(write, fcntl.LOCK_UN)

    def checkpoint(self) -> int:
        """Move what has been written into SQLite's main file, without holding anybody up. PostgreSQL does so itself.

        Writers who never pause keep the log from ever being moved whole, and it grows: beyond `_LOG_BYTES` they wait
        for the last of it, which is little.
        """
        if self._lock_path is None or not self._wal.size():
            return 0
        with self._writer() as lock:
            self._mend(lock)  # a log with holes must not be moved
        with self.engine.connect() as connection:
            try:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
                if self._wal.size() > _LOG_BYTES:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")  # what came during the first
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")  # some readers take long
                    with self._writer():
                        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            except sa.exc.OperationalError as error:
                if not is_failed_sync(error):
                    raise
                with self._writer() as lock:
                    raise self._distrust(lock, error) from error
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_S * 1000}")
        return 0

    def truncate_log(self) -> bool:
        """Empty SQLite's log, so that what was overwritten stands in no copy; False: a reader is in the way, try
        again. PostgreSQL's own vacuum does its part."""
        if self._lock_path is None:
            return True
        with self.engine.connect() as connection:
            try:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")
                with self._writer() as lock:
                    self._mend(lock)
                    busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            except sa.exc.OperationalError as error:
                if not is_failed_sync(error):
                    raise
                with self._writer() as lock:
                    raise self._distrust(lock, error) from error
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_S * 1000}")
        return not busy

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()
        self._files = threading.local()
        if self._lock_path is not None:
            self._wal.close()


class _Held:
    """One thread's own hold of the two lock files; they close with their thread, or with the database."""

    def __init__(self, path: Path) -> None:
        self._open: list[int] = []
        for name in ("turn", "write"):
            file = path.with_name(f"{path.name}-{name}")
            self._open.append(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self.turn, self.write = self._open

    def __del__(self) -> None:
        for file in self._open:
            os.close(file)


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


def _from_json(text: str) -> Any:
    # PostgreSQL keeps a broken JSON out. SQLite does not, and one row must not keep the others from being read.
    try:
        return json.loads(text)
    except ValueError:
        return text


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
