"""Virtual time: a heap of what will happen, and clocks that are read from it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

ORIGIN = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)  # a Thursday, 10:00 in Gwangju


class Timeline:
    """What will happen, in the order of virtual seconds; what is due at the same moment, in the order it was said."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._number = count()
        self._heap: list[tuple[float, int, Callable[[], object]]] = []

    def after(self, wait_s: float, what: Callable[[], object]) -> None:
        """Let `what` happen in `wait_s` seconds."""
        heapq.heappush(self._heap, (self.now_s + wait_s, next(self._number), what))

    def turn(self) -> bool:
        """Let the next thing happen. False: nothing will ever happen again."""
        if not self._heap:
            return False
        self.now_s, _, what = heapq.heappop(self._heap)
        what()
        return True

    def read_s(self) -> float:
        """A stopwatch: no jump of a wall clock moves it."""
        return self.now_s


class WallClock:
    """A machine's wall clock: it runs as time does, and jumps."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._offset_s = 0.0
        self.forward_s = 0.0
        """By how much it has ever jumped forward."""

    def now(self) -> datetime:
        return ORIGIN + timedelta(seconds=self._timeline.now_s + self._offset_s)

    def real_s(self, wait_s: float) -> float:
        return wait_s

    def jump(self, seconds: float) -> None:
        self._offset_s += seconds
        self.forward_s += max(0.0, seconds)
