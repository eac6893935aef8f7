"""Setting a home up, through the whole intake, and what Home Assistant is shown, in its own format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.events import DeviceKnown, Motion, Note, Payload, SosPressed
from gateway import shown
from gateway.adapters.homeassistant import MOST_BOUND, able
from gateway.adapters.said import Heard, device_of
from gateway.intake import Hour
from gateway.pairing import RENEWED_S, Order
from tests.golden.box import NOW, Z2M, Box, box
from tests.golden.test_dialects import Home
from wire.standing import Standing

__all__ = ["box"]

PRESS = {"action": "emergency"}
PROOF = Note("sos_at_commissioning")


def begin(box: Box) -> None:
    box.intake.pairing.hear(Order("one"), NOW, box.now_s)


def known(box: Box) -> list[Payload]:
    box.intake.tell_proofs(Hour(NOW, box.now_s, True))
    return box._new()


@pytest.mark.parametrize("topic", [f"{Z2M}/button", "anbu/button/sos"])
def test_the_first_press_is_a_proof_and_the_second_a_cry(box: Box, topic: str) -> None:
    begin(box)
    assert box.hear(topic, PRESS) == [PROOF]
    assert box.hear(topic, PRESS) == [SosPressed()], "within the minute"
    box.wait(RENEWED_S - 1)
    assert box.hear(topic, PRESS) == [SosPressed()], "a button that is proved"
    assert known(box) == [DeviceKnown(("sos",), ())]


def test_a_button_that_was_pressed_in_earnest_is_proved(box: Box) -> None:
    assert box.hear(f"{Z2M}/button", PRESS) == [SosPressed()]
    box.restart()
    begin(box)
    assert box.hear(f"{Z2M}/button", PRESS) == [SosPressed()]


def test_a_press_after_it_has_ended_is_a_cry(box: Box) -> None:
    begin(box)
    box.wait(RENEWED_S)
    assert box.hear(f"{Z2M}/button", PRESS) == [SosPressed()]
    begin(box)
    assert box.hear(f"{Z2M}/other", PRESS) == [SosPressed()], "one that has ended does not go on"


def test_a_restart_ends_it(box: Box) -> None:
    begin(box)
    box.restart()
    assert box.hear(f"{Z2M}/button", PRESS) == [SosPressed()]


def test_a_button_that_has_just_joined_proves_itself_once(box: Box) -> None:
    begin(box)
    box.hear(f"{Z2M}/bridge/event", {"type": "device_joined", "data": {"friendly_name": "button"}})
    assert box.hear(f"{Z2M}/button", PRESS, PRESS) == [PROOF, SosPressed()]


def test_an_alarm_is_an_alarm_whoever_sets_the_home_up(box: Box) -> None:
    begin(box)
    for kind in ("smoke", "gas", "co", "fall"):
        (said,) = box.hear(f"anbu/kitchen-{kind}/{kind}", "{}")
        assert not isinstance(said, Note)


# --- who is announced


DEVICES: list[dict[str, Any]] = [
    {"friendly_name": "Coordinator", "definition": None},
    {"friendly_name": "hall/pir", "definition": {"exposes": [
        {"name": "occupancy", "property": "occupancy"}, {"name": "battery", "property": "battery"}]}},
    {"friendly_name": "bed/door", "definition": {"exposes": [{"name": "contact", "property": "contact"}]}},
    {"friendly_name": "button", "definition": {"exposes": [
        {"name": "action", "property": "action", "values": ["emergency", "off"]}]}},
    {"friendly_name": "remote", "definition": {"exposes": [
        {"name": "action", "property": "action", "values": ["on", "off"]}]}},
    {"friendly_name": "lamp", "definition": {"exposes": [
        {"type": "light", "features": [{"name": "state", "property": "state"}]}]}},
]  # fmt: skip


def waiting(box: Box) -> dict[str, str]:
    box.intake.tell_proofs(Hour(NOW, box.now_s, True))
    return {one.device: " ".join(sorted(one.unproved)) for one in box.intake.proofs.devices()}


def test_zigbee2mqtt_says_what_its_devices_can_do_and_who_leaves(box: Box) -> None:
    box.hear(f"{Z2M}/bridge/devices", json.dumps(DEVICES), retained=True)
    ids = {name.rpartition("-")[0] or name: kinds for name, kinds in waiting(box).items()}
    assert ids == {"hall-pir": "motion", "bed-door": "bed", "button": "sos", "lamp": "appliance", "remote": ""}
    assert box.hear(f"{Z2M}/hall/pir", {"occupancy": True})[-1] == Motion("hall")
    assert "motion" not in waiting(box).values()
    box.hear(f"{Z2M}/bridge/event", {"type": "device_leave", "data": {"ieee_address": "0x1", "friendly_name": "lamp"}})
    box.hear(f"{Z2M}/bridge/response/device/remove", {"data": {"id": "bed/door", "block": False}, "status": "ok"})
    box.hear(f"{Z2M}/bridge/response/device/rename", {"data": {"from": "hall/pir", "to": "hall/eye"}, "status": "ok"})
    box.hear(f"{Z2M}/bridge/response/device/remove", {"data": {"id": "button"}, "status": "error"})
    assert waiting(box) == {"button": "sos", "remote": ""}
    box.restart()
    assert waiting(box) == {"button": "sos", "remote": ""}


@pytest.mark.parametrize(
    ("odd", "rejected"),
    [({"friendly_name": 5}, 1), ({"ieee_address": "0x1"}, 1), (None, 1), ("a", 1),
     *(({"friendly_name": "odd", "definition": one}, 0) for one in (
         7, {}, {"exposes": None}, {"exposes": [None, {"name": None}, {"name": "action", "values": None}]},
         {"exposes": [{"name": "state", "property": None, "features": 7}]}))],
)  # fmt: skip
def test_an_odd_entry_takes_no_other_with_it(box: Box, odd: Any, rejected: int) -> None:
    box.hear(f"{Z2M}/bridge/devices", [odd, DEVICES[3], odd], retained=True)
    assert waiting(box)["button"] == "sos"
    assert box.outbox.counts() == ({"rejected_unreadable": 1} if rejected else {})
    box.hear(f"{Z2M}/bridge/groups", [odd, {"friendly_name": "lamps"}], retained=True)
    assert box.hear(f"{Z2M}/lamps", {"state": "ON"}) == []


def test_what_is_announced_for_home_assistant_must_prove_itself_too(box: Box) -> None:
    topic = "homeassistant/binary_sensor/esp/motion/config"
    config = {"name": "esp hall", "device_class": "motion", "state_topic": "esp/hall", "payload_on": "ON"}
    box.hear(topic, config, retained=True)
    assert waiting(box) == {"esp-hall": "motion"}
    box.hear("homeassistant/event/knob/config", {"name": "knob", "state_topic": "esp/knob", "event_types": ["turn"]})
    box.hear("homeassistant/event/cord/config", {"name": "cord", "state_topic": "esp/cord", "event_types": ["panic"]})
    assert waiting(box) == {"esp-hall": "motion", "cord": "sos", "knob": ""}
    assert box.hear("esp/hall", "ON")[-1] == Motion("esp-hall")
    assert waiting(box) == {"esp-hall": "", "cord": "sos", "knob": ""}
    box.hear("homeassistant/event/cord/config", "")
    assert waiting(box) == {"esp-hall": "", "knob": "press"}, "it is the only button now, and calls nobody"


def test_who_is_heard_anyway_is_announced_once(box: Box) -> None:
    config = {"device": {"name": "Hall PIR"}, "device_class": "occupancy", "state_topic": f"{Z2M}/Hall PIR"}
    box.hear("homeassistant/binary_sensor/0x1/occupancy/config", config, retained=True)
    assert waiting(box) == {}


# --- a button that calls nobody


def remote(name: str, *values: str) -> dict[str, Any]:
    exposes = [{"name": "action", "property": "action", "values": values}]
    return {"friendly_name": name, "definition": {"exposes": exposes}}


def test_a_home_whose_only_button_calls_nobody_is_not_all_proved(box: Box) -> None:
    box.hear(f"{Z2M}/bridge/devices", [remote("pendant", "single", "double")], retained=True)
    assert known(box) == [DeviceKnown(("press",), ("press",))]
    assert box.hear(f"{Z2M}/pendant", {"action": "single"}) == []
    assert waiting(box) == {"pendant": "press"}, "that it was heard is no proof that anybody would come"
    box.hear(f"{Z2M}/bridge/devices", [remote("pendant", "single"), remote("SOS", "single")], retained=True)
    assert waiting(box) == {"pendant": "", device_of("SOS"): "sos"}, "beside another it is a remote"


@pytest.mark.parametrize(
    ("topic", "payload"),
    [(f"{Z2M}/pendant", {"action": "single"}), ("stat/pendant/RESULT", {"Button1": {"Action": "SINGLE"}}),
     ("homeassistant/event/pendant/event_type", "single"), ("shellies/pendant/input_event/0", {"event": "S"})],
)  # fmt: skip
def test_a_button_that_nobody_has_announced_calls_nobody_either(box: Box, topic: str, payload: Any) -> None:
    assert box.hear(topic, payload) == []
    assert waiting(box) == {"pendant": "press"}
    box.intake.leave("pendant", Hour(NOW, box.now_s, True))
    assert waiting(box) == {}
    box.hear(topic, payload)
    assert waiting(box) == {"pendant": "press"}


def test_a_remote_that_is_meant_to_call_nobody_is_confirmed_by_name(box: Box) -> None:
    box.hear(f"{Z2M}/bridge/devices", [remote("lamps", "on", "off"), DEVICES[1]], retained=True)
    hour = Hour(NOW, box.now_s, True)
    for device in ("lamps", device_of("hall/pir"), "nobody"):
        box.intake.confirm(device, hour)
    box.restart()
    assert waiting(box) == {"lamps": "", device_of("hall/pir"): "motion"}
    box.intake.leave("lamps", hour)
    box.hear(f"{Z2M}/bridge/devices", [remote("lamps", "on", "off")], retained=True)
    assert waiting(box)["lamps"] == "press", "another one, perhaps"


def test_a_wall_switch_with_a_button_is_a_switch(box: Box) -> None:
    box.hear(f"{Z2M}/switch", {"state": "ON", "action": "single"})
    assert waiting(box) == {"switch": ""}


# --- ourselves, for Home Assistant


def test_what_is_announced_is_home_assistants_format() -> None:
    said = shown.announcement("gw-0001", "anbu-gateway 1", "ko")
    assert said["origin"]["name"]
    assert said["device"]["identifiers"] == ["anbu-gw-0001"]
    assert set(said["components"]) == {"case_open", "home_watched", "last_motion", "last_motion_age"}
    ids = [one["unique_id"] for one in said["components"].values()]
    assert len({*ids}) == 4
    for name, one in said["components"].items():
        assert one["platform"] in ("binary_sensor", "sensor")
        assert one["name"]
        assert {each["topic"] for each in one["availability"]} <= {shown.HERE, shown.CITY}
        assert one["value_template"] == f"{{{{ value_json.{name} }}}}"
        assert one["default_entity_id"] == f"{one['platform']}.anbu_{name}"
    assert said["components"]["last_motion"]["device_class"] == "timestamp"
    assert {"topic": shown.CITY} in said["components"]["case_open"]["availability"]


def test_our_own_announcement_is_no_device_and_its_echo_neither() -> None:
    home = Home()
    for topic in ("homeassistant/device/anbu-gw-0001/config", "homeassistant/device/other/config"):
        heard = home.hear(topic, shown.announcement("gw-0001", "1", "en"), retained=True)
        assert heard == Heard()
    assert not able(home.last, ["anbu/gateway/standing"])
    now = datetime(2026, 11, 22, tzinfo=UTC)
    state = shown.state(Standing(True, True, 90.0), now, now)
    assert home.told((shown.STANDING, state), (shown.HERE, "online"), (shown.CITY, "offline")) == []
    for entity in ("binary_sensor/anbu_case_open", "binary_sensor/anbu_case_open_2", "sensor/anbu_last_motion_age"):
        home.told((f"homeassistant/{entity}/device_class", "motion"))
        assert home.told((f"homeassistant/{entity}/state", "on"), (f"homeassistant/{entity}/state", "1")) == []
    assert home.told(
        ("homeassistant/binary_sensor/anbu_button/device_class", "safety"),
        ("homeassistant/binary_sensor/anbu_button/state", "on"),
    ) == [SosPressed()], "another thing that somebody has called so is heard"


def test_nothing_is_claimed_of_a_city_that_does_not_answer() -> None:
    now = datetime(2026, 11, 22, 1, tzinfo=UTC)
    said = shown.state(None, None, now)
    assert said == {
        "case_open": None, "home_watched": "OFF", "why": "unreached", "last_motion": None, "last_motion_age": None,
    }  # fmt: skip
    earlier = datetime(2026, 11, 22, 0, 18, tzinfo=UTC)
    said = shown.state(Standing(False, False, 90.0, "unproved"), earlier, now)
    assert said == {
        "case_open": "OFF", "home_watched": "OFF", "why": "unproved", "last_motion": "2026-11-22T00:18:00+00:00",
        "last_motion_age": 42,
    }  # fmt: skip


# --- who says that there are more than a home can have


def config(number: int, topic: str) -> tuple[str, dict[str, Any]]:
    said = {"name": f"d{number}", "state_topic": topic, "device_class": "motion"}
    return f"homeassistant/binary_sensor/n{number}/config", said


def test_what_is_announced_pushes_no_device_out(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.intake.MOST_DEVICES", 20)
    box.hear(f"{Z2M}/button", PRESS, {"battery": 80})
    for number in range(30):
        box.hear(*config(number, f"flood/{number}"), retained=True)
        box.hear(f"homeassistant/binary_sensor/n{number}_motion/device_class", "motion", retained=True)
    box.hear(f"{Z2M}/bridge/devices", [remote(f"r{number}", "on") for number in range(30)], retained=True)
    for _ in range(2):
        box.restart()
        box.roll()
        assert box.intake.proofs.proved("button", "sos")
    for number in range(25):
        box.hear(f"{Z2M}/dev{number}", {"battery": 80})
    box.roll()
    assert not box.intake.proofs.proved("button", "sos"), "who has spoken counts: the longest unheard is forgotten"


def test_there_is_an_end_to_what_is_announced(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.intake.MOST_NAMED", 10)
    for number in range(30):
        box.hear(*config(number, f"flood/{number}"), retained=True)
    assert len(box.intake.follow) == 5, "a topic and the announcement itself, each"
    assert box.outbox.counts() == {"rejected_too_many": 25}
    box.hear(*config(1, "flood/1"), retained=True)
    box.restart()
    box.hear(*config(40, "flood/40"), retained=True)
    assert box.outbox.counts() == {"rejected_too_many": 26}
    assert box.hear("flood/1", "ON") == [Motion("d1")]


def test_there_is_an_end_to_what_speaks_on_one_topic(box: Box) -> None:
    for number in range(MOST_BOUND + 50):
        box.hear(*config(number, "one/topic"), retained=True)
    assert box.outbox.counts() == {"rejected_too_many": 50}
    assert len(box.hear("one/topic", "ON")) == MOST_BOUND
    box.hear("homeassistant/binary_sensor/n0/config", "")
    box.hear(*config(MOST_BOUND + 7, "one/topic"), retained=True)
    assert box.outbox.counts() == {"rejected_too_many": 50}, "where one has left there is room"
