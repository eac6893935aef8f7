"""Events of different homes that can be heard together: no home occurs twice, so arrays do what a loop would."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.batch import KIND_CODES, Batch, Events, Positions
from anomaly.rows import Who

Flags = npt.NDArray[np.bool_]
Column = npt.NDArray[Any]


class Round:
    """Events on time, at most one of each home, as arrays of one length in the order of the homes' indices; the columns
    are `batch.EVENT`'s. `at[k]` is event `k`'s place in the batch that they are of."""

    def __init__(self, events: Events, at: Positions) -> None:
        self._events, self.at = events, at
        self.who: Who = events["home"].astype(np.intp)

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def t(self) -> npt.NDArray[np.float64]:
        return np.ascontiguousarray(self._events["t"])

    @cached_property
    def kind(self) -> Column:
        return np.ascontiguousarray(self._events["kind"])

    @cached_property
    def human(self) -> Flags:
        return np.ascontiguousarray(self._events["human"])

    @cached_property
    def traffic(self) -> Flags:
        return np.ascontiguousarray(self._events["traffic"])

    @cached_property
    def people(self) -> Positions:
        """The events of active persons."""
        return np.flatnonzero(self.human)

    def of(self, *kinds: str) -> Positions:
        """The events of these kinds."""
        return np.flatnonzero(self.among(frozenset(kinds)))

    def are(self, kind: str, which: Positions) -> Positions:
        """Which of some of the events are of that kind, by their place among those."""
        return np.flatnonzero(self.kind[which] == KIND_CODES[kind])

    def among(self, kinds: frozenset[str] | None) -> Flags:
        """Whether each event is of these kinds; None: any."""
        return np.ones(len(self), bool) if kinds is None else _table(kinds).take(self.kind)

    def column(self, name: str, which: Positions) -> Column:
        """A column of some of the events."""
        column: Column = self._events[name][which]
        return column


@lru_cache(maxsize=256)
def _table(kinds: frozenset[str]) -> Flags:
    table = np.zeros(256, bool)
    table[[KIND_CODES[kind] for kind in kinds]] = True
    return table


def rounds(batch: Batch, order: Positions, least: int) -> Iterator[Round | Positions]:
    """Cut events that stand home by home in `order` into rounds, the first of each home, the second, and so on.

    Late events, what would be a round of fewer than `least`, and whatever comes after either in its home, are left for
    the end: positions in the order in which they are to be heard one by one.
    """
    n = len(order)
    if n < max(least, 1):
        yield order
        return
    home = batch.events["home"][order]
    first = np.empty(n, bool)
    first[0] = True
    np.not_equal(home[1:], home[:-1], out=first[1:])
    begins = np.flatnonzero(first)
    turn = np.arange(n) - np.repeat(begins, np.diff(begins, append=n))
    late = batch.events["late"][order]
    if late.any():  # turns only grow in a home, so that nothing overtakes a late event
        behind = np.maximum.accumulate(np.where(late, np.arange(n), -1))
        turn = np.where(behind >= np.repeat(begins, np.diff(begins, append=n)), n, turn)
    sizes = np.bincount(turn[turn < n])
    small = np.flatnonzero(sizes < max(least, 1))
    many = int(small[0]) if small.size else len(sizes)
    quick = np.uint16 if many < 65535 else np.int64  # 16 bits are sorted by radix
    by_turn = np.argsort(np.minimum(turn, many).astype(quick), kind="stable")
    begin = 0
    for size in sizes[:many].tolist():
        at = order[by_turn[begin : begin + size]]
        yield Round(batch.events.take(at), at)
        begin += size
    if begin < n:
        yield order[by_turn[begin:]]
