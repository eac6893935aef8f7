"""Recorded homes as arrays: what every detector under test sees, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from anomaly.life import exit_door, human, place_of
from core.events import Contact, Event, LogRow, Motion, Payload
from gateway.recorded import RecordingError, gateway_of, homes, is_door, read

Array = npt.NDArray[np.float64]

APART_S = 30 * 86400.0
"""What lies further than this from the rest of a home's recording is a wrong clock's, or another recording."""
EXIT_S = 120.0
"""An event this soon after an exit door may be the last one before somebody went out."""


class Stream(msgspec.Struct, frozen=True):
    """One home's human events, oldest first; all arrays have the length n.

    `t` is UTC seconds since 1970, `local` the wall clock's (a day is `local // 86400`), `place` where it was, `exit`
    whether an exit door moved in the 120 s up to it, `door` whether it is an exit door itself. `left_out`: so many more
    were too far from these.
    """

    home: str
    t: npt.NDArray[np.float64]
    local: npt.NDArray[np.float64]
    place: npt.NDArray[np.str_]
    exit: npt.NDArray[np.bool_]
    door: npt.NDArray[np.bool_]
    left_out: int = 0

    @property
    def months(self) -> float:
        """The length of the recording in months of 30.44 days."""
        return float(self.t[-1] - self.t[0]) / 86400 / 30.44

    def upto(self, n: int) -> Stream:
        """The first `n` events alone: what was known then."""
        return Stream(self.home, self.t[:n], self.local[:n], self.place[:n], self.exit[:n], self.door[:n])


def recordings(places: Iterable[Path]) -> list[Path]:
    """The files that these folders, or files, stand for. Raises RecordingError."""
    found = []
    for place in places:
        files = [place / "activity.csv.gz", place / "activity.csv"] if place.is_dir() else [place]
        here = [file for file in files if file.is_file()]
        if not here:
            raise RecordingError(f"{place}: neither a file nor a folder with an activity.csv or activity.csv.gz")
        found.append(here[0])
    return found


def load(paths: Sequence[Path], timezone: str) -> dict[str, Stream]:
    """The homes of the files by their names there, their rows in any order. Raises RecordingError."""
    names = {gateway_of(name): name for name in homes(paths)}
    found: dict[str, list[Event]] = {}
    for event in read(paths, timezone):
        found.setdefault(names[event.gateway], []).append(event)
    by_time = attrgetter("at")
    return {home: stream(home, sorted(events, key=by_time), timezone) for home, events in sorted(found.items())}


def stream(home: str, events: list[Event], timezone: str) -> Stream:
    """One home's events, oldest first, as arrays."""
    zone = ZoneInfo(timezone)
    rows = [LogRow(k, home, e.device, e.kind, e.at, e.at, e.id, e.data) for k, e in enumerate(events)]
    rows = [row for row in rows if human(row)]
    t = np.array([row.at.timestamp() for row in rows])
    kept = _together(t)
    rows, t, left_out = rows[kept], t[kept], len(rows) - len(t[kept])
    offset = [row.at.astimezone(zone).utcoffset() for row in rows]
    local = t + np.array([0.0 if o is None else o.total_seconds() for o in offset])
    door = np.array([exit_door(row) for row in rows], bool)
    last = np.maximum.accumulate(np.where(door, t, -np.inf)) if len(t) else t
    return Stream(home, t, local, np.array([place_of(row) for row in rows], str), t - last <= EXIT_S, door, left_out)


def _together(t: Array) -> slice:
    """The largest part of rising times of which no two neighbours are over 30 days apart."""
    edges = [0, *(np.flatnonzero(np.diff(t) > APART_S) + 1).tolist(), len(t)]
    begin, end = max(pairwise(edges), key=lambda part: part[1] - part[0])
    return slice(begin, end)


def said(place: str, door: bool) -> tuple[str, Payload]:
    """Kind and payload of an event of a stream; `door`: of an exit door."""
    return ("contact", Contact(place, None, door)) if door or is_door(place) else ("motion", Motion(place))


def rows_of(streams: Iterable[Stream], since_s: float, until_s: float) -> list[LogRow]:
    """The events of [since_s, until_s) as the log would hold them."""
    found = []
    for stream in streams:
        for k in np.flatnonzero((stream.t >= since_s) & (stream.t < until_s)):
            at, place, door = datetime.fromtimestamp(stream.t[k], UTC), str(stream.place[k]), bool(stream.door[k])
            kind, data = said(place, door)
            found.append(LogRow(0, stream.home, place, kind, at, at, f"{place}-{k}", data))
    return sorted(found, key=lambda row: (row.at, row.home, row.device))
