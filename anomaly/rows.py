"""What the engine remembers lies in one table, so that snapshot, replay and speed come once for all detectors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.people import Home

Column = npt.NDArray[Any]


class Rows:
    """One numpy record a home. `col[name][i]` is the field `name` of home `i`; a new home's fields are all zero.

    A time field of 0 means "no such time". `areas` holds what is known of an area as a whole: area -> name -> number.
    `wake` is how a detector asks to look at a home later; a deadline is a field, never a timer.
    """

    def __init__(self, fields: Mapping[str, str], detectors: Sequence[str]) -> None:
        self.dtype = np.dtype([("due", "<f8", (len(detectors),)), *fields.items()])
        self.homes: list[Home] = []
        self.index: dict[str, int] = {}
        self.areas: dict[str, dict[str, float]] = {}
        self.next_due = math.inf  # the earliest due, or sooner
        self._next = dict.fromkeys(detectors, math.inf)  # the same for each detector
        self.places: dict[tuple[str, int, int], int] = {}  # what `slots` has found, to find it faster; never state
        self._detectors = list(detectors)
        self._under: dict[str, npt.NDArray[np.intp]] = {}
        self._use(np.zeros(16, self.dtype))

    def _use(self, table: Column) -> None:
        self.table = table
        self.col: dict[str, Column] = {name: table[name] for name in self.dtype.names or ()}
        self.due: dict[str, Column] = {name: self.col["due"][:, k] for k, name in enumerate(self._detectors)}

    def put(self, home: Home) -> int:
        """Add a home, or change what is configured of it; what was learned of it stays. Every detector looks again."""
        i = self.index.get(home.id)
        if i is None:
            i = len(self.homes)
            if i == len(self.table):
                self._use(np.concatenate([self.table, np.zeros(i, self.dtype)]))
            self.index[home.id] = i
            self.homes.append(home)
            self._under.clear()
        elif self.homes[i].area != home.area:
            self._under.clear()
        self.homes[i] = home
        self.stir(i)
        return i

    def wake(self, i: int, detector: str, at: float) -> None:
        """Let `detector` look at home `i` at the first tick from `at` on, if it would not look sooner anyway."""
        due = self.due.get(detector)
        if due is not None and at < due[i]:
            due[i] = at
            if at < self._next[detector]:
                self._next[detector] = at
                if at < self.next_due:
                    self.next_due = at

    def stir(self, i: int) -> None:
        """Something that others read has changed: every detector looks at home `i` at the next tick."""
        self.col["due"][i] = self.next_due = -math.inf
        self._next = dict.fromkeys(self._next, -math.inf)

    def take_due(self, detector: str, now: float) -> list[int]:
        """The homes that `detector` asked to look at by `now`; asking is over with that."""
        if self._next[detector] > now:
            return []
        due = self.due[detector][: len(self.homes)]
        who = np.flatnonzero(due <= now)
        due[who] = math.inf
        self._next[detector] = float(due.min()) if due.size else math.inf
        return who.tolist()

    def settle(self) -> None:
        """All who were due have looked: find who is next."""
        self.next_due = min(self._next.values(), default=math.inf)

    def under(self, prefix: str) -> npt.NDArray[np.intp]:
        """The homes of an area and of all areas below it; "" is the whole fleet."""
        if not self._under:
            below: dict[str, list[int]] = {}
            for i, home in enumerate(self.homes):
                for area in prefixes(home.area):
                    below.setdefault(area, []).append(i)
            self._under = {area: np.array(who, np.intp) for area, who in below.items()}
        return self._under.get(prefix, np.empty(0, np.intp))

    def dump(self) -> tuple[list[Home], bytes]:
        """Homes in the order of their ids, and their records in the same order."""
        order = sorted(range(len(self.homes)), key=lambda i: self.homes[i].id)
        return [self.homes[i] for i in order], self.table[order].tobytes()

    def load(self, homes: Sequence[Home], table: bytes) -> None:
        """Take over what `dump` gave. Raises ValueError if the records are of another shape."""
        records = np.frombuffer(table, self.dtype).copy()
        if len(records) != len(homes):
            raise ValueError(f"{len(homes)} homes but {len(records)} records")
        self.homes, self.index = list(homes), {home.id: i for i, home in enumerate(homes)}
        self._under.clear()
        self._use(np.concatenate([records, np.zeros(max(16, len(homes)), self.dtype)]))
        self._next = {name: float(due[: len(homes)].min(initial=math.inf)) for name, due in self.due.items()}
        self.settle()


@lru_cache(maxsize=65536)
def prefixes(area: str) -> tuple[str, ...]:
    """An area and everything above it, the widest first: "", "city", "city/gu", "city/gu/dong"."""
    parts = area.split("/")
    return ("", *("/".join(parts[:n]) for n in range(1, len(parts) + 1)))
