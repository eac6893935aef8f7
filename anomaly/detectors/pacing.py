"""Back and forth between rooms at night, far more often than this resident usually does: restlessness, not yet leaving.

A turn is a room, another one and the first again (A-B-A), each within 5 min of the last. Turns less than 10 min apart
are one walk. A walk of 10 turns and twice the usual night's longest is told once a night as a change of daily life:
ROUTINE, for residents at risk of wandering SOON. The usual is learned (gamma-Poisson, with the fleet's as a prior) from
23:00 to 06:00 local; who crosses the hall often is so judged by that. 14 nights are learned first. Nothing is learned
from a night that was told, from late events, nor from a night of which some could not be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from anomaly import life, nights
from anomaly.batch import Positions, mark_of
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round
from anomaly.rows import Rows, Who
from anomaly.time import wall
from core.signals import Concern, Signal, Urgency

STEP_S, PAUSE_S = 300, 600
LEAST, TIMES = 10, 2.0
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
        one = np.array([i])
        if heard.late or not heard.human or not nights.alone(rows.homes[i]):
            return ()
        if not nights.under_way(rows, self.name, one, np.array([heard.t]))[0]:
            return ()
        rooms = rows.places.along(mark_of, "<u4")
        room = rooms[[rows.places.code(life.place_of(heard.event))]]
        walk = _Step(rows, one, np.array([int(heard.t)]), room)
        walk.take(rows, one)
        if not walk.too_much[0]:
            return ()
        rows.col["pacing.told"][i] = True
        return [self._signal(rows, i, heard.t)]

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        which = some.people[some.among(self.kinds)[some.people]]
        which = which[nights.under_way(rows, self.name, some.who[which], some.t[which])]
        which = which[rows.trait(nights.alone, "?")[some.who[which]]]
        if not which.size:
            return which
        who = some.who[which]
        room = rows.places.along(mark_of, "<u4")[some.column("place", which)]
        walk = _Step(rows, who, some.t[which].astype(np.int64), room)
        walk.take(rows, who, ~walk.too_much)
        left: Positions = which[walk.too_much]
        return left

    def survey(self, rows: Rows, who: Sequence[int], now: float) -> Sequence[Signal]:
        """Learn the nights that have ended."""
        col, every = rows.col, np.array(who, np.intp)
        ended, fit = nights.over(rows, self.name, every[rows.trait(nights.alone, "?")[every]], now)
        home = ended[fit & ~col["pacing.told"][ended]]
        col["pacing.sum"][home] = col["pacing.sum"][home] * nights.KEPT + col["pacing.most"][home]
        col["pacing.nights"][home] = col["pacing.nights"][home] * nights.KEPT + 1
        col["pacing.known"][home] = np.minimum(col["pacing.known"][home].astype(int) + 1, 255)
        col["pacing.most"][ended], col["pacing.told"][ended] = 0, False
        return ()

    def _signal(self, rows: Rows, i: int, t: float) -> Signal:
        home, col = rows.homes[i], rows.col
        begun = int(col["pacing.begun"][i])
        why = because(
            "pacing",
            since=wall(begun, home.timezone),
            turns=int(col["pacing.turns"][i]),
            usual=round(float(_usual(rows, np.array([i]))[0]), 1),
            nights=int(col["pacing.known"][i]),
        )
        urgency = Urgency.SOON if home.wandering else Urgency.ROUTINE
        return signal(self, Concern.DRIFT, urgency, t, why, home=home.id, episode=str(begun))


class _Step:
    """What a movement makes of different homes' walks, not yet taken over. `too_much`: it is to be told."""

    def __init__(self, rows: Rows, who: Who, second: npt.NDArray[np.int64], room: npt.NDArray[np.uint32]) -> None:
        col = rows.col
        self.second, self.room = second, room
        near = second - col["pacing.at"][who] <= STEP_S
        last, before = col["pacing.room"][who], col["pacing.before"][who]
        stays = near & (room == last)
        self.before = np.where(stays, before, np.where(near, last, 0))
        self.turn = near & ~stays & (room == before)
        on = second - col["pacing.turned"][who] <= PAUSE_S
        turns = col["pacing.turns"][who]
        self.turns = np.where(on, np.minimum(turns, 65534) + 1, 1).astype(np.uint16)
        self.begun = np.where(on, col["pacing.begun"][who], second)
        self.too_much = self.turn & ~col["pacing.told"][who] & (col["pacing.known"][who] >= KNOWN)
        self.too_much &= self.turns >= LEAST + TIMES * _usual(rows, who)

    def take(self, rows: Rows, who: Who, which: npt.NDArray[np.bool_] | None = None) -> None:
        """Take it over, of those `which`."""
        col, which = rows.col, np.ones(len(who), bool) if which is None else which
        home = who[which]
        col["pacing.at"][home], col["pacing.room"][home] = self.second[which], self.room[which]
        col["pacing.before"][home] = self.before[which]
        which = which & self.turn
        home = who[which]
        col["pacing.turned"][home], col["pacing.begun"][home] = self.second[which], self.begun[which]
        col["pacing.turns"][home] = self.turns[which]
        col["pacing.most"][home] = np.maximum(col["pacing.most"][home], self.turns[which])


def _usual(rows: Rows, who: Who) -> npt.NDArray[np.float64]:
    """Turns of the longest walk in a usual night of the homes."""
    total, number = rows.col["pacing.sum"][who].astype(float), rows.col["pacing.nights"][who].astype(float)
    usual: npt.NDArray[np.float64] = (total + TRUST * FLEET) / (number + TRUST)
    return usual
