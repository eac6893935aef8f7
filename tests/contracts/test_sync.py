"""What is acknowledged is on the disk, and no SOS waits for the bulk's disk."""

from __future__ import annotations

import fcntl
import glob
import os
import threading
from pathlib import Path

import pytest

from alerts.desk import Desk
from alerts.policy import load
from core.clock import SystemClock, wall_now
from core.events import Event, Lane, Motion, SosPressed
from core.people import Home
from ingest.loop import Ingest
from store import log, people, wal
from store.database import Database
from store.migrate import migrate
from tests.contracts.test_session import connected, send_to
from tests.waiting import wait_until
from wire.codec import encode
from wire.mosquitto import Mosquitto
from wire.session import Session
from wire.topics import subscriptions, up

HOME = Home("h-1", "gw-1", "gwangju/nam-gu/bongseon-1-dong", speaker=False)


def lock_is_free(path: Path) -> bool:
    file = os.open(f"{path}-write", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


@pytest.mark.parametrize("lane", [Lane.SOS, Lane.EVENT])
def test_commit_then_disk_then_acknowledgement(
    lane: Lane, tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "anbu.db"
    db = Database(f"sqlite:///{path}")
    migrate(db)
    with db.write() as tx:
        people.put_home(tx, db.backend, HOME, wall_now())
    session = connected(Session(mosquitto.url, "city", subscribe=subscriptions(lane)))
    ingest = Ingest(db, session, Desk(load(None)), SystemClock(), prompt=lane is Lane.SOS)
    happened: list[str] = []
    sync, ack = wal._sync_data, Session.ack

    def watched_sync(file: int) -> None:
        assert lock_is_free(path), "whoever wants to write waits for the disk"
        with db.read() as tx:
            assert log.head(tx) == 1, "synced before the commit"
        happened.append("disk")
        sync(file)

    def watched_ack(self: Session, deliveries: list[object]) -> None:
        happened.append("acknowledgement")
        ack(self, deliveries)  # type: ignore[arg-type]  # a spy

    monkeypatch.setattr(wal, "_sync_data", watched_sync)
    monkeypatch.setattr(Session, "ack", watched_ack)
    body = SosPressed() if lane is Lane.SOS else Motion("kitchen")
    event = Event("e-1", HOME.gateway, "d-1", "sos" if lane is Lane.SOS else "motion", wall_now(), body, "b1", 1)
    send_to(mosquitto.url, up(HOME.gateway, lane), encode(event))
    wait_until(lambda: bool(ingest.step(0.02)))
    assert happened == (["acknowledgement"] if lane is Lane.SOS else ["disk", "acknowledgement"])
    db.close()


def test_what_is_not_said_to_wait_is_synced_by_its_commit(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    modes = []
    for synced in (True, False, True):
        with db.write(synced=synced) as tx:
            modes.append(tx.exec_driver_sql("PRAGMA synchronous").scalar_one())
    with db.write() as tx:
        modes.append(tx.exec_driver_sql("PRAGMA synchronous").scalar_one())
    full, normal = 2, 1
    assert modes == [full, normal, full, full]
    db.close()


def test_a_database_behind_a_link_is_synced_too(tmp_path: Path) -> None:
    """SQLite keeps its log beside the file itself, not beside the link."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "anbu.db").touch()
    (tmp_path / "anbu.db").symlink_to(tmp_path / "disk" / "anbu.db")
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    with db.write(synced=False) as tx:
        log.count(tx, {("seen", ""): 1})
    db.sync()
    assert (tmp_path / "disk" / "anbu.db-wal").exists()
    db.close()
    db.sync()  # the last one out has moved the log into the database


def test_what_is_closed_and_whose_thread_has_ended_holds_no_file_open(tmp_path: Path) -> None:
    def held() -> int:
        return sum(path.startswith(str(tmp_path)) for path in map(os.path.realpath, glob.glob("/proc/self/fd/*")))

    def write() -> None:
        with db.write() as tx:
            tx.exec_driver_sql("SELECT 1")

    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    write()
    mine = held()
    for _ in range(5):
        other = threading.Thread(target=write)
        other.start()
        other.join()
    assert held() <= mine + 1, "five threads are gone; SQLite's pool keeps one connection"
    db.close()
    assert held() == 0
    write()
    db.close()
    assert held() == 0
