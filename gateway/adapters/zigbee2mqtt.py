"""Zigbee2MQTT: a message is a device's whole state, said again whenever any of it moves; an event is what is new.

Payloads: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from core.events import (
    Battery,
    CarbonMonoxide,
    Contact,
    Gas,
    Leak,
    Lost,
    Motion,
    Payload,
    Presence,
    Rejected,
    Smoke,
    SosPressed,
)
from gateway.adapters.said import BATTERY_S, MAX_BYTES, MEASURES_S, Heard, Said, State, States, device_of


class _Capability(NamedTuple):
    """A member of the state that a person's doing, or a danger, turns over. `rest`: its value while nothing is."""

    kind: str
    rest: bool
    says: Callable[[str, bool], Payload]


_CAPABILITIES = {
    "smoke": _Capability("smoke", False, lambda room, on: Smoke(room, on)),
    "gas": _Capability("gas", False, lambda room, on: Gas(room, on)),
    "carbon_monoxide": _Capability("co", False, lambda room, on: CarbonMonoxide(room, on)),
    "water_leak": _Capability("leak", False, lambda room, on: Leak(room, on)),
    "contact": _Capability("contact", True, lambda place, closed: Contact(place, not closed)),
    "occupancy": _Capability("motion", False, lambda room, on: Motion(room, on)),
    "presence": _Capability("presence", False, lambda room, on: Presence(room, on)),
}
_SOS = frozenset({"emergency", "sos", "panic"})
_MEASURES = frozenset({"temperature", "humidity", "pressure", "illuminance"})
# Commands to a device; the rest of a topic is a name that people chose, slashes and all.
_NO_STATE = frozenset({"set", "get"})

_decoder = msgspec.json.Decoder(dict[str, Any])
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def hear(name: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """The events of a message: a press, and every capability whose value is another than the last.

    The first value that is heard of a capability is an event only where it is not that of rest.
    """
    if retained or not payload or name.startswith("bridge/") or name.rpartition("/")[2] in _NO_STATE:
        return Heard()
    if name.endswith("/availability"):
        return _availability(device_of(name.removesuffix("/availability")), payload)
    try:
        if len(payload) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {MAX_BYTES} at most")
        state = _decoder.decode(payload)
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{name[:200]}: {error}"[:300])
    device, room, at = device_of(name), name.partition("/")[0][:64], _seen(state.get("last_seen"))
    said: list[Said] = []
    now: dict[tuple[str, str], State] = {}
    action = state.get("action")
    if isinstance(action, str) and action.lower() in _SOS:
        said.append(Said(device, "sos", SosPressed(), at))
    for member, capability in _CAPABILITIES.items():
        value = state.get(member)
        if isinstance(value, bool) and last.get((device, member)) is not value:
            now[device, member] = value
            if (device, member) in last or value is not capability.rest:
                said.append(Said(device, capability.kind, capability.says(room, value), at))
    percent = _percent(state.get("battery"))
    if percent is not None and last.get((device, "battery")) != percent:
        now[device, "battery"] = percent
        said.append(Said(device, "battery", Battery(percent), at))
    within_s = None if percent is None else BATTERY_S if _MEASURES.isdisjoint(state) else MEASURES_S
    return Heard(tuple(said), now, device, within_s=within_s)


def _availability(device: str, payload: bytes) -> Heard:
    """Zigbee2MQTT asks who is silent for too long, and says who does not answer: JSON, or once a mere word."""
    if b"offline" in payload[:64]:
        return Heard((Said(device, "lost", Lost("unavailable")),), device=device, gone=True)
    return Heard(device=device) if b"online" in payload[:64] else Heard()


def _percent(value: object) -> float | None:
    """Some devices say their battery as a text."""
    try:
        percent = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return percent if percent is not None and 0 <= percent <= 100 else None


def _seen(value: object) -> datetime | None:
    """`last_seen` as it may be set: a text of ISO 8601, or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
