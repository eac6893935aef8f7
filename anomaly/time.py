"""Durations are UTC seconds, people's days are local wall clock; here one becomes the other, summer time included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

AWAKE_FROM_H, AWAKE_TO_H = 7, 22


def moment(t: float) -> datetime:
    """Seconds since 1970 as an aware UTC time, exact to the microsecond."""
    return datetime.fromtimestamp(t, UTC)


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo | None:
    """The time zone of an IANA name; None if nobody knows it."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def local(t: float, timezone: str) -> datetime:
    """The wall clock in `timezone` at `t`; an unknown zone reads UTC."""
    return datetime.fromtimestamp(t, zone(timezone) or UTC)


def wall(t: float, timezone: str) -> str:
    """A time as a person in that zone reads it: month-day hour:minute."""
    return local(t, timezone).strftime("%m-%d %H:%M")


@lru_cache(maxsize=4096)
def _waking(day: date, timezone: str) -> tuple[float, float]:
    place = zone(timezone) or UTC
    start = datetime(day.year, day.month, day.day, AWAKE_FROM_H, tzinfo=place)
    return start.timestamp(), start.replace(hour=AWAKE_TO_H).timestamp()


def awake_between(start: float, end: float, timezone: str) -> float:
    """Seconds between two times that fall into waking hours (07:00-22:00 local)."""
    total, day = 0.0, local(start, timezone).date()
    while True:
        opens, closes = _waking(day, timezone)
        if opens >= end:
            return total
        total += max(0.0, min(end, closes) - max(start, opens))
        day += timedelta(days=1)


def after_awake(start: float, awake_s: float, timezone: str) -> float:
    """The time at which `awake_s` waking seconds have passed since `start`."""
    day = local(start, timezone).date()
    while True:
        opens, closes = _waking(day, timezone)
        begins = max(start, opens)
        if begins < closes:
            if begins + awake_s <= closes:
                return begins + awake_s
            awake_s -= closes - begins
        day += timedelta(days=1)
