"""The fold on both databases: what it keeps for others to read is up to date although the city has fallen silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anomaly.engine import Engine
from core.clock import ManualClock
from core.events import Event, Motion
from core.people import Home
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
