"""Which homes can be heard, on both databases: seen within seconds, across restarts, whatever else is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.clock import ManualClock
from core.events import Event, Heartbeat, Motion, Payload
from core.people import Home
from ingest.watch import Watch
from store import log, people
from store.database import Database
from store.unheard import count_unheard, unheard, unheard_homes

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
BEATING, PLAIN, SHUT = (
    Home("home-1", "gw-0001", "gwangju/nam-gu", "김순자"),
    Home("home-2", "gw-0002", "gwangju/nam-gu"),
    Home("home-3", "gw-0003", "gwangju/nam-gu", consent=False),
)


class City:
    """A watch and its clock, which ticks in seconds from NOW."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.seq = db, ManualClock(NOW), 0
        with db.write() as tx:
            for home in (BEATING, PLAIN, SHUT):
                assert people.put_home(tx, db.backend, home, NOW) is None
        self.start()

    def start(self) -> None:
        self.watch = Watch(self.db, lambda *_: None, self.clock, snapshot_s=10.0)

    def at(self, second: float) -> datetime:
        """Let time pass to then."""
        now = NOW + timedelta(seconds=second)
        self.clock.set(now)
        self.watch.step()
        return now

    def say(self, home: Home, data: Payload, kind: str, ago_s: float = 0.0, device: str = "gateway") -> None:
        self.seq += 1
        now = self.clock.now()
        at = now - timedelta(seconds=ago_s)
        event = Event(f"e-{self.seq}", home.gateway, device, kind, at, data, "b1", self.seq)
        with self.db.write() as tx:
            log.append(tx, [log.Entry(event, home.id, now)])

    def unheard(self) -> dict[str, datetime | None]:
        with self.db.read() as tx:
            return unheard(tx)


def test_a_home_is_seen_as_lost_after_its_third_missed_heartbeat_and_as_found_with_its_next_word(db: Database) -> None:
    city = City(db)
    last = NOW
    for second in range(0, 301, 30):
        last = city.at(second)
        city.say(BEATING, Heartbeat(every_s=30), "heartbeat")
    city.at(389)
    assert city.unheard() == {"home-2": None}
    city.at(391)
    assert city.unheard() == {"home-1": last, "home-2": None}
    with db.read() as tx:
        assert count_unheard(tx) == (1, 1)
        assert [tuple(row) for row in unheard_homes(tx)] == [
            ("home-1", "gwangju/nam-gu", "김순자", last),
            ("home-2", "gwangju/nam-gu", "", None),
        ]
    city.at(400)
    city.say(BEATING, Motion("kitchen"), "motion", ago_s=86_400.0)  # a backlog is heard, however old
    city.at(401)
    assert city.unheard() == {"home-2": None}


def test_without_heartbeats_a_day_may_pass(db: Database) -> None:
    city = City(db)
    city.say(PLAIN, Motion("kitchen"), "motion")
    city.at(86_399)
    assert "home-2" not in city.unheard()
    city.at(86_401)
    assert city.unheard()["home-2"] == NOW


def test_a_restart_knows_what_was_heard_and_what_was_written(db: Database) -> None:
    city = City(db)
    for second in range(0, 301, 30):
        city.at(second)
        city.say(BEATING, Heartbeat(every_s=30), "heartbeat")
    city.at(350)
    city.start()
    city.at(389)
    assert "home-1" not in city.unheard()
    city.at(391)
    assert city.unheard()["home-1"] == NOW + timedelta(seconds=300)
    city.start()
    city.at(395)
    city.say(BEATING, Heartbeat(every_s=30), "heartbeat")
    city.at(396)
    assert "home-1" not in city.unheard()


def test_of_whom_nobody_listens_nothing_is_said(db: Database) -> None:
    city = City(db)
    city.at(10)
    assert "home-3" not in city.unheard()
    with db.write() as tx:
        people.put_home(tx, db.backend, Home("home-2", "gw-0002", "gwangju/nam-gu", consent=False), city.clock.now())
    city.at(20)
    assert city.unheard() == {"home-1": None}
