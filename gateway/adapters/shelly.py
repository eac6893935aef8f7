"""Shelly: the first generation says each value on a topic of its own, the later ones whole components as JSON.

Topics: https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support and /gen2/ComponentsAndServices/Mqtt
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from core.events import Lost, Rejected
from gateway.adapters.capabilities import names_of
from gateway.adapters.news import Found, active, news, press_of, value_of, when
from gateway.adapters.said import MAX_BYTES, Heard, Said, States, device_of

FILTERS = ("+/events/rpc", "+/status/+", "+/online", "+/rpc")
"""Of the later generations, whose base topic is a name at the top."""
_NAMES = names_of("shelly")
_LATER = re.compile(r"[^/]+/(events/rpc|status/[^/]+|online|rpc)")
_CHANNEL = re.compile(r"(relay|light|input_event|longpush)/(\d+)(/.+)?")
# A relay says why it turned; a person's hand is on the device's own button or on the switch at its input.
_BY_HAND = frozenset({"button", "switch", "input"})
_any = msgspec.json.Decoder()
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def hear_first(name: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """`ID/sensor/state`, `ID/relay/0`, … below the base of the first generation; each topic is one value."""
    device, _, rest = name.partition("/")
    if retained or not payload or not rest:
        return Heard()
    text = payload[:MAX_BYTES].decode("utf-8", "replace")
    if rest == "online":
        return _online(device, text)
    if rest.endswith("/command"):
        return Heard(ordered=True)
    channel = _CHANNEL.fullmatch(rest)
    if channel is not None:
        return news(device, list(_channel(device, channel[1], channel[2], channel[3] or "", text)), last)
    if rest == "status" and text.startswith("{"):  # Shelly Motion says all at once
        return _motion(device, payload, last)
    capability, opposite = _NAMES.get(rest, (None, False))
    value = None if capability is None else value_of(capability.name, text, opposite=opposite)
    found = [] if capability is None or value is None else [Found(capability.name, value)]
    return news(device, found, last)


def below(topic: str) -> str | None:
    """Whether a topic is one of a later generation's."""
    return topic if _LATER.fullmatch(topic) is not None else None


def hear_later(name: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """`ID/events/rpc` tells what changed and what was pressed, `ID/status/switch:0` a component as it is."""
    device, _, rest = name.partition("/")
    if retained or not payload:
        return Heard()
    if rest == "online":
        return _online(device, payload[:16].decode("utf-8", "replace"))
    try:
        if len(payload) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {MAX_BYTES} at most")
        said = _any.decode(payload)
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{name[:200]}: {error}"[:300])
    if not isinstance(said, dict):
        return Heard()
    if rest == "rpc":
        return Heard(ordered=str(said.get("method", "")).endswith((".Set", ".Toggle")))
    if rest != "events/rpc":
        return _as_told(news(device, list(_component(device, rest.partition("/")[2], said)), last), [said])
    params = said.get("params")
    if not isinstance(params, dict):
        return Heard(device=device_of(device))
    at = when(params.get("ts"))
    if said.get("method") == "NotifyEvent":
        events = params.get("events")
        rows = [one for one in events if isinstance(one, dict)] if isinstance(events, list) else []
        pressed = [one for row in rows for one in _press(device, row)]
        return news(device, pressed, last, at)
    parts = {name: one for name, one in params.items() if isinstance(one, dict)}
    found = [one for name, part in parts.items() for one in _component(device, name, part)]
    return _as_told(news(device, found, last, at), list(parts.values()))


def _online(device: str, text: str) -> Heard:
    id_ = device_of(device)
    if active(text) is False:
        return Heard((Said(id_, "lost", Lost("unavailable")),), device=id_, gone=True)
    return Heard(device=id_)


def _channel(device: str, what: str, number: str, rest: str, text: str) -> Iterator[Found]:
    part = number if number != "0" else ""
    if what == "input_event":
        try:
            said = _any.decode(text.encode())
        except _UNREADABLE:
            return
        yield from press_of(device, said.get("event") if isinstance(said, dict) else None)
    elif rest == "/power" and (power_w := value_of("power", text)) is not None:
        yield Found("power", power_w, part)
    elif not rest and what != "longpush" and (on := value_of("state", text)) is not None:
        yield Found("state", on, part)


def _motion(device: str, payload: bytes, last: States) -> Heard | Rejected:
    try:
        said = _any.decode(payload)
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{device[:200]}/status: {error}"[:300])
    found = []
    for member, capability in (("motion", "occupancy"), ("vibration", "vibration"), ("bat", "battery")):
        value = value_of(capability, said.get(member)) if isinstance(said, dict) else None
        if value is not None:
            found.append(Found(capability, value))
    return news(device, found, last)


def _component(device: str, name: str, said: Mapping[str, Any]) -> Iterator[Found]:
    what, _, number = name.partition(":")
    part = number if number != "0" and what in ("switch", "light") else ""
    for member, value in said.items():
        if member == "battery" and isinstance(value, dict):
            value = value.get("percent")
        capability, opposite = _NAMES.get(f"{what}.{member}", (None, False))
        if capability is not None and (found := value_of(capability.name, value, opposite=opposite)) is not None:
            yield Found(capability.name, found, part)


def _press(device: str, event: Mapping[str, Any]) -> Iterator[Found]:
    """A button of a Shelly, or one over its Bluetooth; what a motor or an update says is none."""
    component = str(event.get("component", ""))
    if component.startswith(("input", "bthomedevice", "bthomesensor")) and "push" in str(event.get("event", "")):
        yield from press_of(device, event["event"])


def _as_told(heard: Heard, parts: list[Mapping[str, Any]]) -> Heard:
    """A switch of these tells by what it was turned: a timer and an order over the network are no hand. It repeats
    that with every watt, so it counts only where the switch has turned."""
    turned = any(what.startswith("state") for _, what in heard.states)
    sources = {part["source"].lower() for part in parts if isinstance(part.get("source"), str)}
    return heard._replace(ordered=True) if turned and sources and not sources & _BY_HAND else heard
