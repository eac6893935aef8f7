"""Whom a Care Call is about, as far as the care chain knows: for who is called to it from outside."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import persons
from core.care import ABOUT
from core.people import Home
from store.care_tables import episodes
from store.tables import cases


def whom(tx: Connection, case: int, home: Home | None) -> tuple[str, bool]:
    """The name of the person ("": not known), and whether all of it is an exercise."""
    row = tx.execute(sa.select(cases.c.subject, cases.c.exercise).where(cases.c.id == case)).one()
    known = row.subject.removeprefix(ABOUT) if row.subject.startswith(ABOUT) else ""
    person = persons.person(tx, known or (persons.resident_id(tx, home) if home else ""))
    drill = tx.scalar(sa.select(episodes.c.exercise).where(episodes.c.case_id == case))
    name = home.resident if home else person.name if person else ""
    return name, bool(row.exercise or drill or (person and person.exercise))
