"""Laws of the baselines: none sees the future, slower settings are slower, and each does what its source says."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from app.bench.detection.baselines import ALL, Baseline, Cuddihy, DayNight, Timer
from app.bench.detection.learned import Floats, HalfSpaceTrees, LogNormal, Spot, Survival
from app.bench.detection.streams import EXIT_S, Stream

H = 3600.0
SPRING = datetime(2019, 3, 3, 1, tzinfo=UTC).timestamp()
SWITCH = datetime(2019, 3, 31, 1, tzinfo=UTC).timestamp()
AWARE = [b for b in ALL if b.name not in {"timer", "thingsboard"}]
PLACES = np.array(["bedroom", "bathroom", "kitchen", "front-door"])


def home_of(t: Floats, place: str | list[str], name: str = "one") -> Stream:
    """A home in London with events at `t` in `place`; only the front door leads out."""
    where = np.array([place] * len(t) if isinstance(place, str) else place, str)
    door = where == "front-door"
    last = np.maximum.accumulate(np.where(door, t, -np.inf)) if len(t) else t
    return Stream(name, t, t + np.where(t >= SWITCH, H, 0), where, t - last <= EXIT_S, door)


def lived(seed: int, days: int) -> Stream:
    """A home with bursts of movement, naps, nights and outings, over the spring's switch of clocks if long enough."""
    rng = np.random.default_rng(seed)
    n = days * 200
    gaps = np.where(rng.random(n) < 0.5, rng.exponential(60, n), rng.lognormal(6.8, 0.9, n))
    t = SPRING + np.cumsum(gaps.round())
    night = (t % 86400 < 6 * H) & (rng.random(len(t)) < 0.8)
    t = t[~night & (t < SPRING + days * 86400)]
    return home_of(t, PLACES[rng.choice(4, len(t), p=[0.3, 0.2, 0.4, 0.1])].tolist(), f"home-{seed}")


HOME = lived(1, 34)
OTHERS = [lived(2, 20), lived(3, 12)]


@pytest.fixture(scope="module")
def found() -> dict[str, Floats]:
    return {b.name: b.deadlines(HOME, OTHERS) for b in ALL}


def test_the_made_home_lives_through_a_change_of_clocks() -> None:
    assert HOME.t[0] < SWITCH - 20 * 86400
    assert HOME.t[-1] > SWITCH + 3 * 86400


def test_names_are_told_apart() -> None:
    assert len({b.name for b in ALL}) == len(ALL)


@pytest.mark.parametrize("baseline", ALL, ids=lambda b: b.name)
def test_no_baseline_sees_the_future(baseline: Baseline, found: dict[str, Floats]) -> None:
    n = len(HOME.t)
    for k in (0, 1, 2, n // 7, n // 3, n // 2 + 1, n - 1):
        np.testing.assert_array_equal(baseline.deadlines(HOME.upto(k), OTHERS), found[baseline.name][:, :k])


@pytest.mark.parametrize("baseline", ALL, ids=lambda b: b.name)
def test_deadlines_are_positive_and_slower_settings_never_quicker(baseline: Baseline, found: dict[str, Floats]) -> None:
    deadlines = found[baseline.name]
    assert deadlines.shape == (len(baseline.points), len(HOME.t))
    assert deadlines.dtype == np.float64
    assert (deadlines > 0).all()  # and so none is NaN
    assert (deadlines[1:] >= deadlines[:-1]).all()


@pytest.mark.parametrize("baseline", AWARE, ids=lambda b: b.name)
def test_after_an_exit_they_wait_a_day(baseline: Baseline, found: dict[str, Floats]) -> None:
    assert HOME.exit.any()
    assert (found[baseline.name][:, HOME.exit] == 24 * H).all()


@pytest.mark.parametrize("baseline", ALL, ids=lambda b: b.name)
def test_a_home_without_others_is_watched_too(baseline: Baseline) -> None:
    deadlines = baseline.deadlines(HOME.upto(200), [])
    assert (deadlines > 0).all()
    if baseline.name != "thingsboard":
        assert np.isfinite(deadlines).all()


@pytest.mark.parametrize("name", ["cuddihy", "spot", "log_normal", "half_space_trees", "survival"])
def test_the_made_home_is_long_enough_to_be_learnt(name: str, found: dict[str, Floats]) -> None:
    last = np.flatnonzero(~HOME.exit)[-1]
    assert (found[name][:, last] != 12 * H).all()


def test_timers_are_exact(found: dict[str, Floats]) -> None:
    for row, hours in enumerate(Timer(away=False).points):
        assert (found["timer"][row] == hours * H).all()
        assert (found["timer_away"][row] == np.where(HOME.exit, 24 * H, hours * H)).all()
    assert {4, 8, 12, 16, 24} <= set(Timer(away=True).points)
    assert np.isinf(found["thingsboard"]).all()


def test_the_night_has_five_hours_more() -> None:
    hours = ["20:59:59", "21:00", "23:30", "00:00", "06:59:59", "07:00", "12:00"]
    t = np.array([datetime.fromisoformat(f"2019-01-{day:02}T{h}Z").timestamp() for day, h in enumerate(hours, 1)])
    deadlines = DayNight().deadlines(home_of(t, "kitchen"), [])
    assert (deadlines[0] / H).tolist() == [4, 9, 9, 9, 9, 4, 4]
    summer = np.array([datetime(2019, 7, 1, 6, 30, tzinfo=UTC).timestamp()])  # 07:30 on the wall
    assert (DayNight().deadlines(home_of(summer, "kitchen"), [])[0] / H).tolist() == [4]


def cuddihy_by_hand(home: Stream, i: int, m: float, history_days: int) -> float:
    """The deadline after event i, slot by slot and tick by tick; the clocks must not change in the recording."""
    if home.t[i] - home.t[0] < 7 * 86400:
        return 12 * H
    local, today = home.local, int(home.local[i] // 86400)
    line = [0.0] * 288
    for day in range(max(int(local[0] // 86400), today - history_days), today):
        for slot in range(288):
            start = day * 86400 + slot * 300
            end = start + 300
            # Silence j lasts from event j to the next one.
            first = max(0, int(np.searchsorted(local, start)) - 1)
            after = int(np.searchsorted(local, end))
            for j in range(first, after):
                if local[j + 1] >= start and local[j] < end and not home.exit[j]:
                    line[slot] = max(line[slot], min(end, local[j + 1]) - local[j])
    tick = (local[i] // 300 + 1) * 300
    while True:
        slot = int(tick % 86400 // 300)
        usual = max(line[(slot + k) % 288] for k in range(-12, 13))
        if tick - local[i] > (1 + m) * usual + 1800:
            return float(tick - local[i])
        tick += 300


@pytest.mark.parametrize("history_days", [30, 4])
def test_cuddihy_is_what_it_says(history_days: int) -> None:
    home = lived(5, 10)
    cuddihy = Cuddihy()
    cuddihy.history_days = history_days
    deadlines = cuddihy.deadlines(home, [])
    some = np.flatnonzero(~home.exit & (home.t - home.t[0] > 6.8 * 86400))[:-1:7]
    assert len(some) > 20
    for i in some:
        for row in (0, 3, 10, 16):
            assert deadlines[row, i] == cuddihy_by_hand(home, int(i), cuddihy.points[row], history_days)


def test_cuddihy_waits_until_the_line_is_passed_not_met() -> None:
    home = regular(np.full(40, 6 * H))
    deadlines = Cuddihy().deadlines(home, [])
    assert deadlines[Cuddihy.points.index(0), -1] == 6 * H + 1800 + 300


def regular(lengths: Floats) -> Stream:
    """A home with one silence of each length, all in the kitchen."""
    return home_of(SPRING + np.append(0, np.cumsum(lengths)), "kitchen")


def test_spot_finds_the_tail_of_what_it_was_shown() -> None:
    lengths = 300 + np.random.default_rng(4).exponential(1000, 20_000)
    deadlines = Spot().deadlines(regular(lengths), [])[:, -1]
    for q in (3e-2, 1e-2, 1e-3, 1e-4):
        assert deadlines[Spot.points.index(q)] == pytest.approx(300 - 1000 * np.log(q), rel=0.15)


def test_a_log_normal_home_has_log_normal_deadlines() -> None:
    lengths = np.exp(np.random.default_rng(4).normal(7.5, 0.3, 50_000))
    deadlines = LogNormal().deadlines(regular(lengths), [])[:, -100:]
    assert np.median(deadlines[LogNormal.points.index(0.9)]) == pytest.approx(np.exp(7.5 + 1.2816 * 0.3), rel=0.05)
    assert np.median(deadlines[LogNormal.points.index(0.99)]) == pytest.approx(np.exp(7.5 + 2.3263 * 0.3), rel=0.05)


def test_half_space_trees_keep_a_timer_until_their_window_is_full() -> None:
    home = regular(np.random.default_rng(4).uniform(301, 900, 1500))
    deadlines = HalfSpaceTrees().deadlines(home, [])
    assert (deadlines[:, :1000] == 12 * H).all()
    assert (deadlines[:, 1000:] != 12 * H).all()


def test_survival_reads_the_share_that_lasted() -> None:
    other = regular(np.where(np.arange(1000) % 100 == 50, 5 * H + 1, 601.0))
    alone = Survival(own=False)
    home = home_of(np.array([SPRING]), "bathroom")
    deadlines = alone.deadlines(home, [other])[:, 0]
    assert deadlines[alone.points.index(0.02)] == 900
    assert deadlines[alone.points.index(0.005)] == 5 * H + 300
    np.testing.assert_array_equal(Survival().deadlines(home, [other])[:, 0], deadlines)


def test_survival_comes_to_follow_the_home_and_the_prior_alone_does_not() -> None:
    other = regular(np.full(1000, 601.0))
    home = regular(np.full(3000, 3 * H + 1))
    at = Survival().points.index(0.05)
    assert Survival().deadlines(home, [other])[at, -1] == 3 * H + 300
    assert (Survival(own=False).deadlines(home, [other])[at] == 900).all()
