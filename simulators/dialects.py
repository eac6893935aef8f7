"""How real devices say what a virtual home's sensors see: small honest writers, one a dialect, with their habits.

They say whole states and not what has changed, the old state just before the new one, the same again and again, and
keep some of it at the broker.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from core.events import (
    Appliance,
    Battery,
    Bed,
    Climate,
    Contact,
    Fall,
    Medication,
    Motion,
    Payload,
    Presence,
    Smoke,
    SosPressed,
)
from simulators.home import Said

_encode = msgspec.json.encode


class Message(NamedTuple):
    """What is published on the home's own broker."""

    topic: str
    payload: bytes
    retained: bool = False


class Writer(ABC):
    """One home's devices in one dialect; it remembers how each stands. `announce` is what they say when they are
    switched on, and what a broker may hold of them for years."""

    def __init__(self) -> None:
        self._states: dict[str, dict[str, Any]] = {}

    def announce(self) -> Iterator[Message]:
        """What is kept at the broker and must mean nothing."""
        yield from ()

    def say(self, said: Said) -> list[Message]:
        """The messages of one thing that a device says. What the dialect has no word for is said natively, as by a
        device that is made for this."""
        messages = list(self._said(said))
        return messages or list(native(said))

    @abstractmethod
    def _said(self, said: Said) -> Iterator[Message]:
        """What the dialect has a word for."""

    def _state(self, name: str, **members: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """How a device stood before, and stands now."""
        before = dict(self._states.setdefault(name, {}))
        self._states[name].update(members)
        return before, dict(self._states[name])


def native(said: Said) -> Iterator[Message]:
    """`anbu/DEVICE/KIND`."""
    yield Message(f"anbu/{said.device}/{said.kind}", _encode(said.data))


class Native(Writer):
    """Devices that are made for this."""

    def _said(self, said: Said) -> Iterator[Message]:
        yield from native(said)


def place_of(data: Payload) -> str:
    """A room or a place as it stands in a name, without spaces."""
    return str(getattr(data, "room", "") or getattr(data, "place", "") or getattr(data, "name", "")).replace(" ", "-")


class Zigbee2Mqtt(Writer):
    """A device's whole state at each word; before a new one the old one again, as many do, and after it once more."""

    base = "zigbee2mqtt"

    def __init__(self) -> None:
        super().__init__()
        self._words = 0

    def announce(self) -> Iterator[Message]:
        yield Message(f"{self.base}/bridge/state", b'{"state":"online"}', True)
        yield Message(f"{self.base}/front-door/contact", b'{"contact":false,"battery":9}', True)
        yield Message(f"{self.base}/sos-button", b'{"action":"emergency","battery":0}', True)

    def _said(self, said: Said) -> Iterator[Message]:
        place = place_of(said.data)
        match said.data:
            case Motion(on=on):
                yield from self._turn(f"{place}/pir", occupancy=on, battery=97)
            case Contact(open=bool(is_open)):
                yield from self._turn(f"{place}/sensor", contact=not is_open, battery=60, tamper=False)
            case Presence(present=present):
                yield from self._turn(f"{place}/radar", presence=present, illuminance_lux=369)
            case Bed(in_bed=in_bed):
                yield from self._turn("bed/mat", presence=in_bed)
            case Appliance(on=on):
                yield from self._turn(f"{place}/plug", state="ON", power=1800 if on else 0.4, energy=3.1)
            case Medication():
                yield from self._turn("pill-box", contact=False)
                yield from self._turn("pill-box", contact=True)
            case Climate(temp_c=temp_c, humidity_pct=humidity_pct):
                yield from self._turn(f"{place}/air", temperature=temp_c, humidity=humidity_pct, battery=88)
            case Smoke(alarm=alarm):
                yield from self._turn(f"{place}/smoke", smoke=alarm, test=False, battery="100.00")
            case Fall():
                yield from self._turn(f"{place}/fall", fall_down_status="fall")
                yield from self._turn(f"{place}/fall", fall_down_status="none")
            case SosPressed():
                for action in ("emergency", "", None):
                    yield self._message("sos-button", {"action": action, "battery": 80})
            case Battery(percent=percent):
                yield from self._turn(f"{said.device}/sensor", battery=percent)

    def _turn(self, name: str, **members: Any) -> Iterator[Message]:
        before, now = self._state(name, **members)
        if before:
            yield self._message(name, before)
        yield self._message(name, now)
        yield self._message(name, now)

    def _message(self, name: str, state: Mapping[str, Any]) -> Message:
        self._words += 1
        payload = {**state, "linkquality": 40 + self._words % 90, "update": {"state": "idle"}}
        return Message(f"{self.base}/{name}", _encode(payload), retained=name.endswith("sensor"))


class Statestream(Writer):
    """Home Assistant, every entity a topic, all of it kept at the broker; a restart says it all again."""

    base = "homeassistant"

    def announce(self) -> Iterator[Message]:
        for room in ("bedroom", "bathroom", "kitchen", "living"):
            yield self._attribute("binary_sensor", f"{room}_motion", "device_class", "motion")
        for place in ("front_door_contact", "fridge_contact", "pill_box_contact"):
            yield self._attribute("binary_sensor", place, "device_class", "door")
        yield self._attribute("binary_sensor", "bed_occupancy", "device_class", "occupancy")
        yield self._attribute("sensor", "living_temperature", "unit_of_measurement", "°C")
        yield Message(f"{self.base}/binary_sensor/front_door_contact/state", b"on", True)
        yield Message(f"{self.base}/event/sos_button/event_type", b'"single"', True)

    def _said(self, said: Said) -> Iterator[Message]:
        place = place_of(said.data).replace("-", "_")
        match said.data:
            case Motion(on=on):
                yield from self._entity("binary_sensor", f"{place}_motion", "on" if on else "off")
            case Contact(open=bool(is_open)):
                yield from self._entity("binary_sensor", f"{place}_contact", "on" if is_open else "off")
            case Bed(in_bed=in_bed):
                yield from self._entity("binary_sensor", "bed_occupancy", "on" if in_bed else "off")
            case Appliance(on=on):
                yield from self._entity("sensor", f"{place}_power", "1800.0" if on else "0.4")
            case Medication():
                yield from self._entity("binary_sensor", "pill_box_contact", "on")
                yield from self._entity("binary_sensor", "pill_box_contact", "off")
            case Climate(temp_c=temp_c, humidity_pct=humidity_pct):
                yield from self._entity("sensor", f"{place}_humidity", f"{humidity_pct}")
                yield from self._entity("sensor", f"{place}_temperature", f"{temp_c}")
            case Smoke(alarm=alarm):
                yield from self._entity("binary_sensor", f"{place}_smoke", "on" if alarm else "off")
            case SosPressed():
                yield self._attribute("event", "sos_button", "state", said.at.isoformat())
                yield self._attribute("event", "sos_button", "event_type", "single")
            case Battery(percent=percent):
                yield from self._entity("sensor", f"{said.device}_battery".replace("-", "_"), f"{percent:g}")

    def _entity(self, domain: str, object_id: str, state: str) -> Iterator[Message]:
        before, _ = self._state(object_id, state=state)
        if before:
            yield Message(f"{self.base}/{domain}/{object_id}/state", before["state"].encode(), True)
        yield Message(f"{self.base}/{domain}/{object_id}/state", state.encode(), True)
        yield self._attribute(domain, object_id, "friendly_name", object_id.replace("_", " ").title())

    def _attribute(self, domain: str, object_id: str, name: str, value: str) -> Message:
        return Message(f"{self.base}/{domain}/{object_id}/{name}", _encode(value), True)


class Announced(Writer):
    """Devices that announce themselves for Home Assistant's discovery and speak on topics of their own."""

    def announce(self) -> Iterator[Message]:
        for room in ("bedroom", "bathroom", "kitchen", "living"):
            yield self._config("binary_sensor", room, "motion", "motion", on="ON", off="OFF")
        for place in ("front-door", "fridge", "pill-box"):
            yield self._config("binary_sensor", place, "contact", "door", on="open", off="closed")
        yield self._config("binary_sensor", "bed", "mat", "occupancy", on="1", off="0")
        yield self._config("sensor", "kettle", "power", "power", template="{{ value_json.ENERGY.Power }}")
        yield self._config("sensor", "living", "temperature", "temperature", template="{{value_json.t}}")
        yield self._config("binary_sensor", "kitchen", "smoke", "smoke", on="ON", off="OFF")
        yield self._config("binary_sensor", "sos-button", "press", "safety", on="ON", off="OFF")
        yield Message("esp/front-door/contact", b"open", True)

    def _said(self, said: Said) -> Iterator[Message]:
        place = place_of(said.data)
        match said.data:
            case Motion(on=on):
                yield from self._twice(f"esp/{place}/motion", b"ON" if on else b"OFF")
            case Contact(open=bool(is_open)):
                yield from self._twice(f"esp/{place}/contact", b"open" if is_open else b"closed")
            case Bed(in_bed=in_bed):
                yield from self._twice("esp/bed/mat", b"1" if in_bed else b"0")
            case Appliance(on=on):
                yield from self._twice(f"esp/{place}/power", _encode({"ENERGY": {"Power": 1800 if on else 0.4}}))
            case Medication():
                yield Message("esp/pill-box/contact", b"open", True)
                yield Message("esp/pill-box/contact", b"closed", True)
            case Climate(temp_c=temp_c):
                yield from self._twice(f"esp/{place}/temperature", _encode({"t": temp_c}))
            case Smoke(alarm=alarm):
                yield from self._twice(f"esp/{place}/smoke", b"ON" if alarm else b"OFF")
            case SosPressed():
                yield Message("esp/sos-button/press", b"ON")
                yield Message("esp/sos-button/press", b"OFF")

    def _twice(self, topic: str, payload: bytes) -> Iterator[Message]:
        yield Message(topic, payload, True)
        yield Message(topic, payload, True)

    def _config(
        self, domain: str, name: str, what: str, device_class: str, *, on: str = "", off: str = "", template: str = ""
    ) -> Message:
        config: dict[str, Any] = {"dev_cla": device_class, "stat_t": f"esp/{name}/{what}", "dev": {"name": name}}
        config |= {"pl_on": on, "pl_off": off} if on else {}
        config |= {"val_tpl": template} if template else {}
        return Message(f"homeassistant/{domain}/{name}/{what}/config", _encode(config), True)


class Tasmota(Writer):
    """Plugs and a Zigbee bridge: a word when something turns, and the same again in the minutes' telemetry."""

    def _said(self, said: Said) -> Iterator[Message]:
        place = place_of(said.data)
        match said.data:
            case Motion(on=on):
                yield from self._radio(place, Occupancy=int(on))
            case Contact(open=bool(is_open)):
                yield from self._radio(place, Contact=int(is_open))
            case Bed(in_bed=in_bed):
                yield from self._radio("bed", Contact=int(not in_bed))
            case Medication():
                yield from self._radio("pill-box", Contact=1)
                yield from self._radio("pill-box", Contact=0)
            case Smoke(alarm=alarm):
                yield from self._radio(place, Fire=int(alarm))
            case Appliance(on=on):
                yield Message(f"tele/{place}/STATE", b'{"POWER":"ON","Wifi":{"RSSI":72}}')
                yield Message(f"tele/{place}/SENSOR", _encode({"ENERGY": {"Power": 1800 if on else 0, "Total": 3.1}}))
            case Climate(temp_c=temp_c, humidity_pct=humidity_pct):
                air = {"AM2301": {"Temperature": temp_c, "Humidity": humidity_pct}, "TempUnit": "C"}
                yield Message(f"tele/{place}/SENSOR", _encode(air))
            case SosPressed():
                yield Message("stat/sos-button/RESULT", b'{"Button1":{"Action":"SINGLE"}}')

    def _radio(self, name: str, **members: Any) -> Iterator[Message]:
        said = {"Device": "0x5E8D", "Name": name, **members, "Endpoint": 1, "LinkQuality": 58}
        for _ in range(2):
            yield Message("tele/zbbridge/SENSOR", _encode({"ZbReceived": {"0x5E8D": said}}))


class Shelly(Writer):
    """Both generations: a value on a topic of its own, kept at the broker, and components as JSON, said by two ways."""

    def announce(self) -> Iterator[Message]:
        yield Message("shellies/front-door/sensor/state", b"open", True)
        yield Message("shellies/sos-button/online", b"true", True)

    def _said(self, said: Said) -> Iterator[Message]:
        place = place_of(said.data)
        match said.data:
            case Motion(on=on):
                yield from self._first(place, "motion", "true" if on else "false")
            case Contact(open=bool(is_open)):
                yield from self._first(place, "state", "open" if is_open else "close")
            case Bed(in_bed=in_bed):
                yield from self._first("bed", "state", "close" if in_bed else "open")
            case Medication():
                yield from self._first("pill-box", "state", "open")
                yield from self._first("pill-box", "state", "close")
            case Smoke(alarm=alarm):
                yield from self._later(place, "smoke:0", {"id": 0, "alarm": alarm, "mute": False}, said)
            case Appliance(on=on):
                plug = {"id": 0, "source": "init", "output": True, "apower": 1800.0 if on else 0.0, "voltage": 229.4}
                yield from self._later(place, "switch:0", plug, said)
            case Climate(temp_c=temp_c, humidity_pct=humidity_pct):
                yield from self._later(place, "humidity:0", {"id": 0, "rh": humidity_pct}, said)
                yield from self._later(place, "temperature:0", {"id": 0, "tC": temp_c}, said)
            case SosPressed():
                yield Message("shellies/sos-button/input_event/0", b'{"event":"S","event_cnt":3}')

    def _first(self, name: str, what: str, value: str) -> Iterator[Message]:
        for _ in range(2):
            yield Message(f"shellies/{name}/sensor/{what}", value.encode(), True)

    def _later(self, name: str, component: str, status: dict[str, Any], said: Said) -> Iterator[Message]:
        notice = {"src": name, "method": "NotifyStatus", "params": {"ts": said.at.timestamp(), component: status}}
        yield Message(f"{name}/events/rpc", _encode(notice))
        yield Message(f"{name}/status/{component}", _encode(status))


WRITERS: dict[str, Callable[[], Writer]] = {
    "native": Native,
    "zigbee2mqtt": Zigbee2Mqtt,
    "statestream": Statestream,
    "discovery": Announced,
    "tasmota": Tasmota,
    "shelly": Shelly,
}
