"""A home's day in ten numbers, counted as it happens, so that weeks can be compared without keeping a single event.

A day runs from 04:00 to 04:00 local, when most homes sleep; the night is 23:00-06:00 of it. A daylight-saving switch
lies between 01:00 and 03:00, so that seconds since 04:00 tell evening and early morning apart on those days too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from anomaly.batch import KIND_CODES, Events, Positions
from anomaly.compiled import AHEAD, fetch, kernel
from anomaly.rows import Column
from anomaly.time import local

PLACES = ("bathroom", "kitchen", "fridge", "bedroom", "hall", "living", "door", "other")
BATHROOM, KITCHEN, FRIDGE, BEDROOM, DOOR, OTHER = 0, 1, 2, 3, 6, 7
_WORDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (FRIDGE, ("fridge", "refrigerator", "냉장고")),
    (BATHROOM, ("bath", "toilet", "shower", "wc", "화장실", "욕실")),
    (KITCHEN, ("kitchen", "주방", "부엌", "dining", "식탁")),
    (BEDROOM, ("bed", "침실", "침대", "안방")),
    (4, ("hall", "corridor", "stair", "복도")),
    (5, ("living", "lounge", "sitting", "거실")),
)

FEATURES = ("night", "bath_night", "bath_day", "kitchen", "first", "last", "total", "rooms", "out", "mood")
"""Events at night; bathroom visits by night and by day; kitchen and fridge events; first and last time outside bedroom
and bathroom (hours since 04:00); all events; how evenly the rooms are used (entropy, nats); time out (hours);
what was said with sad words."""
SPREAD = np.array([2.5, 0.7, 0.8, 2.5, 1.4, 1.2, 3.3, 0.045, 0.6, 0.9])
"""How much each differs from day to day within a home, on the scale of `close`: the median of eleven recorded homes;
of `mood`, of which there are no recordings, about that of a Poisson count of one a day."""
_COUNTED = np.array([0, 1, 2, 3, 6, 9])

BED, UTTERANCE, ANSWER = (KIND_CODES[kind] for kind in ("bed", "utterance", "answer"))
CUT_H = 4
MORNING_S, EVENING_S = 2 * 3600.0, 19 * 3600.0  # 06:00 and 23:00, since 04:00
VISIT_S = 300.0
DAY_S = 86400.0
OUT_S, OUT_MOST_S = 900.0, 12 * 3600.0
SILENT_S = 12 * 3600.0
DARK_S = 2 * 3600.0
LEAST = 20
HOLLOW, HOLLOW_DAYS = 1 / 3, 10
MUTE, STORM = 0.05, 6.0
OFTEN = 10.0
KNOWN_DAYS, USUAL_DAYS = 3, 28

FIELDS: Mapping[str, str] = {
    "opened": "<f8",  # the day under way began then; 0: none
    "ends": "<f8",
    "latest": "<f8",  # the newest event
    "bath_at": "<f8",  # the newest event in the bathroom
    "dark_since": "<f8",
    "dark_s": "<f4",  # not seen for so long today
    "gap_s": "<f4",  # the longest silence today
    "out_s": "<f4",
    "first_s": "<f4",  # since the day began; 0: not yet
    "last_s": "<f4",
    "part": "?",  # begun in the middle
    "spoilt": "?",  # some of it came too late to be counted
    "door": "?",  # the newest event was an exit door
    "visits": "(3,)<u4",  # events at night; bathroom visits by night and by day
    "count": f"({len(PLACES)},)<u4",
    "said": "<u2",  # what a person said; and of it what was sad
    "sad": "<u2",
    "usual": f"({len(PLACES)},)<f4",  # the same of a usual day
    "known": "<u1",  # days that `usual` rests on
    "hollow": "<u1",  # days in a row with far less than usual
}
"""Columns, as `drift.{name}`; 145 bytes a home."""

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Who = npt.NDArray[np.intp]


@lru_cache(maxsize=65536)
def place_class(name: str, exit_door: bool = False) -> int:
    """Which of PLACES a room, door or device name stands for, as well as a name can tell."""
    if exit_door:
        return DOOR
    low = name.lower()
    return next((k for k, words in _WORDS if any(word in low for word in words)), OTHER)


@lru_cache(maxsize=4096)
def bounds(t: float, timezone: str) -> tuple[float, float]:
    """Begin and end (UTC seconds) of the day in which `t` lies; 23 or 25 hours at the two switches."""
    now = local(t, timezone)
    begins = now.replace(hour=CUT_H, minute=0, second=0, microsecond=0, fold=0)
    if now.hour < CUT_H:
        begins -= timedelta(days=1)
    return begins.timestamp(), (begins + timedelta(days=1)).timestamp()


def begin(col: Mapping[str, Column], i: int, t: float, timezone: str) -> None:
    """Open the day in which `t` lies in its middle, with nothing counted yet."""
    _clean(col, np.array([i]))
    col["drift.opened"][i], col["drift.ends"][i] = bounds(t, timezone)
    col["drift.latest"][i] = t
    col["drift.part"][i] = True
    col["drift.door"][i] = False


def count(col: Mapping[str, Column], i: int, t: float, place: int) -> None:
    """Take in one event of an active person in the open day; times rise."""
    since = t - col["drift.opened"].item(i)
    gap = t - col["drift.latest"].item(i)
    col["drift.latest"][i] = t
    col["drift.count"][i, place] += 1
    if gap > OUT_S:
        if col["drift.door"].item(i):
            col["drift.out_s"][i] += min(gap, OUT_MOST_S)
        col["drift.gap_s"][i] = max(col["drift.gap_s"][i], min(gap, since))
    col["drift.door"][i] = place == DOOR
    night = since < MORNING_S or since >= EVENING_S
    if night:
        col["drift.visits"][i, 0] += 1
    if place == BATHROOM:
        if t - col["drift.bath_at"].item(i) > VISIT_S:
            col["drift.visits"][i, 1 if night else 2] += 1
        col["drift.bath_at"][i] = t
    elif place != BEDROOM:
        col["drift.last_s"][i] = since
        if not col["drift.first_s"].item(i):
            col["drift.first_s"][i] = max(since, 1.0)


def listen(col: Mapping[str, Column], i: int, t: float, mood: int) -> None:
    """Take in something that was said in the open day, if one is; it counts for the mood and for nothing else."""
    if 0 < col["drift.opened"][i] <= t <= col["drift.ends"][i]:
        for name, more in (("said", 1), ("sad", mood < 0)):
            col[f"drift.{name}"][i] = min(int(col[f"drift.{name}"][i]) + more, 65535)


_COUNTS = "ends", "opened", "latest", "bath_at", "gap_s", "out_s", "first_s", "last_s", "door", "visits", "count"
counted = itemgetter(*(f"drift.{name}" for name in _COUNTS))
"""The columns of `count_many`."""


@kernel
def count_many(
    events: Events,
    kinds: Column,
    classes: Column,
    ends: Column,
    opened: Column,
    latest: Column,
    bath_at: Column,
    gap_s: Column,
    out_s: Column,
    first_s: Column,
    last_s: Column,
    door: Column,
    visits: Column,
    counts: Column,
) -> Positions:
    """`count` for those of different homes that are of these `kinds`; `classes` of places by their number. Gives those
    that come after the end of the open day, and those that are said."""
    left, n = np.empty(len(events), np.intp), 0
    for k in range(len(events)):
        later = events[min(k + AHEAD, len(events) - 1)]
        fetch((ends, opened, latest, bath_at, door, first_s, last_s, visits, counts), later.home)
        event = events[k]
        i, t = event.home, event.t
        if not (event.human and kinds[event.kind]):
            continue
        if t > ends[i] or event.kind == UTTERANCE or event.kind == ANSWER:
            left[n] = k
            n += 1
            continue
        place = DOOR if event.exit else BEDROOM if event.kind == BED else classes[event.place]
        since, gap = t - opened[i], t - latest[i]
        latest[i] = t
        counts[i, place] += 1
        if gap > OUT_S:
            if door[i]:
                out_s[i] += np.float32(min(gap, OUT_MOST_S))
            gap_s[i] = max(gap_s[i], np.float32(min(gap, since)))
        door[i] = place == DOOR
        night = since < MORNING_S or since >= EVENING_S
        if night:
            visits[i, 0] += 1
        if place == BATHROOM:
            if t - bath_at[i] > VISIT_S:
                visits[i, 1 if night else 2] += 1
            bath_at[i] = t
        elif place != BEDROOM:
            last_s[i] = since
            if first_s[i] == 0:
                first_s[i] = max(since, 1.0)
    return left[:n]


def go_on(col: Mapping[str, Column], i: int, timezone: str) -> None:
    """Open the day after the closed one; a home without a sign for a day waits for its next event."""
    ends = float(col["drift.ends"][i])
    asleep = ends - col["drift.latest"][i] >= DAY_S
    col["drift.opened"][i], col["drift.ends"][i] = (0.0, 0.0) if asleep else bounds(ends, timezone)


def close(col: Mapping[str, Column], who: Who) -> tuple[Reals, Flags]:
    """End the open day of the homes `who`: FEATURES (len(who), 10) and whether the day may be compared.

    Counts are 2·√(x + 3/8), whose spread is about 1 whatever the level (Anscombe 1948); time out is √hours. NaN: not
    seen, or nothing said, that day. Not compared: a day begun in its middle, silent for 12 h, unseen for 2 h, partly
    reported late, nearly empty (under 20 events, or a third of the usual: an absence nobody told of; for ten days in a
    row at most), or with a place mute or storming while the others are not (under 5 %, over 600 % of its usual).
    """
    counts = col["drift.count"][who].astype(float)
    total = counts.sum(axis=1)
    visits = col["drift.visits"][who].astype(float)
    share = counts / np.maximum(total, 1.0)[:, None]
    x = np.empty((len(who), len(FEATURES)))
    x[:, :3] = visits
    x[:, 3] = counts[:, KITCHEN] + counts[:, FRIDGE]
    x[:, 4], x[:, 5] = col["drift.first_s"][who] / 3600.0, col["drift.last_s"][who] / 3600.0
    x[:, 6] = total
    x[:, 7] = np.round(-(share * np.log(np.maximum(share, 1e-9))).sum(axis=1), 4)
    x[:, 8] = np.sqrt(col["drift.out_s"][who] / 3600.0)
    x[:, 9] = col["drift.sad"][who]
    x[:, _COUNTED] = 2.0 * np.sqrt(x[:, _COUNTED] + 0.375)
    unseen = col["drift.first_s"][who] == 0
    x[unseen, 4] = x[unseen, 5] = np.nan
    x[col["drift.said"][who] == 0, 9] = np.nan
    usable = _usable(col, who, counts, total)
    _clean(col, who)
    return x, usable


def _usable(col: Mapping[str, Column], who: Who, counts: Reals, total: Reals) -> Flags:
    ends = col["drift.ends"][who]
    dark = col["drift.dark_since"][who]
    dark_s = col["drift.dark_s"][who] + np.where(dark > 0, ends - np.maximum(dark, col["drift.opened"][who]), 0.0)
    silent = np.maximum(col["drift.gap_s"][who], ends - col["drift.latest"][who]) > SILENT_S
    whole = ~(col["drift.part"][who] | col["drift.spoilt"][who] | silent | (dark_s > DARK_S) | (total < LEAST))
    usual, known = col["drift.usual"][who].astype(float), col["drift.known"][who].astype(float)
    settled = known >= KNOWN_DAYS
    empty = whole & settled & (total < HOLLOW * usual.sum(axis=1))
    hollow = np.where(empty, col["drift.hollow"][who] + 1, np.where(whole, 0, col["drift.hollow"][who]))
    col["drift.hollow"][who] = np.minimum(hollow, 255)
    lived = whole & (~empty | (hollow > HOLLOW_DAYS))
    odd = (usual >= OFTEN) & ((counts < MUTE * usual) | (counts > STORM * usual))
    known = np.where(lived, np.minimum(known + 1, USUAL_DAYS), known)
    step = np.where(lived, 1.0 / np.maximum(known, 1.0), 0.0)
    col["drift.usual"][who] = usual + (counts - usual) * step[:, None]
    col["drift.known"][who] = known
    fit: Flags = lived & ~(settled & odd.any(axis=1) & (hollow <= HOLLOW_DAYS))
    return fit


def _clean(col: Mapping[str, Column], who: Who) -> None:
    for name in ("dark_s", "gap_s", "out_s", "first_s", "last_s", "part", "spoilt", "visits", "count", "said", "sad"):
        col[f"drift.{name}"][who] = 0


def plain(feature: str, y: float) -> float:
    """A value of `close` as people count: events or visits a day, hours since 04:00, rooms, hours out."""
    match feature:
        case "first" | "last":
            return y
        case "rooms":
            return float(np.exp(y))
        case "out":
            return max(0.0, y) ** 2
        case _:
            return max(0.0, max(0.0, y) ** 2 / 4 - 0.375)
