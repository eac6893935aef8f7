"""Visits over HTTP: what is to be made, each step of one, and the forms that tablets send of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from access.visible import Kind as Seen
from api.care_shapes import Area, ClientId, In, Moment, Offset, PageSize, Signed, Text, change, must
from api.cases import UNKNOWN
from api.city import City, Here
from api.once import IdempotencyKey
from api.shapes import STORABLE, Fault
from care import offices, persons, visit_forms, visits
from care.visit import MOST_NEEDS, Form, Kind, Mark, Outcome, Record, State, Visit
from care.visits import Version
from core.care import CLIENT_ID, Refused
from core.people import AREA, within
from store.care_tables import visits as table

router = APIRouter(prefix="/api/care", tags=["care"])
REFUSED: dict[int | str, dict[str, object]] = {
    404: {"model": Fault, "description": "A visit, a person, a member, an area or a service is not known."},
    409: {"model": Fault, "description": "The state of things does not allow it, or the id is taken."},
}
OWNER = rf"^(office:{AREA.pattern}|[^\x00:]+)$"
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=STORABLE)]
VisitId = Annotated[str, Path(max_length=200, pattern=STORABLE)]
FormId = Annotated[str, Path(pattern=f"^{CLIENT_ID.pattern}$")]
Episode = Annotated[int, Field(ge=1, le=2**63 - 1)]
Verb = Literal["start", "arrive", "take", "cancel", "miss"]


class RecordIn(In):
    """What was found; what is left out, nobody looked at."""

    well_being: Mark | None = None
    mood: Mark | None = None
    home_safe: bool | None = None
    food: bool | None = Field(default=None, description="There is enough to eat in the home.")
    medicine: bool | None = Field(default=None, description="It is taken as it was prescribed.")
    note: Text = ""
    needs: list[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=STORABLE)]] = Field(
        default=[], max_length=MOST_NEEDS, description="Codes of services that would help."
    )


class FormIn(Signed):
    base: Annotated[int, Field(ge=0, le=100_000)] = Field(
        description="The version of the visit that it was written over, as the tablet knew it; 0: none."
    )
    outcome: Outcome
    started_at: Moment
    arrived_at: Moment
    finished_at: Moment
    record: RecordIn = RecordIn()

    def form(self, id: str) -> Form:
        record = Record(**{**dict(self.record), "needs": tuple(self.record.needs)})
        return Form(id=id, **{**dict(self), "record": record})


class PlanIn(Signed):
    id: ClientId
    person: Id
    kind: Kind
    owner: Annotated[str, StringConstraints(max_length=208, pattern=OWNER)] = Field(
        description="A member's id, or `office:AREA`."
    )
    due_at: Moment
    planned_at: Moment | None = None
    episode: Episode | None = None


class StepIn(Signed):
    at: Moment | None = Field(None, description="Of a start or an arrival; null: now.")


class VisitOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    episode: int | None
    person: str
    area: str
    kind: Kind
    reason: Literal["planned", "interval", "silence", "closed_door"]
    state: State
    owner: str
    due_at: datetime
    planned_at: datetime | None
    started_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None
    record: dict[str, Any] | None = Field(description="As in a form.")
    version: int = Field(description="How many forms have stood; a tablet sends the next one over it.")
    exercise: bool
    created_at: datetime
    overdue: bool

    @classmethod
    def of(cls, it: Visit, now: datetime) -> dict[str, Any]:
        known = {name: getattr(it, name) for name in it.__struct_fields__ if name in cls.model_fields}
        record = None if it.record is None else msgspec.to_builtins(it.record)
        return {**known, "record": record, "overdue": it.open and it.due_at <= now}


class VersionOut(BaseModel):
    id: str = Field(description="The form's; `ID#…`: another one that came under the same id.")
    base: int
    conflict: bool = Field(description="It was written over another version than the one that stood, and stands not.")
    settled: bool = Field(description="Nobody needs to look at it any more.")
    outcome: Outcome
    started_at: datetime
    arrived_at: datetime
    finished_at: datetime
    record: dict[str, Any]
    by: str
    at: datetime = Field(description="When it came.")

    @classmethod
    def of(cls, it: Visit, one: Version) -> VersionOut:
        form = one.form
        said = {name: getattr(form, name) for name in ("outcome", "started_at", "arrived_at", "finished_at")}
        kept = {name: getattr(one, name) for name in ("id", "base", "conflict", "by", "at")}
        return cls(**said, **kept, settled=visits.settled(it, one), record=msgspec.to_builtins(form.record))


class VisitWithForms(VisitOut):
    name: str = Field(description="Whom it is to find.")
    forms: list[VersionOut] = Field(description="All that were sent, also those that met another one.")
    gone: bool = Field(description="It says that they are gone, and nobody has said so of the person yet.")


class FormTaken(VisitWithForms):
    conflict: bool = Field(description="This form is kept and stands not: another stood already, or it came too early.")


@router.get("/visits")
def list_visits(
    city: Here,
    owner: Annotated[str | None, Query(max_length=208, pattern=STORABLE)] = None,
    area: Annotated[Area | None, Query(description="A prefix.")] = None,
    person: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    kind: Kind | None = None,
    state: Annotated[
        Literal["open", "planned", "started", "arrived", "finished", "missed", "cancelled"] | None, Query()
    ] = None,
    due_before: Moment | None = None,
    conflict: Annotated[bool, Query(description="Those alone with forms that somebody must look at.")] = False,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[VisitOut]:
    """Visits, what is due first on top."""
    where: list[sa.ColumnElement[bool]] = [city.only(Seen.VISIT, table.c.id)]
    where += [visits.in_conflict()] if conflict else []
    for column, wanted in ((table.c.owner, owner), (table.c.person, person), (table.c.kind, kind)):
        if wanted is not None:
            where.append(column == str(wanted))
    if area is not None:
        where.append(sa.or_(table.c.area == area, table.c.area.like(f"{area}/%")))
    if state is not None:
        where.append(visits.IS_OPEN if state == "open" else table.c.state == state)
    if due_before is not None:
        where.append(table.c.due_at < due_before)
    with city.db.read() as tx:
        found = visits.select(tx, *where, limit=limit, offset=offset)
    return [VisitOut(**VisitOut.of(it, city.clock.now())) for it in found]


@router.post("/visits", response_model=VisitWithForms, responses=REFUSED)
def plan(city: Here, asked: PlanIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Plan a visit. The same id with the same words brings the same visit."""

    def deed(tx: Connection, now: datetime) -> Any:
        city.must_see(tx, Seen.PERSON, asked.person)
        if (refused := _strange_owner(city, tx, asked)) is not None:
            return refused
        return _shown(tx, visits.plan_visit(tx, **dict(asked), now=now), now)

    return change(city, idempotency_key, "care/visits", asked, deed)


@router.get("/visits/{id}", responses=UNKNOWN)
def read(city: Here, id: VisitId) -> VisitWithForms:
    """One visit with every form that was sent for it."""
    with city.db.read() as tx:
        it = visits.visit(tx, id) or Refused("unknown_visit", {"id": id})
        shown: VisitWithForms = must(_shown(tx, it, city.clock.now()))
    return shown


@router.post("/visits/{id}/{verb}", response_model=VisitWithForms, responses=REFUSED)
def step(city: Here, id: VisitId, verb: Verb, said: StepIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Take a visit, start, arrive, or say that it will not be or was not made. Saying it twice changes nothing."""

    def deed(tx: Connection, now: datetime) -> Any:
        match verb:
            case "start":
                done = visits.start(tx, id, said.by, said.at or now, now)
            case "arrive":
                done = visits.arrive(tx, id, said.by, said.at or now, now)
            case "take":
                done = visits.take(tx, id, said.by, now)
            case "cancel":
                done = visits.cancel(tx, id, said.by, now)
            case "miss":
                done = visits.miss(tx, id, said.by, now)
        return _shown(tx, done, now)

    return change(city, idempotency_key, f"care/visits/{id}/{verb}", said, deed)


@router.put("/visits/{id}/forms/{form}", response_model=FormTaken, responses=REFUSED)
def finish(city: Here, id: VisitId, form: FormId, said: FormIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Send a visit's form, as often as need be: late, twice and in any order. It finishes the visit, or corrects it.

    A form that was written over another version than the one that stands is kept beside it (`conflict`); a form over
    the newest version settles that. Where the id stands for other words the answer is 409, and these are kept, too.
    """

    def deed(tx: Connection, now: datetime) -> Any:
        done = visit_forms.finish(tx, id, said.form(form), city.hands, now)
        if isinstance(done, Refused):
            return done
        return FormTaken(**dict(shown(tx, done.visit, now)), conflict=done.conflict)

    return change(city, idempotency_key, f"care/visits/{id}/forms/{form}", said, deed)


def _strange_owner(city: City, tx: Connection, asked: PlanIn) -> Refused | None:
    """Why somebody can't be given a visit that they couldn't see: they answer for other areas."""
    them, owner = persons.person(tx, asked.person), asked.owner
    if city.actor.system or them is None or owner == city.actor.member:
        return None
    if owner.startswith(visits.OFFICE):
        area = owner.removeprefix(visits.OFFICE)
        return None if within(them.area, area) else Refused("unknown_area", {"id": area})
    found = offices.answers_for(tx, owner, them.area)
    return found if isinstance(found, Refused) else None


def _shown(tx: Connection, it: Visit | Refused, now: datetime) -> VisitWithForms | Refused:
    return it if isinstance(it, Refused) else shown(tx, it, now)


def shown(tx: Connection, it: Visit, now: datetime) -> VisitWithForms:
    """A visit with all of its forms."""
    them = persons.person(tx, it.person)
    assert them is not None
    forms = [VersionOut.of(it, one) for one in visits.versions(tx, it.id)]
    gone = visit_forms.to_be_said_gone(it, them)
    return VisitWithForms(**VisitOut.of(it, now), name=them.name, forms=forms, gone=gone)
