"""What a Home Assistant in the home is shown of ourselves, by its own discovery on the home's own broker.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.words import say
from gateway.adapters import native
from gateway.adapters.homeassistant import ORIGIN, OURS
from wire.standing import Standing

STANDING, HERE, CITY = (f"{native.BASE}/{name}" for name in (native.STANDING, native.HERE, native.CITY))
"""What is said: how the home stands, whether this program runs, and whether its city answers."""
ON, OFF = b"online", b"offline"
AGAIN_S = 60.0
EXPIRES_S = 180
"""It is said once a minute, and not believed after three: a broker may hold the word of a program that has died."""

_BORN = b"online"
_LOOKS: dict[str, dict[str, Any]] = {
    "case_open": {"platform": "binary_sensor", "device_class": "problem"},
    "home_watched": {"platform": "binary_sensor", "device_class": "running", "json_attributes_topic": STANDING,
                     "json_attributes_template": "{{ {'why': value_json.why} | tojson }}"},
    "last_motion": {"platform": "sensor", "device_class": "timestamp"},
    "last_motion_age": {"platform": "sensor", "device_class": "duration", "unit_of_measurement": "min",
                        "state_class": "measurement", "suggested_display_precision": 0},
}  # fmt: skip
Publish = Callable[[str, bytes, int], object]


class Shown:
    """Driven by one thread: `turn` often. Says what it announces anew to each connection and each Home Assistant that
    was born since; how the home stands, when it changes and once a minute.
    """

    def __init__(self, publish: Publish, bases: Sequence[str], gateway: str, version: str, language: str) -> None:
        """`publish` hands a message to the home's broker, with a QoS, to be retained. `bases`: where discovery listens;
        none: nothing is said.
        """
        self._publish, self._bases = publish, bases
        self._config = msgspec.json.encode(announcement(gateway, version, language))
        self._topics = [f"{base}/device/anbu-{gateway}/config" for base in bases]
        self._life = 0
        self._said: tuple[object, ...] = ()
        self._said_s = 0.0

    @property
    def on(self) -> bool:
        """Whether anything is said."""
        return bool(self._bases)

    def hear(self, topic: str, payload: bytes) -> None:
        """A Home Assistant that is born knows nothing."""
        if payload == _BORN and topic in [f"{base}/status" for base in self._bases]:
            self._life = 0

    def turn(
        self, life: int, standing: Standing | None, moved_at: datetime | None, now: datetime, now_s: float
    ) -> None:
        """`life`: which connection to the home's broker this is; 0: there is none. `standing` None: no city says how
        the home stands. `now_s` counts the seconds that pass.
        """
        if not self._bases or not life:
            return
        what = standing and (standing.case, standing.watched, standing.why), moved_at
        if life != self._life:
            self._life = life
            for topic in self._topics:
                self._publish(topic, self._config, 1)
            self._publish(HERE, ON, 1)
        elif what == self._said and now_s - self._said_s < AGAIN_S:
            return
        self._said, self._said_s = what, now_s
        self._publish(CITY, OFF if standing is None else ON, 0)
        self._publish(STANDING, msgspec.json.encode(state(standing, moved_at, now)), 0)

    def leave(self) -> None:
        """Nobody says anything from now on."""
        if self._bases and self._life:
            self._publish(HERE, OFF, 1)


def state(standing: Standing | None, moved_at: datetime | None, now: datetime) -> dict[str, Any]:
    """How the home stands, as its entities read it; null is not known, which is what Home Assistant makes of it."""

    def switch(on: bool) -> str:
        return "ON" if on else "OFF"

    age_s = None if moved_at is None else max((now - moved_at).total_seconds(), 0.0)
    return {
        "case_open": None if standing is None else switch(standing.case),
        # Nobody who cannot be reached watches.
        "home_watched": switch(standing is not None and standing.watched),
        "why": "unreached" if standing is None else standing.why,
        "last_motion": None if moved_at is None else moved_at.astimezone(UTC).isoformat(timespec="seconds"),
        "last_motion_age": None if age_s is None else int(age_s // 60),
    }


def announcement(gateway: str, version: str, language: str) -> dict[str, Any]:
    """The device that we are to Home Assistant (from 2024.11 on), and its entities."""
    here, city = {"topic": HERE}, {"topic": CITY}
    return {
        "device": {
            "identifiers": [f"anbu-{gateway}"],
            "name": "Anbu",
            "manufacturer": "Anbu",
            "model": say("shown.model", language),
            "sw_version": version,
            "serial_number": gateway,
        },
        "origin": {"name": ORIGIN, "sw_version": version},
        "state_topic": STANDING,
        "qos": 1,
        "components": {
            name: {
                **_LOOKS[name],
                "unique_id": f"anbu_{gateway}_{name}",
                "default_entity_id": f"{_LOOKS[name]['platform']}.anbu_{name}",
                "name": say(f"shown.{name}", language),
                "value_template": f"{{{{ value_json.{name} }}}}",
                "expire_after": EXPIRES_S,
                "availability": [here, city] if name == "case_open" else [here],
                "availability_mode": "all",
            }
            for name in OURS
        },
    }
