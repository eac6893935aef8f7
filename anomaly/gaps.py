"""How long a person in this home is usually still: a hazard of movement learned from its gaps, and what to make of it.

A gap is the time from one human event to the next. It is cut into ticks of ten minutes; at each tick that it reaches it
may end. The chance of that (the hazard) depends on the context of the gap's first event, the local hour of the tick and
the gap's age. A fleet's prior is corrected by what the home has shown, in groups of ages chained from short to long:
without the chain the few homes with long gaps would own the tail. Pure numpy; `c` 4 contexts, `h` 24 local hours,
`j` 22 ages, `G` 5 groups of ages, `s` 48 half hours of the local day at which a gap begins.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int_]

EXIT, BED, BATH, OTHER = range(4)
CONTEXTS = ("exit", "bed", "bath", "other")
TICK_S = 600.0
TICKS = 288
AGES_MIN = (0, 10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 180, 220, 260, 320, 380, 460, 560, 700, 880, 1200, 1800)
GROUPS_MIN = (15, 60, 180, 420)
STARTS = 48

_TICK_H = TICK_S / 3600
AGE = np.searchsorted(AGES_MIN, np.arange(TICKS) * TICK_S / 60, side="right") - 1
"""The age j of each tick."""
GROUP = np.searchsorted(GROUPS_MIN, AGES_MIN, side="left")
"""The group G of each age."""
_START_S = np.arange(STARTS) * 1800.0 + 900.0
_HOUR = (((_START_S[:, None] + np.arange(TICKS) * TICK_S + TICK_S / 2) // 3600) % 24).astype(int)
_SLOWEST, _QUICKEST = 1e-5, 0.97
_AGE_H = np.arange(TICKS + 1) * _TICK_H


class Prior(msgspec.Struct, frozen=True):
    """A fleet's habits: `hazard[c, h, j]`, and `starts[c, s]`, gaps a day that begin then."""

    hazard: Array
    starts: Array


class Tally:
    """What a home has shown; all of it fades.

    `ended[c, h, G]` gaps, as many as `expected[c, h, G]` under the prior; `starts[c, s]` of gaps, over `days`.
    """

    def __init__(self) -> None:
        self.expected, self.ended = np.zeros((4, 24, 5)), np.zeros((4, 24, 5))
        self.starts, self.days = np.zeros((4, STARTS)), 0.0

    def add(self, prior: Prior, gaps: Gaps) -> None:
        """Take in gaps that have ended."""
        at = ticks(gaps)
        cell = at.context, at.hour, GROUP[at.age]
        np.add.at(self.expected, cell, prior.hazard[at.context, at.hour, at.age])
        np.add.at(self.ended, cell, at.ends.astype(float))
        np.add.at(self.starts, (gaps.context, _half_hour(gaps.local)), 1.0)

    def next_day(self, half_life_days: float) -> None:
        """One more day has been seen; what is older weighs less."""
        fade = 0.5 ** (1 / half_life_days)
        self.expected *= fade
        self.ended *= fade
        self.starts *= fade
        self.days = self.days * fade + 1


class Gaps(msgspec.Struct, frozen=True):
    """n gaps: their contexts, their beginnings on the local wall clock (seconds) and their lengths (seconds)."""

    context: Numbers
    local: Array
    length_s: Array

    def some(self, which: npt.NDArray[np.bool_]) -> Gaps:
        """Those of them."""
        return Gaps(self.context[which], self.local[which], self.length_s[which])


class Ticks(msgspec.Struct, frozen=True):
    """Every tick that gaps reach: the gap's context, the local hour then, its age j then, whether it ends then."""

    context: Numbers
    hour: Numbers
    age: Numbers
    ends: npt.NDArray[np.bool_]


def ticks(gaps: Gaps) -> Ticks:
    """The ticks that `gaps` reach, one after the other. A gap longer than the last tick is not seen to end."""
    last = (gaps.length_s // TICK_S).astype(int)
    reached = np.minimum(last + 1, TICKS)
    first = np.cumsum(reached) - reached
    gap = np.repeat(np.arange(len(last)), reached)
    tick = np.arange(len(gap)) - first[gap]
    hour = ((gaps.local[gap] + (tick + 0.5) * TICK_S) // 3600).astype(int) % 24
    return Ticks(gaps.context[gap], hour, AGE[tick], tick == last[gap])


def context_of(place: str, exit_door: bool) -> int:
    """The context of a gap's first event; `exit_door`: one moved in the 120 s up to it."""
    if exit_door:
        return EXIT
    name = place.lower()
    if "bed" in name or "침실" in name or "안방" in name:
        return BED
    return BATH if "bath" in name or "toilet" in name or "화장실" in name or "욕실" in name else OTHER


def fleet_prior(homes: Sequence[Gaps], days: Sequence[float]) -> Prior:
    """The prior of homes by their gaps and the days that each was seen."""
    reached, ended, starts = np.zeros((4, 24, 22)), np.zeros((4, 24, 22)), np.zeros((4, STARTS))
    for gaps, seen in zip(homes, days, strict=True):
        at = ticks(gaps)
        cell = at.context, at.hour, at.age
        np.add.at(reached, cell, 1.0)
        np.add.at(ended, cell, at.ends.astype(float))
        np.add.at(starts, (gaps.context, _half_hour(gaps.local)), 1.0 / (seen * len(homes)))
    by_age = (ended[BED:].sum((0, 1)) + 0.5) / (reached[BED:].sum((0, 1)) + 5.0)
    weight = 20.0  # ticks of the wider group
    by_context = (ended.sum(1) + weight * by_age) / (reached.sum(1) + weight)
    hazard = (_around(ended) + weight * by_context[:, None]) / (_around(reached) + weight)
    return Prior(np.clip(hazard, 1e-4, _QUICKEST), starts)


def posterior(prior: Prior, tally: Tally, trust: tuple[float, float, float]) -> Array:
    """The home's own hazard[c, h, j]. `trust`, in gaps: in the fleet, in the home, in the context, for the next."""
    home, context, hour = trust
    ratio = np.empty_like(tally.ended)
    expected, ended = tally.expected.sum(1), tally.ended.sum(1)
    before = np.full(4, (tally.ended.sum() + home) / (tally.expected.sum() + home))
    bend = np.ones((4, 24))
    for group in range(5):
        wide = (ended[:, group] + context * before) / (expected[:, group] + context)
        ratio[:, :, group] = (tally.ended[:, :, group] + hour * wide[:, None] * bend) / (
            tally.expected[:, :, group] + hour
        )
        bend = np.sqrt(ratio[:, :, group] / wide[:, None])
        before = wide
    return np.clip(prior.hazard * ratio[:, :, GROUP], _SLOWEST, _QUICKEST)


def survival(hazard: Array) -> Array:
    """S[c, s, k]: the chance that a gap from half hour s lasts k ticks, k = 0..288."""
    along = hazard[:, _HOUR, AGE[None, :]]
    return np.concatenate([np.ones((4, STARTS, 1)), np.cumprod(1 - along, axis=2)], axis=2)


def cheapest(chance: Array, prices: Array) -> Numbers:
    """The ticks D[m, c, s] that make waiting in vain and a false alarm cheapest: ∫₀ᴰ S(u)(D-u)du + prices[m]·S(D).

    Waiting an hour costs the same by day and by night, and where S does not fall any more the wait still ends.
    """
    alive = _integral(chance)
    waited = _integral(alive)
    return np.stack([np.argmin(waited + price * chance, axis=2) for price in prices])


def with_floor(chance: Array, share: float = 0.02, fade_h: float = 2.0) -> Array:
    """S with a tail that the model does not know of: of the gaps that last an hour, `share` are of another kind."""
    older: Array = np.exp(-np.maximum(_AGE_H - 1.0, 0.0) / fade_h)
    return chance + share * chance[..., 6:7] * older


def _half_hour(local: Array) -> Numbers:
    return (local // 1800).astype(int) % STARTS


def _integral(values: Array) -> Array:
    steps = (values[..., :-1] + values[..., 1:]) / 2 * _TICK_H
    return np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)


def _around(counts: Array) -> Array:
    """Each hour with its neighbours."""
    return counts + np.roll(counts, 1, 1) + np.roll(counts, -1, 1)
