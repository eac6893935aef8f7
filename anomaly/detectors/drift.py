"""Life that has changed over days: fewer meals, restless nights, less movement, sadder words.

For a weekly look, never for a run.

Each feature of a day (see `anomaly.daily`) is compared with the home's own usual day by a two-sided cumulative sum
(Page 1954) that starts itself (Hawkins 1987): usual level and spread are learned from every comparable day, the spread
begins at the fleet's, and learning slows down as suspicion rises. After 14 days it judges: a sum over H, on two days or
in two features, raises DRIFT (routine, at most once a week a home). What was told becomes the new usual.

River's PageHinkley finds as much on the same days (82 and 84 % of injected steps within 14 days, at 0.06 and 0.05
false alarms a feature-month, on the test homes), ADWIN and KSWIN less; but this closes all homes' days in one
pass of arrays, in 393 bytes a home, and knows since when and by how much. The table: docs/detectors.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from anomaly import daily, life
from anomaly.batch import Positions
from anomaly.daily import DAY_S, FEATURES, Flags, Reals, Who
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round, table
from anomaly.rows import Column, Rows
from anomaly.time import local
from core.events import Answer, Utterance
from core.signals import Concern, Evidence, Signal, Urgency

WARM_DAYS, MEMORY_DAYS = 14, 40
PRIOR_DAYS = 40.0
"""The fleet's spread counts as much as so many days of the home's own."""
K, H = 0.5, 5.5
"""Drift that is forgiven a day, and the sum that is too much, in the home's own standard deviations."""
CLIP = 2.5
WORRY = np.array([1, 1, 1, -1, 1, 0, -1, -1, 0, 1])
"""Which way each of FEATURES goes when somebody declines (0: either). The other way becomes the new usual untold."""
WEEK_S = 7 * DAY_S
N = len(FEATURES)


def learn(col: Mapping[str, Column], who: Who, y: Reals, usable: Flags, h: float = H) -> tuple[Reals, Flags]:
    """Compare one day of the homes `who` with their usual, then learn from it; `y` is `daily.close`'s, (len(who), 10).

    Gives z, the day in standard deviations (clipped, NaN where nothing can be said), and which sums are over `h`.
    """
    good = usable[:, None] & np.isfinite(y)
    y = np.where(good, y, 0.0)
    mean, var = col["drift.mean"][who].astype(float), col["drift.var"][who].astype(float)
    days = col["drift.days"][who].astype(float)
    var = np.where(days == 0, daily.SPREAD**2, var)
    ready = good & (days >= WARM_DAYS)
    z = np.clip((y - mean) / np.sqrt(var * (1 + 1 / np.maximum(days, 1))), -CLIP, CLIP)
    sums, run, since = (col[f"drift.{name}"][who] for name in ("sum", "run", "since"))
    both = np.stack([z, -z], axis=1)
    grown = np.where(ready[:, None], np.maximum(0.0, sums + both - K), sums)
    today = (col["drift.opened"][who] / DAY_S).astype(np.uint16)
    since = np.where((sums == 0) & (grown > 0), today[:, None, None], since)
    run = np.where(grown > 0, np.minimum(run + ready[:, None], 255), 0)
    most = grown.max(axis=1)
    over = ready & (most > h)
    trust = np.where(days < WARM_DAYS, 1.0, np.clip(1 - most / h, 0, 1))
    most_off = np.where(days < daily.KNOWN_DAYS, np.inf, CLIP * np.sqrt(var))
    off = np.clip(y - mean, -most_off, most_off)
    after = np.minimum(days + 1, MEMORY_DAYS)
    spread = var + trust * (off * off * days / after - var) / (after + PRIOR_DAYS)
    col["drift.var"][who] = np.where(good & (days >= daily.KNOWN_DAYS), spread, var)
    col["drift.mean"][who] = np.where(good, mean + trust * off / after, mean)
    col["drift.days"][who] = np.where(good, after, days)
    col["drift.sum"][who], col["drift.run"][who], col["drift.since"][who] = grown, run, since
    col["drift.over"][who] = np.where(
        ready, np.where(over, np.minimum(col["drift.over"][who] + 1, 255), 0), col["drift.over"][who]
    )
    return np.where(ready, z, np.nan), over


def sure(col: Mapping[str, Column], who: Who) -> Flags:
    """Which features (len(who), 10) a person may be told: over on two days, or two of them over together."""
    over = col["drift.over"][who]
    enough: Flags = (over >= 2) | ((over >= 1) & ((over >= 1).sum(axis=1) >= 2)[:, None])
    return enough


def now(col: Mapping[str, Column], i: int, k: int) -> tuple[int, float]:
    """Which way feature `k` of home `i` has gone (0 up, 1 down), and its level since (Montgomery's estimate)."""
    way = int(col["drift.sum"][i, 1, k] > col["drift.sum"][i, 0, k])
    far = K + float(col["drift.sum"][i, way, k]) / max(1, int(col["drift.run"][i, way, k]))
    step = far * float(np.sqrt(col["drift.var"][i, k]))
    return way, float(col["drift.mean"][i, k]) + (step, -step)[way]


def worrying(k: int, way: int) -> bool:
    """Whether feature `k` going `way` (0 up, 1 down) is for a person to know."""
    return int(WORRY[k]) in (0, (1, -1)[way])


def settle(col: Mapping[str, Column], i: int, k: int, level: float) -> None:
    """Take `level` as the new usual of feature `k`: it was told, or was no drift."""
    col["drift.mean"][i, k], col["drift.days"][i, k] = level, WARM_DAYS
    col["drift.sum"][i, :, k] = 0.0
    col["drift.run"][i, :, k] = col["drift.over"][i, k] = 0


class Drift:
    name, version = "drift", "2"
    fields: ClassVar[Mapping[str, str]] = {
        **daily.FIELDS,
        "mean": f"({N},)<f4",
        "var": f"({N},)<f4",
        "days": f"({N},)<u1",  # that mean and var rest on
        "sum": f"(2,{N})<f4",  # up, down
        "run": f"(2,{N})<u1",  # days since the sum was zero
        "since": f"(2,{N})<u2",  # and the first of them, in days since 1970
        "over": f"({N},)<u1",  # days in a row over H
        "told": "<f8",
    }
    kinds = frozenset({"motion", "contact", "presence", "bed", "appliance", "utterance", "answer"})

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if not heard.human:
            return ()
        col, t = rows.col, heard.t
        if isinstance(heard.event.data, Utterance | Answer):
            if not heard.late:
                daily.listen(col, i, t, heard.event.data.mood)
            return ()
        if heard.late:
            if heard.stale and col["drift.opened"][i] <= t < col["drift.ends"][i]:
                col["drift.spoilt"][i] = True
            return ()
        if t > col["drift.ends"].item(i):  # 0 while no day is open
            daily.begin(col, i, t, rows.homes[i].timezone)
            rows.wake(i, self.name, float(col["drift.ends"][i]))
        event = heard.event
        if event.kind == "bed":
            place = daily.BEDROOM
        elif life.exit_door(event):
            place = daily.DOOR
        else:
            classes = rows.places.along(daily.place_class, "<u1")
            place = classes.item(rows.places.code(life.place_of(event)))
        daily.count(col, i, t, place)
        return ()

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        classes = rows.places.along(daily.place_class, "<u1")
        return daily.count_many(some.events, table(self.kinds), classes, *daily.counted(rows.col))

    def survey(self, rows: Rows, who: Sequence[int], at: float) -> Sequence[Signal]:
        """Close the days that have ended, of all homes at once; see how long homes could not be seen."""
        col, every = rows.col, np.array(who, np.intp)
        self._watch(col, every, at)
        ends = col["drift.ends"][every]
        closing = every[(col["drift.opened"][every] > 0) & (ends <= at)]
        found: list[Signal] = []
        if closing.size:
            y, usable = daily.close(col, closing)
            learn(col, closing, y, usable)
            for i in closing[sure(col, closing).any(axis=1)].tolist():
                found += self._tell(rows, i)
            for i in closing.tolist():
                daily.go_on(col, i, rows.homes[i].timezone)
        opened = every[col["drift.opened"][every] > 0]
        rows.wake_many(opened, self.name, col["drift.ends"][opened])
        return found

    def _watch(self, col: Mapping[str, Column], every: Who, at: float) -> None:
        dark, was = col["sight.dark"][every], col["drift.dark_since"][every]
        seen = every[(dark == 0) & (was > 0)]
        since = np.maximum(col["drift.dark_since"][seen], col["drift.opened"][seen])
        col["drift.dark_s"][seen] += np.where(col["drift.opened"][seen] > 0, at - since, 0.0)
        col["drift.dark_since"][every] = dark

    def _tell(self, rows: Rows, i: int) -> Sequence[Signal]:
        col, home = rows.col, rows.homes[i]
        ends = float(col["drift.ends"][i])
        if ends - col["drift.told"][i] < WEEK_S:
            return ()
        why = [because("drift")]
        for k in np.flatnonzero(sure(col, np.array([i]))[0]).tolist():
            way, level = now(col, i, k)
            if not worrying(k, way):
                settle(col, i, k, level)
                continue
            since = daily.bounds(float(col["drift.since"][i, way, k]) * DAY_S + DAY_S - 1, home.timezone)[0]
            why.append(_sentence(FEATURES[k], float(col["drift.mean"][i, k]), level, since, home.timezone))
            settle(col, i, k, level)
        if len(why) == 1:
            return ()
        col["drift.told"][i] = ends
        return [signal(self, Concern.DRIFT, Urgency.ROUTINE, ends, *why, home=home.id, episode=str(int(ends)))]


def _sentence(feature: str, usual: float, level: float, since: float, timezone: str) -> Evidence:
    was, is_now = daily.plain(feature, usual), daily.plain(feature, level)
    day = local(since, timezone).strftime("%m-%d")
    if feature in ("first", "last"):
        return because(f"drift.{feature}", usual=_clock(was), now=_clock(is_now), since=day)
    if feature == "out":
        return because("drift.out", usual=round(was * 60) * 60, now=round(is_now * 60) * 60, since=day)
    return because(f"drift.{feature}", usual=_few(was), now=_few(is_now), since=day)


def _few(number: float) -> int | float:
    return round(number) if number >= 10 else round(number, 1)


def _clock(hours: float) -> str:
    minutes = round((hours + daily.CUT_H) * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
