"""What the outcomes of a home's silence cases teach about its budget of false alarms. No outcome moves a ceiling.

A home that needed help is asked sooner; one whose resident was well more often than the budget in force allows is asked
later. Both are rates under a gamma prior (gamma-Poisson): the prior weighs as much as `TRUST` cases, so that one case
changes little, and a home without cases keeps the usual budget. Fewer false alarms than allowed say nothing here: the
deadlines calibrate themselves to their budget (see `deadlines.deadlines`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from anomaly.detectors.habit import budget_of, usual_budget
from anomaly.whatif import MONTH_DAYS
from core.people import Home
from core.signals import Evidence

WINDOW = timedelta(days=90)
"""So far back outcomes count."""
PAUSE = timedelta(days=7)
"""Between two changes of one home."""
LEAST, MOST = 0.5, 2.0
"""Of the usual budget."""
TRUST = 5.0
WORTH = 0.05
"""A change by a smaller share is not made."""


class Outcomes(msgspec.Struct, frozen=True):
    """Closed cases that a habit opened: `false`, the resident was well; `true`, help was needed. Others don't count."""

    false: int
    true: int


class Change(msgspec.Struct, frozen=True):
    """From `at` on the budget was `factor` times the usual."""

    at: datetime
    factor: float


class Tuned(msgspec.Struct, frozen=True):
    """A new budget: false alarms a month `before` and `after`, the factor of the usual one, and why."""

    before: float
    after: float
    factor: float
    why: Evidence


def factor_of(outcomes: Outcomes, allowed: float) -> float:
    """Which share of the usual budget a home should have, where `allowed` false alarms were within its budget."""
    fewer = (allowed + TRUST) / (max(outcomes.false, allowed) + TRUST)
    more = (outcomes.true + TRUST) / TRUST
    return min(max(fewer * more, LEAST), MOST)


def allowed(usual: float, changes: Sequence[Change], since: datetime, now: datetime) -> float:
    """False alarms that the budgets in force from `since` to `now` add up to; `changes` in the order of time.

    By what was in force, because a home that was asked less must not look as if it had mended.
    """
    total, factor, start = 0.0, 1.0, since
    for change in (*changes, Change(now, 1.0)):
        end = min(max(change.at, start), now)
        total += factor * (end - start) / timedelta(days=MONTH_DAYS)
        factor, start = change.factor, end
    return usual * total


def tune(home: Home, outcomes: Outcomes, changes: Sequence[Change], since: datetime, now: datetime) -> Tuned | None:
    """The budget a home should have from now on; None: the one it has. An operator's own is never overruled.

    `outcomes` are those of cases closed from `since` on: `WINDOW` ago, or when the home was enrolled.
    """
    if home.alarm_budget is not None or (changes and now - changes[-1].at < PAUSE):
        return None
    usual, was = usual_budget(home), home.budget_factor or 1.0
    within = allowed(usual, changes, since, now)
    factor = round(factor_of(outcomes, within), 3)
    if abs(factor - was) < WORTH * was:
        return None
    numbers: dict[str, str | int | float] = {
        "false": outcomes.false,
        "true": outcomes.true,
        "allowed": round(within, 1),
        "days": (now - since).days,
    }
    reason = "tuning.back"
    if factor > max(was, 1.0):
        reason = "tuning.more"
    elif factor < min(was, 1.0):
        reason = "tuning.fewer"
    return Tuned(budget_of(home), usual * factor, factor, Evidence(reason, numbers))
