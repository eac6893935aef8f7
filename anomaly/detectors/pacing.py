"""Back and forth between rooms at night, far more often than this resident usually does: restlessness, not yet leaving.

A turn is a room, another one and the first again (A-B-A), each within 5 min of the last. Turns less than 10 min apart
are one walk. A walk of 10 turns and twice the usual night's longest is told once a night as a change of daily life:
ROUTINE, for residents at risk of wandering SOON. The usual is learned (gamma-Poisson, with the fleet's as a prior) from
23:00 to 06:00 local; who crosses the hall often is so judged by that. 14 nights are learned first. A night
that was told is learned up to the limit only; nothing is from late events, nor from a night that was not all seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from anomaly import life, nights
from anomaly.batch import Events, Positions, mark_of
from anomaly.compiled import kernel
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round, table
from anomaly.rows import Column, Rows, Who
from anomaly.time import wall
from core.signals import Concern, Signal, Urgency

STEP_S, PAUSE_S = 300, 600
LEAST, TIMES = 10, 2.0
MOST = 60_000
KNOWN = 14
FLEET, TRUST = 1.4, 5.0
"""The longest walk of a usual night in fifteen recorded homes, in turns, which counts as much as so many nights."""


class Pacing:
    name, version = "pacing", "1"
    fields: ClassVar[Mapping[str, str]] = {
        **nights.FIELDS,
        "room": "<u4",  # where somebody moved last; a checksum
        "before": "<u4",  # and the room before that; 0: too long ago
        "at": "<u4",  # whole seconds, as all times here
        "begun": "<u4",  # the walk under way
        "turned": "<u4",  # its newest turn
        "turns": "<u2",
        "most": "<u2",  # tonight's longest walk
        "told": "?",  # tonight
        "sum": "<f4",  # of the longest walks, older ones counting less
        "nights": "<f4",  # of so many nights
        "known": "<u1",  # nights learned, up to 255
    }
    kinds = frozenset({"motion", "presence"})

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        col = rows.col
        left_s = col["pacing.closes"].item(i) - heard.t
        if not nights.ENDED_S < left_s <= nights.BEGUN_S:
            return ()
        if heard.late or not heard.human or not nights.alone(rows.homes[i]):
            return ()
        rooms = rows.places.along(mark_of, "<u4")
        room, second = rooms.item(rows.places.code(life.place_of(heard.event))), int(heard.t)
        here, before = col["pacing.room"].item(i), col["pacing.before"].item(i)
        near = second - col["pacing.at"].item(i) <= STEP_S
        col["pacing.at"][i] = second
        if near and room == here:
            return ()
        col["pacing.room"][i], col["pacing.before"][i] = room, here if near else 0
        return self._turn(rows, i, second, heard.t) if near and room == before else ()

    def _turn(self, rows: Rows, i: int, second: int, t: float) -> Sequence[Signal]:
        col = rows.col
        if second - col["pacing.turned"].item(i) > PAUSE_S:
            col["pacing.begun"][i], col["pacing.turns"][i] = second, 0
        col["pacing.turned"][i] = second
        col["pacing.turns"][i] = turns = min(col["pacing.turns"].item(i) + 1, MOST)
        col["pacing.most"][i] = max(col["pacing.most"].item(i), turns)
        if col["pacing.told"][i] or col["pacing.known"][i] < KNOWN or turns < LEAST + TIMES * _usual(rows, i):
            return ()
        col["pacing.told"][i] = True
        home, begun = rows.homes[i], col["pacing.begun"].item(i)
        why = because(
            "pacing",
            since=wall(begun, home.timezone),
            turns=turns,
            usual=round(float(_usual(rows, i)), 1),
            nights=int(col["pacing.known"][i]),
        )
        urgency = Urgency.SOON if home.wandering else Urgency.ROUTINE
        return [signal(self, Concern.DRIFT, urgency, t, why, home=home.id, episode=str(begun))]

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        rooms, alone = rows.places.along(mark_of, "<u4"), rows.trait(nights.alone, "?")
        return _hear(some.events, table(self.kinds), rooms, alone, *_columns(rows.col))

    def survey(self, rows: Rows, who: Sequence[int], now: float) -> Sequence[Signal]:
        """Learn the nights that have ended."""
        col, every = rows.col, np.array(who, np.intp)
        ended, fit = nights.over(rows, self.name, every[rows.trait(nights.alone, "?")[every]], now)
        home = ended[fit]
        most = np.minimum(col["pacing.most"][home], LEAST + TIMES * _usual(rows, home))  # a told night is not usual yet
        col["pacing.sum"][home] = col["pacing.sum"][home] * nights.KEPT + most
        col["pacing.nights"][home] = col["pacing.nights"][home] * nights.KEPT + 1
        col["pacing.known"][home] = np.minimum(col["pacing.known"][home].astype(int) + 1, 255)
        col["pacing.most"][ended], col["pacing.told"][ended] = 0, False
        return ()


def _usual(rows: Rows, who: Who | int) -> npt.NDArray[np.float64]:
    """Turns of the longest walk in a usual night of one home or many."""
    total, number = rows.col["pacing.sum"][who].astype(float), rows.col["pacing.nights"][who].astype(float)
    usual: npt.NDArray[np.float64] = (total + TRUST * FLEET) / (number + TRUST)
    return usual


_columns = itemgetter(*(f"pacing.{field}" for field in Pacing.fields if field != "dark"))


@kernel
def _hear(
    events: Events,
    kinds: Column,
    rooms: Column,
    alone: Column,
    closes: Column,
    room: Column,
    before: Column,
    at: Column,
    begun: Column,
    turned: Column,
    turns: Column,
    most: Column,
    told: Column,
    sum_: Column,
    counted: Column,
    known: Column,
) -> Positions:
    """`hear`, but for what is to be told."""
    left, n = np.empty(len(events), np.intp), 0
    for k in range(len(events)):
        event = events[k]
        i = event.home
        if not (event.human and kinds[event.kind] and nights.ENDED_S < closes[i] - event.t <= nights.BEGUN_S):
            continue
        if not alone[i]:
            continue
        second, here = int(event.t), rooms[event.place]
        near = second - at[i] <= STEP_S
        if near and here == room[i]:
            at[i] = second
            continue
        if near and here == before[i]:
            walks = second - turned[i] <= PAUSE_S
            so_far = min(turns[i] + 1, MOST) if walks else 1
            usual = (np.float64(sum_[i]) + TRUST * FLEET) / (np.float64(counted[i]) + TRUST)
            if not told[i] and known[i] >= KNOWN and so_far >= LEAST + TIMES * usual:
                left[n] = k
                n += 1
                continue
            if not walks:
                begun[i] = second
            turned[i], turns[i], most[i] = second, so_far, max(most[i], so_far)
        at[i], before[i] = second, room[i] if near else 0
        room[i] = here
    return left[:n]
