"""The people and places of the city: homes, their residents, and the members who answer for them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from core.known import known

ID = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
CANARY = "canary-"
"""What the ids of homes, gateways and members begin with that are no people's: see `ingest.canary`."""
AREA = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")


class Risk(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class AskBy(StrEnum):
    """How a resident is asked. `LIGHT` is for who hears badly: shown and not said; a button or a touch answers."""

    VOICE = "voice"
    LIGHT = "light"
    NONE = "none"


WAYS = {AskBy.VOICE: ("voice",), AskBy.LIGHT: ("light", "tablet"), AskBy.NONE: ()}
"""What in the home is to put a question."""
MAX_WORDING = 200


class Home(msgspec.Struct, frozen=True):
    """One watched home.

    `area` is a code path (city/gu/dong); `timezone` an IANA name; `silence_ceiling_s` overrides the risk class's;
    `wandering` marks a resident at risk of leaving at night; `consent` is the resident's for non-face-to-face care.
    `alarm_budget`: false inactivity alarms a month that this home may have; None: the fleet's usual. `budget_factor` is
    what the outcomes of its cases have made of the usual one (see `anomaly.tuning`); an `alarm_budget` goes before it.
    `ask_by` None: by voice where there is a speaker. `wording`: the question in the words of somebody whom the resident
    knows; "": ours. `cloud`: the cloud to which the speaker belongs; "": it hears the gateway.
    """

    id: str
    gateway: str
    area: str
    resident: str = ""
    risk: Risk = Risk.NORMAL
    language: str = "ko"
    timezone: str = "Asia/Seoul"
    residents: int = 1
    consent: bool = True
    speaker: bool = True
    wandering: bool = False
    silence_ceiling_s: float | None = None
    alarm_budget: float | None = None
    budget_factor: float | None = None
    ask_by: AskBy | None = None
    wording: str = ""
    cloud: str = ""

    @property
    def asked_by(self) -> AskBy:
        """How the resident is asked."""
        return self.ask_by or (AskBy.VOICE if self.speaker else AskBy.NONE)

    @property
    def can_be_asked(self) -> bool:
        """Whether anything in the home can put a question."""
        return self.asked_by is not AskBy.NONE

    @property
    def synthetic(self) -> bool:
        """Whether nobody lives here."""
        return is_canary(self.id)


class Reach(msgspec.Struct, frozen=True):
    """One way to reach a member: a channel's name and the address it understands."""

    channel: str
    address: str = ""


class Role(StrEnum):
    """What a member is called as. `WORKER` delivers a provider's services and stands on no ladder. `CANARY` is a
    program's, and no person's: it answers for synthetic homes alone."""

    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    DUTY = "duty"
    WORKER = "worker"
    CANARY = "canary"


CALLED = (Role.MANAGER, Role.SUPERVISOR, Role.DUTY)
"""The roles that a ladder may name."""


@known
class Member(msgspec.Struct, frozen=True):
    """Somebody who answers Care Calls. `area` is a prefix: they answer for every home below it."""

    id: str
    name: str
    role: Role
    area: str
    language: str = "ko"
    reach: tuple[Reach, ...] = ()
    active: bool = True


class Cover(msgspec.Struct, frozen=True):
    """`member` is away from `start` to `end` (UTC) and `by` stands in; None: nobody does."""

    member: str
    start: datetime
    end: datetime
    by: str | None = None


LONGEST_ABSENCE = timedelta(hours=72)
"""How long a home may be said to be empty at a time. Then the engine asks (OVERDUE) and watches silence again: nobody
stays out unasked for ever."""


class AbsenceNote(msgspec.Struct, frozen=True):
    """A home said to be empty from `start` to `end` (UTC); it always ends."""

    home: str
    start: datetime
    end: datetime
    by: str = ""


def valid_id(text: str) -> bool:
    """Whether `text` is an id of the wire contract."""
    return ID.fullmatch(text) is not None


def is_canary(id: str) -> bool:
    """Whether an id is of the kind that no person's home, gateway or membership may have."""
    return id.startswith(CANARY)


def within(area: str, prefix: str) -> bool:
    """Whether `area` is `prefix` or lies below it; the empty prefix is the whole country."""
    return prefix == "" or area == prefix or area.startswith(prefix + "/")
