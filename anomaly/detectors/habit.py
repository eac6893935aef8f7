"""A silence that is unlike this home's own: learned from its gaps, within a budget of false alarms (see `deadlines`).

At each movement the home's table says how long it may be still from here, at this hour. The budget is the home's own
(`Home.alarm_budget`); usually, where a speaker asks first, 3 questions a month, else half an alarm. The clock of
silence stands while the home can't be seen or nobody is in. The ceilings hold beside it and are never moved. Each
night, between 02:00 and 06:00 local, the day is taken in and the table made anew. Nothing is learned for the rest of a
day on which the home went dark, was said to be empty, cried for help or had visitors (rooms seconds apart, again and
again, far more than usual); of a silence that was told, only that it lasted so long. The first 20 movements of a home
are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, cast
from zlib import crc32

import numpy as np

from anomaly import deadlines, life
from anomaly.deadlines import ALARMS, QUESTIONS
from anomaly.detector import Heard, because, signal
from anomaly.gaps import EXIT, STARTS, TICK_S, TICKS, Gaps, Numbers, context_of, lasting
from anomaly.prior import shipped
from anomaly.rows import Rows
from anomaly.time import local, wall
from core.events import EMERGENCY_KINDS, Absence
from core.people import Home
from core.signals import Concern, Evidence, Sense, Signal, Urgency

LEAVING_S = 120.0
PROVEN = 20
NIGHT_H, NIGHT_S = 2, 4 * 3600
DAY_S = 86400.0
TOGETHER_S = 5.0
VISIT, VISIT_TIMES = 10, 3.0
"""Rooms seconds apart within a clock's hour: so many, and so many times more than in a usual day's busiest hour."""
_USUAL_KEPT = 0.9


class Habit:
    name, version = "habit", "1"
    fields: ClassVar[Mapping[str, str]] = {
        **deadlines.FIELDS,
        "limit": f"(3,{STARTS})<u2",  # ticks of silence; 0: none yet
        "from": "<f8",  # the silence under way began; 0: nothing heard yet
        "context": "<u1",
        "limit_s": "<f4",  # its deadline; 0: none
        "exit": "<f8",  # an exit door last moved
        "heard": "<u2",  # movements, up to PROVEN
        "told": "<f8",
        "opened": "<f8",  # the day to be learned began
        "night": "<f8",  # and ends
        "frozen": "<f8",  # nothing is learned since
        "place": "<u4",
        "hour": "<u4",  # of UTC
        "pairs": "<u1",  # rooms seconds apart in it
        "most_pairs": "<u1",  # today's busiest hour
        "usual_pairs": "<f4",
    }
    kinds = frozenset(
        {"motion", "contact", "presence", "bed", "appliance", "medication", "utterance", "answer", "vital", "absence"}
        | EMERGENCY_KINDS
    )

    def __init__(self) -> None:
        self._prior = shipped()

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        col, t, event = rows.col, heard.t, heard.event
        if not heard.human:
            if event.kind in EMERGENCY_KINDS or (event.kind == "absence" and cast(Absence, event.data).away):
                _freeze(rows, i, t)
            return ()
        if t <= col["habit.from"][i]:
            return ()
        exit_door = life.exit_door(event)
        if exit_door:
            col["habit.exit"][i] = t
        place = life.place_of(event)
        if not heard.late:
            self._visitors(rows, i, t, crc32(place.encode()))
            self._learn(rows, i, t)
        left = t - col["habit.exit"][i] <= LEAVING_S and rows.homes[i].residents == 1
        self._begin(rows, i, t, context_of(place, left))
        told = float(col["habit.told"][i])
        if not told:
            return ()
        col["habit.told"][i] = 0.0
        why = because("moved", place=place)
        home = rows.homes[i].id
        return [
            signal(self, Concern.INACTIVITY, Urgency.ROUTINE, t, why, home=home, episode=_day(told), sense=Sense.CLEAR)
        ]

    def _learn(self, rows: Rows, i: int, t: float) -> None:
        """Take in the silence that ends at `t`."""
        col, start, context = rows.col, float(rows.col["habit.from"][i]), int(rows.col["habit.context"][i])
        if not col["habit.night"][i]:
            col["habit.opened"][i], col["habit.night"][i] = t, _night(t, rows, i)
            col["habit.limit"][i] = self._table(rows, i)
        if not start or context == EXIT or col["habit.frozen"][i]:
            return
        limit_s = float(col["habit.limit_s"][i]) or np.inf
        length_s = min(t - start, limit_s)
        seen = Gaps(
            np.array([context]),
            np.array([_wall_s(start, rows, i)]),
            np.array([length_s]),
            np.array([t - start <= limit_s]),
        )
        deadlines.learn(col, np.array([i]), seen, self._prior)

    def _begin(self, rows: Rows, i: int, t: float, context: int) -> None:
        """Silence counts from `t` on."""
        col = rows.col
        col["habit.from"][i], col["habit.context"][i] = t, context
        limit_s = 0.0
        if col["habit.heard"][i] < PROVEN:
            col["habit.heard"][i] += 1
        elif context != EXIT:
            limit_s = float(col["habit.limit"][i, context, int(_wall_s(t, rows, i) // 1800) % STARTS]) * TICK_S
        col["habit.limit_s"][i] = limit_s
        rows.wake(i, self.name, min(t + limit_s if limit_s else np.inf, float(col["habit.night"][i]) or np.inf))

    def _visitors(self, rows: Rows, i: int, t: float, place: int) -> None:
        col, hour = rows.col, int(t // 3600)
        together = t - col["habit.from"][i] <= TOGETHER_S and place != col["habit.place"][i]
        col["habit.place"][i] = place
        if not together:
            return
        if col["habit.hour"][i] != hour:
            col["habit.hour"][i], col["habit.pairs"][i] = hour, 0
        pairs = min(int(col["habit.pairs"][i]) + 1, 255)
        col["habit.pairs"][i] = pairs
        col["habit.most_pairs"][i] = max(pairs, int(col["habit.most_pairs"][i]))
        known = col["habit.known"][i] >= deadlines.NEW_DAYS
        if known and rows.homes[i].residents == 1 and pairs >= VISIT + VISIT_TIMES * col["habit.usual_pairs"][i]:
            _freeze(rows, i, t)

    def survey(self, rows: Rows, who: Sequence[int], now: float) -> Sequence[Signal]:
        """Take in the day of those whose night it is, and make their tables anew."""
        col, every = rows.col, np.array(who, np.intp)
        over = every[(col["habit.night"][every] > 0) & (col["habit.night"][every] <= now)]
        if over.size:
            self._close(rows, over)
        return ()

    def _close(self, rows: Rows, over: Numbers) -> None:
        col = rows.col
        opened, ends, frozen = (col[f"habit.{name}"][over] for name in ("opened", "night", "frozen"))
        until = np.where(frozen > 0, np.clip(frozen, opened, ends), ends)
        deadlines.next_day(col, over, np.clip((until - opened) / DAY_S, 0.0, 1.0))
        usual, most = col["habit.usual_pairs"][over], col["habit.most_pairs"][over]
        new = col["habit.known"][over] <= deadlines.NEW_DAYS
        usual = np.where(new, np.maximum(usual, most), _USUAL_KEPT * usual + (1 - _USUAL_KEPT) * most)
        col["habit.usual_pairs"][over] = np.where(frozen > 0, col["habit.usual_pairs"][over], usual)
        col["habit.most_pairs"][over], col["habit.opened"][over] = 0, ends
        col["habit.frozen"][over] = np.where(col["sight.dark"][over] > 0, ends, 0.0)
        for i in over.tolist():
            col["habit.night"][i] = _night(float(ends[over == i][0]), rows, i)
            col["habit.limit"][i] = self._table(rows, i)

    def _table(self, rows: Rows, i: int) -> Numbers:
        found: Numbers = deadlines.deadlines(rows.col, i, self._prior, (budget_of(rows.homes[i]),))[0]
        return found

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        col = rows.col
        if col["sight.dark"][i]:
            _freeze(rows, i, float(col["sight.dark"][i]))
        at, night = deadline(rows, i) or np.inf, float(col["habit.night"][i]) or np.inf
        if at > now:
            rows.wake(i, self.name, min(at, night))
            return ()
        rows.wake(i, self.name, night)
        col["habit.told"][i] = start = float(col["habit.from"][i])
        col["habit.asked"][i] += 1
        home = rows.homes[i].id
        return [
            signal(self, Concern.INACTIVITY, Urgency.SOON, at, *self._why(rows, i, at), home=home, episode=_day(start))
        ]

    def _why(self, rows: Rows, i: int, at: float) -> list[Evidence]:
        col, home, start = rows.col, rows.homes[i], float(rows.col["habit.from"][i])
        context, half_hour = int(col["habit.context"][i]), int(_wall_s(start, rows, i) // 1800) % STARTS
        lasts = lasting(deadlines.hazard(col, i, self._prior), context, half_hour)
        usual_s = float(np.argmax(lasts <= 0.1) or TICKS) * TICK_S
        rarity = 1 / max(float(lasts[min(int(col["habit.limit_s"][i] // TICK_S), TICKS)]), 1e-4)
        place, when = str(col["life.place"][i]), wall(start, home.timezone)
        evidence = [
            because("silence", place=place, when=when, silent=at - start),
            because("habit", usual=usual_s, rarity=round(rarity), days=int(col["habit.known"][i])),
        ]
        if not deadlines.fits(col, i):
            evidence[1:] = [because("habit.timer", limit=deadlines.TIMER_S)]
        unseen = life.unseen_s(rows, i, at)
        if unseen >= 60:
            evidence.append(because("silence.uncounted", unseen=unseen))
        if home.residents > 1:
            evidence.append(because("residents", residents=home.residents))
        return evidence


def usual_budget(home: Home) -> float:
    """False alarms a month that a home may have where nothing else is said."""
    return QUESTIONS if home.speaker else ALARMS


def budget_of(home: Home) -> float:
    """False alarms a month that this home may have."""
    return home.alarm_budget or usual_budget(home) * (home.budget_factor or 1.0)


def deadline(rows: Rows, i: int) -> float | None:
    """When the home's own deadline passes if nobody moves; None while none is counted or it has been told."""
    col = rows.col
    limit_s = float(col["habit.limit_s"][i])
    if not limit_s or col["habit.told"][i] or col["ceiling.told"][i] or col["life.away_until"][i]:
        return None
    return life.silent_until(rows, i, limit_s, awake=False)


def _freeze(rows: Rows, i: int, t: float) -> None:
    frozen = rows.col["habit.frozen"]
    if not frozen[i]:
        frozen[i] = t


def _wall_s(t: float, rows: Rows, i: int) -> float:
    """Seconds of the local wall clock, as if it were UTC."""
    offset = local(t, rows.homes[i].timezone).utcoffset()
    return t + (offset or timedelta()).total_seconds()


def _night(t: float, rows: Rows, i: int) -> float:
    """When, after `t`, the home's next night is: homes are spread over it, so that a city's do not come at once."""
    home = rows.homes[i]
    spread = timedelta(hours=NIGHT_H, seconds=crc32(home.id.encode()) % NIGHT_S)
    midnight = local(t, home.timezone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    day = 0
    while True:
        # Wall clock: the night that loses an hour has the same minutes for everybody.
        night = (midnight + timedelta(days=day) + spread).timestamp()
        if night > t + 3600:
            return night
        day += 1


def _day(start: float) -> str:
    return str(int(start))
