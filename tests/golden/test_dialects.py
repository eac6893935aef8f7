"""Messages as Home Assistant, Tasmota, Shelly and SmartThings send them, and what the home makes of each.

The shapes are those of their documentation and of public threads; where a thread is meant, it is named.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.settings import Settings, SettingsError
from core.events import (
    LOW_BATTERY,
    Appliance,
    Battery,
    Bed,
    Climate,
    Contact,
    Fall,
    Gas,
    Leak,
    Lost,
    Medication,
    Motion,
    Payload,
    Presence,
    Rejected,
    Smoke,
    SosPressed,
)
from gateway.adapters import smartthings
from gateway.adapters.said import Heard, State
from gateway.dialects import Bases, dialects

Message = tuple[str, Any]


class Home:
    """Everything that is said on a home's broker, one message after the other."""

    def __init__(self, bases: Bases | None = None) -> None:
        self.last: dict[tuple[str, str], State] = {}
        self._dialects = dialects(bases or Bases())

    def hear(self, topic: str, payload: Any, *, retained: bool = False) -> Heard | Rejected:
        body = payload if isinstance(payload, bytes) else (
            payload if isinstance(payload, str) else json.dumps(payload)
        ).encode()  # fmt: skip
        for dialect in self._dialects:
            if (name := dialect.below(topic)) is not None:
                heard = dialect.hear(name, body, retained, self.last)
                if isinstance(heard, Heard):
                    self.last |= heard.states
                return heard
        raise AssertionError(f"nobody hears {topic}")

    def told(self, *messages: Message) -> list[Payload]:
        found: list[Payload] = []
        for topic, payload in messages:
            heard = self.hear(topic, payload)
            assert isinstance(heard, Heard), heard
            found += [said.data for said in heard.said if not said.again]
        return found


def test_a_dialect_can_be_left_out_and_be_spoken_in_two_places() -> None:
    assert len(dialects(Bases("", "", "", ""))) == 1, "native alone"
    home = Home(Bases(zigbee2mqtt="z2m/up z2m/down", homeassistant="", tasmota="", shelly=""))
    assert home.told(("z2m/up/hall", {"occupancy": True}), ("z2m/down/bath", {"occupancy": True})) == [
        Motion("hall"), Motion("bath"),
    ]  # fmt: skip


def test_each_zigbee_network_has_its_own_groups() -> None:
    home = Home(Bases(zigbee2mqtt="up down", homeassistant="", tasmota="", shelly=""))
    home.hear("up/bridge/groups", [{"friendly_name": "lamps"}], retained=True)
    home.hear("down/bridge/groups", [], retained=True)
    assert home.told(("up/lamps", {"state": "ON"}), ("down/lamps", {"state": "ON"})) == [Appliance("lamps")]


@pytest.mark.parametrize(
    ("setting", "value", "right"),
    [
        ("zigbee2mqtt", "z2m/#", False), ("zigbee2mqtt", "", True), ("homeassistant", "ha +", False),
        ("tasmota", "%topic%", False), ("tasmota", "home/%topic%/%prefix%/", True), ("shelly", "shellies +", True),
        ("shelly", "#", False),
    ],
)  # fmt: skip
def test_a_base_topic_is_no_pattern(setting: str, value: str, right: bool) -> None:
    if right:
        assert getattr(Settings(**{f"gateway_{setting}": value}), f"gateway_{setting}") == value
    else:
        with pytest.raises(SettingsError, match=f"ANBU_GATEWAY_{setting.upper()}"):
            Settings(**{f"gateway_{setting}": value})


# --- Tasmota


def zb(name: str, **members: Any) -> Message:
    return "tele/zbbridge/SENSOR", {"ZbReceived": {"0x5E8D": {"Device": "0x5E8D", "Name": name, **members}}}


@pytest.mark.parametrize(
    ("messages", "events"),
    [
        # homebridge-tasmota-zbbridge 6
        ([zb("hall", Occupancy=1, Endpoint=1), zb("hall", Occupancy=1), zb("hall", Occupancy=0)],
         [Motion("hall"), Motion("hall", False)]),
        # Its contact is 1 while the door is open.
        ([zb("front-door", Contact=0), zb("front-door", Contact=1), zb("front-door", Contact=0)],
         [Contact("front-door", True), Contact("front-door", False)]),
        ([zb("kitchen", Fire=1), zb("bath", Water=1), zb("bath", BatteryPercentage=61)],
         [Smoke("kitchen"), Leak("bath"), Battery(61)]),
        ([zb("pill box", Contact=1), zb("pill box", Contact=0)], [Medication()]),
        ([zb("bed", Contact=1), zb("bed", Contact=0), zb("bed", Contact=1)], [Bed(True), Bed(False)]),
        ([("stat/SOS-button/RESULT", {"Button1": {"Action": "SINGLE"}})], [SosPressed()]),
        ([("stat/scene/RESULT", {"Button1": {"Action": "SINGLE"}})], []),
        ([("stat/lamp/POWER", "ON"), ("stat/lamp/RESULT", {"POWER": "ON"}), ("tele/lamp/STATE", {"POWER": "ON"}),
          ("stat/lamp/POWER", "OFF")], [Appliance("lamp"), Appliance("lamp", False)]),
        ([("stat/strip/RESULT", {"POWER2": "ON"}), ("stat/strip/RESULT", {"POWER1": "ON"})],
         [Appliance("strip 2"), Appliance("strip")]),
        ([("tele/kettle/SENSOR", {"Time": "2026-11-22T07:30:00", "ENERGY": {"Total": 3.1, "Power": watts}})
          for watts in (0, 1800, 1790, 10, 1)],
         [Appliance("kettle", power_w=1800.0), Appliance("kettle", False, power_w=1.0)]),
        ([("tele/fridge/SENSOR", {"ENERGY": {"Power": 80}})], [Appliance("fridge", True, False, 80.0)]),
        ([("tele/air/SENSOR", {"AM2301": {"Temperature": 21.5, "Humidity": 40.1}, "TempUnit": "C"})],
         [Climate("air", 21.5, 40.1)]),
        # Tasmota 6095: an hourly word of a motion sensor that measures no temperature
        ([("tele/zigbee/RESULT", {"0xBC3F": {"Voltage": 3.095, "Battery": 100, "Temperature": 0}})], []),
        ([("tele/esp/SENSOR", {"ESP32": {"Temperature": 52.2}})], []),
        ([("tele/lamp/LWT", "Offline"), ("tele/lamp/LWT", "Online")], [Lost("unavailable")]),
    ],
)  # fmt: skip
def test_tasmota(messages: list[Message], events: list[Payload]) -> None:
    assert Home().told(*messages) == events


def test_tasmotas_own_order_of_a_topic() -> None:
    home = Home(Bases(tasmota="home/%topic%/%prefix%/"))
    assert home.told(("home/lamp/stat/POWER", "ON")) == [Appliance("lamp")]
    ordered = home.hear("home/lamp/cmnd/POWER", "OFF")
    assert isinstance(ordered, Heard)
    assert ordered.ordered


# --- Shelly


def later(device: str, **params: Any) -> Message:
    return f"{device}/events/rpc", {"src": device, "method": "NotifyStatus", "params": {"ts": 1795316400.5, **params}}


@pytest.mark.parametrize(
    ("messages", "events"),
    [
        ([("shellies/front-door/sensor/state", word) for word in ("close", "open", "open", "close")],
         [Contact("front-door", True), Contact("front-door", False)]),
        ([("shellies/bath/sensor/flood", "true"), ("shellies/bath/sensor/battery", "77")], [Leak("bath"), Battery(77)]),
        ([("shellies/kitchen/sensor/gas", word) for word in ("none", "mild", "heavy", "none", "test")],
         [Gas("kitchen"), Gas("kitchen", False)]),
        ([("shellies/hall/status", {"motion": True, "vibration": False, "bat": 90}),
          ("shellies/hall/status", {"motion": False, "vibration": True, "bat": 90})],
         [Motion("hall"), Battery(90), Contact("hall", None), Motion("hall", False)]),
        ([("shellies/lamp/relay/0", "on"), ("shellies/lamp/relay/0", "on"), ("shellies/lamp/relay/1", "on")],
         [Appliance("lamp"), Appliance("lamp 1")]),
        ([("shellies/tv/relay/0", "on"), ("shellies/tv/relay/0/power", "1.2"), ("shellies/tv/relay/0/power", "91.5")],
         [Appliance("tv"), Appliance("tv", power_w=91.5)]),
        ([("shellies/sos-1/input_event/0", {"event": "S", "event_cnt": 3}),
          ("shellies/button-1/input_event/0", {"event": "S", "event_cnt": 3})], [SosPressed()]),
        ([("shellies/hall/online", "false"), ("shellies/hall/online", "true")], [Lost("unavailable")]),
        ([later("kitchen", **{"smoke:0": {"id": 0, "alarm": on}}) for on in (True, True, False)],
         [Smoke("kitchen"), Smoke("kitchen", False)]),
        ([later("bath", **{"flood:0": {"id": 0, "alarm": True}, "devicepower:0": {"battery": {"percent": 8}}})],
         [Leak("bath"), Battery(8)]),
        ([("air/status/temperature:0", {"id": 0, "tC": 22.4, "tF": 72.3}), ("air/status/humidity:0", {"rh": 51.0})],
         [Climate("air", 22.4), Climate("air", None, 51.0)]),
        ([("strip/status/switch:2", {"id": 2, "source": "button", "output": True})], [Appliance("strip 2")]),
        ([("kettle/status/switch:0", {"id": 0, "source": "init", "output": True, "apower": watts})
          for watts in (0.0, 1805.2)], [Appliance("kettle", power_w=1805.2)]),
        ([("sos-x/events/rpc", {"method": "NotifyEvent", "params": {"ts": 1795316400.5, "events": [
            {"component": "input:0", "id": 0, "event": event, "ts": 1795316400.5}]}})
          for event in ("btn_down", "single_push", "btn_up")], [SosPressed()]),
        ([("hall/online", "false")], [Lost("unavailable")]),
    ],
)  # fmt: skip
def test_shelly(messages: list[Message], events: list[Payload]) -> None:
    assert Home().told(*messages) == events


@pytest.mark.parametrize(("source", "ordered"), [("button", False), ("switch", False), ("MQTT", True), ("timer", True)])
def test_a_shelly_says_what_turned_it(source: str, ordered: bool) -> None:
    heard = Home().hear("lamp/status/switch:0", {"id": 0, "source": source, "output": True})
    assert isinstance(heard, Heard)
    assert heard.ordered is ordered


def test_a_shelly_that_was_turned_by_a_timer_and_then_draws_power_is_used_by_hand() -> None:
    home = Home()
    home.told(("tv/status/switch:0", {"source": "timer", "output": True, "apower": 1.0}))
    heard = home.hear("tv/status/switch:0", {"source": "timer", "output": True, "apower": 90.0})
    assert isinstance(heard, Heard)
    assert not heard.ordered


def test_when_a_shelly_says_it_was() -> None:
    heard = Home().hear(*later("kitchen", **{"smoke:0": {"alarm": True}}))
    assert isinstance(heard, Heard)
    assert heard.said[0].at == datetime(2026, 11, 22, 3, 0, 0, 500_000, tzinfo=UTC)


# --- Home Assistant


HA = "homeassistant"


@pytest.mark.parametrize(
    ("entity", "device_class", "states", "events"),
    [
        ("binary_sensor/hall_motion", "motion", ["off", "on", "on", "off"], [Motion("hall"), Motion("hall", False)]),
        ("binary_sensor/hall_motion", None, ["on"], [Motion("hall")]),
        ("binary_sensor/front_door_contact", "door", ["off", "on"], [Contact("front-door", True)]),
        ("binary_sensor/front_door_contact", None, ["off", "on"], [Contact("front-door", True)]),
        ("binary_sensor/living_occupancy", "occupancy", ["on"], [Presence("living")]),
        ("binary_sensor/bed_occupancy", "occupancy", ["on", "off"], [Bed(True), Bed(False)]),
        ("binary_sensor/pill_box", "opening", ["off", "on", "off"], [Medication()]),
        ("binary_sensor/kitchen_smoke", "smoke", ["on", "off"], [Smoke("kitchen"), Smoke("kitchen", False)]),
        ("binary_sensor/bath_water_leak", "moisture", ["on"], [Leak("bath")]),
        ("binary_sensor/pendant", "safety", ["on", "off", "on"], [SosPressed(), SosPressed()]),
        ("binary_sensor/mother_s_phone", "presence", ["on"], []),
        ("binary_sensor/hall_tamper", "tamper", ["on"], []),
        ("binary_sensor/hall_battery_low", "battery", ["on", "off"], [Battery(10.0), Battery(100.0)]),
        ("sensor/hall_battery", "battery", ["12", "unknown", "12.0"], [Battery(12)]),
        ("sensor/living_temperature", "temperature", ["21.5"], [Climate("living", 21.5)]),
        ("sensor/living_co2", "carbon_dioxide", ["910"], [Climate("living", None, None, 910.0)]),
        ("sensor/kettle_power", "power", ["0.3", "1800"], [Appliance("kettle", power_w=1800.0)]),
        ("switch/hall_lamp", None, ["on"], [Appliance("hall-lamp", True, by_hand=False)]),
        ("sensor/pendant_action", None, ["emergency", ""], [SosPressed()]),
        ("sun/sun", None, ["above_horizon"], []),
        ("binary_sensor/hall_motion", "motion", ["unavailable"], [Lost("unavailable")]),
    ],
)  # fmt: skip
def test_the_statestream(entity: str, device_class: str | None, states: list[str], events: list[Payload]) -> None:
    home = Home()
    if device_class is not None:
        home.hear(f"{HA}/{entity}/device_class", json.dumps(device_class), retained=True)
    assert home.told(*((f"{HA}/{entity}/state", state) for state in states)) == events


def test_fahrenheit_is_read_as_what_it_is() -> None:
    home = Home()
    home.hear(f"{HA}/sensor/living_temperature/unit_of_measurement", '"°F"', retained=True)
    assert home.told((f"{HA}/sensor/living_temperature/state", "95")) == [Climate("living", 35.0)]


def test_a_button_of_home_assistant_is_an_sos_by_its_name() -> None:
    for name, events in (("sos_button", [SosPressed()]), ("scene_button", [])):
        assert Home().told((f"{HA}/event/{name}/event_type", '"single"')) == events


def test_what_a_device_announces_is_heard_on_its_own_topic() -> None:
    home = Home()
    config = {
        "dev_cla": "motion", "stat_t": "~/motion/state", "~": "esp-hall/binary_sensor", "pl_on": "ON", "pl_off": "OFF",
        "dev": {"name": "Hall"},
    }  # fmt: skip
    announced = home.hear(f"{HA}/binary_sensor/esp-hall/motion/config", config, retained=True)
    assert isinstance(announced, Heard)
    assert announced.follow == ("esp-hall/binary_sensor/motion/state",)
    topic = announced.follow[0]
    assert home.told((topic, "ON"), (topic, "ON"), (topic, "odd"), (topic, "OFF")) == [
        Motion("hall"), Motion("hall", False),
    ]  # fmt: skip
    retained = home.hear(topic, "ON", retained=True)
    assert isinstance(retained, Heard)
    assert not retained.said
    home.hear(f"{HA}/binary_sensor/esp-hall/motion/config", b"", retained=False)
    assert home.told((topic, "ON")) == []


def test_one_topic_for_several_entities_and_one_announcement_for_several_topics() -> None:
    home = Home()
    components = {
        "t": {"p": "sensor", "device_class": "temperature", "value_template": "{{ value_json.temp }}"},
        "w": {"p": "binary_sensor", "device_class": "moisture", "value_template": "{{ value_json['leak'] }}",
              "payload_on": True, "payload_off": False},
        "s": {"p": "switch", "state_topic": "bath/relay"},
        "x": {"p": "sensor", "device_class": "humidity", "value_template": "{{ value_json.h | float * 2 }}"},
    }  # fmt: skip
    config = {"device": {"name": "Bath"}, "state_topic": "bath/all", "components": components}
    announced = home.hear(f"{HA}/device/bath-1/config", config)
    assert isinstance(announced, Heard)
    assert set(announced.follow) == {"bath/all", "bath/relay"}
    assert home.told(("bath/all", {"temp": "24.5", "leak": True, "h": 20}), ("bath/relay", "ON")) == [
        Leak("bath"), Climate("bath", 24.5), Appliance("bath", True, by_hand=False),
    ]  # fmt: skip


@pytest.mark.parametrize("topic", ["#", "care/+/up", ""])
def test_nobody_can_make_the_home_listen_to_everything(topic: str) -> None:
    heard = Home().hear(f"{HA}/sensor/x/config", {"device_class": "power", "state_topic": topic})
    assert isinstance(heard, Heard)
    assert heard.follow == ()


# --- SmartThings


def body(*events: dict[str, Any]) -> bytes:
    rows = [
        {"eventType": "DEVICE_EVENT", "eventTime": "2026-11-22T03:00:00Z", "deviceEvent": {"deviceId": "d-1", **event}}
        for event in events
    ]
    return json.dumps({"lifecycle": "EVENT", "eventData": {"events": rows}}).encode()


@pytest.mark.parametrize(
    ("capability", "attribute", "values", "events"),
    [
        ("motionSensor", "motion", ["active", "active", "inactive"], [Motion("hall"), Motion("hall", False)]),
        ("contactSensor", "contact", ["closed", "open"], [Contact("hall", True)]),
        ("presenceSensor", "presence", ["present"], []),
        ("occupancySensor", "occupancy", ["occupied"], [Presence("hall")]),
        ("waterSensor", "water", ["dry", "wet"], [Leak("hall")]),
        ("smokeDetector", "smoke", ["detected", "clear"], [Smoke("hall"), Smoke("hall", False)]),
        ("panicAlarm", "panicAlarm", ["panic", "clear", "panic"], [SosPressed(), SosPressed()]),
        ("button", "button", ["pushed"], []),
        ("battery", "battery", [61, 61], [Battery(61)]),
        ("switch", "switch", ["on"], [Appliance("hall")]),
        ("temperatureMeasurement", "temperature", [21.5], [Climate("hall", 21.5)]),
        ("tamperAlert", "tamper", ["detected"], []),
    ],
)  # fmt: skip
def test_smartthings(capability: str, attribute: str, values: list[Any], events: list[Payload]) -> None:
    said = body(*({"capability": capability, "attribute": attribute, "value": value} for value in values))
    heard = smartthings.hear(said, {}, {"d-1": "hall"})
    assert not isinstance(heard, Rejected)
    assert [one.data for part in heard for one in part.said] == events
    assert all(one.at == datetime(2026, 11, 22, 3, tzinfo=UTC) for part in heard for one in part.said)


def test_a_smartthings_button_named_sos_with_a_battery_that_is_empty() -> None:
    said = body(
        {"capability": "battery", "attribute": "battery", "value": 0},
        {"capability": "button", "attribute": "button", "value": "pushed"},
    )
    heard = smartthings.hear(said, {}, {"d-1": "SOS bedside"})
    assert not isinstance(heard, Rejected)
    assert [one.data for part in heard for one in part.said] == [Battery(0), SosPressed(LOW_BATTERY)]


@pytest.mark.parametrize("said", [b"", b"[]", b'{"eventData": 7}', b"\xff", b"[" * 300_000])
def test_a_body_that_is_none_is_rejected(said: bytes) -> None:
    assert isinstance(smartthings.hear(said, {}, {}), Rejected)
    assert smartthings.hear(b'{"lifecycle": "PING"}', {}, {}) == ()


def test_a_radar_that_sees_a_fall() -> None:
    home = Home()
    words = ("none", "maybe_fall", "fall", "fall", "none")
    assert home.told(*(("zigbee2mqtt/bath/radar", {"fall_down_status": word}) for word in words)) == [Fall("bath")]
