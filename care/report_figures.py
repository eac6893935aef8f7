"""The sums behind the reports: quantiles, a paired change with its interval, and what must stay hidden: pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from care.change import half_width
from core.care import Refused

HOUR_S, MINUTE_S = 3600.0, 60.0
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""


class Quantiles(msgspec.Struct, frozen=True):
    """`n` values; their median and their 90 % quantile (linear between neighbours), None without any."""

    n: int
    median: float | None
    p90: float | None


class Paired(msgspec.Struct, frozen=True):
    """Of `n` pairs: the mean change with its 95 % interval (Student's t), and the percentage that rose."""

    n: int
    mean: float
    low: float
    high: float
    improved: float


def quantiles(values: Sequence[float | None], unit: float = 1.0) -> Quantiles:
    """Quantiles of what is known of `values`, in units of `unit`, to two places."""
    known = np.array([float(v) for v in values if v is not None]) / unit
    if not known.size:
        return Quantiles(0, None, None)
    median, p90 = np.quantile(known, (0.5, 0.9))
    return Quantiles(int(known.size), round(float(median), 2), round(float(p90), 2))


def paired(n: int, total: float, squares: float, risen: int, floor: int) -> Paired | Refused:
    """Of `n` changes, their sum, the sum of their squares and how many rose. Fewer than the floor say too much."""
    if n < max(floor, 2):
        return Refused("below_floor", {"floor": floor})
    mean = total / n
    deviation = math.sqrt(max(squares - n * mean * mean, 0.0) / (n - 1))
    half = half_width(n, deviation)
    return Paired(n, round(mean, 2), round(mean - half, 2), round(mean + half, 2), round(100 * risen / n, 1))


def percent(part: int, whole: int) -> float | None:
    """To one place; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def shown(counts: Mapping[str, int], floor: int) -> dict[str, int | None]:
    """Numbers of people by group, None where one must not be seen: below the floor, and the next smallest with it
    until those that are hidden together are as many as the floor, lest they follow from the sum."""
    by_size = sorted(counts, key=lambda group: (counts[group], group))
    hidden = {group for group in by_size if 0 < counts[group] < floor}
    for group in by_size:
        if not hidden or (len(hidden) > 1 and sum(counts[one] for one in hidden) >= floor):
            break
        if counts[group]:
            hidden.add(group)
    return {group: None if group in hidden else count for group, count in counts.items()}


def age_band(birth_year: int, year: int) -> str:
    """Ten years wide, by the year alone: "70-79"; under 60 and from 90 on, one band each."""
    decade = (year - birth_year) // 10 * 10
    if decade < 60:
        return "0-59"
    return f"{decade}-{decade + 9}" if decade < 90 else "90-"


def defused(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
