"""Drift's laws: a day is counted as people would count it, odd days teach nothing, and what is told is a change."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import daily
from anomaly.daily import BATHROOM, BEDROOM, DOOR, FEATURES, KITCHEN
from anomaly.detectors import drift
from anomaly.engine import Engine
from anomaly.rows import blank
from app.bench.detection import drift as bench
from app.bench.detection.streams import Stream
from core.events import LogRow, Lost, Motion
from core.people import Home
from core.signals import Concern, Urgency
from tests.checks import START, at, beats, every, log, raised, row, run, told
from tests.effort import tried

HOME = Home("home-a", "gw-a", "gwangju/nam-gu/bongseon")
ZONES = ("Asia/Seoul", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
LEVEL = np.array([6.0, 3.0, 6.0, 20.0, 4.0, 18.0, 40.0, 1.5, 1.5, 2.0])


def day_of(*events: tuple[float, int]) -> tuple[dict[str, float], bool]:
    """The features of one whole day with events at hours after its midnight (4-28), as people count."""
    col = blank(1, "drift", drift.Drift.fields)
    daily.begin(col, 0, MIDNIGHT + 4 * 3600, "UTC")
    col["drift.part"][0] = False
    for hour, place in sorted(events):
        daily.count(col, 0, MIDNIGHT + hour * 3600, place)
    y, usable = daily.close(col, np.array([0]))
    return {name: daily.plain(name, float(v)) for name, v in zip(FEATURES, y[0], strict=True)}, bool(usable[0])


@given(st.floats(1.7e9, 1.9e9), st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_and_begin_at_four_on_the_wall(t: float, timezone: str) -> None:
    begins, ends = daily.bounds(t, timezone)
    assert begins <= t < ends
    assert daily.bounds(ends, timezone)[0] == ends
    assert ends - begins in (82800, 84600, 86400, 88200, 90000)
    assert datetime.fromtimestamp(begins, ZoneInfo(timezone)).strftime("%H:%M:%S") == "04:00:00"


def test_a_day_is_counted_as_people_count_it() -> None:
    usual = [(7 + n / 4, KITCHEN) for n in range(56)]
    visits = [(9.0, BATHROOM), (9.05, BATHROOM), (14.0, BATHROOM), (5.0, BATHROOM), (26.0, BATHROOM), (26.5, BEDROOM)]
    day, usable = day_of(*usual, *visits, (21.0, DOOR), (22.5, KITCHEN))
    assert usable
    assert day["kitchen"] == pytest.approx(57)
    assert [day["bath_day"], day["bath_night"]] == pytest.approx([2, 2])
    assert day["night"] == pytest.approx(3)
    assert day["total"] == pytest.approx(64)
    assert [day["first"], day["last"]] == pytest.approx([3, 18.5])
    assert day["out"] == pytest.approx(1.5)


@pytest.mark.parametrize("quiet", [(4, 17), (10, 23), (15.5, 28)])
def test_a_day_of_half_a_day_of_silence_is_not_compared(quiet: tuple[float, float]) -> None:
    hours = [4.1 + n / 4 for n in range(95)]
    assert day_of(*((h, KITCHEN) for h in hours))[1]
    assert not day_of(*((h, KITCHEN) for h in hours if not quiet[0] <= h <= quiet[1]))[1]


@pytest.mark.parametrize(
    ("name", "place"),
    [("fridge-door", "fridge"), ("화장실", "bathroom"), ("Bedroom 2", "bedroom"), ("거실", "living"), ("x", "other")],
)
def test_places_are_told_from_their_names(name: str, place: str) -> None:
    assert daily.PLACES[daily.place_class(name)] == place
    assert daily.place_class(name, exit_door=True) == DOOR


def live(homes: int, days: int, seed: int, step: int | None = None, far: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """`told` (homes, days) and z of homes whose features differ from day to day as the fleet's; from `step` on the
    kitchen's are `far` standard deviations lower."""
    rng = np.random.default_rng(seed)
    col, who = blank(homes, "drift", drift.Drift.fields), np.arange(homes)
    found, scores = np.zeros((homes, days), bool), np.zeros((homes, days, len(FEATURES)))
    for day in range(days):
        y = LEVEL + daily.SPREAD * rng.standard_normal((homes, len(FEATURES)))
        if step is not None and day >= step:
            y[:, 3] -= far * daily.SPREAD[3]
        scores[:, day], _ = drift.learn(col, who, y, np.ones(homes, bool))
        for n, k in np.argwhere(drift.sure(col, who)).tolist():
            way, level = drift.now(col, n, k)
            found[n, day] |= drift.worrying(k, way)
            drift.settle(col, n, k, level)
    return found, scores


def test_a_step_is_found_within_two_weeks_and_a_steady_year_is_quiet() -> None:
    changed, _ = live(300, 44, seed=1, step=30, far=1.5)
    assert changed[:, 30:].any(axis=1).mean() > 0.85
    steady, scores = live(100, 365, seed=2)
    feature_months = 100 * len(FEATURES) * 365 / 30.44
    assert steady.sum() / feature_months < 0.05
    assert np.nanmax(np.abs(scores)) <= drift.CLIP
    assert np.isnan(scores[:, : drift.WARM_DAYS]).all()


@tried(12)
@given(st.integers(0, 2**32), st.lists(st.booleans(), min_size=30, max_size=30))
def test_homes_side_by_side_are_as_each_alone_and_unusable_days_change_nothing(seed: int, usable: list[bool]) -> None:
    rng = np.random.default_rng(seed)
    y = LEVEL + 3 * daily.SPREAD * rng.standard_normal((30, 5, len(FEATURES)))
    together, alone = blank(5, "drift", drift.Drift.fields), blank(1, "drift", drift.Drift.fields)
    for day, fit in enumerate(usable):
        before = {name: column.copy() for name, column in together.items()}
        drift.learn(together, np.arange(5), y[day], np.array([fit] * 5))
        drift.learn(alone, np.array([0]), y[day, 2:3], np.array([fit]))
        if not fit:
            assert all((before[name] == column).all() for name, column in together.items() if name != "drift.var")
    for name, column in alone.items():
        assert (column[0] == together[name][2]).all(), name


def moving(minutes: float, start: float, end: float) -> list[LogRow]:
    return every(minutes, start, end, lambda h: row("home-a", h, Motion("kitchen")))


def learned(rows: list[LogRow], until: float) -> tuple[int, Engine]:
    """How many days the home's usual rests on."""
    _, engine = run(log(rows), until, homes=[HOME])
    assert not engine.faults
    return int(engine.rows.col["drift.days"][0, FEATURES.index("total")]), engine


def test_dark_silent_and_late_days_are_not_learned_from() -> None:
    """From 09:00 on a Monday the first day is a part; four days are whole at 19 h, 43 h, 67 h, 91 h and 115 h."""
    whole = moving(20, 0, 116)
    assert learned([*whole, *beats("home-a", 0, 116)], 116)[0] == 4
    dark = [r for r in (*whole, *beats("home-a", 0, 116)) if not at(50) < r.at < at(54)]
    assert learned(dark, 116)[0] == 3
    away = [r for r in whole if not at(44) < r.at < at(60)]
    assert learned([*away, *beats("home-a", 0, 116)], 116)[0] == 3
    late = row("home-a", 50.1, Motion("hall"), device="late", seen=52)
    assert learned([*whole, late, *beats("home-a", 0, 116)], 116)[0] == 3
    gone = row("home-a", 50, Lost(), device="gateway")
    back = [r for r in (*whole, *beats("home-a", 0, 116)) if not at(50) < r.at < at(53)]
    assert learned([*back, gone], 116)[0] == 3


def test_a_mute_room_and_an_empty_home_are_no_change_of_life() -> None:
    def bathroom(start: float, end: float) -> list[LogRow]:
        return every(60, start, end, lambda h: row("home-a", h, Motion("bathroom"), device="bath"))

    usual = [*moving(20, 0, 600), *beats("home-a", 0, 600, 3600)]
    mute = [*usual, *bathroom(0, 400)]
    assert not raised(run(log(mute), 600, homes=[HOME])[0], Concern.DRIFT)
    empty = [*moving(20, 0, 400), *moving(70, 400, 600), *beats("home-a", 0, 600, 3600)]
    assert not raised(run(log(empty), 600, homes=[HOME])[0], Concern.DRIFT)


def test_it_is_told_once_a_week_at_most_with_numbers_and_the_day_it_began() -> None:
    rows = [*moving(20, 0, 400), *moving(40, 400, 1200), *beats("home-a", 0, 1200, 3600)]
    signals = raised(run(log(rows), 1200, homes=[HOME])[0], Concern.DRIFT)
    assert signals[0].urgency is Urgency.ROUTINE
    assert all((b.at - a.at).days >= 7 for a, b in pairwise(signals))
    assert len(signals) <= 2  # then it is the new usual
    days = (signals[0].at - START).days
    assert 400 / 24 < days < 400 / 24 + 14
    (why,) = [e for e in signals[0].evidence if e.key == "evidence.drift.kitchen"]
    assert 65 < float(why.numbers["usual"]) < 75
    assert 30 < float(why.numbers["now"]) < 45
    assert why.numbers["since"] in ("03-18", "03-19", "03-20")
    assert "주방" in told(signals[0], "ko")


def test_a_home_costs_less_than_400_bytes() -> None:
    assert np.dtype(list(drift.Drift.fields.items())).itemsize <= 400


def test_the_benchmark_runs_on_one_home_and_its_steps_are_there() -> None:
    rng = np.random.default_rng(3)
    t = np.sort(rng.uniform(0, 45 * 86400, 45 * 150)) + MIDNIGHT
    place = np.array(["kitchen", "bathroom", "lounge"])[rng.choice(3, len(t), p=(0.4, 0.1, 0.5))]
    none = np.zeros(len(t), bool)
    stream = Stream("solo", t, t, place, none, none)
    events = bench.events_of(stream)
    half = t[len(t) // 2]
    thinned = bench.inject(events, "total -35 %", half, np.random.default_rng(0))
    assert len(thinned[0]) == pytest.approx(len(t) / 2 * 1.65, rel=0.05)
    doubled = bench.inject(events, "night bathroom +100 %", half, np.random.default_rng(0))
    before, after = (bench.days(some)[1][25:, FEATURES.index("bath_night")] for some in (events, doubled))
    assert np.mean(after**2) / np.mean(before**2) == pytest.approx(2, rel=0.2)
    measured = bench.measure({"solo": stream})
    assert measured["tuning_homes"] == ["solo"]
    engine = measured["detectors"][bench.ENGINE]
    assert engine["tuning"]["found"]["total -35 %"] == 1.0
    assert engine["test"]["mean"] is None
    assert bench.table(measured)
