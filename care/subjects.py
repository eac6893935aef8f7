"""Whom many Care Calls are about, asked at once: a board of hundreds of cards is a handful of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.persons import lives_there
from core.care import ABOUT
from store.care_tables import episodes, persons
from store.people import RESIDENT
from store.tables import cases, homes


class Subject(msgspec.Struct, frozen=True):
    """Whom a case is about. `name`: theirs, else the home's id; None: a whole area. `person`: their id in the care
    chain; None: it knows nobody yet. `exercise`: a drill, all of it. `episode`: the one that the case leads.
    """

    name: str | None
    person: str | None
    exercise: bool
    episode: int | None


_ABOUT = sa.func.substr(cases.c.subject, len(ABOUT) + 1)
_QUERY = (
    sa.select(
        cases.c.id,
        cases.c.home,
        cases.c.exercise,
        homes.c.id.label("enrolled"),
        RESIDENT,
        persons.c.id.label("person"),
        persons.c.name,
        persons.c.exercise.label("of_exercise"),
        episodes.c.id.label("episode"),
        episodes.c.exercise.label("drill"),
    )
    .select_from(cases)
    .join(homes, homes.c.id == cases.c.home, isouter=True)
    .join(persons, sa.and_(cases.c.subject.startswith(ABOUT), persons.c.id == _ABOUT), isouter=True)
    .join(episodes, episodes.c.case_id == cases.c.id, isouter=True)
    .where(cases.c.id.in_(sa.bindparam("of", expanding=True)))
)


def subjects(tx: Connection, of: Collection[int]) -> dict[int, Subject]:
    """Case -> whom it is about."""
    rows = tx.execute(_QUERY, {"of": sorted(set(of))}).all() if of else []
    residents = _residents(tx, {row.enrolled: row.resident or "" for row in rows if row.enrolled})
    return {row.id: _subject(row, residents.get(row.home)) for row in rows}


def _subject(row: Any, resident: Any) -> Subject:
    known = resident or (row if row.person else None)
    return Subject(
        name=row.resident or row.name or row.home,
        person=(resident.id if resident else row.person) if known else None,
        exercise=bool(row.exercise or row.drill or row.of_exercise or (resident and resident.exercise)),
        episode=row.episode,
    )


def _residents(tx: Connection, of: Mapping[str, str]) -> dict[str, Any]:
    """Home -> the row of who lives there now, where the care chain knows them."""
    if not of:
        return {}
    query = sa.select(persons).where(persons.c.home.in_(of)).order_by(persons.c.created_at, persons.c.id)
    last = {row.home: row for row in tx.execute(query)}
    return {home: row for home, row in last.items() if lives_there(row, of[home])}
