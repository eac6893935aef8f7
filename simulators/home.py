"""What the sensors of a virtual home say while its people live: the same words for the same seed, at any speed."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from core.events import (
    Appliance,
    Bed,
    Climate,
    Contact,
    Heartbeat,
    Medication,
    Motion,
    Payload,
    Vital,
)
from simulators.routine import Habits, Place, Stay, day

ROOMS = ("bedroom", "bathroom", "kitchen", "living")
# Mean minutes between two sightings; television is watched sitting still.
_SIGHTING_MIN = {Place.LIVING: 6.0, Place.KITCHEN: 3.0, Place.BATHROOM: 2.5}
_MOTION_HOLD_S = 45.0
DOOR = "front-door"


class Said(NamedTuple):
    """One thing a device says; the gateway gives it its number. `at` in UTC."""

    at: datetime
    device: str
    kind: str
    data: Payload


class Silence(NamedTuple):
    """A person (1 is the resident) whom no sensor sees from `begin` to `end`; None: nobody knows until when."""

    person: int
    begin: datetime
    end: datetime | None = None

    def hides(self, at: datetime) -> bool:
        return self.begin <= at and (self.end is None or at < self.end)


class Dwelling(msgspec.Struct, frozen=True):
    """A home as the simulator builds it: one `Habits` a person, all in the local time of `timezone`."""

    id: str
    timezone: str
    people: tuple[Habits, ...]
    telemetry_s: float = 600.0
    heartbeat_s: float = 300.0
    firmware: str = ""


def life(
    dwelling: Dwelling,
    seed: int,
    since: datetime,
    connected_since: datetime,
    silences: Sequence[Silence] = (),
    warmth: Callable[[datetime], float] = lambda _: 0.0,
) -> Iterator[Said]:
    """Everything the home's devices say from `since` on, in order of time, without end.

    Heartbeats begin at `connected_since`: what happened before is told from memory. `warmth` is added to the air, in K.
    Law: the stream depends on the arguments alone, and a later `since` only cuts its beginning.
    """

    def rng(*parts: object) -> Random:
        return Random("/".join(str(part) for part in (seed, dwelling.id, *parts)))

    def seen(person: int, habits: Habits) -> Iterator[Said]:
        hidden = [silence for silence in silences if silence.person == person]
        last = min((silence.begin for silence in hidden if silence.end is None), default=None)
        for date in _dates(dwelling.timezone, since):
            for said in _person_day(rng(person, date.name), date, habits, first=person == 1):
                if last is not None and said.at >= last:
                    return
                if said.at >= since and not any(silence.hides(said.at) for silence in hidden):
                    yield said

    streams = [seen(number, habits) for number, habits in enumerate(dwelling.people, 1)]
    streams.append(_climate(rng("climate"), dwelling, since, warmth))
    streams.append(_heartbeats(rng("heartbeat"), dwelling, connected_since))
    streams += [_pet(rng, number, dwelling.timezone, since) for number in range(dwelling.people[0].pets)]
    return heapq.merge(*streams, key=lambda said: said.at)


class _Date(NamedTuple):
    """A local day: its name, its midnight in UTC, and how long it is (23 to 25 h)."""

    name: str
    midnight: datetime
    length: timedelta


def _dates(timezone: str, since: datetime) -> Iterator[_Date]:
    """From the day before `since`, whose night may reach into it."""
    zone = ZoneInfo(timezone)
    date = since.astimezone(zone).date() - timedelta(days=1)
    midnight = datetime.combine(date, time(), zone).astimezone(UTC)
    while True:
        tomorrow = date + timedelta(days=1)
        next_midnight = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
        yield _Date(date.isoformat(), midnight, next_midnight - midnight)
        date, midnight = tomorrow, next_midnight


def _person_day(rng: Random, date: _Date, habits: Habits, *, first: bool) -> list[Said]:
    said: list[Said] = []
    midnight = date.midnight

    def say(hour: float, device: str, kind: str, data: Payload, after_s: float = 0.0) -> None:
        said.append(Said(midnight + timedelta(hours=hour, seconds=after_s), device, kind, data))

    def motion(hour: float, room: str, after_s: float = 0.0) -> None:
        say(hour, f"{room}-pir", "motion", Motion(room, True), after_s)
        say(hour, f"{room}-pir", "motion", Motion(room, False), after_s + _MOTION_HOLD_S)

    def door(hour: float) -> None:
        say(hour, DOOR, "contact", Contact("front door", True, True))
        say(hour, DOOR, "contact", Contact("front door", False, True), 12)

    def sightings(stay: Stay) -> None:
        mean_h = _SIGHTING_MIN[stay.place] / 60 / habits.busy
        hour = stay.begin_h
        while hour < stay.end_h:
            motion(hour, stay.place.value)
            hour += _MOTION_HOLD_S / 3600 + rng.expovariate(1 / mean_h)

    stays = day(rng, habits, date.length / timedelta(hours=1))
    up_h = stays[0].begin_h
    for stay in stays:
        if stay.place is Place.OUT:
            motion(stay.begin_h, "living", -30)
            door(stay.begin_h)
            door(stay.end_h)
            motion(stay.end_h, "living", 20)
        elif stay.place is Place.BED:
            if first:
                say(stay.begin_h, "bed-mat", "bed", Bed(True))
                if stay is not stays[-1]:
                    say(stay.end_h, "bed-mat", "bed", Bed(False))
            motion(stay.begin_h, "bedroom", -20)
        else:
            sightings(stay)
        if stay.place is Place.KITCHEN:
            at_h = stay.begin_h + rng.uniform(0.02, 0.2)
            say(at_h, "fridge", "contact", Contact("fridge", True, False))
            say(at_h, "fridge", "contact", Contact("fridge", False, False), 15)
            say(at_h + 0.05, "kettle", "appliance", Appliance("kettle", True, True, 1800.0))
            say(at_h + 0.12, "kettle", "appliance", Appliance("kettle", False, False, 0.0))
    if first:
        say(up_h, "bed-mat", "bed", Bed(False))
    if first and habits.medication:
        say(up_h + rng.uniform(0.6, 0.9), "pill-box", "medication", Medication(True))
        say(up_h + 1.0, "blood-pressure", "vital", Vital("systolic", float(rng.randint(112, 148)), "mmHg"))
    if rng.random() < habits.visits:
        _visit(rng, motion, door)
    return sorted(said, key=lambda one: one.at)


def _visit(rng: Random, motion: Callable[..., None], door: Callable[[float], None]) -> None:
    """Two people in two rooms within seconds of each other, again and again, between two openings of the door."""
    begin_h, length_h = rng.uniform(10.5, 15.5), rng.uniform(0.4, 1.0)
    door(begin_h)
    hour = begin_h + 0.01
    while hour < begin_h + length_h:
        motion(hour, "living")
        motion(hour, "kitchen", rng.uniform(1, 5))
        hour += rng.uniform(0.03, 0.1)
    door(begin_h + length_h)


def _pet(rng: Callable[..., Random], number: int, timezone: str, since: datetime) -> Iterator[Said]:
    for date in _dates(timezone, since):
        own = rng("pet", number, date.name)
        at_s = own.expovariate(1 / 900)
        while at_s < date.length.total_seconds() - _MOTION_HOLD_S:
            at = date.midnight + timedelta(seconds=at_s)
            room = own.choice(ROOMS)
            still = at + timedelta(seconds=_MOTION_HOLD_S)
            if at >= since:
                yield Said(at, f"{room}-pir", "motion", Motion(room, True))
            if still >= since:
                yield Said(still, f"{room}-pir", "motion", Motion(room, False))
            at_s += 60 + own.expovariate(1 / 900)


def _climate(rng: Random, dwelling: Dwelling, since: datetime, warmth: Callable[[datetime], float]) -> Iterator[Said]:
    """A mild daily wave around the home's usual temperature. Counted from the epoch, so that `since` shifts nothing."""
    step = timedelta(seconds=dwelling.telemetry_s)
    epoch = datetime(2020, 1, 1, tzinfo=UTC) + step * rng.random()
    number = math.ceil((since - epoch) / step)
    while True:
        at = epoch + step * number
        wave = 0.8 * math.sin(2 * math.pi * ((at - epoch) / timedelta(days=1)))
        temp_c = dwelling.people[0].indoor_c + wave + warmth(at)
        humidity_pct = 45 + 5 * math.cos(number)
        yield Said(at, "living-climate", "climate", Climate("living", round(temp_c, 1), round(humidity_pct, 1)))
        number += 1


def _heartbeats(rng: Random, dwelling: Dwelling, since: datetime) -> Iterator[Said]:
    """The first at once, as a gateway that has just connected; then at the home's own phase."""
    every_s, firmware = dwelling.heartbeat_s, dwelling.firmware
    yield Said(since, "gateway", "heartbeat", Heartbeat(every_s, 0.0, firmware))
    at_s = rng.uniform(0.1, 1.0) * every_s
    while True:
        beat = Heartbeat(every_s, round(at_s, 1), firmware)
        yield Said(since + timedelta(seconds=at_s), "gateway", "heartbeat", beat)
        at_s += every_s
