"""Where events wait until no earlier one can be expected, and the order in which they leave."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anomaly.batch import KIND_CODES, Batch, Positions, merge


class Waiting:
    """Events by the time at which they are to be heard: a few sorted runs, of which the earliest is asked first."""

    def __init__(self) -> None:
        self._runs: list[tuple[float, int, _Run]] = []
        self._made = 0

    def __len__(self) -> int:
        return sum(len(run.order) for _, _, run in self._runs)

    def push(self, batch: Batch) -> None:
        """Let events wait until their `hear`."""
        order = by_hear(batch)
        self._keep(_Run(batch, order, batch.events["hear"][order]))

    def _keep(self, run: _Run) -> None:
        if len(run.order):
            self._made += 1
            heapq.heappush(self._runs, (float(run.hear[0]), self._made, run))

    def release(self, until: float) -> Batch:
        """The events that are to be heard by `until`, in whatever order; they wait no more."""
        parts = []
        while self._runs and self._runs[0][0] <= until:
            run = heapq.heappop(self._runs)[2]
            stop = int(np.searchsorted(run.hear, until, side="right"))
            if stop == len(run.batch):
                parts.append(run.batch)
            else:
                parts.append(run.batch.take(run.order[:stop]))
                self._keep(_Run(run.batch, run.order[stop:], run.hear[stop:]))
        return merge(parts)

    def names(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """The codes of the places and of the firmwares that are waiting."""
        events = merge([run.batch for _, _, run in self._runs]).events
        beats = events["kind"] == KIND_CODES["heartbeat"]
        return events["place"][~beats], events["place"][beats]

    def all(self) -> Batch:
        """Everything that waits, each event once, in the order of time and name."""
        some = merge([run.batch.take(run.order) for _, _, run in self._runs])
        kept = by_home(some, by_hear(some)).tolist()
        in_turn = sorted(kept, key=lambda j: (some.events["hear"][j], some.name(j)))
        return some.take(np.array(in_turn, np.intp))


class _Run(NamedTuple):
    """`order` is the part of `batch` that still waits, `hear` its times, rising."""

    batch: Batch
    order: Positions
    hear: npt.NDArray[np.float64]


def by_hear(batch: Batch) -> Positions:
    """The order in which events are to be heard, if no two of a home are of one instant."""
    return np.argsort(batch.events["hear"])


def by_home(batch: Batch, order: Positions) -> Positions:
    """`order`, which is by `hear`, home by home, and in a home as its events are to be heard: of one instant what is on
    time before what is late, on time by name, late by arrival. What comes twice on time is left out then."""
    if len(order) < 2:
        return order
    # home and rank in one number: sorting numbers is several times faster than sorting by keys
    home = batch.events["home"][order]
    numbers = np.sort((home.astype(np.int64) << 32) | np.arange(len(order)))
    order, home = order[numbers & 0xFFFFFFFF], numbers >> 32
    hear = batch.events["hear"][order]
    tie = (home[1:] == home[:-1]) & (hear[1:] == hear[:-1])
    return _untie(batch, order, np.flatnonzero(tie).tolist()) if tie.any() else order


def _untie(batch: Batch, order: Positions, ties: list[int]) -> Positions:
    kept = np.ones(len(order), bool)
    late, no = batch.events["late"], batch.events["no"]
    k = 0
    while k < len(ties):
        begin = ties[k]
        while k + 1 < len(ties) and ties[k + 1] == ties[k] + 1:
            k += 1
        end = ties[k] + 2
        k += 1
        some = sorted(order[begin:end].tolist(), key=lambda j: no[j])
        on_time: dict[tuple[str, str, str, float], int] = {}
        for j in some:
            if not late[j]:
                on_time.setdefault(batch.name(j), j)
        turn = [on_time[name] for name in sorted(on_time)] + [j for j in some if late[j]]
        order[begin : begin + len(turn)] = turn
        kept[begin + len(turn) : end] = False
    return order[kept]
