"""Messages as Zigbee2MQTT sends them for real devices, and what the home makes of each, one after the other.

The shapes are those of logs in Zigbee2MQTT's public issues; the number beside a test names the issue.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.events import (
    Battery,
    Climate,
    Contact,
    Fall,
    Gas,
    Leak,
    Lost,
    Motion,
    Payload,
    Presence,
    Rejected,
    Smoke,
    SosPressed,
)
from gateway.adapters.said import Heard, State, device_of
from gateway.adapters.zigbee2mqtt import hear


def told(name: str, *payloads: str) -> list[list[Payload]]:
    """The data of the events of each message, battery and air aside."""
    last: dict[tuple[str, str], State] = {}
    story: list[list[Payload]] = []
    for payload in payloads:
        heard = hear(name, payload.encode(), False, last)
        assert not isinstance(heard, Rejected)
        last |= heard.states
        story.append([said.data for said in heard.said if said.kind not in ("battery", "climate")])
    return story


def test_an_emergency_button_is_pressed_once() -> None:  # 31727
    assert told(
        "0x00158d0000000001",
        '{"action":null,"battery":100,"last_seen":"2026-04-17T23:33:17+08:00","linkquality":14}',
        '{"action":"emergency","battery":100,"last_seen":"2026-04-17T23:33:22+08:00","linkquality":18}',
        '{"action":"","battery":100,"last_seen":"2026-04-17T23:33:22+08:00","linkquality":18}',
        '{"action":null,"battery":100,"last_seen":"2026-04-17T23:40:00+08:00","linkquality":0}',
    ) == [[], [SosPressed()], [], []]


def test_every_press_is_a_press() -> None:
    assert told("pendant", '{"action":"sos"}', '{"action":"sos"}', '{"action":"PANIC"}', '{"action":"single"}') == [
        [SosPressed()], [SosPressed()], [SosPressed()], [],
    ]  # fmt: skip


def test_motion_after_the_old_state_of_the_same_second() -> None:  # 2830
    rest = '{"battery":97,"voltage":2995,"illuminance":0,"linkquality":86,"occupancy":false}'
    seen = '{"battery":97,"voltage":2995,"illuminance":0,"linkquality":86,"occupancy":true}'
    name = "kitchen/pir"
    assert told(name, rest, seen, seen, rest, rest, rest, seen) == [
        [], [Motion("kitchen")], [], [Motion("kitchen", False)], [], [], [Motion("kitchen")],
    ]  # fmt: skip


def test_the_first_word_of_a_sensor_that_sees_somebody() -> None:  # 10386
    payload = '{"battery":100,"illuminance":9116,"occupancy":true,"occupancy_timeout":25,"temperature":20.81}'
    assert told("Office", payload) == [[Motion("Office")]]


def test_a_door_whose_old_state_comes_right_before_the_new_one() -> None:  # 9846
    closed = '{"battery":60,"battery_low":false,"contact":true,"linkquality":23,"tamper":false,"voltage":2900}'
    opened = '{"battery":60,"battery_low":false,"contact":false,"linkquality":5,"tamper":false,"voltage":2900}'
    assert told("front-door", closed, opened, opened, closed, closed) == [
        [], [Contact("front-door", True)], [], [Contact("front-door", False)], [],
    ]  # fmt: skip


def test_water_said_twice_and_a_battery_in_words() -> None:  # 663
    wet = '{"battery":"80.00","voltage":2900,"linkquality":0,"temperature":27.35,"water_leak":true}'
    dry = '{"battery":"80.00","voltage":2900,"linkquality":0,"temperature":27.35,"water_leak":false}'
    assert told("bath", wet, wet, dry, dry) == [[Leak("bath")], [], [Leak("bath", False)], []]
    heard = hear("bath", dry.encode(), False, {})
    assert not isinstance(heard, Rejected)
    assert [said.data for said in heard.said] == [Battery(80.0), Climate("bath", 27.35)]


def test_a_smoke_alarm_that_tests_itself_and_one_that_means_it() -> None:  # herdsman-converters 2507
    test = '{"ac_status":false,"battery":100,"smoke":false,"test":true,"trouble":false,"voltage":3100}'
    assert told("hall", test, test.replace('"smoke":false', '"smoke":true'), test) == [
        [], [Smoke("hall")], [Smoke("hall", False)],
    ]  # fmt: skip


def test_somebody_is_there_while_the_radar_chatters() -> None:
    payload = '{"illuminance_lux":%d,"presence":true,"radar_sensitivity":2,"target_distance":null}'
    assert told("bedroom", *(payload % lux for lux in (369, 367, 346))) == [[Presence("bedroom")], [], []]


def test_a_battery_is_told_when_it_changes() -> None:
    last: dict[tuple[str, str], State] = {}
    said: list[object] = []
    for battery in ("21", "21", '"21.00"', "20", "null", "255", '"full"', "true", "1e999", "20"):
        heard = hear("pendant", b'{"battery":%s,"linkquality":142}' % battery.encode(), False, last)
        if isinstance(heard, Rejected):
            assert battery == "1e999", "JSON of this size is no number"
            continue
        last |= heard.states
        said += [one.data for one in heard.said]
    assert said == [Battery(21), Battery(20)]


def test_when_it_was_seen() -> None:
    for seen in ('"2026-11-22T12:00:00+09:00"', "1795316400000", '"2026-11-22T03:00:00.000Z"'):
        heard = hear("hall", b'{"occupancy":true,"last_seen":%s}' % seen.encode(), False, {})
        assert not isinstance(heard, Rejected)
        assert heard.said[0].at == datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "payload", "retained"),
    [
        ("bridge/state", b"online", False),
        ("bridge/event", b'{"data":{"friendly_name":"0x01"},"type":"device_announce"}', False),
        ("hall/pir/set", b'{"occupancy":true}', False),
        ("hall/pir/availability", b'{"state":"offline"}', True),
        ("hall/pir/availability", b'{"state":"online"}', False),
        ("removed", b"", False),
        ("button", b'{"action":"emergency"}', True),
        ("lamp", b'{"brightness":254,"color_mode":"xy","update":{"state":"idle"}}', False),
        ("lock", b'{"state":"LOCK"}', False),
        ("pir", b'{"occupancy":"yes","contact":1,"water_leak":null}', False),
    ],
)
def test_what_says_nothing_of_a_person(name: str, payload: bytes, retained: bool) -> None:
    heard = hear(name, payload, retained, {})
    assert not isinstance(heard, Rejected)
    assert not heard.said
    assert not heard.states


def test_who_does_not_answer_is_lost() -> None:
    for payload in (b'{"state":"offline"}', b"offline"):
        heard = hear("hall/pir/availability", payload, False, {})
        assert isinstance(heard, Heard)
        assert (heard.gone, [said.data for said in heard.said]) == (True, [Lost("unavailable")])
        assert heard.said[0].device == device_of("hall/pir")


@pytest.mark.parametrize(
    ("payload", "within_s"),
    [
        (b'{"battery":97,"occupancy":false}', 25 * 3600),
        (b'{"battery":97,"temperature":20.5,"humidity":40}', 5 * 3600),
        (b'{"state":"ON","brightness":254}', None),
    ],
)
def test_a_device_is_supervised_by_what_it_can_do(payload: bytes, within_s: float | None) -> None:
    heard = hear("hall/pir", payload, False, {})
    assert isinstance(heard, Heard)
    assert (heard.device, heard.within_s) == (device_of("hall/pir"), within_s)


@pytest.mark.parametrize("payload", [b"true", b'{"action":', b"\xff", b"[" * 30_000])
def test_what_cannot_be_read_is_rejected(payload: bytes) -> None:
    assert isinstance(hear("hall", payload, False, {}), Rejected)


@pytest.mark.parametrize(
    ("member", "event"),
    [
        ('"sos":"true"', SosPressed()), ('"sos":"emergency"', SosPressed()), ('"smoke":"on"', Smoke("hall")),
        ('"smoke":1', Smoke("hall")), ('"gas":"detected"', Gas("hall")), ('"water_leak":1', Leak("hall")),
        ('"fall_down_status":true', Fall("hall")), ('"smoke":false', None), ('"smoke":"off"', None),
        ('"sos":null', None),
    ],
)  # fmt: skip
def test_an_alarm_is_one_in_any_spelling(member: str, event: Payload | None) -> None:
    assert told("hall", f"{{{member}}}") == [[event] if event else []]


LONG = ',"x":"' + "y" * 20_000 + '"}'


@pytest.mark.parametrize(
    ("payload", "events"),
    [
        ('{"action":"emergency"' + LONG, [SosPressed()]),
        ('{"x":"' + "y" * 20_000 + '", "action" : "emergency"}', [SosPressed()]),
        ('{"smoke":true,"sos":"true"' + LONG, [Smoke("hall"), SosPressed()]),
        ('{"action":"emergency"', [SosPressed()]),
        ('{"battery":80,"action":"emergency",}', [SosPressed()]),
        ('[{"action":"emergency"}]', [SosPressed()]),
        ('{"smoke":1,"battery":1e999}', [Smoke("hall")]),
        ('{"action":"emergency","battery":', [SosPressed()]),
        ('{"smoke":false,"action":"single"', None),
        ('{"text":"\\"smoke\\":true"', None),
        ('{"occupancy":true', None),
    ],
)
def test_an_alarm_in_a_message_that_cannot_be_read_is_one(payload: str, events: list[Payload] | None) -> None:
    heard = hear("hall", payload.encode(), False, {})
    if events is None:
        assert isinstance(heard, Rejected)
    else:
        assert isinstance(heard, Heard)
        assert [said.data for said in heard.said] == events
        assert [one.reason for one in heard.rejected] == ["unreadable"], "and it is counted all the same"
