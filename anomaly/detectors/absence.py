"""Who is out, and until when: an empty home is quiet, and nobody stays out unasked for ever.

Out: an exit door, then 120 s without anybody moving inside (one resident only: with two, one going out is not all),
or a note that the home will be empty. Out always ends: after the door when the home's own outings make it unusual
(3 to 12 h; 12 h where they are not known, see `outings`), at the time said (at most 72 h), or after 24 h if none was
said. Motion inside ends it at once; a door alone does not. If it ends with nobody back: OVERDUE. While the home can't
be seen nobody can be seen coming back: the end then waits, an hour at a time and 12 h at most. Nothing is learned of an
outing in which the home could not be seen, nor of one that a note told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, cast

import numpy as np

from anomaly import life, outings
from anomaly.batch import KIND_CODES, Events, Positions
from anomaly.compiled import kernel
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round
from anomaly.rows import Column, Rows, Who, wake
from anomaly.time import wall
from core.events import Absence as Note
from core.people import LONGEST_ABSENCE, Home
from core.signals import Concern, Sense, Signal, Urgency

QUIET_S = 120.0
SAID_S = 24 * 3600.0
LONGEST_S = LONGEST_ABSENCE.total_seconds()
BLIND_S, BLIND_STEP_S = 12 * 3600.0, 3600.0
NOTE = KIND_CODES["absence"]


def alone(home: Home) -> bool:
    """Whether the home is empty when one has gone."""
    return home.residents == 1


class Absence:
    name, version = "absence", "3"
    fields: ClassVar[Mapping[str, str]] = {
        **outings.FIELDS,
        "door": "<f8",  # an exit door moved, and nobody inside since
        "inside": "<f8",  # somebody last moved inside
        "since": "<f8",  # out since
        "said": "<f8",  # a note's end, kept although somebody was seen inside: the next door means out until then
        "noted": "<f8",  # the newest note heard
        "told": "<f8",  # OVERDUE told for the absence since then
        "ended": "<f8",  # it was to end then, and the home could not be seen
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
    )

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if heard.event.kind == "absence":
            return self._note(rows, i, heard, cast(Note, heard.event.data))
        if not heard.human:
            return ()
        col = rows.col
        if life.exit_door(heard.event):
            if alone(rows.homes[i]) and not heard.stale and heard.t > col["absence.inside"][i]:
                col["absence.door"][i] = max(heard.t, float(col["absence.door"][i]))
                rows.wake(i, self.name, heard.t + QUIET_S)
            return ()
        if heard.t <= col["absence.inside"][i]:
            return ()
        col["absence.inside"][i] = heard.t
        if heard.t >= col["absence.door"][i]:
            col["absence.door"][i] = 0.0
        if heard.t <= col["absence.since"][i]:
            return ()
        if not heard.stale and (col["life.away_until"][i] or col["absence.told"][i]):
            _learn(rows, np.array([i]), np.array([heard.t]))
        return self._back(rows, i, heard.t)

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        col = rows.col
        left, back, soonest = _hear(some.events, rows.trait(alone, "?"), rows.due[self.name], *_columns(col))
        rows.sooner(self.name, soonest)
        if back.size:
            events = some.events[back]
            home, t = events["home"].astype(np.intp), events["t"]
            _learn(rows, home, t)
            col["life.away_until"][home] = 0.0
            life.restart_many(rows, home, t)
            rows.stir_many(home)
        return left

    def _note(self, rows: Rows, i: int, heard: Heard, note: Note) -> Sequence[Signal]:
        col = rows.col
        if heard.t <= col["absence.noted"][i]:
            return ()
        col["absence.noted"][i] = heard.t
        if not note.away:
            col["absence.said"][i] = col["absence.door"][i] = 0.0
            return self._back(rows, i, heard.t)
        until = heard.t + SAID_S if note.until is None else min(note.until.timestamp(), heard.t + LONGEST_S)
        if until <= max(heard.t, heard.seen if heard.late else 0.0):
            return ()
        col["absence.said"][i] = until
        if col["absence.inside"][i] <= heard.t:
            self._leave(rows, i, heard.t, until)
        return ()

    def _leave(self, rows: Rows, i: int, since: float, until: float) -> None:
        col = rows.col
        col["absence.since"][i] = since
        col["absence.ended"][i], col["absence.blind"][i] = 0.0, False
        col["life.away_until"][i] = until
        rows.wake(i, self.name, until)

    def _back(self, rows: Rows, i: int, t: float) -> Sequence[Signal]:
        col = rows.col
        if col["life.away_until"][i]:
            col["life.away_until"][i] = 0.0
            life.restart(rows, i, t)
            rows.stir(i)
        told = float(col["absence.told"][i])
        if not told:
            return ()
        col["absence.told"][i] = 0.0
        home = rows.homes[i]
        why = because("back", when=wall(t, home.timezone))
        episode = str(int(told))
        return [
            signal(self, Concern.OVERDUE, Urgency.ROUTINE, t, why, home=home.id, episode=episode, sense=Sense.CLEAR)
        ]

    def look_many(self, rows: Rows, who: Who, now: float) -> Who:
        col = rows.col
        door = col["absence.door"][who]
        gone = (
            (door > 0)
            & (now >= door + QUIET_S)
            & (now < np.maximum(door + outings.SHORTEST_S, col["absence.said"][who]))
        )
        left, since = who[gone], door[gone]
        col["absence.door"][left] = col["absence.ended"][left] = 0.0
        until = _until(rows, left, since)
        col["absence.blind"][left] = False
        col["absence.since"][left], col["life.away_until"][left] = since, until
        door, until = col["absence.door"][who], col["life.away_until"][who]
        waits, out = door > 0, until > 0
        col["absence.blind"][who] |= out & (col["sight.dark"][who] > 0)
        calm = ~(waits & (now >= door + QUIET_S)) & ~(out & (now >= until))
        rows.wake_many(who[calm & waits], self.name, door[calm & waits] + QUIET_S)
        rows.wake_many(who[calm & out], self.name, until[calm & out])
        return who[~calm]

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        col, home = rows.col, rows.homes[i]
        door = float(col["absence.door"][i])
        if door and now >= door + QUIET_S:
            col["absence.door"][i] = 0.0
            self._leave(rows, i, door, float(_until(rows, np.array([i]), np.array([door]))[0]))
        elif door:
            rows.wake(i, self.name, door + QUIET_S)
        since, until = float(col["absence.since"][i]), float(col["life.away_until"][i])
        if not until:
            return ()
        col["absence.blind"][i] |= col["sight.dark"][i] > 0
        if now < until:
            rows.wake(i, self.name, until)
            return ()
        ended = float(col["absence.ended"][i]) or until
        if col["sight.dark"][i] and until < ended + BLIND_S:
            col["absence.ended"][i] = ended
            col["life.away_until"][i] = later = min(until + BLIND_STEP_S, ended + BLIND_S)
            rows.wake(i, self.name, later)
            return ()
        left, due = wall(since, home.timezone), wall(ended, home.timezone)
        why = [because("overdue", since=left, until=due, out=until - since)]
        if col["absence.said"][i] <= since and outings.known(col, np.array([i]))[0]:
            why.append(because("overdue.usual", **outings.usual(col, i, ended - since)))
        col["life.away_until"][i] = col["absence.said"][i] = 0.0
        col["absence.told"][i] = since
        life.restart(rows, i, until)
        rows.stir(i)
        return [signal(self, Concern.OVERDUE, Urgency.SOON, until, *why, home=home.id, episode=str(int(since)))]


def _until(rows: Rows, who: Who, since: outings.Array) -> outings.Array:
    """Until when the homes `who` (n), out since `since` (n), need not be back. Whoever was out already has been at the
    door again: the time until then is learned, for the limit counts from the door's last word."""
    col = rows.col
    _learn(rows, who, since)
    outings.fade(col, who, since)
    until: outings.Array = np.maximum(since + outings.limits_s(col, who), col["absence.said"][who])
    return until


def _learn(rows: Rows, who: Who, back: outings.Array) -> None:
    """Take in the outings of the homes `who` (n) that end at `back` (n): those nobody had told of, all of which was
    seen."""
    col = rows.col
    since, told = col["absence.since"][who], col["absence.told"][who] > 0
    length_s = back - since
    fit = ((col["life.away_until"][who] > 0) | told) & (col["absence.said"][who] <= since)
    fit &= ~col["absence.blind"][who] & (col["sight.dark"][who] == 0) & (length_s <= outings.TOLD_UPTO_S)
    for some, weight in ((fit & ~told, 1.0), (fit & told, outings.TOLD_WEIGHT)):
        if some.any():
            outings.learn(col, who[some], back[some], length_s[some], weight)


_columns = itemgetter("absence.door", "absence.inside", "absence.since", "absence.told", "life.away_until")


@kernel
def _hear(
    events: Events, alone: Column, due: Column, door: Column, inside: Column, since: Column, told: Column, away: Column
) -> tuple[Positions, Positions, float]:
    """`hear`, but for notes and for who has been told of. Also gives the events that bring somebody back, of which all
    but `inside` and `door` is still to be done, and the soonest time to look."""
    left, back = np.empty(len(events), np.intp), np.empty(len(events), np.intp)
    n, returned, soonest = 0, 0, np.inf
    for k in range(len(events)):
        event = events[k]
        i, t = event.home, event.t
        if event.kind == NOTE:
            left[n] = k
            n += 1
        if not event.human or t <= inside[i]:
            continue
        if event.exit:
            if alone[i]:
                door[i] = max(t, door[i])
                soonest = min(soonest, wake(due, i, t + QUIET_S))
        elif t > since[i] and told[i] != 0:
            left[n] = k
            n += 1
        else:
            inside[i] = t
            if t >= door[i]:
                door[i] = 0.0
            if t > since[i] and away[i] != 0:
                back[returned] = k
                returned += 1
    return left[:n], back[:returned], soonest
