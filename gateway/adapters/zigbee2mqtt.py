"""Zigbee2MQTT: a message is a device's whole state, said again whenever any of it moves; an event is what is new.

Payloads: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from core.events import Lost, Rejected
from gateway.adapters.capabilities import cries, kind_of, names_of
from gateway.adapters.news import Found, active, news, number, press_of, when
from gateway.adapters.said import CAN, MAX_BYTES, MEASURES_S, Heard, Said, State, States, device_of

KEPT = ("bridge/devices", "bridge/groups")
"""Retained topics below the base that are wanted although they are old: what devices can do, and who is a group."""
BRIDGE = "zigbee2mqtt-bridge"

_NAMES = names_of("zigbee2mqtt")
# They say how often a device speaks, if nothing of a person.
_MEASURES = frozenset({"temperature", "humidity", "pressure", "illuminance"})
# Commands to a device; the rest of a topic is a name that people chose, slashes and all.
_ORDERS = frozenset({"set", "get"})
_MOST_DEVICES_BYTES = 4 * 1024 * 1024
_CALLED, _GROUP = "called ", "group"
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class _Feature(msgspec.Struct):
    """One line of what a device can do: `name` says what, `property` under which member; or several such lines."""

    name: str = ""
    property: str = ""
    features: list[_Feature] = []
    values: list[Any] = []


class _Definition(msgspec.Struct):
    exposes: list[_Feature] = []


class _Device(msgspec.Struct):
    friendly_name: str
    definition: _Definition | None = None


class _Group(msgspec.Struct):
    friendly_name: str


_any = msgspec.json.Decoder()
_groups = msgspec.json.Decoder(list[_Group])
_devices = msgspec.json.Decoder(list[_Device])


def hear(name: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """The events of a message: a press, and every capability whose value is another than the last.

    The first value that is heard of a capability is an event only where it is not that of rest.
    """
    head, _, tail = name.rpartition("/")
    if name in KEPT:
        return _can_do(name, payload, last)
    if retained or not payload:
        return Heard()
    if name.startswith("bridge/"):
        return _bridge(tail, payload)
    if orders := _ORDERS & ({tail, head.rpartition("/")[2]} if head else set()):
        return Heard(ordered="set" in orders)
    if head and tail == "availability":
        return _availability(device_of(head), payload)
    try:
        if len(payload) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {MAX_BYTES} at most")
        state = _any.decode(payload)
    except _UNREADABLE as error:
        if not head or payload[:1] in (b"{", b"["):
            return Rejected("unreadable", f"{name[:200]}: {error}"[:300])
        state = payload.decode("utf-8", "replace")
    if not isinstance(state, dict):
        # `output: attribute`: each member has a topic of its own, and a text is bare.
        if not head:
            return Rejected("unreadable", f"{name[:200]}: a state is an object")
        name, state = head, {tail: state}
        if tail not in _NAMES and (device_of(name), _CALLED + tail) not in last:
            return Heard()
    if (device_of(name), _GROUP) in last:
        return Heard()  # each of its lamps says so, too
    heard = news(name, _found(name, state, last), last, when(state.get("last_seen")))
    measures = heard.within_s is not None and not _MEASURES.isdisjoint(state)
    return heard._replace(within_s=MEASURES_S) if measures else heard


def _found(name: str, state: Mapping[str, Any], last: States) -> list[Found]:
    found = press_of(name, state.get("action"))
    for member, value in state.items():
        known = last.get((device_of(name), _CALLED + member), member)
        if member == "action" or known not in _NAMES:
            continue
        capability, _ = _NAMES[str(known)]
        turned: State | None
        if capability.rest is None:
            turned = number(value)
        elif capability.name in ("state", "fall"):
            turned = active(value) if isinstance(value, str) else None
        else:
            turned = value if isinstance(value, bool) else None
        if turned is None or (capability.name == "battery" and not 0 <= float(turned) <= 100):
            continue
        part = "" if known == member or member.endswith(str(known)) else member.removeprefix(f"{known}_")
        if not any(one.name == capability.name and one.part == part for one in found):
            found.append(Found(capability.name, turned, part))
    return found


def _availability(device: str, payload: bytes) -> Heard:
    """Zigbee2MQTT asks who is silent for too long, and says who does not answer: JSON, or once a mere word."""
    if b"offline" in payload[:64]:
        return Heard((Said(device, "lost", Lost("unavailable")),), device=device, gone=True)
    return Heard(device=device) if b"online" in payload[:64] else Heard()


def _bridge(what: str, payload: bytes) -> Heard:
    """What Zigbee2MQTT says of itself: that it ends, and that a device joins. A mere announcement is no joining: a
    button that wakes up to be pressed announces itself too."""
    if what == "state":
        return _availability(BRIDGE, payload)
    if what in ("remove", "rename"):
        return _left(payload)
    if what != "event":
        return Heard()
    try:
        event = _any.decode(payload)
        data = event["data"]
        joining, status = event["type"], data.get("status")
        name = str(data.get("friendly_name") or data["ieee_address"])
    except (*_UNREADABLE, LookupError, TypeError, AttributeError):
        return Heard()
    if joining == "device_joined" or (joining == "device_interview" and status != "failed"):
        return Heard(pairing=device_of(name))
    return Heard(left=device_of(name)) if joining == "device_leave" else Heard()


def _left(payload: bytes) -> Heard:
    """That a device was taken out of the network, or is called otherwise, is the answer to an order."""
    try:
        answer = _any.decode(payload)
        name = answer["data"].get("from") or answer["data"]["id"]
        return Heard(left=device_of(str(name))) if answer["status"] == "ok" else Heard()
    except (*_UNREADABLE, LookupError, TypeError, AttributeError):
        return Heard()


def _can_do(name: str, payload: bytes, last: States) -> Heard | Rejected:
    """Remember which members are a capability's under another name (of a wall switch, `state_left`); or the groups."""
    try:
        if len(payload) > _MOST_DEVICES_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {_MOST_DEVICES_BYTES} at most")
        groups = _groups.decode(payload) if payload and name == "bridge/groups" else []
        devices = _devices.decode(payload) if payload and name == "bridge/devices" else []
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{name}: {error}"[:300])
    states: dict[tuple[str, str], State] = {(device_of(one.friendly_name), _GROUP): True for one in groups}
    for one in devices:
        device = device_of(one.friendly_name)
        states[device, CAN] = " ".join(sorted(_kinds(one)))
        for feature in _flat(one.definition.exposes if one.definition else []):
            if feature.name in _NAMES and feature.property not in ("", feature.name):
                states[device, _CALLED + feature.property] = feature.name
    return Heard(states={key: value for key, value in states.items() if last.get(key) != value})


def _kinds(device: _Device) -> set[str]:
    """The kinds of event that a device can make."""
    name, found = device.friendly_name, set[str]()
    for feature in _flat(device.definition.exposes if device.definition else []):
        if feature.name == "action":
            found |= {"sos"} if cries(name, feature.values) else set()
        elif feature.name in _NAMES:
            found.add(kind_of(_NAMES[feature.name][0].name, name))
    return found


def _flat(features: list[_Feature], deep: int = 3) -> list[_Feature]:
    return [inner for one in features for inner in (one, *(_flat(one.features, deep - 1) if deep else ()))]
