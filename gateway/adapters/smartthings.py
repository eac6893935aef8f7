"""SmartThings: the body of its webhook, in which a hub's devices say what has changed; who receives it is elsewhere.

Bodies: https://developer.smartthings.com/docs/connected-services/lifecycles
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from core.events import Lost, Rejected
from gateway.adapters.capabilities import names_of
from gateway.adapters.news import Found, news, press_of, value_of, when
from gateway.adapters.said import Heard, Said, States, device_of

MAX_BYTES = 256 * 1024
_NAMES = names_of("smartthings")


class _Event(msgspec.Struct, rename="camel"):
    device_id: str = ""
    component_id: str = "main"
    capability: str = ""
    attribute: str = ""
    value: Any = None
    status: str = ""


class _One(msgspec.Struct, rename="camel"):
    event_type: str = ""
    event_time: Any = None
    device_event: _Event | None = None
    device_health_event: _Event | None = None


class _Events(msgspec.Struct):
    events: list[_One] = []


class _Body(msgspec.Struct, rename="camel"):
    event_data: _Events = msgspec.field(default_factory=_Events)


_decoder = msgspec.json.Decoder(_Body)
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def hear(body: bytes, last: States, labels: Mapping[str, str]) -> tuple[Heard, ...] | Rejected:
    """What each event of a body means, in order. `labels`: what people call the devices, by their SmartThings id; one
    that has none is called by its id. Other phases than events mean nothing here.
    """
    try:
        if len(body) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(body)} bytes; {MAX_BYTES} at most")
        events = _decoder.decode(body).event_data.events
    except _UNREADABLE as error:
        return Rejected("unreadable", f"SmartThings: {error}"[:300])
    known, told = dict(last), []
    for one in events:
        heard = _hear(one, known, labels)
        known |= heard.states
        told.append(heard)
    return tuple(told)


def _hear(one: _One, last: States, labels: Mapping[str, str]) -> Heard:
    event = one.device_event or one.device_health_event
    if event is None or not event.device_id:
        return Heard()
    name, at = labels.get(event.device_id, event.device_id), when(one.event_time)
    if one.device_health_event is not None:
        lost = event.status.upper() == "OFFLINE"
        said = (Said(device_of(name), "lost", Lost("unavailable"), at),) if lost else ()
        return Heard(said, device=device_of(name), gone=lost)
    if (event.capability, event.attribute) == ("button", "button"):
        return news(name, press_of(name, event.value), last, at)
    capability, opposite = _NAMES.get(f"{event.capability}.{event.attribute}", (None, False))
    value = None if capability is None else value_of(capability.name, event.value, opposite=opposite)
    if capability is None or value is None:
        return Heard(device=device_of(name))
    part = event.component_id if event.component_id != "main" else ""
    return news(name, [Found(capability.name, value, part)], last, at)
