"""Tasmota: plugs, switches and sensors, and whatever its Zigbee bridge hears.

Topics: https://tasmota.github.io/docs/MQTT/ Zigbee: https://tasmota.github.io/docs/Zigbee/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from core.events import Lost, Rejected
from gateway.adapters.capabilities import names_of
from gateway.adapters.news import Found, news, press_of, value_of
from gateway.adapters.said import MAX_BYTES, Heard, Said, States, device_of

_PREFIXES = ("tele", "stat", "cmnd")
_NAMES = {name: found for name, found in names_of("tasmota").items() if name not in ("Button", "ENERGY.Power")}
_POWER = re.compile(r"POWER(\d*)")
_INPUT = re.compile(r"(Switch|Button)(\d*)")
# The chip's own temperature; and what bridges of before 2020 heard, which say 0 °C of sensors that measure none.
_NO_ROOM = ("ESP32", "0x")
_decoder = msgspec.json.Decoder(dict[str, Any])
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def filters(full_topic: str) -> tuple[str, ...]:
    """What is subscribed to; `full_topic` as Tasmota's own setting has it."""
    topics = full_topic.rstrip("/").replace("%topic%", "+")
    return tuple(f"{topics.replace('%prefix%', one)}/#" for one in _PREFIXES)


def below(full_topic: str) -> Callable[[str], str | None]:
    """What `hear` is told of a topic: prefix, the device's own topic, and the rest."""
    pattern = re.escape(full_topic.rstrip("/")).replace("%prefix%", "(?P<prefix>tele|stat|cmnd)")
    expected = re.compile(f"{pattern.replace('%topic%', '(?P<topic>[^/]+)')}/(?P<rest>.+)")

    def name(topic: str) -> str | None:
        found = expected.fullmatch(topic)
        return None if found is None else "/".join((found["prefix"], found["topic"], found["rest"]))

    return name


def hear(name: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """`tele/x/SENSOR` and `STATE` are said every few minutes; `stat/x/RESULT` and `POWER` when something turns."""
    prefix, topic, rest = name.split("/", 2)
    if retained or not payload:
        return Heard()
    if prefix == "cmnd":
        return Heard(ordered=_POWER.fullmatch(rest.upper()) is not None)
    if rest == "LWT":
        if payload[:8].lower() == b"offline":
            return Heard((Said(device_of(topic), "lost", Lost("unavailable")),), device=device_of(topic), gone=True)
        return Heard(device=device_of(topic))
    said = rest.rpartition("/")[2]
    if _POWER.fullmatch(said):
        return news(topic, list(_turned({said: payload.decode("utf-8", "replace")})), last)
    if said not in ("SENSOR", "STATE", "RESULT") and not said.startswith("STATUS"):
        return Heard()
    try:
        if len(payload) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {MAX_BYTES} at most")
        state = _decoder.decode(payload)
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{name[:200]}: {error}"[:300])
    radio = state.get("ZbReceived")
    if isinstance(radio, dict):
        return _radio(topic, radio, last)
    status = state.get("StatusSNS", state.get("StatusSTS", state))
    return news(topic, list(_found(topic, status, sensors=said != "RESULT")) if isinstance(status, dict) else [], last)


def _radio(bridge: str, radio: Mapping[str, Any], last: States) -> Heard:
    """What the Zigbee bridge heard: one device a message, by its name if it was given one."""
    for address, said in radio.items():
        if isinstance(said, dict):
            name = said.get("Name")
            return news(name.strip() if isinstance(name, str) and name.strip() else address, [*_members(said)], last)
    return Heard(device=device_of(bridge))


def _found(name: str, state: Mapping[str, Any], *, sensors: bool) -> Iterator[Found]:
    """Relays, inputs, the meter, and sensors, each sensor an object of its own."""
    yield from _turned(state)
    for key, value in state.items():
        if (which := _INPUT.fullmatch(key)) is not None:
            said = value.get("Action") if isinstance(value, dict) else value
            if which[1] == "Button":
                yield from press_of(name, said)
        elif key == "ENERGY" and isinstance(value, dict):
            powers = value.get("Power")
            for number, power in enumerate(powers if isinstance(powers, list) else [powers], 1):
                if (power_w := value_of("power", power)) is not None:
                    yield Found("power", power_w, str(number) if isinstance(powers, list) else "")
        elif isinstance(value, dict) and sensors and not key.startswith(_NO_ROOM):
            yield from _members(value)


def _turned(state: Mapping[str, Any]) -> Iterator[Found]:
    for key, value in state.items():
        if (which := _POWER.fullmatch(key)) is not None and (on := value_of("state", value)) is not None:
            yield Found("state", on, which[1] if which[1] != "1" else "")


def _members(said: Mapping[str, Any]) -> Iterator[Found]:
    for member, (capability, opposite) in _NAMES.items():
        if (value := value_of(capability.name, said.get(member), opposite=opposite)) is not None:
            yield Found(capability.name, value)
