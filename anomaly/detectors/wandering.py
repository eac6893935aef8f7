"""Out of the door at night and not back within five minutes: nobody active inside for 300 s after an exit door opened.

For residents at risk of wandering (`Home.wandering`): between 23:00 and 06:00 local, URGENT, once until somebody is
back. For others who live alone, SOON where this home's door is hardly ever opened at this hour: of each half hour of
the night it is learned in how many nights the door was opened (gamma-Poisson, with the fleet's rate as a prior), and
one opening in it must be less likely than one in a thousand. That takes 14 nights, and 10 to 40 of them without an
opening. What was told is learned so little that a new habit is told two to five times; nothing is learned from late
events, nor from a night of which some could not be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, cast

import numpy as np

from anomaly import life, nights
from anomaly.batch import Events, Positions
from anomaly.compiled import kernel
from anomaly.detector import Heard, because, signal
from anomaly.nights import HALVES, half_of
from anomaly.rounds import Round, table
from anomaly.rows import Column, Rows, Who
from anomaly.time import local, wall
from anomaly.walls import Clocks, clock_s, clocks_at
from core.events import Contact
from core.people import Home
from core.signals import Concern, Evidence, Sense, Signal, Urgency

BACK_S = 300.0
RARE = 0.001
KNOWN = 14
FLEET = (0.057, 0.023, 0.005, 0.005, 0.005, 0.005, 0.003, 0.003, 0.003, 0.005, 0.005, 0.009, 0.009, 0.014)
"""Share of nights in which an exit door was opened in each half hour from 23:00 on; neighbouring ones made alike.
Fifteen recorded homes, 578 nights."""
TRUST = 5.0
"""The fleet counts as much as so many nights of the home."""
HABIT = 0.01
"""What an opening that was told counts for, so that a new habit is told two to five times and then no more."""
SHARED = 0.5
"""What an opening in the half hour before or after counts for."""


def at_risk(home: Home) -> bool:
    """Whether the resident may leave at night and be lost."""
    return home.wandering


def learns(home: Home) -> bool:
    """Whether what is usual at night is learned of a home."""
    return nights.alone(home) and not at_risk(home)


class Wandering:
    name, version = "wandering", "3"
    fields: ClassVar[Mapping[str, str]] = {
        "door": "<f8",  # an exit door opened at night, and nobody inside since
        "inside": "<f8",  # somebody last moved inside; of residents at risk
        "told": "<f8",  # told for the door then
        **nights.FIELDS,
        "tonight": "<u2",  # a bit for each half hour in which an exit door was opened
        "opened": f"({HALVES},)<f4",  # nights with such an opening, older ones counting less
        "nights": "<f4",  # of so many
        "known": "<u1",  # nights learned, up to 255
    }
    kinds = frozenset({"motion", "contact", "presence", "bed", "appliance", "medication"})

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if not heard.human:
            return ()
        if not life.exit_door(heard.event):
            return self._inside(rows, i, heard)
        if cast(Contact, heard.event.data).open is not False and not heard.stale:
            if at_risk(rows.homes[i]):
                self._left_at_risk(rows, i, heard)
            elif learns(rows.homes[i]):
                self._left(rows, i, heard)
        return ()

    def _left_at_risk(self, rows: Rows, i: int, heard: Heard) -> None:
        col = rows.col
        if heard.t <= col["wandering.inside"][i] or col["wandering.door"][i] or col["wandering.told"][i]:
            return
        hour = local(heard.t, rows.homes[i].timezone).hour
        if hour >= nights.FROM_H or hour < nights.TO_H:
            self._wait(rows, i, heard.t)

    def _left(self, rows: Rows, i: int, heard: Heard) -> None:
        col, half = rows.col, nights.half_hour(heard.t, rows.homes[i].timezone)
        if half < 0:
            return
        if not heard.late:
            col["wandering.tonight"][i] |= 1 << half
        if col["wandering.known"][i] < KNOWN or _chance(rows, i, half) >= RARE:
            return
        last = col["life.human"][i]  # this door itself, unless it comes late
        if not (last > heard.t or col["wandering.door"][i] or col["wandering.told"][i] or col["life.away_until"][i]):
            self._wait(rows, i, heard.t)

    def _wait(self, rows: Rows, i: int, t: float) -> None:
        rows.col["wandering.door"][i] = t
        rows.wake(i, self.name, t + BACK_S)

    def _inside(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        home, col = rows.homes[i], rows.col
        if at_risk(home):
            if heard.t <= col["wandering.inside"][i]:
                return ()
            col["wandering.inside"][i] = heard.t
        if heard.t >= col["wandering.door"][i]:
            col["wandering.door"][i] = 0.0
        told = float(col["wandering.told"][i])
        if not told or heard.t < told:
            return ()
        col["wandering.told"][i] = 0.0
        seen = because("back", when=wall(heard.t, home.timezone))
        return [self._signal(Urgency.ROUTINE, heard.t, home.id, told, Sense.CLEAR, seen)]

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        clocks, marked, learnt = clocks_at(rows, some.span), rows.trait(at_risk, "?"), rows.trait(learns, "?")
        return _hear(some.events, table(self.kinds), clocks, marked, learnt, *_columns(rows.col))

    def survey(self, rows: Rows, who: Sequence[int], now: float) -> Sequence[Signal]:
        """Learn the nights that have ended."""
        col, every = rows.col, np.array(who, np.intp)
        ended, fit = nights.over(rows, self.name, every[rows.trait(learns, "?")[every]], now)
        home = ended[fit]
        doors = (col["wandering.tonight"][home][:, None] >> np.arange(HALVES)) & 1
        col["wandering.opened"][home] = col["wandering.opened"][home] * nights.KEPT + doors
        col["wandering.nights"][home] = col["wandering.nights"][home] * nights.KEPT + 1
        col["wandering.known"][home] = np.minimum(col["wandering.known"][home].astype(int) + 1, 255)
        col["wandering.tonight"][ended] = 0
        return ()

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
        if at_risk(home):
            return [self._signal(Urgency.URGENT, at, home.id, door, Sense.RAISE, why)]
        half = nights.half_hour(door, home.timezone)
        if half < 0:  # the home has moved to another time zone since
            return [self._signal(Urgency.SOON, at, home.id, door, Sense.RAISE, why)]
        found = [self._signal(Urgency.SOON, at, home.id, door, Sense.RAISE, why, _rare(rows, i, half))]
        col["wandering.tonight"][i] &= ~(1 << half) & 0xFFFF
        col["wandering.opened"][i, half] += HABIT
        return found

    def _signal(self, urgency: Urgency, at: float, home: str, door: float, sense: Sense, *why: Evidence) -> Signal:
        return signal(self, Concern.WANDERING, urgency, at, *why, home=home, episode=str(int(door)), sense=sense)


def _chance(rows: Rows, i: int, half: int) -> float:
    """How likely one opening or more is in that half hour of a night: the gamma-Poisson's predictive probability."""
    col, opened = rows.col, np.pad(rows.col["wandering.opened"][i].astype(float), 1)
    seen = float(opened[half + 1] + SHARED * (opened[half] + opened[half + 2]))
    weight = float(col["wandering.nights"][i]) + TRUST
    return float(1.0 - (weight / (weight + 1.0)) ** (seen + TRUST * FLEET[half]))


def _rare(rows: Rows, i: int, half: int) -> Evidence:
    begins, ends = (f"{(nights.FROM_H + k // 2) % 24:02d}:{k % 2 * 30:02d}" for k in (half, half + 1))
    return because(
        "wandering.rare",
        begins=begins,
        ends=ends,
        nights=int(rows.col["wandering.known"][i]),
        opened=round(float(rows.col["wandering.opened"][i, half])),
        rarity=round(1 / _chance(rows, i, half)),
    )


_columns = itemgetter("wandering.told", "wandering.door", "wandering.inside")


@kernel
def _hear(
    events: Events,
    kinds: Column,
    clocks: Clocks,
    marked: Column,
    learnt: Column,
    told: Column,
    door: Column,
    inside: Column,
) -> Positions:
    """`hear`, but for doors at night and what comes after."""
    left, n = np.empty(len(events), np.intp), 0
    for k in range(len(events)):
        event = events[k]
        i, t = event.home, event.t
        if not (event.human and kinds[event.kind]):
            continue
        through = event.exit and (marked[i] or learnt[i])
        if told[i] > 0 or door[i] > 0 or (through and half_of(clock_s(clocks, i, t)) >= 0):
            left[n] = k
            n += 1
        elif marked[i] and not event.exit:
            inside[i] = max(inside[i], t)
    return left[:n]
