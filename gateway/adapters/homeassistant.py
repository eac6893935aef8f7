"""Home Assistant: what its statestream says of entities, and what devices announce of themselves for its discovery.

Statestream: https://www.home-assistant.io/integrations/mqtt_statestream/
Discovery: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from core.events import PRESS, Appliance, Lost, Rejected
from gateway.adapters.capabilities import BY_NAME, Capability, cries, kind_of, names_of
from gateway.adapters.news import Found, news, press_of, value_of
from gateway.adapters.said import Heard, Said, State, States, device_of

KEPT = ("+/+/config", "+/+/+/config", "+/+/device_class", "+/+/unit_of_measurement")
"""Retained topics below the base that are wanted although they are old: they say what the others mean."""
MAX_BYTES = 64 * 1024
"""A device that announces all it has in one message takes more than a sensor's word does."""
MOST_BOUND = 200
"""So many entities may speak on one topic, which each of them makes a little slower."""
ORIGIN = "Anbu gateway"
"""As whom we announce ourselves: what says so is no device of the home's, whichever of us has said it."""
OURS = ("case_open", "home_watched", "last_motion", "last_motion_age")
"""The entities that we announce; by these names its statestream says them back to us."""
_ECHO = re.compile(rf"anbu_({'|'.join(OURS)})(_\d+)?")
_CLASS, _UNIT, _BOUND, _ON = "class", "unit", "announced", "announced on"

_NAMES = names_of("homeassistant")
_MEMBERS = {member: capability for member, (capability, _) in names_of("zigbee2mqtt").items()}
_TEMPLATE = re.compile(r"\{\{\s*value_json((?:\.\w+|\[\s*['\"][^'\"]+['\"]\s*\])+)\s*\}\}")
_STEP = re.compile(r"\.(\w+)|\[\s*['\"]([^'\"]+)['\"]\s*\]")
_SHORT = {
    "device_class": "dev_cla", "state_topic": "stat_t", "payload_on": "pl_on", "payload_off": "pl_off",
    "value_template": "val_tpl", "unit_of_measurement": "unit_of_meas", "device": "dev", "components": "cmps",
    "platform": "p", "origin": "o", "event_types": "evt_typ", "state_on": "stat_on", "state_off": "stat_off",
}  # fmt: skip
_any = msgspec.json.Decoder()
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class _Bound(msgspec.Struct, omit_defaults=True):
    """How a topic is to be read for one entity: `path` leads to its value in the JSON; `press`: it is a button."""

    config: str
    device: str
    capability: str
    opposite: bool = False
    path: tuple[str, ...] = ()
    on: str | None = None
    off: str | None = None
    unit: str = ""
    press: bool = False


_bounds = msgspec.json.Decoder(list[_Bound])


def hear(name: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """A topic below the base: `DOMAIN/ENTITY/state`, one of its attributes, or `…/config`."""
    parts = name.split("/")
    if parts[-1] == "config" and 3 <= len(parts) <= 4:
        return _announce(name, parts, payload, last)
    if len(parts) != 3:
        return Heard()
    domain, object_id, what = parts
    if _ECHO.fullmatch(object_id):
        return Heard()
    entity, text = f"{domain}.{object_id}", payload[:1024].decode("utf-8", "replace").strip().strip('"')
    if what in ("device_class", "unit_of_measurement"):
        key = (entity, _CLASS if what == "device_class" else _UNIT)
        return Heard() if last.get(key) == text else Heard(states={key: text})
    if retained or not payload:
        return Heard()
    capability, opposite, called = _entity(domain, object_id, last)
    if what == "event_type" and domain == "event":
        return news(called, press_of(called, text), last)
    if what != "state" or capability is None or text == "unknown":
        return Heard()
    if text == "unavailable":
        return Heard((Said(device_of(called), "lost", Lost("unavailable")),), device=device_of(called), gone=True)
    if (domain, capability.name) == ("sensor", "sos"):  # Zigbee2MQTT's `action` as a sensor
        return news(called, press_of(called, text), last)
    value = _measured(capability, text, opposite, str(last.get((entity, _UNIT), "")))
    return _by_nobody(news(called, [] if value is None else [Found(capability.name, value)], last))


def announced(states: States) -> list[str]:
    """The topics on which devices have said that they will speak."""
    return [topic for topic, what in states if what == _BOUND]


def able(states: States, topics: Iterable[str]) -> dict[str, set[str]]:
    """Device -> the kinds of event that it can make, as was announced for these topics."""
    found: dict[str, set[str]] = {}
    for topic in topics:
        bound = states.get((topic, _BOUND))
        for one in _bounds.decode(bound) if isinstance(bound, str) else ():
            kind = kind_of(one.capability, one.device) if one.capability in BY_NAME else one.capability
            found.setdefault(device_of(one.device), set()).add(kind)
    return found


def announces(states: States) -> bool:
    """Whether these are of an announcement."""
    return any(what == _BOUND for _, what in states)


def hear_announced(topic: str, payload: bytes, retained: bool, last: States) -> Heard | Rejected:
    """A whole topic of which a device has said before what it means."""
    bound = last.get((topic, _BOUND))
    if not isinstance(bound, str):
        return Rejected("topic", f"{topic[:200]!r} is in no dialect")
    if retained or not payload:
        return Heard()
    found: dict[str, list[Found]] = {}
    for one in _bounds.decode(bound):
        found.setdefault(one.device, []).extend(_value(one, payload[:MAX_BYTES]))
    # One topic is one device's; where it is several's, the last one's life is what is told.
    heard = [news(device, some, last) for device, some in found.items()]
    said = tuple(said for one in heard for said in one.said)
    states = {key: value for one in heard for key, value in one.states.items()}
    rejected = tuple(wrong for one in heard for wrong in one.rejected)
    if not heard:
        return Heard()
    return _by_nobody(heard[-1]._replace(said=said, states=states, rejected=rejected))


# --- the statestream


def _entity(domain: str, object_id: str, last: States) -> tuple[Capability | None, bool, str]:
    """What an entity is, whether its value is the other way round, and whose it is: what is left of its name."""
    words = object_id.split("_")
    known = last.get((f"{domain}.{object_id}", _CLASS))
    endings = ["_".join(words[-n:]) for n in (3, 2, 1) if n <= len(words)]
    named = next((e for e in endings if f"{domain}.{e}" in _NAMES or e in _MEMBERS), "")
    bare = object_id.removesuffix(named).strip("_") if named else object_id
    called = (bare or object_id).replace("_", "-")
    if domain in _NAMES:
        return _NAMES[domain][0], False, called
    if known is None and named in _MEMBERS and f"{domain}.{named}" not in _NAMES:
        capability = _MEMBERS[named]
        # An entity's contact is on while it is open, as all binary sensors are on while something is.
        return capability, capability.name == "contact", called
    found = _NAMES.get(f"{domain}.{known or named}")
    return (*found, called) if found is not None else (None, False, called)


def _by_nobody(heard: Heard) -> Heard:
    """Automations turn switches and nobody says so: what turns here proves no life. What draws power is in use."""
    said = tuple(
        one._replace(data=msgspec.structs.replace(one.data, by_hand=False))
        if isinstance(one.data, Appliance) and one.data.power_w is None
        else one
        for one in heard.said
    )
    return heard._replace(said=said)


def _measured(capability: Capability, value: object, opposite: bool, unit: str) -> State | None:
    found = value_of(capability.name, value, opposite=opposite)
    if isinstance(found, bool) or not isinstance(found, float):
        return found
    if unit == "°F":
        return round((found - 32) / 1.8, 2)
    return found * 1000 if unit == "kW" else found


# --- discovery


def _announce(config: str, parts: list[str], payload: bytes, last: States) -> Heard | Rejected:
    """Remember how a topic is to be read; an empty announcement takes it back."""
    try:
        if len(payload) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {MAX_BYTES} at most")
        said = _any.decode(payload) if payload else {}
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{config[:200]}: {error}"[:300])
    said = said if isinstance(said, dict) else {}
    origin = _of(said, "origin")
    ours = isinstance(origin, dict) and origin.get("name") == ORIGIN
    topics = {} if ours else dict(_read(config, parts, said))
    before = str(last.get((config, _ON), "")).split("\n")
    states: dict[tuple[str, str], State] = {}
    rejected: list[Rejected] = []
    for topic in {*before, *topics} - {""}:
        known = last.get((topic, _BOUND))
        others = [one for one in _bounds.decode(known) if one.config != config] if isinstance(known, str) else []
        if len(others) + len(topics.get(topic, [])) > MOST_BOUND:
            rejected.append(Rejected("too_many", f"{config[:200]}: over {MOST_BOUND} entities on {topic!r}"))
            topics.pop(topic, None)
        states[topic, _BOUND] = msgspec.json.encode([*others, *topics.get(topic, [])]).decode()
    if topics or before != [""]:
        states[config, _ON] = "\n".join(topics)
    changed = {key: value for key, value in states.items() if last.get(key) != value}
    return Heard(states=changed, follow=tuple(topics), rejected=tuple(rejected))


def _read(config: str, parts: list[str], said: Mapping[str, Any]) -> Iterator[tuple[str, list[_Bound]]]:
    """The topics of an announcement, each with what is bound to it."""
    device = _of(said, "device")
    name = device.get("name") if isinstance(device, dict) else None
    called = re.sub(r"[\s_]+", "-", str(name or _of(said, "name") or parts[-2]).strip().lower())[:128]
    components = _of(said, "components")
    entities = list(components.values()) if isinstance(components, dict) else [said]
    found: dict[str, list[_Bound]] = {}
    for entity in entities:
        if not isinstance(entity, dict):
            continue
        whole = {**said, **entity}
        topic = str(_of(whole, "state_topic") or "").replace("~", str(said.get("~", "")))
        bound = _bind(config, called, str(_of(entity, "platform") or parts[0]), whole)
        if topic and len(topic) <= 256 and not set(topic) & set("+#\n\0") and bound is not None:
            found.setdefault(topic, []).append(bound)
    yield from found.items()


def _bind(config: str, device: str, domain: str, entity: Mapping[str, Any]) -> _Bound | None:
    template = _of(entity, "value_template")
    fits = _TEMPLATE.fullmatch(template.strip()) if isinstance(template, str) else None
    if template and fits is None:
        return None  # more than a plain member: a language of its own
    path = tuple(a or b for a, b in _STEP.findall(fits[1])) if fits is not None else ()
    if domain == "event":
        types = _of(entity, "event_types")
        cry = cries(device, types if isinstance(types, list) else ())
        return _Bound(config, device, "sos" if cry else PRESS, path=path or ("event_type",), press=True)
    known = _NAMES.get(domain) or _NAMES.get(f"{domain}.{_of(entity, 'device_class')}")
    if known is None:
        return None
    on, off = _of(entity, "payload_on"), _of(entity, "payload_off")
    if domain == "switch":
        on, off = _of(entity, "state_on") or on, _of(entity, "state_off") or off
    unit = _of(entity, "unit_of_measurement")
    return _Bound(
        config, device, known[0].name, known[1], path, _text(on), _text(off), unit if isinstance(unit, str) else ""
    )


def _value(bound: _Bound, payload: bytes) -> list[Found]:
    """What a message says of one entity."""
    value: Any = payload.decode("utf-8", "replace")
    try:
        if bound.path:
            value = _any.decode(payload)
        for step in bound.path:
            value = value[step]
    except (*_UNREADABLE, LookupError, TypeError):
        return []
    if bound.press:
        return press_of(bound.device, value)
    capability = BY_NAME[bound.capability]
    if capability.rest is not None and (bound.on is not None or bound.off is not None):
        text = _text(value)
        if text not in (bound.on, bound.off):
            return []
        return [Found(capability.name, (text == bound.on) is not bound.opposite)]
    read = _measured(capability, value, bound.opposite, bound.unit)
    return [] if read is None else [Found(capability.name, read)]


def _of(said: Mapping[str, Any], what: str) -> Any:
    """A member by its long name or its short one."""
    return said.get(what, said.get(_SHORT.get(what, what)))


def _text(value: object) -> str | None:
    """A payload as it would be written on the wire, by whichever of the two sides."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, bool | int | float) else None
