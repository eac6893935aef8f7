"""What other systems take of the care chain: FHIR bundles, CAP messages, calendars, and data for research."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.care_shapes import Moment, Number, Offset, PageSize, Signed, change, must, refusal
from api.cases import REFUSED, UNKNOWN
from api.city import City, Here
from api.guard import Unseen
from api.once import IdempotencyKey
from api.shapes import STORABLE, CalendarKey, Refusal, Sentence
from care import calendar_feed, cap, fhir, journal, research
from care.episodes import episode
from care.handover import whom
from core.care import Refused
from core.people import is_canary
from core.signals import Concern, Evidence, Urgency
from core.words import LANGUAGES
from store import people

router = APIRouter(prefix="/api/care", tags=["care"])
FHIR, CAP, CALENDAR = "application/fhir+json", "application/cap+xml", "text/calendar"
Reader = Annotated[str, Query(max_length=100, pattern=STORABLE, description="The member who wants the name.")]
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=STORABLE)]


class Ask(Signed):
    """Ask for data of the episodes that were closed in a period: [since, until), whole quarters of the calendar."""

    purpose: Purpose
    since: Moment
    until: Moment


class Decide(Signed):
    """Who says so."""


class Period(BaseModel):
    since: datetime
    until: datetime


class Manifest(BaseModel):
    """What the files are; `levels` says how coarse each column had to become, 0 being the finest."""

    rows: int
    columns: list[str]
    quasi_identifiers: list[str]
    sensitive: list[str]
    k: int = Field(description="People behind each record, at least.")
    l: int = Field(description="Care levels among any like records, at least.")  # noqa: E741 - its name everywhere
    left_out: int = Field(description="People who would have stood out.")
    levels: dict[str, int]
    period: Period
    purpose: str
    asked_by: str
    allowed_by: str
    sha256: dict[str, str]
    software: dict[str, str]


class ExportOut(BaseModel):
    """One export. The files are written on the city's own machine, by `anbu research export`."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    asked_by: str
    purpose: str
    since: datetime
    until: datetime
    asked_at: datetime
    allowed_by: str | None
    decided_at: datetime | None
    state: Literal["asked", "allowed", "made", "refused"]
    why: Refusal | None = Field(description="Why it was refused.")
    manifest: Manifest | None

    @classmethod
    def of(cls, it: research.Export) -> ExportOut:
        state = "allowed" if it.state == research.ASKED and it.allowed_by else it.state
        why = Refusal.because(Evidence(f"care.refused.{it.why.code}", {**it.why.numbers})) if it.why else None
        known = {name: getattr(it, name) for name in it.__struct_fields__ if name in cls.model_fields}
        return cls.model_validate({**known, "state": state, "why": why})


@router.get(
    "/episodes/{id}/fhir",
    response_class=Response,
    responses={**REFUSED, 200: {"content": {FHIR: {}}, "description": "A FHIR R4 Bundle of type collection."}},
)
def read_fhir(
    city: Here,
    id: Number,
    named: Annotated[bool, Query(description="With the name and the plan's goals; needs `reader`.")] = False,
    reader: Reader = "",
) -> Response:
    """An episode and its care plan for other systems; that a name was given is written down."""
    now = city.clock.now()
    if not named:
        with city.db.read() as tx:
            return Response(must(fhir.bundle(tx, id, now)), media_type=FHIR)
    with city.db.write() as tx:
        it = episode(tx, id)
        if it is None:
            must(Refused("unknown_episode", {"id": id}))
        elif not fhir.may_read_names(tx, city.by(reader), it.area):
            must(Refused("no_reader"))
        else:
            journal.note(tx, "named_export", now, city.by(reader), episode=id, person=it.person)
        return Response(must(fhir.bundle(tx, id, now, named=True)), media_type=FHIR)


@router.get(
    "/cases/{id}/cap",
    response_class=Response,
    responses={**UNKNOWN, 200: {"content": {CAP: {}}, "description": "A CAP 1.2 message to 119."}},
)
def read_cap(city: Here, id: Number) -> Response:
    """The hand-over of a Care Call to the fire service, as it stands now."""
    with city.db.read() as tx:
        it = _emergency(city, tx, id)
    host = urlsplit(city.homeward.public_url).hostname or "localhost"
    return Response(cap.message(it, f"anbu@{host}", city.timezone), media_type=CAP)


@router.get(
    "/calendar/{owner}.ics",
    response_class=Response,
    responses={**UNKNOWN, 200: {"content": {CALENDAR: {}}, "description": "RFC 5545, one VEVENT for each."}},
)
def read_calendar(
    city: Here, owner: Annotated[str, Path(max_length=100, pattern=STORABLE)], key: CalendarKey = None
) -> Response:
    """A member's visits and tasks, without names."""
    with city.db.read() as tx:
        if city.actor.own_alone and owner != city.actor.member:
            raise Unseen(Kind.MEMBER, owner)
        return Response(must(calendar_feed.feed(tx, owner, city.clock.now())), media_type=CALENDAR)


@router.get("/research")
def list_research(city: Here, limit: PageSize = 50, offset: Offset = 0) -> list[ExportOut]:
    """What was asked for, the newest first."""
    with city.db.read() as tx:
        return [ExportOut.of(it) for it in research.select(tx, limit, offset)]


@router.get("/research/{id}", responses=UNKNOWN)
def read_research(city: Here, id: Number) -> ExportOut:
    with city.db.read() as tx:
        return ExportOut.of(must(research.export(tx, id)))


@router.post("/research", response_model=ExportOut, responses=REFUSED)
def ask(city: Here, asked: Ask, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Ask for data; a supervisor who is another must allow it."""

    def deed(tx: Connection, now: datetime) -> ExportOut | Refused:
        period = (asked.since, asked.until, city.timezone, now)
        return _out(research.ask(tx, asked.by, asked.purpose, *period, known=not city.actor.system))

    return change(city, idempotency_key, "care/research", asked, deed)


@router.post("/research/{id}/allow", response_model=ExportOut, responses=REFUSED)
def allow(city: Here, id: Number, said: Decide, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Allow it, as a supervisor who has not asked for it. Doing it twice changes nothing."""
    return change(
        city,
        idempotency_key,
        f"care/research/{id}/allow",
        said,
        lambda tx, now: _out(research.allow(tx, id, said.by, now)),
    )


@router.post("/research/{id}/refuse", response_model=ExportOut, responses=REFUSED)
def refuse(city: Here, id: Number, said: Decide, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Say no to it, as a supervisor, as long as it was not made."""
    return change(
        city,
        idempotency_key,
        f"care/research/{id}/refuse",
        said,
        lambda tx, now: _out(research.turn_down(tx, id, said.by, now)),
    )


def _out(it: research.Export | Refused) -> ExportOut | Refused:
    return it if isinstance(it, Refused) else ExportOut.of(it)


def _emergency(city: City, tx: Connection, id: int) -> cap.Emergency:
    view = city.desk.view(tx, id)
    if view is None:
        reply = refusal(Refused("unknown_case", {"id": id}))
        raise HTTPException(reply.status, reply.body["detail"])
    home = people.home(tx, view.home) if view.home else None
    name, exercise = whom(tx, id, home)
    names = people.area_names(tx)
    steps = view.area.split("/")
    path = [step for count in range(1, len(steps) + 1) if (step := "/".join(steps[:count]))]
    place = {
        language: " ".join(names.get(step, (step.rpartition("/")[2],) * 2)[index] for step in path)
        for index, language in enumerate(LANGUAGES)
    }
    return cap.Emergency(
        id=view.id,
        lines=[(line.id, line.at) for line in city.desk.timeline(tx, id)],
        concern=Concern(view.concern),
        urgency=Urgency[view.urgency.upper()],
        opened_at=view.opened_at,
        name=name,
        home=view.home or "",
        area=view.area,
        place=place,
        why=Sentence.of(view.why).model_dump(),
        exercise=exercise,
        test=bool(view.home) and is_canary(view.home or ""),
        over=view.state == "closed",
        outcome=view.outcome or "",
    )
