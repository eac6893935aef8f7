"""Mute sensors: is one that falls silent for three days found within a day, and how often is a healthy one suspected?

Recorded homes are told to the running detector event by event. From ten days on, at evenly spread times, the home's row
is copied and each sensor that says at least three things on a usual day, and is not taken for mute already, is left
out for three days. False alarms are
what is raised in the recordings as they are, sensors that really died in them included: those that then said nothing
for 2.5 days or more are also counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from anomaly.detector import Heard
from anomaly.detectors.mute import TOO_MUCH, Mute
from anomaly.names import LONGEST
from anomaly.rows import Rows
from app.bench.detection import NothingToJudge
from app.bench.detection.muted import troubled
from app.bench.detection.ours import prior_or_shipped
from app.bench.detection.streams import Stream, said
from core.events import LogRow
from core.people import Home
from core.signals import Sense, Signal

DAY_S = 86400.0
LEARNED_S, MUTE_S, FOUND_S = 10 * DAY_S, 3 * DAY_S, DAY_S
WARM_S = 7 * DAY_S
USUAL = 3.0
TIMES = 12
LONG_S = 2.5 * DAY_S
CEILING_S = 12 * 3600.0
THRESHOLDS = (6.0, 7.0, 7.5, 8.0, 9.0, 10.0, 12.0)


class Injection(msgspec.Struct, frozen=True):
    """One sensor left out from `at` on (UTC seconds); `after_s` until it was found, None if it was not.

    `silences`: how many silences over 12 h the home has in those days that it would not have had.
    """

    home: str
    sensor: str
    at: float
    after_s: float | None
    silences: int


class Judged(msgspec.Struct, frozen=True):
    """One home under one threshold; `alarms`: sensor and seconds until it spoke again, or the recording ended."""

    home: str
    months: float
    alarms: list[tuple[str, float]]
    injections: list[Injection]


class Play:
    """The detector alone with one home, as the engine would ask it."""

    def __init__(self, home: str, timezone: str, too_much: float) -> None:
        self.detector = Mute(too_much)
        fields = {f"mute.{field}": dtype for field, dtype in self.detector.fields.items()}
        self.rows = Rows(fields, [])
        self.rows.put(Home(home, f"gw-{home}", "recorded", timezone=timezone))

    def hear(self, heard: Heard) -> list[Signal]:
        """What one event raises."""
        return [s for s in self.detector.hear(self.rows, 0, heard) if s.sense is Sense.RAISE]

    def told(self, sensor: str) -> bool:
        """Whether `sensor` is taken for mute."""
        col = self.rows.col
        return bool((col["mute.told"][0] & (col["mute.place"][0] == self.rows.places.code(sensor))).any())

    def without(self, sensor: str, events: Iterator[Heard]) -> float | None:
        """When `sensor`, left out of these events, is found mute, and the home is put back as it was."""
        kept = {name: column[0].copy() for name, column in self.rows.col.items()}
        try:
            for heard in events:
                if heard.event.device != sensor:
                    for found in self.hear(heard):
                        if found.evidence[0].numbers["place"] == kept_of(sensor):
                            return heard.t
            return None
        finally:
            for name, column in self.rows.col.items():
                column[0] = kept[name]


def kept_of(sensor: str) -> str:
    """As much of a sensor's name as the detector keeps."""
    return sensor[:LONGEST]


def judge(stream: Stream, timezone: str, too_much: float) -> Judged:
    """One home as it was, and with each of its usual sensors mute."""
    events = heard_of(stream)
    begin, end = float(stream.t[0]), float(stream.t[-1])
    days = (end - begin) / DAY_S
    names, counts = np.unique(stream.place, return_counts=True)
    usual = [str(name) for name, count in zip(names, counts, strict=True) if count / days >= USUAL]
    fit = begin + LEARNED_S <= end - MUTE_S
    times = np.linspace(begin + LEARNED_S, end - MUTE_S, TIMES).tolist() if fit else []
    play, alarms, injections = Play(stream.home, timezone, too_much), [], []
    for n, heard in enumerate(events):
        while times and times[0] <= heard.t:
            at = times.pop(0)
            last = int(np.searchsorted(stream.t, at + MUTE_S))
            for sensor in usual:
                if play.told(sensor):
                    continue
                found = play.without(sensor, iter(events[n:last]))
                injections.append(
                    Injection(stream.home, sensor, at, found and found - at, silences(stream, sensor, at))
                )
        for signal in play.hear(heard):
            place = str(signal.evidence[0].numbers["place"])
            own = stream.t[np.isin(stream.place, [name for name in names if kept_of(str(name)) == place])]
            before, after = own[own < heard.t].max(), own[own >= heard.t].min(initial=end)
            if heard.t >= begin + WARM_S:
                alarms.append((place, float(after - before)))
    return Judged(stream.home, max(0.0, end - begin - WARM_S) / DAY_S / 30.44, alarms, injections)


def silences(stream: Stream, sensor: str, at: float) -> int:
    """How many silences over 12 h a mute `sensor` makes of three days: what a ceiling would take for a person's."""
    here = (stream.t >= at - CEILING_S) & (stream.t < at + MUTE_S)
    whole = stream.t[here]
    rest = whole[(stream.place[here] != sensor) | (whole < at)]
    return max(0, int((np.diff(rest) > CEILING_S).sum() - (np.diff(whole) > CEILING_S).sum()))


def heard_of(stream: Stream) -> list[Heard]:
    """A stream's events as the engine would hand them to a detector."""
    found = []
    for k, (t, place, door) in enumerate(zip(stream.t.tolist(), stream.place.tolist(), stream.door, strict=True)):
        at, (kind, data) = datetime.fromtimestamp(t, UTC), said(place, bool(door))
        row = LogRow(0, stream.home, place, kind, at, at, str(k), data)
        found.append(Heard(t, t, False, True, True, row))
    return found


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Many homes under one threshold. Shares of injections, hours to the alarm, false alarms a home-month."""
    injections = [one for home in judged for one in home.injections]
    months = sum(home.months for home in judged)
    alarms = [silent for home in judged for _, silent in home.alarms]
    found = [one for one in injections if one.after_s is not None]
    kinds = sorted({one.sensor for one in injections})
    return {
        "homes": len(judged),
        "home_months": round(months, 2),
        "injections": len(injections),
        "found_24h": _share(injections, FOUND_S),
        "found_72h": _share(injections, MUTE_S),
        "median_h": round(float(np.median([one.after_s for one in found])) / 3600, 1) if found else None,
        "fa": round(len(alarms) / months, 3),
        "fa_short": round(sum(silent < LONG_S for silent in alarms) / months, 3),
        "by_sensor": {
            kind: {
                "injections": sum(one.sensor == kind for one in injections),
                "found_24h": _share([one for one in injections if one.sensor == kind], FOUND_S),
                "found_72h": _share([one for one in injections if one.sensor == kind], MUTE_S),
                "fa": round(sum(place == kept_of(kind) for home in judged for place, _ in home.alarms) / months, 3),
            }
            for kind in kinds
        },
        "silences": sum(one.silences for one in injections),
    }


def _share(some: Sequence[Injection], within_s: float) -> float | None:
    hits = [one.after_s is not None and one.after_s <= within_s for one in some]
    return round(float(np.mean(hits)), 3) if hits else None


def measure(
    streams: Mapping[str, Stream], tests: Sequence[str], timezone: str, thresholds: Sequence[float] = THRESHOLDS
) -> dict[str, Any]:
    """The curve, on all homes or only on `tests`. Raises NothingToJudge."""
    if missing := sorted(set(tests) - set(streams)):
        raise NothingToJudge(f"no such home: {', '.join(missing)}")
    judged = [streams[name] for name in sorted(tests or streams) if streams[name].months * 30.44 > 8]
    if not judged:
        raise NothingToJudge("the recording has no home of more than eight days")
    curve = {f"{limit:g}": figures([judge(s, timezone, limit) for s in judged]) for limit in thresholds}
    priors = [prior_or_shipped([s for n, s in sorted(streams.items()) if n != one.home]) for one in judged]
    return {"in_use": f"{TOO_MUCH:g}", "curve": curve, "troubled": troubled(judged, priors)}


def table(measured: Mapping[str, Any]) -> str:
    """The result as people read it."""
    lines = ["too much  24 h   72 h  median h  FA a home-month  (silent < 2.5 d)"]
    for limit, one in measured["curve"].items():
        lines.append(
            f"{limit:>8} {one['found_24h']!s:>5} {one['found_72h']!s:>6} {one['median_h']!s:>9} {one['fa']:>16}"
            f" {one['fa_short']:>17}"
        )
    used = measured["curve"].get(measured["in_use"]) or next(iter(measured["curve"].values()))
    lines.append(f"{used['homes']} homes, {used['home_months']} home-months, {used['injections']} injections;")
    lines.append(f"{used['silences']} silences over 12 h were made by them.")
    who = measured["troubled"]
    lines.append(
        f"Of {who['injections']} other injections {who['asked_more']} asked once more, {who['asked_less']} once less;"
        f" in {who['ceiling_more']} a silence passed 12 h that had not."
    )
    lines += [
        f"{kind:>16} {one['found_24h']!s:>6} {one['found_72h']!s:>6}  FA {one['fa']}"
        for kind, one in used["by_sensor"].items()
    ]
    return "\n".join(lines)
