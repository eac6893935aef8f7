"""What is unusual at night: a door at an hour at which it is never opened, and somebody who paces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from anomaly.detectors.absence import Absence
from anomaly.detectors.dark import Dark
from anomaly.detectors.pacing import Pacing
from anomaly.detectors.wandering import Wandering
from anomaly.engine import Engine
from anomaly.nights import closing, half_of
from core.events import Contact, LogRow, Motion
from core.people import Home
from core.signals import Concern, Sense, Signal, Urgency
from tests.checks import at, beats, every, log, raised, row, run, told

HOME = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon")
AT_RISK = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon", wandering=True)
COUPLE = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon", residents=2)
NIGHTS = (Absence(), Dark(), Wandering(), Pacing())


def clock(night: int, hour: float) -> float:
    """Hours after the start: that local hour of a night, the first being 0; the start is 09:00 local."""
    return 24 * night + (hour - 9) % 24


def moved(hours: float, room: str = "kitchen") -> LogRow:
    return row("home-1", hours, Motion(room), device=f"{room}-pir")


def door(hours: float, *, seen: float | None = None) -> LogRow:
    return row("home-1", hours, Contact("front door", None), device="door", seen=seen)


def quiet(nights: int) -> list[LogRow]:
    """Somebody who moves by day and never at night."""
    return [moved(24 * n + h) for n in range(nights) for h in (0.5, 4.5, 8.5, 12.5)]


def watch(rows: Sequence[LogRow], until: float, home: Home = HOME) -> tuple[list[Signal], Engine]:
    found, engine = run(rows, until, homes=[home], detectors=NIGHTS)
    assert not engine.faults
    return [s for s in found if s.source in ("wandering", "pacing")], engine


# Doors


@pytest.mark.parametrize("late", [False, True])
def test_an_opening_that_came_late_is_none_of_tonights(late: bool) -> None:
    opened = clock(3, 3.2)
    _, engine = watch(log(quiet(4), door(opened, seen=opened + 0.4 if late else None)), opened + 0.5)
    assert bool(engine.rows.col["wandering.tonight"][0]) is not late


@pytest.mark.parametrize("wandering", [False, True])
def test_a_home_that_moves_to_another_time_zone_loses_no_wandering(wandering: bool) -> None:
    opened = clock(30, 3.15)
    home = Home("home-1", "gw-1", HOME.area, wandering=wandering)
    engine = Engine([home], NIGHTS)
    engine.feed(log(quiet(30), moved(opened - 0.1), door(opened)))
    engine.advance(at(opened + 0.06))
    engine.set_home(Home("home-1", "gw-1", HOME.area, wandering=wandering, timezone="UTC"))
    assert [s.concern for s in raised(engine.advance(at(opened + 0.2)))] == [Concern.WANDERING]
    assert not engine.faults


@pytest.mark.parametrize(
    ("nights", "before", "after", "home", "raises"),
    [
        (30, [], [], HOME, True),
        (30, [], [moved(clock(30, 3.2))], HOME, False),  # back within five minutes
        (13, [], [], HOME, False),
        (30, [], [], COUPLE, False),
        (30, [door(clock(20, 3.3)), moved(clock(20, 3.32))], [], HOME, False),  # it was opened at this hour before
        (30, [door(clock(20, 3.6)), moved(clock(20, 3.62))], [], HOME, False),  # or in the half hour after
        (30, [door(clock(20, 4.1)), moved(clock(20, 4.12))], [], HOME, True),
        (30, [door(clock(20, 3.3), seen=clock(20, 6)), moved(clock(20, 6))], [], HOME, True),  # what came late is not
        (30, [moved(clock(30, 1)), door(clock(30, 1.1)), moved(clock(30, 1.15))], [], HOME, True),
    ],
)
def test_a_door_that_is_never_opened_at_this_hour(
    nights: int, before: list[LogRow], after: list[LogRow], home: Home, raises: bool
) -> None:
    opened = clock(nights, 3.15)
    rows = log(quiet(nights), before, moved(opened - 0.1), door(opened), after)
    found, _ = watch(rows, opened + 1, home)
    assert [(s.urgency, s.at) for s in raised(found)] == ([(Urgency.SOON, at(opened + 300 / 3600))] if raises else [])


def test_the_evidence_says_how_rare_it_is_and_the_return_that_it_is_over() -> None:
    opened = clock(30, 3.15)
    found, _ = watch(log(quiet(30), door(opened), moved(opened + 0.5)), opened + 1)
    (signal,) = raised(found, Concern.WANDERING)
    assert "Between 03:00 and 03:30" in told(signal)
    assert signal.evidence[1].numbers["nights"] == 30
    assert signal.evidence[1].numbers["opened"] == 0
    assert 1000 < float(signal.evidence[1].numbers["rarity"]) < 10_000
    assert [(s.sense, s.at) for s in found[1:]] == [(Sense.CLEAR, at(opened + 0.5))]


def test_who_comes_home_at_night_has_not_left() -> None:
    left, back = clock(30, 22), clock(30, 2.5)
    assert not watch(log(quiet(30), door(left), door(back)), back + 1)[0]


def test_a_new_habit_is_told_a_few_times_and_then_no_more() -> None:
    doors = [door(clock(30 + n, 3.15)) for n in range(12)]
    found, _ = watch(log(quiet(43), doors), clock(43, 12))
    assert 2 <= len(raised(found)) <= 5


def test_what_is_usual_is_learned_and_slowly_forgotten() -> None:
    doors = [r for n in range(10) for r in (door(clock(n, 3.15)), moved(clock(n, 3.16)))]
    _, engine = watch(log(quiet(55), doors), clock(55, 12))
    opened = engine.rows.col["wandering.opened"][0]
    assert opened[8] == pytest.approx(sum(0.5 ** (n / 45) for n in range(45, 55)), rel=1e-4)
    assert np.count_nonzero(opened) == 1


@pytest.mark.parametrize(
    ("hours", "learned"),
    [((12.0, 15.0), 2), ((1.0, 3.0), 1), ((21.0, 8.0), 1)],
)
def test_a_night_that_could_not_be_seen_teaches_nothing(hours: tuple[float, float], learned: int) -> None:
    dark, back = clock(1, hours[0]), clock(1, hours[1])
    rows = log(beats("home-1", 0, dark), quiet(3)[:8], beats("home-1", back, 48))
    _, engine = watch(rows, 48)
    assert engine.rows.col["wandering.known"][0] == engine.rows.col["pacing.known"][0] == learned


def test_an_empty_home_teaches_nothing() -> None:
    _, engine = watch(log(quiet(3), beats("home-1", 0, 20 * 24, every_s=3600)), 20 * 24)
    assert engine.rows.col["wandering.known"][0] == 3


def test_half_hours_of_the_night() -> None:
    walls = (22.99, 23.0, 23.5, 0.0, 5.99, 6.0, 12.0)
    assert [half_of(hour * 3600) for hour in walls] == [-1, 0, 1, 2, 13, -1, -1]


def test_nights_close_at_seven_on_days_of_23_and_25_hours() -> None:
    for noon in (1774785600, 1795017600):  # 29 March and 18 November 2026, 12:00 UTC
        assert (closing(noon - 86400, "Europe/London") - noon) % 3600 == 0
    assert closing(1774681200, "Europe/London") == 1774764000  # a closing itself: the next, 23 h later


# Pacing


def to_and_fro(
    start: float, end: float, step_s: float = 75.0, rooms: Sequence[str] = ("hall", "bedroom")
) -> list[LogRow]:
    """Somebody who is in one room after the other, time and again."""
    return [
        moved(start + n * step_s / 3600, rooms[n % len(rooms)]) for n in range(round((end - start) * 3600 / step_s))
    ]


def restless(nights: int, turns: int) -> list[LogRow]:
    """Every night a walk of so many turns."""
    return [r for n in range(nights) for r in to_and_fro(clock(n, 1), clock(n, 1) + (turns + 2) / 60, 60)]


@pytest.mark.parametrize(
    ("before", "walk", "home", "urgency"),
    [
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 3)), HOME, Urgency.ROUTINE),
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 3), 60), AT_RISK, Urgency.SOON),
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 3), 90), HOME, Urgency.ROUTINE),
        (
            quiet(20),
            to_and_fro(clock(20, 1), clock(20, 3), 90, ("bath", "hall", "bedroom", "hall")),
            HOME,
            Urgency.ROUTINE,
        ),
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 3)), COUPLE, None),
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 3), rooms=("hall", "bedroom", "bath")), HOME, None),  # a round
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 3), 400), HOME, None),  # too slow
        (quiet(20), to_and_fro(clock(20, 1), clock(20, 1.2)), HOME, None),  # too short
        (quiet(20), to_and_fro(clock(20, 7), clock(20, 8.9)), HOME, None),  # by day
        (quiet(13), to_and_fro(clock(13, 1), clock(13, 3)), HOME, None),
        (quiet(20) + restless(20, 12), to_and_fro(clock(20, 1), clock(20, 1.5), 60), HOME, None),  # often up anyway
        (quiet(20) + restless(20, 12), to_and_fro(clock(20, 1), clock(20, 3), 60), HOME, Urgency.ROUTINE),
    ],
)
def test_pacing(before: list[LogRow], walk: list[LogRow], home: Home, urgency: Urgency | None) -> None:
    found, _ = watch(log(before, walk), walk[0].at.timestamp() / 3600 - at(0).timestamp() / 3600 + 8, home)
    assert [(s.concern, s.urgency) for s in found] == ([] if urgency is None else [(Concern.DRIFT, urgency)])


def test_pacing_is_told_within_half_an_hour_and_is_learned_up_to_the_limit_only() -> None:
    walks = [r for n in (20, 21) for r in to_and_fro(clock(n, 1), clock(n, 3))]
    found, engine = watch(log(quiet(22), walks), clock(22, 8))
    assert [at(clock(n, 1.1)) < s.at < at(clock(n, 1.5)) for n, s in zip((20, 21), found, strict=True)] == [True, True]
    assert "back and forth" in told(found[0])
    assert engine.rows.col["pacing.most"][0] == 0
    assert 10 < engine.rows.col["pacing.sum"][0] < 24


def test_a_walk_that_is_reported_late_is_none() -> None:
    late = [
        LogRow(0, r.home, r.device, r.kind, r.at, at(clock(20, 4)), r.event_id, r.data)
        for r in to_and_fro(clock(20, 1), clock(20, 3))
    ]
    assert not watch(log(quiet(20), every(30, clock(20, 1), clock(20, 4), moved), late), clock(20, 8))[0]
