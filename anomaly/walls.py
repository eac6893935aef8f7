"""The wall clocks of many homes at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from anomaly.compiled import kernel
from anomaly.rows import Column, Rows
from anomaly.time import local
from core.people import Home

QUARTER_S = 900
"""No zone changes its offset within a quarter of an hour of UTC."""
_zones: list[str] = []


Clocks = tuple[Column, int, npt.NDArray[np.float64]]
"""The zones of homes, a first quarter of an hour, and how far zones (rows) are ahead of UTC (s) from then on."""


def clocks_at(rows: Rows, span: tuple[float, float]) -> Clocks:
    """The clocks of all homes from one time to another, both included."""
    first, last = (int(t // QUARTER_S) for t in span)
    zones = rows.trait(_zone_no, "<i4")
    return zones, first, _offsets_s(len(_zones), first, last)


@kernel
def clock_s(clocks: Clocks, i: int, t: float) -> float:
    """A time (UTC seconds) that `clocks` are of, as seconds of the wall clock of home `i`, as if that were UTC."""
    zones, first, offsets_s = clocks
    return t + float(offsets_s[zones[i], int(t // QUARTER_S) - first])


@lru_cache(maxsize=16)
def _offsets_s(zones: int, first: int, last: int) -> npt.NDArray[np.float64]:
    offsets = [[_offset_s(zone, quarter) for quarter in range(first, last + 1)] for zone in range(zones)]
    return np.array(offsets, np.float64).reshape(zones, -1 if zones else 0)  # while nobody lives anywhere, too


def wall_of(home: Home, t: float) -> float:
    """A time (UTC seconds) as seconds of the home's wall clock, as if that were UTC."""
    return t + _offset_s(_zone_no(home), int(t // QUARTER_S))


def _zone_no(home: Home) -> int:
    if home.timezone not in _zones:
        _zones.append(home.timezone)
    return _zones.index(home.timezone)


@lru_cache(maxsize=65536)
def _offset_s(zone: int, quarter: int) -> float:
    offset = local(quarter * QUARTER_S, _zones[zone]).utcoffset()
    return offset.total_seconds() if offset else 0.0
