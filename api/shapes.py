"""What goes over HTTP: every body's shape, documented where OpenAPI finds it. Sentences come as {"ko", "en"}."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Query
from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from alerts.views import CaseView, TimelineEntry
from core.people import MAX_WORDING, AskBy, Home, Risk
from core.signals import Evidence
from core.words import LANGUAGES, say

STORABLE = r"^[^\x00]*$"  # PostgreSQL's text holds every character but this one
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=STORABLE)]
By = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=STORABLE)]
State = Literal["open", "verifying", "alerting", "acknowledged", "arrived", "closed"]
Verb = Literal["ack", "arrive", "release", "close", "note"]
OPERATOR = "operator"
CalendarKey = Annotated[
    str | None, Query(description="The word of a calendar's address (`POST /api/me/calendars`), instead of a log-in.")
]
"""The door in front of the routes is what reads it."""


class Sentence(BaseModel):
    """One sentence in Korean and in English."""

    ko: str
    en: str

    @classmethod
    def of(cls, parts: Iterable[dict[str, str]]) -> Self:
        """Sentences after one another, as one text."""
        listed = list(parts)
        return cls(**{language: " ".join(part[language] for part in listed) for language in LANGUAGES})

    @classmethod
    def words(cls, key: str, /, **numbers: str | int | float) -> Self:
        """The sentence `key` of the vocabulary."""
        return cls(**{language: say(key, language, numbers) for language in LANGUAGES})


class Refusal(Sentence):
    """Why something was not done, or is not well: a code for programs, a sentence for people."""

    code: str

    @classmethod
    def because(cls, reason: Evidence) -> Self:
        """A reason of the vocabulary; its key's last part is the code."""
        words = Sentence.words(reason.key, **reason.numbers)
        return cls(code=reason.key.rpartition(".")[2], ko=words.ko, en=words.en)


class Fault(BaseModel):
    """The body of every error of ours."""

    detail: Refusal


class Mistake(BaseModel):
    """One thing in a request that cannot be read."""

    type: str
    loc: list[str | int] = Field(description="Where it stands.")
    msg: str


class Unreadable(BaseModel):
    """A request that cannot be: one reason of ours, or what of it does not fit the description."""

    detail: Refusal | list[Mistake]


def fault_body(key: str, /, **numbers: str | int | float) -> dict[str, Any]:
    """The body of an error: `key` of the vocabulary; its last part is the code."""
    return Fault(detail=Refusal.because(Evidence(key, numbers))).model_dump(mode="json")


class Entry(BaseModel):
    """One line of a case's history. Ids rise over all cases: they are the live stream's, too."""

    id: int
    at: datetime
    what: Sentence
    key: str = Field(description="Names the sentence in any language.")
    who: str | None
    channel: str | None

    @classmethod
    def of(cls, korean: Sequence[TimelineEntry], english: Sequence[TimelineEntry]) -> list[Self]:
        return [
            cls(id=ko.id, at=ko.at, what=Sentence(ko=ko.what, en=en.what), key=ko.key, who=ko.who, channel=ko.channel)
            for ko, en in zip(korean, english, strict=True)
        ]


class CaseOut(BaseModel):
    """One Care Call as it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    home: str | None = Field(description="Null for a case of a whole area or of an unknown gateway.")
    area: str
    concern: str
    urgency: Literal["routine", "soon", "urgent", "immediate"]
    state: Literal["verifying", "alerting", "acknowledged", "arrived", "closed"]
    opened_at: datetime
    due_at: datetime | None = Field(description="When `next_action` happens; null once closed.")
    next_action: Sentence | None
    rung: int = Field(description="Index on the ladder, from 0.")
    rung_name: Sentence
    rungs: int = Field(description="Length of the ladder.")
    round: int = Field(description="Which call of this rung it is, from 1; the last rung repeats.")
    owner: str | None = Field(description="The member who has taken it.")
    owner_name: str | None
    called: list[str] = Field(description="Who is being called now, by name.")
    why: Sentence
    outcome: Literal["true_emergency", "safe", "care", "technical", "exercise"] | None
    contact: Literal["phone", "visit", "speaker", "button", "sensor"] | None = Field(
        description="How it was made sure."
    )
    acknowledged_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, view: CaseView) -> Self:
        known = {name: getattr(view, name) for name in view.__struct_fields__ if name in cls.model_fields}
        return cls.model_validate(known | {"why": Sentence.of(view.why)})


class CaseWithTimeline(CaseOut):
    timeline: list[Entry]


class Act(BaseModel):
    """What a person says with an act; `outcome` and `contact` belong to `close`."""

    model_config = ConfigDict(extra="forbid")

    by: By = OPERATOR
    note: Text = ""
    outcome: Literal["true_emergency", "safe", "care", "technical", "exercise"] | None = None
    contact: Literal["phone", "visit", "speaker"] | None = None


class HomeIn(BaseModel):
    """One home to take in or to change; `id` may be called `home`, as in the CSV."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(validation_alias=AliasChoices("id", "home"))
    gateway: str
    area: str
    resident: str = ""
    risk: Annotated[Risk, Field(strict=False)] = Risk.NORMAL
    language: str = "ko"
    timezone: str = "Asia/Seoul"
    residents: int = 1
    consent: bool = True
    speaker: bool = True
    wandering: bool = False
    silence_ceiling_s: float | None = None
    alarm_budget: float | None = Field(None, description="False inactivity alarms a month; null: the fleet's usual.")
    ask_by: Annotated[AskBy | None, Field(strict=False)] = Field(
        None, description="How the resident is asked; `light`: shown, never said. Null: by voice where a speaker is."
    )
    wording: Annotated[str, StringConstraints(max_length=MAX_WORDING)] = Field(
        "", description="The question in a caregiver's own words; empty: ours."
    )
    cloud: str = Field("", description="The cloud to which the speaker belongs; empty: it hears the gateway.")

    def home(self) -> Home:
        return Home(**dict(self))


class RejectedLine(BaseModel):
    line: int = Field(description="Of the file, its header being 1; 1 for a home in JSON.")
    reason: Sentence


class Imported(BaseModel):
    imported: int
    rejected: list[RejectedLine]


class AbsenceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime = Field(description="The time needs its offset from UTC.")
    by: By = OPERATOR


class AbsenceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    start: datetime
    end: datetime
    by: str


class DeviceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    device: str
    kinds: list[str]
    first_seen: datetime
    last_seen: datetime
    battery_pct: float | None
    can: list[str] | None = Field(description="The kinds that it can say, as its gateway knows; null: it says nothing.")
    unproved: list[str] | None = Field(
        description="Those that nobody has seen arrive; `any`: nobody knows of any; `press`: its button calls nobody."
    )
    proved: bool | None


class NoteOut(BaseModel):
    """Something that a gateway wants known, and that alarmed nobody."""

    at: datetime
    device: str
    what: Sentence
    key: str = Field(description="Names the sentence in any language.")


class HomeOut(BaseModel):
    """A home, and how it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    gateway: str
    area: str
    resident: str
    risk: Risk
    language: str
    timezone: str
    residents: int
    consent: bool
    speaker: bool
    wandering: bool
    silence_ceiling_s: float | None
    alarm_budget: float | None = Field(description="False inactivity alarms a month; null: the fleet's usual.")
    budget_factor: float | None = Field(description="What outcomes have made of the usual budget; null: nothing yet.")
    ask_by: AskBy | None
    asked_by: AskBy = Field(description="How the resident is asked, `ask_by` left out or not.")
    wording: str
    cloud: str
    devices: list[DeviceOut]
    last_event_at: datetime | None
    heard: bool | None = Field(
        description="Whether its words arrive: false after three missed heartbeats (90 s at least; 24 h for a gateway "
        "without), and before its first word; null: nobody listens, for want of consent, or it is a test home."
    )
    commissioned: bool | None = Field(
        description="Whether every device that its gateway has announced is proved; null: it says nothing of them."
    )
    watched: bool = Field(
        description="Heard, and commissioned as far as its gateway says. Monitoring waits for neither."
    )
    unheard_since: datetime | None = Field(description="When its last word arrived, if it cannot be heard.")
    absence: AbsenceOut | None
    next_alarm: datetime | None = Field(
        description="When further silence, or staying out, would raise a concern; null: not known."
    )
    next_alarm_as_of: datetime | None = Field(
        description="When that was so: what has happened since is not in it. Some minutes ago, as a rule."
    )
    cases: list[CaseOut] = Field(description="Open cases.")
    notes: list[NoteOut] = Field(description="What its gateway has noted and nobody was alarmed by: the newest 20.")


class UnheardHome(BaseModel):
    """A home that nobody watches just now; `since`: when its last word arrived; null: it never said one."""

    home: str
    area: str
    place: Sentence
    resident: str
    since: datetime | None


class Delivery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["delivered", "seen"]


class Taken(BaseModel):
    taken: bool = Field(description="False: the message is unknown, or as much was known already.")


class Quarantined(BaseModel):
    """What the city could not read. `topic`: where it came from on the wire, or which row of the database it is."""

    id: int
    at: datetime
    topic: str
    reason: str
    detail: str
    payload: str = Field(
        description="Its first 4096 bytes, as far as they are text; for the city's own token alone, else empty."
    )
    size: int = Field(description="Bytes that are kept of it.")
    begins: str | None = Field(description="Its first bytes in hexadecimal, where they are no text.")


class Ready(BaseModel):
    """Whether the city works. `lanes`: seconds since each worker's last round; null before its first."""

    ready: bool
    database: bool
    schema_current: bool
    stream: bool
    lanes: dict[str, float | None]
    late: list[str] = Field(description="Lanes that have not been heard of for too long.")
    trouble: str | None = Field(None, description="Why the database refuses what is written; null: it does not.")
    failing: list[str] = Field(description="Areas whose test SOS does not reach its member in time.")
    troubles: list[Refusal] = Field(description="Why an outside monitor is not told that all is well.")
