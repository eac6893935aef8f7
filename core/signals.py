"""What the city concludes from events: a concern, how urgent it is, and evidence a person can read."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec

from core.known import known


class Concern(StrEnum):
    SOS = "sos"
    UNREADABLE_SOS = "unreadable_sos"
    LATE_REPORT = "late_report"
    FALL = "fall"
    DISTRESS = "distress"
    DESPAIR = "despair"
    MISHEARD = "misheard"
    SMOKE = "smoke"
    GAS = "gas"
    CO = "co"
    LEAK = "leak"
    INACTIVITY = "inactivity"
    OVERDUE = "overdue"
    MISSED_CHECK_IN = "missed_check_in"
    WANDERING = "wandering"
    HEAT = "heat"
    COLD = "cold"
    DRIFT = "drift"
    HOME_DARK = "home_dark"
    DEVICE = "device"
    AREA_OUTAGE = "area_outage"
    APPLICATION = "application"
    SERVICE_WORRY = "service_worry"
    VISIT_OVERDUE = "visit_overdue"
    CARE_OVERDUE = "care_overdue"
    CANARY = "canary"


class Group(StrEnum):
    """Concerns that are one worry to a care manager: at most one live case for each (home, group)."""

    PERSON = "person"
    HAZARD = "hazard"
    ENVIRONMENT = "environment"
    WELLBEING = "wellbeing"
    TECHNICAL = "technical"
    CARE = "care"
    SERVICE = "service"


GROUP: dict[Concern, Group] = {
    Concern.SOS: Group.PERSON,
    Concern.UNREADABLE_SOS: Group.PERSON,
    Concern.LATE_REPORT: Group.PERSON,
    Concern.FALL: Group.PERSON,
    Concern.DISTRESS: Group.PERSON,
    Concern.DESPAIR: Group.PERSON,
    Concern.MISHEARD: Group.PERSON,
    Concern.INACTIVITY: Group.PERSON,
    Concern.OVERDUE: Group.PERSON,
    Concern.MISSED_CHECK_IN: Group.PERSON,
    Concern.WANDERING: Group.PERSON,
    Concern.SMOKE: Group.HAZARD,
    Concern.GAS: Group.HAZARD,
    Concern.CO: Group.HAZARD,
    Concern.LEAK: Group.HAZARD,
    Concern.HEAT: Group.ENVIRONMENT,
    Concern.COLD: Group.ENVIRONMENT,
    Concern.DRIFT: Group.WELLBEING,
    Concern.HOME_DARK: Group.TECHNICAL,
    Concern.DEVICE: Group.TECHNICAL,
    Concern.AREA_OUTAGE: Group.TECHNICAL,
    Concern.APPLICATION: Group.CARE,
    Concern.SERVICE_WORRY: Group.SERVICE,
    Concern.VISIT_OVERDUE: Group.SERVICE,
    Concern.CARE_OVERDUE: Group.SERVICE,
    Concern.CANARY: Group.TECHNICAL,
}


class Urgency(IntEnum):
    """Higher is more urgent; the case keeps the highest it has seen."""

    ROUTINE = 0
    SOON = 1
    URGENT = 2
    IMMEDIATE = 3


class Sense(StrEnum):
    """RAISE opens or joins a case. CLEAR says that the cause is over; whether that closes a case is the case's rule."""

    RAISE = "raise"
    CLEAR = "clear"


class Evidence(msgspec.Struct, frozen=True):
    """One reason, as a key of `core.words` and the numbers that fill its sentence in Korean and in English."""

    key: str
    numbers: dict[str, str | int | float] = {}


@known
class Signal(msgspec.Struct, frozen=True):
    """One conclusion about a home (or, with `home` None, about an area).

    `key` is the same whenever the same events lead to the same conclusion: a replay or a restart cannot raise it twice.
    `at` is event time, UTC. `source` names the reflex or detector and `version` its revision.
    """

    key: str
    concern: Concern
    urgency: Urgency
    at: datetime
    evidence: tuple[Evidence, ...]
    source: str
    home: str | None = None
    area: str | None = None
    sense: Sense = Sense.RAISE
    version: str = "1"


def group_of(concern: Concern) -> Group:
    """The group a concern's case belongs to."""
    return GROUP[concern]
