"""Many homes of one area gone at once are one incident of the area, not a storm of cases; afterwards each proves life.

An outage: of the homes that were seen shortly before, at least 5 and at least 60 % went dark, quiet (1.5 heartbeats
missed) or onto their batteries together. Homes without heartbeats: no event although 25 were expected by the area's
own rate at that hour (Poisson: e⁻²⁵), learned over 7 days at least, two weeks or so being remembered.
The widest area for which it holds gets the incident, named by the narrowest path that covers its homes; while it is
open its homes are held back from HOME_DARK. If it holds for no area, but for the homes of one firmware, and at most
20 % of the others are gone, it is that firmware's. It is over when 90 % are back, or 15 min after half are: whoever is
not back by then gets a case of their own. A home that was dark must show a person within 60 min of its first word, at
any hour.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from anomaly import firmware
from anomaly.batch import Events, Positions, mark_of
from anomaly.causes import circumstances, verdict
from anomaly.compiled import kernel
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round
from anomaly.rows import FIRMWARE, Column, Rows, Who, prefixes, wake
from anomaly.sight import darken, limit_s
from anomaly.time import wall
from core.people import within
from core.signals import Concern, Evidence, Sense, Signal, Urgency

FEWEST, SHARE = 5, 0.6
TOGETHER_S = 420.0
"""Onsets this far apart, beyond a home's own limit, are still one outage: five minutes and the hold of HOME_DARK."""
QUIET_BEATS = 1.5
BACK_SHARE = 0.9
GRACE_S = 900.0
PROVE_S = 3600.0
EXPECTED, LEARN_DAYS, KEEP_A_DAY = 25.0, 7, 0.93
LISTEN_S = 300.0
DAY_S = 86400.0

Homes = npt.NDArray[np.intp]


class Outage:
    name, version = "outage", "2"
    fields: ClassVar[Mapping[str, str]] = {
        "since": "<f8",  # part of the incident that began then
        "owes": "?",  # went dark in an outage and has not spoken since
        "prove_by": "<f8",  # spoke again; a person must be seen by then
        "told": "<f8",  # told that nobody was, by then
        "seen": "(24,)<f4",  # homes without heartbeats: events by hour (UTC), older ones fading
        "days": "<f4",  # over so many days
        "first_day": "<i4",
        "day": "<i4",
    }
    kinds = None

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if not heard.traffic:
            return ()
        col = rows.col
        if not heard.late and not col["sight.beat_s"][i]:
            self._learn(rows, i, heard.t)
        if col["outage.owes"][i]:
            col["outage.owes"][i], col["outage.prove_by"][i] = False, heard.arrival + PROVE_S
            rows.wake(i, self.name, heard.arrival)
        if not heard.human:
            return ()
        prove_by, told = col["outage.prove_by"], float(col["outage.told"][i])
        if prove_by[i] and heard.t >= prove_by[i] - PROVE_S:
            prove_by[i] = 0.0
        if not told or heard.t < told - PROVE_S:
            return ()
        col["outage.told"][i] = 0.0
        seen = because("moved", place=rows.place(i))
        return [self._life(rows, i, Urgency.ROUTINE, heard.t, told, Sense.CLEAR, seen)]

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        left, soonest = _hear(some.events, rows.due[self.name], *_columns(rows.col))
        rows.sooner(self.name, soonest)
        return left

    def _learn(self, rows: Rows, i: int, t: float) -> None:
        col, day = rows.col, int(t // DAY_S)
        known = int(col["outage.day"][i])
        if not known:
            col["outage.first_day"][i] = col["outage.day"][i] = day
            col["outage.days"][i] = 1
        elif day > known:
            kept = KEEP_A_DAY ** (day - known)
            col["outage.seen"][i] *= kept
            col["outage.days"][i] = col["outage.days"][i] * kept + (1 - kept) / (1 - KEEP_A_DAY)
            col["outage.day"][i] = day
        col["outage.seen"][i, int(t % DAY_S // 3600)] += 1
        rows.wake(i, self.name, (t // LISTEN_S + 2) * LISTEN_S)

    def survey(self, rows: Rows, who: Sequence[int], now: float) -> Sequence[Signal]:
        found: list[Signal] = []
        col, due = rows.col, np.array(who, np.intp)
        found += self._prove(rows, due[col["outage.prove_by"][due] > 0].tolist(), now)
        troubled = due[(col["sight.dark"][due] > 0) | (col["sight.mains_off"][due] > 0)]
        found += self._gather(rows, troubled.tolist(), now)
        found += self._listen(rows, due, now)
        found += self._settle(rows, now)
        return found

    def _prove(self, rows: Rows, who: Sequence[int], now: float) -> Iterable[Signal]:
        col = rows.col
        for i in who:
            by = float(col["outage.prove_by"][i])
            if by > now:
                rows.wake(i, self.name, by)
            else:
                col["outage.prove_by"][i] = 0.0
                if not col["life.away_until"][i] and not col["sight.dark"][i]:
                    col["outage.told"][i] = by
                    why = because("outage.life", within=PROVE_S, **_last(rows, i))
                    yield self._life(rows, i, Urgency.URGENT, by, by, Sense.RAISE, why, *circumstances(rows, i, by))

    def _life(self, rows: Rows, i: int, urgency: Urgency, at: float, by: float, sense: Sense, *why: Evidence) -> Signal:
        home = rows.homes[i].id
        return signal(self, Concern.INACTIVITY, urgency, at, *why, home=home, episode=str(int(by)), sense=sense)

    def _gather(self, rows: Rows, who: Sequence[int], now: float) -> Iterable[Signal]:
        """Homes of `who` that are in trouble join their area's open incident or their firmware's, or begin one."""
        col = rows.col
        lone: set[str] = set()
        codes: set[int] = set()
        for i in who:
            if col["outage.since"][i]:
                col["outage.owes"][i] |= bool(col["sight.dark"][i])
                continue
            ours = (*prefixes(rows.homes[i].area), firmware.key(rows, i))
            open_in = [place for place in ours if place in rows.areas]
            if open_in:
                self._join(rows, [i], rows.areas[open_in[0]], now)
            else:
                lone.update(prefixes(rows.homes[i].area))
                codes.add(int(col[FIRMWARE][i]))
        if not lone:
            return
        onset, together, seen = _together(rows, now)
        for area in sorted(lone, key=_width):
            homes = rows.under(area)
            gone = homes[together[homes] & (col["outage.since"][homes] == 0)]
            if len(gone) >= max(FEWEST, SHARE * np.count_nonzero(seen[homes])):
                yield from self._open(rows, gone, homes, float(onset[gone].min()), now)
        for code in sorted(codes - {0}, key=rows.firmwares.name):
            free = col["outage.since"][: len(onset)] == 0
            if firmware.stands_out(rows, code, together & free, seen & free):
                homes = firmware.homes(rows, code)
                gone = homes[(together & free)[homes]]
                yield self._open_firmware(rows, code, gone, homes, float(onset[gone].min()), now)

    def _open(self, rows: Rows, gone: Homes, homes: Homes, since: float, now: float) -> Iterable[Signal]:
        area, since = _common([rows.homes[i].area for i in homes]), _unlike(rows, since)
        for inner in [inner for inner in rows.areas if within(inner, area)]:
            note = rows.areas.pop(inner)
            members = _members(rows, inner, note)
            rows.col["outage.since"][members] = since
            yield self._over(inner, note, now, len(members), 0, "wider")
        key = "outage" if area else "outage.fleet"
        first, when = self._begin(rows, area, gone, since, now)
        why = because(key, area=area, gone=len(gone), homes=len(homes), when=when)
        yield self._told(area, since, now, Sense.RAISE, why, *verdict(rows, first, now))

    def _open_firmware(self, rows: Rows, code: int, gone: Homes, homes: Homes, since: float, now: float) -> Signal:
        key, since = firmware.key_of(rows, code), _unlike(rows, since)
        first, when = self._begin(rows, key, gone, since, now)
        name = rows.firmwares.name(code)
        why = because("outage.firmware", firmware=name, gone=len(gone), homes=len(homes), when=when)
        return self._told(key, since, now, Sense.RAISE, why, *verdict(rows, first, now))

    def _begin(self, rows: Rows, key: str, gone: Homes, since: float, now: float) -> tuple[int, str]:
        """An incident; the first of its homes by name, and when it began by the clock there."""
        rows.areas[key] = {"since": since, "half": 0.0}
        self._join(rows, gone.tolist(), rows.areas[key], now)
        first = min(gone.tolist(), key=lambda i: rows.homes[i].id)
        return first, wall(since, rows.homes[first].timezone)

    def _told(self, key: str, since: float, now: float, sense: Sense, *why: Evidence) -> Signal:
        """A firmware's incident is nobody's area: the whole city's."""
        name, urgency = firmware.name_of(key), Urgency.URGENT if sense is Sense.RAISE else Urgency.ROUTINE
        area, episode = ("", f"firmware-{mark_of(name)}-{int(since)}") if name else (key, str(int(since)))
        return signal(self, Concern.AREA_OUTAGE, urgency, now, *why, area=area, episode=episode, sense=sense)

    def _join(self, rows: Rows, homes: Sequence[int], note: dict[str, float], now: float) -> None:
        col = rows.col
        for i in homes:
            if not col["sight.dark"][i] and not col["sight.mains_off"][i]:
                darken(rows, i, float(col["life.any"][i]), now)
            col["outage.since"][i] = note["since"]
            col["outage.owes"][i] = bool(col["sight.dark"][i])
            col["sight.held_until"][i] = now + GRACE_S if note["half"] else math.inf

    def _settle(self, rows: Rows, now: float) -> Iterable[Signal]:
        """See how many are back in each open incident, and end it when it is time."""
        col = rows.col
        for area, note in sorted(rows.areas.items()):
            members = _members(rows, area, note)
            gone = members[(col["sight.dark"][members] > 0) | (col["sight.mains_off"][members] > 0)]
            back = len(members) - len(gone)
            if back * 2 >= len(members) and not note["half"]:
                note["half"] = now
                col["sight.held_until"][gone] = now + GRACE_S
                for i in gone.tolist():
                    rows.stir(i)
                    rows.wake(i, self.name, now + GRACE_S)
            grace_over = note["half"] and now >= note["half"] + GRACE_S
            if back >= BACK_SHARE * len(members) or grace_over:
                del rows.areas[area]
                col["outage.since"][members] = 0.0
                kept = col["sight.held_until"][gone]
                col["sight.held_until"][members] = 0.0
                col["sight.held_until"][gone] = kept
                yield self._over(area, note, now, len(members), back, "over")
            elif note["half"]:
                rows.wake(int(gone[0]), self.name, note["half"] + GRACE_S)

    def _over(self, key: str, note: dict[str, float], now: float, homes: int, back: int, how: str) -> Signal:
        since, name = note["since"], firmware.name_of(key)
        which = {"firmware": name} if name else {"area": key}
        sentence = f"outage.firmware.{how}" if name else f"outage.{how}"
        why = because(sentence, **which, homes=homes, back=back, out=now - since)
        return self._told(key, since, now, Sense.CLEAR, why)

    def _listen(self, rows: Rows, who: Who, now: float) -> Iterable[Signal]:
        """Homes without heartbeats: is the area silent although its own rate says it should not be?"""
        if len(rows.under("")) < FEWEST:
            return  # until one of them speaks again
        col = rows.col
        listening = who[(col["outage.day"][who] > 0) & (col["sight.beat_s"][who] == 0) & (col["sight.dark"][who] == 0)]
        rows.wake_many(listening, self.name, np.full(len(listening), (now // LISTEN_S + 1) * LISTEN_S))
        asked = {above for area in {rows.homes[i].area for i in listening.tolist()} for above in prefixes(area)}
        heard, size = col["life.any"], {"": 0}
        for area in sorted(asked, key=_width):
            homes = rows.under(area)
            size[area] = len(homes)
            if len(homes) < FEWEST or (area and len(homes) == size[area.rpartition("/")[0]]):
                continue  # too few, or all that the area above it has
            last = heard[homes[col["sight.beat_s"][homes] == 0]].max(initial=0.0)
            if now - last >= LISTEN_S and not any(above in rows.areas for above in prefixes(area)):
                yield from self._missing(rows, area, now)

    def _missing(self, rows: Rows, area: str, now: float) -> Iterable[Signal]:
        col, homes = rows.col, rows.under(area)
        homes = homes[
            (col["sight.beat_s"][homes] == 0)
            & (col["outage.first_day"][homes] > 0)
            & (now // DAY_S - col["outage.first_day"][homes] >= LEARN_DAYS)
            & (col["outage.since"][homes] == 0)
            & (col["sight.dark"][homes] == 0)
        ]
        if len(homes) < FEWEST:
            return
        last = float(col["life.any"][homes].max())
        if _expected(rows, homes, last, now) >= EXPECTED:
            for i in homes.tolist():
                darken(rows, i, last, now)
            yield from self._open(rows, homes, homes, last, now)


def _together(rows: Rows, now: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of every home: since when it is in trouble (0: it is not), whether that is recent, whether it was seen before."""
    n, col = len(rows.homes), rows.col
    heard, beat_s, dark, off = (col[name][:n] for name in ("life.any", "sight.beat_s", "sight.dark", "sight.mains_off"))
    quiet = (beat_s > 0) & (now - heard > QUIET_BEATS * beat_s)
    onset = np.where(dark > 0, dark, np.where(off > 0, off, np.where(quiet, heard, 0.0)))
    own_limit = np.maximum(limit_s(1.0), 3 * beat_s)
    together = (onset > 0) & (now - onset <= own_limit + TOGETHER_S) & ((beat_s > 0) | (off > 0))
    seen = together | ((onset == 0) & (beat_s > 0))
    return onset, together, seen


def _expected(rows: Rows, homes: Homes, last: float, now: float) -> float:
    """Events expected since `last`, at the lower of the rates of then and of now."""
    if now <= last:
        return 0.0
    seen, days = rows.col["outage.seen"][homes], rows.col["outage.days"][homes]
    per_s = [float((seen[:, int(t % DAY_S // 3600)] / np.maximum(days, 1)).sum()) / 3600 for t in (last, now)]
    return min(per_s) * (now - last)


def _members(rows: Rows, key: str, note: dict[str, float]) -> Homes:
    homes = rows.under("" if firmware.name_of(key) else key)  # back with a new firmware it is still a member
    members: Homes = homes[rows.col["outage.since"][homes] == note["since"]]
    return members


def _unlike(rows: Rows, since: float) -> float:
    """`since`, or a microsecond or so later: by it an incident's homes are told from another's."""
    while any(note["since"] == since for note in rows.areas.values()):
        since = math.nextafter(since, math.inf)
    return since


def _width(area: str) -> tuple[int, str]:
    return len(prefixes(area)) if area else 0, area  # the widest first


def _common(areas: Sequence[str]) -> str:
    shared = prefixes(min(areas))
    return [prefix for prefix in shared if within(max(areas), prefix)][-1]


def _last(rows: Rows, i: int) -> dict[str, str]:
    moved = float(rows.col["life.human"][i])
    when = wall(moved, rows.homes[i].timezone) if moved else "-"
    return {"place": rows.place(i) or "-", "when": when}


_columns = itemgetter("outage.owes", "outage.prove_by", "outage.told", "sight.beat_s", "outage.day", "outage.seen")


@kernel
def _hear(
    events: Events,
    due: Column,
    owes: Column,
    prove_by: Column,
    told: Column,
    beat_s: Column,
    day: Column,
    seen: Column,
) -> tuple[Positions, float]:
    """`hear` of homes of which no proof is asked, but for the first word of a day. Also gives the soonest time to
    look."""
    left, n, soonest = np.empty(len(events), np.intp), 0, np.inf
    for k in range(len(events)):
        event = events[k]
        i, t = event.home, event.t
        unbeaten = event.traffic and beat_s[i] == 0
        asked = owes[i] or (event.human and (prove_by[i] > 0 or told[i] > 0))
        if asked or (unbeaten and t // DAY_S > day[i]):
            left[n] = k
            n += 1
        elif unbeaten:
            seen[i, int(t % DAY_S // 3600)] += 1
            soonest = min(soonest, wake(due, i, (t // LISTEN_S + 2) * LISTEN_S))
    return left[:n], soonest
