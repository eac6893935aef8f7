"""What a home can say: one struct for each kind of care event (wire contract v1)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

FIRMWARE_LONGEST = 64


class Lane(StrEnum):
    """How urgent a topic is, from the sensor to the case; `sos` never queues behind `bulk`."""

    SOS = "sos"
    EVENT = "event"
    BULK = "bulk"
    STATUS = "status"


class Payload(msgspec.Struct, frozen=True, gc=False):
    """The `data` member of a care event. Unknown members are ignored, so that v1 can grow."""


class Motion(Payload, frozen=True, gc=False):
    """Motion in a room; `on` False is the sensor's own reset and says nothing about a person."""

    room: str = ""
    on: bool = True


class Contact(Payload, frozen=True, gc=False):
    """A door, window, fridge or drawer. `open` None: it moved, nobody knows which way. `exit`: one can leave the home
    through it (None: told from `place`)."""

    place: str = ""
    open: bool | None = True
    exit: bool | None = None


class Presence(Payload, frozen=True, gc=False):
    """Somebody is in a room (mmWave, pressure mat)."""

    room: str = ""
    present: bool = True


class Bed(Payload, frozen=True, gc=False):
    """Somebody is in bed."""

    in_bed: bool


class Appliance(Payload, frozen=True, gc=False):
    """A plug or appliance; `by_hand` False is a timer's doing and proves no life."""

    name: str = ""
    on: bool = True
    by_hand: bool = True
    power_w: float | None = None


class Climate(Payload, frozen=True, gc=False):
    """Air of a room."""

    room: str = ""
    temp_c: float | None = None
    humidity_pct: float | None = None
    co2_ppm: float | None = None


class Smoke(Payload, frozen=True, gc=False):
    room: str = ""
    alarm: bool = True


class Gas(Payload, frozen=True, gc=False):
    room: str = ""
    alarm: bool = True


class CarbonMonoxide(Payload, frozen=True, gc=False):
    room: str = ""
    alarm: bool = True
    ppm: float | None = None


class Leak(Payload, frozen=True, gc=False):
    room: str = ""
    alarm: bool = True


class SosPressed(Payload, frozen=True, gc=False):
    """A person asks for help: button, pendant, pull cord, or the speaker's own emergency word. `LOW_BATTERY`: a button
    whose battery is empty, which some press by themselves then."""

    how: str = "button"


LOW_BATTERY = "low_battery"
"""`SosPressed.how` of a button that is about to fail."""


class Fall(Payload, frozen=True, gc=False):
    room: str = ""
    confidence: float | None = None


class Vital(Payload, frozen=True, gc=False):
    """One measurement, in the unit it came with."""

    name: str
    value: float
    unit: str = ""


class Medication(Payload, frozen=True, gc=False):
    taken: bool = True


class Utterance(Payload, frozen=True, gc=False):
    """What a speaker heard unasked. The text is judged, and kept (for 30 days) only of a cry for help or of despair.

    `confidence` (0 to 1) is the recogniser's; `energy_db` how loud it was, in dB relative to full scale. `intent` is
    the city's own verdict, which stands in the place of the text: "distress", "despair", "none", or "invented" where
    nobody spoke. `mood` is the city's as well: -1 for sad words, 1 for glad ones. What a home says of both is not
    believed.
    """

    text: str = ""
    confidence: float | None = None
    language: str | None = None
    energy_db: float | None = None
    intent: str | None = None
    mood: int = 0


class Answer(Payload, frozen=True, gc=False):
    """The reply to a question the city asked over `down/ask`; `ask` names the question.

    `result`: `ok`, `not_ok`, `unclear`, `silence` or `offline` as the speaker judged; None lets the city judge `text`.
    `confidence` and `energy_db` and `mood` as of an Utterance. The text is judged and not kept.
    """

    ask: str
    result: str | None = None
    text: str = ""
    confidence: float | None = None
    energy_db: float | None = None
    mood: int = 0


class Wake(Payload, frozen=True, gc=False):
    """Somebody spoke the speaker's wake word: a person's own act, whatever was said after it."""


class Absence(Payload, frozen=True, gc=False):
    """Somebody said that the home will be empty until a time (None: the house rule's longest)."""

    away: bool = True
    until: datetime | None = None


class Checked(Payload, frozen=True, gc=False):
    """Somebody has closed a Care Call about this home's silence: whoever it is about has been made sure of, and has
    not moved since. The city's own word."""

    case: int


class Mains(Payload, frozen=True, gc=False):
    """Mains power of the gateway; False: it runs on its battery."""

    on: bool


class Battery(Payload, frozen=True, gc=False):
    percent: float


class Heartbeat(Payload, frozen=True, gc=False):
    """The gateway lives. `every_s`: when the next one is due at the latest. `firmware`: what it runs, as its maker
    names the version (64 characters of it count; "": it does not say).

    `clock_ok`: whether its clock was ever synchronised since the machine was started; `disk_ok`: whether it can write
    down what the home says; `waiting`: events without a receipt; `thinned`, `rejected`: events and messages since ever.
    None: it does not know, or does not say.
    """

    every_s: float = 300.0
    uptime_s: float | None = None
    firmware: str = ""
    clock_ok: bool | None = None
    disk_ok: bool | None = None
    waiting: int | None = None
    thinned: int | None = None
    rejected: int | None = None
    tell: bool = False


class Lost(Payload, frozen=True, gc=False):
    """The broker's last will for a gateway, or a gateway's word that one of its devices is gone."""

    reason: str = "will"


class Note(Payload, frozen=True, gc=False):
    """Something that the gateway wants kept, and that alarms nobody: `sos_at_pairing`, a press within a minute of the
    button's joining the home's network; `sos_at_commissioning`, the first press of a button while somebody was setting
    the home up; `commissioning_begun`, `commissioning_ended`."""

    what: str = ""


class DeviceKnown(Payload, frozen=True, gc=False):
    """What the gateway knows of a device, not a word of its own: the kinds that it can say, and those of them that it
    has not been heard to say, so that nobody knows whether they would arrive. `ANY`: nobody knows what it can do.
    `PRESS`: it is a button, and its presses call nobody. None that it can do: it has left.
    """

    can: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()


ANY, PRESS = "any", "press"

KINDS: dict[str, type[Payload]] = {
    "motion": Motion,
    "contact": Contact,
    "presence": Presence,
    "bed": Bed,
    "appliance": Appliance,
    "climate": Climate,
    "smoke": Smoke,
    "gas": Gas,
    "co": CarbonMonoxide,
    "leak": Leak,
    "sos": SosPressed,
    "fall": Fall,
    "vital": Vital,
    "medication": Medication,
    "utterance": Utterance,
    "answer": Answer,
    "absence": Absence,
    "mains": Mains,
    "battery": Battery,
    "heartbeat": Heartbeat,
    "lost": Lost,
    "note": Note,
    "wake": Wake,
    "device": DeviceKnown,
}

# What no home can say: the city writes it into the log itself.
CITY_KINDS: dict[str, type[Payload]] = {"checked": Checked}
LOG_KINDS = {**KINDS, **CITY_KINDS}

# These close a batch at once: a reflex may open a case or clear one.
URGENT_KINDS = frozenset({"sos", "fall", "smoke", "gas", "co", "leak", "utterance", "answer"})

URGENT_FIRST = (Lane.SOS, Lane.EVENT, Lane.STATUS, Lane.BULK)
"""The order in which a home sends what has waited."""

_LANES: dict[str, Lane] = {
    **dict.fromkeys(("sos", "fall", "smoke", "gas", "co"), Lane.SOS),
    **dict.fromkeys(("climate", "vital"), Lane.BULK),
    **dict.fromkeys(("heartbeat", "mains", "battery", "lost", "note", "device"), Lane.STATUS),
}


def lane_of(kind: str) -> Lane:
    """The lane that a home sends a kind on; the city hears every kind on every lane."""
    return _LANES.get(kind, Lane.EVENT)


# Heard on whatever lane, from whomever: neither a missing consent nor an unknown gateway silences them.
EMERGENCY_KINDS = frozenset({"sos", "fall", "smoke", "gas", "co"})


class Event(msgspec.Struct, frozen=True, gc=False):
    """One care event as it came over the wire, its times in UTC.

    `gateway` and `device` come from the CloudEvents `source`; `boot` and `seq` are the gateway's own counters, None for
    a publisher without them. `data` is the payload struct of `kind`. `age_s`: the gateway does not trust its clock, and
    it happened so many seconds before it was sent; `at` says nothing then.
    """

    id: str
    gateway: str
    device: str
    kind: str
    at: datetime
    data: Payload
    boot: str | None = None
    seq: int | None = None
    age_s: float | None = None


class Rejected(msgspec.Struct, frozen=True):
    """Input that could not be read, as a value: why, in one sentence, and what of it could be told.

    `reason` is a short code (counted), `detail` the sentence. `boot` and `seq` are kept where readable, so that the
    receipt can move past a message that is safely in quarantine.
    """

    reason: str
    detail: str
    gateway: str | None = None
    boot: str | None = None
    seq: int | None = None
    id: str | None = None


class LogRow(msgspec.Struct, frozen=True, gc=False):
    """One row of the event log, as the folds over it read it. `position` rises with commit order."""

    position: int
    home: str
    device: str
    kind: str
    at: datetime
    seen_at: datetime
    event_id: str
    data: Payload
