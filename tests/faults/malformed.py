"""Payloads that nobody should send, by the million: made by damaging real ones, and by two fuzzers.

`python -m tests.faults.malformed RUNS` lets atheris (libFuzzer) look for bytes that make a decoder raise or hang.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from core.events import KINDS, Event, Lane, Rejected
from gateway.adapters import homeassistant, native, shelly, smartthings, tasmota, zigbee2mqtt
from gateway.adapters.said import Adapter, Heard, State
from wire.codec import MAX_BYTES, decode, encode, encode_batch
from wire.receipt import decode_receipt
from wire.topics import UpTopic, parse_up

HANG_S = 0.05
_BOUND = json.dumps([{"config": "c", "device": "hall", "capability": "occupancy", "path": ["a", "b"], "on": "ON"}])
_EARS: tuple[tuple[Adapter, str, dict[tuple[str, str], State]], ...] = (
    (native.hear, "pendant/sos", {}),
    (native.hear, "pir/motion", {}),
    (zigbee2mqtt.hear, "kitchen/pir", {}),
    (zigbee2mqtt.hear, "kitchen/pir/action", {}),
    (zigbee2mqtt.hear, "bridge/event", {}),
    (zigbee2mqtt.hear, "bridge/devices", {}),
    (zigbee2mqtt.hear, "bridge/groups", {}),
    (homeassistant.hear, "sensor/hall_temperature/state", {}),
    (homeassistant.hear, "binary_sensor/hall/motion/config", {}),
    (homeassistant.hear_announced, "esp/hall", {("esp/hall", "announced"): _BOUND}),
    (tasmota.hear, "tele/bridge/SENSOR", {}),
    (tasmota.hear, "stat/lamp/RESULT", {}),
    (shelly.hear_first, "hall/status", {}),
    (shelly.hear_first, "sos/input_event/0", {}),
    (shelly.hear_later, "hall/events/rpc", {}),
    (shelly.hear_later, "hall/status/switch:0", {}),
)
"""Who hears the home's bytes, on which topic, and what it knows."""
_SAID: tuple[dict[str, Any] | list[Any], ...] = (
    {"occupancy": True, "battery": "87", "last_seen": "2026-11-21T05:00:00+09:00", "action": "emergency"},
    {"type": "device_interview", "data": {"friendly_name": "hall/pir", "status": "started"}},
    [{"friendly_name": "hall", "definition": {"exposes": [{"features": [{"name": "state", "property": "state_l1"}]}]}}],
    {"~": "esp", "stat_t": "~/hall", "dev_cla": "motion", "val_tpl": "{{ value_json.a['b'] }}", "dev": {"name": "H"}},
    {"cmps": {"a": {"p": "switch", "stat_t": "x/y"}}, "device": {"name": "Hall"}},
    {"ZbReceived": {"0x5E8D": {"Name": "hall", "Occupancy": 1, "Temperature": 21.5}}},
    {"ENERGY": {"Power": [1, 2.5]}, "AM2301": {"Temperature": 20.1}, "POWER1": "ON", "Button1": {"Action": "SINGLE"}},
    {"method": "NotifyStatus", "params": {"ts": 1795316400.5, "switch:0": {"source": "timer", "apower": 4.5}}},
    {"method": "NotifyEvent", "params": {"events": [{"component": "input:0", "event": "single_push"}]}},
    {"eventData": {"events": [{"eventTime": "2026-11-21T05:00:00Z", "deviceEvent": {
        "deviceId": "d-1", "capability": "battery", "attribute": "battery", "value": 7}}]}},
)  # fmt: skip
_AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
_TOPIC = UpTopic("gw-0001", Lane.EVENT)
_NASTY = (
    *(b"NaN", b"Infinity", b"-1e999", b"1e999999999", b"-0", b"0" * 400, b"9" * 4000, b"true", b"null", b"[]", b"{}"),
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b'""', b'"\\u0000"', "김순자 🆘".encode(), b"\n" * 3000),
    *(b'{"data":', b"[" * 2000, b"]" * 2000, b'{"a":' * 2000, b'"' + b"a" * 5000),
    *(b"2026-13-45T99:99:99Z", b"0001-01-01T00:00:00+23:59"),
)
_NEEDED: dict[str, dict[str, Any]] = {
    "bed": {"in_bed": True},
    "vital": {"name": "pulse", "value": 70.0},
    "answer": {"ask": "a1"},
    "mains": {"on": False},
    "battery": {"percent": 50.0},
}


def whole() -> list[bytes]:
    """A good message of every kind, single and in a batch, and what vendors' devices say."""
    events = [
        Event(f"b7-{n}", "gw-0001", f"a-{kind}", kind, _AT, body(**_NEEDED.get(kind, {})), "b7", n)
        for n, (kind, body) in enumerate(sorted(KINDS.items()), 1)
    ]
    return [*map(encode, events), encode_batch(events), *(json.dumps(one).encode() for one in _SAID), b"{}"]


def damaged(seed: int, many: int) -> Iterator[bytes]:
    """Good messages with bytes flipped, cut, doubled, nested, and nasty words put in."""
    random, good = Random(seed), whole()
    for _ in range(many):
        text = bytearray(random.choice(good))
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(text) + 1)
            match random.randrange(7):
                case 0 if text:
                    text[at % len(text)] ^= 1 << random.randrange(8)
                case 1:
                    del text[at : at + random.randrange(1, 40)]
                case 2:
                    text[at:at] = random.choice(_NASTY)
                case 3:
                    text[at:at] = text[random.randrange(len(text) + 1) :][:200]
                case 4:
                    text = bytearray(b"[" * random.randrange(1, 300)) + text
                case 5:
                    text[at:at] = random.randbytes(random.randrange(1, 30))
                case _:
                    text = text[:at]
        if random.random() < 0.002:
            text *= MAX_BYTES // max(len(text), 1) + 1
        yield bytes(text)


def hear(payload: bytes) -> float:
    """Give it to everything that reads bytes from outside; the seconds of processor time it took.

    Raises what a decoder raises: none may raise anything. What seems to hang is heard again: a virtual machine takes
    its pauses for work.
    """
    took_s = _heard_once(payload)
    return took_s if took_s <= HANG_S else min(_heard_once(payload) for _ in range(3))


def _heard_once(payload: bytes) -> float:
    began_s = time.thread_time()
    for item in decode(_TOPIC, payload):
        assert isinstance(item, Event | Rejected)
    for adapter, name, last in _EARS:
        assert isinstance(adapter(name, payload, False, last), Heard | Rejected)
    assert isinstance(smartthings.hear(payload, {}, {}), tuple | Rejected)
    decode_receipt(payload)
    parse_up(payload[:200].decode("utf-8", "replace"))
    return time.thread_time() - began_s


def _fuzz(runs: int) -> None:
    import atheris

    def one(payload: bytes) -> None:
        took_s = hear(payload)
        if took_s > HANG_S:
            raise RuntimeError(f"{took_s:.3f} s for {payload[:200]!r}")

    with tempfile.TemporaryDirectory() as corpus:
        for n, text in enumerate(whole()):
            (Path(corpus) / str(n)).write_bytes(text)
        atheris.instrument_all()
        options = [f"-runs={runs}", "-max_len=8192", "-seed=1", "-verbosity=0", corpus]
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    _fuzz(int(sys.argv[1]))
