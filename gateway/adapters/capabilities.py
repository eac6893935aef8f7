"""What devices can do, once for all dialects: which care event it is, and by which name each dialect calls it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from core.events import (
    Appliance,
    Battery,
    Bed,
    CarbonMonoxide,
    Contact,
    Fall,
    Gas,
    Leak,
    Medication,
    Motion,
    Payload,
    Presence,
    Smoke,
    SosPressed,
)

USE_W, STANDBY_W = 15.0, 5.0
"""A plug is in use from the first on, and no longer from the second down; between them it is as it was."""
EMPTY_PCT = 10.0
"""A button at or below it may press itself; it is also what is known of a battery that only says that it is low."""

_POSSIBLE = {
    "temperature": (-60.0, 150.0), "humidity": (0.0, 100.0), "co2": (0.0, 100_000.0), "battery": (0.0, 100.0),
    "power": (-100_000.0, 100_000.0),
}  # fmt: skip


def possible(name: str, measured: float) -> bool:
    """Whether a home can measure that of a capability."""
    least, most = _POSSIBLE.get(name, (float("-inf"), float("inf")))
    return least <= measured <= most


class Capability(NamedTuple):
    """One thing that a device can do.

    `name`: under which its last value is remembered, Zigbee2MQTT's first word for it. `rest`: its value while nothing
    is, None: it measures. `says`: the event of a value that is news, given the place; None: the value is no event.
    The dialects' names: an exclamation mark before one says that it has the value the other way round. Home Assistant's
    are `domain` or `domain.device_class`, SmartThings' `capability.attribute`, Shelly's the end of a topic of the first
    generation, or `component.attribute` of the later ones.
    """

    name: str
    kind: str
    rest: bool | None
    says: Callable[[str, Any], Payload | None]
    how: str
    zigbee2mqtt: tuple[str, ...] = ()
    homeassistant: tuple[str, ...] = ()
    tasmota: tuple[str, ...] = ()
    shelly: tuple[str, ...] = ()
    smartthings: tuple[str, ...] = ()


def _moved(place: str, on: bool) -> Payload | None:
    return Contact(place, None) if on else None


def _measured(_place: str, _value: float) -> Payload | None:
    """Several measures of one message are one event: `news` makes it."""
    return None


TABLE = (
    Capability(
        "smoke", "smoke", False, lambda room, on: Smoke(room, on), "alarm and all-clear",
        ("smoke",), ("binary_sensor.smoke",), ("Fire",), ("sensor/smoke", "smoke.alarm"), ("smokeDetector.smoke",),
    ),
    Capability(
        "gas", "gas", False, lambda room, on: Gas(room, on), "alarm and all-clear",
        ("gas",), ("binary_sensor.gas",), ("Gas",), ("sensor/gas",), ("gasDetector.gas",),
    ),
    Capability(
        "carbon_monoxide", "co", False, lambda room, on: CarbonMonoxide(room, on), "alarm and all-clear",
        ("carbon_monoxide",), ("binary_sensor.carbon_monoxide",), ("CO",), (),
        ("carbonMonoxideDetector.carbonMonoxide",),
    ),
    Capability(
        "water_leak", "leak", False, lambda room, on: Leak(room, on), "alarm and all-clear",
        ("water_leak",), ("binary_sensor.moisture",), ("Water",), ("sensor/flood", "flood.alarm"),
        ("waterSensor.water",),
    ),
    Capability(
        "fall", "fall", False, lambda room, on: Fall(room) if on else None, "a radar's word `fall`; its end is nothing",
        ("fall_down_status",), (), (), (), (),
    ),
    Capability(
        "sos", "sos", False, lambda _, on: SosPressed() if on else None,
        "each press; also any press of a button whose name says SOS",
        ("action", "sos"), ("binary_sensor.safety", "event.button"), ("PersonalEmergency", "Button"),
        ("input_event", "input.event"), ("panicAlarm.panicAlarm", "button.button"),
    ),
    Capability(
        "contact", "contact", True, lambda place, closed: Contact(place, not closed), "opened and closed",
        ("contact", "garage_door_contact"),
        ("!binary_sensor.door", "!binary_sensor.window", "!binary_sensor.opening", "!binary_sensor.garage_door"),
        ("!Contact",), ("!sensor/state", "!window.open"), ("!contactSensor.contact",),
    ),
    Capability(
        "vibration", "contact", False, _moved, "it moved, nobody knows which way; its end is nothing",
        ("vibration",), ("binary_sensor.vibration", "binary_sensor.moving"), ("Movement", "Vibration"),
        ("sensor/vibration",), ("accelerationSensor.acceleration",),
    ),
    Capability(
        "occupancy", "motion", False, lambda room, on: Motion(room, on), "on and off; off is the sensor's own reset",
        ("occupancy", "motion"), ("binary_sensor.motion",), ("Occupancy", "PIR"), ("sensor/motion", "motion.motion"),
        ("motionSensor.motion",),
    ),
    Capability(
        "presence", "presence", False, lambda room, on: Presence(room, on), "somebody came and went (mmWave, mat)",
        ("presence",), ("binary_sensor.occupancy",), ("Presence",), ("presence.presence",),
        ("occupancySensor.occupancy",),
    ),
    Capability(
        "bed", "bed", False, lambda _, on: Bed(on), "a presence, or a contact that closes, of a thing named bed",
        ("bed_presence",), (), (), (), ("bed.bed",),
    ),
    Capability(
        "pills", "medication", False, lambda _, on: Medication() if on else None,
        "a contact that opens, or a movement, of a thing named pill box",
    ),
    Capability(
        "state", "appliance", False, lambda name, on: Appliance(name, on),
        "on and off; not by hand within 10 s of an order over MQTT",
        ("state",), ("switch", "light"), ("POWER",), ("relay/N", "switch.output", "light.output"), ("switch.switch",),
    ),
    Capability(
        "power", "appliance", None, _measured,
        f"in use from {USE_W:g} W, no longer at {STANDBY_W:g} W; what cycles by itself is not by hand",
        ("power",), ("sensor.power",), ("ENERGY.Power",), ("relay/N/power", "switch.apower"), ("powerMeter.power",),
    ),
    Capability(
        "temperature", "climate", None, _measured, "°C",
        ("temperature", "local_temperature"), ("sensor.temperature",), ("Temperature",),
        ("sensor/temperature", "temperature.tC"), ("temperatureMeasurement.temperature",),
    ),
    Capability(
        "humidity", "climate", None, _measured, "%, with the temperature of the same message or alone",
        ("humidity",), ("sensor.humidity",), ("Humidity",), ("sensor/humidity", "humidity.rh"),
        ("relativeHumidityMeasurement.humidity",),
    ),
    Capability(
        "co2", "climate", None, _measured, "ppm, as humidity",
        ("co2",), ("sensor.carbon_dioxide",), ("CarbonDioxide",), (), ("carbonDioxideMeasurement.carbonDioxide",),
    ),
    Capability(
        "battery", "battery", None, lambda _, percent: Battery(percent), "%, number or text, when it changes",
        ("battery",), ("sensor.battery",), ("BatteryPercentage",), ("sensor/battery", "devicepower.battery"),
        ("battery.battery",),
    ),
    Capability(
        "battery_low", "battery", False, lambda _, low: Battery(EMPTY_PCT if low else 100.0),
        f"of a device that has no number: low is {EMPTY_PCT:g} %, low no more 100 %",
        ("battery_low",), ("binary_sensor.battery",), (), (), (),
    ),
)  # fmt: skip
"""In the order in which the events of one message are said: a danger first."""
BY_NAME = {capability.name: capability for capability in TABLE}

Names = dict[str, tuple[Capability, bool]]
"""What a dialect calls a capability -> it, and whether its value is the other way round"""


def names_of(dialect: str) -> Names:
    """A dialect's words; `dialect` is the field of `Capability`."""
    return {
        name.removeprefix("!"): (capability, name.startswith("!"))
        for capability in TABLE
        for name in getattr(capability, dialect)
    }


IGNORED = {
    "tamper": "somebody opened the device, most often who changes its battery",
    "test": "a device tries itself out, or somebody tries it",
    "linkquality": "says how good the radio is, nothing of a person",
    "rssi": "as linkquality",
    "voltage": "the battery's percentage says it",
    "last_seen": "is read as when it happened",
    "update": "new firmware for the device",
    "update_available": "as update",
    "illuminance": "lamps and the sun change it",
    "illuminance_lux": "as illuminance",
    "illuminance_above_threshold": "as illuminance",
    "pressure": "the weather's, not a mat's",
    "energy": "a sum; the power says what happens now",
    "current": "as energy",
    "device_temperature": "of a chip, not of a room",
    "brightness": "a lamp's; `state` says whether it is on",
    "color": "a lamp's",
    "color_mode": "a lamp's",
    "color_options": "a lamp's",
    "color_temp": "a lamp's",
    "color_temp_startup": "a lamp's",
    "level_config": "a setting",
    "power_on_behavior": "a setting",
    "occupancy_timeout": "a setting",
    "motion_sensitivity": "a setting",
    "led_indication": "a setting",
    "detection_delay": "a setting",
    "fading_time": "a setting",
    "maximum_range": "a setting",
    "minimum_range": "a setting",
    "radar_sensitivity": "a setting",
    "target_distance": "how far off, beside `presence`",
    "trigger": "an order to a gate",
    "ac_status": "the alarm's own supply",
    "trouble": "the alarm's own fault",
    "restore_reports": "a setting",
    "supervision_reports": "a setting",
    "child_lock": "a radiator valve's",
    "open_window": "a radiator valve's guess from the temperature",
    "running_state": "a radiator valve's",
    "system_mode": "a radiator valve's",
    "weekly_schedule": "a radiator valve's",
    "idle_steps": "a radiator valve's",
    "closing_steps": "a radiator valve's",
    "frost_protection_temperature": "a radiator valve's",
    "local_temperature_calibration": "a radiator valve's",
    "occupied_heating_setpoint": "a radiator valve's",
    "valve_closing_degree": "a radiator valve's",
    "valve_closing_limit_voltage": "a radiator valve's",
    "valve_motor_running_voltage": "a radiator valve's",
    "valve_opening_degree": "a radiator valve's",
    "valve_opening_limit_voltage": "a radiator valve's",
}
"""Members that are known and mean nothing for a person's life, and why."""

# --- what a name says: of a mat, a box and a button the installer's word is all there is

_WORDS = re.compile(r"[a-z]+|[가-힣]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BED = frozenset({"bed", "mattress", "침대", "침상"})
_ROOM = frozenset({"room"})
_CHAIR = frozenset({"chair", "armchair", "sofa", "couch", "의자", "소파"})
_PILLS = frozenset({"pill", "pills", "pillbox", "medicine", "medication", "약", "약통", "약상자"})
# By these words any button cries for help; and by any press, where its name has one of them.
_CRIES = ("emergency", "sos", "panic")
_HELP = (*_CRIES, "help")
_HELP_KO = ("비상", "응급", "긴급", "호출", "안심", "도움")
# `sos_clear` and `no_emergency` say that it is over.
_OVER = frozenset({"release", "released", "clear", "cleared", "cancel", "canceled", "cancelled", "off", "end", "no"})
# Their power comes and goes for months while nobody is there.
_CYCLES = frozenset(
    {"fridge", "refrigerator", "freezer", "boiler", "heater", "heating", "pump", "purifier", "dehumidifier", "cooker"}
    | {"humidifier", "aircon", "냉장고", "김치냉장고", "보일러", "정수기", "제습기", "가습기", "공기청정기", "밥솥"}
)


def _words(name: str) -> list[str]:
    """The words of a name, also those that only a capital letter tells apart: `SOSButton`."""
    text = unicodedata.normalize("NFKC", name)
    return _WORDS.findall(f"{_CAMEL.sub(' ', text)} {text}".lower())


def _says(name: str, what: frozenset[str]) -> bool:
    """Whether a name has one of these words. Korean writes them together: 약통센서 begins with 약통."""
    return any(
        word in what or any(len(one) > 1 and not one.isascii() and word.startswith(one) for one in what)
        for word in _words(name)
    )


def is_sos(name: str) -> bool:
    """Whether a name says that any press of this button is a cry for help: a word of it begins or ends so."""
    return any(
        word.startswith(_HELP) or word.endswith(_HELP) or any(one in word for one in _HELP_KO) for word in _words(name)
    )


def is_cry(action: str) -> bool:
    """Whether a button's word is a cry for help, whatever the button is called: `emergency`, `sos_press`, `1_panic`."""
    words = _words(action)
    return any(word.startswith(_CRIES) or word.endswith(_CRIES) for word in words) and not _OVER & {*words}


def cycles(name: str) -> bool:
    """Whether a name is of a machine that turns itself on and off."""
    return _says(name, _CYCLES)


def cries(name: str, words: Iterable[object]) -> bool:
    """Whether a button that can say these words can cry for help."""
    return is_sos(name) or any(isinstance(word, str) and is_cry(word) for word in words)


def kind_of(what: str, name: str) -> str:
    """The kind of event that a capability of the device that people call `name` makes."""
    return as_named(BY_NAME[what], True, name)[0].kind


def as_named(capability: Capability, value: bool, name: str) -> tuple[Capability, bool]:
    """A contact or a presence in a bed, a chair or a pill box is another thing than on a door."""
    if capability.name in ("contact", "vibration") and _says(name, _PILLS):
        return BY_NAME["pills"], value if capability.name == "vibration" else not value
    if capability.name in ("contact", "presence") and _says(name, _BED) and not _says(name, _ROOM):
        return BY_NAME["bed"], value
    if capability.name == "contact" and _says(name, _CHAIR):
        return BY_NAME["presence"], value
    return capability, value
