"""Evaluations over HTTP: what is due, what was said, what it came to for many, and the end of an episode."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.assess import Answers, By, Code, Version, known
from api.care_shapes import Area, ClientId, Moment, Number, Offset, PageSize, Signed, change, must
from api.cases import REFUSED, UNKNOWN
from api.city import Here
from api.once import IdempotencyKey
from api.shapes import STORABLE
from care import followup, outcomes
from core.care import EARLIEST, LATEST, Refused
from store.care_tables import episodes, persons

router = APIRouter(prefix="/api/care", tags=["care"])
Phase = Literal["first", "follow_up"]
Since = Annotated[Moment, Query(description="Counted by when the last of the answers came.")]


class EvaluationIn(Signed):
    id: ClientId
    instrument: Code
    version: Version | None = Field(None, description="Null: the newest.")
    phase: Phase
    mode: Literal["visit", "phone"]
    answers: Answers


class EvaluationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    episode: int
    person: str
    instrument: str
    version: str
    phase: Phase
    mode: Literal["visit", "phone"]
    answers: dict[str, int]
    score: float
    by: str
    at: datetime


class FollowUpOut(BaseModel):
    """One evaluation that somebody has to make."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    episode: int
    instrument: str
    phase: Phase
    state: Literal["open", "done", "cancelled"]
    owner: str = Field(description="A member's id, or `office:AREA`.")
    due_at: datetime
    done_at: datetime | None


class DueOut(FollowUpOut):
    """One that is to be made, and whom it is about."""

    person: str
    name: str
    area: str


class Evaluations(BaseModel):
    made: list[EvaluationOut] = Field(description="Oldest first.")
    follow_ups: list[FollowUpOut] = Field(description="What is to be asked, by the day it falls due.")


class Standing(BaseModel):
    """Where an episode stands."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    stage: Literal["intake", "assessment", "plan", "linkage", "evaluation", "closed"]
    stage_since: datetime
    owner: str
    due_at: datetime | None
    level: str | None
    ended: str | None
    closed_at: datetime | None


class ChangeOut(BaseModel):
    """The paired change of `n` people, exercises left out."""

    model_config = ConfigDict(from_attributes=True)

    n: int
    mean: float = Field(description="After less before, in points of the instrument: more is better.")
    low: float = Field(description="The lower bound of the mean's 95 % confidence interval (Student's t).")
    high: float
    improved_percent: float = Field(description="How many of a hundred have more than before.")


class ShareOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    n: int
    percent: float = Field(description="How many of a hundred are satisfied: 4 of 5 or more on average.")


@router.get("/evaluations/due")
def list_due(
    city: Here,
    area: Annotated[Area | None, Query(description="A prefix; left out: everywhere.")] = None,
    owner: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    before: Annotated[Moment | None, Query(description="Due by then; left out: overdue now.")] = None,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[DueOut]:
    """Evaluations that nobody has made yet, the oldest first."""
    with city.db.read() as tx:
        until = before or city.clock.now()
        found = followup.due(
            tx, area or "", until, owner=owner, limit=limit, offset=offset, only=city.only(Kind.EPISODE, episodes.c.id)
        )
        of = episodes.c
        query = sa.select(of.id, of.person, of.area, persons.c.name).join(persons, persons.c.id == of.person)
        whose = {row.id: row for row in tx.execute(query.where(of.id.in_({one.episode for one in found})))}
        return [
            DueOut(
                **dict(FollowUpOut.model_validate(one)),
                person=whose[one.episode].person,
                name=whose[one.episode].name,
                area=whose[one.episode].area,
            )
            for one in found
        ]


@router.get("/episodes/{id}/evaluations", responses=UNKNOWN)
def read(city: Here, id: Number) -> Evaluations:
    """What was asked of an episode's person, and what is still to be."""
    with city.db.read() as tx:
        known(tx, id)
        return Evaluations(
            made=[EvaluationOut.model_validate(one) for one in followup.evaluations_of(tx, id)],
            follow_ups=[FollowUpOut.model_validate(one) for one in followup.follow_ups_of(tx, id)],
        )


@router.post("/episodes/{id}/evaluations", response_model=EvaluationOut, responses=REFUSED)
def evaluate(city: Here, id: Number, said: EvaluationIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Keep an evaluation: once for each instrument and phase, the first before the follow-up."""

    def deed(tx: Connection, now: datetime) -> Any:
        what = (said.instrument, said.phase, said.mode, said.answers, said.by)
        done = followup.record_evaluation(tx, said.id, id, *what, now, version=said.version)
        return done if isinstance(done, Refused) else EvaluationOut.model_validate(done)

    return change(city, idempotency_key, f"care/episodes/{id}/evaluations", said, deed)


@router.post("/episodes/{id}/begin-evaluation", response_model=Standing, responses=REFUSED)
def begin(city: Here, id: Number, said: By, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The services of the agreed plan are over: what came of them can be judged."""

    def deed(tx: Connection, now: datetime) -> Any:
        return _standing(outcomes.begin_evaluation(tx, id, said.by, city.hands, now))

    return change(city, idempotency_key, f"care/episodes/{id}/begin-evaluation", said, deed)


@router.post("/episodes/{id}/finish", response_model=Standing, responses=REFUSED)
def finish(city: Here, id: Number, said: By, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Close an episode as completed: nothing of it may be open."""

    def deed(tx: Connection, now: datetime) -> Any:
        return _standing(followup.finish(tx, id, said.by, city.hands, now))

    return change(city, idempotency_key, f"care/episodes/{id}/finish", said, deed)


@router.get("/change", responses=REFUSED)
def read_change(city: Here, instrument: Code, area: Area, since: Since = EARLIEST, until: Since = LATEST) -> ChangeOut:
    """How an area's people are since they have had care. Fewer of them than the rules' floor are not shown."""
    with city.db.read() as tx:
        return ChangeOut.model_validate(must(outcomes.changed(tx, city.reach(area), instrument, since, until)))


@router.get("/satisfaction", responses=REFUSED)
def read_satisfaction(
    city: Here, area: Area, instrument: Code = "satisfaction", since: Since = EARLIEST, until: Since = LATEST
) -> ShareOut:
    """How many of an area's people are satisfied, by the newest answer of each. Fewer than the floor are not shown."""
    with city.db.read() as tx:
        return ShareOut.model_validate(must(outcomes.satisfied(tx, city.reach(area), instrument, since, until)))


def _standing(done: Any) -> Any:
    return done if isinstance(done, Refused) else Standing.model_validate(done)
