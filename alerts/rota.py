"""Who is on call: shifts with nights, weekends and public holidays, and the cover for those who are away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import msgspec

from alerts.plan import Rung
from core.people import Cover, Member, Reach, Role, within
from core.signals import Evidence
from core.week import DAYS as WEEKDAYS

DAY_MIN = 24 * 60
Days = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "dayoff", "all"]
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Hours:
    """Wall-clock hours, `18:00-09:00` in the policy; they cross midnight where the end is not after the start."""

    def __init__(self, text: str) -> None:
        found = _HOURS.fullmatch(text)
        if found is None:
            raise ValueError(f"expected hours such as 18:00-09:00, not {text!r}")
        h1, m1, h2, m2 = map(int, found.groups())
        self.start_min, end_min = h1 * 60 + m1, h2 * 60 + m2
        if self.start_min >= DAY_MIN or end_min > DAY_MIN:
            raise ValueError(f"expected hours within 00:00-24:00, not {text!r}")
        self.end_min = end_min if end_min > self.start_min else end_min + DAY_MIN

    def started(self, local: datetime) -> date | None:
        """The day on which the stretch that contains `local` began; None outside the hours."""
        minute = local.hour * 60 + local.minute
        if self.start_min <= minute < self.end_min:
            return local.date()
        if minute + DAY_MIN < self.end_min:
            return local.date() - timedelta(days=1)
        return None


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The city's days: public holidays of a country, its substitute holidays among them, and days declared since."""

    timezone: str = "Asia/Seoul"
    holidays: str = "KR"
    extra: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"expected an IANA time zone such as Asia/Seoul, not {self.timezone!r}") from None
        try:
            _public(self.holidays, 2026)
        except NotImplementedError:
            raise ValueError(f"expected a country's code such as KR for its holidays, not {self.holidays!r}") from None

    def local(self, at: datetime) -> datetime:
        """`at` on the city's wall clocks."""
        return at.astimezone(ZoneInfo(self.timezone))

    def is_holiday(self, day: date) -> bool:
        """Whether offices are closed that day by law or by declaration; weekends are not meant."""
        return day in self.extra or day in _public(self.holidays, day.year)

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5 and not self.is_holiday(day)

    def matches(self, day: date, days: Sequence[str]) -> bool:
        """Whether `day` is one of `days`. A weekday's own name means that day, holiday or not."""
        kind = "workday" if self.is_workday(day) else "dayoff"
        return "all" in days or kind in days or WEEKDAYS[day.weekday()] in days


@cache
def _public(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the members of a role, or those named, are on call for an area; `days` are those on which a shift begins."""

    name: str
    role: Role
    hours: Hours
    area: str = ""
    days: tuple[Days, ...] = ("all",)
    members: tuple[str, ...] = ()

    def runs(self, now: datetime, calendar: Calendar) -> bool:
        """Whether the shift is on at `now`."""
        began = self.hours.started(calendar.local(now))
        return began is not None and calendar.matches(began, self.days)


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place that is always staffed. Whatever its reach, the console is its last channel: it can always be called."""

    ko: str
    en: str
    reach: tuple[Reach, ...] = ()

    def member(self, name: str) -> Member:
        """The post as somebody to call."""
        reach = (*(r for r in self.reach if r.channel != "console"), Reach("console", name))
        return Member(name, self.ko, Role.DUTY, "", reach=reach)


class Rota(msgspec.Struct, frozen=True):
    """Everything that says who is on call, but the people themselves."""

    calendar: Calendar
    shifts: tuple[Shift, ...] = ()
    posts: Mapping[str, Post] = {}


class Roster(msgspec.Struct, frozen=True):
    """Who is called at a rung, and why others are not."""

    on: tuple[Member, ...]
    off: tuple[Evidence, ...] = ()


def on_call(
    rung: Rung, area: str, members: Sequence[Member], covers: Sequence[Cover], rota: Rota, now: datetime
) -> Roster:
    """Who is on call at `rung` for a home in `area`.

    A post is always there. Where no shift is written for a role and area, every active member of that role whose area
    covers the home is on call, always. Who is away is replaced by their stand-in. Who has no channel can't be called.
    """
    if rung.post:
        post = rota.posts.get(rung.who) or Post(ko=rung.who, en=rung.who)
        return Roster((post.member(rung.who),))
    known = {m.id: m for m in members}
    shifts = [s for s in rota.shifts if s.role == rung.who and within(area, s.area)]
    running = [s for s in shifts if s.runs(now, rota.calendar)]
    if shifts and not running:
        return Roster((), (Evidence("rota.off.no_shift", {"rung": rung.who}),))
    on: dict[str, Member] = {}
    off: list[Evidence] = []
    for name in _scheduled(rung, area, members, running):
        present, reason = _present(name, known, covers, now)
        if present is None:
            off.append(reason)
        elif (present.role is Role.CANARY) is not (rung.who == Role.CANARY):
            # No shift or cover lets a person be called for a synthetic home, or a program for a person's.
            off.append(Evidence("rota.off.unknown", {"member": name}))
        else:
            on[present.id] = present
    if not on and not off:
        off.append(Evidence("rota.off.no_member", {"rung": rung.who}))
    return Roster(tuple(on.values()), tuple(off))


def _scheduled(rung: Rung, area: str, members: Sequence[Member], running: Sequence[Shift]) -> list[str]:
    of_role = [m.id for m in members if m.role == rung.who and m.active and within(area, m.area)]
    if not running:
        return of_role
    names = [name for shift in running for name in (shift.members or of_role)]
    return list(dict.fromkeys(names))


def _present(
    name: str, known: Mapping[str, Member], covers: Sequence[Cover], now: datetime
) -> tuple[Member | None, Evidence]:
    """The member, or the one who stands in for them, followed as far as it goes; else the reason."""
    reason, asked = Evidence("rota.off.unknown", {"member": name}), name
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        away = next((c for c in reversed(covers) if c.member == name and c.start <= now < c.end), None)
        if away is None:
            member = known.get(name)
            if member is None:
                return None, Evidence("rota.off.unknown", {"member": name})
            if not member.active:
                return None, Evidence("rota.off.inactive", {"member": name})
            if not member.reach:
                return None, Evidence("rota.off.no_reach", {"member": name})
            return member, reason
        if away.by is None:
            return None, Evidence("rota.off.away", {"member": name})
        name = away.by
    return None, Evidence("rota.off.away", {"member": asked})
