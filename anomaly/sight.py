"""Whether a home can be seen at all: what the detectors of technical silence share with each other and the rest."""

from __future__ import annotations

import numpy as np

from anomaly import life
from anomaly.rows import FIRMWARE, Column, Rows
from core.events import Heartbeat

FIELDS = {
    "sight.beat_s": "<f8",  # the gateway's heartbeat is due this often; 0: it never sent one
    FIRMWARE: "<u4",  # what the gateway runs, as `Rows.firmwares` numbers it; 0: it did not say
    "sight.dark": "<f8",  # the home can't be seen since
    "sight.found": "<f8",  # and this was found out then
    "sight.mains_off": "<f8",  # the gateway runs on its battery since
    "sight.held_until": "<f8",  # an outage of the area explains it: not told for this home before
}

BEATS = 3
SHORTEST_S = 90.0
UNSUPERVISED_S = 24 * 3600.0
OFTEN_S, SELDOM_S = 10.0, UNSUPERVISED_S / BEATS
"""A heartbeat that is due sooner is not believed, nor one later: no word of a gateway may make its home dark later than
one without heartbeats."""
USUAL_S = Heartbeat().every_s


def limit_s(beat_s: float) -> float:
    """How long a home may say nothing; `beat_s` 0: it has no heartbeat."""
    return max(BEATS * beat_s, SHORTEST_S) if beat_s else UNSUPERVISED_S


def limits_s(beat_s: Column) -> Column:
    """`limit_s` of many."""
    return np.where(beat_s > 0, np.maximum(BEATS * beat_s, SHORTEST_S), UNSUPERVISED_S)


def beat_s(every_s: float) -> float:
    """How often heartbeats are due whose gateway says so."""
    return min(every_s, SELDOM_S) if every_s >= OFTEN_S else USUAL_S


def darken(rows: Rows, i: int, since: float, found: float) -> None:
    """The home can't be seen since `since`, which was found out at `found`; its clock of human silence stands."""
    rows.col["sight.dark"][i], rows.col["sight.found"][i] = since, found
    life.stop(rows, i, since)
    rows.stir(i)


def lighten(rows: Rows, i: int, t: float) -> None:
    """The home can be seen again from `t` on."""
    rows.col["sight.dark"][i] = 0.0
    life.resume(rows, i, t)
