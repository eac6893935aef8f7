"""The learned deadline in the engine: when it asks, what it learns from, and what it leaves alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from msgspec.structs import replace

from anomaly.deadlines import QUESTIONS
from anomaly.detectors.ceiling import CEILING_S
from anomaly.detectors.habit import NIGHT_H, NIGHT_S, PROVEN
from anomaly.engine import Engine
from anomaly.prior import shipped
from anomaly.time import local
from app.bench.detection import protocol
from app.bench.detection.ours import learned
from app.bench.detection.streams import load, rows_of
from core.events import Absence, Answer, Contact, LogRow, Motion, SosPressed
from core.people import Home, Risk
from core.signals import Concern, Sense, Signal, Urgency
from simulators.home import Dwelling, life
from simulators.routine import Habits
from tests.checks import START, at, beats, every, log, raised, row, run, told

AREA = "gwangju/nam-gu/bongseon"
HOME = Home("home-1", "gw-1", AREA)


def moved(hours: float, room: str = "kitchen") -> LogRow:
    return row("home-1", hours, Motion(room), device=f"{room}-pir")


def days(start: float, end: float, night: tuple[float, float] = (14.0, 22.0)) -> list[LogRow]:
    """Somebody who moves every ten minutes or so, but in the night (hours after midnight UTC: 23 to 7 in Seoul)."""
    rng = Random(7)
    hours = every(10, start, end, lambda h: moved(h + rng.uniform(0, 0.1), rng.choice(("kitchen", "living"))))
    return [r for r in hours if not night[0] <= ((r.at - START).total_seconds() / 3600) % 24 < night[1]]


def asked(found: Iterable[Signal], since: float = -1e6) -> list[Signal]:
    """The questions from so many hours on: in its first nights a home that never stirs is not known yet."""
    return [s for s in raised(found) if s.source == "habit" and s.at >= at(since)]


def silent(found: Iterable[Signal], since: float) -> list[Signal]:
    return [s for s in raised(found) if s.at >= at(since)]


def test_who_is_still_at_an_unusual_hour_is_asked_long_before_the_ceiling_and_the_reason_is_told() -> None:
    last = 10 * 24 + 3.0  # noon in Seoul, ten days in
    found, engine = run(log(days(0, last), beats("home-1", 0, last + 14, 900)), last + 14, homes=[HOME])
    first, ceiling = silent(found, last)
    assert (first.concern, first.urgency, first.source) == (Concern.INACTIVITY, Urgency.SOON, "habit")
    assert at(last + 0.5) < first.at < at(last + 4)
    assert ceiling.source == "ceiling"
    assert "nine in ten" in told(first)
    numbers = first.evidence[1].numbers
    assert 0 < float(numbers["usual"]) < (first.at - at(last)).total_seconds()
    assert float(numbers["rarity"]) > 5
    assert not engine.faults


def test_the_next_alarm_is_the_earlier_of_habit_and_ceiling() -> None:
    last = 10 * 24 + 3.0
    found, engine = run(log(days(0, last), beats("home-1", 0, last + 0.2, 900)), homes=[HOME])
    due = engine.view("home-1")["next_alarm_at"]
    (signal,) = asked(engine.feed(log(beats("home-1", last + 0.2, last + 5, 900))))
    assert signal.at == due
    assert not asked(found, last)


def test_the_same_stillness_in_the_night_is_sleep() -> None:
    found, _ = run(log(days(0, 15 * 24), beats("home-1", 0, 15 * 24, 900)), homes=[HOME])
    assert not silent(found, 7 * 24)


def test_movement_or_an_answer_ends_it() -> None:
    last = 10 * 24 + 3.0
    lying = [*days(0, last), *beats("home-1", 0, last + 10, 900)]
    answer = LogRow(0, "home-1", "speaker", "answer", at(last + 5), at(last + 5), "a1", Answer("ask-1", "ok"))
    for end in (moved(last + 5), answer):
        found, _ = run(log(lying, end), homes=[HOME])
        assert [s.sense for s in found if s.source == "habit" and s.at >= at(last)][:2] == [Sense.RAISE, Sense.CLEAR]


def test_the_first_movements_of_a_home_are_not_judged() -> None:
    few = [moved(n / 60) for n in range(PROVEN)]
    found, _ = run(log(few, beats("home-1", 0, 11)), 11, homes=[HOME])
    assert not asked(found)
    found, _ = run(log(few, moved(PROVEN / 60), beats("home-1", 0, 11)), 11, homes=[HOME])
    assert len(asked(found)) == 1


@pytest.mark.parametrize("why", ["dark", "out"])
def test_what_cannot_be_a_persons_silence_is_not_counted(why: str) -> None:
    last = 10 * 24 + 3.0
    if why == "dark":
        rest = [*beats("home-1", 0, last, 900), *beats("home-1", last + 9, last + 9.5, 900)]
    else:
        rest = [
            *beats("home-1", 0, last + 9.5, 900),
            row("home-1", last + 0.01, Contact("front door", None), device="door"),
        ]
    found, _ = run(log(days(0, last), rest), last + 9.5, homes=[HOME])
    assert not asked(found, last)


def habit(engine: Engine, name: str) -> np.ndarray:
    return np.array(engine.rows.col[f"habit.{name}"][0])


DAY_8 = 8 * 24.0


def strange_day(rows: list[LogRow]) -> tuple[Engine, Engine]:
    """A week of life and an afternoon; the same with `rows` at its noon. Neither has seen the night yet."""
    week = [*days(0, DAY_8 + 13), *beats("home-1", 0, DAY_8 + 13, 900)]
    return run(log(week), homes=[HOME])[1], run(log(week, rows), homes=[HOME])[1]


@pytest.mark.parametrize(
    "rows",
    [
        [row("home-1", DAY_8 + 3, SosPressed(), device="button")],
        [LogRow(0, "home-1", "office", "absence", at(DAY_8 + 3), at(DAY_8 + 3), "n", Absence(True, at(DAY_8 + 3.1)))],
        [moved(DAY_8 + 3 + n / 60 + s / 3600, room) for n in range(20) for s, room in ((0, "kitchen"), (2, "living"))],
    ],
    ids=["alarm", "hospital", "visitors"],
)
def test_nothing_is_learned_for_the_rest_of_a_strange_day(rows: list[LogRow]) -> None:
    usual, strange = strange_day(rows)
    assert not habit(usual, "frozen")
    assert habit(strange, "frozen") >= at(DAY_8 + 3).timestamp()
    assert habit(strange, "ended").sum() < habit(usual, "ended").sum() - 20
    for engine in (usual, strange):
        engine.feed(log(beats("home-1", DAY_8 + 13, DAY_8 + 24, 900)))
    assert not habit(strange, "frozen"), "the next day counts again"
    assert habit(strange, "days") < habit(usual, "days") - 0.3


def test_rooms_seconds_apart_every_day_are_no_visitors() -> None:
    pairs = [r for h in range(8 * 24 + 10) for r in (moved(h, "kitchen"), moved(h + 2 / 3600, "living"))]
    lively = [r for n in range(12) for p in pairs for r in (shifted(p, n * 5 / 60),)]
    _, engine = run(log(lively, beats("home-1", 0, 8 * 24 + 10, 900)), homes=[HOME])
    assert not habit(engine, "frozen")


def shifted(one: LogRow, hours: float) -> LogRow:
    later = one.at + timedelta(hours=hours)
    return LogRow(0, one.home, one.device, one.kind, later, later, f"{one.event_id}+{hours:.3f}", one.data)


def test_what_was_told_is_not_taken_for_a_habit() -> None:
    """Ten noons of seven hours' stillness; each is told once, and the deadline hardly moves for them."""
    still = [
        r for r in days(0, 20 * 24) if not (r.at >= at(DAY_8) and 3 <= (r.at - START).total_seconds() / 3600 % 24 < 10)
    ]
    found, engine = run(log(still, beats("home-1", 0, 20 * 24, 900)), homes=[HOME])
    limits = habit(engine, "limit")[2] / 6
    assert len(asked(found, DAY_8)) >= 1
    assert limits[24] < 12, "noon in Seoul"
    record_h = habit(engine, "record").max(0) / 10
    assert record_h[2 * 16 : 2 * 18].max() < 7


def test_a_home_whose_silences_fit_nothing_falls_back_to_a_fixed_limit_and_says_so() -> None:
    _, engine = run(log(days(0, 9 * 24), beats("home-1", 0, 9 * 24, 900)), homes=[HOME])
    assert habit(engine, "limit").max() > 0
    engine.rows.col["habit.long"][0], engine.rows.col["habit.long_due"][0] = 10.0, 30.0
    found = engine.feed(log(days(9 * 24, 10 * 24 + 3), beats("home-1", 9 * 24, 11 * 24, 900)))
    assert (habit(engine, "limit") == 60).all()
    assert "do not fit" in told(asked(found)[0])


@pytest.mark.parametrize("month", [3, 10])
def test_the_night_comes_once_a_day_through_both_switches_of_the_clock(month: int) -> None:
    """London's nights of the switch and around it: each day is taken in once, between 2 and 6 by the clock there."""
    zone = ZoneInfo("Europe/London")
    begin = datetime(2026, month, 24, 12, tzinfo=zone).astimezone(UTC)
    homes = [Home(f"home-{n}", f"gw-{n}", AREA, timezone="Europe/London") for n in range(20)]
    engine = Engine(homes)
    rows = [
        LogRow(0, h.id, "pir", "motion", t, t, f"{h.id}-{n}", Motion("kitchen"))
        for n in range(9 * 24 * 2)
        for t in (begin + timedelta(minutes=30 * n),)
        for h in homes
    ]
    engine.advance(begin)
    engine.feed(rows)
    assert not engine.faults
    assert (engine.rows.col["habit.known"][: len(homes)] == 8).all() or set(
        engine.rows.col["habit.known"][: len(homes)].tolist()
    ) <= {8, 9}
    for night in engine.rows.col["habit.night"][: len(homes)].tolist():
        here = local(night, "Europe/London")
        assert NIGHT_H <= here.hour + here.minute / 60 < NIGHT_H + NIGHT_S / 3600


def test_homes_are_spread_over_the_night() -> None:
    homes = [Home(f"home-{n}", f"gw-{n}", AREA) for n in range(200)]
    engine = Engine(homes)
    engine.advance(START)
    engine.feed(log(row(h.id, 1 + n / 10, Motion("kitchen")) for h in homes for n in range(2)))
    nights = engine.rows.col["habit.night"][:200]
    assert np.diff(np.histogram(nights, 4)[0]).max() < 40
    assert nights.max() - nights.min() > 3 * 3600


def test_two_residents_are_told_honestly_and_a_door_is_not_everybody_leaving() -> None:
    last = 10 * 24 + 3.0
    two = Home("home-1", "gw-1", AREA, residents=2)
    door = row("home-1", last + 0.01, Contact("front door", None), device="door")
    found, _ = run(log(days(0, last), door, beats("home-1", 0, last + 10, 900)), homes=[two])
    (signal,) = asked(found, last)
    assert "2 people live here" in told(signal)


def test_a_home_with_a_budget_of_its_own_waits_as_long_as_that_says() -> None:
    """The same days: who may be asked more often is asked sooner, at every hour; without a speaker half an alarm."""
    rows = log(days(0, 10 * 24), beats("home-1", 0, 10 * 24, 900))
    budgets: list[dict[str, Any]] = [
        {"alarm_budget": 0.1}, {"speaker": False}, {"alarm_budget": 1.0}, {}, {"budget_factor": 2.0},
        {"alarm_budget": 20.0},
    ]  # fmt: skip
    limits = [habit(run(rows, homes=[replace(HOME, **budget)])[1], "limit") for budget in budgets]
    for fewer, more in pairwise(limits):
        assert (fewer >= more).all()
        assert fewer.sum() > more.sum()
    same = habit(run(rows, homes=[replace(HOME, alarm_budget=QUESTIONS, speaker=False, budget_factor=0.5)])[1], "limit")
    assert (same == limits[3]).all()


@pytest.mark.parametrize("risk", [Risk.NORMAL, Risk.HIGH])
def test_no_habit_moves_a_ceiling(risk: Risk) -> None:
    """Somebody who is still for eleven hours a day is asked never, and the ceiling holds all the same."""
    home = Home("home-1", "gw-1", AREA, risk=risk)
    rows = log(days(0, 30 * 24, night=(2.0, 13.0)), beats("home-1", 0, 31 * 24, 900))
    found, _ = run(rows, 31 * 24, homes=[home])
    last = [s for s in raised(found) if s.source == "ceiling"][-1]
    assert last.at <= at(30 * 24 + (12 if risk is Risk.NORMAL else 24))


def simulated(days_: int, seed: int, habits: Habits) -> list[LogRow]:
    since = datetime(2026, 1, 5, tzinfo=UTC)
    dwelling = Dwelling("home-1", "Asia/Seoul", (habits,), heartbeat_s=900.0, telemetry_s=3600.0)
    until = since + timedelta(days=days_)
    said = takewhile(lambda one: one.at < until, life(dwelling, seed, since, since))
    return [LogRow(n, "home-1", s.device, s.kind, s.at, s.at, str(n), s.data) for n, s in enumerate(said, 1)]


A_MONTH = {"habit": 1.5 * QUESTIONS, "mute": 0.5, "drift": 0.25}
"""What each detector may tell of a healthy home; all others nothing."""


def in_budget(days_: int, seed: int, habits: Habits) -> None:
    engine = Engine([HOME])
    found = raised(engine.feed(simulated(days_, seed, habits)))
    assert not engine.faults
    told = Counter(signal.source for signal in found)
    months = days_ / 30.44
    assert {name: n for name, n in told.items() if n > max(1.0, A_MONTH.get(name, 0.0) * months)} == {}
    assert told.keys() <= A_MONTH.keys()


def test_two_healthy_months_stay_within_the_budget() -> None:
    in_budget(60, 1, Habits())


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "habits", [Habits(), Habits(busy=0.4, outings=1.5), Habits(wake_h=9, sleep_h=24.5, night_trips=3)]
)
def test_a_healthy_year_stays_within_the_budget(seed: int, habits: Habits) -> None:
    in_budget(365, seed, habits)


@pytest.mark.recorded
@pytest.mark.parametrize(
    "name", ["f220c", *(pytest.param(name, marks=pytest.mark.long) for name in ("8a835", "93c14", "c8574"))]
)
def test_the_engine_asks_when_the_benchmark_says_so(tihm: Path, name: str) -> None:
    """Recorded homes: as many silences told live as the protocol counts under the ceiling. A day ends later live,
    and strange ones teach nothing.
    """
    stream = load([tihm / "activity.csv.gz"], "Europe/London")[name]
    engine = Engine([Home(name, f"gw-{name}", AREA, timezone="Europe/London")])
    found = raised(engine.feed(rows_of([stream], 0, np.inf)), Concern.INACTIVITY)
    live = len({s.key.rpartition("/")[2] for s in found})
    deadline_s = np.where(stream.exit, np.inf, np.minimum(learned(stream, shipped(), (QUESTIONS,))[0], CEILING_S))
    assert abs(live - protocol.score(protocol.cut(stream), deadline_s).home) <= 1
