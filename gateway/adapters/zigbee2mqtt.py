"""Zigbee2MQTT: a message is a device's whole state, said again whenever any of it moves; an event is what is new.

Payloads: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from core.events import PRESS, URGENT_KINDS, Lost, Rejected
from gateway.adapters.capabilities import BY_NAME, cries, kind_of, names_of
from gateway.adapters.news import PRESSED, Found, active, news, number, press_of, when
from gateway.adapters.said import BRIDGE, CAN, MAX_BYTES, MEASURES_S, Heard, Said, State, States, device_of

KEPT = ("bridge/devices", "bridge/groups")
"""Retained topics below the base that are wanted although they are old: what devices can do, and who is a group."""

_NAMES = names_of("zigbee2mqtt")
# They say how often a device speaks, if nothing of a person.
_MEASURES = frozenset({"temperature", "humidity", "pressure", "illuminance"})
# Commands to a device; the rest of a topic is a name that people chose, slashes and all.
_ORDERS = frozenset({"set", "get"})
_MOST_DEVICES_BYTES = 4 * 1024 * 1024
_CALLED, _GROUP = "called ", "group "
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


# A member with its value, in a message that is too long or breaks off.
_MEMBER = re.compile(r'"(\w{1,64})"\s*:\s*("[^"\\\x00-\x1f]{0,64}"|true|-?\d{1,9})(?=\s*[,}\]]|\s*$)')
_SALVAGED_BYTES = 1024 * 1024


class _Feature(NamedTuple):
    """One line of what a device can do: `name` says what, `property` under which member."""

    name: str
    property: str
    values: list[Any]


_any = msgspec.json.Decoder()


def hear(name: str, payload: bytes, retained: bool, last: States, *, base: str = "") -> Heard | Rejected:
    """The events of a message: a press, and every capability whose value is another than the last. `base`: the topic
    below which all this is said; each has its own groups.

    The first value that is heard of a capability is an event only where it is not that of rest.
    """
    head, _, tail = name.rpartition("/")
    if name in KEPT:
        return _can_do(name, payload, last, _GROUP + base)
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
            return _salvaged(name, payload, error, last)
        state = payload.decode("utf-8", "replace")
    if not isinstance(state, dict):
        # `output: attribute`: each member has a topic of its own, and a text is bare.
        if not head:
            return _salvaged(name, payload, "a state is an object", last)
        name, state = head, {tail: state}
        if tail not in _NAMES and (device_of(name), _CALLED + tail) not in last:
            return Heard()
    found = _found(name, state, last)
    if last.get((device_of(name), _GROUP + base)) is True:
        # Each of its lamps says so, too; but no name takes the word from whoever cries for help.
        found = [one for one in found if _is_urgent(one)]
        if not found:
            return Heard()
    heard = news(name, found, last, when(state.get("last_seen")))
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
        elif capability.kind in URGENT_KINDS:
            turned = active(value)
        elif capability.name == "state":
            turned = active(value) if isinstance(value, str) else None
        else:
            turned = value if isinstance(value, bool) else None
        if turned is None:
            continue
        part = "" if known == member or member.endswith(str(known)) else member.removeprefix(f"{known}_")
        if not any(one.name == capability.name and one.part == part for one in found):
            found.append(Found(capability.name, turned, part))
    return found


def _is_urgent(found: Found) -> bool:
    return found.value is True if found.name == PRESSED else BY_NAME[found.name].kind in URGENT_KINDS


def _salvaged(name: str, payload: bytes, error: object, last: States) -> Heard | Rejected:
    """The alarms and presses of a message that cannot be read otherwise."""
    rejected = Rejected("unreadable", f"{name[:200]}: {error}"[:300])
    found: dict[tuple[str, str], Found] = {}
    device = device_of(name)
    for member, value in _MEMBER.findall(payload[:_SALVAGED_BYTES].decode("utf-8", "replace")):
        if member in _NAMES or (device, _CALLED + member) in last:
            some = _found(name, {member: _any.decode(value)}, last)
            found |= {(one.name, one.part): one for one in some if one.value is True and _is_urgent(one)}
    return news(name, list(found.values()), last)._replace(rejected=(rejected,)) if found else rejected


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


def _can_do(name: str, payload: bytes, last: States, group: str) -> Heard | Rejected:
    """Remember which members are a capability's under another name (of a wall switch, `state_left`); or the groups.
    An entry that cannot be read takes none of the others with it.
    """
    try:
        if len(payload) > _MOST_DEVICES_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {_MOST_DEVICES_BYTES} at most")
        entries = _any.decode(payload) if payload else []
        if not isinstance(entries, list):
            raise msgspec.DecodeError("a list is expected")
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{name}: {error}"[:300])
    named: dict[str, Mapping[str, Any]] = {}
    odd = 0
    for one in entries:
        called = one.get("friendly_name") if isinstance(one, dict) else None
        if isinstance(called, str):
            named[called] = one
        else:
            odd += 1
    states = _grouped(named, last, group) if name == "bridge/groups" else _able(named)
    rejected = (Rejected("unreadable", f"{name}: {odd} of {len(entries)} have no name"),) if odd else ()
    return Heard(states={key: value for key, value in states.items() if last.get(key) != value}, rejected=rejected)


def _grouped(names: Iterable[str], last: States, group: str) -> dict[tuple[str, str], State]:
    """Who is a group, and who is none any more: a device may have its name now."""
    gone: dict[tuple[str, str], State] = {key: False for key, value in last.items() if key[1] == group and value}
    return gone | {(device_of(name), group): True for name in names}


def _able(named: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], State]:
    """What devices can do, and under which name they say it."""
    states: dict[tuple[str, str], State] = {}
    for name, one in named.items():
        device, definition = device_of(name), one.get("definition")
        features = [*_features(definition.get("exposes"))] if isinstance(definition, dict) else []
        states[device, CAN] = " ".join(sorted(_kinds(name, features)))
        for feature in features:
            if feature.name in _NAMES and feature.property not in ("", feature.name):
                states[device, _CALLED + feature.property] = feature.name
    return states


def _kinds(name: str, features: Iterable[_Feature]) -> set[str]:
    """The kinds of event that a device can make."""
    found = set[str]()
    for feature in features:
        if feature.name == "action":
            found.add("sos" if cries(name, feature.values) else PRESS)
        elif feature.name in _NAMES:
            found.add(kind_of(_NAMES[feature.name][0].name, name))
    return found


def _features(said: object, deep: int = 3) -> Iterator[_Feature]:
    """Each line of what a device can do, and those within it."""
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict):
            name, member, values = one.get("name"), one.get("property"), one.get("values")
            yield _Feature(
                name if isinstance(name, str) else "",
                member if isinstance(member, str) else "",
                values if isinstance(values, list) else [],
            )
            yield from _features(one.get("features"), deep - 1) if deep else ()
