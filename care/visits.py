"""The SQL of visits: planned once, made step by step, finished by forms of which none is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal, persons
from care import visit as pure
from care.persons import Person
from care.visit import Form, Kind, Outcome, Record, State, Visit
from core.care import Refused
from core.people import CALLED
from store.care_tables import visit_versions, visits
from store.tables import areas, members

OFFICE = "office:"
Step = Callable[[Visit], Visit | Refused]
# Said as the partial index says it: a database can't prove it of a parameter.
IS_OPEN = visits.c.state.in_([sa.literal_column(f"'{state}'") for state in ("planned", "started", "arrived")])


class Version(msgspec.Struct, frozen=True):
    """One form that was sent for a visit. `standing`: the visit's version when it came; a conflict is `settled` once
    another form stands, or where there is nothing to settle."""

    id: str
    base: int
    conflict: bool
    standing: int
    form: Form
    by: str
    at: datetime


# --- what is read


def visit(tx: Connection, id: str) -> Visit | None:
    """One visit; None: there is none of that id."""
    return next(iter(select(tx, visits.c.id == id, limit=1)), None)


def select(tx: Connection, *where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Visit]:
    """Visits, what is due first on top."""
    query = sa.select(visits).where(*where).order_by(visits.c.due_at, visits.c.id).limit(limit).offset(offset)
    return [_visit(row) for row in tx.execute(query)]


def _visit(row: Any) -> Visit:
    words = {"kind": Kind(row.kind), "state": State(row.state)}
    outcome = Outcome(row.outcome) if row.outcome else None
    record = msgspec.convert(row.record, Record) if row.record else None
    return Visit(**{**row._mapping, **words, "outcome": outcome, "record": record})


def versions(tx: Connection, id: str) -> list[Version]:
    """Every form of a visit, those that stood in their order, and those that met another beside them."""
    rows = tx.execute(sa.select(visit_versions).where(visit_versions.c.visit == id))
    found = [
        Version(row.id, row.base, row.conflict, row.body["standing"], form_of(row.body), row.by, row.at) for row in rows
    ]
    return sorted(found, key=lambda one: (one.base, one.conflict, one.at, one.id))


def form_of(body: Any) -> Form:
    """The form that a version keeps."""
    return msgspec.convert(body["form"], Form)


def settled(it: Visit, one: Version) -> bool:
    """Whether nobody needs to look at a form any more."""
    called_off = it.state in (State.MISSED, State.CANCELLED)
    return not one.conflict or called_off or one.standing < it.version


def in_conflict() -> sa.ColumnElement[bool]:
    """Visits with forms that somebody still has to look at."""
    met = visit_versions.c.body["standing"].as_integer() >= visits.c.version
    theirs = sa.and_(visit_versions.c.visit == visits.c.id, visit_versions.c.conflict, met)
    called_off = visits.c.state.in_((State.MISSED, State.CANCELLED))
    return sa.and_(sa.not_(called_off), sa.select(visit_versions.c.id).where(theirs).exists())


# --- planning


def plan_visit(
    tx: Connection,
    id: str,
    person: str,
    kind: Kind,
    owner: str,
    planned_at: datetime | None,
    due_at: datetime,
    episode: int | None,
    by: str,
    now: datetime,
) -> Visit | Refused:
    """Plan a visit, once for each id that a client has made. `owner`: a member who answers, or `office:AREA`."""
    sent = _told(person, kind, owner, planned_at, due_at, episode)
    known = visit(tx, id)
    if known is not None:
        lines = journal.history(tx, person=known.person)
        plans = [line["numbers"] for line in lines if line["what"] == "care.log.visit_planned"]
        if any(one.get("visit") == id and one.get("sent") == sent for one in plans):
            return known
        journal.note(tx, "visit_id_taken", now, by, person=known.person, visit=id, kind=kind, sent=sent)
        return Refused("id_taken", {"id": id})
    them = persons.person(tx, person)
    if them is None:
        return Refused("unknown_person", {"id": person})
    refused = _unplannable(tx, them, kind, owner, planned_at, due_at, episode)
    if refused is not None:
        return refused
    return put(tx, id, them, kind, "planned", owner, due_at, by, now, planned_at=planned_at, episode=episode, sent=sent)


def _told(*parts: Any) -> str:
    same = [part.astimezone(UTC) if isinstance(part, datetime) else part for part in parts]
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()[:16]


def _unplannable(
    tx: Connection,
    them: Person,
    kind: Kind,
    owner: str,
    planned_at: datetime | None,
    due_at: datetime,
    episode: int | None,
) -> Refused | None:
    if them.gone_at is not None:
        return Refused("visit_gone")
    if planned_at is not None and planned_at > due_at:
        return Refused("visit_times")
    if kind is Kind.INTAKE and episode is None:
        return Refused("visit_no_episode")
    if episode is not None:
        theirs = episodes.episode(tx, episode)
        if theirs is None:
            return Refused("unknown_episode", {"id": episode})
        if theirs.person != them.id or not theirs.open:
            return Refused("visit_episode", {"id": episode})
    if kind is Kind.COMPULSORY and (standing := compulsory(tx, them.id)) is not None:
        return Refused("visit_open", {"id": standing.id})
    return unknown_owner(tx, owner)


def unknown_owner(tx: Connection, owner: str) -> Refused | None:
    """Whether nobody of that name may own a visit, and no area's office."""
    if not owner.startswith(OFFICE):
        return unknown_member(tx, owner)
    area = owner.removeprefix(OFFICE)
    found = tx.scalar(sa.select(areas.c.code).where(areas.c.code == area))
    return Refused("unknown_area", {"id": area}) if found is None else None


def unknown_member(tx: Connection, id: str, *, active: bool = True) -> Refused | None:
    """Whether nobody of that id answers. `active` False: who has left since may still have made a visit."""
    query = sa.select(members.c.active).where(members.c.id == id, members.c.role.in_(CALLED))
    found = tx.scalar(query)
    return Refused("unknown_member", {"id": id}) if found is None or (active and not found) else None


def put(
    tx: Connection,
    id: str,
    them: Person,
    kind: Kind,
    reason: str,
    owner: str,
    due_at: datetime,
    by: str,
    now: datetime,
    *,
    planned_at: datetime | None = None,
    told_at: datetime | None = None,
    episode: int | None = None,
    sent: str = "",
) -> Visit:
    """Insert a visit under the first free id, and say so in the journal."""
    free, n = id, 1
    while tx.scalar(sa.select(visits.c.id).where(visits.c.id == free)) is not None:
        n += 1
        free = f"{id}-{n}"
    row = {
        "id": free, "episode": episode, "person": them.id, "area": them.area, "kind": kind.value, "reason": reason,
        "state": "planned", "owner": owner, "due_at": due_at, "told_at": told_at, "planned_at": planned_at,
        "version": 0, "exercise": them.exercise, "created_at": now,
    }  # fmt: skip
    tx.execute(sa.insert(visits).values(row))
    journal.note(tx, "visit_planned", now, by, episode=episode, person=them.id, visit=free, kind=kind, sent=sent)
    made = visit(tx, free)
    assert made is not None
    return made


def compulsory(tx: Connection, person: str) -> Visit | None:
    """The open compulsory visit of a person that is due first."""
    theirs = sa.and_(visits.c.person == person, visits.c.kind == Kind.COMPULSORY, IS_OPEN)
    return next(iter(select(tx, theirs, limit=1)), None)


def sooner(tx: Connection, it: Visit, due_at: datetime, reason: str, now: datetime, by: str) -> bool:
    """A visit is due earlier than it was; False: it is due by then already."""
    if it.due_at <= due_at:
        return False
    after = msgspec.structs.replace(it, due_at=due_at, told_at=None, reason=reason)
    settle(tx, it, after, "visit_sooner", now, by, reason=reason)
    return True


# --- step by step


def start(tx: Connection, id: str, by: str, at: datetime, now: datetime) -> Visit | Refused:
    """A member is on the way; a visit that nobody had taken is theirs."""
    return _step(tx, id, by, now, "visit_started", lambda it: pure.start(it, at, now))


def arrive(tx: Connection, id: str, by: str, at: datetime, now: datetime) -> Visit | Refused:
    """A member is at the door."""
    return _step(tx, id, by, now, "visit_arrived", lambda it: pure.arrive(it, at, now))


def take(tx: Connection, id: str, by: str, now: datetime) -> Visit | Refused:
    """A member becomes its owner."""
    return _step(tx, id, by, now, "visit_taken", lambda it: pure.take(it, by))


def cancel(tx: Connection, id: str, by: str, now: datetime) -> Visit | Refused:
    """It will not be made."""
    return _done(tx, id, by, now, "visit_cancelled", pure.cancel)


def miss(tx: Connection, id: str, by: str, now: datetime) -> Visit | Refused:
    """Nobody went."""
    return _done(tx, id, by, now, "visit_missed", pure.miss)


def call_off(tx: Connection, it: Visit, by: str, now: datetime) -> None:
    """By the rule: a contact has made it needless, or they are gone."""
    settle(tx, it, pure.cancel(it, by_rule=True), "visit_cancelled", now, by)


def _step(tx: Connection, id: str, by: str, now: datetime, what: str, step: Step) -> Visit | Refused:
    done = unknown_member(tx, by) or _done(tx, id, by, now, what, step)
    if isinstance(done, Refused) or not done.open or not done.owner.startswith(OFFICE):
        return done
    return settle(tx, done, msgspec.structs.replace(done, owner=by), "visit_taken", now, by)


def _done(tx: Connection, id: str, by: str, now: datetime, what: str, step: Step) -> Visit | Refused:
    it = visit(tx, id)
    if it is None:
        return Refused("unknown_visit", {"id": id})
    return settle(tx, it, step(it), what, now, by)


def settle(
    tx: Connection, it: Visit, after: Visit | Refused, what: str, now: datetime, who: str, **numbers: str | int
) -> Visit | Refused:
    """Write down what a visit has become, if it is another; a line of the journal with it."""
    if isinstance(after, Refused) or after == it:
        return after
    values = {name: _plain(value) for name, value in msgspec.structs.asdict(after).items()}
    tx.execute(sa.update(visits).where(visits.c.id == it.id).values(values))
    journal.note(tx, what, now, who, episode=it.episode, person=it.person, visit=it.id, **numbers)
    return after


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value) if isinstance(value, Record) else value
