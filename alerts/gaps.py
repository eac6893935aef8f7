"""Finds the hours of the coming weeks in which a role has nobody to call, before a case does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.plan import Rung
from alerts.policy import Policy
from alerts.rota import DAY_MIN, on_call
from core.people import Cover, Member, within
from core.signals import Evidence


class Gap(msgspec.Struct, frozen=True):
    """From `start` to `end` (UTC) nobody of role `who` can be called for homes in `area`, and why at its start.

    Cases climb past the role at once; the posts at the ladders' ends are always there, so no case is lost in a gap.
    """

    area: str
    who: str
    start: datetime
    end: datetime
    why: tuple[Evidence, ...]


def gaps(
    policy: Policy,
    members: Sequence[Member],
    covers: Sequence[Cover],
    areas: Iterable[str],
    start: datetime,
    days: int = 30,
) -> list[Gap]:
    """The gaps of every role that a ladder calls, in each of `areas`, from `start` on, by area, role and time."""
    roles = sorted({rung.who for ladder in policy.ladders.values() for rung in ladder if not rung.post})
    end = start + timedelta(days=days)
    turns = _turns(policy, covers, start, end)
    found: list[Gap] = []
    for area in sorted(set(areas)):
        for role in roles:
            found += _of(area, Rung(role, 0), policy, members, covers, turns, end)
    return found


def _of(
    area: str,
    rung: Rung,
    policy: Policy,
    members: Sequence[Member],
    covers: Sequence[Cover],
    turns: Sequence[datetime],
    end: datetime,
) -> list[Gap]:
    found: list[Gap] = []
    # Of a city's hundreds a dozen matter here: who answers for the area, and whom a shift or a cover names.
    named = {cover.by for cover in covers} | {name for shift in policy.rota.shifts for name in shift.members}
    members = [one for one in members if one.id in named or (one.role == rung.who and within(area, one.area))]
    for at, until in zip(turns, [*turns[1:], end], strict=True):
        roster = on_call(rung, area, members, covers, policy.rota, at)
        if roster.on:
            continue
        if found and found[-1].end == at:
            found[-1] = msgspec.structs.replace(found[-1], end=until)
        else:
            found.append(Gap(area, rung.who, at, until, roster.off))
    return found


def _turns(policy: Policy, covers: Sequence[Cover], start: datetime, end: datetime) -> list[datetime]:
    """Every moment at which somebody's being on call may begin or end; between two of them nothing changes."""
    midnight = policy.rota.calendar.local(start).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = {m for s in policy.rota.shifts for m in (s.hours.start_min, s.hours.end_min % DAY_MIN)}
    turns = {start, *(t for c in covers for t in (c.start, c.end))}
    for day in range((end - start).days + 2):
        turns |= {(midnight + timedelta(days=day, minutes=m)).astimezone(start.tzinfo) for m in minutes}
    return sorted(t for t in turns if start <= t < end)
