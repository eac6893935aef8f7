"""What the engine remembers lies in one table, so that snapshot, replay and speed come once for all detectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.compiled import kernel
from anomaly.names import Names
from core.events import FIRMWARE_LONGEST
from core.people import Home

Column = npt.NDArray[Any]
Who = npt.NDArray[np.intp]
PLACE, SENSORS, FIRMWARE = "life.place", "mute.place", "sight.firmware"
SPARE = 16


class Rows:
    """One row a home, each field an array of its own. `col[name][i]` is the field `name` of home `i`; a new home's
    fields are all zero.

    A time field of 0 means "no such time". `areas` holds what is known of an area as a whole, or of all homes with one
    firmware: area -> name -> number. `places` and `firmwares` are the names that the columns PLACE, SENSORS and
    FIRMWARE count.
    `wake` is how a detector asks to look at a home later; a deadline is a field, never a timer.
    """

    def __init__(self, fields: Mapping[str, str], detectors: Sequence[str]) -> None:
        self.fields = {**{f"due.{name}": "<f8" for name in detectors}, **fields}
        """Field -> numpy dtype."""
        self.homes: list[Home] = []
        self.index: dict[str, int] = {}
        self.areas: dict[str, dict[str, float]] = {}
        self.places, self.firmwares = Names(), Names(FIRMWARE_LONGEST)
        self._names = {PLACE: self.places, SENSORS: self.places, FIRMWARE: self.firmwares}
        self.next_due = math.inf  # the earliest due, or sooner
        self._next = dict.fromkeys(detectors, math.inf)  # the same for each detector
        self._under: dict[str, Who] = {}
        self._traits: dict[Callable[[Home], Any], Column] = {}
        self._use({name: _empty(kind, SPARE) for name, kind in self.fields.items()})

    def _use(self, col: dict[str, Column]) -> None:
        self.col = col
        self.due = {name: col[f"due.{name}"] for name in self._next}
        self._room = min((len(column) for column in col.values()), default=0)

    def reserve(self, homes: int) -> None:
        """Make room for so many homes."""
        if homes > self._room:
            self._use({name: _grown(column, homes) for name, column in self.col.items()})
            self._traits = {fact: _grown(column, homes) for fact, column in self._traits.items()}

    def put(self, home: Home) -> int:
        """Add a home, or change what is configured of it; what was learned of it stays. Every detector looks again."""
        i = self.index.get(home.id)
        if i is None:
            i = len(self.homes)
            if i == self._room:
                self.reserve(i + i // 2 + SPARE)
            self.index[home.id] = i
            self.homes.append(home)
            self._under.clear()
        elif self.homes[i].area != home.area:
            self._under.clear()
        self.homes[i] = home
        for fact, column in self._traits.items():
            column[i] = fact(home)
        self.stir(i)
        return i

    def trait(self, fact: Callable[[Home], Any], dtype: str) -> Column:
        """`fact` of every home as it is configured now, by its index."""
        column = self._traits.get(fact)
        if column is None:
            column = self._traits[fact] = np.zeros(self._room, dtype)
            column[: len(self.homes)] = [fact(home) for home in self.homes]
        return column

    def wake(self, i: int, detector: str, at: float) -> None:
        """Let `detector` look at home `i` at the first tick from `at` on, if it would not look sooner anyway."""
        due = self.due.get(detector)
        if due is not None and at < due[i]:
            due[i] = at
            self.sooner(detector, at)

    def wake_many(self, who: Who, detector: str, at: Column) -> None:
        """`wake` for different homes, each at its own time."""
        due = self.due.get(detector)
        if due is None:
            return
        sooner = np.flatnonzero(at < due[who])
        if sooner.size:
            at = at[sooner]
            due[who[sooner]] = at
            self.sooner(detector, float(at.min()))

    def sooner(self, detector: str, at: float) -> None:
        """`detector` has asked to look at a home at `at`, in its `due`."""
        if at < self._next[detector]:
            self._next[detector] = at
            self.next_due = min(self.next_due, at)

    def stir(self, i: int) -> None:
        """Something that others read has changed: every detector looks at home `i` at the next tick."""
        for name, due in self.due.items():
            due[i] = self._next[name] = -math.inf
        self.next_due = -math.inf

    def stir_many(self, who: Who) -> None:
        """`stir` for many homes."""
        if who.size:
            for name, due in self.due.items():
                due[who] = self._next[name] = -math.inf
            self.next_due = -math.inf

    def take_due(self, detector: str, now: float) -> Who:
        """The homes that `detector` asked to look at by `now`; asking is over with that."""
        if self._next[detector] > now:
            return np.empty(0, np.intp)
        due = self.due[detector][: len(self.homes)]
        who = np.flatnonzero(due <= now)
        due[who] = math.inf
        self._next[detector] = float(due.min()) if due.size else math.inf
        return who

    def settle(self) -> None:
        """All who were due have looked: find who is next."""
        self.next_due = min(self._next.values(), default=math.inf)

    def under(self, prefix: str) -> Who:
        """The homes of an area and of all areas below it; "" is the whole fleet."""
        if not self._under:
            below: dict[str, list[int]] = {}
            for i, home in enumerate(self.homes):
                for area in prefixes(home.area):
                    below.setdefault(area, []).append(i)
            self._under = {area: np.array(who, np.intp) for area, who in below.items()}
        return self._under.get(prefix, np.empty(0, np.intp))

    def place(self, i: int) -> str:
        """Where a person was last active in home `i`; "": nobody knows."""
        return self.places.name(int(self.col[PLACE][i]))

    def tidy(self, places: Column, firmwares: Column) -> None:
        """Forget the names that no row uses, but for these codes, once they are many."""
        for names, others in ((self.places, places), (self.firmwares, firmwares)):
            if names.crowded:
                used = [
                    self.col[field].ravel() for field, its in self._names.items() if its is names and field in self.col
                ]
                names.keep(np.concatenate([others, *used]))

    def dump(self) -> tuple[list[Home], dict[str, bytes], dict[str, list[str]]]:
        """Homes in the order of their ids, their fields in the same order, and the names that fields count."""
        order = np.array(sorted(range(len(self.homes)), key=lambda i: self.homes[i].id), np.intp)
        names: dict[str, list[str]] = {}
        columns: dict[str, bytes] = {}
        for field, column in self.col.items():
            column = column[order]
            if field in self._names:
                names[field], column = self._names[field].dump(column)
            columns[field] = column.tobytes()
        return [self.homes[i] for i in order.tolist()], columns, names

    def load(self, homes: Sequence[Home], columns: Mapping[str, bytes], names: Mapping[str, list[str]]) -> None:
        """Take over what `dump` gave. Raises ValueError if a field is of another size."""
        col: dict[str, Column] = {}
        for field, kind in self.fields.items():
            dtype = np.dtype(kind)
            column = _empty(kind, len(homes) + SPARE)
            if len(columns[field]) != len(homes) * dtype.itemsize:
                raise ValueError(f"{len(homes)} homes, but {field} has {len(columns[field])} bytes")
            column[: len(homes)] = np.frombuffer(columns[field], dtype)
            col[field] = column
        for field in self._names.keys() & col.keys():
            known, column = names.get(field, []), col[field]
            if column.max(initial=0) >= max(1, len(known)):
                raise ValueError(f"{field} without a name")
            column[: len(homes)] = self._names[field].load(known, column[: len(homes)])
        self.homes, self.index = list(homes), {home.id: i for i, home in enumerate(homes)}
        self._under.clear()
        self._traits.clear()
        self._use(col)
        self._next = {name: float(due[: len(homes)].min(initial=math.inf)) for name, due in self.due.items()}
        self.settle()


@kernel
def wake(due: Column, i: int, at: float) -> float:
    """`Rows.wake` by a detector's `due`. Gives the time that is new there, for `Rows.sooner`; inf: none."""
    if at < due[i]:
        due[i] = at
        return at
    return np.inf


def blank(homes: int, detector: str, fields: Mapping[str, str]) -> dict[str, Column]:
    """A detector's columns for `homes` homes, for whoever has no engine."""
    return {f"{detector}.{name}": _empty(kind, homes) for name, kind in fields.items()}


def _empty(kind: str, homes: int) -> Column:
    one = np.dtype(kind)
    return np.zeros((homes, *one.shape), one.base)


def _grown(column: Column, homes: int) -> Column:
    grown = np.zeros((homes, *column.shape[1:]), column.dtype)
    grown[: len(column)] = column
    return grown


@lru_cache(maxsize=65536)
def prefixes(area: str) -> tuple[str, ...]:
    """An area and everything above it, the widest first: "", "city", "city/gu", "city/gu/dong"."""
    parts = area.split("/")
    return ("", *("/".join(parts[:n]) for n in range(1, len(parts) + 1)))
