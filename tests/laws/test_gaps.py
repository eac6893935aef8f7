"""Laws of the gap model: what it counts, what it learns, and what it makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import gaps
from anomaly.deadlines import NEW_DAYS, Learner, Records
from anomaly.gaps import Gaps, Prior, Tally
from anomaly.prior import PriorError, decode, encode, shipped

DAY = 86400.0
lengths = st.floats(0, 3 * DAY)
some_gaps = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30 * DAY), lengths), max_size=6)


def made(found: list[tuple[int, float, float]]) -> Gaps:
    context, local, length_s = zip(*found, strict=True) if found else ((), (), ())
    return Gaps(np.array(context, int), np.array(local, float), np.array(length_s, float))


@given(some_gaps)
def test_a_gap_is_at_risk_in_every_tick_it_reaches_and_ends_in_its_last(found: list[tuple[int, float, float]]) -> None:
    expected = []
    for context, local, length_s in found:
        last = int(length_s // 600)
        for tick in range(min(last + 1, gaps.TICKS)):
            age = max(j for j, minute in enumerate(gaps.AGES_MIN) if minute <= tick * 10)
            hour = int((local + tick * 600 + 300) // 3600) % 24
            expected.append((context, hour, age, tick == last))
    at = gaps.ticks(made(found))
    assert list(zip(at.context, at.hour, at.age, at.ends, strict=True)) == expected


def habit(hazard: float = 0.3) -> Prior:
    return Prior(np.full((4, 24, 22), hazard), np.full((4, gaps.STARTS), 0.5))


def test_an_unknown_home_is_as_the_fleet_is() -> None:
    assert np.allclose(gaps.posterior(habit(), Tally(), (10.0, 10.0, 5.0)), 0.3)


def test_a_home_that_is_stiller_than_the_fleet_is_known_as_that() -> None:
    random = np.random.default_rng(3)
    prior, tally = habit(0.3), Tally()
    length_s = random.geometric(0.15, 20_000) * 600.0 - 300  # a hazard of 0.15 a tick
    tally.add(prior, Gaps(np.full(20_000, gaps.OTHER), random.uniform(0, 40 * DAY, 20_000), length_s))
    learned = gaps.posterior(prior, tally, (5.0, 5.0, 3.0))[gaps.OTHER]
    assert 0.13 < learned[:, :12].mean() < 0.17
    # What it never showed is judged by what it did: a home that is still for hours is not thought lively after ten.
    assert learned[:, -1].max() < 0.3


@given(st.integers(0, 2**32 - 1))
def test_survival_falls_from_one_and_stays_a_chance(seed: int) -> None:
    chance = gaps.survival(np.random.default_rng(seed).uniform(1e-5, 0.97, (4, 24, 22)))
    assert chance.shape == (4, gaps.STARTS, gaps.TICKS + 1)
    assert (chance[..., 0] == 1).all()
    assert (np.diff(chance) <= 0).all()
    assert (chance >= 0).all()


def test_the_cheapest_moment_is_where_waiting_and_false_alarms_cost_least() -> None:
    chance = gaps.survival(np.random.default_rng(1).uniform(0.01, 0.3, (4, 24, 22)))
    prices = np.array([1.0, 30.0, 1000.0])
    found = gaps.cheapest(chance, prices)
    one, hours = chance[2, 17], np.arange(gaps.TICKS + 1) / 6
    for price, tick in zip(prices, found[:, 2, 17], strict=True):
        cost = [
            np.trapezoid(one[: d + 1] * (hours[d] - hours[: d + 1]), hours[: d + 1]) + price * one[d]
            for d in range(289)
        ]
        assert cost[tick] == pytest.approx(min(cost), rel=0.02)
    assert (np.diff(found, axis=0) >= 0).all(), "who pays more for a false alarm waits longer"


def days_of(random: np.random.Generator, days: int, night: tuple[float, float] = (23, 7)) -> list[Gaps]:
    """A home that moves every few minutes by day and sleeps without a stir, its gaps by the day in which they end."""
    found = []
    for day in range(days):
        awake = np.sort(random.uniform(night[1], night[0], 120)) * 3600 + day * DAY
        before = awake[0] - (24 - night[0] + night[1]) * 3600
        t = np.concatenate([[before], awake])
        found.append(Gaps(np.full(120, gaps.OTHER), t[:-1], np.diff(t)))
    return found


def test_a_home_is_left_alone_in_its_sleep_and_missed_soon_by_day() -> None:
    learner = Learner(shipped(), (1.0, 4.0))
    for gaps_of_day in days_of(np.random.default_rng(5), 30):
        learner.learn(gaps_of_day)
    rarely, often = learner.deadlines()[:, gaps.OTHER] / 3600
    assert often[2 * 23] > 8.5, "longer than its nights"
    assert np.median(often[2 * 10 : 2 * 18]) < 2
    assert np.median(rarely[2 * 10 : 2 * 18]) < 5


@given(st.integers(0, 50), st.integers(0, 20))
def test_a_larger_budget_never_waits_longer_and_the_same_days_give_the_same(seed: int, days: int) -> None:
    one, other = Learner(shipped(), (0.25, 1.0, 4.0)), Learner(shipped(), (0.25, 1.0, 4.0))
    for day in days_of(np.random.default_rng(seed), days):
        one.learn(day)
        other.learn(day)
    found = one.deadlines()
    assert found.shape == (3, 4, gaps.STARTS)
    assert np.isfinite(found).all()
    assert (found > 0).all()
    assert (np.diff(found, axis=0) <= 0).all()
    assert (found == other.deadlines()).all()


def test_a_record_is_kept_for_two_weeks_and_forgotten_after_four() -> None:
    records = Records()
    records.add(made([(gaps.OTHER, 12 * 3600.0, 5 * 3600.0)]))
    assert records.deadlines_h()[2 * 12] > 5
    for _ in range(15):
        records.next_day()
    assert records.deadlines_h()[2 * 12] > 5
    for _ in range(15):
        records.next_day()
    assert records.deadlines_h()[2 * 12] == 1.0, "nothing is known any more: the first age beyond the margin"


def test_who_went_out_sets_no_record() -> None:
    records = Records()
    records.add(made([(gaps.EXIT, 12 * 3600.0, 9 * 3600.0)]))
    assert not records.halves.any()


def test_the_first_week_trusts_the_fleet() -> None:
    learner = Learner(shipped(), (1.0,))
    first = learner.deadlines()
    assert NEW_DAYS == 7
    assert first[0, gaps.OTHER].min() >= 600


def test_the_shipped_prior_can_be_read_and_written() -> None:
    prior = shipped()
    again = decode(encode(prior, "somewhere", 3, 12.0))
    assert np.allclose(again.hazard, prior.hazard)
    assert np.allclose(again.starts, prior.starts)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"source":"","homes":1,"home_days":1,"hazard":[[[0.5]]],"starts":[[1]]}']
)
def test_what_is_no_prior_is_refused(data: bytes) -> None:
    with pytest.raises(PriorError):
        decode(data)
