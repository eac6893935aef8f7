"""What emergency buttons really do, through the whole intake: no press is left out, and a joining is no press.

The address beside a test names the public thread.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events import (
    LOW_BATTERY,
    Appliance,
    Battery,
    Bed,
    Contact,
    Medication,
    Note,
    Payload,
    Presence,
    SosPressed,
)
from gateway.adapters.said import Heard, Said
from gateway.judge import PAIRING_S, PRESSES, Judge
from tests.golden.box import NOW, Z2M, Box, box

__all__ = ["box"]

PRESS, REST = {"action": "emergency", "battery": 80, "linkquality": 144}, {"action": "", "battery": 80}


# --- the emergency button


def test_a_press_is_cleared_by_an_empty_word_and_by_null(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/31727"""
    nothing = {"action": None, "battery": 80, "last_seen": "2026-11-22T12:00:00+09:00", "linkquality": 14}
    assert box.hear(f"{Z2M}/bedside", nothing, PRESS, REST, nothing, PRESS, REST) == [
        Battery(80.0), SosPressed(), SosPressed(),
    ]  # fmt: skip


def joined(name: str, kind: str = "device_joined", **more: str) -> dict[str, Any]:
    return {"type": kind, "data": {"friendly_name": name, "ieee_address": name, **more}}


@pytest.mark.parametrize(
    "event",
    [joined("0x01"), joined("0x01", "device_interview", status="started"),
     joined("0x01", "device_interview", status="successful")],
)  # fmt: skip
def test_a_press_at_pairing_is_a_note_and_one_a_minute_later_is_none(box: Box, event: dict[str, Any]) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/31821"""
    box.hear(f"{Z2M}/bridge/event", event)
    box.wait(PAIRING_S - 1)
    assert box.hear(f"{Z2M}/0x01", {"action": "emergency"}) == [Note("sos_at_pairing")]
    assert box.hear(f"{Z2M}/0x02", {"action": "emergency"}) == [SosPressed()], "another button is not being paired"
    box.wait(1)
    assert box.hear(f"{Z2M}/0x01", {"action": "emergency"}) == [SosPressed()]


@pytest.mark.parametrize(
    "event",
    [joined("0x01", "device_announce"), joined("0x01", "device_interview", status="failed"),
     joined("0x01", "device_leave"), {"type": "device_joined"}, [], 7],
)  # fmt: skip
def test_a_button_that_wakes_up_to_be_pressed_is_not_being_paired(box: Box, event: Any) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/31727: `device_announce` in the second of a real press"""
    assert box.hear(f"{Z2M}/bridge/event", event) == []
    assert box.hear(f"{Z2M}/0x01", {"action": "emergency"}) == [SosPressed()]


def test_a_restart_forgets_a_pairing_and_hears_the_press(box: Box) -> None:
    box.hear(f"{Z2M}/bridge/event", joined("0x01"))
    box.restart()
    assert box.hear(f"{Z2M}/0x01", {"action": "emergency"}) == [SosPressed()]


def test_a_button_that_presses_itself_when_its_battery_is_empty(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/31821: `battery` 0, and nobody had pressed"""
    assert box.hear(f"{Z2M}/a", {"action": "emergency", "battery": 0}) == [SosPressed(LOW_BATTERY), Battery(0.0)]
    assert box.hear(f"{Z2M}/a", {"action": "emergency"}) == [SosPressed(LOW_BATTERY)], "it is still what was last said"
    assert box.hear(f"{Z2M}/b", {"action": "emergency", "battery": "11.00"}) == [SosPressed(), Battery(11.0)]
    assert box.hear(f"{Z2M}/c", {"action": "emergency", "battery_low": True})[0] == SosPressed(LOW_BATTERY)


def test_a_button_that_is_held_down_for_five_minutes_does_not_flood(box: Box) -> None:
    heard = []
    for _ in range(300):
        heard += box.hear(f"{Z2M}/bedside", {"action": "emergency"})
        box.wait(1)
    assert PRESSES <= len(heard) <= PRESSES + 30
    assert box.hear(f"{Z2M}/pendant", {"action": "emergency"}) == [SosPressed()], "another button is another"
    box.wait(600)
    assert box.hear(f"{Z2M}/bedside", {"action": "emergency"}) == [SosPressed()]
    assert box.outbox.counts() == {"rejected_held_down": 300 - len(heard)}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 100), max_size=60))
def test_no_press_is_left_out_that_is_not_one_of_many(pauses_s: list[float]) -> None:
    """Whoever presses less than ten times in a hundred seconds is heard each time, and nobody is unheard for long."""
    judge, now_s, heard_s, pressed_s = Judge(), 0.0, [-1e9], []

    for pause_s in pauses_s:
        now_s += pause_s
        pressed_s.append(now_s)
        said = (Said("pendant", "sos", SosPressed()),)
        judged = judge.judge(Heard(said, device="pendant"), said, NOW + timedelta(seconds=now_s), now_s)
        assert len(judged.said) + judged.held == 1
        heard_s += [now_s] * len(judged.said)
        assert now_s - heard_s[-1] <= 10
        if sum(at > now_s - 100 for at in pressed_s) < PRESSES:
            assert judged.said


def test_a_plain_button_is_an_emergency_button_by_its_name_alone(box: Box) -> None:
    assert box.hear(f"{Z2M}/bedroom/SOS", {"action": "single"}, {"action": "release"}, {"action": ""}) == [SosPressed()]
    assert box.hear(f"{Z2M}/침실/비상벨", {"action": "hold"}) == [SosPressed()]
    assert box.hear(f"{Z2M}/scene", {"action": "single"}) == []


@pytest.mark.parametrize(
    "name",
    ["SOSbutton", "SOSButton", "SosKey", "mySOS", "panicbutton", "emergencybutton", "PanicButton", "help", "비상벨",
     "비상버튼", "호출벨", "응급벨", "안심벨", "도움벨", "SOS버튼", "나의비상버튼", "거실/침대 비상벨", "ＳＯＳ",
     unicodedata.normalize("NFD", "비상벨")],
)  # fmt: skip
@pytest.mark.parametrize("action", ["single", "off", "on", "hold", "1_single", "EMERGENCY"])
def test_any_press_of_a_button_whose_name_asks_for_help_is_a_cry(box: Box, name: str, action: str) -> None:
    assert box.hear(f"{Z2M}/{name}", {"action": action}) == [SosPressed()]


@pytest.mark.parametrize("name", ["scene", "gossip", "벽 스위치", "문", "bedside", "초인종"])
def test_other_names_ask_for_nothing(box: Box, name: str) -> None:
    assert box.hear(f"{Z2M}/{name}", {"action": "single"}, {"action": "off"}) == []


@pytest.mark.parametrize(
    ("action", "cries"),
    [("sos_press", True), ("emergency_1", True), ("1_emergency", True), ("PANIC", True), ("emergencyCall", True),
     ("emergency_release", False), ("sos_clear", False), ("no_emergency", False), ("single", False), ("off", False)],
)  # fmt: skip
def test_a_buttons_own_word_for_help(box: Box, action: str, cries: bool) -> None:
    assert box.hear(f"{Z2M}/x", {"action": action}) == ([SosPressed()] if cries else [])


@pytest.mark.parametrize(
    ("name", "state", "event"),
    [
        ("침실/침대매트", {"presence": True}, Bed(True)),
        ("bed", {"contact": True}, Bed(True)),
        ("bed room/radar", {"presence": True}, Presence("bed room")),
        ("bedroom/radar", {"presence": True}, Presence("bedroom")),
        ("living/armchair", {"contact": False}, None),
        ("kitchen/약통", {"vibration": True}, Medication()),
        ("hall/front door", {"contact": False}, Contact("hall front door")),
        ("주방/김치냉장고", {"power": 80}, Appliance("주방 김치냉장고", True, False, 80.0)),
        ("거실/TV", {"power": 80}, Appliance("거실 TV", True, True, 80.0)),
    ],
)
def test_what_a_name_says(box: Box, name: str, state: dict[str, Any], event: Payload | None) -> None:
    assert box.hear(f"{Z2M}/{name}", state) == ([] if event is None else [event])
