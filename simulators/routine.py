"""A day in the life of a resident, because silence means something only against habits."""

from __future__ import annotations

from enum import StrEnum
from random import Random
from typing import NamedTuple

import msgspec


class Place(StrEnum):
    BATHROOM = "bathroom"
    KITCHEN = "kitchen"
    LIVING = "living"
    BED = "bed"
    OUT = "out"


class Habits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How somebody lives. Hours are local; `outings` and `visits` are chances a day, `night_trips` is a mean a night;
    `busy` multiplies how often a sensor sees them; `pets` walk at all hours.
    """

    wake_h: float = 6.5
    sleep_h: float = 22.0
    outings: float = 0.5
    visits: float = 0.1
    night_trips: float = 1.2
    busy: float = 1.0
    pets: int = 0
    indoor_c: float = 22.0
    medication: bool = True


class Stay(NamedTuple):
    """Somebody is somewhere from `begin_h` to `end_h`, in hours after the local midnight of the day."""

    begin_h: float
    end_h: float
    place: Place


WAKE_SPREAD_H = 0.5


def day(rng: Random, habits: Habits, day_h: float = 24.0) -> list[Stay]:
    """One day from waking to the end of its night, in order and without overlap; `day_h` hours to the next midnight.

    Law: the night's last stay ends before the earliest waking of the next day.
    """
    wake_h = habits.wake_h + rng.uniform(-WAKE_SPREAD_H, WAKE_SPREAD_H)
    sleep_h = habits.sleep_h + rng.uniform(-0.4, 0.4)
    return _awake(rng, habits, wake_h, sleep_h) + _night(rng, habits, sleep_h, day_h)


def _awake(rng: Random, habits: Habits, wake_h: float, sleep_h: float) -> list[Stay]:
    wishes = [
        (wake_h, 0.2, Place.BATHROOM),
        (wake_h + 0.25, 0.6, Place.KITCHEN),
        (12.2 + rng.uniform(-0.4, 0.4), 0.6, Place.KITCHEN),
        (18.1 + rng.uniform(-0.4, 0.4), 0.7, Place.KITCHEN),
        (sleep_h - 0.3, 0.15, Place.BATHROOM),
    ]
    if rng.random() < habits.outings:
        wishes.append((rng.choice((9.6, 14.0)) + rng.uniform(0.0, 1.0), rng.uniform(0.7, 2.2), Place.OUT))
    hour = wake_h + rng.uniform(1.5, 2.5)
    while hour < sleep_h - 1:
        wishes.append((hour, rng.uniform(0.05, 0.2), Place.BATHROOM))
        hour += rng.uniform(1.5, 3.0)
    stays: list[Stay] = []
    cursor = wake_h
    for begin_h, length_h, place in sorted(wishes):
        begin_h = max(begin_h, cursor)
        if begin_h + length_h > sleep_h:
            continue
        if begin_h > cursor:
            stays.append(Stay(cursor, begin_h, Place.LIVING))
        stays.append(Stay(begin_h, begin_h + length_h, place))
        cursor = begin_h + length_h
    if cursor < sleep_h:
        stays.append(Stay(cursor, sleep_h, Place.LIVING))
    return stays


def _night(rng: Random, habits: Habits, sleep_h: float, day_h: float) -> list[Stay]:
    end_h = day_h + habits.wake_h - WAKE_SPREAD_H - 0.1
    trips = sorted(rng.uniform(sleep_h + 0.8, end_h - 0.4) for _ in range(int(habits.night_trips + rng.random())))
    stays: list[Stay] = []
    cursor = sleep_h
    for at_h in trips:
        if at_h < cursor + 0.5:
            continue
        stays += [Stay(cursor, at_h, Place.BED), Stay(at_h, at_h + 0.12, Place.BATHROOM)]
        cursor = at_h + 0.12
    stays.append(Stay(cursor, end_h, Place.BED))
    return stays
