"""What devices that are made for us say, and what the home makes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import (
    EMERGENCY_KINDS,
    KINDS,
    Climate,
    Contact,
    Mains,
    Motion,
    Payload,
    Rejected,
    Smoke,
    SosPressed,
    Utterance,
)
from gateway.adapters.native import hear
from gateway.adapters.said import AHEAD, BEHIND, Heard, Said, believed, class_of, device_of

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "payload", "device", "kind", "data"),
    [
        ("kitchen-pir/motion", b'{"room": "kitchen"}', "kitchen-pir", "motion", Motion("kitchen")),
        ("kitchen-pir/motion", b'{"on": false}', "kitchen-pir", "motion", Motion(on=False)),
        ("pendant/sos", b"", "pendant", "sos", SosPressed()),
        ("pendant/sos", b'{"how": "cord"}', "pendant", "sos", SosPressed("cord")),
        ("front-door/contact", b'{"place": "front-door", "exit": true}', "front-door", "contact",
         Contact("front-door", exit=True)),
        ("air-1/climate", b'{"room": "bath", "temp_c": 19.5, "model": "X"}', "air-1", "climate", Climate("bath", 19.5)),
        ("speaker/utterance", '{"text": "살려줘"}'.encode(), "speaker", "utterance", Utterance("살려줘")),
        ("gateway/mains", b'{"on": false}', "gateway", "mains", Mains(False)),
        ("gateway/sos", b"", device_of("gateway"), "sos", SosPressed()),
    ],
)  # fmt: skip
def test_a_word_is_an_event(name: str, payload: bytes, device: str, kind: str, data: Payload) -> None:
    assert hear(name, payload, False, {}).said == (Said(device, kind, data),)


def test_time_and_id_may_stand_beside_the_data() -> None:
    heard = hear("pir-1/motion", b'{"room": "bath", "time": "2026-11-22T11:59:58+09:00", "id": "m-17"}', False, {})
    at = datetime(2026, 11, 22, 2, 59, 58, tzinfo=UTC)
    assert heard.said == (Said("pir-1", "motion", Motion("bath"), at, "m-17"),)
    for odd in (b'{"time": "yesterday", "id": 7}', b'{"time": 1732230000, "id": ""}'):
        assert hear("pir-1/motion", odd, False, {}).said == (Said("pir-1", "motion", Motion()),)


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("pir-1/dance", b"{}", "kind"),
        ("gateway/heartbeat", b"{}", "kind"),
        ("gateway/lost", b"{}", "kind"),
        ("pir-1/motion", b'{"on": "perhaps"}', "unreadable"),
        ("pir-1/motion", b"\xff", "unreadable"),
        ("pir-1/alive", b"often", "unreadable"),
        ("pir-1/motion", b"[" * 20_000, "unreadable"),
        ("plug-1/vital", b"{}", "unreadable"),
        ("air-1/climate", b'{"temp_c": 1e308}', "implausible"),
        ("air-1/climate", b'{"temp_c": 20, "humidity_pct": -1}', "implausible"),
        ("air-1/battery", b'{"percent": 255}', "implausible"),
    ],
)
def test_what_is_no_word_is_rejected(name: str, payload: bytes, reason: str) -> None:
    heard = hear(name, payload, False, {})
    assert isinstance(heard, Rejected)
    assert heard.reason == reason


@pytest.mark.parametrize("kind", sorted(EMERGENCY_KINDS))
@pytest.mark.parametrize("payload", [b'{"how": ', b"\xff\xfe", b"1", b'{"x": "' + b"y" * 20_000 + b'"}'])
def test_an_emergency_that_cannot_be_read_is_an_emergency(kind: str, payload: bytes) -> None:
    assert hear(f"device/{kind}", payload, False, {}).said == (Said("device", kind, KINDS[kind]()),)


def test_the_all_clear_of_an_alarm_is_read() -> None:
    assert hear("smoke-1/smoke", b'{"alarm": false}', False, {}).said == (Said("smoke-1", "smoke", Smoke("", False)),)


@pytest.mark.parametrize(
    ("every_s", "class_s"),
    [(30, 90), (31, 180), (60, 180), (61, 18_000), (6000, 18_000), (6001, 90_000), (86_400, 90_000)],
)
def test_a_device_says_how_often_it_speaks(every_s: float, class_s: float) -> None:
    heard = hear("speaker/alive", b'{"every_s": %d}' % every_s, False, {})
    assert isinstance(heard, Heard)
    assert (heard.device, heard.said) == ("speaker", ())
    assert class_of(heard.every_s or 0) == class_s


def test_names_carry_no_control_characters() -> None:
    heard = hear("pir-1/motion", b'{"room": "ki\\u0007tch\\u202een\\n"}', False, {})
    assert heard.said == (Said("pir-1", "motion", Motion("kitchen")),)


def test_nobody_says_of_the_gateway_that_it_will_speak() -> None:
    assert hear("gateway/alive", b'{"every_s": 30}', False, {}).device == device_of("gateway") != "gateway"


def test_what_the_gateway_orders_is_no_word_of_a_device() -> None:
    assert hear("gateway/reflex", b'{"on": true}', False, {}) == Heard()


def test_what_the_broker_had_kept_is_old() -> None:
    assert hear("pendant/sos", b"{}", True, {}) == Heard()


@given(st.text(min_size=1), st.text(min_size=1))
def test_devices_keep_apart_whatever_people_call_them(one: str, other: str) -> None:
    ids = device_of(one), device_of(other)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{2,63}", id_) for id_ in ids)
    assert (ids[0] == ids[1]) == (one == other)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        datetime(1970, 1, 1, tzinfo=UTC),
        NOW + timedelta(days=3 * 365),
        NOW + AHEAD + timedelta(seconds=1),
        NOW - BEHIND - timedelta(seconds=1),
        NOW.replace(tzinfo=None),
    ],
)
def test_a_clock_that_cannot_be_right_is_not_believed(wrong: datetime | None) -> None:
    assert believed(wrong, NOW) == NOW


@pytest.mark.parametrize("right", [NOW, NOW + AHEAD, NOW - BEHIND, NOW - timedelta(seconds=9)])
def test_a_clock_that_may_be_right_is_believed(right: datetime) -> None:
    assert believed(right, NOW) == right
