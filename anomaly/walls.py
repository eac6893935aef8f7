"""The wall clocks of many homes at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from anomaly.rows import Rows, Who
from anomaly.time import local
from core.people import Home

QUARTER_S = 900
"""No zone changes its offset within a quarter of an hour of UTC."""
_zones: list[str] = []


def wall_s(rows: Rows, who: Who, t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Times (n, UTC seconds) of the homes `who` as seconds of their wall clocks, as if those were UTC."""
    if not len(who):
        return t
    zone, quarter = rows.trait(_zone_no, "<i4")[who], t.astype(np.int64) // QUARTER_S
    if zone.min() == zone.max() and quarter.min() == quarter.max():
        return t + _offset_s(int(zone[0]), int(quarter[0]))
    pairs, where = np.unique(zone.astype(np.int64) << 40 | quarter, return_inverse=True)
    offsets = np.array([_offset_s(pair >> 40, pair & (1 << 40) - 1) for pair in pairs.tolist()])
    found: npt.NDArray[np.float64] = t + offsets[where]
    return found


def wall_of(home: Home, t: float) -> float:
    """`wall_s` for one home."""
    return t + _offset_s(_zone_no(home), int(t // QUARTER_S))


def _zone_no(home: Home) -> int:
    if home.timezone not in _zones:
        _zones.append(home.timezone)
    return _zones.index(home.timezone)


@lru_cache(maxsize=65536)
def _offset_s(zone: int, quarter: int) -> float:
    offset = local(quarter * QUARTER_S, _zones[zone]).utcoffset()
    return offset.total_seconds() if offset else 0.0
