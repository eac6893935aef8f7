"""The fold on both databases: what it keeps for others to read is up to date although the city has fallen silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from anomaly.engine import Engine
from core.clock import ManualClock
from core.events import Event, Motion
from core.people import Home
from core.signals import Signal
from ingest.watch import FOLD, Watch
from store import log, people
from store.database import Database

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
HOME = Home("home-1", "gw-0001", "gwangju/nam-gu")


def test_the_next_alarm_is_that_of_the_last_movement(db: Database) -> None:
    clock = ManualClock(NOW)
    with db.write() as tx:
        assert people.put_home(tx, db.backend, HOME, NOW) is None
    watch = Watch(db, lambda *_: None, clock)
    for minute in range(30):
        at = NOW + timedelta(minutes=minute)
        clock.set(at)
        event = Event(f"e-{minute}", "gw-0001", "pir", "motion", at, Motion("kitchen"), "b1", minute + 1)
        if minute < 20:
            with db.write() as tx:
                log.append(tx, [log.Entry(event, "home-1", at)])
        watch.step()
    with db.read() as tx:
        kept = log.snapshot(tx, FOLD)
    assert kept is not None
    seen, known = Engine.restore(kept[1]).view("home-1"), watch.engine.view("home-1")
    assert seen["last_human"] == known["last_human"] == NOW + timedelta(minutes=19)
    assert seen["next_alarm_at"] == known["next_alarm_at"] is not None


def test_what_was_found_while_the_database_went_away_is_told_when_it_is_back(db: Database) -> None:
    """The engine raises a signal once: nobody would ever hear of it again."""
    clock, told = ManualClock(NOW), list[str]()
    away = True

    def sink(_tx: Connection, signal: Signal, _home: Home | None, _now: datetime) -> None:
        if away:
            raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))
        told.append(signal.key)

    with db.write() as tx:
        assert people.put_home(tx, db.backend, HOME, NOW) is None
        event = Event("e-1", "gw-0001", "pir", "motion", NOW, Motion("kitchen"), "b1", 1)
        log.append(tx, [log.Entry(event, "home-1", NOW)])
    watch = Watch(db, sink, clock)
    watch.step()
    clock.set(NOW + timedelta(days=3))
    for _ in range(2):
        with pytest.raises(OperationalError):
            watch.step()
    away = False
    watch.step()
    alone, heard = Engine([HOME]), list[Signal]()
    with db.read() as tx:
        heard += alone.feed(log.read(tx, 0, 10))
    heard += alone.advance(clock.now())
    assert told == [signal.key for signal in heard]
    assert told
    watch.step()
    assert len(told) == len(heard), "and once"
