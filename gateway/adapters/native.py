"""The native dialect, for devices that are made for us: `anbu/{device}/{kind}` with the JSON of the event's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from core.events import EMERGENCY_KINDS, KINDS, Appliance, Battery, Climate, Payload, Rejected
from gateway.adapters.capabilities import possible
from gateway.adapters.said import MAX_BYTES, MEASURES_S, SELF, Heard, Said, States, device_of, tidy

BASE = "anbu"
FILTER = "anbu/+/+"
REFLEX = "gateway/reflex"
ASK = "gateway/ask"
"""Below `BASE`: what the gateway says to the home's own speaker and siren, and what the city asks the resident."""
PAIR, PAIRED = "gateway/pair", "gateway/paired"
"""What a terminal says that commissions the home, and what it is answered."""
STANDING, HERE, CITY = "gateway/standing", "gateway/availability", "gateway/city"
"""What Home Assistant is shown of ourselves: how the home stands, whether the gateway runs, and the city answers."""

_MAINS = f"{SELF}/mains"
_OURS = frozenset({REFLEX, ASK, PAIR, PAIRED, STANDING, HERE, CITY})
# The gateway speaks and writes for itself, and the city's broker of its end.
_OWN = frozenset({"heartbeat", "note", "device"})
_MEASURES = frozenset({"climate", "vital"})


class _Beside(msgspec.Struct):
    """What may stand beside the data."""

    time: Any = None
    id: Any = None


class _Alive(msgspec.Struct):
    """How often a device says that it lives."""

    every_s: float


_data = {kind: msgspec.json.Decoder(body) for kind, body in KINDS.items() if kind not in _OWN}
_alive = msgspec.json.Decoder(_Alive)
_beside = msgspec.json.Decoder(_Beside)
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def hear(name: str, payload: bytes, retained: bool, _last: States) -> Heard | Rejected:
    """A device's own word is an event, whatever it said before. An unreadable emergency is one all the same."""
    device, _, kind = name.partition("/")
    if retained or name in _OURS:
        return Heard()
    if kind == "alive":
        return _lives(device_of(device), payload)
    decoder = _data.get(kind)
    if decoder is None or (device, kind) == ("gateway", "lost"):
        return Rejected("kind", f"{name[:200]!r}: no device says that")
    try:
        if len(payload) > MAX_BYTES:
            raise msgspec.DecodeError(f"{len(payload)} bytes; {MAX_BYTES} at most")
        data: Payload = decoder.decode(payload or b"{}")
        beside = _beside.decode(payload or b"{}")
    except _UNREADABLE as error:
        if kind not in EMERGENCY_KINDS:
            return Rejected("unreadable", f"{name[:200]}: {error}"[:300])
        data, beside = KINDS[kind](), _Beside()
    if (wrong := _impossible(data)) is not None:
        return Rejected("implausible", f"{name[:200]}: {wrong}")
    id_ = beside.id if isinstance(beside.id, str) and 0 < len(beside.id) <= 128 else None
    # A box that knows its own mains says so in our name; nothing else of a thing so named is ours.
    said = Said(SELF if name == _MAINS else device_of(device), kind, _tidied(data), _time(beside.time), id_)
    within_s = MEASURES_S if kind in _MEASURES else None
    return Heard((said,), device=said.device, gone=kind == "lost", within_s=within_s)


def _impossible(data: Payload) -> float | None:
    """What no home can measure."""
    match data:
        case Climate():
            measures = {"temperature": data.temp_c, "humidity": data.humidity_pct, "co2": data.co2_ppm}
        case Battery():
            measures = {"battery": data.percent}
        case Appliance():
            measures = {"power": data.power_w}
        case _:
            return None
    return next((value for what, value in measures.items() if value is not None and not possible(what, value)), None)


def _tidied(data: Payload) -> Payload:
    """With names that may stand on a page."""
    names = {what: getattr(data, what, "") for what in ("room", "place", "name")}
    changed = {what: tidy(name) for what, name in names.items() if tidy(name) != name}
    return msgspec.structs.replace(data, **changed) if changed else data


def _lives(device: str, payload: bytes) -> Heard | Rejected:
    try:
        every_s = _alive.decode(payload).every_s if payload else None
    except _UNREADABLE as error:
        return Rejected("unreadable", f"{device}/alive: {error}"[:300])
    return Heard(device=device, every_s=every_s if every_s is not None and every_s > 0 else None)


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
