"""The learned deadline under test, by the functions of `anomaly.gaps` and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from anomaly import gaps
from anomaly.deadlines import Learner
from app.bench.detection.streams import Array, Stream


def gaps_of(stream: Stream) -> gaps.Gaps:
    """The gaps of a stream, by the event that begins each; the last event begins none."""
    context = [gaps.context_of(str(place), bool(exit_)) for place, exit_ in zip(stream.place, stream.exit, strict=True)]
    return gaps.Gaps(np.array(context[:-1], int), stream.local[:-1], np.diff(stream.t))


def prior_of(streams: Sequence[Stream]) -> gaps.Prior:
    """What these homes have in common."""
    return gaps.fleet_prior([gaps_of(s) for s in streams], [max(1.0, s.months * 30.44) for s in streams])


class Hazard(msgspec.Struct, frozen=True):
    """The cost-optimal hazard deadline, each home by a budget of its own."""

    name: str = "anbu"
    points: tuple[float, ...] = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015)

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Array:
        """Seconds after each event, for each budget of false alarms a month (points x n)."""
        return learned(stream, prior_of(others), self.points)


def learned(stream: Stream, prior: gaps.Prior, budgets: tuple[float, ...]) -> Array:
    """The same from a given prior: each night the day's gaps are learned, and the next day's deadlines made."""
    known = gaps_of(stream)
    context = np.append(known.context, gaps.context_of(str(stream.place[-1]), bool(stream.exit[-1])))
    day = (stream.local // 86400).astype(int)
    ended = day[1:]  # a gap is known when the next event has come
    learner = Learner(prior, budgets)
    found = np.empty((len(budgets), len(day)))
    half_hour = (stream.local // 1800).astype(int) % gaps.STARTS
    for today in range(day[0], day[-1] + 1):
        deadline_s = learner.deadlines()
        now = day == today
        found[:, now] = deadline_s[:, context[now], half_hour[now]]
        learner.learn(known.some(ended == today))
    return found
