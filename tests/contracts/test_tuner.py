"""The tuner on both databases: which cases count, what a change writes, and what keeps it from being made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from alerts.desk import Desk
from alerts.policy import load
from anomaly.detectors.ceiling import ceiling_of
from core.clock import ManualClock
from core.events import Event, Motion
from core.people import Home, Risk
from core.signals import Concern, Evidence, Signal, Urgency
from ingest.tuner import Tuner
from store import log, people
from store.database import Database
from store.tunings import Tuning, all_tunings, put_tuning, silence_outcomes
from tests.conftest import on_sqlite_first

pytestmark = on_sqlite_first  # each replays weeks


NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
HOME = Home("home-1", "gw-0001", "gwangju/nam-gu", risk=Risk.HIGH, silence_ceiling_s=7200.0)
WHY = (Evidence("evidence.habit", {"usual": 3600, "rarity": 9, "days": 20}),)


class City:
    """A home that has moved every half hour for forty days, and the cases that a test makes of it."""

    def __init__(self, db: Database, home: Home = HOME) -> None:
        self.db, self.home, self.clock = db, home, ManualClock(NOW)
        self.desk = Desk(load(None))
        self.tuner = Tuner(db, self.desk.policy, self.clock)
        self._cases = 0
        with db.write() as tx:
            assert people.put_home(tx, db.backend, home, NOW - timedelta(days=100)) is None

    def live(self, days: float = 40) -> None:
        steps = [NOW - timedelta(minutes=30 * n) for n in range(round(days * 48), 0, -1)]
        events = [
            log.Entry(Event(f"e-{n}", self.home.gateway, "pir", "motion", at, Motion("kitchen"), "b1", n), "home-1", at)
            for n, at in enumerate(steps)
        ]
        with self.db.write() as tx:
            log.append(tx, events)

    def say(self, source: str, concern: Concern = Concern.INACTIVITY, urgency: Urgency = Urgency.SOON) -> Signal:
        self._cases += 1
        return Signal(f"{source}/home-1/{self._cases}", concern, urgency, NOW, WHY, source, home="home-1")

    def case(self, *signals: Signal, outcome: str = "safe", days_ago: float = 0) -> None:
        at = NOW - timedelta(days=days_ago)
        with self.db.write() as tx:
            for signal in signals:
                number = self.desk.signal(tx, signal, self.home, at)
                assert number is not None
            if outcome:
                self.desk.act(tx, number, "close", "kim", at, outcome=outcome, contact="phone")

    def cases(self, many: int, outcome: str, source: str = "habit") -> None:
        for _ in range(many):
            self.case(self.say(source), outcome=outcome)

    def tunings(self) -> list[Tuning]:
        with self.db.read() as tx:
            return all_tunings(tx, "home-1")

    def stored(self) -> Home:
        with self.db.read() as tx:
            found = people.home(tx, "home-1")
        assert found is not None
        return found


@pytest.fixture
def city(db: Database) -> City:
    return City(db)


def test_emergencies_that_a_habit_found_make_the_home_be_asked_sooner(city: City) -> None:
    city.live()
    city.cases(3, "true_emergency")
    with city.db.read() as tx:
        _, revision = people.homes_changed_since(tx, 0)
    assert city.tuner.step() == 0
    (tuning,) = city.tunings()
    assert (tuning.at, tuning.before, tuning.after, tuning.factor) == (NOW, 3.0, pytest.approx(4.8), 1.6)
    assert (tuning.reason, tuning.numbers["true"], tuning.numbers["false"]) == ("tuning.more", 3, 0)
    assert (tuning.replay["days"], round(tuning.replay["learned_days"])) == (30, 10)
    before, after = tuning.replay["delay_p50_h"]
    assert after <= before
    home = city.stored()
    assert home == replace(HOME, budget_factor=1.6)
    assert ceiling_of(home) == ceiling_of(HOME)
    with city.db.read() as tx:
        assert people.homes_changed_since(tx, revision)[0] == [home], "the watch hears of it"


def test_false_alarms_beyond_the_budget_make_the_home_be_asked_later(city: City) -> None:
    city.live()
    city.cases(30, "safe")
    city.tuner.step()
    (tuning,) = city.tunings()
    assert (tuning.reason, tuning.numbers["false"]) == ("tuning.fewer", 30)
    assert 0.5 <= tuning.factor < 0.8


def test_only_closed_silences_that_the_habit_opened_count(city: City) -> None:
    city.cases(2, "true_emergency", source="ceiling")
    city.cases(1, "technical")
    city.cases(1, "exercise")
    sos = city.say("reflex", Concern.SOS, Urgency.IMMEDIATE)
    city.case(sos, city.say("habit"), outcome="true_emergency")
    city.case(city.say("habit"), city.say("ceiling", urgency=Urgency.URGENT), outcome="true_emergency")
    city.case(city.say("habit"), outcome="true_emergency", days_ago=91)
    city.case(city.say("habit"), outcome="")
    with city.db.read() as tx:
        found = silence_outcomes(tx, "home-1", "habit", NOW - timedelta(days=90))
    assert found == {"technical": 1, "exercise": 1, "true_emergency": 1}


@pytest.mark.long
def test_a_home_is_changed_once_a_week_and_goes_back_when_its_cases_have_aged(city: City) -> None:
    city.live()
    city.cases(3, "true_emergency")
    city.tuner.step()
    city.cases(5, "true_emergency")
    for _ in range(3):
        city.clock.advance(2 * 86400)
        city.tuner.step()
    assert len(city.tunings()) == 1
    city.clock.advance(86400)
    city.tuner.step()
    assert [tuning.factor for tuning in city.tunings()] == [1.6, 2.0]
    city.clock.advance(90 * 86400)
    city.tuner.step()
    assert [tuning.reason for tuning in city.tunings()] == ["tuning.more", "tuning.more", "tuning.back"]
    assert city.stored().budget_factor == 1.0


def test_an_operators_budget_is_never_overruled_and_an_import_keeps_what_was_learned(city: City) -> None:
    city.live()
    city.cases(3, "true_emergency")
    city.tuner.step()
    with city.db.write() as tx:
        people.put_home(tx, city.db.backend, replace(HOME, alarm_budget=0.7, budget_factor=9.0), NOW)
    assert city.stored() == replace(HOME, alarm_budget=0.7, budget_factor=1.6)
    city.cases(5, "true_emergency")
    city.clock.advance(8 * 86400)
    city.tuner.step()
    assert len(city.tunings()) == 1


def test_what_an_operator_changes_during_the_replay_is_not_overwritten(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ingest.tuner

    city.live()
    city.cases(3, "true_emergency")
    theirs = replace(HOME, alarm_budget=0.7)
    replayed = ingest.tuner.what_if

    def meanwhile(*words: Any) -> object:
        with city.db.write() as tx:
            people.put_home(tx, city.db.backend, theirs, NOW)
        return replayed(*words)

    monkeypatch.setattr(ingest.tuner, "what_if", meanwhile)
    city.tuner.step()
    assert city.tunings() == []
    assert city.stored() == theirs


@pytest.mark.parametrize("days", [0.0, 40.0])
def test_without_a_log_to_replay_nothing_is_changed(city: City, days: float) -> None:
    """A log that holds nothing, or nothing of this home's last days while others speak."""
    city.live(days)
    city.cases(3, "true_emergency")
    if days:
        at = NOW + timedelta(days=31)
        other = log.Entry(Event("e-1", "gw-0002", "pir", "motion", at, Motion("hall"), "b1", 1), "home-2", at)
        with city.db.write() as tx:
            log.append(tx, [other])
    city.tuner.step()
    assert city.tunings() == []
    assert city.stored() == HOME


def test_a_change_and_its_row_are_one_transaction(city: City) -> None:
    tuning = Tuning("home-1", NOW, 3.0, 4.8, 1.6, "tuning.more", {"true": 3}, {"added": 0})
    try:
        with city.db.write() as tx:
            put_tuning(tx, tuning)
            raise RuntimeError("the power went")
    except RuntimeError:
        pass
    assert city.tunings() == []
    assert city.stored() == HOME
    with city.db.write() as tx:
        put_tuning(tx, tuning)
    assert city.tunings() == [tuning]


def test_a_step_replays_one_home_and_a_round_comes_to_all(db: Database) -> None:
    city = City(db)
    city.live()
    city.cases(3, "true_emergency")
    other = Home("home-2", "gw-0002", "gwangju")
    with db.write() as tx:
        people.put_home(tx, db.backend, other, NOW - timedelta(days=100))
        at = NOW - timedelta(days=5)
        for n in range(3):
            signal = Signal(f"habit/home-2/{n}", Concern.INACTIVITY, Urgency.SOON, at, WHY, "habit", home="home-2")
            number = city.desk.signal(tx, signal, other, at)
            assert number is not None
            city.desk.act(tx, number, "close", "kim", at, outcome="true_emergency", contact="visit")
        entry = log.Entry(Event("e-1", "gw-0002", "pir", "motion", at, Motion("hall"), "b1", 1), "home-2", at)
        log.append(tx, [entry])
    city.tuner.step()
    with db.read() as tx:
        assert [tuning.home for tuning in all_tunings(tx)] == ["home-1"]
    city.tuner.step()
    with db.read() as tx:
        assert [tuning.home for tuning in all_tunings(tx)] == ["home-1", "home-2"]
