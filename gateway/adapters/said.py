"""What every dialect is turned into, and the two judgements that all share: a device's name, and a device's clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from core.events import Payload, Rejected

MAX_BYTES = 16 * 1024
"""A longer message is no sensor's; a care event of this size fits the city's 64 KiB."""
AHEAD = timedelta(minutes=2)
BEHIND = timedelta(hours=72)
CLASSES_S = (90.0, 180.0, 5 * 3600.0, 25 * 3600.0)
"""How long a device of each class may say nothing before it is lost."""
MEASURES_S, BATTERY_S = CLASSES_S[2], CLASSES_S[3]
"""The class of a device that measures something, and of one on a battery that says how full it is, once a day or so."""

SELF = "gateway"
"""The program itself, among the devices of the home."""
BRIDGE = "zigbee2mqtt-bridge"
"""Zigbee2MQTT itself."""
_TAKEN = frozenset({SELF, BRIDGE})

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_UNFIT = re.compile(r"[^a-z0-9]+")

CAN = "can"
"""Under this a device's kinds are remembered, as somebody has announced them: separated by spaces, perhaps none."""

State = bool | float | str
States = Mapping[tuple[str, str], State]
"""(device, capability) -> what it last said. A text is a dialect's own note: how a topic is to be read."""


class Said(NamedTuple):
    """One thing that a device said. `at` is the device's own word for when, `id` its own name for the message.

    `again`: an alarm whose state was on before, as far as is known. Its end may have been missed, so that it is another
    one; or another member of the same message has changed: only the time tells.
    """

    device: str
    kind: str
    data: Payload
    at: datetime | None = None
    id: str | None = None
    again: bool = False


class Heard(NamedTuple):
    """What a message means: events, often none, and the states that are to be remembered with them.

    `device`: who lives, since it spoke; `gone`: or who does not, as somebody else says. `every_s`: how often the device
    itself says that it will speak; `within_s`: how often one that can do such things does, None: that is not known.
    `pairing`: who is joining the home's network just now; `ordered`: somebody gives a device an order over MQTT, so
    that what turns now turns by itself; `follow`: topics that a device has said it will speak on. `whole`: it says
    all it knows at each word, so that a measure may be an old one. `left`: who has been taken out of the home.
    `rejected`: what of the message could not be read, beside all this.
    """

    said: tuple[Said, ...] = ()
    states: States = MappingProxyType({})
    device: str | None = None
    gone: bool = False
    every_s: float | None = None
    within_s: float | None = None
    pairing: str | None = None
    ordered: bool = False
    follow: tuple[str, ...] = ()
    whole: bool = False
    left: str | None = None
    rejected: tuple[Rejected, ...] = ()


Adapter = Callable[[str, bytes, bool, States], Heard | Rejected]
"""(topic below the dialect's own, payload, retained, what was last said) -> what it means. Pure."""


def class_of(every_s: float) -> float:
    """The class by which a device is supervised that speaks every so many seconds: three times must be missed, and of
    one that speaks once a day one.
    """
    return next((class_s for class_s in CLASSES_S if class_s >= 3 * every_s), CLASSES_S[-1])


def device_of(name: str) -> str:
    """The contract's id for a device that people may have named as they like; different names, different ids, and none
    is the program's own.
    """
    if _NAME.fullmatch(name) and name not in _TAKEN:
        return name
    mark = sha256(name.encode()).hexdigest()[:8]
    return f"{_UNFIT.sub('-', name.lower()).strip('-')[:48]}-{mark}".lstrip("-")


def tidy(text: str) -> str:
    """A text as it may stand on a page: without control characters, and what hides or turns letters round."""
    return _UNSEEN.sub("", text)


def believed(claimed: datetime | None, arrived: datetime) -> datetime:
    """When it happened, in UTC: as the device says, unless its clock cannot be right; then, when it arrived.

    A clock that is a little behind makes us worry early, which is the lesser evil: so BEHIND is long and AHEAD short.
    """
    if claimed is None or claimed.tzinfo is None or not arrived - BEHIND <= claimed <= arrived + AHEAD:
        return arrived
    return claimed.astimezone(UTC)
