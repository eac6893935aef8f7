"""A backup is one moment of a city that goes on, and a restore loses nothing that stood there before it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from msgspec.structs import replace

from app.place import AlreadyRunning, Place
from app.restore import restore as restore_city
from app.settings import Settings
from core.clock import wall_now
from core.events import Event, SosPressed
from core.people import Home
from store import backup as store_backup
from store import log, people
from store.backup import BackupError, backup, restore
from store.database import Database
from store.epoch import epoch
from store.gateways import Gateway, claim, history, knows, put_in_force, register, revoke, rotate
from store.migrate import config, migrate
from store.tables import events
from tests.servers import Postgres

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HOME = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon-1-dong")


def press(db: Database, seq: int) -> None:
    event = Event(f"e-{seq}", HOME.gateway, "button", "sos", NOW, SosPressed(), "b1", seq)
    with db.write() as tx:
        log.append_one(tx, log.Entry(event, HOME.id, NOW))


def pressed(url: str) -> list[int]:
    db = Database(url)
    with db.read() as tx:
        found = list(tx.scalars(sa.select(events.c.seq).order_by(events.c.seq)))
    db.close()
    return found


@pytest.fixture
def city_db(database_url: str) -> Iterator[Database]:
    db = Database(database_url)
    migrate(db)
    with db.write() as tx:
        assert people.put_home(tx, db.backend, HOME, NOW) is None
    yield db
    db.close()


def another(url: str, name: str) -> str:
    """The URL of the database that a restore has kept."""
    return f"sqlite:///{name}" if url.startswith("sqlite") else url.rpartition("/")[0] + f"/{name}"


def test_a_restore_brings_back_the_moment_in_a_new_epoch_and_keeps_what_stood_there(
    city_db: Database, tmp_path: Path
) -> None:
    file = tmp_path / "kept" / "city.backup"
    file.parent.mkdir()
    press(city_db, 1)
    with city_db.read() as tx:
        before = epoch(tx)
    backup(city_db.url, file)
    assert file.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    press(city_db, 2)
    city_db.close()
    kept, keys = restore(city_db.url, file, NOW)
    assert keys
    assert kept is not None
    assert pressed(city_db.url) == [1]
    assert pressed(another(city_db.url, kept)) == [1, 2], "nothing is lost"
    with city_db.read() as tx:
        after = epoch(tx)
        assert people.all_homes(tx) == [HOME]
    assert after != before
    city_db.close()
    again = restore(city_db.url, file, NOW.replace(hour=6)).kept
    assert again not in (None, kept)
    with city_db.read() as tx:
        assert epoch(tx) not in (before, after), "each restore is an epoch of its own"


def claimed(db: Database, id: str, secret: str) -> None:
    with db.write() as tx:
        code = register(tx, id, f"SN-{id}", "an operator", NOW)
        assert isinstance(code, str)
        assert isinstance(claim(tx, f"SN-{id}", code, secret, NOW), Gateway)


def test_a_restore_gives_no_revoked_key_back_and_takes_no_new_one_away(city_db: Database, tmp_path: Path) -> None:
    lost, kept, fresh = (letter * 43 for letter in "lkf")
    claimed(city_db, "gw-lost", lost)
    claimed(city_db, "gw-kept", kept)
    backup(city_db.url, tmp_path / "city.backup")
    with city_db.write() as tx:
        assert revoke(tx, "gw-lost", "an operator", NOW) is None
        rotate(tx, "gw-kept", fresh, NOW)
        put_in_force(tx, "gw-kept", NOW)
    claimed(city_db, "gw-late", lost)
    city_db.close()
    assert restore(city_db.url, tmp_path / "city.backup", NOW).keys
    with city_db.read() as tx:
        assert knows(tx, "gw-lost", lost) is None
        assert knows(tx, "gw-kept", kept) is None
        assert knows(tx, "gw-kept", fresh) is not None
        assert knows(tx, "gw-late", lost) is not None
        assert [change.what for change in history(tx, "gw-lost")] == ["registered", "claimed", "revoked"]
    with city_db.write() as tx:
        assert revoke(tx, "gw-late", "an operator", NOW) is None, "and the history goes on"


def test_keys_are_the_backups_where_the_former_database_cannot_be_read(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    claimed(db, "gw-kept", "k" * 43)
    backup(db.url, tmp_path / "city.backup")
    db.close()
    (tmp_path / "anbu.db").write_bytes(b"no database at all")
    assert not restore(db.url, tmp_path / "city.backup", NOW).keys
    with db.read() as tx:
        assert knows(tx, "gw-kept", "k" * 43) is not None
    db.close()


def test_a_backup_is_one_moment_while_others_write(city_db: Database, tmp_path: Path) -> None:
    over = threading.Event()

    def write() -> None:
        seq = 0
        while not over.is_set():
            seq += 1
            press(city_db, seq)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            backup(city_db.url, tmp_path / f"{n}.backup")
    finally:
        over.set()
        writer.join()
    city_db.close()
    lengths = []
    for n in range(3):
        restore(city_db.url, tmp_path / f"{n}.backup", NOW.replace(minute=n))
        found = pressed(city_db.url)
        assert found == list(range(1, len(found) + 1)), "no press without those before it"
        lengths.append(len(found))
    assert lengths == sorted(lengths)


def test_what_is_no_backup_changes_nothing(city_db: Database, tmp_path: Path) -> None:
    press(city_db, 1)
    good, bad = tmp_path / "good.backup", tmp_path / "bad.backup"
    backup(city_db.url, good)
    whole = good.read_bytes()
    if city_db.backend == "sqlite":
        empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        with empty.write() as tx:
            tx.exec_driver_sql("CREATE TABLE t (x)")
        empty.close()
        none_of_ours = tmp_path / "empty.backup"
        backup(empty.url, none_of_ours)
        broken = bytearray(whole)
        broken[4096 : 3 * 4096] = bytes(2 * 4096)
        cases = [b"", b"hello", b"PGDMP and so on", whole[: len(whole) // 2], bytes(broken), none_of_ours.read_bytes()]
    else:
        cases = [b"", b"hello", b"SQLite format 3\0", whole[: len(whole) // 2]]
    city_db.close()
    for bytes_ in cases:
        bad.write_bytes(bytes_)
        with pytest.raises(BackupError):
            restore(city_db.url, bad, NOW)
        assert pressed(city_db.url) == [1]
    with pytest.raises(BackupError, match="No such file"):
        restore(city_db.url, tmp_path / "nowhere", NOW)
    if city_db.backend == "sqlite":
        assert not list(tmp_path.glob("anbu.db.*")), "nothing is left behind"


def test_a_backup_of_a_newer_program_serves_too(city_db: Database, tmp_path: Path) -> None:
    press(city_db, 1)
    with city_db.write() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")  # migrations only add
    backup(city_db.url, tmp_path / "new.backup")
    city_db.close()
    restore(city_db.url, tmp_path / "new.backup", NOW)
    assert pressed(city_db.url) == [1]


def test_a_backup_of_an_older_program_is_brought_up(city_db: Database, tmp_path: Path) -> None:
    press(city_db, 1)
    with city_db.write() as tx:
        command.downgrade(config(tx), "0003")
    backup(city_db.url, tmp_path / "old.backup")
    city_db.close()
    restore(city_db.url, tmp_path / "old.backup", NOW)
    with city_db.read() as tx:
        assert epoch(tx)
    assert pressed(city_db.url) == [1]


def test_a_city_that_runs_is_not_restored(city_db: Database, tmp_path: Path) -> None:
    file = tmp_path / "city.backup"
    backup(city_db.url, file)
    settings = Settings(database_url=city_db.url, data_dir=str(tmp_path / "place"))
    lock = Place(settings).lock()
    with pytest.raises(AlreadyRunning):
        restore_city(settings, file)
    os.close(lock)
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.5):
            with city_db.write() as tx:
                log.beat(tx, "watch", wall_now(), {})

    with city_db.write() as tx:
        log.beat(tx, "watch", wall_now(), {})
    part = threading.Thread(target=work)
    part.start()
    try:
        with pytest.raises(AlreadyRunning, match="watch"):
            restore_city(settings, file)
    finally:
        over.set()
        part.join()
    city_db.close()
    assert restore_city(settings, file).kept, "a worker that has just ended is not waited for longer than it beats"


def test_without_postgresqls_programs_it_says_which_one_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store_backup.shutil, "which", lambda *_args, **_more: None)
    with pytest.raises(BackupError, match="pg_dump is not installed"):
        backup("postgresql://nobody@127.0.0.1:1/none", tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_a_damaged_database_is_replaced_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "anbu.db"
    db = Database(f"sqlite:///{path}")
    migrate(db)
    with db.write() as tx:
        people.put_home(tx, db.backend, replace(HOME, resident="김영순"), NOW)
    file = tmp_path / "city.backup"
    backup(db.url, file)
    db.close()
    path.write_bytes(b"not a database at all")
    kept = restore_city(Settings(data_dir=str(tmp_path)), file).kept
    assert kept is not None
    assert Path(kept).read_bytes() == b"not a database at all"
    with db.read() as tx:
        assert people.all_homes(tx)[0].resident == "김영순"
    db.close()


def test_a_postgresql_that_is_in_use_stays_as_it_is(postgres: Postgres, tmp_path: Path) -> None:
    db = Database(postgres.database())
    migrate(db)
    press(db, 1)
    backup(db.url, tmp_path / "city.backup")
    with db.read(), pytest.raises(BackupError, match="being accessed by other users"):
        restore(db.url, tmp_path / "city.backup", NOW)
    assert pressed(db.url) == [1]
    db.close()
    names = sa.text("SELECT datname FROM pg_database WHERE datname LIKE '%restoring%'")
    with sa.create_engine(postgres.url("postgres")).connect() as server:
        assert server.execute(names).all() == [], "and nothing is left behind"
