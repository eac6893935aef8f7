"""The learned deadline under test, by the functions of `anomaly.deadlines` and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from anomaly import deadlines as habits
from anomaly import gaps
from anomaly.detectors.mute import Mute
from anomaly.engine import Engine
from anomaly.prior import shipped
from app.bench.detection.streams import Array, Stream, rows_of
from core.people import Home

OUT_S = 24 * 3600.0
"""Behind an exit door another rule holds; this is only its bound."""
FEW = 5
_SOON_S = 1e-3


def gaps_of(stream: Stream) -> gaps.Gaps:
    """The gaps of a stream, by the event that begins each; the last event begins none."""
    context = contexts(stream)[:-1]
    return gaps.Gaps(context, stream.local[:-1], np.diff(stream.t), np.ones(len(context), bool))


def contexts(stream: Stream) -> gaps.Numbers:
    """The context of each event."""
    found = [gaps.context_of(str(place), bool(exit_)) for place, exit_ in zip(stream.place, stream.exit, strict=True)]
    return np.array(found, int)


def prior_of(streams: Sequence[Stream]) -> gaps.Prior:
    """What these homes have in common."""
    return gaps.fleet_prior([gaps_of(s) for s in streams], [max(1.0, s.months * 30.44) for s in streams])


def prior_or_shipped(others: Sequence[Stream]) -> gaps.Prior:
    """What the other homes have in common, or, where they are too few, what is shipped."""
    return prior_of(others) if len(others) >= FEW else shipped()


class Hazard(msgspec.Struct, frozen=True):
    """The cost-optimal hazard deadline, each home by a budget of its own."""

    name: str = "anbu"
    points: tuple[float, ...] = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015)

    def deadlines(self, stream: Stream, others: Sequence[Stream]) -> Array:
        """Seconds after each event, for each budget of false alarms a month (points x n)."""
        return learned(stream, prior_of(others), self.points)


def learned(stream: Stream, prior: gaps.Prior, budgets: tuple[float, ...]) -> Array:
    """The same from a given prior: each night the day's gaps are learned, and the next day's deadlines made.

    As in the engine, a home is asked when a gap passes its deadline, and nothing is learned from what comes after; and
    while a sensor seems broken nobody is asked before `TIMER_S`.
    """
    broken = suspected(stream)
    known, context = gaps_of(stream), contexts(stream)
    day, half_hour = (stream.local // 86400).astype(int), gaps.half_hour(stream.local)
    col, found = habits.columns(len(budgets)), np.full((len(budgets), len(day)), OUT_S)
    for today in range(day[0], day[-1] + 1):
        begun = np.flatnonzero((day == today) & (context != gaps.EXIT))
        ended = np.flatnonzero(day[1:] == today)  # a gap is known when the next event has come
        for k, budget in enumerate(budgets):
            table = habits.deadlines(col, k, prior, (budget,))[0]
            limit_s = table[context[begun], half_hour[begun]] * gaps.TICK_S
            found[k, begun] = np.where(broken[begun], np.maximum(limit_s, habits.TIMER_S), limit_s)
            its, limit_s = known.some(ended), found[k, ended]
            kept = gaps.Gaps(its.context, its.local, np.minimum(its.length_s, limit_s), its.length_s <= limit_s)
            col["habit.asked"][k] += np.count_nonzero(~kept.ended & (its.context != gaps.EXIT))
            habits.learn(col, np.full(len(ended), k), kept, prior)
        habits.next_day(col, np.arange(len(budgets)), np.ones(len(budgets)))
    return found


def in_hindsight(stream: Stream, prior: gaps.Prior, budgets: tuple[float, ...]) -> Array:
    """What tables like ours could do if the whole recording had been known from its first day: no detector, but how
    much delay the home's own gaps force on one."""
    context, half_hour = contexts(stream), gaps.half_hour(stream.local)
    inside = context != gaps.EXIT
    known = gaps_of(stream)
    col, days = habits.columns(1), max(1.0, stream.months * 30.44)
    habits.learn(col, np.zeros(len(known.context), int), known, prior)
    col["habit.days"][0], col["habit.known"][0] = days, min(days, np.iinfo(np.uint16).max)
    found = np.full((len(budgets), len(context)), OUT_S)
    for k, budget in enumerate(budgets):
        col["habit.asked"][0] = budget * stream.months  # it kept to its budget: nothing to correct
        table = habits.deadlines(col, 0, prior, (budget,))[0]
        found[k, inside] = table[context[inside], half_hour[inside]] * gaps.TICK_S
    return found


def suspected(stream: Stream) -> npt.NDArray[np.bool_]:
    """Whether a sensor of the home seems broken after each event, by the running detector."""
    engine = Engine([Home(stream.home, f"gw-{stream.home}", "recorded")], (Mute(),), lateness_s=_SOON_S)
    found = np.zeros(len(stream.t), bool)
    for k, row in enumerate(rows_of([stream], -np.inf, np.inf)):
        engine.feed([row])  # which hears those before it
        found[max(k - 1, 0)] = engine.rows.col["mute.suspects"][0] > 0
    return found
