"""Baselines that learn a home's silences: SPOT, log-normal, half-space trees, and our survival curve used naively."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from river.anomaly import HalfSpaceTrees as Trees
from scipy.stats import genpareto  # type: ignore[import-untyped]  # it ships no types

from app.bench.detection.streams import Stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY_S = 86400.0
AWAY_S = 24 * 3600.0
"""How long somebody who may have gone out is waited for, in every baseline that knows about doors."""
YOUNG_S = 12 * 3600.0
"""The timer of a home of which too little is known yet."""
LEAST_S = 300.0
"""Shorter silences teach nothing about long ones."""
CONTEXTS = 3
"""Bedroom, bathroom and other. The fourth, an exit, is not learnt: it has a rule of its own."""
CELLS = CONTEXTS * 24


def away(deadlines: Floats, stream: Stream) -> Floats:
    """The same deadlines (points, n), with `AWAY_S` wherever somebody may have gone out."""
    return np.where(stream.exit, AWAY_S, deadlines)


def days(stream: Stream) -> Ints:
    """The whole days (of 24 h) since a home's first event, at each event."""
    return ((stream.t - stream.t[:1]) // DAY_S).astype(np.int64)


def cells(stream: Stream) -> Ints:
    """The context of each event and the local hour of its time, as one number below `CELLS`."""
    names, place = np.unique(stream.place, return_inverse=True)
    context = np.array([0 if "bed" in name else 1 if "bath" in name else 2 for name in names], np.int64)
    return context[place] * 24 + (stream.local % DAY_S // 3600).astype(np.int64)


class Silences(NamedTuple):
    """A home's ended silences of over `LEAST_S`, oldest first; arrays of one length.

    `length` in seconds, `cell` where and when each began, `end` the index of the event that ended it.
    """

    length: Floats
    cell: Ints
    end: Ints


def silences(stream: Stream, *, exits: bool = False) -> Silences:
    """What a home's silences were; without `exits` only those at home, because after an exit people are out."""
    length = np.diff(stream.t)
    start = np.flatnonzero((length > LEAST_S) & (exits | ~stream.exit[:-1]))
    return Silences(length[start], cells(stream)[start], start + 1)


class Spot:
    """Peaks over threshold (Siffer et al., KDD 2017) on a home's own silences; `points` are the risks q.

    A generalised Pareto distribution over the 98 % quantile by maximum likelihood, fitted anew every three days to all
    silences, out or at home: on the recorded homes that served it better than those at home alone.
    """

    name = "spot"
    points: tuple[float, ...] = (3e-2, 2e-2, 1e-2, 5e-3, 3e-3, 2e-3, 1e-3, 5e-4, 3e-4, 2e-4, 1e-4, 5e-5, 3e-5, 1e-5)
    level = 0.98
    refit_days = 3
    peaks = 10  # fewer say nothing of a tail

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        heard = silences(stream, exits=True)
        block = days(stream) // self.refit_days
        starts = np.unique(block)
        known = np.searchsorted(block[heard.end], starts)
        table = np.array([self._fit(heard.length[:k]) for k in known]).reshape(-1, len(self.points))
        return away(table[np.searchsorted(starts, block)].T, stream)

    def _fit(self, length: Floats) -> Floats:
        """The (1 - q) quantile of silence for each point, in seconds."""
        q = np.array(self.points)
        if not len(length):
            return np.full(len(q), YOUNG_S)
        t = float(np.quantile(length, self.level))
        excess = length[length > t] - t
        if len(excess) < self.peaks:
            return np.full(len(q), YOUNG_S)
        mean = float(excess.mean())
        shape, _, scale = genpareto.fit(excess / mean, floc=0)
        ratio = q * len(length) / len(excess)
        tail = genpareto.isf(np.minimum(ratio, 1.0), shape, scale=scale * mean)
        # Below the threshold there is no tail to extrapolate: the silences themselves are the answer.
        found: Floats = np.where(ratio < 1, t + tail, np.minimum(t, np.quantile(length, 1 - q)))
        return found


class LogNormal:
    """A log-normal per context and hour of a home's own silences; `points` are quantiles.

    A cell with fewer than 20 silences takes its context's distribution, and a context with fewer the whole home's.
    """

    name = "log_normal"
    points: tuple[float, ...] = tuple(
        1 - p for p in (0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10)
    )
    few = 20

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        heard, day = silences(stream), days(stream)
        log = np.log(heard.length)
        count = int(day[-1]) + 1 if len(day) else 0
        sums = np.zeros((3, count + 1, CELLS))
        for power in range(3):
            np.add.at(sums[power], (day[heard.end] + 1, heard.cell), log**power)
        cell = sums.cumsum(axis=1).reshape(3, count + 1, CONTEXTS, 24)
        context = np.broadcast_to(cell.sum(axis=3, keepdims=True), cell.shape)
        home = np.broadcast_to(cell.sum(axis=(2, 3), keepdims=True), cell.shape)
        s0, s1, s2 = np.where(cell[0] >= self.few, cell, np.where(context[0] >= self.few, context, home))
        n = np.maximum(s0, 2)
        mean = s1 / n
        spread = np.sqrt(np.maximum(s2 - n * mean**2, 0) / (n - 1))
        at = (day, *np.divmod(cells(stream), 24))
        z = np.array([NormalDist().inv_cdf(q) for q in self.points])
        found = np.exp(mean[at] + z[:, None] * spread[at])
        return away(np.where(s0[at] >= self.few, found, YOUNG_S), stream)


class HalfSpaceTrees:
    """river's half-space trees on (log length, clock, context) of a home's own silences; `points` are scores.

    Learns each ended silence; a silence under way is scored at `ages` (s), and one that no age raises over the score
    never fires. Scores are made of masses that change only when a window of 1000 silences is full, and so do the
    deadlines. In the first window there is no score: a timer of 12 h stands in.
    """

    name = "half_space_trees"
    points: tuple[float, ...] = (0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.992, 0.994, 0.996)
    ages: Floats = np.geomspace(0.5, 48, 16) * 3600
    window = 1000

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n); `others` are not used."""
        heard, event_cells = silences(stream), cells(stream)
        trees = Trees(n_trees=10, height=8, window_size=self.window, seed=7)
        found = np.full((len(self.points), len(stream.t)), YOUNG_S)
        for k, (length, cell, end) in enumerate(zip(*heard, strict=True), start=1):
            trees.learn_one(self._features(length, cell))  # type: ignore[no-untyped-call]  # river leaves it so
            if k % self.window == 0:
                found[:, end:] = self._table(trees)[:, event_cells[end:]]
        return away(found, stream)

    def _table(self, trees: Trees) -> Floats:
        """The first age in seconds whose score passes each point, in each cell: (points, CELLS)."""
        seen = [[self._features(age, cell) for cell in range(CELLS)] for age in self.ages]
        score = np.array([[trees.score_one(x) for x in row] for row in seen])  # type: ignore[no-untyped-call]  # as above
        over = score > np.array(self.points)[:, None, None]
        found: Floats = np.where(over.any(axis=1), self.ages[over.argmax(axis=1)], np.inf)
        return found

    def _features(self, length: float, cell: int) -> dict[str, float]:
        """What the trees see of a silence, each scaled to 0..1."""
        context, hour = divmod(int(cell), 24)
        turn = 2 * np.pi * (hour + 0.5) / 24
        log = np.log(length / LEAST_S) / np.log(48 * 3600 / LEAST_S)
        seen = {"age": float(min(log, 1.0)), "sin": float(1 + np.sin(turn)) / 2, "cos": float(1 + np.cos(turn)) / 2}
        return seen | {f"in{c}": float(c == context) for c in range(CONTEXTS)}


class Survival:
    """Alarm once the share of silences that lasted this long is below alpha; `points` are the alphas.

    The share is that of a home's own silences in the same context and hour, with those of other homes as a prior worth
    20 silences; without `own` it is the other homes' alone. Over 48 h nothing fires.
    """

    points: tuple[float, ...] = (0.1, 0.05, 0.03, *(k * 10.0**-e for e in range(2, 6) for k in (2, 1, 0.5)), 2e-6, 1e-6)
    worth = 20.0
    ages: Floats = np.arange(300, 48 * 3600 + 1, 300, dtype=np.float64)

    def __init__(self, *, own: bool = True) -> None:
        self.own = own
        self.name = "survival" if own else "prior_only"

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Floats:
        """Seconds after each event at which the alarm would fire, (points, n)."""
        prior, where, day = self._prior(others), cells(stream), days(stream)
        if not self.own:
            return away(self._first(prior)[:, where], stream)
        heard = silences(stream)
        starts = np.unique(day)
        known = np.searchsorted(day[heard.end], starts)
        over: Floats = np.zeros((CELLS, len(self.ages) + 1))
        found = np.empty((len(self.points), len(starts), CELLS))
        for k, (a, b) in enumerate(zip([0, *known], known, strict=False)):
            over += self._over(heard.length[a:b], heard.cell[a:b])
            share = (over[:, 1:] + self.worth * prior) / (over[:, :1] + self.worth)
            found[:, k] = self._first(share)
        return away(found[:, np.searchsorted(starts, day), where], stream)

    def _prior(self, others: Sequence[Stream]) -> Floats:
        """The share of other homes' silences beyond each age, thin hours leaning on the whole: (CELLS, ages)."""
        over = np.zeros((CELLS, len(self.ages) + 1))
        for other in others:
            heard = silences(other)
            over += self._over(heard.length, heard.cell)
        if not over.any():
            return np.broadcast_to((self.ages < YOUNG_S).astype(np.float64), (CELLS, len(self.ages)))
        hours = over.reshape(CONTEXTS, 24, -1)
        home = hours.sum(axis=(0, 1), keepdims=True)
        context = hours.sum(axis=1, keepdims=True)
        context = context + self.worth * home / home[..., :1]
        hours = hours + self.worth * context / context[..., :1]
        share: Floats = (hours[..., 1:] / hours[..., :1]).reshape(CELLS, -1)
        return share

    def _over(self, length: Floats, cell: Ints) -> Floats:
        """How many silences there were in each cell (first column), and how many longer than each age."""
        passed = np.searchsorted(self.ages, length)
        count = np.bincount(cell * (len(self.ages) + 1) + passed, minlength=CELLS * (len(self.ages) + 1))
        above: Floats = count.reshape(CELLS, -1)[:, ::-1].cumsum(axis=1)[:, ::-1].astype(np.float64)
        return above

    def _first(self, share: Floats) -> Floats:
        """The first age in seconds at which the share is below each point, infinite if it never is: (points, CELLS)."""
        passed = np.array([(share >= alpha).sum(axis=1) for alpha in self.points])
        found: Floats = np.append(self.ages, np.inf)[passed]
        return found
