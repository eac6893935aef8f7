"""Workers' tasks and records over HTTP: what a telephone is given, and what it says was done, late or twice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.care_orders import Id, OrderOut, shown
from api.care_shapes import (
    MOST,
    ClientId,
    Count,
    In,
    Moment,
    Name,
    Number,
    Offset,
    PageSize,
    Signed,
    Text,
    change,
    must,
)
from api.cases import REFUSED, UNKNOWN
from api.city import Here
from api.once import IdempotencyKey
from api.shapes import STORABLE
from care import episodes, linkage, tasks, work
from care.order import Outcome, Sent
from core.care import Refused
from store.care_tables import orders, records
from store.care_tables import tasks as task_rows

router = APIRouter(prefix="/api/care", tags=["care"])
MOST_SHOWN = 1000
"""Tasks and records of one episode."""
TaskState = Literal["assigned", "done", "missed", "cancelled"]
Units = Annotated[int, Field(ge=0, le=MOST, description="Counted where the outcome is `done` alone.")]


class TaskIn(Signed):
    """A part of an order for one worker; `key` is the provider's own id for it."""

    key: ClientId
    worker: Name
    planned_at: Moment
    units: Count


class TaskOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    order: int
    key: str
    worker: str
    units: int
    planned_at: datetime
    due_at: datetime | None = Field(description="When it counts as missed; null once it is over.")
    state: TaskState
    by: str
    at: datetime


class Given(TaskOut):
    told: bool = Field(description="Whether the worker's telephone is told of it; false: nothing reaches them.")


class RecordIn(In):
    """What a worker has done, for an order or for a task of it."""

    order: Id | None = None
    task: Id | None = None
    worker: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=STORABLE)] = Field(
        "", description="Who it was. An account's own, whatever stands here."
    )
    start: Moment
    end: Moment
    outcome: Literal["done", "closed_door", "refused", "hospital"]
    units: Units = 0
    note: Text = ""
    worry: Annotated[Text | None, Field(description="Something to worry about: it opens a Care Call at once.")] = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.order is None and self.task is None:
            raise ValueError("an order or a task")
        return self


class RecordOut(BaseModel):
    """One record as it stands; `units` are those that count."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    order: int
    task: int | None
    provider: str
    worker: str
    start: datetime
    end: datetime
    outcome: Literal["done", "closed_door", "refused", "hospital"]
    units: int
    note: str
    worry: str | None
    received_at: datetime


class KeptOut(BaseModel):
    """What was sent and does not count; `body` is as it came, `why` in it the code of the refusal."""

    model_config = ConfigDict(from_attributes=True)

    record: str
    at: datetime
    body: dict[str, Any]


class ServiceOut(OrderOut):
    """An order with its tasks and its records."""

    tasks: list[TaskOut]
    records: list[RecordOut]


@router.post("/orders/{id}/tasks", response_model=Given, responses=REFUSED)
def assign(city: Here, id: Number, said: TaskIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Give a worker a part of an accepted order; their telephone is told."""

    def deed(tx: Connection, now: datetime) -> Given | Refused:
        done = work.assign(
            tx, id, said.key, said.worker, said.planned_at, said.units, said.by, city.off_hours, city.hands, now
        )
        if isinstance(done, Refused):
            return done
        return Given(**TaskOut.model_validate(done[0]).model_dump(), told=done[1])

    return change(city, idempotency_key, f"care/orders/{id}/tasks", said, deed)


@router.get("/tasks")
def list_tasks(
    city: Here,
    worker: Annotated[Name | None, Query()] = None,
    order: Annotated[Id | None, Query()] = None,
    state: TaskState | None = None,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[TaskOut]:
    """Tasks, the earliest first: a worker's day."""
    asked = ((task_rows.c.worker, worker), (task_rows.c.order, order), (task_rows.c.state, state))
    where = [column == value for column, value in asked if value is not None]
    where.append(city.only(Kind.TASK, task_rows.c.id))
    with city.db.read() as tx:
        return [TaskOut.model_validate(it) for it in tasks.select(tx, *where, limit=limit, offset=offset)]


@router.put("/records/{id}", response_model=RecordOut, responses=REFUSED)
def put_record(city: Here, id: ClientId, said: RecordIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """A worker's record under the telephone's own id: sent twice it is one, and what does not count is kept."""
    said.worker = city.by(said.worker)
    sent = Sent(**dict(said) | {"id": id, "outcome": Outcome(said.outcome), "worry": said.worry or None})

    def deed(tx: Connection, now: datetime) -> RecordOut | Refused:
        for kind, named in ((Kind.ORDER, said.order), (Kind.TASK, said.task)):
            if named is not None:
                city.must_see(tx, kind, named)
        done = work.record(tx, sent, city.hands, now)
        return done if isinstance(done, Refused) else RecordOut.model_validate(done)

    return change(city, idempotency_key, f"care/records/{id}", said, deed)


@router.get("/records")
def list_records(
    city: Here, order: Annotated[Id, Query()], limit: PageSize = 50, offset: Offset = 0
) -> list[RecordOut]:
    """An order's records, the earliest first."""
    with city.db.read() as tx:
        found = work.read(
            tx, records.c.order == order, city.only(Kind.RECORD, records.c.id), limit=limit, offset=offset
        )
    return [RecordOut.model_validate(it) for it in found]


@router.get("/orders/{id}/kept", responses=UNKNOWN)
def list_kept(city: Here, id: Number, limit: PageSize = 50, offset: Offset = 0) -> list[KeptOut]:
    """What was sent for an order and does not count: other words under a known id, and what did not fit."""
    with city.db.read() as tx:
        must(linkage.read(tx, id))
        return [KeptOut.model_validate(it) for it in work.kept(tx, id, limit, offset)]


@router.get("/episodes/{id}/services", responses=UNKNOWN)
def services(city: Here, id: Number, limit: PageSize = 50, offset: Offset = 0) -> list[ServiceOut]:
    """An episode's orders, each with its tasks and with what was really done."""
    with city.db.read() as tx:
        if episodes.episode(tx, id) is None:
            must(Refused("unknown_episode", {"id": id}))
        found = shown(tx, *linkage.select(tx, orders.c.episode == id, limit=limit, offset=offset))
        ids = [it.id for it in found]
        given = tasks.select(tx, task_rows.c.order.in_(ids), limit=MOST_SHOWN)
        done = work.read(tx, records.c.order.in_(ids), limit=MOST_SHOWN)
    return [
        ServiceOut(
            **it.model_dump(),
            tasks=[TaskOut.model_validate(one) for one in given if one.order == it.id],
            records=[RecordOut.model_validate(one) for one in done if one.order == it.id],
        )
        for it in found
    ]
