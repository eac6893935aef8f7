"""The people of the care chain: whoever lives in a watched home, and whoever has asked for care without one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.people import Home, Risk
from store.care_tables import persons
from store.database import insert_new
from store.tables import cases


class Person(msgspec.Struct, frozen=True):
    """One row of `persons`. `gone_at`: moved away or died, and nothing is planned for them any more."""

    id: str
    home: str | None
    name: str
    area: str
    risk: Risk
    exercise: bool
    contact_at: datetime
    gone_at: datetime | None
    gone_why: str | None
    created_at: datetime


def id_of(home: str = "", application: str = "") -> str:
    """The id of a watched home's resident, or of whom an application has made known."""
    return f"h-{home}" if home else f"p-{application}"


def person(tx: Connection, id: str) -> Person | None:
    """One person; None: there is none of that id."""
    row = tx.execute(sa.select(persons).where(persons.c.id == id)).first()
    return None if row is None else _person(row)


def _person(row: Any) -> Person:
    return Person(**{**row._mapping, "risk": Risk(row.risk)})


def of_home(tx: Connection, home: Home, now: datetime, *, exercise: bool = False) -> Person:
    """A watched home's resident, made known where they are not yet; their name, area and risk follow the home's."""
    id = id_of(home=home.id)
    now_known = {"name": home.resident, "area": home.area, "risk": home.risk.value, "home": home.id}
    fresh = {"id": id, "exercise": exercise, "contact_at": now, "created_at": now, **now_known}
    tx.execute(insert_new(persons, tx.dialect.name).values(fresh))
    tx.execute(sa.update(persons).where(persons.c.id == id).values(now_known))
    found = person(tx, id)
    assert found is not None
    return found


def name_in(tx: Connection, case_id: int) -> str | None:
    """The name of whom a case is about who lives in no watched home; None: it is about nobody of these."""
    kind, _, id = str(tx.scalar(sa.select(cases.c.subject).where(cases.c.id == case_id))).partition(":")
    name: str | None = tx.scalar(sa.select(persons.c.name).where(persons.c.id == id)) if kind == "person" else None
    return name


def met(tx: Connection, id: str, at: datetime) -> None:
    """Somebody has seen or spoken to them then."""
    later = sa.and_(persons.c.id == id, persons.c.contact_at < at)
    tx.execute(sa.update(persons).where(later).values(contact_at=at))
