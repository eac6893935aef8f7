"""Events of different homes that can be heard together: no home occurs twice, so arrays do what a loop would."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt

from anomaly.batch import KIND_CODES, Batch, Events, Positions
from anomaly.compiled import kernel

Flags = npt.NDArray[np.bool_]


class Round(msgspec.Struct, frozen=True):
    """Events on time, at most one of each home, in the order of the homes' indices. `at[k]` is the place of `events[k]`
    in the batch that they are of. They happened within `span`, from the first to the last of that time."""

    events: Events
    at: Positions
    span: tuple[float, float]

    def among(self, kinds: frozenset[str] | None) -> Positions:
        """The events of these kinds, by their place in the round; None: of any."""
        return np.arange(len(self.at)) if kinds is None else np.flatnonzero(table(kinds).take(self.events["kind"]))


@lru_cache(maxsize=256)
def table(kinds: frozenset[str]) -> Flags:
    """Whether an event is of these kinds, by the number of its kind."""
    codes = np.zeros(256, bool)
    codes[[KIND_CODES[kind] for kind in kinds]] = True
    return codes


def rounds(batch: Batch, order: Positions, least: int) -> Iterator[Round | Positions]:
    """Cut events that stand home by home in `order` into rounds, the first of each home, the second, and so on.

    Late events, what would be a round of fewer than `least`, and whatever comes after either in its home, are left for
    the end: positions in the order in which they are to be heard one by one.
    """
    home = batch.events["home"][order]
    if np.count_nonzero(home[1:] != home[:-1]) + 1 < least:
        yield order
        return
    at, sizes = _cut(batch.events, order, least)
    begin, together = 0, at[: sizes.sum()]
    events = batch.events.take(together)
    span = float(events["t"].min(initial=np.inf)), float(events["t"].max(initial=-np.inf))
    for size in sizes.tolist():
        yield Round(events[begin : begin + size], at[begin : begin + size], span)
        begin += size
    if begin < len(at):
        yield at[begin:]


@kernel
def _cut(events: Events, order: Positions, least: int) -> tuple[Positions, Positions]:
    """`order` (n) by the rounds, then what goes one by one; the sizes of the rounds."""
    n = len(order)
    turn, size = np.empty(n, np.intp), np.zeros(n + 1, np.intp)  # turn n: none
    home, upcoming = -1, 0
    for k in range(n):
        event = events[order[k]]
        if event.home != home:
            home, upcoming = event.home, 0
        if event.late:
            upcoming = n  # turns only grow in a home, so that nothing overtakes a late event
        turn[k] = upcoming
        size[upcoming] += 1
        upcoming = min(upcoming + 1, n)
    many = 0
    while many < n and size[many] >= max(least, 1):
        many += 1
    begin = np.zeros(many + 1, np.intp)
    for number in range(many):
        begin[number + 1] = begin[number] + size[number]
    by_turn = np.empty(n, np.intp)
    for k in range(n):
        number = min(turn[k], many)
        by_turn[begin[number]] = order[k]
        begin[number] += 1
    return by_turn, size[:many]
