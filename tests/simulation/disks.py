"""The city's database and a home's outbox, real ones, whose commits fail, stay unknown, or are the last thing done."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.people import Home, Member, Reach, Role
from gateway.outbox import Outbox
from store.database import Database
from store.migrate import migrate
from store.people import put_home, put_member
from tests.simulation.timeline import ORIGIN

AREA = "gwangju/nam-gu/bongseon-1-dong"
HOMES = [Home(id=f"home-{n}", gateway=f"gw-{n:04}", area=AREA) for n in (1, 2, 3)]
MEMBERS = [
    Member("kim", "김매니저", Role.MANAGER, "gwangju/nam-gu", reach=(Reach("phone", "kim"),)),
    Member("choi", "최매니저", Role.MANAGER, "gwangju/nam-gu", reach=(Reach("phone", "choi"), Reach("mail", "choi"))),
    Member("lee", "이책임", Role.SUPERVISOR, "gwangju", reach=(Reach("phone", "lee"), Reach("mail", "lee"))),
    Member("park", "박당직", Role.DUTY, "gwangju", reach=(Reach("mail", "park"),)),
]


class DiskFates(Protocol):
    """What the world decides for disks."""

    def begin(self) -> None:
        """Before a transaction: others may come first, for as long as a process stands still."""

    def reach(self) -> None:
        """Before a transaction's end, and before a reading: may raise, and then nothing has happened."""

    def committed(self) -> None:
        """May raise: it is committed, and nobody hears of it."""

    def synced(self) -> None:
        """The disk has it."""


class ShakyDatabase(Database):
    """SQLite on a file, renewed for each seed from a template; a loss of power takes what was not synced.

    The same object serves all seeds: its compiled statements are most of what a new one costs.
    """

    fates: DiskFates | None = None

    def __init__(self, folder: Path) -> None:
        self._file, self._template = folder / "city.db", folder / "template.db"
        self._wal_file = folder / "city.db-wal"
        super().__init__(f"sqlite:///{self._file}")
        self._synced_bytes = 0
        migrate(self)
        with self.write() as tx:
            for home in HOMES:
                put_home(tx, self.backend, home, ORIGIN)
            for member in MEMBERS:
                put_member(tx, self.backend, member)
        self.close()
        shutil.copy(self._file, self._template)

    def renew(self, schema: Sequence[str] = ()) -> None:
        """As it was before the first event, but for changes of the schema."""
        self._replace(self._template, b"")
        with self.write() as tx:
            for statement in schema:
                tx.exec_driver_sql(statement)

    def lose_power(self) -> None:
        """What was not synced is gone: of SQLite's log only what was there at the last sync."""
        kept = self._wal_file.read_bytes()[: self._synced_bytes] if self._wal_file.exists() else b""
        with tempfile.TemporaryDirectory(dir=self._file.parent) as folder:
            copy = Path(folder) / "kept.db"
            shutil.copy(self._file, copy)
            self._replace(copy, kept)

    def _replace(self, file: Path, log: bytes) -> None:
        self.close()
        Path(f"{self._file}-shm").unlink(missing_ok=True)
        shutil.copy(file, self._file)
        self._wal_file.write_bytes(log)
        self._synced_bytes = len(log)

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Connection]:
        if self.fates is not None:
            self.fates.begin()
        with super().write(synced=synced) as tx:
            yield tx
            if self.fates is not None:
                self.fates.reach()
        if synced:
            self._note()
        if self.fates is not None:
            self.fates.committed()

    def sync(self) -> None:
        super().sync()
        self._note()
        if self.fates is not None:
            self.fates.synced()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        if self.fates is not None:
            self.fates.reach()
        with super().read() as tx:
            yield tx

    def _note(self) -> None:
        self._synced_bytes = self._wal_file.stat().st_size if self._wal_file.exists() else 0

    @property
    def all_synced(self) -> bool:
        """Whether a loss of power would take nothing."""
        return not self._wal_file.exists() or self._wal_file.stat().st_size == self._synced_bytes


class ShakyOutbox(Outbox):
    """A home's own disk."""

    fates: DiskFates | None = None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with super()._transaction():
            yield
            if self.fates is not None:
                self.fates.reach()
        if self.fates is not None:
            self.fates.committed()


def away(why: str) -> sa.exc.OperationalError:
    """What a database that cannot be reached raises."""
    return sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError(why))
