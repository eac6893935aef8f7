"""How much a sensor has missed: the chances that the home's others gave it to hear somebody, and that it did not take.

A chance is a half hour in which another sensor spoke. It is the better the more of them did, so the share of chances
that a sensor takes is kept for two kinds: one other spoke, or several. Pure numpy on the sensors of one home.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK_S = 1800.0
BUSY = 2
MEMORY = 120
"""Chances of a kind that the share rests on; older ones fade."""
DOUBT = 5
"""Chances not taken that every share begins with."""
KNOWN = 150
"""Chances after which a sensor is judged: five to seven usual days."""
MOST = 1000.0
SUSPECT = 4.0
"""From this much missed on nothing is learned of a sensor: what it then says nothing about may be its own failure."""

Reals = npt.NDArray[np.floating[Any]]
Numbers = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def alone(spoke: int, before: int) -> bool:
    """Whether one sensor speaks on by itself: somebody who sits there, or a storm, gives the others no chance."""
    return spoke == before and spoke.bit_count() <= 1


def learn(rate: Reals, seen: Numbers, missed: Reals, chances: Numbers, spoke: int) -> None:
    """Take in one half hour; `spoke` has a bit for each sensor that spoke in it, and higher ones for unknown others.

    Changed in place: `rate`, `seen` (n, BUSY): the share of the chances taken, and how many it rests on; `missed`,
    `chances` (n,): since the sensor's last word, minus the logarithm of the probability of taking none, and how many
    there were.
    """
    who = np.arange(len(missed))
    own = (spoke >> who & 1) > 0
    others = spoke.bit_count() - own
    some = others > 0
    kind = np.minimum(others, BUSY) - some
    share, known = rate[who, kind].astype(float), seen[who, kind].astype(float)
    silent = some & ~own
    weight = -np.log1p(-share * known / (known + DOUBT))
    missed[:] = np.minimum(missed + np.where(silent, weight, 0.0), MOST)
    chances[:] = np.minimum(chances + silent.astype(int), 255)
    trusted = some & (missed < SUSPECT)
    after = np.minimum(known + 1, MEMORY)
    rate[who, kind] = np.where(trusted, share + (own - share) / after, share)
    seen[who, kind] = np.where(trusted, after, known)


def known(seen: Numbers) -> Flags:
    """Which sensors have had chances enough to be judged."""
    enough: Flags = seen.sum(axis=-1, dtype=int) >= KNOWN
    return enough


def expected(missed: float, chances: int) -> float:
    """How many of its chances a sensor would usually have taken, were they all alike."""
    return chances * -float(np.expm1(-missed / chances)) if chances else 0.0
