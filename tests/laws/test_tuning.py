"""What outcomes may do to a home's budget: little for each case, within bounds, and never anything to a ceiling."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from anomaly.detectors.ceiling import ceiling_of
from anomaly.detectors.habit import budget_of, usual_budget
from anomaly.tuning import LEAST, MOST, PAUSE, TRUST, WINDOW, WORTH, Change, Outcomes, allowed, factor_of, tune
from core.people import Home, Risk
from core.words import say
from tests.checks import START

NOW = START + WINDOW
HOME = Home("home-1", "gw-1", "gwangju")

counts = st.integers(0, 500)
budgets = st.floats(0.1, 60)
homes = st.builds(
    Home,
    st.just("home-1"),
    st.just("gw-1"),
    st.just("gwangju"),
    risk=st.sampled_from(Risk),
    speaker=st.booleans(),
    silence_ceiling_s=st.none() | st.floats(60, 72 * 3600),
    budget_factor=st.none() | st.floats(LEAST, MOST),
)
pasts = st.lists(
    st.builds(Change, st.floats(-200, 83).map(lambda d: START + timedelta(days=d)), st.floats(LEAST, MOST))
)


@given(counts, counts, budgets)
def test_each_case_pulls_its_own_way_a_little_and_within_bounds(false: int, true: int, within: float) -> None:
    here = factor_of(Outcomes(false, true), within)
    assert LEAST <= here <= MOST
    one_more_false, one_more_true = (
        factor_of(Outcomes(false + 1, true), within),
        factor_of(Outcomes(false, true + 1), within),
    )
    assert here / (1 + 1 / TRUST) - 1e-9 <= one_more_false <= here <= one_more_true <= here * (1 + 1 / TRUST) + 1e-9


@given(budgets)
def test_without_cases_or_within_the_budget_nothing_changes(within: float) -> None:
    assert factor_of(Outcomes(0, 0), within) == 1.0
    assert factor_of(Outcomes(int(within), 0), within) == 1.0


def test_many_of_a_kind_reach_the_bounds() -> None:
    assert factor_of(Outcomes(60, 0), 9) == LEAST
    assert factor_of(Outcomes(0, 6), 9) == MOST


@given(homes, counts, counts, pasts)
def test_no_outcome_touches_a_ceiling_and_the_budget_stays_near_the_usual(
    home: Home, false: int, true: int, past: list[Change]
) -> None:
    found = tune(home, Outcomes(false, true), sorted(past, key=lambda change: change.at), START, NOW)
    if found is None:
        return
    tuned = replace(home, budget_factor=found.factor)
    assert ceiling_of(tuned) == ceiling_of(home)
    assert LEAST <= budget_of(tuned) / usual_budget(home) <= MOST
    assert (found.before, found.after) == (budget_of(home), budget_of(tuned))
    assert abs(found.after / found.before - 1) >= WORTH - 1e-9
    for language in ("ko", "en"):
        assert "{" not in say(found.why.key, language, found.why.numbers)


@given(homes, counts, counts, st.floats(0.1, 20))
def test_an_operators_own_budget_is_never_overruled(home: Home, false: int, true: int, own: float) -> None:
    theirs = replace(home, alarm_budget=own)
    assert tune(theirs, Outcomes(false, true), (), START, NOW) is None
    assert budget_of(theirs) == own


@given(counts, counts, st.floats(0, PAUSE.days - 0.1), st.floats(PAUSE.days, 80))
def test_a_home_is_changed_once_a_week_at_most(false: int, true: int, lately: float, before: float) -> None:
    outcomes, factor = Outcomes(false, true), 1.4
    home = replace(HOME, budget_factor=factor)
    past = [Change(NOW - timedelta(days=before), factor)]
    assert tune(home, outcomes, [*past, Change(NOW - timedelta(days=lately), factor)], START, NOW) is None
    wanted = factor_of(outcomes, allowed(usual_budget(home), past, START, NOW))
    if abs(wanted / factor - 1) > WORTH + 0.001:
        assert tune(home, outcomes, past, START, NOW) is not None


@given(st.floats(0.3, 3), st.floats(LEAST, MOST), st.floats(0, 90))
def test_what_was_allowed_is_what_was_in_force(usual: float, factor: float, after: float) -> None:
    months = 90 / 30.44
    assert allowed(usual, (), START, NOW) == pytest.approx(usual * months)
    changed = Change(START + timedelta(days=after), factor)
    share = after / 90
    assert allowed(usual, [changed], START, NOW) == pytest.approx(usual * months * (share + factor * (1 - share)))
    old = Change(START - timedelta(days=after), factor)
    assert allowed(usual, [old], START, NOW) == pytest.approx(usual * months * factor)


@pytest.mark.parametrize("excess", [1.0, 1.5, 2.5, 6.0])
def test_a_home_that_is_always_too_often_wrong_settles_and_does_not_swing(excess: float) -> None:
    """Its false alarms are so many times those of the budget in force, week after week for two years."""
    home, past, told = HOME, list[Change](), list[tuple[float, float]]()
    factors = []
    for week in range(104):
        now = START + timedelta(days=7 * week)
        told.append((week, excess * budget_of(home) * 7 / 30.44))
        since = max(START, now - WINDOW)
        lately = sum(many for when, many in told if START + timedelta(days=7 * when) > since)
        found = tune(home, Outcomes(round(lately), 0), past, since, now)
        if found is not None:
            past.append(Change(now, found.factor))
            home = replace(home, budget_factor=found.factor)
        factors.append(home.budget_factor or 1.0)
    year = factors[52:]
    assert max(year) - min(year) <= 0.12
    assert year[-1] == 1.0 if excess == 1.0 else year[-1] < 0.9


@pytest.mark.parametrize(
    ("outcomes", "factor", "key"),
    [
        (Outcomes(0, 3), None, "tuning.more"),
        (Outcomes(40, 0), None, "tuning.fewer"),
        (Outcomes(0, 0), 1.8, "tuning.back"),
        (Outcomes(0, 0), 0.5, "tuning.back"),
        (Outcomes(0, 2), 0.5, "tuning.more"),
    ],
)
def test_the_reason_names_the_cases(outcomes: Outcomes, factor: float | None, key: str) -> None:
    past = [Change(START, factor)] if factor else []
    found = tune(replace(HOME, budget_factor=factor), outcomes, past, START, NOW)
    assert found is not None
    assert found.why.key == key
    assert (found.why.numbers["false"], found.why.numbers["true"]) == (outcomes.false, outcomes.true)
