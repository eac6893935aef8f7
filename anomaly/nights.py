"""A home's nights, 23:00 to 06:00 by its wall clock: in half hours, and when each is over and may be learned from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from anomaly.compiled import kernel
from anomaly.rows import Rows, Who
from anomaly.time import local
from core.people import Home

FROM_H, TO_H = 23, 6
CLOSE_H = 7
"""An hour after its end, so that nothing of the night still waits to be judged."""
HALVES = 14
HOUR_S, DAY_S = 3600.0, 86400.0
ENDED_S, BEGUN_S = HOUR_S, 8 * HOUR_S
"""Before its closing; where the clocks change, an hour off at one end."""
HALF_LIFE = 45.0
KEPT = 0.5 ** (1 / HALF_LIFE)
"""What a night counts for beside one that is a night younger, among those that were learned."""

FIELDS: Mapping[str, str] = {
    "closes": "<u4",  # the night under way, or the next, is taken in then; 0: not known yet
    "dark": "?",  # some of it could not be seen
}
"""Columns of a detector that learns nights, as `{detector}.{name}`."""

Flags = npt.NDArray[np.bool_]


def half_hour(t: float, timezone: str) -> int:
    """Which half hour of the night it is at `t`, from 0 to 13; -1: none."""
    here = local(t, timezone)
    half = (here.hour - FROM_H) % 24 * 2 + here.minute // 30
    return half if half < HALVES else -1


@kernel
def half_of(wall_s: float) -> int:
    """`half_hour` by the wall clock (see `walls`)."""
    half = int((wall_s + (24 - FROM_H) * HOUR_S) % DAY_S // 1800)
    return half if half < HALVES else -1


def alone(home: Home) -> bool:
    """Whether all that is seen by night is one person's."""
    return home.residents == 1


def over(rows: Rows, detector: str, who: Who, now: float) -> tuple[Who, Flags]:
    """Those of the homes `who` whose night has ended, and whether it may be learned from; looks again at the next end.

    Not from a night of which some could not be seen, nor where nobody moved in the 24 h up to its end.
    """
    col = rows.col
    closes, dark = col[f"{detector}.closes"], col[f"{detector}.dark"]
    evening = now < closes[who] - BEGUN_S
    dark[who] = (col["sight.dark"][who] > 0) | (dark[who] & ~evening)
    ended = who[closes[who] <= now]
    ends = closes[ended].astype(float)
    fit = (ends > 0) & ~dark[ended] & (col["life.human"][ended] >= ends - DAY_S)
    closes[ended] = [closing(now, rows.homes[i].timezone) for i in ended.tolist()]
    dark[ended] = col["sight.dark"][ended] > 0
    rows.wake_many(who, detector, closes[who].astype(float))
    return ended, fit


@lru_cache(maxsize=4096)
def closing(t: float, timezone: str) -> int:
    """When, after `t`, a night is next taken in (UTC seconds)."""
    here = local(t, timezone)
    closes = here.replace(hour=CLOSE_H, minute=0, second=0, microsecond=0, fold=0)
    if closes.timestamp() <= t:
        closes += timedelta(days=1)
    return int(closes.timestamp())
