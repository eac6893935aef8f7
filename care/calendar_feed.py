"""A member's visits and tasks as an iCalendar feed, for the calendar on their telephone: no names, no health data."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from icalendar import Calendar, Event
from sqlalchemy.engine import Connection

from core.care import Refused
from core.people import Role
from core.words import LANGUAGES, say
from store.care_tables import orders, tasks, visits
from store.people import area_names
from store.tables import members

BACK, AHEAD = timedelta(days=60), timedelta(days=400)
MOST = 1000
"""Of visits and of tasks each; the soonest go first."""
CANCELLED = frozenset({"cancelled", "missed"})


class Appointment(msgspec.Struct, frozen=True):
    """One entry. `kind`: "visit" or "task"; `fixed`: the time was agreed upon, else it is when it is due."""

    kind: str
    key: str
    number: str
    area: str
    at: datetime
    fixed: bool
    state: str
    version: int
    exercise: bool


def feed(tx: Connection, owner: str, now: datetime) -> bytes | Refused:
    """The feed of an active member, 60 days back and 400 ahead, in their language. Refused: unknown_member."""
    known = sa.and_(members.c.id == owner, members.c.active, members.c.role != Role.CANARY.value)
    member = tx.execute(sa.select(members.c.language).where(known)).first()
    if member is None:
        return Refused("unknown_member", {"id": owner})
    language = member.language if member.language in LANGUAGES else "en"
    return render(appointments(tx, owner, now), area_names(tx), language, now)


def appointments(tx: Connection, owner: str, now: datetime) -> list[Appointment]:
    """A member's own visits and tasks, by time."""
    since, until = now - BACK, now + AHEAD
    at = sa.func.coalesce(visits.c.planned_at, visits.c.due_at)
    theirs = sa.select(visits).where(visits.c.owner == owner, at >= since, at < until).order_by(at, visits.c.id)
    found = [
        Appointment(
            kind="visit",
            key=row.id,
            number=str(row.episode) if row.episode else "",
            area=row.area,
            at=row.planned_at or row.due_at,
            fixed=row.planned_at is not None,
            state=row.state,
            version=row.version,
            exercise=row.exercise,
        )
        for row in tx.execute(theirs.limit(MOST))
    ]
    work = sa.select(tasks.c.id, tasks.c.planned_at, tasks.c.state, orders.c.area, orders.c.exercise)
    work = work.join(orders, orders.c.id == tasks.c.order).where(
        tasks.c.worker == owner, tasks.c.planned_at >= since, tasks.c.planned_at < until
    )
    found += [
        Appointment(
            kind="task",
            key=str(row.id),
            number=str(row.id),
            area=row.area,
            at=row.planned_at,
            fixed=True,
            state=row.state,
            version=0,
            exercise=row.exercise,
        )
        for row in tx.execute(work.order_by(tasks.c.planned_at, tasks.c.id).limit(MOST))
    ]
    return sorted(found, key=lambda it: (it.at, it.kind, it.key))


def render(found: list[Appointment], names: dict[str, tuple[str, str]], language: str, now: datetime) -> bytes:
    """The feed's bytes: RFC 5545, one VEVENT for each, its UID for ever the same."""
    calendar = Calendar()
    calendar.add("prodid", "-//Anbu//care chain//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", say("exchange.calendar", language))
    for it in found:
        event = Event()
        event.add("uid", uid(it))
        event.add("dtstamp", now)
        event.add("dtstart", it.at)
        event.add("sequence", it.version + (it.state in CANCELLED))
        event.add("summary", summary(it, names, language))
        event.add("status", "CANCELLED" if it.state in CANCELLED else "CONFIRMED" if it.fixed else "TENTATIVE")
        event.add("class", "PRIVATE")
        event.add("transp", "OPAQUE" if it.fixed else "TRANSPARENT")
        calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body


def uid(it: Appointment) -> str:
    """Of a digest: a visit's own id can hold the id of the home."""
    return f"{it.kind}-{digest(it)}@anbu"


def digest(it: Appointment) -> str:
    return hashlib.sha256(f"{it.kind}/{it.key}".encode()).hexdigest()[:24]


def summary(it: Appointment, names: dict[str, tuple[str, str]], language: str) -> str:
    """As "Visit, Bongseon 1-dong, #12": the episode's number; where there is none, the beginning of the digest."""
    ko, en = names.get(it.area, (it.area, it.area))
    place = ko if language == "ko" else en
    what = f"{say(f'exchange.{it.kind}', language)}, {place}, #{it.number or digest(it)[:8]}"
    return f"[{say('exchange.exercise', language)}] {what}" if it.exercise else what
