"""Whether the city works: `/healthz` for a process's keeper, `/readyz` for people, `/metrics` for Prometheus."""

from __future__ import annotations

from math import isfinite

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from api.city import Here
from api.shapes import Ready, Refusal
from store.database import Unavailable
from store.migrate import is_current

router = APIRouter(tags=["health"])


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> str:
    """This process lives."""
    return "ok\n"


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready, "description": "Something is missing."}})
def readyz(city: Here) -> JSONResponse:
    """Everything a Care Call needs, each by its name; 503 unless all of it works."""
    try:
        with city.db.read() as tx:
            database, current, lanes = True, is_current(tx), dict(city.lanes(tx))
            failing = sorted(trial.area for trial in city.canaries(tx) if trial.failing_since is not None)
            troubles = [Refusal.because(trouble) for trouble in city.troubles(tx)]
    except Unavailable:
        database, current, lanes, failing, troubles = False, False, {}, [], []
    late = sorted(lane for lane, age_s in lanes.items() if age_s > city.lane_limit_s)
    ready = Ready(
        ready=database and current and city.stream.live and not late and not failing and city.db.trouble is None,
        database=database,
        schema_current=current,
        stream=city.stream.live,
        lanes={lane: age_s if isfinite(age_s) else None for lane, age_s in lanes.items()},
        late=late,
        trouble=city.db.trouble,  # a beat of this process is refused where a case's would be
        failing=failing,
        troubles=troubles,
    )
    return JSONResponse(ready.model_dump(mode="json"), 200 if ready.ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(city: Here) -> Response:
    """The whole city in Prometheus' text format, counted in the database, whichever process is asked."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(city.figures)
    for collector in city.collectors:
        registry.register(collector)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
