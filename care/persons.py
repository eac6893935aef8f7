"""The people of the care chain: whoever lives in a watched home, and whoever has asked for care without one."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal
from care.episodes import Episode, Hands
from core.care import Ended, Refused, Stage, who
from core.people import Home, Risk
from core.signals import Concern, Evidence, Signal, Urgency
from store import people
from store.care_tables import episodes as episodes_table
from store.care_tables import persons, visits
from store.columns import below
from store.database import insert_new
from store.tables import areas, cases

GONE = (Ended.MOVED, Ended.DIED)
DEPTH = 3
"""The steps of a dong's code: city, gu, dong."""


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


def resident_id(tx: Connection, home: Home) -> str:
    """The id of who lives in a watched home now: another than before once somebody else lives there.

    Who has moved away or died stays who they are: a new name in their home is a new person.
    """
    lived = sa.select(persons).where(persons.c.home == home.id).order_by(persons.c.created_at, persons.c.id)
    known = tx.execute(lived).all()
    if not known:
        return id_of(home=home.id)
    last = known[-1]
    return str(last.id) if lives_there(last, home.resident) else f"{id_of(home=home.id)}.{len(known) + 1}"


def lives_there(last: Any, resident: str) -> bool:
    """Whether the last person known of a home still is its resident, by the name that the home has now."""
    return last.gone_at is None or not resident or who(resident) == who(last.name)


def of_home(tx: Connection, home: Home, now: datetime, *, exercise: bool = False) -> Person:
    """A watched home's resident, made known where they are not yet; their name, area and risk follow the home's."""
    id = resident_id(tx, home)
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


def contact(tx: Connection, id: str, at: datetime, by: str, now: datetime) -> Person | Refused:
    """A care manager has seen or spoken to them at `at`, which is no later than now."""
    it = person(tx, id)
    if it is None:
        return Refused("unknown_person", {"id": id})
    if at > now:
        return Refused("not_yet")
    met(tx, id, at)
    journal.note(tx, "contact", now, by, person=id)
    return msgspec.structs.replace(it, contact_at=max(at, it.contact_at))


def exercise(tx: Connection, id: str) -> bool:
    """Whether somebody is an exercise's, and so nobody. Who is unknown is not."""
    return bool(tx.scalar(sa.select(persons.c.exercise).where(persons.c.id == id)))


def open_episode(tx: Connection, id: str) -> Episode | None:
    """Their one episode that is not closed; None: they have none."""
    theirs = (episodes_table.c.person == id, episodes_table.c.stage != Stage.CLOSED.value)
    return next(iter(episodes.select(tx, *theirs, limit=1)), None)


def is_dong(tx: Connection, area: str) -> bool:
    """Whether an area is a dong that the city knows."""
    known = tx.scalar(sa.select(areas.c.code).where(areas.c.code == area))
    return known is not None and len(area.split("/")) == DEPTH


def shown(name: str) -> str:
    """A name as it is written down: without what cannot be seen, and with single spaces."""
    plain = unicodedata.normalize("NFKC", name)
    seen = "".join(c for c in plain if unicodedata.category(c)[0] != "C" or c.isspace())
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def register(
    tx: Connection, id: str, name: str, area: str, by: str, now: datetime, *, exercise: bool = False
) -> Person | Refused:
    """Make somebody known who lives in no watched home: `p-ID`, of their sender's own id.

    The same again is the same person; another name or area under the id changes nobody.
    """
    if not who(name):
        return Refused("whom")
    if not is_dong(tx, area):
        return Refused("unknown_area", {"id": area})
    key = id_of(application=id)
    row = {
        "id": key, "home": None, "name": shown(name), "area": area, "risk": Risk.NORMAL.value, "exercise": exercise,
        "contact_at": now, "created_at": now,
    }  # fmt: skip
    known = person(tx, key)
    if known is not None:
        same = (who(known.name), known.area, known.exercise) == (who(name), area, exercise)
        return known if same else Refused("person_taken")
    tx.execute(sa.insert(persons).values(row))
    journal.note(tx, "registered", now, by, person=key)
    found = person(tx, key)
    assert found is not None
    return found


def search(
    tx: Connection,
    text: str = "",
    area: str = "",
    *,
    exercise: bool = False,
    limit: int = 50,
    offset: int = 0,
    only: sa.ColumnElement[bool] | None = None,
) -> Sequence[Person]:
    """People whose names hold `text`, however it is spaced or written, in an area and below it; by name. `only`: a
    further clause on the table of persons."""
    query = sa.select(persons).where(persons.c.exercise == exercise, sa.true() if only is None else only)
    if who(text):
        name = sa.func.replace(sa.func.lower(persons.c.name), " ", "")
        query = query.where(name.contains(who(text), autoescape=True))
    if area:
        query = query.where(below(persons.c.area, area))
    query = query.order_by(persons.c.name, persons.c.id).limit(limit).offset(offset)
    return [_person(row) for row in tx.execute(query)]


def alert(
    tx: Connection,
    it: Person,
    concern: Concern,
    urgency: Urgency,
    key: str,
    why: Evidence,
    hands: Hands,
    now: datetime,
) -> int:
    """A Care Call about somebody, in a watched home or without one; the case it has opened or joined.

    The same `key` again alerts nobody. Of an exercise it is said that it is one.
    """
    home = people.home(tx, it.home) if it.home else None
    evidence = (Evidence("evidence.exercise"), why) if it.exercise else (why,)
    signal = Signal(
        key=key,
        concern=concern,
        urgency=urgency,
        at=now,
        evidence=evidence,
        source="care",
        home=home.id if home else None,
        area=None if home else it.area,
    )
    case = hands.alert(tx, signal, home, now, "" if home else f"person:{it.id}")
    assert case is not None, "a raised signal always has a case"
    return case


def finish(tx: Connection, it: Episode, ended: Ended, by: str, hands: Hands, now: datetime) -> Episode | Refused:
    """Close an episode. Where its person has moved away or died, that is true of more than the episode."""
    if not it.open:
        return Refused("closed")
    if ended is Ended.EXERCISE and not it.exercise:
        return Refused("exercise_of_real")
    if ended not in GONE:
        return episodes.close(tx, it, ended, hands, now, by)
    done = gone(tx, it.person, ended, now, by, hands, now)
    after = episodes.episode(tx, it.id)
    assert after is not None
    return done if isinstance(done, Refused) else after


def names(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    """What people of these ids are called."""
    rows = tx.execute(sa.select(persons.c.id, persons.c.name).where(persons.c.id.in_(set(ids)))) if ids else ()
    return {row.id: row.name for row in rows}


def back(tx: Connection, id: str, by: str, now: datetime) -> Person | Refused:
    """They are here after all: it was said by mistake, or they have come back. What ended with it stays ended."""
    it = person(tx, id)
    if it is None:
        return Refused("unknown_person", {"id": id})
    if it.gone_at is not None:
        tx.execute(sa.update(persons).where(persons.c.id == id).values(gone_at=None, gone_why=None))
        journal.note(tx, "back", now, by, person=id)
    return msgspec.structs.replace(it, gone_at=None, gone_why=None)


def gone(tx: Connection, id: str, why: Ended, at: datetime, by: str, hands: Hands, now: datetime) -> Person | Refused:
    """They have moved away or died: what is open of their care ends with it, and nothing new is planned.

    Said twice it is the same; what was said first stands.
    """
    it = person(tx, id)
    if it is None:
        return Refused("unknown_person", {"id": id})
    if it.gone_at is not None:
        return it if it.gone_why == why.value else Refused("gone")
    if at > now:
        return Refused("not_yet")
    tx.execute(sa.update(persons).where(persons.c.id == id).values(gone_at=at, gone_why=why.value))
    journal.note(tx, "gone", now, by, person=id, ended=why.value)
    open_ = open_episode(tx, id)
    if open_ is not None:
        closed = episodes.close(tx, open_, why, hands, now, by)
        assert not isinstance(closed, Refused)
    planned = sa.and_(visits.c.person == id, visits.c.state.in_(("planned", "started")))
    tx.execute(sa.update(visits).where(planned).values(state="cancelled"))
    return msgspec.structs.replace(it, gone_at=at, gone_why=why.value)
