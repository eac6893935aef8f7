"""Copies a living city's database into one file, and puts such a file in the place of a database, which it keeps."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from psycopg import sql

from store.database import Database
from store.epoch import renew
from store.gateways import Keys, put_keys, read_keys
from store.migrate import migrate

_SQLITE, _POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
_TABLES = {"cases", "case_log", "events", "outbox", "receipts"}


class BackupError(RuntimeError):
    """It cannot be done; the text says why, and what stands there stands as before."""


def backup(url: str, file: Path) -> None:
    """Write the database as it is at one moment into `file`, while it is in use; all of the file appears, or none.

    SQLite: its online backup, a database of its own. PostgreSQL: `pg_dump`, custom format. Raises BackupError.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # it holds people's lives
        source = file_of(url)
        if source is None:
            _tool("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
        else:
            if file.exists() and source.exists() and file.samefile(source):
                raise BackupError(f"{file} is the database itself")
            _copy(source, part)
        _sync(part)
        part.replace(file)
        _sync(file.parent)
    finally:
        part.unlink(missing_ok=True)


class Restored(NamedTuple):
    """`kept`: the name of the database that was there; None: there was none. `keys`: whether what is known of gateways,
    their keys and their revocations, is its; else it is the backup's."""

    kept: str | None
    keys: bool


def restore(url: str, file: Path, at: datetime) -> Restored:
    """Put what `backup` wrote into `file` in the database's place, at the newest schema and in a new epoch.

    The database that was there is kept under another name; what it knows of gateways is taken over, or a revoked key
    would be good again. Nothing may use it meanwhile. Until the new one is whole and checked the old one is not
    touched. Raises BackupError.
    """
    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    try:
        with file.open("rb") as opened:
            head = opened.read(16)
    except OSError as error:
        raise BackupError(f"{file}: {error.strerror}") from error
    place = file_of(url)
    if not head.startswith(_SQLITE if place else _POSTGRESQL):
        raise BackupError(f"{file} is no backup of a {'SQLite' if place else 'PostgreSQL'} database")
    keys = _keys_of(url)
    kept = _restore_sqlite(place, file, stamp, keys) if place else _restore_postgresql(url, file, stamp, keys)
    return Restored(kept, keys is not None)


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    parsed = sa.make_url(url)
    return Path(parsed.database or "").resolve() if parsed.get_backend_name() == "sqlite" else None


def _keys_of(url: str) -> Keys | None:
    """What a database knows of gateways; None: it is away, or damaged."""
    place = file_of(url)
    if place is not None and not place.exists():
        return None
    db = Database(url)
    try:
        with db.read() as tx:
            return read_keys(tx)
    except sa.exc.DBAPIError:
        return None
    finally:
        db.close()


def _make_current(url: str, file: Path, keys: Keys | None) -> None:
    db = Database(url)
    try:
        with db.read() as tx:
            if missing := _TABLES - set(sa.inspect(tx).get_table_names()):
                raise BackupError(f"{file} is no backup of a city: it has no {', '.join(sorted(missing))}")
        migrate(db)
        with db.write() as tx:
            renew(tx)
            if keys is not None:
                put_keys(tx, keys)
    finally:
        db.close()


# --- SQLite


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written)  # one step: one moment. Writers go on meanwhile; only their log is moved later.
            written.execute("PRAGMA journal_mode=DELETE")  # one file, and no others beside it
    except sqlite3.Error as error:
        raise BackupError(f"{source}: {error}") from error


def _restore_sqlite(place: Path, file: Path, stamp: str, keys: Keys | None) -> str | None:
    fresh = place.with_name(f"{place.name}.restoring")
    try:
        shutil.copyfile(file, fresh)
        fresh.chmod(0o600)
        try:
            with closing(sqlite3.connect(fresh)) as copy:
                found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{file} is damaged: {error}") from error
        if found != "ok":
            raise BackupError(f"{file} is damaged: {found}")
        _make_current(f"sqlite:///{fresh}", file, keys)
        _sync(fresh)
        kept = place.with_name(f"{place.name}.before-{stamp}") if place.exists() else None
        if kept is not None:
            _keep(place, kept)
        fresh.replace(place)
        _sync(place.parent)
        return str(kept) if kept else None
    finally:
        for name in ("", "-wal", "-shm", "-turn", "-write"):
            fresh.with_name(fresh.name + name).unlink(missing_ok=True)


def _keep(place: Path, kept: Path) -> None:
    """Give the old database a second name. Its own stays until the new one takes it over in one step."""
    try:
        with closing(sqlite3.connect(place)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # damaged: that may be why it is replaced. Its log is kept with it.
    os.link(place, kept)
    for name in ("-wal", "-shm"):
        beside = place.with_name(place.name + name)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + name))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- PostgreSQL


def _restore_postgresql(url: str, file: Path, stamp: str, keys: Keys | None) -> str | None:
    parsed = sa.make_url(url)
    name = parsed.database or ""
    fresh, kept = f"{name[:40]}_restoring_{stamp.lower()}", f"{name[:40]}_before_{stamp.lower()}"
    fresh_url = parsed.set(database=fresh).render_as_string(hide_password=False)
    with _server(url) as server, ExitStack() as undo:
        server.execute(_said("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", fresh))
        undo.callback(server.execute, _said("DROP DATABASE IF EXISTS {}", fresh))
        tolerant_of_nothing = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
        _tool("pg_restore", fresh_url, *tolerant_of_nothing, str(file))
        _make_current(fresh_url, file, keys)
        there = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        stood = server.scalar(there, {"name": name}) is not None
        with server.engine.execution_options(isolation_level="READ COMMITTED").begin() as together:
            if stood:
                together.execute(_said("ALTER DATABASE {} RENAME TO {}", name, kept))
            together.execute(_said("ALTER DATABASE {} RENAME TO {}", fresh, name))
        undo.pop_all()
    return kept if stood else None


@contextmanager
def _server(url: str) -> Iterator[sa.Connection]:
    """The server itself, where databases are made and renamed: a database in use cannot be."""
    maintenance = sa.make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = sa.create_engine(maintenance, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as server:
            yield server
    except sa.exc.DBAPIError as error:
        raise BackupError(f"PostgreSQL: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()


def _said(statement: str, *names: str) -> sa.TextClause:
    quoted = sql.SQL(statement).format(*(sql.Identifier(name) for name in names)).as_string(None)
    return sa.text(quoted.replace(":", r"\:"))


def _tool(program: str, url: str, *words: str) -> None:
    """Run one of PostgreSQL's programs against a database; the password is never on a command line."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(4), reverse=True)
    path = next((found for home in (*homes, None) if (found := shutil.which(program, path=home and str(home)))), None)
    if path is None:
        raise BackupError(f"{program} is not installed (Debian: postgresql-client)")
    parsed = sa.make_url(url)
    bare = sa.URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, dict(parsed.query)
    ).render_as_string()
    password = {} if parsed.password is None else {"PGPASSWORD": str(parsed.password)}
    done = subprocess.run(
        [path, f"--dbname={bare}", *words],
        env={**os.environ, **password}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip() or f'ended with {done.returncode}'}")
