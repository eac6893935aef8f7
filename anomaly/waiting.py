"""Where events wait until no earlier one can be expected, and the order in which they leave."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from anomaly.batch import Batch, merge


class Waiting:
    """Events by the time at which they are to be heard: a few sorted runs, of which the earliest is asked first."""

    def __init__(self) -> None:
        self._runs: list[tuple[float, int, Batch]] = []
        self._made = 0

    def push(self, batch: Batch) -> None:
        """Let events wait until their `hear`."""
        hear = batch.events["hear"]
        if len(batch) > 1 and (hear[1:] < hear[:-1]).any():
            batch = batch.take(np.argsort(hear, kind="stable"))
        self._keep(batch)

    def _keep(self, run: Batch) -> None:
        if len(run):
            self._made += 1
            heapq.heappush(self._runs, (float(run.events["hear"][0]), self._made, run))

    def release(self, until: float) -> Batch:
        """The events that are to be heard by `until`, in that order; they wait no more."""
        parts = []
        while self._runs and self._runs[0][0] <= until:
            run = heapq.heappop(self._runs)[2]
            stop = len(run)
            if run.events["hear"][-1] > until:
                stop = int(np.searchsorted(run.events["hear"], until, side="right"))
                self._keep(run.take(slice(stop, None)))
            parts.append(run.take(slice(stop)))
        some = merge(parts)
        return some.take(np.argsort(some.events["hear"], kind="stable")) if len(parts) > 1 else some

    def all(self) -> Batch:
        """Everything that waits, each event once, in the order of time and name."""
        some = merge([run for _, _, run in self._runs])
        some = some.take(np.argsort(some.events["hear"], kind="stable"))
        some = some.take(by_home(some))
        return some.take(sorted(range(len(some)), key=lambda j: (some.events["hear"][j], some.name(j))))


def by_home(batch: Batch) -> npt.NDArray[np.intp]:
    """The order home by home of events that are sorted by `hear`, and in a home as they are to be heard: of one instant
    what is on time before what is late, on time by name, late by arrival. What comes twice on time is left out then."""
    events = batch.events
    if len(batch) < 2:
        return np.arange(len(batch))
    # home and rank in one number: sorting numbers is several times faster than sorting by keys
    order = np.sort((events["home"].astype(np.int64) << 32) | np.arange(len(events))) & 0xFFFFFFFF
    home, hear = events["home"][order], events["hear"][order]
    tie = (home[1:] == home[:-1]) & (hear[1:] == hear[:-1])
    return _untie(batch, order, np.flatnonzero(tie).tolist()) if tie.any() else order


def _untie(batch: Batch, order: npt.NDArray[np.intp], ties: list[int]) -> npt.NDArray[np.intp]:
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
