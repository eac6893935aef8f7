"""Laws of the gap model: what it counts, what it learns, and what it makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import deadlines, gaps
from anomaly.deadlines import columns, learn, next_day, record_deadlines_h
from anomaly.gaps import CONTEXTS, Gaps, Prior
from anomaly.prior import PriorError, decode, encode, shipped

DAY = 86400.0
lengths = st.floats(0, 3 * DAY)
some_gaps = st.lists(st.tuples(st.integers(0, 2), st.floats(0, 30 * DAY), lengths, st.booleans()), max_size=6)
ONE = np.array([0])


def made(found: list[tuple[int, float, float, bool]]) -> Gaps:
    context, local, length_s, ended = zip(*found, strict=True) if found else ((), (), (), ())
    return Gaps(np.array(context, int), np.array(local, float), np.array(length_s, float), np.array(ended, bool))


def days_pass(col: deadlines.Columns, days: int) -> None:
    for _ in range(days):
        next_day(col, ONE, np.ones(1))


@given(some_gaps)
def test_a_gap_is_at_risk_in_every_tick_it_reaches_and_ends_in_its_last(
    found: list[tuple[int, float, float, bool]],
) -> None:
    expected = []
    for context, local, length_s, ended in found:
        last = int(length_s // 600)
        for tick in range(min(last + ended, gaps.TICKS)):
            age = max(j for j, minute in enumerate(gaps.AGES_MIN) if minute <= tick * 10)
            hour = int((local + tick * 600 + 300) // 3600) % 24
            expected.append((context, hour, age, tick == last))
    at = gaps.ticks(made(found))
    assert list(zip(at.context, at.hour, at.age, at.ends, strict=True)) == expected


def habit(hazard: float = 0.3) -> Prior:
    return Prior(np.full((3, 24, 22), hazard), np.full((3, gaps.STARTS), 0.5))


def test_an_unknown_home_is_as_the_fleet_is() -> None:
    nothing = np.zeros((len(CONTEXTS), gaps.BLOCKS, 5))
    assert np.allclose(gaps.posterior(habit(), nothing, nothing, (10.0, 10.0, 5.0)), 0.3)


def test_a_home_that_is_stiller_than_the_fleet_is_known_as_that() -> None:
    random = np.random.default_rng(3)
    prior, col, n = habit(0.3), columns(1), 20_000
    length_s = random.geometric(0.15, n) * 600.0 - 300  # a hazard of 0.15 a tick
    seen = Gaps(np.full(n, gaps.OTHER), random.uniform(0, 40 * DAY, n), length_s, np.ones(n, bool))
    learn(col, np.zeros(n, int), seen, prior)
    learned = gaps.posterior(prior, col["habit.expected"][0], col["habit.ended"][0], (5.0, 5.0, 3.0))[gaps.OTHER]
    assert 0.13 < learned[:, :12].mean() < 0.17
    # What it never showed is judged by what it did: a home that is still for hours is not thought lively after ten.
    assert learned[:, -1].max() < 0.3


def test_silences_cut_short_by_a_question_are_not_taken_for_short_ones() -> None:
    random = np.random.default_rng(4)
    prior, n = habit(0.3), 20_000
    length_s = random.geometric(0.15, n) * 600.0 - 300
    local, where, whole = random.uniform(0, 40 * DAY, n), np.full(n, gaps.OTHER), columns(1)
    learn(whole, np.zeros(n, int), Gaps(where, local, length_s, np.ones(n, bool)), prior)
    asked_s, asked = 1800.0, columns(1)
    learn(asked, np.zeros(n, int), Gaps(where, local, np.minimum(length_s, asked_s), length_s <= asked_s), prior)
    all_seen, up_to_it = (
        gaps.posterior(prior, col["habit.expected"][0], col["habit.ended"][0], (5.0, 5.0, 3.0))[gaps.OTHER, :, :3]
        for col in (whole, asked)
    )
    assert up_to_it.mean() == pytest.approx(all_seen.mean(), rel=0.05)


@given(st.integers(0, 2**32 - 1))
def test_survival_falls_from_one_and_stays_a_chance(seed: int) -> None:
    chance = gaps.survival(np.random.default_rng(seed).uniform(1e-5, 0.97, (3, 24, 22)))
    assert chance.shape == (3, gaps.STARTS, gaps.TICKS + 1)
    assert (chance[..., 0] == 1).all()
    assert (np.diff(chance) <= 0).all()
    assert (chance >= 0).all()


def test_the_cheapest_moment_is_where_waiting_and_false_alarms_cost_least() -> None:
    chance = gaps.survival(np.random.default_rng(1).uniform(0.01, 0.3, (3, 24, 22)))
    prices = (1.0, 30.0, 1000.0)
    found = np.stack([gaps.cheapest(chance, gaps.waited(chance), price) for price in prices])
    one, hours = chance[2, 17], np.arange(gaps.TICKS + 1) / 6
    for price, tick in zip(prices, found[:, 2, 17], strict=True):
        cost = [
            np.trapezoid(one[: d + 1] * (hours[d] - hours[: d + 1]), hours[: d + 1]) + price * one[d]
            for d in range(gaps.TICKS + 1)
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
        found.append(Gaps(np.full(120, gaps.OTHER), t[:-1], np.diff(t), np.ones(120, bool)))
    return found


def lived(days: list[Gaps], budget: float = np.inf) -> deadlines.Columns:
    """A home that has shown these days; with a budget it was asked meanwhile."""
    col = columns(1)
    for day in days:
        if budget < np.inf:
            table = deadlines.deadlines(col, 0, shipped(), (budget,))[0]
            col["habit.asked"] += np.sum(day.length_s > table[day.context, gaps.half_hour(day.local)] * gaps.TICK_S)
        learn(col, np.zeros(len(day.local), int), day, shipped())
        next_day(col, ONE, np.ones(1))
    return col


def test_a_home_is_left_alone_in_its_sleep_and_missed_soon_by_day() -> None:
    col = lived(days_of(np.random.default_rng(5), 30), 4.0)
    assert col["habit.asked"][0] < 7, "four a month, and a home that never stirs at night has to be known first"
    often = deadlines.deadlines(col, 0, shipped(), (4.0,))[0, gaps.OTHER] / 6
    assert often[2 * 22 + 1] > 8, "as long as its nights"
    assert np.median(often[2 * 10 : 2 * 18]) < 2


@given(st.integers(0, 50), st.integers(0, 20))
def test_a_larger_budget_never_waits_longer_and_the_same_days_give_the_same(seed: int, days: int) -> None:
    one, other = (lived(days_of(np.random.default_rng(seed), days)) for _ in range(2))
    found = deadlines.deadlines(one, 0, shipped(), (0.25, 1.0, 4.0))
    assert found.shape == (3, 3, gaps.STARTS)
    assert found.min() > 0
    assert found.max() <= gaps.TICKS
    assert (np.diff(found, axis=0) <= 0).all()
    assert (found == deadlines.deadlines(other, 0, shipped(), (0.25, 1.0, 4.0))).all()


def test_homes_learned_together_are_homes_learned_alone() -> None:
    days = [days_of(np.random.default_rng(seed), 3) for seed in (1, 2)]
    together = columns(2)
    for one, other in zip(*days, strict=True):
        who = np.repeat([0, 1], 120)
        both = Gaps(*(np.concatenate([getattr(d, f) for d in (one, other)]) for f in Gaps.__struct_fields__))
        mixed = np.random.default_rng(0).permutation(240)
        learn(together, who[mixed], both.some(mixed), shipped())
        next_day(together, np.array([0, 1]), np.ones(2))
    for home, alone in enumerate(map(lived, days)):
        for name, values in together.items():
            assert np.allclose(values[home], alone[name][0], rtol=1e-5), name


def record(*found: tuple[int, float, float, bool]) -> deadlines.Columns:
    col = columns(1)
    learn(col, np.zeros(len(found), int), made(list(found)), shipped())
    return col


def test_a_record_is_kept_for_two_weeks_and_forgotten_after_four() -> None:
    col = record((gaps.OTHER, 12 * 3600.0, 5 * 3600.0, True))
    assert record_deadlines_h(col["habit.record"][0])[2 * 12] > 5
    days_pass(col, 15)
    assert record_deadlines_h(col["habit.record"][0])[2 * 12] > 5
    days_pass(col, 15)
    assert record_deadlines_h(col["habit.record"][0])[2 * 12] == 1.0, "nothing is known: the first age over the margin"


def test_who_went_out_teaches_nothing() -> None:
    assert not any(values.any() for values in record((gaps.EXIT, 12 * 3600.0, 9 * 3600.0, True)).values())


def test_a_day_that_was_hardly_seen_hardly_counts() -> None:
    col = record((gaps.OTHER, 12 * 3600.0, 5 * 3600.0, True))
    before = {name: values.copy() for name, values in col.items()}
    next_day(col, ONE, np.zeros(1))
    assert all((values == before[name]).all() for name, values in col.items())


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
