"""The one door to care: an application, or an alarm that was real, opens an episode of care or joins the open one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from care import consent, episodes, journal, persons, stages
from care.catalogue import rules_for
from care.episodes import Episode, Hands
from care.persons import Person
from core.care import CONSENT_LATER, MOST_SERVICES, Origin, Priority, Refused, Stage, city_of, who
from core.signals import Concern, Evidence, Urgency
from store import people
from store.care_tables import applications
from store.care_tables import episodes as episodes_table
from store.database import insert_new
from store.pack_tables import services

OF_CASES = "case-"
"""What the ids of applications begin with that an alarm has made: no sender may give one."""
URGENCY = {Priority.ROUTINE: Urgency.ROUTINE, Priority.SOON: Urgency.SOON, Priority.URGENT: Urgency.URGENT}


class Application(msgspec.Struct, frozen=True):
    """Somebody asks for care, for themselves or for another; `id` is the sender's own.

    For whom, one of three: a watched `home`'s resident, a known `person`, or a new one by `name` and `area` (a dong).
    `by` takes it down. Neither age nor income is asked for.
    """

    id: str
    origin: Origin
    priority: Priority
    by: str
    note: str = ""
    services: Sequence[str] = ()
    exercise: bool = False
    home: str | None = None
    person: str | None = None
    name: str | None = None
    area: str | None = None

    @property
    def of_their_own(self) -> bool:
        """Whether the person has asked for care, and so agrees to it. Who cries for help has not yet."""
        return self.origin not in CONSENT_LATER and not self.of_an_alarm

    @property
    def of_an_alarm(self) -> bool:
        return self.id.startswith(OF_CASES)


class Kept(msgspec.Struct, frozen=True):
    """One row of `applications`: what was sent, and the Care Call that it has opened or joined."""

    id: str
    conflict: bool
    case_id: int | None
    body: dict[str, Any]
    by: str
    at: datetime


def apply(tx: Connection, it: Application, hands: Hands, now: datetime) -> Episode | Refused:
    """Open an episode of care and its Care Call, or join the episode that the person has open: whoever asks, by
    whichever door.

    The same application again is the same episode, and nothing twice; another text under its id changes nothing, and
    is kept. Refused: id_taken, id_reserved, whom, gone, unknown_home|person|area|service, too_many_services,
    exercise_of_real, real_of_exercise, person_taken. What is refused leaves no person behind.
    """
    if it.of_an_alarm:
        return Refused("id_reserved")
    known = known_as(tx, it, now)
    if known is not None:
        return known
    found = _whom(tx, it)
    if isinstance(found, Refused):
        return found
    id, area = found
    wanted = _wanted(tx, it.services, city_of(area))
    if isinstance(wanted, Refused):
        return wanted
    open_ = persons.open_episode(tx, id)
    if open_ is not None and len({*open_.requested, *wanted}) > MOST_SERVICES:
        return Refused("too_many_services", {"most": MOST_SERVICES})
    person = _person(tx, it, id, now)
    if isinstance(person, Refused):
        return person
    why = Evidence(f"evidence.application.{it.origin.value}")
    key = f"application/{it.id}"
    case = persons.alert(tx, person, Concern.APPLICATION, URGENCY[it.priority], key, why, hands, now)
    if open_ is None:
        return begin(tx, it, person, wanted, case, office(person.area), now)
    if not open_.owner.startswith("office:"):
        hands.ring(tx, case, open_.owner, "application", it.id, f"/care/episodes/{open_.id}", now)
    return join(tx, open_, it, wanted, case, now)


def by_phone(tx: Connection, it: Episode, by: str, hands: Hands, now: datetime) -> Episode | Refused:
    """The intake is done on the telephone: the person was spoken to, and the assessment comes next."""
    after = episodes.move(tx, it, Stage.ASSESSMENT, hands, now, by)
    if not isinstance(after, Refused):
        persons.met(tx, it.person, now)
        journal.note(tx, "contact", now, by, episode=it.id, person=it.person)
    return after


def office(area: str) -> str:
    """The owner of what nobody has taken yet."""
    return f"office:{area}"


def applications_of(tx: Connection, episode: int) -> list[Kept]:
    """Every application of an episode, and what was sent under the id of one and differs; the oldest first."""
    query = sa.select(*(applications.c[name] for name in Kept.__struct_fields__))
    query = query.where(applications.c.episode == episode).order_by(applications.c.at, applications.c.id)
    return [Kept(**row) for row in tx.execute(query).mappings()]


# --- whom, and what


def _whom(tx: Connection, it: Application) -> tuple[str, str] | Refused:
    """The id and the area of whom it is for, known already or not yet. It writes nothing."""
    new = it.name is not None or it.area is not None
    if (it.home is not None) + (it.person is not None) + new != 1:
        return Refused("whom")
    if it.home is not None:
        home = people.home(tx, it.home)
        if home is None or home.synthetic:
            return Refused("unknown_home", {"id": it.home})
        if it.exercise:
            return Refused("exercise_of_real")
        id, area = persons.resident_id(tx, home), home.area
    elif it.person is not None:
        id, area = it.person, ""
    else:
        if not who(it.name or "") or it.area is None:
            return Refused("whom")
        if not persons.is_dong(tx, it.area):
            return Refused("unknown_area", {"id": it.area})
        id, area = persons.id_of(application=it.id), it.area
    found = persons.person(tx, id)
    if found is None:
        return Refused("unknown_person", {"id": id}) if it.person is not None else (id, area)
    if found.gone_at is not None:
        return Refused("gone")
    if found.exercise != it.exercise:
        return Refused("exercise_of_real" if it.exercise else "real_of_exercise")
    return id, area or found.area


def _wanted(tx: Connection, codes: Sequence[str], city: str) -> list[str] | Refused:
    wanted = list(dict.fromkeys(codes))
    if len(wanted) > MOST_SERVICES:
        return Refused("too_many_services", {"most": MOST_SERVICES})
    offered = sa.select(services.c.code).where(services.c.city == city, services.c.active, services.c.code.in_(wanted))
    known = set(tx.scalars(offered)) if wanted else set()
    unknown = next((code for code in wanted if code not in known), None)
    return wanted if unknown is None else Refused("unknown_service", {"id": unknown})


def _person(tx: Connection, it: Application, id: str, now: datetime) -> Person | Refused:
    found = persons.person(tx, id)
    watched = it.home or (found.home if found else None)
    home = people.home(tx, watched) if watched else None
    if home is not None:
        return persons.of_home(tx, home, now)
    if found is not None and it.person is not None:
        return found
    return persons.register(tx, it.id, it.name or "", it.area or "", it.by, now, exercise=it.exercise)


# --- opening and joining


def begin(
    tx: Connection, it: Application, whom: Person, wanted: list[str], case: int, owner: str, now: datetime
) -> Episode:
    """An episode in its first stage, the same for every origin, with its owner, its deadline and its consent."""
    standing = stages.begin(it.priority, it.origin, rules_for(tx, whom.area), now)
    values = {
        "application": it.id,
        "person": whom.id,
        "area": whom.area,
        "origin": it.origin.value,
        "priority": it.priority.value,
        "case_id": case,
        "stage": standing.stage.value,
        "stage_since": standing.since,
        "owner": owner,
        "due_at": standing.due_at,
        "opened_at": now,
        "requested": wanted,
        "note": it.note,
        "by": it.by,
        "exercise": whom.exercise,
    }
    id = episodes.put(tx, values, now, it.by)
    _keep(tx, it, id, case, now)
    opened = episodes.episode(tx, id)
    assert opened is not None
    consent.at_intake(tx, opened, it.of_their_own, it.by, now)
    return opened


def join(tx: Connection, open_: Episode, it: Application, wanted: list[str], case: int, now: datetime) -> Episode:
    """A further application of somebody whose care goes on already: it adds what is asked for, and may make it more
    urgent, never less. The Care Call of the episode is from now on the one that lives.
    """
    values: dict[str, Any] = {"requested": list(dict.fromkeys([*open_.requested, *wanted]))}
    if not it.of_an_alarm:
        values["case_id"] = case
    if URGENCY[it.priority] > URGENCY[open_.priority] and open_.due_at is not None:
        within = rules_for(tx, open_.area).stage_within(open_.stage, it.priority, open_.origin)
        values |= {"priority": it.priority.value, "due_at": min(open_.due_at, now + within)}
    tx.execute(sa.update(episodes_table).where(episodes_table.c.id == open_.id).values(values))
    _keep(tx, it, open_.id, case, now)
    journal.note(tx, "joined", now, it.by, episode=open_.id, person=open_.person, origin=it.origin.value)
    consent.at_intake(tx, open_, it.of_their_own, it.by, now)
    after = episodes.episode(tx, open_.id)
    assert after is not None
    return after


# --- once


def known_as(tx: Connection, it: Application, now: datetime) -> Episode | Refused | None:
    """What an application of this id has become before; None: there was none of this id."""
    first = sa.select(applications).where(applications.c.id == it.id, ~applications.c.conflict)
    row = tx.execute(first).first()
    if row is None:
        return None
    if row.digest == _digest(it):
        return episodes.episode(tx, row.episode)
    _keep(tx, it, row.episode, None, now)
    return Refused("id_taken")


def _keep(tx: Connection, it: Application, episode: int, case: int | None, now: datetime) -> None:
    row = {
        "id": it.id, "digest": _digest(it), "conflict": case is None, "episode": episode, "case_id": case,
        "body": msgspec.to_builtins(it), "by": it.by, "at": now,
    }  # fmt: skip
    tx.execute(insert_new(applications, tx.dialect.name).values(row))


def _digest(it: Application) -> str:
    same = replace(it, services=sorted(set(it.services)))
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()
