"""A home's day as a person looks at it, room by room, beside its usual day, so that a silence can be seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import msgspec

from anomaly.acts import state_of
from anomaly.life import exit_door, human, place_of, traffic
from anomaly.sight import beat_s, limit_s
from anomaly.time import zone
from core.events import Heartbeat, LogRow

USUAL_DAYS = 28
SLOTS = 48
"""Half-hours of a local day."""
OUT = timedelta(minutes=30)
"""Whoever goes through the door and is seen again sooner was not out."""
ACTS = ("motion", "contact", "presence", "bed", "appliance", "medication", "utterance", "answer", "wake")
"""The kinds that may show a person: all that must be read of the days before."""

Span = tuple[datetime, datetime]


class Picture(msgspec.Struct, frozen=True):
    """`rooms`: when somebody was active there, to the minute. `usual`: for each room and half-hour of the local day the
    share of `days` days with activity; `anywhere`: in any room. `unheard`: no word of that time ever came. `door`:
    nobody was seen from the exit door's moving on. `last`: the last activity, in the day or before.
    """

    rooms: dict[str, tuple[datetime, ...]]
    usual: dict[str, tuple[float, ...]]
    anywhere: tuple[float, ...]
    days: int
    unheard: tuple[Span, ...]
    door: tuple[Span, ...]
    last: datetime | None


def picture(
    rows: Sequence[LogRow], since: datetime, until: datetime, timezone: str, absences: Sequence[Span] = ()
) -> Picture:
    """The picture of [since, until) by a home's rows: all of that time, and those of `ACTS` before it.

    A day of the past counts where something was heard that could show a person, and nobody had said that the home is
    empty. The order of the rows changes nothing.
    """
    ordered = sorted((row for row in rows if row.at < until), key=lambda row: (row.at, row.position))
    place = zone(timezone)
    acts = _acts(ordered)
    told = {row.at.astimezone(place).date() for row in ordered if row.kind in ACTS and row.at < since}
    today = since.astimezone(place).date()
    told = {day for day in told if today - timedelta(days=USUAL_DAYS) <= day < today}
    told -= {day for start, end in absences for day in _days(start.astimezone(place), end.astimezone(place))}
    seen: defaultdict[str, set[tuple[date, int]]] = defaultdict(set)
    rooms: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in acts:
        local, room = row.at.astimezone(place), place_of(row)
        if row.at >= since:
            minute = row.at.replace(second=0, microsecond=0)
            if rooms[room][-1:] != [minute]:
                rooms[room].append(minute)
        if local.date() in told:
            seen[room].add((local.date(), local.hour * 2 + local.minute // 30))
    return Picture(
        rooms={room: tuple(times) for room, times in rooms.items()},
        usual={room: _shares(cells, len(told)) for room, cells in seen.items()},
        anywhere=_shares(set().union(*seen.values()), len(told)),
        days=len(told),
        unheard=_unheard([row for row in ordered if row.at >= since and traffic(row)], since, until),
        door=_door(ordered, acts, since, until),
        last=acts[-1].at if acts else None,
    )


def _acts(ordered: Sequence[LogRow]) -> list[LogRow]:
    """The rows that show an active person: a state that is said again shows nobody, nor does its first word."""
    was: dict[int, bool] = {}
    acts = []
    for row in ordered:
        thing, on = state_of(row)
        news = not thing or was.get(thing, on) is not on
        if thing:
            was[thing] = on
        if news and human(row):
            acts.append(row)
    return acts


def _days(start: datetime, end: datetime) -> list[date]:
    return [start.date() + timedelta(days=n) for n in range(min((end.date() - start.date()).days, 366) + 1)]


def _shares(cells: set[tuple[date, int]], days: int) -> tuple[float, ...]:
    counts = [0] * SLOTS
    for _, slot in cells:
        counts[slot] += 1
    return tuple(round(count / days, 3) if days else 0.0 for count in counts)


def _unheard(words: Sequence[LogRow], since: datetime, until: datetime) -> tuple[Span, ...]:
    said = [row.data for row in words if isinstance(row.data, Heartbeat)]
    limit = timedelta(seconds=limit_s(max((beat_s(one.every_s) for one in said), default=0.0)))
    moments = [since, *(row.at for row in words), until]
    if not words:
        return ((since, until),)
    return tuple((before, after) for before, after in pairwise(moments) if after - before > limit)


def _door(ordered: Sequence[LogRow], acts: Sequence[LogRow], since: datetime, until: datetime) -> tuple[Span, ...]:
    """From the door's last movement until somebody is seen inside, or until now."""
    doors = [row.at for row in ordered if exit_door(row)]
    inside = [row.at for row in acts if not exit_door(row)]
    found: list[Span] = []
    index = 0
    for at, following in pairwise([*doors, until]):
        while index < len(inside) and inside[index] <= at:
            index += 1
        back = inside[index] if index < len(inside) else until
        end = min(back, following)
        if end - at >= OUT and end > since:
            found.append((max(at, since), end))
    return tuple(found)
