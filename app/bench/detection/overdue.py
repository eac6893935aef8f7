"""How soon somebody who went out and does not come back is missed, and how often one who does: with the fixed limit of
12 h and with the home's own, by the running detectors on recorded homes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from anomaly.detectors.absence import Absence
from anomaly.detectors.dark import Dark
from anomaly.engine import Engine
from anomaly.outings import KNOWN_DAYS, LONGEST_S
from app.bench.detection import NothingToJudge
from app.bench.detection.streams import Stream, rows_of
from core.people import Home
from core.signals import Concern, Sense

MONTH_S = 30.44 * 86400


def measure(streams: Mapping[str, Stream], tests: Sequence[str], timezone: str) -> dict[str, Any]:
    """Each leaving after the home's first fortnight is one from which nobody comes back: when it would be told.

    Raises NothingToJudge.
    """
    if missing := sorted(set(tests) - set(streams)):
        raise NothingToJudge(f"no such home: {', '.join(missing)}")
    homes = [streams[name] for name in tests or sorted(streams)]
    told, known_told, known_months, own_h = [], 0, 0.0, []
    for stream in homes:
        warm = float(stream.t[0]) + KNOWN_DAYS * 86400
        overdue, leavings = _play(stream, timezone)
        told.append(len(overdue))
        known_told += sum(t >= warm for t in overdue)
        known_months += max(0.0, float(stream.t[-1]) - warm) / MONTH_S
        own_h += [until_h for since, until_h in leavings if since >= warm]
    fixed = [_longer(stream, 0.0) for stream in homes]
    known_fixed = sum(_longer(stream, KNOWN_DAYS * 86400) for stream in homes)
    months = sum(stream.months for stream in homes)
    return {
        "homes": len(homes),
        "home_months": round(months, 1),
        "leavings": len(own_h),
        "hours_fixed": LONGEST_S / 3600,
        "hours_own": [round(float(h), 1) for h in np.quantile(own_h or [np.nan], (0.25, 0.5, 0.75))],
        "overdue_fixed": sum(fixed),
        "overdue_own": sum(told),
        "a_home_month_fixed": round(sum(fixed) / months, 2),
        "a_home_month_own": round(sum(told) / months, 2),
        "a_known_home_month_fixed": round(known_fixed / max(known_months, 0.01), 2),
        "a_known_home_month_own": round(known_told / max(known_months, 0.01), 2),
    }


def _play(stream: Stream, timezone: str) -> tuple[list[float], list[tuple[float, float]]]:
    """When OVERDUE was told, and every leaving with the hours until it would have been."""
    engine = Engine([Home(stream.home, f"gw-{stream.home}", "recorded", timezone=timezone)], (Absence(), Dark()))
    told: list[float] = []
    leavings: dict[float, float] = {}
    for row in rows_of([stream], -np.inf, np.inf):
        told += [
            s.at.timestamp() for s in engine.feed([row]) if s.concern is Concern.OVERDUE and s.sense is Sense.RAISE
        ]
        since, until = (float(engine.rows.col[name][0]) for name in ("absence.since", "life.away_until"))
        if until:
            leavings.setdefault(since, (until - since) / 3600)
    return told, list(leavings.items())


def _longer(stream: Stream, after_s: float) -> int:
    """How often, from `after_s` into the recording on, nobody was seen for more than 12 h after an exit door moved."""
    away = stream.door[:-1] & (np.diff(stream.t) > LONGEST_S) & (stream.t[:-1] >= stream.t[0] + after_s)
    return int(away.sum())


def table(figures: dict[str, Any]) -> Table:
    """The figures for a person."""
    shown = Table("", "12 h", "the home's own", title="anbu bench overdue")
    quartiles = " / ".join(str(h) for h in figures["hours_own"])
    shown.add_row("hours to OVERDUE, quartiles", str(figures["hours_fixed"]), quartiles)
    for key, name in (("a_home_month", "OVERDUE a home-month"), ("a_known_home_month", "the same after 14 days")):
        shown.add_row(name, str(figures[f"{key}_fixed"]), str(figures[f"{key}_own"]))
    shown.caption = f"{figures['homes']} homes, {figures['home_months']} home-months, {figures['leavings']} leavings"
    return shown
