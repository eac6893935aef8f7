"""How deadlines are judged: cut every silence at every tick, count every silence that is longer than its deadline.

`docs/detection.md` tells why. Delays are hours, false alarms (FA) are per home-month of 30.44 days.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from app.bench.detection.streams import Stream

Array = npt.NDArray[np.float64]

CUT_S = 300.0
CAPPED_H = 48.0
TARGETS = (4.0, 2.0, 1.0, 0.5, 0.25)
_MINUTES = int(CAPPED_H * 60) + 1
_DAY_FROM_H, _DAY_TO_H = 7, 22


class Score(msgspec.Struct, frozen=True):
    """One home under one setting. `delays[0]` by night, `delays[1]` by day: cuts by delay in whole minutes (2 x 2881).

    `home`, `overdue`: natural silences longer than the deadline, the last event in the home or at an exit door.
    `late`: cuts at which the alarm had gone off already.
    """

    name: str
    months: float
    home: int
    overdue: int
    late: int
    delays: npt.NDArray[np.int_]

    @property
    def fa(self) -> float:
        """Alarms per month while the person was thought to be at home."""
        return self.home / self.months


class Cuts(msgspec.Struct, frozen=True):
    """A home's silences, cut at every 5 minutes at which somebody may be in: the event before and the age in hours."""

    stream: Stream
    event: npt.NDArray[np.int_]
    age_h: Array
    day: npt.NDArray[np.bool_]


def cut(stream: Stream, since: float = -np.inf, until: float = np.inf) -> Cuts:
    """Every cut of a stream; none behind an exit door, none outside of [since, until) (UTC seconds)."""
    first, last = np.ceil(stream.t[:-1] / CUT_S), np.ceil(stream.t[1:] / CUT_S)
    many = np.where(stream.exit[:-1], 0, last - first).astype(int)
    event = np.repeat(np.arange(len(many)), many)
    tick = first[event] + np.arange(len(event)) - np.repeat(np.cumsum(many) - many, many)
    inside = (tick * CUT_S >= since) & (tick * CUT_S < until)
    event, tick = event[inside], tick[inside]
    hour = (stream.local[event] + tick * CUT_S - stream.t[event]) // 3600 % 24
    return Cuts(stream, event, (tick * CUT_S - stream.t[event]) / 3600, (hour >= _DAY_FROM_H) & (hour < _DAY_TO_H))


def score(cuts: Cuts, deadline_s: Array, since: float = -np.inf, until: float = np.inf) -> Score:
    """Judge a deadline after each event (seconds, n; inf: never). Events outside of [since, until) raise no alarm."""
    stream = cuts.stream
    counted = (stream.t[:-1] >= since) & (stream.t[:-1] < until)
    alarm = (np.diff(stream.t) > deadline_s[:-1]) & counted
    delay_h = deadline_s[cuts.event] / 3600 - cuts.age_h
    open_ = delay_h >= 0
    minutes = np.minimum(delay_h[open_] * 60, _MINUTES - 1).astype(int)
    delays = np.bincount(minutes + _MINUTES * cuts.day[open_], minlength=2 * _MINUTES).reshape(2, _MINUTES)
    span_s = min(float(stream.t[-1]), until) - max(float(stream.t[0]), since)
    away = stream.exit[:-1]
    return Score(
        stream.home, max(span_s, 1.0) / 86400 / 30.44, int((alarm & ~away).sum()), int((alarm & away).sum()),
        int((~open_).sum()), delays,
    )  # fmt: skip


def figures(scores: Sequence[Score]) -> dict[str, float]:
    """Many homes under one setting: false alarms over all months, delays over all cuts."""
    months = sum(score.months for score in scores)
    delays = sum(score.delays for score in scores)
    assert isinstance(delays, np.ndarray)
    per_home = np.array([score.fa for score in scores])
    both = delays.sum(0)
    return {
        "fa": sum(score.home for score in scores) / months,
        "overdue": sum(score.overdue for score in scores) / months,
        "mean": float((both * np.arange(_MINUTES)).sum() / max(1, both.sum())) / 60,
        "p50": _quantile(both, 0.5),
        "p95": _quantile(both, 0.95),
        "day_p50": _quantile(delays[1], 0.5),
        "night_p50": _quantile(delays[0], 0.5),
        "p90_home_fa": float(np.quantile(per_home, 0.9)),
        "zero_fa_homes": float((per_home == 0).mean()),
        "late_share": sum(score.late for score in scores) / max(1.0, float(both.sum())),
    }


def at(points: Sequence[dict[str, float]], target: float) -> dict[str, float] | None:
    """The figures at a false alarm rate, between the two settings around it; None where none lies on one side."""
    ordered = sorted(points, key=lambda point: point["fa"])
    below = [point for point in ordered if point["fa"] <= target]
    above = [point for point in ordered if point["fa"] >= target]
    if not below or not above:
        return None
    # Of several settings with the same rate the quickest counts.
    low = min((p for p in below if p["fa"] == below[-1]["fa"]), key=lambda p: p["mean"])
    high = min((p for p in above if p["fa"] == above[0]["fa"]), key=lambda p: p["mean"])
    wide = high["fa"] - low["fa"]
    share = (target - low["fa"]) / wide if wide else 0.0
    return {name: low[name] + share * (high[name] - low[name]) for name in low}


def table(points: Sequence[dict[str, float]]) -> dict[str, Any]:
    """One detector: every setting, and the figures at the rates of the design's table."""
    return {"points": list(points), "at": {f"{target:g}": at(points, target) for target in TARGETS}}


def _quantile(minutes: npt.NDArray[np.int_], q: float) -> float:
    total = int(minutes.sum())
    return float(np.searchsorted(np.cumsum(minutes), q * total)) / 60 if total else 0.0
