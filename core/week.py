"""Times of the week by a wall clock, and when the next one comes; both switches of daylight saving are kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Weekly(msgspec.Struct, frozen=True):
    """`clock` (`HH:MM`, local) on each of `days`, which stand in the order of the week."""

    clock: str
    days: tuple[str, ...] = DAYS


def weekly(clock: str, days: tuple[str, ...]) -> Weekly | None:
    """The days in order, each once; None where it is no time of a week."""
    if not days or not set(days) <= set(DAYS) or _CLOCK.fullmatch(clock) is None:
        return None
    return Weekly(clock, tuple(day for day in DAYS if day in days))


def moment_of(day: date, clock: str, timezone: str) -> datetime:
    """When a wall clock in `timezone` shows this on that day, in UTC.

    Where the clock jumps over it, as much later; where the clock shows it twice, the first time.
    """
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(timezone)).astimezone(UTC)


def next_after(week: Weekly, timezone: str, after: datetime) -> tuple[date, datetime]:
    """The first of the week's times behind `after`: its local day, and the moment in UTC."""
    today = after.astimezone(ZoneInfo(timezone)).date()
    coming = (today + timedelta(days=n) for n in range(-1, 9))
    moments = ((day, moment_of(day, week.clock, timezone)) for day in coming if DAYS[day.weekday()] in week.days)
    return next(found for found in moments if found[1] > after)
