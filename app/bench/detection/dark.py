"""The whole fleet dark for twelve hours, laid over recorded homes and played to the live engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from anomaly.engine import Engine
from app.bench.detection.streams import Stream, rows_of
from core.people import Home
from core.signals import Concern, Sense, Signal

DARK_H = 12.0
LEARNED_D = 8.0
_TROUBLES = frozenset({Concern.INACTIVITY, Concern.HOME_DARK, Concern.OVERDUE})


def fleet_dark(streams: Sequence[Stream], timezone: str, times: int = 4, seed: int = 7) -> list[dict[str, Any]]:
    """What the engine made of `times` outages that no home survived: found after so many minutes, with so many alarms
    for single homes while it lasted. Each needs eight days before it of five homes; fewer are found where they are not.
    """
    begin, end = min(float(s.t[0]) for s in streams), max(float(s.t[-1]) for s in streams)
    hours = np.arange(begin + LEARNED_D * 86400, end - DARK_H * 3600, 3600.0).tolist()
    fit = [t for t in hours if len(_there(streams, t)) >= 5]
    chosen: Any = np.random.default_rng(seed).choice(len(fit), min(times, len(fit)), replace=False) if fit else []
    return [_outage(_there(streams, fit[k]), fit[k], timezone) for k in sorted(chosen)]


def _there(streams: Sequence[Stream], dark_s: float) -> list[Stream]:
    """Homes that were seen for eight days before and moved again after."""
    return [s for s in streams if s.t[0] <= dark_s - LEARNED_D * 86400 and s.t[-1] >= dark_s + DARK_H * 3600]


def _outage(streams: Sequence[Stream], dark_s: float, timezone: str) -> dict[str, Any]:
    light_s = dark_s + DARK_H * 3600
    engine = Engine(Home(s.home, f"gw-{s.home}", "recorded", timezone=timezone, speaker=False) for s in streams)
    seen: float | None = None
    alarms = 0

    def take(found: Sequence[Signal], now_s: float) -> None:
        nonlocal seen, alarms
        raised = [signal for signal in found if signal.sense is Sense.RAISE and now_s >= dark_s]
        if seen is None and any(signal.concern is Concern.AREA_OUTAGE for signal in raised):
            seen = now_s
        alarms += sum(signal.concern in _TROUBLES for signal in raised)

    for row in rows_of(streams, dark_s - LEARNED_D * 86400, dark_s):
        take(engine.feed([row]), row.at.timestamp())
    for now_s in np.arange(dark_s, light_s, 60.0).tolist():
        take(engine.advance(datetime.fromtimestamp(now_s, UTC)), now_s)
    return {
        "from": datetime.fromtimestamp(dark_s, UTC).isoformat(),
        "to": datetime.fromtimestamp(light_s, UTC).isoformat(),
        "homes": len(streams),
        "seen_after_min": None if seen is None else round((seen - dark_s) / 60, 1),
        "human_alarms": alarms,
    }
