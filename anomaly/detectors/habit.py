"""A silence that is unlike this home's own: learned from its gaps, within a budget of false alarms (see `deadlines`).

At each movement the home's table says how long it may be still from here, at this hour. The budget is the home's own
(`Home.alarm_budget`); usually, where a speaker asks first, 3 questions a month, else half an alarm. The clock of
silence stands while the home can't be seen or nobody is in. The ceilings hold beside it and are never moved. Each
night, between 02:00 and 06:00 local, the day is taken in and the table made anew. Nothing is learned for the rest of a
day on which the home went dark, was said to be empty, cried for help or had visitors (rooms seconds apart, again and
again, far more than usual); of a silence that was told, only that it lasted so long. Nobody is asked before 10 h where
a sensor seems broken; where silences fit no habit that is the limit. The first 20 movements of a home are not judged.
Nobody is asked before what they did can have arrived by their own link (see `lateness`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, cast
from zlib import crc32

import numpy as np
import numpy.typing as npt

from anomaly import deadlines, lateness, life, movements
from anomaly.batch import Positions, mark_of
from anomaly.causes import circumstances
from anomaly.deadlines import ALARMS, QUESTIONS
from anomaly.detector import Heard, because, signal
from anomaly.gaps import (
    EXIT,
    STARTS,
    TICK_S,
    TICKS,
    Array,
    Gaps,
    Numbers,
    context_of,
    count_first,
    half_hour,
    lasting,
)
from anomaly.movements import LEAVING_S, PROVEN, TOGETHER_S, VISIT, VISIT_TIMES
from anomaly.prior import shipped
from anomaly.rounds import Round, table
from anomaly.rows import Rows, Who
from anomaly.time import local, wall
from anomaly.walls import clocks_at, wall_of
from core.events import EMERGENCY_KINDS, Absence
from core.people import Home
from core.signals import Concern, Evidence, Sense, Signal, Urgency

NIGHT_H, NIGHT_S = 2, 4 * 3600
DAY_S = 86400.0
_USUAL_KEPT = 0.9
_STRANGE = EMERGENCY_KINDS | {"absence"}


class Habit:
    name, version = "habit", "2"
    fields: ClassVar[Mapping[str, str]] = {
        **deadlines.FIELDS,
        **lateness.FIELDS,
        "limit": f"(3,{STARTS})<u2",  # ticks of silence; 0: none yet
        "from": "<f8",  # the silence under way began; 0: nothing heard yet
        "local": "<f8",  # by the wall clock there
        "context": "<u1",
        "limit_s": "<f4",  # its deadline; 0: none
        "exit": "<f8",  # an exit door last moved
        "heard": "<u2",  # movements, up to PROVEN
        "told": "<f8",
        "opened": "<f8",  # the day to be learned began
        "night": "<f8",  # and ends
        "frozen": "<f8",  # nothing is learned since
        "device": "<u4",  # which saw it
        "hour": "<u4",  # of UTC
        "pairs": "<u1",  # rooms seconds apart in it
        "most_pairs": "<u1",  # today's busiest hour
        "usual_pairs": "<f4",
    }
    kinds = frozenset(
        {
            "motion",
            "contact",
            "presence",
            "bed",
            "appliance",
            "medication",
            "utterance",
            "answer",
            "wake",
            "vital",
            "absence",
        }
        | EMERGENCY_KINDS
    )

    def __init__(self) -> None:
        self._prior = shipped()
        self._first: dict[float, Numbers] = {}

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        col, t, event = rows.col, heard.t, heard.event
        if not heard.human:
            if event.kind in EMERGENCY_KINDS or (event.kind == "absence" and cast(Absence, event.data).away):
                _freeze(rows, i, t)
            return ()
        if heard.late:
            lateness.count_late(col, i, t, heard.seen)
        if t <= col["habit.from"][i]:
            return ()
        exit_door = life.exit_door(event)
        if exit_door:
            col["habit.exit"][i] = t
        place = life.place_of(event)
        if not heard.late:
            lateness.count(col, i)
        if not heard.late or heard.seen - t <= lateness.EDGES_S[-1]:  # a slow link's: newer than `from`, so heard once
            self._visitors(rows, i, t, mark_of(event.device))
            self._learn(rows, i, t)
        left = t - col["habit.exit"][i] <= LEAVING_S and _alone(rows.homes[i])
        self._begin_one(rows, i, t, context_of(place, left))
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
        col = rows.col
        if not col["habit.night"][i]:
            col["habit.opened"][i], col["habit.night"][i] = t, _night(t, rows, i)
            col["habit.limit"][i] = self._table(rows, i)
        start, context = col["habit.from"].item(i), col["habit.context"].item(i)
        if t - start >= TICK_S:
            self._take(rows, np.array([i]), np.array([t]))
        elif context != EXIT and not col["habit.frozen"][i]:
            count_first(self._prior, i, context, col["habit.local"].item(i), *deadlines.counts(col))

    def _take(self, rows: Rows, who: Who, t: Array) -> None:
        """Learn the silences of different homes, each until `t`."""
        col = rows.col
        start, context = col["habit.from"][who], col["habit.context"][who]
        fit = (start > 0) & (context != EXIT) & (col["habit.frozen"][who] == 0)
        who, context, length_s = who[fit], context[fit].astype(int), (t - start)[fit]
        limit_s = col["habit.limit_s"][who].astype(float)
        ended = (limit_s == 0) | (length_s <= limit_s)
        seen = Gaps(context, col["habit.local"][who], np.where(ended, length_s, limit_s), ended)
        deadlines.learn(col, who, seen, self._prior)

    def _begin_one(self, rows: Rows, i: int, t: float, context: int) -> None:
        """Silence counts from `t` on."""
        col, local_s = rows.col, wall_of(rows.homes[i], t)
        col["habit.from"][i], col["habit.context"][i], col["habit.local"][i] = t, context, local_s
        limit_s = 0.0
        if col["habit.heard"][i] < PROVEN:
            col["habit.heard"][i] += 1
        elif context != EXIT:
            limit_s = col["habit.limit"].item(i, context, half_hour(local_s)) * TICK_S
        col["habit.limit_s"][i] = limit_s
        rows.wake(i, self.name, min(t + limit_s if limit_s else np.inf, col["habit.night"].item(i) or np.inf))

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        facts = (
            clocks_at(rows, some.span),
            rows.places.along(_inside, "<i8"),
            rows.trait(_alone, "?"),
            self._prior.hazard,
            rows.due[self.name],
            *movements.columns(rows.col),
        )
        kinds = table(self.kinds), table(_STRANGE)
        left, long, soonest = movements.hear(some.events, *kinds, False, *facts)
        if long.size:
            events = some.events.take(long)
            self._take(rows, events["home"].astype(np.intp), events["t"])
            soonest = min(soonest, movements.hear(events, *kinds, True, *facts)[2])
        rows.sooner(self.name, soonest)
        return left

    def _visitors(self, rows: Rows, i: int, t: float, device: int) -> None:
        col, hour = rows.col, int(t // 3600)
        together = t - col["habit.from"][i] <= TOGETHER_S and device != col["habit.device"][i]
        col["habit.device"][i] = device
        if not together:
            return
        if col["habit.hour"][i] != hour:
            col["habit.hour"][i], col["habit.pairs"][i] = hour, 0
        pairs = min(int(col["habit.pairs"][i]) + 1, 255)
        col["habit.pairs"][i] = pairs
        col["habit.most_pairs"][i] = max(pairs, int(col["habit.most_pairs"][i]))
        if self._are_visits(rows, np.array([i]), np.array([pairs]))[0]:
            _freeze(rows, i, t)

    def _are_visits(self, rows: Rows, who: Who, pairs: Numbers) -> npt.NDArray[np.bool_]:
        """Whether so many rooms seconds apart in this hour are more than one person's, in homes that are known."""
        col = rows.col
        far_more = pairs >= VISIT + VISIT_TIMES * col["habit.usual_pairs"][who]
        visit: npt.NDArray[np.bool_] = far_more & (col["habit.known"][who] >= deadlines.NEW_DAYS)
        return visit & rows.trait(_alone, "?")[who]

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
        lateness.fade(col, over)
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
        budget = budget_of(rows.homes[i])
        if rows.col["habit.days"][i]:
            found: Numbers = deadlines.deadlines(rows.col, i, self._prior, (budget,))[0]
            return found
        if budget not in self._first:  # many homes begin at once, and all alike
            self._first[budget] = deadlines.deadlines(deadlines.columns(1), 0, self._prior, (budget,))[0]
        return self._first[budget]

    def look_many(self, rows: Rows, who: Who, now: float) -> Who:
        col = rows.col
        limit_s, start = col["habit.limit_s"][who].astype(float), col["clock.start"][who]
        counts = (limit_s > 0) & (start > 0) & (col["life.away_until"][who] == 0)
        counts &= (col["habit.told"][who] == 0) & (col["ceiling.told"][who] == 0)
        if "mute.suspects" in col:
            limit_s = np.where(col["mute.suspects"][who] > 0, np.maximum(limit_s, deadlines.TIMER_S), limit_s)
        left_s = np.maximum(0.0, limit_s - col["clock.used_s"][who]) + lateness.slack_s(col, who)
        at = np.where(counts, start + left_s, np.inf)
        night = col["habit.night"][who]
        calm = (col["sight.dark"][who] == 0) & (at > now)
        rows.wake_many(who[calm], self.name, np.minimum(at, np.where(night > 0, night, np.inf))[calm])
        others: Who = who[~calm]
        return others

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
        context, begun = int(col["habit.context"][i]), int(half_hour(col["habit.local"][i]))
        lasts = lasting(deadlines.hazard(col, i, self._prior), context, begun)
        usual_s = float(np.argmax(lasts <= 0.1) or TICKS) * TICK_S
        rarity = 1 / max(float(lasts[min(int(col["habit.limit_s"][i] // TICK_S), TICKS)]), 1e-4)
        place, when = rows.place(i), wall(start, home.timezone)
        evidence = [
            because("silence", place=place, when=when, silent=at - start),
            because("habit", usual=usual_s, rarity=round(rarity), days=int(col["habit.known"][i])),
        ]
        if suspects := _suspects(rows, i):
            evidence[1:] = [because("habit.mute", limit=deadlines.TIMER_S, count=suspects)]
        elif not deadlines.fits(col, i):
            evidence[1:] = [because("habit.timer", limit=deadlines.TIMER_S)]
        return [*evidence, *circumstances(rows, i, at)]


def usual_budget(home: Home) -> float:
    """False alarms a month that a home may have where nothing else is said."""
    return QUESTIONS if home.can_be_asked else ALARMS


def budget_of(home: Home) -> float:
    """False alarms a month that this home may have."""
    return home.alarm_budget or usual_budget(home) * (home.budget_factor or 1.0)


def deadline(rows: Rows, i: int) -> float | None:
    """When somebody is asked if nobody moves: the home's own deadline has passed, and what its link may still have held
    back has arrived. None while none is counted or it has been told."""
    col = rows.col
    limit_s = float(col["habit.limit_s"][i])
    if not limit_s or col["habit.told"][i] or col["ceiling.told"][i] or col["life.away_until"][i]:
        return None
    if _suspects(rows, i):
        limit_s = max(limit_s, deadlines.TIMER_S)
    at = life.silent_until(rows, i, limit_s, awake=False)
    return None if at is None else at + float(lateness.slack_s(col, i))


def _suspects(rows: Rows, i: int) -> int:
    """Sensors of the home that seem to be broken: its habits were learned with them and do not hold without."""
    return int(rows.col["mute.suspects"][i]) if "mute.suspects" in rows.col else 0


def _freeze(rows: Rows, i: int, t: float) -> None:
    frozen = rows.col["habit.frozen"]
    if not frozen[i]:
        frozen[i] = t


def _alone(home: Home) -> bool:
    return home.residents == 1


def _inside(place: str) -> int:
    return context_of(place, exit_door=False)


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
