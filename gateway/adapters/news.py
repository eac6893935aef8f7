"""What of a device's state is news: a value that is another than the last one, whatever dialect it came in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from core.events import EMERGENCY_KINDS, LOW_BATTERY, PRESS, Appliance, Battery, Climate, Payload, Rejected, SosPressed
from gateway.adapters.capabilities import (
    BY_NAME,
    EMPTY_PCT,
    STANDBY_W,
    TABLE,
    USE_W,
    as_named,
    cycles,
    is_cry,
    is_sos,
    possible,
)
from gateway.adapters.said import BATTERY_S, MEASURES_S, Heard, Said, State, States, device_of, tidy

PRESSED = "pressed"
"""A press, of which each is one: unlike `sos`, which is a state that begins and ends. False: it calls nobody."""

_ORDER = {capability.name: number for number, capability in enumerate(TABLE)}
_ON = frozenset(
    {"on", "true", "1", "open", "opened", "detected", "active", "wet", "occupied", "present", "panic", "alarm"}
    | {"mild", "heavy", "fall", "yes", "triggered", "alert", "pressed", "sos", "emergency"}
)
_OFF = frozenset(
    {"off", "false", "0", "close", "closed", "clear", "inactive", "dry", "unoccupied", "not present", "none", "idle"}
    | {"no", "maybe_fall"}
)
_BUTTON_RESTS = frozenset({"", "none", "null", "unknown", "unavailable", "clear", "btn_up"})


class Found(NamedTuple):
    """A value of one capability. `part` tells several of a device apart: the sockets of a strip."""

    name: str
    value: State
    part: str = ""


def news(name: str, found: list[Found], last: States, at: datetime | None = None) -> Heard:
    """What `found` in a message of the device that people call `name` means, against what was last said.

    A switch's and an alarm's value is an event where it is another than the last, and the first that is ever heard only
    where it is not that of rest. A press is one each time, and an emergency that stands is one `again`. Measures of a
    room are one event. `at`: when, as the device says.
    """
    device, shown = device_of(name), tidy(name)
    room, thing = shown.partition("/")[0][:64], shown.replace("/", " ")[:64]
    told = _Told(device, last)
    wrong = [one for one in found if isinstance(one.value, float) and not possible(one.name, one.value)]
    found = [one for one in found if one not in wrong]
    values = {(one.name, one.part): one.value for one in found}
    percent = values.get(("battery", ""), last.get((device, "battery")))
    low = values.get(("battery_low", ""), last.get((device, "battery_low")))
    failing = low is True or (isinstance(percent, float) and percent <= EMPTY_PCT)
    sockets = {one.part for one in found if one.name == "power"}
    for one in sorted(found, key=lambda one: _ORDER.get(one.name, -1)):
        if one.name == PRESSED and not one.value:
            told.turned(PRESS, True)
        elif one.name == PRESSED:
            told.say("sos", SosPressed(LOW_BATTERY) if failing else SosPressed())
        elif one.name == "power":
            told.used(f"{thing} {one.part}".strip(), one, cycles(name))
        elif one.name == "battery":
            if told.turned("battery", one.value):
                told.say("battery", Battery(float(one.value)))
        elif one.name in ("temperature", "humidity", "co2"):
            told.turned(one.name, one.value)
        elif isinstance(one.value, bool) and not (one.name == "battery_low" and isinstance(percent, float)):
            told.turn(name, (room, thing), one, metered=one.part in sockets, failing=failing)
    told.air(room, values)
    measures = any(one.name in ("temperature", "humidity", "co2") for one in found)
    within_s = None
    if ("battery", "") in values or ("battery_low", "") in values:
        within_s = MEASURES_S if measures else BATTERY_S
    said = tuple(one._replace(at=at) for one in told.said)
    rejected = tuple(Rejected("implausible", f"{shown[:200]}: {one.name} {one.value}") for one in wrong)
    return Heard(said, told.states, device, within_s=within_s, whole=True, rejected=rejected)


class _Told:
    """What comes of one message."""

    def __init__(self, device: str, last: States) -> None:
        self._device, self._last = device, last
        self.said: list[Said] = []
        self.states: dict[tuple[str, str], State] = {}

    def say(self, kind: str, data: Payload, *, again: bool = False) -> None:
        self.said.append(Said(self._device, kind, data, again=again))

    def turned(self, what: str, value: State) -> bool:
        """Whether a value is another than the last; then it is remembered."""
        if self._last.get((self._device, what)) == value:
            return False
        self.states[self._device, what] = value
        return True

    def turn(self, name: str, where: tuple[str, str], one: Found, *, metered: bool, failing: bool) -> None:
        """A switch, a contact, an alarm; `where`: the room, and the thing itself."""
        capability, value = as_named(BY_NAME[one.name], bool(one.value), name)
        key = f"{capability.name} {one.part}".strip()
        known = (self._device, key) in self._last
        turned = self.turned(key, value)
        again = not turned and value and capability.kind in EMERGENCY_KINDS
        if not (turned or again) or (not known and value is capability.rest):
            return
        if capability.name == "state" and (metered or (self._device, f"use {one.part}".strip()) in self._last):
            return  # whether it is used is told by its power
        room, thing = where
        place = thing if capability.kind in ("contact", "appliance") else room
        data = capability.says(f"{place} {one.part}".strip(), value)
        if isinstance(data, SosPressed) and failing:
            data = SosPressed(LOW_BATTERY)
        if data is not None:
            self.say(capability.kind, data, again=again)

    def used(self, thing: str, one: Found, by_itself: bool) -> None:
        """A plug: in use or not, with a step between so that what hovers is not said again and again."""
        key, power_w = f"use {one.part}".strip(), float(one.value)
        was = self._last.get((self._device, key))
        on = power_w >= USE_W if not was else power_w > STANDBY_W
        if self.turned(key, on) and (on or was is not None):
            self.say("appliance", Appliance(thing, on, not by_itself, power_w))

    def air(self, room: str, values: Mapping[tuple[str, str], State]) -> None:
        """The measures of a room: what was not measured now is that of before, but for the temperature."""
        temp_c = float(values["temperature", ""]) if ("temperature", "") in values else None

        def of(what: str) -> float | None:
            value = values.get((what, ""), self._last.get((self._device, what)) if temp_c is not None else None)
            return float(value) if isinstance(value, int | float) else None

        air = Climate(room, temp_c, of("humidity"), of("co2"))
        if air != Climate(room):
            self.say("climate", air)


# --- values as dialects write them


def active(value: object) -> bool | None:
    """Whether a value says that something is on, open, wet or there; None: it says neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    text = value.strip().lower() if isinstance(value, str) else ""
    return True if text in _ON else False if text in _OFF else None


def number(value: object) -> float | None:
    """A number, or a text of one; some devices say their battery as a text."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and math.isfinite(found) else None


def value_of(capability: str, value: object, *, opposite: bool = False) -> State | None:
    """A value of a capability as `news` wants it; None: it is none."""
    if BY_NAME[capability].rest is None:
        return number(value)
    on = active(value)
    return on if on is None else on is not opposite


def press_of(name: str, action: object) -> list[Found]:
    """What a button says: a cry for help by its own word, or any press where the name says that it is one."""
    said = action.strip() if isinstance(action, str) else ""
    if said.lower() in _BUTTON_RESTS or said.lower().endswith(("release", "released")):
        return []
    return [Found(PRESSED, is_sos(name) or is_cry(said))]


def when(value: object) -> datetime | None:
    """A time as devices write it: ISO 8601, or seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
