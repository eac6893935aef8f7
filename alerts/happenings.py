"""What can happen to a Care Call, and what a decision about it can ask for: the two vocabularies of `alerts.case`."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from alerts.plan import Plan
from core.signals import Evidence, Signal

Numbers = dict[str, str | int | float]


class Result(StrEnum):
    """What came of a question to the resident. Only `ok` says that somebody is well."""

    OK = "ok"
    NOT_OK = "not_ok"
    UNCLEAR = "unclear"
    SILENCE = "silence"
    OFFLINE = "offline"


class Happening(msgspec.Struct, frozen=True):
    """Something that happened to a case."""


class SignalSeen(Happening, frozen=True):
    """A signal raised a concern. `subject` is `home:ID`, `area:CODE` or `gateway:ID`; `plan` what the policy says."""

    signal: Signal
    plan: Plan
    subject: str
    area: str
    home: str | None = None


class Cleared(Happening, frozen=True):
    """A signal says that its cause is over; for a silence: that somebody moves again."""

    signal: Signal


class Answered(Happening, frozen=True):
    """The resident, or the speaker for them, answered the question `ask`. `plan` serves if it is a call for help."""

    ask: str
    result: Result
    plan: Plan | None = None


class AskFailed(Happening, frozen=True):
    """The question could not be delivered to the speaker."""

    ask: str


class Due(Happening, frozen=True):
    """The bell rang."""


class Acknowledged(Happening, frozen=True):
    """A person takes the case."""

    by: str


class Arrived(Happening, frozen=True):
    """A person stands in the home."""

    by: str


class Released(Happening, frozen=True):
    """The owner can't do it after all."""

    by: str


class Closed(Happening, frozen=True):
    """A person says how it ended. `contact`: how they reached the resident (`phone`, `visit`, `speaker`), if at all."""

    by: str
    outcome: str
    contact: str | None = None
    note: str = ""


class Noted(Happening, frozen=True):
    by: str
    text: str


class Rang(Happening, frozen=True):
    """Messages to these members of the rung are on their way."""

    rung: int
    members: tuple[str, ...]


class NobodyOnCall(Happening, frozen=True):
    """The rung has nobody to call now, and why."""

    rung: int
    why: tuple[Evidence, ...] = ()


class Unreachable(Happening, frozen=True):
    """Every channel of a member failed."""

    member: str


class Effect(msgspec.Struct, frozen=True):
    """Something a decision asks the desk to carry out."""


class Ask(Effect, frozen=True):
    """Say `key` through the speaker. `check_in` waits `wait_s` for an answer; `reassure` does not."""

    ask: str
    key: str
    kind: str
    wait_s: float = 0.0


class CallRung(Effect, frozen=True):
    """Call everybody who is on call at this rung, `but` one; `call` numbers the case's calls."""

    rung: int
    round: int
    call: int
    again: bool = False
    but: str | None = None


class CallOwner(Effect, frozen=True):
    """Call the one who took the case."""

    member: str
    call: int


class StandDown(Effect, frozen=True):
    """Tell those already called that `by` has it (None: it resolved itself); `closed` that it is over."""

    by: str | None
    closed: bool = False


class Log(Effect, frozen=True):
    """A line of the case's log: a key of `core.words` and the numbers that fill it."""

    what: str
    numbers: Numbers = {}
    who: str | None = None
    channel: str | None = None
