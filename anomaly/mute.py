"""How much a sensor has missed: the chances that the home's others gave it to hear somebody, and that it did not take.

A chance is a half hour in which another sensor spoke. It is the better the more of them did, so the share of chances
that a sensor takes is kept for two kinds: one other spoke, or several. Pure numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

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
