"""What a device takes along for a day without reception: its owner's visits or tasks, and little more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.city import City, Here
from api.places import Names, place
from api.readers import reader
from api.resident import Named
from api.shapes import Sentence
from api.visits import VisitWithForms, shown
from api.work import TaskOut
from care import catalogue, facts, linkage, tasks, visits
from core.care import city_of
from core.people import Role
from store import people
from store.care_tables import orders
from store.care_tables import persons as person_rows
from store.care_tables import tasks as task_rows
from store.care_tables import visits as visit_rows
from store.columns import below

router = APIRouter(prefix="/api/care/day", tags=["care"])
AHEAD = timedelta(days=14)
BEHIND = timedelta(days=1)
"""So long what is over stays on the device."""
MOST = 200


class Door(BaseModel):
    """What one must know to get to somebody. Null: not known, or not for who asks."""

    person: str
    name: str
    place: Sentence
    address: str | None = None
    key_safe: str | None = None
    phone: str | None = None
    language: Named | None = None
    challenges: list[Named] = []
    pets: bool | None = None


class DayVisit(VisitWithForms):
    door: Door
    mine: bool = Field(description="Its owner is who asks; else it is their office's, or has a form to look at.")


class ServiceName(Sentence):
    code: str


class Visits(BaseModel):
    now: datetime
    visits: list[DayVisit] = Field(description="What is due first on top; the last day's finished ones with them.")
    services: list[ServiceName] = Field(description="What a form may name as a need.")


class DayTask(TaskOut):
    door: Door
    service: Sentence
    most: int = Field(description="Units that the order still has.")


class Tasks(BaseModel):
    now: datetime
    tasks: list[DayTask] = Field(description="The earliest first; the last day's done ones with them.")


@router.get("/visits")
def day_visits(city: Here) -> Visits:
    """The visits of who asks, what their office has for the next two weeks, and forms that met one another."""
    actor, now = city.actor, city.clock.now()
    mine = visit_rows.c.owner == actor.who
    offices = sa.or_(
        sa.false(),
        *(visit_rows.c.owner == f"{visits.OFFICE}{area}" for area in actor.areas),
        *(below(visit_rows.c.area, area) & visit_rows.c.owner.startswith(visits.OFFICE) for area in actor.areas),
    )
    soon = sa.and_(visits.IS_OPEN, visit_rows.c.due_at < now + AHEAD)
    over = sa.and_(visit_rows.c.finished_at > now - BEHIND, mine)
    wanted = sa.or_(sa.and_(soon, sa.or_(mine, offices)), over, visits.in_conflict())
    with city.db.read() as tx:
        found = visits.select(tx, wanted, city.only(Kind.VISIT, visit_rows.c.id), limit=MOST)
        doors = _doors(city, tx, [it.person for it in found])
        out = [DayVisit(**dict(shown(tx, it, now)), door=doors[it.person], mine=it.owner == actor.who) for it in found]
        cities = sorted({city_of(it.area) for it in found} | {city_of(area) for area in actor.areas} - {""})
        named = [one for code in cities for one in catalogue.services(tx, code)]
    services = {one.code: ServiceName(code=one.code, ko=one.name_ko, en=one.name_en) for one in named}
    return Visits(now=now, visits=out, services=list(services.values()))


@router.get("/tasks")
def day_tasks(city: Here) -> Tasks:
    """A worker's own tasks, from yesterday's on."""
    now = city.clock.now()
    over = sa.and_(task_rows.c.state != "assigned", task_rows.c.planned_at > now - BEHIND)
    mine = sa.and_(
        task_rows.c.worker == city.actor.who,
        task_rows.c.planned_at < now + AHEAD,
        sa.or_(task_rows.c.state == "assigned", over),
    )
    with city.db.read() as tx:
        found = tasks.select(tx, mine, city.only(Kind.TASK, task_rows.c.id), limit=MOST)
        errands = tasks.errands(tx, [it.id for it in found])
        doors = _doors(city, tx, [one.person for one in errands.values()])
        named = {
            (code, one.code): Sentence(ko=one.name_ko, en=one.name_en)
            for code in {city_of(one.area) for one in errands.values()}
            for one in catalogue.services(tx, code)
        }
        left = _left(tx, [it.order for it in found])
        out = []
        for it in found:
            errand = errands[it.id]
            code = errand.service
            service = named.get((city_of(errand.area), code)) or Sentence(ko=code, en=code)
            base = TaskOut.model_validate(it).model_dump()
            out.append(DayTask(**base, door=doors[errand.person], service=service, most=left[it.order]))
    return Tasks(now=now, tasks=out)


def _left(tx: Connection, ids: Sequence[int]) -> dict[int, int]:
    recorded = linkage.recorded(tx, sorted(set(ids)))
    query = sa.select(orders.c.id, orders.c.units).where(orders.c.id.in_(ids))
    return {row.id: max(0, row.units - recorded[row.id]) for row in tx.execute(query)}


def _doors(city: City, tx: Connection, ids: Sequence[str]) -> dict[str, Door]:
    names = people.area_names(tx)
    query = sa.select(person_rows.c.id, person_rows.c.name, person_rows.c.area, person_rows.c.gone_at)
    rows = list(tx.execute(query.where(person_rows.c.id.in_(set(ids)))))
    # Who serves somebody knows whom; what is written down of them only with their word.
    open_to = sa.select(person_rows.c.id).where(
        person_rows.c.id.in_(set(ids)), city.only(Kind.PERSON, person_rows.c.id)
    )
    role, readable = reader(city.actor), set(tx.scalars(open_to))
    return {row.id: _door(tx, row, names, role if row.id in readable else None) for row in rows}


def _door(tx: Connection, row: Any, names: Names, role: Role | None) -> Door:
    known = {one.field: one.value for one in facts.facts(tx, row.id, role)} if role else {}
    return Door(
        person=row.id,
        name=row.name,
        place=place(row.area, names),
        **{field: known.get(field) for field in ("address", "key_safe", "phone", "pets")},
        language=Named.value("language", known["language"]) if "language" in known else None,
        challenges=[Named.value("challenge", one) for one in known.get("challenges", [])],
    )
