"""For residents at risk of wandering (`Home.wandering`): out of the door at night and not back within five minutes.

An exit door opens between 23:00 and 06:00 local and nobody moves inside for 300 s: URGENT, once until somebody is back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np

from anomaly import life
from anomaly.batch import Positions
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round
from anomaly.rows import Rows, Who
from anomaly.time import local, wall
from core.events import Contact
from core.people import Home
from core.signals import Concern, Evidence, Sense, Signal, Urgency

BACK_S = 300.0
NIGHT_FROM_H, NIGHT_TO_H = 23, 6


def at_risk(home: Home) -> bool:
    """Whether the resident may leave at night and be lost."""
    return home.wandering


class Wandering:
    name, version = "wandering", "1"
    fields: ClassVar[Mapping[str, str]] = {
        "door": "<f8",  # an exit door opened at night, and nobody inside since
        "inside": "<f8",  # somebody last moved inside
        "told": "<f8",  # told for the door then
    }
    kinds = frozenset({"motion", "contact", "presence", "bed", "appliance", "medication"})

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        home, col = rows.homes[i], rows.col
        if not at_risk(home) or not heard.human:
            return ()
        inside, door = col["wandering.inside"], col["wandering.door"]
        if life.exit_door(heard.event):
            opened = cast(Contact, heard.event.data).open
            if opened and not heard.stale and heard.t > inside[i] and not door[i] and not col["wandering.told"][i]:
                hour = local(heard.t, home.timezone).hour
                if hour >= NIGHT_FROM_H or hour < NIGHT_TO_H:
                    door[i] = heard.t
                    rows.wake(i, self.name, heard.t + BACK_S)
            return ()
        if heard.t <= inside[i]:
            return ()
        inside[i] = heard.t
        if heard.t >= door[i]:
            door[i] = 0.0
        told = float(col["wandering.told"][i])
        if not told or heard.t < told:
            return ()
        col["wandering.told"][i] = 0.0
        seen = because("back", when=wall(heard.t, home.timezone))
        return [self._signal(Urgency.ROUTINE, heard.t, seen, home.id, told, Sense.CLEAR)]

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        people, col = some.people, rows.col
        people = people[rows.trait(at_risk, "?")[some.who[people]]]
        people = people[some.among(self.kinds)[people]]
        who = some.who[people]
        odd = some.column("exit", people) | (col["wandering.told"][who] > 0) | (col["wandering.door"][who] > 0)
        calm = np.flatnonzero(~odd)
        home = who[calm]
        col["wandering.inside"][home] = np.maximum(col["wandering.inside"][home], some.t[people[calm]])
        return people[odd]

    def look_many(self, rows: Rows, who: Who, now: float) -> Who:
        opened: Who = who[rows.col["wandering.door"][who] > 0]
        return opened

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        home, col = rows.homes[i], rows.col
        door = float(col["wandering.door"][i])
        if not door:
            return ()
        at = door + BACK_S
        if now < at:
            rows.wake(i, self.name, at)
            return ()
        col["wandering.door"][i], col["wandering.told"][i] = 0.0, door
        why = because("wandering", when=wall(door, home.timezone), gone=BACK_S)
        return [self._signal(Urgency.URGENT, at, why, home.id, door, Sense.RAISE)]

    def _signal(self, urgency: Urgency, at: float, why: Evidence, home: str, door: float, sense: Sense) -> Signal:
        return signal(self, Concern.WANDERING, urgency, at, why, home=home, episode=str(int(door)), sense=sense)
