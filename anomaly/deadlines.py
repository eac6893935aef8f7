"""From what a home has shown to how long it may be still, within a budget of false alarms.

What is known of homes lies in columns, `habit.{name}`, a row each: the engine's, or those of `columns`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from anomaly import gaps
from anomaly.compiled import kernel
from anomaly.gaps import CONTEXTS, STARTS, TICK_S, Array, Floats, Gaps, Numbers, Prior
from anomaly.rows import Column, blank

QUESTIONS = 3.0
"""False alarms a month where the speaker asks first: of ten questions one reaches a person."""
ALARMS = 0.5
"""And where a person has to be called at once."""
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
UNEXPLAINED = 0.3
"""Alarms a month that no habit foresees, measured: a day in another bed, a stay away that nobody told of."""
FORESEEN = 0.6
"""Of the alarms that habits do foresee so many come: the records and bounds have made the waits longer."""
FIT_S, MISFIT = 3 * 3600.0, 3.0
TIMER_S = 10 * 3600.0
"""The deadline of a home that its habits do not explain."""
LEAST_ASKED = 1.0
"""One alarm more or less says little yet of how a home keeps to its budget."""
RECORD_DAYS = 15
RECORD_WEIGHT = 0.3
"""The share of the longest silences, on a logarithmic scale, in a deadline; the hazard has the rest."""
_MARGIN, _MARGIN_H, _LONGEST_H = 1.3, 0.5, 24.0
_UNIT_H = 0.1
_AROUND = range(-2, 3)
_BORING_S = 1200.0
_MONTH_DAYS = 30.44

FIELDS: Mapping[str, str] = {
    "expected": f"({len(CONTEXTS)},{gaps.BLOCKS},5)<f4",  # gaps that were to end under the prior; all of it fades
    "ended": f"({len(CONTEXTS)},{gaps.BLOCKS},5)<f4",  # gaps that did
    "starts": f"({len(CONTEXTS)},24)<f4",  # gaps that began, by hour
    "days": "<f4",  # over so many days
    "record": f"(2,{STARTS})<u1",  # the longest silences by the half hour in which they were reached, tenths of hours
    "known": "<u2",  # days learned
    "asked": "<f4",  # silences that were told
    "long": "<f4",  # long silences that ended,
    "long_due": "<f4",  # of as many that were to
}
"""Columns. The records (Cuddihy-style) are those of the last 15 to 30 days: two halves take turns, and what is older
than both is forgotten, so that a home needs 96 numbers instead of a month of days."""

Columns = Mapping[str, Column]


def columns(homes: int) -> dict[str, Column]:
    """Columns of their own for `homes` homes, for whoever has no engine."""
    return blank(homes, "habit", FIELDS)


def counts(col: Columns) -> tuple[Column, Column, Column]:
    """What `gaps.count` counts in."""
    return col["habit.expected"], col["habit.ended"], col["habit.starts"]


def learn(col: Columns, who: Numbers, seen: Gaps, prior: Prior) -> None:
    """Take in gaps of the homes `who` (n); those behind an exit door say nothing."""
    inside = seen.context != gaps.EXIT
    who, seen = who[inside], seen.some(inside)
    gaps.count(prior, seen, who, *counts(col))
    long = seen.length_s > _BORING_S
    if long.any():
        _record(col["habit.record"], who[long], seen.local[long], seen.length_s[long])
    for k in np.flatnonzero((seen.length_s >= FIT_S) & (col["habit.known"][who] >= NEW_DAYS)).tolist():
        i = int(who[k])
        context, start = int(seen.context[k]), int(gaps.half_hour(seen.local[k]))
        lasts = gaps.lasting(hazard(col, i, prior), context, start)
        reached = min(int(seen.length_s[k] // TICK_S), gaps.TICKS)
        col["habit.long_due"][i] += np.log(lasts[int(FIT_S // TICK_S)] / lasts[reached])
        col["habit.long"][i] += seen.ended[k]


def fits(col: Columns, i: int) -> bool:
    """Whether a home's long silences end as its habits say: -log S at their ends is Exp(1), so that the sum over n of
    them is n, give or take √n. The other way round, with silences shorter than foreseen, nobody is troubled.
    """
    ended = float(col["habit.long"][i])
    return float(col["habit.long_due"][i]) - ended <= MISFIT * math.sqrt(max(ended, 1.0))


def _record(record: Column, who: Numbers, local: Array, length_s: Array) -> None:
    last = local + np.minimum(length_s, _LONGEST_H * 3600)
    first = local // 1800
    many = (np.ceil(last / 1800) - first).astype(int)
    gap = np.repeat(np.arange(len(many)), many)
    slot = first[gap] + np.arange(len(gap)) - np.repeat(np.cumsum(many) - many, many)
    age_h = (np.minimum(last[gap], (slot + 1) * 1800) - local[gap]) / 3600
    tenths = np.ceil(age_h / _UNIT_H).astype(record.dtype)
    np.maximum.at(record[:, 0], (who[gap], slot.astype(int) % STARTS), tenths)


@kernel
def lengthen(record: Column, i: int, local_s: float, length_s: float) -> None:
    """Note a silence of home `i` among the longest; see `_record`."""
    if length_s <= _BORING_S:
        return
    last, first = local_s + min(length_s, _LONGEST_H * 3600), local_s // 1800
    for k in range(int(math.ceil(last / 1800) - first)):
        slot = first + k
        tenths = math.ceil((min(last, (slot + 1) * 1800) - local_s) / 3600 / _UNIT_H)
        half = int(slot) % STARTS
        record[i, 0, half] = max(record[i, 0, half], tenths)


def next_day(col: Columns, who: Numbers, share: Array) -> None:
    """The day of the homes `who` is over, `share` (n) of it was learned; what is older weighs less."""
    fade = (0.5 ** (share / HALF_LIFE_DAYS)).astype(np.float32)
    for name in ("expected", "ended", "starts", "days", "asked", "long", "long_due"):
        values = col[f"habit.{name}"]
        values[who] *= fade.reshape(-1, *[1] * (values.ndim - 1))
    col["habit.days"][who] += share
    whole = who[share >= 0.5]
    col["habit.known"][whole] += np.uint16(1)
    turn = whole[col["habit.known"][whole] % RECORD_DAYS == 0]
    record = col["habit.record"]
    record[turn, 1] = record[turn, 0]
    record[turn, 0] = 0


def deadlines(col: Columns, i: int, prior: Prior, budgets: Sequence[float]) -> Numbers:
    """Ticks of silence until somebody is asked, by budget (alarms a month), context and the half hour it began in.

    Who was asked more often than the budget says is asked more rarely from now on, and the other way round.
    """
    if not fits(col, i):
        return np.full((len(budgets), len(CONTEXTS), STARTS), int(TIMER_S / TICK_S))
    home = _Home(col, i, prior)
    asked, months = float(col["habit.asked"][i]), float(col["habit.days"][i]) / _MONTH_DAYS
    own = ((asked + LEAST_ASKED) / (budget * months + LEAST_ASKED) for budget in budgets)
    return np.stack([home.ticks(home.price(budget / often)) for budget, often in zip(budgets, own, strict=True)])


class _Home:
    """What one home's habits make of each price."""

    def __init__(self, col: Columns, i: int, prior: Prior) -> None:
        self._known = int(col["habit.known"][i])
        self._chance = chance(col, i, prior)
        self._waited = gaps.waited(self._chance)
        days = float(col["habit.days"][i])
        own: Floats = np.repeat(col["habit.starts"][i], 2, axis=1) / 2
        self._starts = own / days if days >= 2 else prior.starts
        self._record = record_deadlines_h(col["habit.record"][i]) * 3600 / TICK_S
        self._found: dict[int, Numbers] = {}

    def price(self, budget: float) -> int:
        """The lowest price whose alarms keep to the budget, not far from what is fair to all homes."""
        budget = max((budget - UNEXPLAINED) / FORESEEN, budget / 8)
        fair = min(int(np.searchsorted(PRICES, FAIR_PRICE / budget)), len(PRICES) - 1)
        low, high = max(fair - SPAN, 0), min(fair + SPAN, len(PRICES) - 1)
        while low < high:
            middle = (low + high) // 2
            if self._alarms(self.ticks(middle)) <= budget:
                high = middle
            else:
                low = middle + 1
        return low

    def ticks(self, price: int) -> Numbers:
        """The deadlines (c x s) at a price; a higher one never has a shorter deadline."""
        if price not in self._found:
            found = gaps.cheapest(self._chance, self._waited, PRICES[price])
            if self._known >= NEW_DAYS:
                mixed = np.maximum(found, 1) ** (1 - RECORD_WEIGHT) * self._record**RECORD_WEIGHT
                found = np.minimum(np.round(mixed).astype(int), gaps.TICKS)
            self._found[price] = np.maximum(found, int(LEAST_H[price] * 3600 / TICK_S))
        return self._found[price]

    def _alarms(self, ticks: Numbers) -> float:
        """False alarms a month, as far as the home's habits tell."""
        lasting = np.take_along_axis(self._chance, ticks[..., None], 2)[..., 0]
        return _MONTH_DAYS * float((self._starts * lasting).sum())


def chance(col: Columns, i: int, prior: Prior) -> Array:
    """S[c, s, k]: the chance that a gap of this home that begins in half hour s lasts k ticks."""
    return gaps.survival(hazard(col, i, prior))


def hazard(col: Columns, i: int, prior: Prior) -> Array:
    """The home's own hazard[c, h, j]."""
    trust = TRUST if col["habit.known"][i] >= NEW_DAYS else TRUST_NEW
    return gaps.posterior(prior, col["habit.expected"][i], col["habit.ended"][i], trust)


def record_deadlines_h(record: Column) -> Array:
    """Hours until a silence from each half hour would beat, by a margin, all within an hour of that time of day."""
    usual = record.max(0) * _UNIT_H
    usual = np.max([np.roll(usual, shift) for shift in _AROUND], axis=0)
    ages_h = np.arange(1, int(2 * _LONGEST_H) + 1) / 2
    reached = (np.arange(STARTS)[:, None] + np.arange(1, len(ages_h) + 1)) % STARTS
    beyond = ages_h > _MARGIN * usual[reached] + _MARGIN_H
    found: Array = np.where(beyond.any(1), ages_h[beyond.argmax(1)], _LONGEST_H)
    return found
