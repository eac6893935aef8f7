"""What is written down of a person, and who may read it: their profile, and who is guardian or family to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import consent, journal, offices, persons, profile
from core.care import Refused
from core.people import Role
from store.care_tables import orders, person_facts, person_ties
from store.database import upsert
from store.pack_tables import provider_staff

TIES = ("guardian", "young_carer", "family")


class Fact(msgspec.Struct, frozen=True):
    field: str
    value: Any
    purpose: str
    by: str
    at: datetime


class Tie(msgspec.Struct, frozen=True):
    """`other` is the guardian, young carer or family of `person`. It decides nothing: that one of them is at home, or
    says that all is well, proves nobody else safe.
    """

    person: str
    other: str
    kind: str
    by: str
    at: datetime


# --- who may


def may_read(tx: Connection, member: str, person: persons.Person) -> Role | Refused:
    """As what a member reads somebody's facts: who answers for them may, and who now delivers a service to them, once
    the person has agreed to share with providers.
    """
    found = offices.active(tx, member)
    if isinstance(found, Refused):
        return found
    if found.role is not Role.WORKER:
        allowed = offices.answers_for(tx, member, person.area)
        return allowed if isinstance(allowed, Refused) else allowed.role
    theirs = sa.select(orders.c.id).join(provider_staff, provider_staff.c.provider == orders.c.provider)
    theirs = theirs.where(provider_staff.c.member == member, orders.c.person == person.id, orders.c.state == "accepted")
    if tx.execute(theirs.limit(1)).first() is None:
        return Refused("not_theirs", {"id": member, "area": person.area})
    return Role.WORKER if consent.given(tx, person.id, "sharing") else Refused("not_shared")


# --- the profile


def put_fact(tx: Connection, person: str, field: str, value: Any, by: str, now: datetime) -> Fact | Refused:
    """Write one fact down, in place of what stood there; the journal knows that it changed, and not what it says."""
    if persons.person(tx, person) is None:
        return Refused("unknown_person", {"id": person})
    if not profile.allowed(field, value):
        return Refused("bad_fact", {"field": field})
    before = next((one for one in _facts(tx, person) if one.field == field), None)
    if before is not None and before.value == value:
        return before
    row = {"person": person, "field": field, "value": value, "by": by, "at": now}
    tx.execute(upsert(person_facts, tx.dialect.name, ["person", "field"], ["value", "by", "at"]).values(row))
    journal.note(tx, "fact", now, by, person=person, fact=field)
    return Fact(field, value, profile.FIELDS[field].purpose, by, now)


def facts(tx: Connection, person: str, reader: Role) -> list[Fact]:
    """What a member of that role may read of somebody."""
    return [one for one in _facts(tx, person) if profile.readable(one.field, reader)]


def _facts(tx: Connection, person: str) -> list[Fact]:
    query = sa.select(person_facts).where(person_facts.c.person == person).order_by(person_facts.c.field)
    known = [row for row in tx.execute(query) if row.field in profile.FIELDS]
    return [Fact(row.field, row.value, profile.FIELDS[row.field].purpose, row.by, row.at) for row in known]


# --- ties


def tie(tx: Connection, person: str, other: str, kind: str, by: str, now: datetime) -> Tie | Refused:
    """`other` is a person's guardian, young carer or family from now on, and not what they were before."""
    found = [persons.person(tx, id) for id in (person, other)]
    for id, it in zip((person, other), found, strict=True):
        if it is None:
            return Refused("unknown_person", {"id": id})
    if person == other:
        return Refused("oneself")
    if kind not in TIES:
        return Refused("unknown_tie", {"id": kind})
    if len({it.exercise for it in found if it is not None}) > 1:
        return Refused("exercise_of_real")
    before = next((one for one in ties(tx, person) if (one.other, one.kind) == (other, kind)), None)
    if before is not None:
        return before
    row = {"person": person, "other": other, "kind": kind, "by": by, "at": now}
    tx.execute(upsert(person_ties, tx.dialect.name, ["person", "other"], ["kind", "by", "at"]).values(row))
    journal.note(tx, "tied", now, by, person=person, tie=kind)
    return Tie(person, other, kind, by, now)


def untie(tx: Connection, person: str, other: str, by: str, now: datetime) -> Refused | None:
    """They are no longer anything to one another."""
    mine = sa.and_(person_ties.c.person == person, person_ties.c.other == other)
    if not tx.execute(sa.delete(person_ties).where(mine)).rowcount:
        return Refused("unknown_tie", {"id": other})
    journal.note(tx, "untied", now, by, person=person)
    return None


def ties(tx: Connection, person: str) -> list[Tie]:
    """Who is what to somebody."""
    query = sa.select(person_ties).where(person_ties.c.person == person).order_by(person_ties.c.at, person_ties.c.other)
    return [Tie(**row) for row in tx.execute(query).mappings()]
