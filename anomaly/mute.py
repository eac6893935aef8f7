"""How much a sensor has missed: the chances that the home's others gave it to hear somebody, and that it did not take.

A chance is a half hour in which another sensor spoke. It is the better the more of them did, so the share of chances
that a sensor takes is kept for two kinds: one other spoke, or several.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.batch import Events
from anomaly.compiled import kernel
from anomaly.rows import Column

BLOCK_S = 1800
BUSY = 2
MEMORY = 200
"""Chances of a kind that the share rests on; older ones fade."""
DOUBT = 5
"""Chances not taken that every share begins with."""
KNOWN = 100
"""Chances after which a sensor is judged: about four usual days."""
MOST = 1000.0

_HALVES = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(float)
"""Numbers of half precision by their bits; numba does not know them."""

Reals = npt.NDArray[np.floating[Any]]
Numbers = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint16]


def close(
    rate: Reals, seen: Numbers, missed: Reals, chances: Numbers, told: Flags, spoke: Masks, before: Masks
) -> None:
    """Take in one half hour of m homes of n sensors; see `miss`. `before` (m,): who spoke in the one before it.

    Of the sensors that spoke it is learned which chances they did not take before.
    """
    own = (spoke[:, None] >> np.arange(missed.shape[1]) & 1) > 0
    missed[own] = 0
    late = own & chances.any(axis=-1)
    caught = rate[late], seen[late], chances[late]
    catch_up(*caught)
    rate[late], seen[late], chances[late] = caught
    given = np.flatnonzero(~alone(spoke, before))
    some = rate[given], seen[given], missed[given], chances[given]
    miss(*some, told[given], spoke[given])
    rate[given], seen[given], missed[given], chances[given] = some


def miss(rate: Reals, seen: Numbers, missed: Reals, chances: Numbers, told: Flags, spoke: Masks) -> None:
    """Count who missed a half hour of m homes of n sensors. `spoke` (m,) has a bit for each sensor that spoke in it,
    and higher ones for unknown others.

    Changed in place: `rate`, `seen` (m, n, BUSY): the share of the chances taken, and how many it rests on; `missed`
    (m, n): since the sensor's last word, minus the logarithm of the probability of taking no chance; `chances`
    (m, n, BUSY): how many there were. A chance that was taken is learned at once, those that were not when the sensor
    has spoken again (`catch_up`): what it says nothing about may be its own failure.
    """
    who = np.arange(missed.shape[1])
    own = (spoke[:, None] >> who & 1) > 0
    others = np.bitwise_count(spoke)[:, None].astype(int) - own
    kind = np.arange(missed.size).reshape(missed.shape) * BUSY + np.clip(others, 1, BUSY) - 1
    share, known, had = (x.reshape(-1)[kind].astype(float) for x in (rate, seen, chances))
    silent = (others > 0) & ~own
    weight = -np.log1p(-share * known / (known + DOUBT))
    missed[:] = np.minimum(missed + np.where(silent, weight, 0.0), MOST)
    taken = (others > 0) & own
    after = np.minimum(known + 1, MEMORY)
    for x, now in (
        (chances, np.minimum(had + (silent & ~told), 255)),
        (rate, np.where(taken, share + (1 - share) / after, share)),
        (seen, np.where(taken, after, known)),
    ):
        x.reshape(-1)[kind] = now


def catch_up(rate: Reals, seen: Numbers, chances: Numbers) -> None:
    """A sensor speaks: learn the chances it did not take before. Arrays are (..., BUSY), changed in place."""
    after = seen.astype(float) + chances
    rate[:] = rate * (seen / np.maximum(after, 1.0))
    seen[:], chances[:] = np.minimum(after, MEMORY), 0


def close_many(col: Mapping[str, Column], events: Events, quiet: Flags, too_much: float) -> Flags:
    """`close` for the homes of `events` (m), in their columns `mute.{name}`. Gives those (m) where no sensor is mute
    now of those that have been `quiet` (m, n); the others are left as they are.

    Half precision is read and written by its bits, and the logarithms are numpy's, as in `miss`.
    """
    rate, missed = col["mute.rate"].view(np.uint16), col["mute.missed"].view(np.uint16)
    some = col["mute.seen"], col["mute.spoke"], col["mute.before"]
    weight = -np.log1p(_odds(events, rate, *some, _HALVES))
    more = missed, col["mute.chances"], col["mute.told"]
    calm: Flags = _close(events, weight, quiet, too_much, rate, *some, *more, _HALVES)
    return calm


@kernel
def _odds(events: Events, rate: Masks, seen: Numbers, spoke: Masks, before: Masks, halves: Reals) -> Reals:
    """How much a chance that is not taken speaks against each sensor (m, n), before the logarithm."""
    odds = np.zeros((len(events), rate.shape[1]))
    for j in range(len(events)):
        i = events[j].home
        others = _bits(spoke[i])
        if others and not _alone(spoke[i], before[i]):
            for k in range(rate.shape[1]):
                kind = min(others, BUSY) - 1
                known = float(seen[i, k, kind])
                odds[j, k] = -halves[rate[i, k, kind]] * known / (known + DOUBT)
    return odds


@kernel
def _close(
    events: Events,
    weight: Reals,
    quiet: Flags,
    too_much: float,
    rate: Masks,
    seen: Numbers,
    spoke: Masks,
    before: Masks,
    missed: Masks,
    chances: Numbers,
    told: Flags,
    halves: Reals,
) -> Flags:
    calm = np.ones(len(events), np.bool_)
    for j in range(len(events)):
        i, sensors = events[j].home, rate.shape[1]
        spoken = _bits(spoke[i])
        given = spoken > 0 and not _alone(spoke[i], before[i])
        for k in range(sensors):
            if not (spoke[i] >> k & 1 or told[i, k]) and quiet[j, k]:
                weighs = halves[missed[i, k]]
                if given:
                    weighs = halves[_half(min(weighs + weight[j, k], MOST))]
                if weighs > too_much and int(seen[i, k, 0]) + seen[i, k, 1] >= KNOWN:
                    calm[j] = False
        if not calm[j]:
            continue
        for k in range(sensors):
            own = spoke[i] >> k & 1
            if own:
                missed[i, k] = 0
                if chances[i, k, 0] or chances[i, k, 1]:
                    for kind in range(BUSY):
                        after = float(seen[i, k, kind]) + chances[i, k, kind]
                        rate[i, k, kind] = _half(halves[rate[i, k, kind]] * (seen[i, k, kind] / max(after, 1.0)))
                        seen[i, k, kind], chances[i, k, kind] = min(after, MEMORY), 0
            if not given or spoken == own:
                continue
            kind = min(spoken - own, BUSY) - 1
            if own:
                share, after = halves[rate[i, k, kind]], min(float(seen[i, k, kind]) + 1, MEMORY)
                rate[i, k, kind], seen[i, k, kind] = _half(share + (1 - share) / after), after
            else:
                missed[i, k] = _half(min(halves[missed[i, k]] + weight[j, k], MOST))
                if not told[i, k]:
                    chances[i, k, kind] = min(chances[i, k, kind] + 1, 255)
    return calm


@kernel
def _bits(mask: int) -> int:
    n = 0
    while mask:
        mask &= mask - 1
        n += 1
    return n


@kernel
def _alone(spoke: int, before: int) -> bool:
    return spoke == before and _bits(spoke) <= 1


@kernel
def _half(x: float) -> int:
    """The bits of `x`, which is not negative, in half precision."""
    if x == 0:
        return 0
    power = max(math.frexp(x)[1], -13)
    return (power + 13) * 1024 + int(np.rint(math.ldexp(x, 11 - power)))


def alone(spoke: Masks, before: Masks) -> Flags:
    """Whether one sensor speaks on by itself: somebody who sits there, or a storm, gives the others no chance."""
    found: Flags = (spoke == before) & (np.bitwise_count(spoke) <= 1)
    return found


def known(seen: Numbers) -> Flags:
    """Which sensors have had chances enough to be judged."""
    enough: Flags = seen.sum(axis=-1, dtype=int) >= KNOWN
    return enough


def expected(missed: float, chances: int) -> float:
    """How many of its chances a sensor would usually have taken, were they all alike."""
    return chances * -float(np.expm1(-missed / chances)) if chances else 0.0
