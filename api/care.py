"""The care chain's episodes over HTTP: apply, read, take, go on after a telephone call, and close."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.care_shapes import Area, ClientId, Name, Number, Offset, PageSize, Signed, Text, change, must
from api.cases import REFUSED, UNKNOWN
from api.city import City, Here
from api.once import IdempotencyKey
from api.shapes import STORABLE, CaseOut, Sentence
from care import alarms, consent, episodes, intake, journal, offices, persons
from care.episodes import Episode
from care.intake import Application
from care.stages import NEXT
from core.care import Ended, Origin, Priority, Refused, Stage
from core.words import WORDS, say
from store import people
from store.care_tables import episodes as episodes_table
from store.columns import below

router = APIRouter(prefix="/api/care", tags=["care"])
Code = Annotated[str, StringConstraints(min_length=1, max_length=110, pattern=STORABLE)]
AreaPrefix = Annotated[str, Query(max_length=200, pattern=STORABLE, description="A prefix; empty: everywhere.")]
HEADS = {
    "origin": "origin", "from": "stage", "to": "stage", "stage": "stage", "ended": "ended", "purpose": "purpose",
    "consent": "consent", "tie": "tie", "fact": "fact",
}  # fmt: skip
"""The numbers of the journal that are codes, and the head of the words that say them."""


class ApplicationIn(Signed):
    """For whom, one of three: `home`, `person`, or `name` with `area` (a dong)."""

    id: ClientId
    origin: Origin
    priority: Priority = Priority.ROUTINE
    note: Text = ""
    services: Annotated[list[Code], Field(max_length=50, default_factory=list)]
    exercise: bool = False
    home: Code | None = None
    person: Code | None = None
    name: Name | None = None
    area: Area | None = None


class TakeIn(Signed):
    """Who says so."""


class MoveIn(Signed):
    to: Stage
    contact: Literal["phone"] = Field(description="How the person was reached. A visit moves it by itself.")


class CloseIn(Signed):
    ended: Ended


class Line(BaseModel):
    """One line of the chain's history."""

    at: datetime
    what: Sentence
    key: str = Field(description="Names the sentence in any language.")
    who: str

    @classmethod
    def of(cls, line: dict[str, Any]) -> Line:
        said = {language: say(line["what"], language, _told(line["numbers"], language)) for language in ("ko", "en")}
        return cls(at=line["at"], what=Sentence(**said), key=line["what"], who=line["who"])


def _told(numbers: dict[str, Any], language: str) -> dict[str, Any]:
    keys = {name: f"{HEADS.get(name)}.{value}" for name, value in numbers.items()}
    return {name: say(keys[name], language) if keys[name] in WORDS else value for name, value in numbers.items()}


class ConsentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    episode: int | None
    purpose: Literal["care", "sharing"]
    state: Literal["asked", "given", "refused", "withdrawn", "lapsed"]
    asked_at: datetime
    due_at: datetime | None
    decided_at: datetime | None
    by: str | None


class KeptOut(BaseModel):
    """What was sent. A conflict stands beside the application whose id it has, and changed nothing."""

    id: str
    origin: Origin
    priority: Priority
    services: list[str]
    note: str
    by: str
    at: datetime
    conflict: bool
    case: int | None

    @classmethod
    def of(cls, it: intake.Kept) -> KeptOut:
        said = {name: it.body[name] for name in ("origin", "priority", "services", "note")}
        return cls(id=it.id, by=it.by, at=it.at, conflict=it.conflict, case=it.case_id, **said)


class EpisodeOut(BaseModel):
    """One episode of care as it stands."""

    id: int
    application: str
    person: str
    name: str
    area: str
    origin: Origin
    priority: Priority
    case: int = Field(description="Its Care Call.")
    stage: Stage
    stage_name: Sentence
    stage_since: datetime
    next_stage: Stage | None = Field(description="The one that may follow.")
    owner: str = Field(description="A member's id, or `office:AREA` while nobody has taken it.")
    owner_name: str | None = Field(description="The member's; null: nobody has taken it.")
    due_at: datetime | None = Field(description="When this stage should be over; null once closed.")
    overdue: bool
    opened_at: datetime
    closed_at: datetime | None
    ended: Ended | None
    requested: list[str]
    note: str
    level: str | None
    exercise: bool

    @classmethod
    def of(cls, it: Episode, name: str, owner: str | None, now: datetime) -> EpisodeOut:
        known = {field: getattr(it, field) for field in cls.model_fields if field in it.__struct_fields__}
        return cls(
            **known,
            name=name,
            owner_name=owner,
            case=it.case_id,
            stage_name=Sentence.words(f"stage.{it.stage.value}"),
            next_stage=NEXT[it.stage],
            overdue=it.due_at is not None and it.due_at <= now,
        )


class EpisodeDetail(EpisodeOut):
    care_call: CaseOut | None
    applications: list[KeptOut]
    consents: list[ConsentOut]
    left: dict[str, int] = Field(description="How much of each kind of work is still open.")
    history: list[Line]
    members: dict[str, str] = Field(description="What the members are called whose ids stand in it.")


class OverdueOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    what: Literal["episode", "consent"]
    id: int
    episode: int
    person: str
    area: str
    stage: Stage
    owner: str
    due_at: datetime
    exercise: bool


@router.post("/applications", response_model=EpisodeDetail, responses=REFUSED)
def apply(city: Here, said: ApplicationIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Ask for care, by whichever door: it opens an episode, or joins the one that the person has open."""

    def deed(tx: Connection, now: datetime) -> EpisodeDetail | Refused:
        for kind, named in ((Kind.HOME, said.home), (Kind.PERSON, said.person)):
            if named is not None:
                city.must_see(tx, kind, named)
        if said.area is not None and city.reach(said.area) != said.area:
            raise city.no_area(said.area)
        return _answer(city, tx, intake.apply(tx, Application(**said.model_dump()), city.hands, now), now)

    return change(city, idempotency_key, "care/applications", said, deed)


@router.get("/episodes")
def list_episodes(
    city: Here,
    stage: Stage | None = None,
    owner: Annotated[str | None, Query(max_length=300, pattern=STORABLE)] = None,
    person: Annotated[str | None, Query(max_length=110, pattern=STORABLE)] = None,
    area: AreaPrefix = "",
    overdue: Annotated[bool, Query(description="Only what stands too long in its stage.")] = False,
    exercise: Annotated[bool, Query(description="Those of exercises, and no others.")] = False,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[EpisodeOut]:
    """Episodes, what is due first on top, closed ones last."""
    now = city.clock.now()
    of = episodes_table.c
    where = [of.exercise == exercise, below(of.area, area), city.only(Kind.EPISODE, of.id)]
    where += [of.stage == stage.value] if stage else []
    where += [of.owner == owner] if owner is not None else []
    where += [of.person == person] if person is not None else []
    where += [of.due_at <= now] if overdue else []
    with city.db.read() as tx:
        return shown(tx, episodes.select(tx, *where, limit=limit, offset=offset), now)


def shown(tx: Connection, found: Sequence[Episode], now: datetime) -> list[EpisodeOut]:
    """Episodes as they are listed."""
    names = persons.names(tx, [it.person for it in found])
    owners = people.member_names(tx, [it.owner for it in found])
    return [EpisodeOut.of(it, names[it.person], owners.get(it.owner), now) for it in found]


@router.get("/episodes/{id}", responses=UNKNOWN)
def read_episode(city: Here, id: Number) -> EpisodeDetail:
    """One episode with its history, its Care Call and its consents."""
    with city.db.read() as tx:
        it: Episode = must(_found(tx, id))
        return detail(city, tx, it, city.clock.now())


@router.post("/episodes/{id}/take", response_model=EpisodeDetail, responses=REFUSED)
def take(city: Here, id: Number, said: TakeIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Become its owner, and take its Care Call."""

    def deed(tx: Connection, now: datetime) -> EpisodeDetail | Refused:
        it = _theirs(tx, id, said.by)
        if isinstance(it, Refused):
            return it
        taken = episodes.take(tx, it, said.by, now)
        if not isinstance(taken, Refused):
            city.desk.act(tx, it.case_id, "ack", said.by, now)
        return _answer(city, tx, taken, now)

    return change(city, idempotency_key, f"care/episodes/{id}/take", said, deed)


@router.post("/episodes/{id}/move", response_model=EpisodeDetail, responses=REFUSED)
def move(city: Here, id: Number, said: MoveIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The intake was done on the telephone: on to the assessment. Any other stage goes on by its own work."""

    def deed(tx: Connection, now: datetime) -> EpisodeDetail | Refused:
        it = _theirs(tx, id, said.by)
        if isinstance(it, Refused):
            return it
        if said.to is not Stage.ASSESSMENT:
            return Refused("own_work")
        return _answer(city, tx, intake.by_phone(tx, it, said.by, city.hands, now), now)

    return change(city, idempotency_key, f"care/episodes/{id}/move", said, deed)


@router.post("/episodes/{id}/close", response_model=EpisodeDetail, responses=REFUSED)
def close(city: Here, id: Number, said: CloseIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The end. `moved` and `died` are true of the person, and not of the episode alone."""

    def deed(tx: Connection, now: datetime) -> EpisodeDetail | Refused:
        it = _theirs(tx, id, said.by)
        if isinstance(it, Refused):
            return it
        return _answer(city, tx, persons.finish(tx, it, said.ended, said.by, city.hands, now), now)

    return change(city, idempotency_key, f"care/episodes/{id}/close", said, deed)


@router.get("/overdue")
def list_overdue(
    city: Here,
    area: AreaPrefix = "",
    exercise: bool = False,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[OverdueOut]:
    """Episodes that stand too long in their stage, and consents not obtained in time; the most overdue first."""
    with city.db.read() as tx:
        found = alarms.overdue(
            tx,
            area,
            city.clock.now(),
            exercise=exercise,
            limit=limit,
            offset=offset,
            only=city.only(Kind.EPISODE, episodes_table.c.id),
        )
    return [OverdueOut.model_validate(it) for it in found]


def detail(city: City, tx: Connection, it: Episode, now: datetime) -> EpisodeDetail:
    """One episode with all that belongs to it."""
    view = city.desk.view(tx, it.case_id)
    (brief,) = shown(tx, [it], now)
    history = [Line.of(line) for line in journal.history(tx, episode=it.id)]
    applications = [KeptOut.of(one) for one in intake.applications_of(tx, it.id)]
    return EpisodeDetail(
        **dict(brief),
        care_call=CaseOut.of(view) if view else None,
        applications=applications,
        consents=[ConsentOut.model_validate(one) for one in consent.of_episode(tx, it.id)],
        left=episodes.open_items(tx, it.id),
        history=history,
        members=people.member_names(tx, [one.who for one in history] + [one.by for one in applications]),
    )


def _answer(city: City, tx: Connection, done: Episode | Refused, now: datetime) -> EpisodeDetail | Refused:
    return done if isinstance(done, Refused) else detail(city, tx, done, now)


def _found(tx: Connection, id: int) -> Episode | Refused:
    return episodes.episode(tx, id) or Refused("unknown_episode", {"id": id})


def _theirs(tx: Connection, id: int, by: str) -> Episode | Refused:
    """An episode, for somebody who answers for its area."""
    it = _found(tx, id)
    if isinstance(it, Refused):
        return it
    member = offices.answers_for(tx, by, it.area)
    return member if isinstance(member, Refused) else it
