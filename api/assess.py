"""Assessments and care plans over HTTP: what is asked, what it came to, and what was agreed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from api.care_shapes import ClientId, Count, In, Moment, Number, Offset, PageSize, Signed, Text, change, must
from api.cases import REFUSED, UNKNOWN
from api.city import Here
from api.once import IdempotencyKey
from api.shapes import STORABLE, Sentence
from care import episodes, instruments, planning
from care.assess import assessments_of, record_assessment
from care.episodes import Episode
from care.planning import MOST_ITEMS, Plan, Want
from care.scoring import CODE, VERSION, Instrument
from core.care import Refused

router = APIRouter(prefix="/api/care", tags=["care"])
Code = Annotated[str, StringConstraints(pattern=f"^{CODE.pattern}$")]
Version = Annotated[str, StringConstraints(pattern=f"^{VERSION.pattern}$")]
Answers = Annotated[
    dict[Code, Annotated[int, Field(strict=True, ge=-10_000, le=10_000)]],
    Field(max_length=100, description="Each question's code, and the points of the answer that was chosen."),
]


class ChoiceOut(BaseModel):
    points: int
    name: Sentence


class ItemOut(BaseModel):
    code: str
    name: Sentence
    choices: list[ChoiceOut]


class LevelOut(BaseModel):
    code: str
    name: Sentence
    from_: float = Field(alias="from", description="The lowest score of this level.")


class InstrumentOut(BaseModel):
    """A questionnaire. The score is the sum of the points × `factor`; more is better."""

    code: str
    version: str
    kind: Literal["care_level", "quality_of_life", "satisfaction"]
    name: Sentence
    source: str
    factor: int
    lowest: float
    highest: float
    items: list[ItemOut]
    levels: list[LevelOut]

    @classmethod
    def of(cls, it: Instrument) -> InstrumentOut:
        known = {name: getattr(it, name) for name in ("code", "version", "kind", "source", "factor")}
        items = [
            ItemOut(
                code=item.code,
                name=_name(item),
                choices=[ChoiceOut(points=choice.points, name=_name(choice)) for choice in item.choices],
            )
            for item in it.items
        ]
        levels = [LevelOut(code=level.code, name=_name(level), **{"from": level.at_least}) for level in it.levels]
        return cls(**known, name=_name(it), lowest=it.lowest, highest=it.highest, items=items, levels=levels)


class AssessmentIn(Signed):
    id: ClientId
    instrument: Code | None = Field(None, description="Null: the one of the area's rules.")
    version: Version | None = Field(None, description="Null: the newest.")
    answers: Answers


class AssessmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    episode: int
    instrument: str
    version: str
    answers: dict[str, int]
    score: float
    level: str
    by: str
    at: datetime


class WantIn(In):
    service: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=STORABLE)] = Field(
        description="Of the person's city."
    )
    units: Count
    start: Moment
    end: Moment


class PlanIn(Signed):
    goals: Text = ""
    items: Annotated[list[WantIn], Field(min_length=1, max_length=MOST_ITEMS)]


class By(Signed):
    """Who says so."""


class PlanItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    service: str
    units: int
    start: datetime
    end: datetime


class PlanOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    episode: int
    state: Literal["draft", "agreed", "replaced"]
    goals: str
    by: str
    at: datetime
    agreed_at: datetime | None
    items: list[PlanItemOut]


class Plans(BaseModel):
    agreed: PlanOut | None = Field(description="The plan in force.")
    draft: PlanOut | None = Field(description="The one that is being written.")


@router.get("/instruments")
def list_instruments(
    city: Here,
    kind: Annotated[Literal["care_level", "quality_of_life", "satisfaction"] | None, Query()] = None,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[InstrumentOut]:
    """The questionnaires, in every version."""
    with city.db.read() as tx:
        return [InstrumentOut.of(one) for one in instruments.offered(tx, kind, limit, offset)]


@router.get("/episodes/{id}/assessments", responses=UNKNOWN)
def read_assessments(city: Here, id: Number, limit: PageSize = 50, offset: Offset = 0) -> list[AssessmentOut]:
    """An episode's assessments, the newest first: that one's level is in force."""
    with city.db.read() as tx:
        found = assessments_of(tx, known(tx, id).id)[offset : offset + limit]
        return [AssessmentOut.model_validate(one) for one in found]


@router.post("/episodes/{id}/assessments", response_model=AssessmentOut, responses=REFUSED)
def assess(city: Here, id: Number, said: AssessmentIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Keep an assessment: the level follows, and the plan can be made. Sent twice, it is kept once."""

    def deed(tx: Connection, now: datetime) -> Any:
        named = {"instrument": said.instrument, "version": said.version}
        return _told(AssessmentOut, record_assessment(tx, said.id, id, said.answers, said.by, now, city.hands, **named))

    return change(city, idempotency_key, f"care/episodes/{id}/assessments", said, deed)


@router.get("/episodes/{id}/plan", responses=UNKNOWN)
def read_plan(city: Here, id: Number) -> Plans:
    """The plan in force, and the one that is being written."""
    with city.db.read() as tx:
        known(tx, id)
        return Plans(agreed=_shown(planning.agreed(tx, id)), draft=_shown(planning.drafted(tx, id)))


@router.post("/episodes/{id}/plans", response_model=PlanOut, responses=REFUSED)
def draft(city: Here, id: Number, said: PlanIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Write a plan down; the draft of before is replaced, an agreed plan stays in force until this one is agreed."""

    def deed(tx: Connection, now: datetime) -> Any:
        wants = [Want(one.service, one.units, one.start, one.end) for one in said.items]
        return _told(PlanOut, planning.draft(tx, id, said.goals, wants, said.by, now))

    return change(city, idempotency_key, f"care/episodes/{id}/plans", said, deed)


@router.post("/episodes/{id}/plans/{plan}/agree", response_model=PlanOut, responses=REFUSED)
def agree(city: Here, id: Number, plan: Number, said: By, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The plan comes into force; the person's consent to care must be there."""

    def deed(tx: Connection, now: datetime) -> Any:
        found = planning.plan(tx, plan)
        if found is None or found.episode != id:
            return Refused("unknown_plan", {"id": plan})
        return _told(PlanOut, planning.agree(tx, plan, said.by, city.hands, now))

    return change(city, idempotency_key, f"care/episodes/{id}/plans/{plan}/agree", said, deed)


def known(tx: Connection, id: int) -> Episode:
    """The episode; 404 where there is none."""
    found: Episode = must(episodes.episode(tx, id) or Refused("unknown_episode", {"id": id}))
    return found


def _told(shape: type[BaseModel], done: Any) -> Any:
    return done if isinstance(done, Refused) else shape.model_validate(done)


def _shown(plan: Plan | None) -> PlanOut | None:
    return None if plan is None else PlanOut.model_validate(plan)


def _name(it: Any) -> Sentence:
    return Sentence(ko=it.ko, en=it.en)
