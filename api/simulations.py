"""Simulator runs over HTTP: an operator plays a scenario in a city of its own, and sees what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.cases import UNKNOWN
from api.city import City, Here
from api.runs import Run, RunState
from api.shapes import OPERATOR, By, Fault, Sentence, Unreadable, fault_body
from core.signals import Evidence

router = APIRouter(prefix="/api/simulations", tags=["simulations"])
RunId = Annotated[str, Path(max_length=40)]
_STATUS = {"busy": 409, "no_room": 503, "not_started": 503}


class ScenarioOut(BaseModel):
    """`minutes` of its story take `minutes / speed` real ones."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: Sentence
    minutes: float
    speed: float = Field(description="Its own: simulated seconds for a real one.")
    homes: int
    members: int


class RunIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scenario: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    speed: Annotated[float, Field(ge=1, le=2000)] | None = Field(None, description="Null: the scenario's own.")
    by: By = OPERATOR


class RunOut(BaseModel):
    """Times are real ones; `at` is the story's own."""

    id: str
    scenario: str
    title: Sentence
    speed: float
    minutes: float
    by: str
    state: RunState = Field(description="as_expected, otherwise: it was played to its end. broken_off: `why` says why.")
    started_at: datetime
    ended_at: datetime | None
    stopped_by: str
    share: float = Field(description="How much of it is over, from 0 to 1.")
    at: datetime | None
    cases: int = Field(description="Its Care Calls so far.")
    differences: list[Sentence] = Field(description="Where the city did otherwise than the scenario expects.")
    figures: dict[str, int]
    why: Sentence | None
    words: str = Field(description="Of one that broke off: the end of what its programs said.")


@router.get("/scenarios")
def list_scenarios(city: Here) -> list[ScenarioOut]:
    """What can be played."""
    return [
        ScenarioOut(
            name=one.name, title=Sentence(**one.title), minutes=one.minutes, speed=one.speed, homes=one.homes,
            members=one.members,
        )
        for one in city.simulations.offers()
    ]  # fmt: skip


@router.get("")
def list_simulations(city: Here) -> list[RunOut]:
    """What is running and the last that were, the newest first."""
    return [_shown(city, run) for run in city.simulations.all()]


@router.post(
    "",
    status_code=201,
    responses={
        409: {"model": Fault, "description": "Another one is running."},
        422: {"model": Unreadable, "description": "There is no such scenario, or it would take too long."},
        503: {"model": Fault, "description": "It cannot be started now."},
    },
)
def begin_simulation(city: Here, asked: RunIn) -> RunOut:
    """Play a scenario, in a process and a city of its own. One at a time."""
    by = city.by(asked.by)
    with city.db.write():
        pass  # its record in the audit, before anything is started
    begun = city.simulations.begin(asked.scenario, asked.speed, by)
    if isinstance(begun, Evidence):
        status = _STATUS.get(begun.key.rpartition(".")[2], 422)
        raise HTTPException(status, fault_body(begun.key, **begun.numbers)["detail"])
    return _shown(city, begun)


@router.get("/{id}", responses=UNKNOWN)
def read_simulation(city: Here, id: RunId) -> RunOut:
    """One of them, as it is now."""
    return _shown(city, _known(city, id))


@router.delete("/{id}", status_code=204, responses=UNKNOWN)
def stop_simulation(city: Here, id: RunId, by: Annotated[By, Query()] = OPERATOR) -> Response:
    """Ask one to end, which takes some seconds; what has ended stays as it is."""
    run = _known(city, id)
    with city.db.write():
        pass
    city.simulations.stop(run, city.by(by))
    return Response(status_code=204)


def _known(city: City, id: str) -> Run:
    run = city.simulations.find(id)
    if run is None:
        raise HTTPException(404, fault_body("simulation.refused.unknown_run", id=id)["detail"])
    return run


def _shown(city: City, run: Run) -> RunOut:
    progress = city.simulations.progress(run)
    return RunOut(
        id=run.id,
        scenario=run.scenario,
        title=Sentence(**run.title),
        speed=run.speed,
        minutes=run.minutes,
        by=run.by,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
        stopped_by=run.stopped_by,
        share=progress.share,
        at=progress.at,
        cases=run.figures.get("cases", progress.cases),
        differences=[Sentence(**one) for one in run.differences],
        figures=run.figures,
        why=Sentence.words(f"simulation.why.{run.why}") if run.why else None,
        words=city.simulations.words(run) if run.state is RunState.BROKEN_OFF else "",
    )
