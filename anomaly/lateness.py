"""How late a home's own link brings what its people do, so that nobody is asked before their movement can have arrived.

Delays (seen - happened) of human events are counted in five bins and fade, half in two weeks. One over ten minutes is
an outage's backlog and says nothing of a link. An event on time is heard once. A late one may come again, with the same
times: of its home's late events of one minute of arrival one counts in each bin, and an earlier minute's none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.rows import Column, Who

EDGES_S = np.array([120.0, 180.0, 300.0, 450.0, 600.0])
"""The upper edges of the bins; the first is the lateness of the fleet."""
RARE = 0.001
FEW = 2.0
"""So many late events are chance. Where one in 1,000 is late, a home's first 50 events hold three or more in one of
50,000 homes: with a third, some 1,000 events need not be waited for."""
KEPT_A_DAY = 0.5 ** (1 / 14)
FIELDS: Mapping[str, str] = {
    "delays": f"({len(EDGES_S)},)<f4",  # human events by how late they came
    "late_min": "<u4",  # the newest minute in which a late one came
    "late_bins": "<u1",  # the bins that it was counted in
}
"""Columns, `habit.{name}`: 25 bytes a home."""
_UPTO_S = np.append(EDGES_S, np.inf)
_SLACK_S = EDGES_S - EDGES_S[0]

Columns = Mapping[str, Column]


def count(col: Columns, who: Any) -> None:
    """Human events on time, one of each home of `who` (an index, or n different ones)."""
    col["habit.delays"][who, 0] += 1


def count_late(col: Columns, i: int, t: float, seen: float) -> None:
    """A late human event of home `i`, which may come again."""
    bin_, minute = int(np.searchsorted(_UPTO_S, seen - t)), int(seen // 60)
    newest = int(col["habit.late_min"][i])
    if bin_ == len(EDGES_S) or minute < newest:
        return
    counted = int(col["habit.late_bins"][i]) if minute == newest else 0
    col["habit.late_min"][i], col["habit.late_bins"][i] = minute, counted | 1 << bin_
    if not counted >> bin_ & 1:
        col["habit.delays"][i, bin_] += 1


def fade(col: Columns, who: Who) -> None:
    """A day of the homes `who` is over."""
    col["habit.delays"][who] *= np.float32(KEPT_A_DAY)


def slack_s(col: Columns, who: Any) -> npt.NDArray[np.float64]:
    """How long after the fleet's lateness the homes `who` (an index, or n) may still be waiting for what happened: up
    to the edge that at most one event in 1,000, and no more than chance, came beyond; 0 to 480 s."""
    delays = col["habit.delays"][who].astype(float)
    beyond = np.flip(np.cumsum(np.flip(delays, -1), -1), -1) - delays
    bound = np.maximum(RARE * delays.sum(-1, keepdims=True), FEW)
    found: npt.NDArray[np.float64] = _SLACK_S[np.argmax(beyond <= bound, axis=-1)]
    return found
