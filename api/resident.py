"""The resident's card: what whoever goes there must know, and what is read aloud to 119."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection

from api.cases import UNKNOWN
from api.city import City, Here
from api.homes import HomeId
from api.places import place
from api.readers import reader
from api.shapes import Sentence, fault_body
from care import aloud, facts, persons
from care.profile import FIELDS, readable
from core.people import Home, Risk, Role
from store import people

router = APIRouter(prefix="/api", tags=["homes"])
SIMPLE = ("address", "key_safe", "phone", "birth_year", "health", "pets")
KNOWN = frozenset({*SIMPLE, "gender", "disability", "challenges", "language", "contacts"})
"""The facts that are on the card."""


class Named(Sentence):
    code: str

    @classmethod
    def value(cls, group: str, code: str) -> Named:
        words = Sentence.words(f"{group}.{code}")
        return cls(code=code, ko=words.ko, en=words.en)


class ResidentCard(BaseModel):
    """Null: not known, or hidden from who asks."""

    home: str | None
    person: str = Field(description="Their id in the care chain, which may not know them yet.")
    name: str
    place: Sentence
    risk: Risk
    residents: int | None = Field(description="How many live there; null: it is no watched home.")
    wandering: bool
    language: Named
    address: str | None
    key_safe: str | None
    phone: str | None
    contacts: list[str]
    birth_year: int | None
    gender: Named | None
    health: str | None
    disability: Named | None
    challenges: list[Named]
    pets: bool | None
    hidden: list[str] = Field(description="Facts that who asks may not read, known or not.")
    hand_over: Sentence = Field(description="To read aloud to 119.")


class About(BaseModel):
    """What a case says, for the hand-over."""

    case: int
    what: Sentence
    exercise: bool
    over: bool


@router.get("/homes/{id}/card", responses=UNKNOWN)
def read_card(city: Here, id: HomeId) -> ResidentCard:
    """Who lives there and what one must know to help them, as far as who asks may read it."""
    with city.db.read() as tx:
        home = people.home(tx, id)
        if home is None:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
        return of_home(city, tx, home, reader(city.actor))


def of_home(city: City, tx: Connection, home: Home, role: Role | None, about: About | None = None) -> ResidentCard:
    """The card of who lives in a watched home."""
    person = persons.resident_id(tx, home)
    return _card(city, tx, person, home.resident or home.id, home.area, home.risk, home, role, about)


def of_person(city: City, tx: Connection, id: str, role: Role | None, about: About | None = None) -> ResidentCard:
    """The card of somebody of no watched home."""
    it = persons.person(tx, id)
    assert it is not None
    return _card(city, tx, it.id, it.name, it.area, it.risk, None, role, about)


def _card(
    city: City,
    tx: Connection,
    person: str,
    name: str,
    area: str,
    risk: Risk,
    home: Home | None,
    role: Role | None,
    about: About | None,
) -> ResidentCard:
    known = {one.field: one.value for one in facts.facts(tx, person, role) if one.field in KNOWN} if role else {}
    where = place(area, people.area_names(tx))
    language = known.get("language") or (home.language if home else "ko")
    told = aloud.Told(
        name=name,
        place=where.model_dump(),
        facts=known,
        residents=home.residents if home else 0,
        language=language,
        year=_year(city, city.clock.now()),
        what=about.what.model_dump() if about else {},
        case=about.case if about else None,
        exercise=about.exercise if about else persons.exercise(tx, person),
        over=about.over if about else False,
    )
    return ResidentCard(
        home=home.id if home else None,
        person=person,
        name=name,
        place=where,
        risk=risk,
        residents=home.residents if home else None,
        wandering=home.wandering if home else False,
        language=Named.value("language", language),
        **{field: known.get(field) for field in SIMPLE},
        contacts=known.get("contacts", []),
        gender=Named.value("gender", known["gender"]) if "gender" in known else None,
        disability=Named.value("disability", known["disability"]) if "disability" in known else None,
        challenges=[Named.value("challenge", one) for one in known.get("challenges", [])],
        hidden=sorted(field for field in KNOWN & FIELDS.keys() if role is None or not readable(field, role)),
        hand_over=Sentence(**aloud.hand_over(told)),
    )


def _year(city: City, now: datetime) -> int:
    return now.astimezone(city.timezone).year
