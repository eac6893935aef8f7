"""How long a person in this home is usually still: a hazard of movement learned from its gaps, and what to make of it.

A gap is the time from one human event to the next. It is cut into ticks of ten minutes; at each tick that it reaches it
may end. The chance of that (the hazard) depends on the context of the gap's first event, the local hour of the tick and
the gap's age. A fleet's prior is corrected by what the home has shown, in blocks of three hours and in groups of ages
chained from short to long: without the chain the few homes with long gaps would own the tail. Who went out through an
exit door is judged by another rule: those gaps are not in here. `c` 3 contexts, `h` 24 local hours, `b` 8
blocks of hours, `j` 22 ages, `G` 5 groups of ages, `s` 48 half hours of the local day at which a gap begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from anomaly.compiled import kernel

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int_]
Floats = npt.NDArray[np.floating[Any]]

BED, BATH, OTHER, EXIT = range(4)
CONTEXTS = ("bed", "bath", "other")
TICK_S = 600.0
TICKS = 144
AGES_MIN = (0, 10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 180, 220, 260, 320, 380, 460, 560, 700, 880, 1200, 1800)
GROUPS_MIN = (15, 60, 180, 420)
STARTS = 48
BLOCKS = 8

BLOCK_H = 24 // BLOCKS
_HALF = np.array([0, 0, 1, 1, 1, 1, 1, 0])
"""Which blocks are the night's (21:00-06:00) and which the day's."""
_TICK_H = TICK_S / 3600
AGE = np.searchsorted(AGES_MIN, np.arange(TICKS) * TICK_S / 60, side="right") - 1
"""The age j of each tick."""
GROUP = np.searchsorted(GROUPS_MIN, AGES_MIN, side="left")
"""The group G of each age."""
_START_S = np.arange(STARTS) * 1800.0 + 900.0
_HOUR = (((_START_S[:, None] + np.arange(TICKS) * TICK_S + TICK_S / 2) // 3600) % 24).astype(int)
_SLOWEST, _QUICKEST = 1e-5, 0.97


class Prior(msgspec.Struct, frozen=True):
    """A fleet's habits: `hazard[c, h, j]`, and `starts[c, s]`, gaps a day that begin then."""

    hazard: Array
    starts: Array


class Gaps(msgspec.Struct, frozen=True):
    """n gaps: their contexts, their beginnings on the local wall clock (seconds) and their lengths (seconds).

    `ended` False: what came after `length_s` is not known, or is not to be learned from.
    """

    context: Numbers
    local: Array
    length_s: Array
    ended: npt.NDArray[np.bool_]

    def some(self, which: npt.NDArray[Any]) -> Gaps:
        """Those of them."""
        return Gaps(self.context[which], self.local[which], self.length_s[which], self.ended[which])


class Ticks(msgspec.Struct, frozen=True):
    """Every tick that gaps reach: which gap, its context, the local hour then, its age j then, whether it ends then."""

    gap: Numbers
    context: Numbers
    hour: Numbers
    age: Numbers
    ends: npt.NDArray[np.bool_]


def ticks(gaps: Gaps) -> Ticks:
    """The ticks that `gaps` reach, one after the other. A gap longer than the last tick is not seen to end.

    One that is not known to end was at risk in the ticks that it lasted through, not in the one it was in.
    """
    last = (gaps.length_s // TICK_S).astype(int)
    reached = np.minimum(last + gaps.ended, TICKS)
    first = np.cumsum(reached) - reached
    gap = np.repeat(np.arange(len(last)), reached)
    tick = np.arange(len(gap)) - first[gap]
    hour = _hour(gaps.local[gap] + (tick + 0.5) * TICK_S)
    return Ticks(gap, gaps.context[gap], hour, AGE[tick], (tick == last[gap]) & gaps.ended[gap])


def count(prior: Prior, gaps: Gaps, who: Numbers, expected: Floats, ended: Floats, starts: Floats) -> None:
    """Add gaps of the homes `who` (n) to what the homes have shown.

    `ended[home, c, b, G]` gaps, as many as `expected[home, c, b, G]` under the prior; `starts[home, c, h]` of gaps.
    """
    first = gaps.ended & (gaps.length_s < TICK_S)
    count_firsts(prior, who[first], gaps.context[first], gaps.local[first], expected, ended, starts)
    if first.all():
        return
    who, gaps = who[~first], gaps.some(~first)
    at = ticks(gaps)
    cell = who[at.gap], at.context, at.hour // BLOCK_H, GROUP[at.age]
    _add(expected, cell, prior.hazard[at.context, at.hour, at.age])
    _add(ended, cell, at.ends)
    _add(starts, (who, gaps.context, _hour(gaps.local)), 1)


def count_firsts(
    prior: Prior, who: Numbers, context: Numbers, local: Array, expected: Floats, ended: Floats, starts: Floats
) -> None:
    """`count` for gaps that ended in their first tick, as most do: there is nothing to lay out."""
    hour = _hour(local + TICK_S / 2)
    cell = who, context, hour // BLOCK_H, GROUP[AGE[0]]
    _add(expected, cell, prior.hazard[context, hour, AGE[0]])
    _add(ended, cell, 1)
    _add(starts, (who, context, _hour(local)), 1)


def count_first(
    prior: Prior, i: int, context: int, local_s: float, expected: Floats, ended: Floats, starts: Floats
) -> None:
    """`count_firsts` for one gap of home `i`."""
    hour = int((local_s + TICK_S / 2) // 3600) % 24
    cell = i, context, hour // BLOCK_H, GROUP[AGE[0]]
    expected[cell] += expected.dtype.type(prior.hazard[context, hour, AGE[0]])
    ended[cell] += 1
    starts[i, context, int(local_s // 3600) % 24] += 1


@kernel
def count_gap(
    hazard: Array,
    i: int,
    context: int,
    local_s: float,
    length_s: float,
    ended: bool,
    expected: Floats,
    ends: Floats,
    starts: Floats,
) -> None:
    """`count` for one gap of home `i`, by the prior's `hazard`."""
    last = int(length_s // TICK_S)
    for tick in range(min(last + ended, TICKS)):
        hour, age = int(local_s + (tick + 0.5) * TICK_S) // 3600 % 24, AGE[tick]
        block, group = hour // BLOCK_H, GROUP[age]
        expected[i, context, block, group] += np.float32(hazard[context, hour, age])
        if ended and tick == last:
            ends[i, context, block, group] += 1
    starts[i, context, int(local_s) // 3600 % 24] += 1


def _hour(local: Array) -> Numbers:
    hour: Numbers = local.astype(np.int64) // 3600 % 24  # numpy divides whole numbers seven times as fast
    return hour


def _add(counts: Floats, cell: tuple[Any, ...], values: Any) -> None:
    flat = counts.view()
    flat.shape = (-1,)  # unlike reshape it fails rather than copies
    np.add.at(flat, np.ravel_multi_index(cell, counts.shape), np.asarray(values, counts.dtype))


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
    n = len(CONTEXTS)
    reached, ended, starts = np.zeros((n, 24, 22)), np.zeros((n, 24, 22)), np.zeros((n, STARTS))
    for gaps, seen in zip(homes, days, strict=True):
        inside = gaps.some(gaps.context != EXIT)
        at = ticks(inside)
        cell = at.context, at.hour, at.age
        np.add.at(reached, cell, 1.0)
        np.add.at(ended, cell, at.ends.astype(float))
        np.add.at(starts, (inside.context, half_hour(inside.local)), 1.0 / (seen * len(homes)))
    by_age = (ended.sum((0, 1)) + 0.5) / (reached.sum((0, 1)) + 5.0)
    weight = 20.0  # ticks of the wider group
    by_context = (ended.sum(1) + weight * by_age) / (reached.sum(1) + weight)
    hazard = (_around(ended) + weight * by_context[:, None]) / (_around(reached) + weight)
    return Prior(np.clip(hazard, 1e-4, _QUICKEST), starts)


def posterior(prior: Prior, expected: Floats, ended: Floats, trust: tuple[float, float, float]) -> Array:
    """One home's own hazard[c, h, j] by its `expected[c, b, G]` and `ended[c, b, G]`.

    `trust`, in gaps: in the fleet, in the home, in the context's day or night, for the next.
    """
    home, half, block = trust
    ratio = np.empty(ended.shape)
    before = np.full((len(CONTEXTS), 2), (ended.sum() + home) / (expected.sum() + home))
    bend = np.ones(ended.shape[:2])
    for group in range(5):
        wide = (_halves(ended[:, :, group]) + half * before) / (_halves(expected[:, :, group]) + half)
        its = wide[:, _HALF]
        ratio[:, :, group] = (ended[:, :, group] + block * its * bend) / (expected[:, :, group] + block)
        bend = np.sqrt(ratio[:, :, group] / its)
        before = wide
    return np.clip(prior.hazard * np.repeat(ratio, BLOCK_H, axis=1)[:, :, GROUP], _SLOWEST, _QUICKEST)


def _halves(counts: Floats) -> Floats:
    """Sums over the blocks of the night and over those of the day: sound sleep says nothing of how still a noon is."""
    found: Floats = np.stack([counts[:, half == _HALF].sum(1) for half in (0, 1)], axis=1)
    return found


def survival(hazard: Array) -> Array:
    """S[c, s, k]: the chance that a gap from half hour s lasts k ticks, k = 0..144."""
    along = hazard[:, _HOUR, AGE[None, :]]
    return np.concatenate([np.ones((len(hazard), STARTS, 1)), np.cumprod(1 - along, axis=2)], axis=2)


def lasting(hazard: Array, context: int, start: int) -> Array:
    """S[k] alone for gaps of one context from one half hour (145)."""
    along = hazard[context, _HOUR[start], AGE]
    return np.concatenate([[1.0], np.cumprod(1 - along)])


def waited(chance: Array) -> Array:
    """∫₀ᴰ S(u)(D-u)du in hours^2 for every tick D: the cost of waiting in vain (c x s x 145)."""
    return _integral(_integral(chance))


def cheapest(chance: Array, waited: Array, price: float) -> Numbers:
    """The ticks D[c, s] that make waiting in vain and a false alarm cheapest: ∫₀ᴰ S(u)(D-u)du + price·S(D).

    Waiting an hour costs the same by day and by night, and where S does not fall any more the wait still ends.
    """
    found: Numbers = np.argmin(waited + price * chance, axis=2)
    return found


def half_hour(local: Any) -> Numbers:
    """The half hour s of the local day."""
    found: Numbers = np.asarray(local).astype(np.int64) // 1800 % STARTS
    return found


def _integral(values: Array) -> Array:
    steps = (values[..., :-1] + values[..., 1:]) / 2 * _TICK_H
    return np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)


def _around(counts: Array) -> Array:
    """Each hour with its neighbours."""
    return counts + np.roll(counts, 1, 1) + np.roll(counts, -1, 1)
