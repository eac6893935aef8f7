"""The people of the care chain over HTTP: who they are, what is known of them and who may read it, and their word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.care import AreaPrefix, ConsentOut, EpisodeOut, Line, shown
from api.care_shapes import Area, ClientId, Moment, Name, Offset, PageSize, Signed, Text, change, must
from api.cases import REFUSED, UNKNOWN
from api.city import Here
from api.once import IdempotencyKey
from api.shapes import STORABLE, Sentence
from care import consent, episodes, facts, journal, offices, persons
from care.persons import Person
from care.profile import FIELDS
from core.care import Ended, Refused
from core.people import Risk, Role
from store import people
from store.care_tables import episodes as episodes_table
from store.care_tables import persons as person_rows

router = APIRouter(prefix="/api/care", tags=["care"])
PersonId = Annotated[str, Path(max_length=110, pattern=STORABLE, description="`h-HOME` or `p-…`.")]
FieldName = Annotated[str, Path(max_length=50, pattern=STORABLE)]
MOST = 200


class PersonIn(Signed):
    id: ClientId
    name: Name
    area: Area = Field(description="A dong.")
    exercise: bool = False


class FactIn(Signed):
    value: bool | int | Text | Annotated[list[Name], Field(max_length=50)]


class TieIn(Signed):
    kind: Literal["guardian", "young_carer", "family"]


class ByIn(Signed):
    """Who says so."""


class ConsentIn(Signed):
    purpose: consent.Purpose
    decision: consent.Decision


class GoneIn(Signed):
    why: Literal["moved", "died"]
    at: Moment


class ContactIn(Signed):
    at: Moment


class PersonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    home: str | None
    name: str
    area: str
    risk: Risk
    exercise: bool
    contact_at: datetime = Field(description="When somebody of the chain last saw or spoke to them.")
    gone_at: datetime | None
    gone_why: Literal["moved", "died"] | None
    created_at: datetime


class TieOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    other: str
    kind: Literal["guardian", "young_carer", "family"]
    by: str
    at: datetime


class PersonDetail(PersonOut):
    ties: list[TieOut] = Field(description="Who is what to them. That one of these is at home proves nothing.")
    consents: list[ConsentOut]
    episodes: list[EpisodeOut]
    history: list[Line]
    names: dict[str, str] = Field(description="What the people and members are called whose ids stand in it.")


class FactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    field: str
    value: bool | int | str | list[str]
    purpose: str
    by: str
    at: datetime


class FieldOut(BaseModel):
    """One fact that may be kept: what for, and for whose eyes."""

    field: str
    name: Sentence
    kind: str = Field(description="bool, int, str or list (of str).")
    values: list[str]
    purpose: Sentence
    readers: list[Role]


@router.get("/profile")
def list_fields() -> list[FieldOut]:
    """What may be known of a person, what for, and who may read it."""
    return [
        FieldOut(
            field=name,
            name=Sentence.words(f"fact.{name}"),
            kind=it.kind.__name__,
            values=sorted(it.values),
            purpose=Sentence.words(f"purpose.{it.purpose}"),
            readers=sorted(it.readers),
        )
        for name, it in FIELDS.items()
    ]


@router.get("/persons")
def search(
    city: Here,
    text: Annotated[str, Query(max_length=100, pattern=STORABLE, description="A part of the name.")] = "",
    area: AreaPrefix = "",
    exercise: bool = False,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[PersonOut]:
    """People by name."""
    with city.db.read() as tx:
        found = persons.search(
            tx, text, area, exercise=exercise, limit=limit, offset=offset, only=city.only(Kind.PERSON, person_rows.c.id)
        )
    return [PersonOut.model_validate(it) for it in found]


@router.post("/persons", response_model=PersonDetail, responses=REFUSED)
def register(city: Here, said: PersonIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Make somebody known who has not applied: a guardian, or whose family cares for them."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        member = offices.answers_for(tx, said.by, said.area)
        if isinstance(member, Refused):
            return member
        it = persons.register(tx, said.id, said.name, said.area, said.by, now, exercise=said.exercise)
        return it if isinstance(it, Refused) else _detail(tx, it, now)

    return change(city, idempotency_key, "care/persons", said, deed)


@router.get("/persons/{id}", responses=UNKNOWN)
def read_person(city: Here, id: PersonId) -> PersonDetail:
    """One person, with their ties, consents and episodes. Their facts are read by `facts` alone."""
    with city.db.read() as tx:
        it: Person = must(_found(tx, id))
        return _detail(tx, it, city.clock.now())


@router.get("/persons/{id}/facts", responses=REFUSED)
def read_facts(
    city: Here,
    id: PersonId,
    reader: Annotated[
        str, Query(max_length=100, pattern=STORABLE, description="A member's id, where a program asks.")
    ] = "",
) -> list[FactOut]:
    """What this member may read of somebody."""
    with city.db.read() as tx:
        it: Person = must(_found(tx, id))
        role: Role = must(facts.may_read(tx, city.by(reader), it))
        return [FactOut.model_validate(one) for one in facts.facts(tx, id, role)]


@router.put("/persons/{id}/facts/{field}", response_model=FactOut, responses=REFUSED)
def put_fact(
    city: Here, id: PersonId, field: FieldName, said: FactIn, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Write one fact down, in place of what stood there."""

    def deed(tx: Connection, now: datetime) -> FactOut | Refused:
        done = _by(tx, id, said.by, lambda: facts.put_fact(tx, id, field, said.value, said.by, now))
        return done if isinstance(done, Refused) else FactOut.model_validate(done)

    return change(city, idempotency_key, f"care/persons/{id}/facts/{field}", said, deed)


@router.put("/persons/{id}/ties/{other}", response_model=PersonDetail, responses=REFUSED)
def tie(city: Here, id: PersonId, other: PersonId, said: TieIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """`other` is their guardian, young carer or family."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        city.must_see(tx, Kind.PERSON, other)
        return _told(tx, id, now, _by(tx, id, said.by, lambda: facts.tie(tx, id, other, said.kind, said.by, now)))

    return change(city, idempotency_key, f"care/persons/{id}/ties/{other}", said, deed)


@router.post("/persons/{id}/ties/{other}/end", response_model=PersonDetail, responses=REFUSED)
def untie(
    city: Here, id: PersonId, other: PersonId, said: ByIn, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """They are no longer anything to one another."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        return _told(tx, id, now, _by(tx, id, said.by, lambda: facts.untie(tx, id, other, said.by, now)))

    return change(city, idempotency_key, f"care/persons/{id}/ties/{other}/end", said, deed)


@router.post("/persons/{id}/consents", response_model=PersonDetail, responses=REFUSED)
def decide(city: Here, id: PersonId, said: ConsentIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """What the person has said of it. Without their consent to care their episode is closed as declined."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        def act() -> consent.Consent | Refused:
            return consent.decide(tx, id, said.purpose, said.decision, said.by, city.hands, now)

        return _told(tx, id, now, _by(tx, id, said.by, act))

    return change(city, idempotency_key, f"care/persons/{id}/consents", said, deed)


@router.post("/persons/{id}/gone", response_model=PersonDetail, responses=REFUSED)
def gone(city: Here, id: PersonId, said: GoneIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """They have moved away or died: nothing of their care goes on, and nothing new is planned."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        def act() -> Person | Refused:
            return persons.gone(tx, id, Ended(said.why), said.at, said.by, city.hands, now)

        return _told(tx, id, now, _by(tx, id, said.by, act))

    return change(city, idempotency_key, f"care/persons/{id}/gone", said, deed)


@router.post("/persons/{id}/back", response_model=PersonDetail, responses=REFUSED)
def back(city: Here, id: PersonId, said: ByIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """They are here after all. What ended when they were said to be gone stays ended."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        return _told(tx, id, now, _by(tx, id, said.by, lambda: persons.back(tx, id, said.by, now)))

    return change(city, idempotency_key, f"care/persons/{id}/back", said, deed)


@router.post("/persons/{id}/contact", response_model=PersonDetail, responses=REFUSED)
def contact(city: Here, id: PersonId, said: ContactIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Somebody has seen or spoken to them."""

    def deed(tx: Connection, now: datetime) -> PersonDetail | Refused:
        return _told(tx, id, now, _by(tx, id, said.by, lambda: persons.contact(tx, id, said.at, said.by, now)))

    return change(city, idempotency_key, f"care/persons/{id}/contact", said, deed)


def _found(tx: Connection, id: str) -> Person | Refused:
    return persons.person(tx, id) or Refused("unknown_person", {"id": id})


def _by(tx: Connection, id: str, member: str, act: Callable[[], Any]) -> Any:
    """What `act` brings, where the member answers for the person's area; else the refusal."""
    it = _found(tx, id)
    if isinstance(it, Refused):
        return it
    allowed = offices.answers_for(tx, member, it.area)
    return allowed if isinstance(allowed, Refused) else act()


def _told(tx: Connection, id: str, now: datetime, done: Any) -> PersonDetail | Refused:
    if isinstance(done, Refused):
        return done
    it: Person = must(_found(tx, id))
    return _detail(tx, it, now)


def _detail(tx: Connection, it: Person, now: datetime) -> PersonDetail:
    tied = facts.ties(tx, it.id)
    history = [Line.of(line) for line in journal.history(tx, person=it.id)]
    theirs = episodes.select(tx, episodes_table.c.person == it.id, limit=MOST)
    return PersonDetail(
        **dict(PersonOut.model_validate(it)),
        ties=[TieOut.model_validate(one) for one in tied],
        consents=[ConsentOut.model_validate(one) for one in consent.of_person(tx, it.id)],
        episodes=shown(tx, theirs, now),
        history=history,
        names=persons.names(tx, [one.other for one in tied]) | people.member_names(tx, [one.who for one in history]),
    )
