"""How long a home's person is usually out, and from when on that is unusual: learned from its outings.

Outings (from the exit door until it moves again or somebody inside does) are counted by length and fade, half in 45
days. A home is known after 14 days and 10 outings. Then one is overdue at the shortest length that outings which end
well are predicted to pass 0.1 times a month, never before 3 h and never after 12 h. The prediction is what the home has
shown, and what the fleet has, which weighs as much as five outings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.rows import Column, Who

Array = npt.NDArray[np.float64]
SHORTEST_S, LONGEST_S = 3 * 3600.0, 12 * 3600.0
EDGES_S = SHORTEST_S * 4.0 ** (np.arange(-8, 9) / 8)
"""The upper edges of the bins: 45 min to 12 h, each 19 % longer; the last bin has no edge."""
FLEET = np.array(
    [0.191, 0.171, 0.147, 0.127, 0.107, 0.0901, 0.0748, 0.0591, 0.0434,
     0.0273, 0.0157, 0.00785, 0.0060, 0.0060, 0.00462, 0.00231, 0.00231]
)  # fmt: skip
"""The share of outings that last longer than each edge: 2,165 of 15 recorded homes (TIHM, Palermo et al. 2023)."""
TRUST = 5.0
"""The fleet's share weighs as much as so many of the home's own outings."""
ALARMS = 0.1
"""Predicted false alarms a home-month; measured they are more (`docs/detectors.md`)."""
KNOWN_DAYS, KNOWN_OUTINGS = 14, 10.0
HALF_LIFE_DAYS = 45.0
TOLD_WEIGHT, TOLD_UPTO_S = 0.25, 24 * 3600.0
"""Who was told and came back within a day is learned a little: one late return lengthens the limit for two weeks or so,
a habit of it for as long as it lasts; and never beyond 12 h."""
FIELDS: Mapping[str, str] = {
    "outings": f"({len(EDGES_S) + 1},)<f4",  # by length
    "days": "<f4",  # over so many days
    "day": "<u4",  # of UTC, up to which they have faded
    "first_day": "<u4",
    "blind": "?",  # the home could not be seen during this outing
}
"""Columns, `absence.{name}`: 85 bytes a home."""
_KEPT_A_DAY = 0.5 ** (1 / HALF_LIFE_DAYS)
_MONTH_DAYS, _DAY_S = 30.44, 86400.0

Columns = Mapping[str, Column]


def learn(col: Columns, who: Who, t: Array, length_s: Array, weight: float = 1.0) -> None:
    """Take in an outing of each of the homes `who` (n different ones) that ended at `t` after `length_s`."""
    fade(col, who, t)
    col["absence.outings"][who, np.searchsorted(EDGES_S, length_s)] += np.float32(weight)


def fade(col: Columns, who: Who, t: Array) -> None:
    """Let the days until `t` (n) count, of the homes `who` (n)."""
    today = (t // _DAY_S).astype(np.int64)
    known = col["absence.day"][who].astype(np.int64)
    new, later = known == 0, np.flatnonzero((known > 0) & (today > known))
    col["absence.first_day"][who[new]] = col["absence.day"][who[new]] = today[new]
    col["absence.days"][who[new]] = 1.0
    home = who[later]
    kept = _KEPT_A_DAY ** (today - known)[later]
    col["absence.outings"][home] *= kept[:, None].astype(np.float32)
    col["absence.days"][home] = col["absence.days"][home] * kept + (1 - kept) / (1 - _KEPT_A_DAY)
    col["absence.day"][home] = today[later]


def limits_s(col: Columns, who: Who) -> Array:
    """From what length on an outing of the homes `who` (n) is overdue."""
    outings, days = _total(col, who), col["absence.days"][who].astype(float)
    alarms = _MONTH_DAYS * (outings / np.maximum(days, 1.0))[:, None] * _lasting(col, who)
    within = (alarms <= ALARMS) & (EDGES_S >= SHORTEST_S)
    found: Array = np.where(known(col, who) & within.any(1), EDGES_S[within.argmax(1)], LONGEST_S)
    return found


def known(col: Columns, who: Who) -> npt.NDArray[np.bool_]:
    """Whether the homes `who` (n) have shown enough."""
    return (_days(col, who) >= KNOWN_DAYS) & (_total(col, who) >= KNOWN_OUTINGS)


def usual(col: Columns, i: int, length_s: float) -> dict[str, Any]:
    """What a person wants to know of home `i`'s outings: within what time (s) nine in ten end, that one in `rarity`
    lasts as long as this one, and of how many days that is known."""
    who = np.array([i])
    lasting = _lasting(col, who)[0]
    reached = int(np.searchsorted(EDGES_S, length_s * (1 + 1e-9), side="right")) - 1
    nine_in_ten = EDGES_S[int(np.argmax(lasting <= 0.1)) if (lasting <= 0.1).any() else -1]
    share = float(lasting[reached]) if reached >= 0 else 1.0
    return {"usual": float(nine_in_ten), "rarity": round(1 / max(share, 1e-4)), "days": int(_days(col, who)[0])}


def _lasting(col: Columns, who: Who) -> Array:
    """The share of outings that last longer than each edge (n x 17)."""
    outings = col["absence.outings"][who].astype(float)
    upto = np.cumsum(outings, 1)
    total = upto[:, -1:]
    found: Array = (total - upto[:, :-1] + TRUST * FLEET) / (total + TRUST)
    return found


def _total(col: Columns, who: Who) -> Array:
    found: Array = np.cumsum(col["absence.outings"][who].astype(float), 1)[:, -1]
    return found


def _days(col: Columns, who: Who) -> npt.NDArray[np.int64]:
    days: npt.NDArray[np.int64] = col["absence.day"][who].astype(np.int64) - col["absence.first_day"][who]
    return days
