"""What people would use instead of ours, each as they would: the peers of the detection benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from app.bench.detection.learned import (
    DAY_S,
    YOUNG_S,
    Floats,
    HalfSpaceTrees,
    LogNormal,
    Spot,
    Survival,
    away,
)
from app.bench.detection.streams import Stream

HOURS: tuple[float, ...] = (4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 22, 24)


class Baseline(Protocol):
    """A detector of silence with one knob: `points` are the knob's settings, from the quickest to the slowest."""

    name: str
    points: tuple[float, ...]

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire if nothing else happened, inf for never: (points, n).

        Column i follows from the home's events up to i, and from `others`, whole recordings of other homes.
        """
        ...


class Timer:
    """So many hours without an event, as people write it in Home Assistant; `points` are hours.

    With `away` it waits 24 h if the last event came within 120 s of an exit door.
    """

    points = HOURS

    def __init__(self, *, away: bool) -> None:
        self.away = away
        self.name = "timer_away" if away else "timer"

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        found = np.repeat(np.array(self.points)[:, None] * 3600.0, len(stream.t), axis=1)
        return away(found, stream) if self.away else found


class ThingsBoard:
    """ThingsBoard's inactivity of a device (here the gateway); `points` are hours.

    Any telemetry resets it. The recordings hold none but human events; a thermometer that reports every 5 min is taken
    to be in each home, so no timeout longer than that ever fires.
    """

    name = "thingsboard"
    points = HOURS
    telemetry_s = 300.0

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        timeout = np.array(self.points)[:, None] * 3600.0
        return np.repeat(np.where(timeout < self.telemetry_s, timeout, np.inf), len(stream.t), axis=1)


class DayNight:
    """A timer with 5 h more for silences that begin between 21:00 and 07:00; `points` are hours."""

    name = "day_night"
    points = HOURS

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        hour = stream.local % DAY_S / 3600
        night = (hour >= 21) | (hour < 7)
        return away((np.array(self.points)[:, None] + 5 * night) * 3600.0, stream)


class Cuddihy:
    """An alert line above the longest usual silence of the time of day (Cuddihy et al., HealthNet 2007).

    `points` are margins m: the alarm comes when the silence is older than (1 + m) Mx + 30 min. Mx is the longest
    silence reached within an hour of this time of day in the 30 days up to last midnight, in slots of 5 min. Silences
    after an exit are left out: with them it was 3 h slower on the recorded homes at the same false alarms. Younger than
    7 days, a home has a timer of 12 h. One silence of several days raises Mx for a month: `cap_h` bounds
    the deadline, as ours is bounded.
    """

    def __init__(self, cap_h: float = np.inf) -> None:
        self.name = "cuddihy" if cap_h == np.inf else f"cuddihy_{cap_h:g}h"
        self.cap_s = cap_h * 3600

    points: tuple[float, ...] = (-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1, 1.3, 1.6, 2, 2.5, 3, 4)
    slot_s = 300.0
    slots = 288
    around = 12  # slots to either side: 60 min
    history_days = 30
    least_s = 7 * DAY_S
    slack_s = 1800.0

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        found = np.full((len(self.points), len(stream.t)), YOUNG_S)
        if not len(stream.t):
            return found
        reached = self._reached(stream)
        # A clock that is put back over midnight doesn't begin yesterday again.
        day = np.maximum.accumulate(stream.local // DAY_S).astype(np.int64)
        clock = stream.local % DAY_S
        old = np.flatnonzero(stream.t - stream.t[0] >= self.least_s)
        for today in np.unique(day[old]):
            now = old[day[old] == today]
            past = today - day[0]
            line = self._widest(reached[max(0, past - self.history_days) : past].max(axis=0))
            for k, m in enumerate(self.points):
                found[k, now] = self._first((1 + m) * line + self.slack_s, clock[now])
        return away(np.minimum(found, self.cap_s), stream)

    def _reached(self, stream: Stream) -> Floats:
        """The oldest silence at home in each slot of each local day, in seconds: (days since the first, 288)."""
        tick = np.arange(stream.t[0] // self.slot_s, stream.t[-1] // self.slot_s + 1)
        end = (tick + 1) * self.slot_s
        last = np.searchsorted(stream.t, end) - 1
        offset = (stream.local - stream.t)[last]
        local = tick * self.slot_s + offset
        day = np.maximum.accumulate(local // DAY_S).astype(np.int64)
        day -= day[0]
        slot = (local % DAY_S // self.slot_s).astype(np.int64)
        reached = np.zeros((day[-1] + 1, self.slots))
        np.maximum.at(reached, (day, slot), np.where(stream.exit[last], 0, end - stream.t[last]))
        ended = (stream.t[1:] // self.slot_s - tick[0]).astype(np.int64)
        np.maximum.at(reached, (day[ended], slot[ended]), np.where(stream.exit[:-1], 0, np.diff(stream.t)))
        return reached

    def _widest(self, line: Floats) -> Floats:
        """The greatest value within `around` slots, over midnight too."""
        rolled = np.pad(line, self.around, mode="wrap")
        widest: Floats = np.lib.stride_tricks.sliding_window_view(rolled, 2 * self.around + 1).max(axis=1)
        return widest

    def _first(self, line: Floats, clock: Floats) -> Floats:
        """Seconds until a silence that began at each time of day (s) is first older than the line at a slot's start.

        At the slot's start s it is s - clock old, so it is over the line if s - line > clock: the greatest s - line so
        far rises with s, and the first that passes the clock is found by bisection.
        """
        length = int((DAY_S + line.max()) // DAY_S) + 2
        start = np.arange(length * self.slots) * self.slot_s
        rising = np.maximum.accumulate(start - np.tile(line, length))
        return start[np.searchsorted(rising, clock, side="right")] - clock


ALL: tuple[Baseline, ...] = (
    Timer(away=False),
    Timer(away=True),
    ThingsBoard(),
    DayNight(),
    Cuddihy(),
    Cuddihy(cap_h=24),
    Spot(),
    LogNormal(),
    HalfSpaceTrees(),
    Survival(),
    Survival(own=False),
)
