"""The people's door, put together: routes, the guard in front of them, and the live stream behind them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Sequence
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, FastAPI, Request, Security
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from access.looks import Looks, TooMany
from access.oidc import Oidc
from access.passwords import Busy
from access.sessions import Life
from alerts.desk import Desk
from api import (
    accounts,
    assess,
    audit,
    care,
    care_exchange,
    care_orders,
    case_view,
    cases,
    catalogue,
    check_ins,
    claims,
    clouds,
    console,
    day,
    evaluations,
    gateways,
    grants,
    health,
    home_day,
    homes,
    live,
    machines,
    me,
    organisation,
    overview,
    passkeys,
    people,
    policy,
    quarantine,
    reports,
    resident,
    rotas,
    session,
    thresholds,
    viewers,
    visits,
    work,
)
from api.city import Canaries, City, Homeward, Lanes, NextAlarm, RecordAbsence, Replay, Report, Troubles
from api.door import Door, too_often
from api.gate import Gate
from api.guard import let_in
from api.limits import TooOften
from api.metrics import CityFigures
from api.runs import Simulations
from api.shapes import Fault, Unreadable, fault_body
from api.simulations import router as simulated
from api.stream import Stream
from care.episodes import Hands
from core.clock import Clock
from core.rate import Buckets
from store.database import Database
from store.wal import DiskFault

log = logging.getLogger(__name__)
# For the document alone: the door in front of the routes is what asks for it.
BEARER = HTTPBearer(auto_error=False, description="ANBU_API_TOKEN, where the city has one.")
BUSY_S = 2  # until one more password can be looked at
CLAIMS_PER_S, CLAIMS_AT_ONCE = 0.5, 20.0  # of one address
ROUTERS = (
    overview.router,
    case_view.router,
    accounts.router,
    me.router,
    grants.router,
    session.router,
    organisation.router,
    passkeys.router,
    cases.router,
    home_day.router,
    homes.router,
    resident.router,
    rotas.router,
    machines.router,
    thresholds.router,
    check_ins.router,
    gateways.operators,
    live.router,
    quarantine.router,
    simulated,
    assess.router,
    care.router,
    care_exchange.router,
    care_orders.router,
    catalogue.router,
    claims.router,
    evaluations.router,
    people.router,
    reports.router,
    day.router,
    viewers.router,
    audit.router,
    visits.router,
    work.router,
)
KEYED = (gateways.router, clouds.router, health.router)
"""Those that ask for a key of their own, or for none."""
GUARDED: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "The token is missing or wrong."},
    422: {"model": Unreadable, "description": "It cannot be read, or not be so."},
    503: {"model": Fault, "description": "The database cannot be reached now."},
}


@cache
def _doors() -> list[BaseRoute]:
    """Of every application the same: what a route asks for and answers is built once, when it is first met."""
    whole = APIRouter()
    for router in ROUTERS:
        whole.include_router(router, dependencies=[Security(BEARER), Depends(let_in)], responses=GUARDED)
    for router in KEYED:
        whole.include_router(router)
    return whole.routes


def routes() -> FastAPI:
    """The routes alone, as OpenAPI describes them."""
    app = FastAPI(
        title="Anbu",
        version="1",
        description="Care Calls and homes of one city. Times are RFC 3339, UTC; sentences Korean and English.",
        openapi_url="/api/openapi.json",
        # FastAPI's own pages load scripts from strangers.
        docs_url=None,
        redoc_url=None,
    )
    app.router.routes.extend([*console.first(), *_doors()])
    policy.check([*app.router.routes, *(route for router in (*ROUTERS, *KEYED) for route in router.routes)])
    return app


def create_app(
    *,
    db: Database,
    desk: Desk,
    clock: Clock,
    record_absence: RecordAbsence,
    lanes: Lanes,
    report: Report,
    homeward: Homeward,
    hands: Hands,
    replay: Replay,
    simulations: Simulations,
    token: str | None = None,
    next_alarm: NextAlarm = lambda home: None,
    metrics: Sequence[Collector] = (),
    lane_limit_s: float = 30.0,
    canaries: Canaries = lambda tx: (),
    troubles: Troubles = lambda tx: (),
    timezone: str = "Asia/Seoul",
    public_url: str = "",
    life: Life | None = None,
    push_key: str | None = None,
    oidc: Oidc | None = None,
) -> FastAPI:
    """The application of one city; `api.city` says what each part must do.

    With a `token` or an account, everything but /healthz, /readyz and the log-in needs one. Without either, requests
    that don't name this machine as their host are refused, and the roof must listen on loopback only. A lane older than
    `lane_limit_s`, and a canary that fails, make the city not ready. `timezone` is what the board's clock shows;
    `public_url` where people find it, if something else speaks TLS; `life` how long sessions hold; `oidc` the
    organisation's own log-in.
    """
    app = routes()
    gate = Gate(db, clock, token or None, public_url, life or Life())
    stream = Stream(partial(live.messages, db, desk), partial(live.newest, db))
    app.state.db, app.state.looks = db, Looks(db)
    app.state.city = City(
        db=db,
        desk=desk,
        clock=clock,
        stream=stream,
        timezone=ZoneInfo(timezone),
        token=token or None,
        record_absence=record_absence,
        lanes=lanes,
        lane_limit_s=lane_limit_s,
        canaries=canaries,
        troubles=troubles,
        report=report,
        next_alarm=next_alarm,
        homeward=homeward,
        claims=Buckets(CLAIMS_PER_S, CLAIMS_AT_ONCE),
        figures=CityFigures(db, clock, lanes, canaries),
        collectors=metrics,
        replay=replay,
        simulations=simulations,
        hands=hands,
        gate=gate,
        push_key=push_key,
        oidc=oidc,
    )
    app.router.lifespan_context = _following
    # No length tells a foreign page anything (BREACH): its requests carry no cookie of ours (SameSite=Strict).
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Door, gate=gate)
    for away in (DBAPIError, DiskFault, TooMany):
        app.add_exception_handler(away, _unavailable)
    app.add_exception_handler(TooOften, _later)
    app.add_exception_handler(Busy, _later)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _refused)
    app.router.routes.extend(console.last())
    return app


@contextlib.asynccontextmanager
async def _following(app: FastAPI) -> AsyncIterator[None]:
    city: City = app.state.city
    following = asyncio.create_task(city.stream.run())
    try:
        yield
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await asyncio.to_thread(app.state.looks.close)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 401 and isinstance(error.detail, str):  # a gateway's key that is no key at all
        error = HTTPException(401, fault_body("api.gateway_key")["detail"], error.headers)
    return await http_exception_handler(request, error)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Without what was sent: it may be long, and need not be text that can be sent back.
    return JSONResponse({"detail": [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]}, 422)


async def _later(request: Request, error: Exception) -> Response:
    return too_often(error if isinstance(error, TooOften) else TooOften(BUSY_S))


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse(fault_body("api.unavailable"), 503, {"Retry-After": "2"})


if __name__ == "__main__":
    print(json.dumps(routes().openapi(), ensure_ascii=False, indent=2))
