"""What real devices do beside what they should, through the whole intake: payloads in, events out.

The shapes are those of logs in public issues; the address beside a test names the thread.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.events import (
    Appliance,
    Battery,
    CarbonMonoxide,
    Climate,
    Contact,
    Fall,
    Gas,
    Leak,
    Lost,
    Motion,
    Payload,
    Smoke,
    SosPressed,
)
from gateway.adapters.said import device_of
from gateway.judge import ALARM_S, GONE_S, HARSH_S, ORDER_S, SAME_S, STALE_S
from tests.golden.box import NOW, Z2M, Box, box

__all__ = ["box"]


PRESS = {"action": "emergency", "battery": 80, "linkquality": 144}

# --- old states and new ones


def test_the_old_state_comes_first_in_the_second_of_the_new_one(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/2830 and 9846"""
    pir = [{"battery": 97, "illuminance": 0, "linkquality": 86, "occupancy": on} for on in (False, True, False, False)]
    assert box.hear(f"{Z2M}/kitchen/pir", *pir) == [Battery(97.0), Motion("kitchen"), Motion("kitchen", False)]
    door = [{"battery": 60, "contact": closed, "linkquality": lq, "tamper": False}
            for closed, lq in ((True, 23), (False, 5), (False, 5))]  # fmt: skip
    assert box.hear(f"{Z2M}/back-gate", *door) == [Battery(60.0), Contact("back-gate", True)]


def test_a_door_that_says_both_is_opened_and_closed_as_often_as_it_says(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/10871: false and true in one second, three times. Which is right
    nobody can tell here; that somebody was at the window is."""
    states = [{"contact": closed, "linkquality": 123} for closed in (False, True, False, True, False, True)]
    said = box.hear(f"{Z2M}/window-a", {"contact": True}, *states)
    assert said == [Contact("window-a", True), Contact("window-a", False)] * 3


def test_no_motion_is_no_motion(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/2364"""
    states = [{"illuminance": lux, "linkquality": 15, "occupancy": False} for lux in (6, 0, 0, 0)]
    assert box.hear(f"{Z2M}/Motion2", *states) == []


def test_a_gate_that_says_the_same_four_times_a_second(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/21734"""
    states = [{"garage_door_contact": False, "linkquality": lq, "trigger": False} for lq in (100, 108, 104, 108)]
    assert box.hear(f"{Z2M}/gate", *states) == [Contact("gate", True)]


def test_water_said_twice_and_a_battery_that_is_a_text(box: Box) -> None:
    """https://github.com/Koenkk/zigbee2mqtt/issues/663"""
    states = [{"battery": "80.00", "linkquality": 0, "temperature": 27.35, "water_leak": wet}
              for wet in (True, True, False, False)]  # fmt: skip
    assert box.hear(f"{Z2M}/bath", *states) == [
        Leak("bath"), Battery(80.0), Climate("bath", 27.35), Leak("bath", False),
    ]  # fmt: skip


def test_when_it_was_seen_hours_ago_and_when_the_clock_is_wrong(box: Box) -> None:
    seen = NOW - timedelta(hours=5)
    box.hear(f"{Z2M}/hall", {"occupancy": True, "last_seen": seen.isoformat()})
    box.hear(f"{Z2M}/bath", {"occupancy": True, "last_seen": "2023-03-27T06:23:42.780Z"})
    assert [event.at for event in box.events()] == [seen, NOW]


def test_what_the_broker_had_kept_is_told_at_a_new_connection_and_is_no_event(box: Box) -> None:
    assert box.hear(f"{Z2M}/front-door", {"contact": False}, retained=True) == []
    assert box.hear(f"{Z2M}/bedside", PRESS, retained=True) == []
    assert box.hear(f"{Z2M}/bedside/action", "emergency", retained=True) == []
    assert box.hear(f"{Z2M}/bridge/state", "offline", retained=True) == []
    assert box.hear(f"{Z2M}/front-door", {"contact": False}) == [Contact("front-door", True)]


def test_a_state_is_known_after_a_restart(box: Box) -> None:
    assert box.hear(f"{Z2M}/front-door", {"contact": False}) == [Contact("front-door", True)]
    box.restart()
    assert box.hear(f"{Z2M}/front-door", {"contact": False}) == []


# --- alarms whose end was missed


ALARMS = [
    ("kitchen", {"smoke": True}, {"smoke": False}, Smoke("kitchen")),
    ("kitchen", {"gas": True}, {"gas": False}, Gas("kitchen")),
    ("kitchen", {"carbon_monoxide": True}, {"carbon_monoxide": False}, CarbonMonoxide("kitchen")),
    ("bath", {"fall_down_status": "fall"}, {"fall_down_status": "none"}, Fall("bath")),
    ("bedside", {"sos": True}, {"sos": False}, SosPressed()),
]


@pytest.mark.parametrize(("name", "on", "off", "event"), ALARMS)
def test_an_alarm_is_news_after_a_restart_and_after_minutes(
    box: Box, name: str, on: dict[str, Any], off: dict[str, Any], event: Payload
) -> None:
    topic = f"{Z2M}/{name}"
    assert box.hear(topic, on) == [event]
    box.restart()
    assert box.hear(topic, on, retained=True) == [], "what the broker had kept is never an event"
    assert box.hear(topic, on) == [event], "its end may have come while nobody listened"
    box.wait(ALARM_S - 1)
    assert box.hear(topic, {**on, "linkquality": 7}) == [], "it is said because another member has changed"
    box.wait(1)
    assert box.hear(topic, on) == [event]
    assert not any(getattr(one, "alarm", False) for one in box.hear(topic, off))
    assert box.hear(topic, on) == [event]


@pytest.mark.parametrize("restarted", [True, False])
def test_a_detector_that_stays_on_and_reports_every_minute_is_no_flood(box: Box, restarted: bool) -> None:
    heard = []
    for minute in range(24 * 60):
        heard += box.hear(f"{Z2M}/kitchen", {"smoke": True, "linkquality": minute % 255})
        box.wait(60)
        if restarted and minute == 60:
            box.restart()
    assert len(heard) == pytest.approx(24 * 3600 / ALARM_S, abs=1)
    assert box.outbox.counts() == {}, "nobody held a button down"


# --- switches, plugs, air


@pytest.mark.parametrize(
    "order", [(f"{Z2M}/lamp/set", '{"state": "ON"}'), (f"{Z2M}/all lamps/set", "ON"), (f"{Z2M}/lamp/set/state", "ON"),
              ("cmnd/lamp/POWER", "ON"), ("shellies/lamp/relay/0/command", "on"),
              ("lamp/rpc", '{"method": "Switch.Set", "params": {"id": 0, "on": true}}')],
)  # fmt: skip
def test_a_switch_that_was_ordered_to_turn_proves_no_life(box: Box, order: tuple[str, str]) -> None:
    box.hear(*order)
    assert box.hear(f"{Z2M}/lamp", {"state": "ON"}) == [Appliance("lamp", True, by_hand=False)]
    box.wait(ORDER_S)
    assert box.hear(f"{Z2M}/lamp", {"state": "OFF"}) == [Appliance("lamp", False)]


def test_asking_for_a_state_is_no_order(box: Box) -> None:
    box.hear(f"{Z2M}/lamp/get", '{"state": ""}')
    box.hear("cmnd/lamp/STATUS", "8")
    assert box.hear(f"{Z2M}/lamp", {"state": "ON"}) == [Appliance("lamp")]


def test_a_wall_switch_with_two_buttons_and_a_group_of_lamps(box: Box) -> None:
    switch = {"exposes": [{"type": "switch", "features": [
        {"name": "state", "property": f"state_{side}"} for side in ("left", "right")]}]}  # fmt: skip
    devices = [{"friendly_name": "hall/switch", "definition": switch}, {"friendly_name": "odd", "definition": None}]
    assert box.hear(f"{Z2M}/bridge/devices", devices, retained=True) == []
    assert box.hear(f"{Z2M}/bridge/groups", [{"id": 1, "friendly_name": "all lamps"}], retained=True) == []
    assert box.hear(f"{Z2M}/hall/switch", {"state_left": "ON", "state_right": "OFF"}) == [Appliance("hall switch left")]
    assert box.hear(f"{Z2M}/all lamps", {"state": "ON", "brightness": 254}) == [], "each lamp says so itself"


@pytest.mark.parametrize("names", ["[]", "", '[{"id": 2, "friendly_name": "all lamps"}]'])
def test_a_device_may_have_the_name_of_a_group_that_is_no_more(box: Box, names: str) -> None:
    box.hear(f"{Z2M}/bridge/groups", [{"id": 1, "friendly_name": "hall"}], retained=True)
    assert box.hear(f"{Z2M}/hall", {"state": "ON"}) == []
    box.restart()
    box.hear(f"{Z2M}/bridge/groups", names, retained=True)
    assert box.hear(f"{Z2M}/hall", {"state": "ON"}) == [Appliance("hall")]
    box.restart()
    assert box.hear(f"{Z2M}/hall", {"action": "emergency"}) == [SosPressed()]


def test_no_groups_name_takes_the_word_from_an_emergency(box: Box) -> None:
    box.hear(f"{Z2M}/bridge/groups", [{"id": 1, "friendly_name": "hall"}], retained=True)
    assert box.hear(f"{Z2M}/hall", {"action": "emergency", "state": "ON"}) == [SosPressed()]
    assert box.hear(f"{Z2M}/hall", {"smoke": True, "occupancy": True, "battery": 5}) == [Smoke("hall")]
    assert box.hear(f"{Z2M}/hall", {"state": "OFF", "occupancy": False}) == []


def test_a_plug_is_in_use_or_not_and_nothing_between(box: Box) -> None:
    watts = [0.4, 0.5, 12, 1800, 1810, 14, 6, 16, 5, 4.9, 12, 0.3]
    assert box.hear(f"{Z2M}/kettle", *({"power": w, "state": "ON", "energy": 3.2} for w in watts)) == [
        Appliance("kettle", True, True, 1800.0), Appliance("kettle", False, True, 5.0),
    ]  # fmt: skip
    assert box.hear(f"{Z2M}/kitchen/fridge", {"power": 90}) == [Appliance("kitchen fridge", True, False, 90.0)]


def test_the_air_is_said_when_it_changes_and_now_and_then(box: Box) -> None:
    state = {"temperature": 21.5, "humidity": 40.0, "occupancy": False}
    assert box.hear(f"{Z2M}/hall", state, state) == [Climate("hall", 21.5, 40.0)]
    box.wait(SAME_S)
    assert box.hear(f"{Z2M}/hall", state, state) == []
    box.wait(STALE_S)
    assert box.roll() == [Climate("hall", 21.5, 40.0)]
    assert box.roll() == []
    box.wait(HARSH_S)
    assert box.hear(f"{Z2M}/hall", state) == []
    assert box.hear(f"{Z2M}/hall", state | {"temperature": 21.6}) == [Climate("hall", 21.6, 40.0)]
    assert box.hear(f"{Z2M}/hall", {"co2": 900}) == [Climate("hall", None, None, 900.0)]


def test_where_it_is_hot_the_air_is_said_again_and_again(box: Box) -> None:
    assert box.hear(f"{Z2M}/hall", {"temperature": 31}, {"temperature": 31}) == [Climate("hall", 31.0)]
    for _ in range(2):
        box.wait(HARSH_S)
        assert box.hear(f"{Z2M}/hall", {"temperature": 31}) == []
        box.wait(STALE_S)
        assert box.roll() == [Climate("hall", 31.0)]


def test_the_old_air_is_not_said_just_before_the_new(box: Box) -> None:
    """The city takes the first of two readings within a second."""
    box.hear(f"{Z2M}/hall", {"temperature": 30.5})
    box.wait(900)
    assert box.hear(f"{Z2M}/hall", {"temperature": 30.5}, {"temperature": 31.5}) == [Climate("hall", 31.5)]
    box.wait(STALE_S)
    assert box.roll() == []


@pytest.mark.parametrize(
    ("topic", "payload"),
    [(f"{Z2M}/hall", {"temperature": 1e308}), (f"{Z2M}/hall", {"humidity": -1}), (f"{Z2M}/hall", {"power": 1e12}),
     (f"{Z2M}/hall", {"battery": 255}), ("tele/hall/SENSOR", {"AM2301": {"Temperature": -273.1}}),
     ("shellies/hall/sensor/temperature", "1e300"), ("homeassistant/sensor/hall_co2/state", "1e9")],
)  # fmt: skip
def test_what_no_home_can_measure_is_counted_and_not_said(box: Box, topic: str, payload: Any) -> None:
    assert box.hear(topic, payload) == []
    assert box.outbox.counts() == {"rejected_implausible": 1}


def test_what_stands_beside_an_impossible_measure_is_said(box: Box) -> None:
    assert box.hear(f"{Z2M}/hall", {"temperature": 1e308, "humidity": 40, "smoke": True}) == [
        Smoke("hall"), Climate("hall", None, 40.0),
    ]  # fmt: skip


def test_a_room_has_no_control_characters(box: Box) -> None:
    assert box.hear(f"{Z2M}/ha\u0007ll\u202e\u200b/pir", {"occupancy": True}) == [Motion("hall")]
    assert box.hear(f"{Z2M}/fr\u001bont door", {"contact": False}) == [Contact("front door", True)]


def test_a_lamp_says_everything_because_one_thing_changed(box: Box) -> None:
    lamp = {"brightness": 254, "color_mode": "xy", "state": "OFF", "update": {"state": "idle"}, "linkquality": 69}
    assert box.hear(f"{Z2M}/lamp", *(lamp | {"brightness": b, "linkquality": b} for b in range(1, 40))) == []


# --- topics


def test_members_on_topics_of_their_own(box: Box) -> None:
    """`output: attribute`: https://www.zigbee2mqtt.io/guide/configuration/mqtt.html"""
    assert box.hear(f"{Z2M}/kitchen/pir/occupancy", "false", "true", "true", "false") == [
        Motion("kitchen"), Motion("kitchen", False),
    ]  # fmt: skip
    assert box.hear(f"{Z2M}/bedside/action", "emergency", "") == [SosPressed()]
    assert box.hear(f"{Z2M}/bedside/battery", "61") == [Battery(61.0)]
    assert box.hear(f"{Z2M}/kitchen/pir/linkquality", "98") == []
    assert box.hear(f"{Z2M}/kitchen/pir/update", '"idle"') == []
    assert box.outbox.counts() == {}


def test_a_device_whose_name_is_that_of_a_member(box: Box) -> None:
    assert box.hear(f"{Z2M}/hall/occupancy", {"occupancy": True}) == [Motion("hall")]


def test_zigbee2mqtt_says_that_it_ends(box: Box) -> None:
    """https://github.com/home-assistant/core/issues/124002: once a bare word, later JSON"""
    assert box.hear(f"{Z2M}/bridge/state", "online", '{"state":"offline"}', "offline") == []
    box.wait(GONE_S)
    assert box.roll() == [Lost("unavailable")]
    assert box.roll() == []
    box.hear(f"{Z2M}/bridge/state", '{"state":"online"}', "offline")
    box.wait(GONE_S)
    assert box.roll() == [Lost("unavailable")]


@pytest.mark.parametrize(
    ("topic", "away", "back"),
    [(f"{Z2M}/bridge/state", "offline", "online"), ("tele/plug/LWT", "Offline", "Online"),
     ("plug/online", "false", "true"), ("shellies/plug/online", "false", "true"),
     (f"{Z2M}/hall/availability", '{"state":"offline"}', '{"state":"online"}'),
     ("homeassistant/binary_sensor/hall_motion/state", "unavailable", "off")],
)  # fmt: skip
def test_who_starts_anew_is_not_lost(box: Box, topic: str, away: str, back: str) -> None:
    assert box.hear(topic, away) == []
    box.wait(GONE_S - 1)
    assert box.roll() + box.hear(topic, back) == []
    box.wait(GONE_S)
    assert box.roll() == []
    box.hear(topic, away)
    box.wait(GONE_S)
    assert box.roll(listening=False) == [], "the home's broker is away: nobody can say that he is back"
    assert box.roll() == [Lost("unavailable")]


@pytest.mark.parametrize("name", ["gateway", "zigbee2mqtt-bridge"])
@pytest.mark.parametrize(
    ("topic", "away", "said"),
    [("tele/{}/LWT", "Offline", ("tele/{}/STATE", {"POWER": "ON"})),
     (Z2M + "/{}/availability", "offline", (Z2M + "/{}", {"state": "ON"}))],
)  # fmt: skip
def test_a_device_by_our_own_name_is_another(
    box: Box, name: str, topic: str, away: str, said: tuple[str, dict[str, str]]
) -> None:
    box.hear(said[0].format(name), said[1])
    box.hear(topic.format(name), away)
    box.wait(GONE_S)
    assert box.roll() == [Lost("unavailable")]
    assert {event.device for event in box.events()} == {device_of(name)} != {name}
    assert [one.device for one in box.intake.proofs.devices()] == [device_of(name)], "and has to prove itself"


def test_a_device_that_says_itself_that_it_goes_is_believed(box: Box) -> None:
    assert box.hear("anbu/pendant/lost", '{"reason": "charging"}') == [Lost("charging")]


def test_what_a_dialect_says_itself_is_not_followed_because_it_announces_it_too(box: Box) -> None:
    for number, topic in enumerate((f"{Z2M}/hall/pir", "tele/plug/SENSOR", "shellies/hall/sensor/motion")):
        config = {"device_class": "motion", "state_topic": topic, "value_template": "{{ value_json.occupancy }}"}
        box.hear(f"homeassistant/binary_sensor/d{number}/motion/config", config, retained=True)
    assert box.intake.follow == []
    assert box.hear(f"{Z2M}/hall/pir", {"occupancy": True}) == [Motion("hall")]


def test_what_is_announced_is_heard_and_known_after_a_restart(box: Box) -> None:
    config = {"device_class": "motion", "state_topic": "esp/hall/motion", "device": {"name": "Hall"}}
    box.hear("homeassistant/binary_sensor/esp/motion/config", config, retained=True)
    assert box.intake.follow == ["esp/hall/motion"]
    box.restart()
    assert box.intake.follow == ["esp/hall/motion"]
    assert box.hear("esp/hall/motion", "ON") == [Motion("hall")]


# --- the states of real homes


def test_every_state_of_real_devices_goes_through(box: Box, device_states: Path) -> None:
    rows = [json.loads(line) for line in device_states.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        box.hear(f"{Z2M}/{row['device']}", row["payload"])
    assert box.outbox.counts() == {}, "none is rejected"
    kinds = Counter(event.kind for event in box.events())
    assert kinds.keys() == {"appliance", "battery", "contact", "motion", "climate"}
    assert kinds["motion"] == sum(1 for row in rows if row["payload"].get("occupancy") is True) * 2
    before = len(box.events())
    for device, row in {row["device"]: row for row in rows}.items():
        box.hear(f"{Z2M}/{device}", row["payload"])
        box.hear(f"{Z2M}/{device}", {**row["payload"], "linkquality": 7})
    assert len(box.events()) == before, "what is said again is no news"
