"""How much a sensor has missed: the chances that the home's others gave it to hear somebody, and that it did not take.

A chance is a half hour in which another sensor spoke. It is the better the more of them did, so the share of chances
that a sensor takes is kept for two kinds: one other spoke, or several.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.compiled import kernel

BLOCK_S = 1800
BUSY = 2
MEMORY = 200
"""Chances of a kind that the share rests on; older ones fade."""
DOUBT = 5
"""Chances not taken that every share begins with."""
KNOWN = 100
"""Chances after which a sensor is judged: about four usual days."""
MOST = 1000.0

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


def close_many(
    rate: Reals, seen: Numbers, missed: Reals, chances: Numbers, told: Flags, spoke: Masks, before: Masks
) -> None:
    """`close`, faster where homes are many. Half precision and logarithms are numpy's, so that both give the same."""
    rates, weights, some = rate.astype(float), missed.astype(float), (spoke, before)
    odds = _odds(rates, seen, weights, chances, *some)
    _miss(rates, seen, weights, chances, told, *some, -np.log1p(odds))
    rate[:], missed[:] = rates, weights


@kernel
def _odds(rate: Reals, seen: Numbers, missed: Reals, chances: Numbers, spoke: Masks, before: Masks) -> Reals:
    """Take in that sensors spoke; by how much a chance that is not taken speaks against each (m, n)."""
    odds = np.zeros(missed.shape)
    for i in range(len(missed)):
        for k in range(missed.shape[1]):
            if not spoke[i] >> k & 1:
                continue
            missed[i, k] = 0.0
            if chances[i, k].any():
                for kind in range(BUSY):
                    after = float(seen[i, k, kind]) + chances[i, k, kind]
                    rate[i, k, kind] = _half(rate[i, k, kind] * (seen[i, k, kind] / max(after, 1.0)))
                    seen[i, k, kind], chances[i, k, kind] = min(after, MEMORY), 0
        if _alone(spoke[i], before[i]):
            continue
        for k in range(missed.shape[1]):
            kind = _kind(spoke[i], k)
            known = float(seen[i, k, kind])
            odds[i, k] = -rate[i, k, kind] * known / (known + DOUBT)
    return odds


@kernel
def _miss(
    rate: Reals,
    seen: Numbers,
    missed: Reals,
    chances: Numbers,
    told: Flags,
    spoke: Masks,
    before: Masks,
    weight: Reals,
) -> None:
    """`miss`, by the `weight` (m, n) of a chance that is not taken."""
    for i in range(len(missed)):
        if _alone(spoke[i], before[i]):
            continue
        for k in range(missed.shape[1]):
            own = spoke[i] >> k & 1
            if _bits(spoke[i]) == own:
                continue
            kind = _kind(spoke[i], k)
            if not own:
                missed[i, k] = min(missed[i, k] + weight[i, k], MOST)
                if not told[i, k]:
                    chances[i, k, kind] = min(chances[i, k, kind] + 1, 255)
            else:
                after = min(float(seen[i, k, kind]) + 1, MEMORY)
                rate[i, k, kind] += (1 - rate[i, k, kind]) / after
                seen[i, k, kind] = after


@kernel
def _kind(spoke: int, k: int) -> int:
    """The kind of chance that sensor `k` had where these spoke."""
    return min(max(_bits(spoke) - (spoke >> k & 1), 1), BUSY) - 1


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
def _half(x: float) -> float:
    """`x`, which is not negative, as half precision keeps it."""
    power = max(math.frexp(x)[1], -13) - 11
    return math.ldexp(np.rint(math.ldexp(x, -power)), power)


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
