"""docs/asyncapi.yaml says what is really on the wire: real messages validate, and what it refuses the codec refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ManualClock
from core.events import KINDS, Event, Lane, Payload, Rejected
from simulators.scenario import load, shipped
from tests.stories.town import Town
from wire.codec import TYPE_PREFIX, decode, encode, encode_batch
from wire.receipt import Receipt, encode_receipt, receipt_of
from wire.standing import Standing, encode_standing
from wire.topics import Down, UpTopic, down, up

CONTRACT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docs" / "asyncapi.yaml").read_text())
NEEDED = {
    "bed": {"in_bed": True}, "mains": {"on": True}, "battery": {"percent": 80}, "answer": {"ask": "a-1"},
    "vital": {"name": "pulse", "value": 61},
}  # fmt: skip


def schema(name: str) -> jsonschema.Draft202012Validator:
    document = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
    return jsonschema.Draft202012Validator(document, format_checker=jsonschema.FormatChecker())


EVENTS, RECEIPT, ASK, STATE = schema("Events"), schema("Receipt"), schema("Ask"), schema("State")


def test_every_reference_leads_somewhere() -> None:
    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref":
                    yield value
                else:
                    yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    for reference in walk(CONTRACT):
        found: Any = CONTRACT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_every_topic_is_documented() -> None:
    addresses = {channel["address"] for channel in CONTRACT["channels"].values()}
    spoken = {up("{gateway}", lane) for lane in Lane} | {down("{gateway}", name) for name in Down}
    assert spoken | {"anbu/identity"} == addresses


def test_every_kind_and_every_member_is_documented() -> None:
    event = CONTRACT["components"]["schemas"]["Event"]
    assert {TYPE_PREFIX + kind for kind in KINDS} == set(event["properties"]["type"]["enum"])
    for branch in event["allOf"]:
        kind = branch["if"]["properties"]["type"]["const"].removeprefix(TYPE_PREFIX)
        name = branch["then"]["properties"]["data"]["$ref"].rpartition("/")[2]
        documented = CONTRACT["components"]["schemas"][name]
        assert set(documented.get("properties", ())) == set(KINDS[kind].__struct_fields__), kind
        required = {f.name for f in msgspec.structs.fields(KINDS[kind]) if f.required}
        assert set(documented.get("required", ())) == required, kind


@given(
    st.sampled_from(sorted(KINDS)), st.integers(0, 2**63 - 1), st.booleans(), st.none() | st.floats(0, 3652 * 86400.0)
)
def test_what_we_write_is_of_the_contract(kind: str, seq: int, counted: bool, age_s: float | None) -> None:
    data: Payload = msgspec.convert(NEEDED.get(kind, {}), KINDS[kind])
    at = datetime(2026, 11, 21, tzinfo=UTC)
    event = Event("e-1", "gw-0001", "a-device", kind, at, data, *(("b1", seq) if counted else (None, None)), age_s)
    assert decode(UpTopic("gw-0001", Lane.EVENT), encode(event)) == [event]
    EVENTS.validate(json.loads(encode(event)))
    EVENTS.validate(json.loads(encode_batch([event, event])))


@pytest.mark.parametrize("name", shipped())
def test_what_simulated_homes_say_is_of_the_contract(name: str) -> None:
    scenario = load(name)
    clock = ManualClock(scenario.start)
    end = clock.now() + timedelta(minutes=30)
    for home in scenario.homes()[:5]:
        for stream in scenario.said(home.id):
            for number, said in enumerate(stream):
                if said.at > end or number > 300:
                    break
                event = Event(f"e-{number}", home.gateway, said.device, said.kind, said.at, said.data, "b1", number)
                EVENTS.validate(json.loads(encode(event)))


good = {
    "specversion": "1.0", "id": "e-1", "source": "gw-0001/a-device", "type": "care.motion",
    "time": "2026-11-21T07:30:00+09:00", "boot": "b1", "seq": 1, "age": 0.5,
    "data": {"room": "kitchen", "on": True},
}  # fmt: skip
values = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii"), max_size=6) | st.just({})


@given(st.sampled_from([*sorted(good), "data.room", "data.on"]), values | st.just(...))
def test_contract_and_codec_agree(member: str, value: object) -> None:
    message = json.loads(json.dumps(good))
    where = message["data"] if member.startswith("data.") else message
    if value is ...:
        where.pop(member.removeprefix("data."))
    else:
        where[member.removeprefix("data.")] = value
    (item,) = decode(UpTopic("gw-0001", Lane.EVENT), json.dumps(message).encode())
    valid = EVENTS.is_valid(message)
    if isinstance(item, Rejected):
        # A null counter reads as none at all, and a gateway's id is also held against its topic.
        assert not valid or item.reason == "foreign_source", (message, item)
    else:
        assert valid or (member in ("boot", "seq") and value is None), message


def test_real_receipts_and_questions_are_of_the_contract(village: Town) -> None:
    home = village.home(silence_ceiling_s=3600.0)
    heard: list[tuple[str, Any]] = []
    poll = home.session.poll

    def note(wait_s: float = 0.0, limit: int = 500) -> Any:
        deliveries = poll(wait_s, limit)
        heard.extend((d.topic, json.loads(d.payload)) for d in deliveries)
        return deliveries

    home.session.poll = note  # type: ignore[method-assign]
    home.say("motion", room="living")
    village.forward(65)
    home.say("sos", "button")
    for topic, message in heard:
        (ASK if topic.endswith("/ask") else RECEIPT).validate(message)
    assert {topic.rpartition("/")[2] for topic, _ in heard} == {"receipt", "ask"}


def test_every_form_of_a_receipt_is_of_the_contract() -> None:
    for receipt in (receipt_of("b1", [(3, 9)]), receipt_of("b1", [(1, 2), (5, 5)], "e1"), Receipt(ids=("e-1",))):
        RECEIPT.validate(json.loads(encode_receipt(receipt)))


@pytest.mark.parametrize("why", ["", "refused", "late", "unheard", "unproved"])
def test_how_a_home_stands_is_of_the_contract(why: str) -> None:
    STATE.validate(json.loads(encode_standing(Standing(bool(why), not why, 180.0, why))))
