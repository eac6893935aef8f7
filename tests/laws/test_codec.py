"""The codec never raises, loses nothing, and reads back what it wrote."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import KINDS, Event, Lane, Motion, Rejected
from wire.codec import MAX_BYTES, decode, encode, encode_batch
from wire.receipt import MAX_RANGES, decode_receipt, encode_receipt, merge, receipt_of
from wire.topics import UpTopic, parse_up, up

TOPIC = UpTopic("gw-0001", Lane.EVENT)
AT = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
GOOD = {
    "specversion": "1.0",
    "id": "b7-000123",
    "source": "gw-0001/kitchen-pir",
    "type": "care.motion",
    "time": "2026-11-21T07:30:00.120+09:00",
    "boot": "b7",
    "seq": 123,
    "data": {"room": "kitchen", "on": True},
}


def one(**changes: object) -> Event | Rejected:
    merged = {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}
    (result,) = decode(TOPIC, msgspec.json.encode(merged))
    return result


def test_the_example_of_the_contract() -> None:
    event = one()
    assert event == Event(
        "b7-000123",
        "gw-0001",
        "kitchen-pir",
        "motion",
        datetime(2026, 11, 20, 22, 30, 0, 120000, tzinfo=UTC),
        Motion("kitchen", True),
        "b7",
        123,
    )


def test_every_wrong_member_has_its_own_reason() -> None:
    cases = {
        "specversion": {"specversion": "0.3"},
        "id": {"id": "a b"},
        "source": {"source": "kitchen"},
        "foreign_source": {"source": "gw-0002/kitchen-pir"},
        "type": {"type": "care.checked"},
        "time": {"time": "2026-11-21T07:30:00"},
        "counter": {"seq": ...},
        "data": {"data": {"on": "perhaps"}},
        "unreadable": {"seq": "many"},
    }
    for reason, changes in cases.items():
        result = one(**changes)
        assert isinstance(result, Rejected), changes
        assert result.reason == reason
    assert one(time="0001-01-01T00:00:00+14:00") == Rejected(
        "time", "0001-01-01T00:00:00+14:00 is not a time on this calendar", "gw-0001", "b7", 123, "b7-000123"
    )


def test_a_wrong_element_does_not_spoil_its_batch() -> None:
    batch = [GOOD, {**GOOD, "seq": "x"}, 7, {**GOOD, "id": "b7-2", "seq": 124}]
    results = decode(TOPIC, msgspec.json.encode(batch))
    assert [type(r) for r in results] == [Event, Rejected, Rejected, Event]


def test_an_empty_batch_is_rejected() -> None:
    (result,) = decode(TOPIC, b"[]")
    assert isinstance(result, Rejected)
    assert result.reason == "empty"


def test_too_large_and_too_deep_are_values() -> None:
    (large,) = decode(TOPIC, b" " * (MAX_BYTES + 1))
    assert isinstance(large, Rejected)
    assert large.reason == "too_large"
    deep = b'{"data":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    (result,) = decode(TOPIC, deep)
    assert isinstance(result, Rejected)


@given(st.binary(max_size=400))
def test_no_bytes_raise(payload: bytes) -> None:
    for result in decode(TOPIC, payload):
        assert isinstance(result, Event | Rejected)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values), st.booleans())
def test_no_json_raises(changes: dict[str, object], batch: bool) -> None:
    message = {**GOOD, **changes}
    for result in decode(TOPIC, msgspec.json.encode([message] if batch else message)):
        assert isinstance(result, Event | Rejected)


@given(
    st.sampled_from(sorted(KINDS)),
    st.integers(0, 2**32).map(lambda s: datetime(1971, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.integers(0, 2**63 - 1),
)
def test_what_is_written_is_read(kind: str, at: datetime, seq: int) -> None:
    body = {"bed": {"in_bed": True}, "mains": {"on": False}, "battery": {"percent": 3.5}, "answer": {"ask": "a-1"}}
    data = msgspec.convert({"name": "pulse", "value": 61} if kind == "vital" else body.get(kind, {}), KINDS[kind])
    event = Event("e-1", "gw-0001", "some-device", kind, at, data, "b1", seq)
    assert list(decode(TOPIC, encode(event))) == [event]
    assert list(decode(TOPIC, encode_batch([event, event]))) == [event, event]


def test_topics() -> None:
    assert parse_up(up("gw-0001", Lane.SOS)) == UpTopic("gw-0001", Lane.SOS)
    for wrong in ("care/v1/gw/up/sos", "care/v1/gw-0001/up/sos/x", "care/v2/gw-0001/up/sos", "care/v1/GW-1/up/sos"):
        assert parse_up(wrong) is None


@given(st.lists(st.integers(0, 40), max_size=60))
def test_ranges_hold_exactly_what_was_put_in(seqs: list[int]) -> None:
    ranges = merge([], seqs)
    held = {n for low, high in ranges for n in range(low, high + 1)}
    assert held == set(seqs)
    assert all(a[1] + 1 < b[0] for a, b in pairwise(ranges))
    if ranges:
        receipt = receipt_of("b1", ranges)
        assert decode_receipt(encode_receipt(receipt)) == receipt
        assert all(receipt.covers("b1", n) == (n in held) for n in range(45))
        assert not receipt.covers("b2", ranges[0][0])


def test_ranges_are_bounded() -> None:
    ranges = merge([], range(0, 1000, 2))
    assert len(ranges) == MAX_RANGES
    assert ranges[0] == (0, 0)


@pytest.mark.parametrize("payload", [b'"\xf5"', b'{"boot":"\xff\xfe"}', b"[" * 100_000, b"", b"\x00"])
def test_bytes_that_are_no_receipt_are_none(payload: bytes) -> None:
    assert decode_receipt(payload) is None
