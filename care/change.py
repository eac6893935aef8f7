"""What care has changed for the people who had it, as numbers about many of them: pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec

from core.care import Refused

CONFIDENCE = 0.95


class Change(msgspec.Struct, frozen=True):
    """The paired change of `n` people: its mean, the bounds of its 95 % confidence interval (Student's t), and how many
    of a hundred have more than before."""

    n: int
    mean: float
    low: float
    high: float
    improved_percent: float


class Share(msgspec.Struct, frozen=True):
    """Of `n` people, how many of a hundred."""

    n: int
    percent: float


def paired(before: Sequence[float], after: Sequence[float], floor: int) -> Change | Refused:
    """The change from `before` to `after`, which hold the same people in the same order.

    Fewer than `floor` people are refused, and so is fewer than two: an interval needs them. The refusal doesn't say
    how few there were.
    """
    changes = [later - earlier for earlier, later in zip(before, after, strict=True)]
    n = len(changes)
    if n < max(floor, 2):
        return Refused("too_few", {"floor": max(floor, 2)})
    mean = statistics.fmean(changes)
    half = half_width(n, statistics.stdev(changes))
    improved = sum(change > 0 for change in changes)
    return Change(n, mean, mean - half, mean + half, 100 * improved / n)


def half_width(n: int, deviation: float) -> float:
    """Half of the confidence interval of a mean of n values (Student's t), of their standard deviation."""
    from scipy.special import stdtrit  # type: ignore[import-untyped]  # it ships no types, and takes long to load

    return float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * deviation / math.sqrt(n)


def share(counted: Sequence[bool], floor: int) -> Share | Refused:
    """Of all who were asked, those who count; fewer than `floor` are refused."""
    if len(counted) < max(floor, 1):
        return Refused("too_few", {"floor": max(floor, 1)})
    return Share(len(counted), 100 * sum(counted) / len(counted))
