"""What `Habit.hear` does with the movements of many homes, compiled."""

from __future__ import annotations

import math
from operator import itemgetter

import numpy as np

from anomaly.batch import Events, Positions
from anomaly.compiled import AHEAD, fetch, kernel
from anomaly.deadlines import FIT_S, NEW_DAYS, lengthen
from anomaly.gaps import BLOCK_H, EXIT, STARTS, TICK_S, Array, count_gap
from anomaly.rows import Column, wake
from anomaly.walls import Clocks, clock_s

LEAVING_S = 120.0
PROVEN = 20
TOGETHER_S = 5.0
VISIT, VISIT_TIMES = 10, 3.0
"""Rooms seconds apart within a clock's hour: so many, and so many times more than in a usual day's busiest hour."""
_COLUMNS = (
    *("from", "local", "context", "limit_s", "limit", "exit", "heard", "told", "night", "frozen", "device", "hour"),
    *("pairs", "most_pairs", "usual_pairs", "known", "delays", "expected", "ended", "starts", "record"),
)
columns = itemgetter(*(f"habit.{name}" for name in _COLUMNS))


@kernel
def hear(
    events: Events,
    kinds: Column,
    strange: Column,
    learned: bool,
    clocks: Clocks,
    inside: Column,
    alone: Column,
    hazard: Array,
    due: Column,
    since: Column,
    local: Column,
    context: Column,
    limit_s: Column,
    limit: Column,
    exit_at: Column,
    heard: Column,
    told: Column,
    night: Column,
    frozen: Column,
    device: Column,
    hour: Column,
    pairs: Column,
    most_pairs: Column,
    usual_pairs: Column,
    known: Column,
    delays: Column,
    expected: Column,
    ended: Column,
    starts: Column,
    record: Column,
) -> tuple[Positions, Positions, float]:
    """`Habit.hear`, but for homes without a night yet, what was told, what may be a visit and what is no movement.

    `inside` is each place's context. Also gives the events that end a silence so long that it is to be learned before
    (unless it is `learned`), and the soonest time to look.
    """
    left, long = np.empty(len(events), np.intp), np.empty(len(events), np.intp)
    n, put_off, soonest = 0, 0, np.inf
    for k in range(len(events)):
        later = events[min(k + AHEAD, len(events) - 1)]
        if later.human:
            i = later.home
            fetch((since, local, context, limit_s, exit_at, heard, told, night, frozen, device, hour, pairs), i)
            fetch((known, delays, most_pairs), i)
        later = events[min(k + AHEAD // 2, len(events) - 1)]
        if later.human:  # by now it is known which of the home's many numbers will be read
            i, before = later.home, min(context[later.home], EXIT - 1)
            fetch((expected[i, before], ended[i, before]), int(local[i] + TICK_S / 2) // 3600 % 24 // BLOCK_H)
            fetch((starts[i],), before)
            fetch((limit[i, inside[later.place]],), int(clock_s(clocks, i, later.t)) // 1800 % STARTS)
        event = events[k]
        i, t = event.home, event.t
        if not (event.human and kinds[event.kind]):
            if strange[event.kind]:
                left[n] = k
                n += 1
            continue
        length_s = t - since[i]
        if length_s <= 0:
            continue
        this_hour, so_many = int(t) // 3600, 0
        if length_s <= TOGETHER_S and event.mark != device[i]:
            so_many = min(pairs[i] + 1, 255) if hour[i] == this_hour else 1
        visit = so_many >= VISIT and alone[i] and known[i] >= NEW_DAYS
        visit = visit and so_many >= np.float32(VISIT) + np.float32(VISIT_TIMES) * usual_pairs[i]
        if night[i] == 0 or told[i] > 0 or visit:
            left[n] = k
            n += 1
            continue
        learns = not learned and since[i] > 0 and context[i] != EXIT and frozen[i] == 0
        if learns and length_s >= FIT_S and known[i] >= NEW_DAYS:
            long[put_off] = k
            put_off += 1
            continue
        delays[i, 0] += 1
        device[i] = event.mark
        if so_many:
            hour[i], pairs[i], most_pairs[i] = this_hour, so_many, max(most_pairs[i], so_many)
        if event.exit:
            exit_at[i] = t
        if learns:
            ends = limit_s[i] == 0 or length_s <= limit_s[i]
            lasted_s = length_s if ends else float(limit_s[i])
            count_gap(hazard, i, context[i], local[i], lasted_s, ends, expected, ended, starts)
            lengthen(record, i, local[i], lasted_s)
        now = EXIT if alone[i] and t - exit_at[i] <= LEAVING_S else inside[event.place]
        local_s, upto_s = clock_s(clocks, i, t), 0.0
        if heard[i] < PROVEN:
            heard[i] += 1
        elif now != EXIT:
            upto_s = limit[i, now, int(local_s) // 1800 % STARTS] * TICK_S
        since[i], context[i], local[i], limit_s[i] = t, now, local_s, upto_s
        at = t + upto_s if upto_s > 0 else math.inf
        soonest = min(soonest, wake(due, i, min(at, night[i])))
    return left[:n], long[:put_off], soonest
