"""From what a home has shown to how long it may be still, within a budget of false alarms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anomaly import gaps
from anomaly.gaps import Array, Gaps, Prior, Tally

OUT_S = 24 * 3600.0
"""Behind an exit door another rule holds; this is only its bound."""
HALF_LIFE_DAYS = 50.0
NEW_DAYS = 7
TRUST_NEW = (10.0, 10.0, 5.0)
TRUST = (5.0, 5.0, 3.0)
PRICES = np.geomspace(0.3, 300_000, 48)
FAIR_PRICE = 300.0
"""A false alarm a month is worth about so many hours^2 of waiting where homes share a budget."""
SPAN = 5
"""Steps of PRICES by which a home may differ from the fleet's: an hour of waiting is worth as much in each home."""
LEAST_H = np.clip(2.0 * np.log2(PRICES / FAIR_PRICE), 0.0, 16.0)
"""No deadline is shorter, by price: some silences (a stay away that nobody told of) are explained by no habit, and who
wants few false alarms must wait them out, in lively homes too."""
RECORD_DAYS = 15
RECORD_WEIGHT = 0.3
"""The share of the longest silences, on a logarithmic scale, in a deadline; the hazard has the rest."""
_MARGIN, _MARGIN_H, _LONGEST_H = 1.3, 0.5, 24.0
_AROUND = range(-2, 3)
_BORING_S = 1200.0
_MONTH_DAYS = 30.44


class Records:
    """The longest silences by the half hour in which they were reached, over the last 15 to 30 days (Cuddihy-style).

    Two halves take turns: what is older than both is forgotten, and a home needs 96 numbers instead of a month of days.
    """

    def __init__(self) -> None:
        self.halves = np.zeros((2, gaps.STARTS))
        self.days = 0

    def add(self, ended: Gaps) -> None:
        """Take in gaps that have ended; those behind an exit door are no silences."""
        long = (ended.context != gaps.EXIT) & (ended.length_s > _BORING_S)
        for local, length_s in zip(ended.local[long], ended.length_s[long], strict=True):
            last = local + min(length_s, _LONGEST_H * 3600)
            slots = np.arange(local // 1800, np.ceil(last / 1800))
            age_h = (np.minimum(last, (slots + 1) * 1800) - local) / 3600
            np.maximum.at(self.halves[0], slots.astype(int) % gaps.STARTS, age_h)

    def next_day(self) -> None:
        """One more day has been seen."""
        self.days += 1
        if self.days % RECORD_DAYS == 0:
            self.halves[1], self.halves[0] = self.halves[0], 0.0

    def deadlines_h(self) -> Array:
        """Hours until a silence from each half hour would beat, by a margin, all within an hour of that time of day."""
        usual = self.halves.max(0)
        usual = np.max([np.roll(usual, shift) for shift in _AROUND], axis=0)
        ages_h = np.arange(1, int(2 * _LONGEST_H) + 1) / 2
        reached = (np.arange(gaps.STARTS)[:, None] + np.arange(1, len(ages_h) + 1)) % gaps.STARTS
        beyond = ages_h > _MARGIN * usual[reached] + _MARGIN_H
        return np.where(beyond.any(1), ages_h[beyond.argmax(1)], _LONGEST_H)


class Learner:
    """One home's habits, learned by day, and its deadlines for the next day."""

    def __init__(self, prior: Prior, budgets: Sequence[float]) -> None:
        """`budgets`: false alarms a month, one set of deadlines each."""
        self._prior, self._budgets = prior, tuple(budgets)
        self._tally, self._records = Tally(), Records()
        self._seen_days = 0

    def learn(self, ended: Gaps) -> None:
        """Take in a day's gaps, those that ended in it. A day without any is a day too."""
        self._tally.add(self._prior, ended)
        self._tally.next_day(HALF_LIFE_DAYS)
        self._records.add(ended)
        self._records.next_day()
        self._seen_days += 1

    def deadlines(self) -> Array:
        """Seconds of silence until somebody is asked, by budget, context and the half hour it began in (b x 4 x 48)."""
        trust = TRUST_NEW if self._seen_days < NEW_DAYS else TRUST
        chance = gaps.with_floor(gaps.survival(gaps.posterior(self._prior, self._tally, trust)))
        ticks = gaps.cheapest(chance, PRICES)
        if self._seen_days >= NEW_DAYS:
            record = self._records.deadlines_h() * 3600 / gaps.TICK_S
            mixed = np.maximum(ticks, 1) ** (1 - RECORD_WEIGHT) * record**RECORD_WEIGHT
            ticks = np.minimum(np.round(mixed).astype(int), gaps.TICKS)
        ticks = np.maximum(ticks, (LEAST_H * 3600 / gaps.TICK_S).astype(int)[:, None, None])
        alarms = self._alarms(chance, ticks)
        found = np.empty((len(self._budgets), 4, gaps.STARTS))
        for k, budget in enumerate(self._budgets):
            found[k] = ticks[_price(alarms, budget)] * gaps.TICK_S
        found[:, gaps.EXIT] = OUT_S
        return found

    def _alarms(self, chance: Array, ticks: gaps.Numbers) -> Array:
        """False alarms a month at each price, as far as the home's habits tell."""
        known = self._seen_days >= 2
        starts = self._tally.starts / self._tally.days if known else self._prior.starts
        lasting = np.take_along_axis(np.broadcast_to(chance, (len(ticks), *chance.shape)), ticks[..., None], 3)[..., 0]
        alarms: Array = _MONTH_DAYS * (starts[gaps.BED :] * lasting[:, gaps.BED :]).sum((1, 2))
        return alarms


def _price(alarms: Array, budget: float) -> int:
    """The lowest price whose alarms keep to the budget, not far from what is fair to all homes."""
    within = alarms <= budget
    own = int(within.argmax()) if within.any() else len(PRICES) - 1
    fair = int(np.searchsorted(PRICES, FAIR_PRICE / budget))
    return min(max(own, fair - SPAN, 0), fair + SPAN, len(PRICES) - 1)
