"""Told apart from a silent person: a home that can't be seen. Its clock of human silence stands meanwhile.

Dark: nothing at all arrived for three heartbeats (`Heartbeat.every_s`; 90 s at least), or the gateway's last will
came. Homes that never sent a heartbeat: nothing for 24 h while nobody is out. A home that never said a word is told
after 24 h. Darkness and lost mains are held for 120 s, so that an area outage is seen first (see `outage`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, cast

import numpy as np

from anomaly import firmware, life, sight
from anomaly.batch import KIND_CODES, Events, Positions
from anomaly.causes import verdict
from anomaly.compiled import kernel
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round
from anomaly.rows import FIRMWARE, Column, Rows, Who, wake
from anomaly.time import wall
from core.events import Heartbeat, Mains
from core.signals import Concern, Evidence, Sense, Signal, Urgency

HOLD_S = 120.0
MAINS, HEARTBEAT = KIND_CODES["mains"], KIND_CODES["heartbeat"]
_limit_s, _beat_s = kernel(sight.limit_s), kernel(sight.beat_s)


class Dark:
    name, version = "dark", "3"
    fields: ClassVar[Mapping[str, str]] = {
        "told": "<f8",  # HOME_DARK told for the darkness since then
        "watched": "<f8",  # the first tick over this home
        "never": "?",  # told that it never said a word
        "mains_at": "<f8",  # the newest word about mains
        "mains_told": "?",
    }
    kinds = None

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        col = rows.col
        if not heard.traffic:
            if (
                life.is_will(heard.event)
                and not heard.stale
                and heard.t >= col["life.any"][i] > 0 == col["sight.dark"][i]
            ):
                sight.darken(rows, i, heard.t, heard.t)
            return ()
        found: Sequence[Signal] = ()
        if col["sight.dark"][i] or col["dark.never"][i]:
            found = self._seen_again(rows, i, heard.arrival)
        kind = heard.event.kind
        if kind == "heartbeat":
            beat = cast(Heartbeat, heard.event.data)
            runs = firmware.code_of(rows, beat)
            if not (heard.late and col["sight.beat_s"][i]):
                col["sight.beat_s"][i] = sight.beat_s(beat.every_s)
            if runs and not (heard.late and col[FIRMWARE][i]):
                col[FIRMWARE][i] = runs
        elif kind == "mains" and heard.t > col["dark.mains_at"][i]:
            col["dark.mains_at"][i] = heard.t
            found = [*found, *self._mains(rows, i, heard, cast(Mains, heard.event.data).on)]
        rows.wake(i, self.name, heard.arrival + sight.limit_s(float(col["sight.beat_s"][i])))
        return found

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        left, soonest = _hear(some.events, rows.due[self.name], *_columns(rows.col))
        rows.sooner(self.name, soonest)
        return left

    def _seen_again(self, rows: Rows, i: int, t: float) -> Sequence[Signal]:
        col = rows.col
        told = "never" if col["dark.never"][i] else str(int(col["dark.told"][i])) if col["dark.told"][i] else ""
        out_s = t - float(col["sight.dark"][i] or col["dark.watched"][i])
        col["dark.never"][i], col["dark.told"][i] = False, 0.0
        sight.lighten(rows, i, t)
        return [self._clear(rows, i, t, told, because("light", out=out_s))] if told else ()

    def _mains(self, rows: Rows, i: int, heard: Heard, on: bool) -> Sequence[Signal]:
        col = rows.col
        off, told = float(col["sight.mains_off"][i]), bool(col["dark.mains_told"][i])
        if not on:
            if not off and not heard.stale:
                col["sight.mains_off"][i] = heard.t
                rows.wake(i, self.name, heard.t + HOLD_S)
                rows.wake(i, "outage", heard.t)
            return ()
        col["sight.mains_off"][i], col["dark.mains_told"][i] = 0.0, False
        rows.wake(i, "outage", heard.arrival)
        back = because("mains.back", out=heard.t - off)
        return [self._clear(rows, i, heard.t, f"mains-{int(off)}", back)] if told else ()

    def _clear(self, rows: Rows, i: int, t: float, episode: str, why: Evidence) -> Signal:
        home = rows.homes[i].id
        return signal(self, Concern.HOME_DARK, Urgency.ROUTINE, t, why, home=home, episode=episode, sense=Sense.CLEAR)

    def look_many(self, rows: Rows, who: Who, now: float) -> Who:
        col = rows.col
        heard, beat_s = col["life.any"][who], col["sight.beat_s"][who]
        limit_s = sight.limits_s(beat_s)
        unbeaten = np.maximum(col["life.away_until"][who], col["clock.start"][who] + limit_s)
        dead = np.where(beat_s > 0, heard + limit_s, np.maximum(heard + limit_s, unbeaten))
        calm = (heard > 0) & (col["sight.dark"][who] == 0) & (col["sight.mains_off"][who] == 0) & (now < dead)
        rows.wake_many(who[calm], self.name, dead[calm])
        others: Who = who[~calm]
        return others

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        held_until = float(rows.col["sight.held_until"][i])
        return [*self._look_at_mains(rows, i, now, held_until), *self._look_at_home(rows, i, now, held_until)]

    def _look_at_home(self, rows: Rows, i: int, now: float, held_until: float) -> Sequence[Signal]:
        col = rows.col
        if not col["sight.dark"][i]:
            if not col["life.any"][i]:
                return self._never(rows, i, now)
            beat_s = float(col["sight.beat_s"][i])
            dead = float(col["life.any"][i]) + sight.limit_s(beat_s)
            if not beat_s:  # nobody is there to be seen
                dead = max(dead, float(col["life.away_until"][i]), float(col["clock.start"][i]) + sight.limit_s(beat_s))
            if now < dead:
                rows.wake(i, self.name, dead)
                return ()
            sight.darken(rows, i, float(col["life.any"][i]), dead)
            held_until = float(rows.col["sight.held_until"][i])
        since = float(col["sight.dark"][i])
        told_at = max(float(col["sight.found"][i]) + HOLD_S, held_until)
        if col["dark.told"][i]:
            return ()
        if now < told_at:
            rows.wake(i, self.name, told_at)
            return ()
        if not col["sight.beat_s"][i] and now - col["life.any"][i] < sight.UNSUPERVISED_S and held_until:
            sight.lighten(rows, i, now)  # the area is back; that this home is quiet says nothing without a heartbeat
            return ()
        col["dark.told"][i] = since
        return [self._dark(rows, i, since, max(told_at, float(col["sight.found"][i])))]

    def _dark(self, rows: Rows, i: int, since: float, at: float) -> Signal:
        col, home = rows.col, rows.homes[i]
        away = bool(col["life.away_until"][i])
        why = [because("dark", when=wall(since, home.timezone), silent=at - since)]
        moved, off = float(col["life.human"][i]), float(col["sight.mains_off"][i])
        if away or moved:  # of a home in which nobody was ever seen neither is known
            why.append(because("dark.away" if away else "dark.home"))
        if moved:
            why.append(because("last_moved", place=rows.place(i), when=wall(moved, home.timezone)))
        if off:
            why.append(because("dark.mains", when=wall(off, home.timezone)))
        why += verdict(rows, i, at)
        urgency = Urgency.SOON if away else Urgency.URGENT
        return signal(self, Concern.HOME_DARK, urgency, at, *why, home=home.id, episode=str(int(since)))

    def _look_at_mains(self, rows: Rows, i: int, now: float, held_until: float) -> Sequence[Signal]:
        col, home = rows.col, rows.homes[i]
        off = float(col["sight.mains_off"][i])
        if not off or col["dark.mains_told"][i]:
            return ()
        at = max(off + HOLD_S, held_until)
        if now < at:
            rows.wake(i, self.name, at)
            return ()
        col["dark.mains_told"][i] = True
        why = [because("mains", when=wall(off, home.timezone)), *verdict(rows, i, at)]
        return [signal(self, Concern.HOME_DARK, Urgency.SOON, at, *why, home=home.id, episode=f"mains-{int(off)}")]

    def _never(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        col, home = rows.col, rows.homes[i]
        if not col["dark.watched"][i]:
            col["dark.watched"][i] = now
        at = float(col["dark.watched"][i]) + sight.UNSUPERVISED_S
        if col["dark.never"][i]:
            return ()
        if now < at:
            rows.wake(i, self.name, at)
            return ()
        col["dark.never"][i] = True
        why = because("dark.never", silent=sight.UNSUPERVISED_S)
        return [signal(self, Concern.HOME_DARK, Urgency.SOON, at, why, home=home.id, episode="never")]


_columns = itemgetter("sight.dark", "dark.never", "sight.beat_s", FIRMWARE)


@kernel
def _hear(
    events: Events, due: Column, dark: Column, never: Column, beat_s: Column, firmware: Column
) -> tuple[Positions, float]:
    """`hear` of homes that can be seen, but for mains and wills. Also gives the soonest time to look."""
    left, n, soonest = np.empty(len(events), np.intp), 0, np.inf
    for k in range(len(events)):
        event = events[k]
        i = event.home
        if dark[i] > 0 or never[i] or not event.traffic or event.kind == MAINS:
            left[n] = k
            n += 1
            continue
        if event.kind == HEARTBEAT:
            beat_s[i] = _beat_s(event.value)
            if event.place:
                firmware[i] = event.place
        soonest = min(soonest, wake(due, i, event.t + _limit_s(beat_s[i])))
    return left[:n], soonest
