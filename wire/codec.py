"""Bytes to events and back: CloudEvents 1.0 JSON, single or batch. Bad input is a `Rejected`, never an exception."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.events import KINDS, Event, Payload, Rejected
from wire.topics import UpTopic

MAX_BYTES = 64 * 1024
TYPE_PREFIX = "care."

_SOURCE = re.compile(r"([a-z0-9][a-z0-9-]{2,63})/([a-z0-9][a-z0-9-]{2,63})")
_BOOT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_MAX_SEQ = 2**63 - 1
_MAX_AGE_S = 3652 * 86400.0


class _Envelope(msgspec.Struct, gc=False):
    specversion: str
    id: str
    source: str
    type: str
    time: datetime
    data: msgspec.Raw = msgspec.Raw(b"{}")
    boot: str | None = None
    seq: int | None = None
    age: float | None = None


class _Trace(msgspec.Struct):
    """What can still be told of an envelope that is wrong elsewhere, so that a receipt may pass it."""

    id: Any = None
    boot: Any = None
    seq: Any = None


_one = msgspec.json.Decoder(_Envelope)
_many = msgspec.json.Decoder(list[_Envelope])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_trace = msgspec.json.Decoder(_Trace)
_payloads = {f"{TYPE_PREFIX}{kind}": (kind, msgspec.json.Decoder(body)) for kind, body in KINDS.items()}
_encoder = msgspec.json.Encoder()
# Deep nesting in members that we skip exhausts the decoder's stack: bad input like any other.
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def decode(topic: UpTopic, payload: bytes) -> Sequence[Event | Rejected]:
    """Every event of one message, in order; one wrong element of a batch does not spoil the others.

    The source's gateway must be the topic's. Times come back in UTC. An empty batch is rejected: it says nothing.
    """
    if len(payload) > MAX_BYTES:
        return [Rejected("too_large", f"{len(payload)} bytes; {MAX_BYTES} at most", topic.gateway)]
    batch = payload.lstrip()[:1] == b"["
    try:
        envelopes = _many.decode(payload) if batch else [_one.decode(payload)]
    except _UNREADABLE as error:
        if not batch:
            return [_rejected("unreadable", error, topic, payload)]
        try:
            raws = _raws.decode(payload)
        except _UNREADABLE as broken:
            return [_rejected("unreadable", broken, topic, b"")]
        return [_decode_raw(topic, bytes(raw)) for raw in raws]
    if not envelopes:
        return [Rejected("empty", "a batch without an event", topic.gateway)]
    return [_event(topic, envelope) for envelope in envelopes]


def _decode_raw(topic: UpTopic, raw: bytes) -> Event | Rejected:
    try:
        return _event(topic, _one.decode(raw))
    except _UNREADABLE as error:
        return _rejected("unreadable", error, topic, raw)


def _event(topic: UpTopic, envelope: _Envelope) -> Event | Rejected:
    def no(reason: str, detail: str) -> Rejected:
        sane = _sane_trace(envelope.id, envelope.boot, envelope.seq)
        return Rejected(reason, detail[:300], topic.gateway, *sane)

    if envelope.specversion != "1.0":
        return no("specversion", f"specversion {envelope.specversion!r}; 1.0 is spoken here")
    if _ID.fullmatch(envelope.id) is None:
        return no("id", "an id is 1 to 128 visible ASCII characters")
    source = _SOURCE.fullmatch(envelope.source)
    if source is None:
        return no("source", f"source {envelope.source!r}; expected gateway/device")
    if source[1] != topic.gateway:
        return no("foreign_source", f"source {envelope.source!r} on the topic of {topic.gateway}")
    known = _payloads.get(envelope.type)
    if known is None:
        return no("type", f"type {envelope.type!r} is none of this contract's")
    if envelope.time.tzinfo is None:
        return no("time", "a time needs its offset")
    if (envelope.boot is None) != (envelope.seq is None):
        return no("counter", "boot and seq come together")
    if envelope.boot is not None and (
        _BOOT.fullmatch(envelope.boot) is None or not 0 <= (envelope.seq or 0) <= _MAX_SEQ
    ):
        return no("counter", "boot is 1 to 64 of A-Z a-z 0-9 . _ - and seq a whole number from 0")
    if envelope.age is not None and not 0 <= envelope.age <= _MAX_AGE_S:
        return no("age", "an age is 0 s to 10 years")
    kind, decoder = known
    try:
        data: Payload = decoder.decode(envelope.data)
        at = envelope.time.astimezone(UTC)
    except _UNREADABLE as error:
        return no("data", f"{envelope.type}: {error}")
    except OverflowError:
        return no("time", f"{envelope.time.isoformat()} is not a time on this calendar")
    return Event(envelope.id, source[1], source[2], kind, at, data, envelope.boot, envelope.seq, envelope.age)


def _rejected(reason: str, error: Exception, topic: UpTopic, raw: bytes) -> Rejected:
    try:
        trace = _trace.decode(raw) if raw else _Trace()
    except _UNREADABLE:
        trace = _Trace()
    return Rejected(reason, str(error)[:300], topic.gateway, *_sane_trace(trace.id, trace.boot, trace.seq))


def _sane_trace(id_: Any, boot: Any, seq: Any) -> tuple[str | None, int | None, str | None]:
    counted = (
        isinstance(boot, str)
        and _BOOT.fullmatch(boot) is not None
        and isinstance(seq, int)
        and not isinstance(seq, bool)
        and 0 <= seq <= _MAX_SEQ
    )
    named = isinstance(id_, str) and _ID.fullmatch(id_) is not None
    return (boot if counted else None, seq if counted else None, id_ if named else None)


def encode(event: Event) -> bytes:
    """One event as the contract writes it."""
    return _encoder.encode(_wire(event))


def encode_batch(events: Sequence[Event]) -> bytes:
    """A batch; the caller keeps it under `MAX_BYTES`."""
    return _encoder.encode([_wire(event) for event in events])


def encode_data(data: Payload) -> str:
    """A payload as the JSON text the event log keeps."""
    return _encoder.encode(data).decode()


def decode_data(kind: str, text: str) -> Payload:
    """The payload of a row of the event log; `encode_data` wrote it, so an error is a bug of ours."""
    body: Payload = _payloads[TYPE_PREFIX + kind][1].decode(text)
    return body


def _wire(event: Event) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": f"{event.gateway}/{event.device}",
        "type": TYPE_PREFIX + event.kind,
        "time": event.at.isoformat(),
        "data": event.data,
    }
    if event.boot is not None:
        wire |= {"boot": event.boot, "seq": event.seq}
    if event.age_s is not None:
        wire["age"] = event.age_s
    return wire
