"""What is sent to each route when it is called about a place: whole enough that only who asks can stand against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from core.clock import wall_now
from tests.authorization.places import SIMULATION, Place
from tests.serving import T0

NEW = "닻을 올린 배가 다섯 척 떠난다"
PUSH = {"p256dh": "B" * 87, "auth": "a" * 22}


class Ask(msgspec.Struct):
    """`path` fills the route's parameters."""

    path: dict[str, Any] = {}
    json: Any = None
    params: dict[str, Any] = {}
    content: str | None = None
    headers: dict[str, str] = {}

    def sent(self) -> dict[str, Any]:
        """As a client takes it."""
        given = {"json": self.json, "params": self.params, "content": self.content, "headers": self.headers}
        return {name: value for name, value in given.items() if value}


def at(hours: float = 0) -> str:
    return (T0 + timedelta(hours=hours)).isoformat()


def by(it: Place, **said: Any) -> dict[str, Any]:
    """A body by the place's own manager: a program speaks for them, and an account's own name is not moved by it."""
    return {**said, "by": it.manager}


def by_worker(it: Place, **said: Any) -> dict[str, Any]:
    return {**said, "by": it.worker}


def form(it: Place) -> dict[str, Any]:
    times = {"started_at": at(-2), "arrived_at": at(-1.5), "finished_at": at(-1)}
    return by(it, base=0, outcome="met", **times)


def record(it: Place) -> dict[str, Any]:
    hours = {"start": at(-100 + 6), "end": at(-100 + 7)}
    return {"order": it.order, "worker": it.worker, "outcome": "done", "units": 1, **hours}


def plan(it: Place) -> dict[str, Any]:
    return by(it, items=[{"service": it.service, "units": 2, "start": at(24), "end": at(240)}])


def ends() -> str:
    """Of a token: real time."""
    soon: datetime = wall_now() + timedelta(days=1)
    return soon.isoformat()


def home(it: Place, **other: Any) -> dict[str, Any]:
    return {"id": f"home-new-{it.name}", "gateway": f"gw-new-{it.name}", "area": it.area, **other}


def _id(name: str) -> Callable[[Place], Ask]:
    return lambda it: Ask({"id": getattr(it, name)})


def _with(name: str, body: Callable[[Place], Any], **path: str) -> Callable[[Place], Ask]:
    return lambda it: Ask({"id": getattr(it, name), **path}, body(it))


def _body(body: Callable[[Place], Any]) -> Callable[[Place], Ask]:
    return lambda it: Ask(json=body(it))


def _query(**names: str) -> Callable[[Place], Ask]:
    """Query parameters: a place's own fields, or what begins with "=" as it stands."""
    return lambda it: Ask(
        params={key: name[1:] if name.startswith("=") else getattr(it, name) for key, name in names.items()}
    )


def _report(it: Place) -> Ask:
    return Ask({"name": "times"}, params={"area": it.area})


def _tie(it: Place) -> Ask:
    return Ask({"id": it.person, "other": it.other}, by(it, kind="guardian"))


ASKS: dict[str, Callable[[Place], Ask]] = {
    # --- Care Calls and homes
    "GET /api/cases/{id}": _id("case"),
    "GET /api/cases/{id}/console": _id("case"),
    "POST /api/cases/{id}/{verb}": _with("case", lambda it: by(it, note="x"), verb="note"),
    "GET /api/care/cases/{id}/cap": _id("case"),
    "GET /api/homes/{id}": _id("home"),
    "GET /api/homes/{id}/card": _id("home"),
    "POST /api/homes": _body(home),
    "POST /api/homes/{id}/absence": _with("home", lambda it: by(it, until=at(48))),
    "DELETE /api/homes/{id}/absence": _id("home"),
    "GET /api/homes/{id}/day": _id("home"),
    "PUT /api/homes/{id}/thresholds": _with("home", lambda it: {"risk": "high"}),
    "POST /api/homes/{id}/what-if": _with("home", lambda it: {"risk": "high", "days": 1}),
    "POST /api/rota/covers": _body(lambda it: {"member": it.manager, "start": at(24), "end": at(48)}),
    "DELETE /api/rota/covers/{id}": _id("cover"),
    "GET /api/homes/{id}/check-ins": _id("home"),
    "PUT /api/homes/{id}/check-ins": _with("home", lambda it: {"agenda": [{"clock": "10:00", "days": ["tue"]}]}),
    # --- devices
    "POST /api/gateways": _body(lambda it: by(it, id=f"gw-new-{it.name}")),
    "POST /api/gateways/{id}/code": _id("gateway"),
    "DELETE /api/gateways/{id}": _id("gateway"),
    "POST /api/deliveries/{key}": lambda it: Ask({"key": "1/1"}, {"state": "seen"}),
    "POST /api/simulations": _body(lambda it: {"scenario": "smoke"}),
    "GET /api/simulations/{id}": lambda it: Ask({"id": SIMULATION}),
    "DELETE /api/simulations/{id}": lambda it: Ask({"id": SIMULATION}),
    # --- people
    "POST /api/care/persons": _body(lambda it: by(it, id=f"newcomer-{it.name}", name="박새롬", area=it.area)),
    "GET /api/care/persons/{id}": _id("person"),
    "GET /api/care/persons/{id}/facts": lambda it: Ask({"id": it.person}, params={"reader": it.manager}),
    "PUT /api/care/persons/{id}/facts/{field}": _with("person", lambda it: by(it, value="99"), field="key_safe"),
    "PUT /api/care/persons/{id}/ties/{other}": _tie,
    "POST /api/care/persons/{id}/ties/{other}/end": lambda it: Ask({"id": it.person, "other": it.other}, by(it)),
    "POST /api/care/persons/{id}/consents": _with("person", lambda it: by(it, purpose="sharing", decision="withdrawn")),
    "POST /api/care/persons/{id}/gone": _with("person", lambda it: by(it, why="moved", at=at(-1))),
    "POST /api/care/persons/{id}/back": _with("person", by),
    "POST /api/care/persons/{id}/contact": _with("person", lambda it: by(it, at=at(-1))),
    "GET /api/care/persons/{id}/viewers": _id("person"),
    "GET /api/care/persons/{id}/viewers/{account}": lambda it: Ask({"id": it.person, "account": it.kin}),
    "PUT /api/care/persons/{id}/viewers/{account}": lambda it: Ask(
        {"id": it.person, "account": it.kin}, by(it, purpose="watch", state="given")
    ),
    "GET /api/care/persons/{id}/seen-by": _id("person"),
    # --- the episode
    "POST /api/care/applications": _body(lambda it: by(it, id=f"apply-{it.name}-01", origin="self", home=it.home)),
    "GET /api/care/episodes/{id}": _id("episode"),
    "POST /api/care/episodes/{id}/take": _with("episode", by),
    "POST /api/care/episodes/{id}/move": _with("episode", lambda it: by(it, to="assessment", contact="phone")),
    "POST /api/care/episodes/{id}/close": _with("episode", lambda it: by(it, ended="declined")),
    "GET /api/care/episodes/{id}/fhir": _id("episode"),
    "GET /api/care/episodes/{id}/assessments": _id("episode"),
    "POST /api/care/episodes/{id}/assessments": _with(
        "episode", lambda it: by(it, id=f"assess-{it.name}-01", answers={"feeding": 1})
    ),
    "GET /api/care/episodes/{id}/plan": _id("episode"),
    "POST /api/care/episodes/{id}/plans": _with("episode", plan),
    "POST /api/care/episodes/{id}/plans/{plan}/agree": lambda it: Ask({"id": it.episode, "plan": it.plan}, by(it)),
    "GET /api/care/episodes/{id}/services": _id("episode"),
    "GET /api/care/episodes/{id}/evaluations": _id("episode"),
    "POST /api/care/episodes/{id}/evaluations": _with(
        "episode",
        lambda it: by(
            it, id=f"eval-{it.name}-001", instrument="quality-of-life", phase="first", mode="visit", answers={"calm": 1}
        ),
    ),
    "POST /api/care/episodes/{id}/begin-evaluation": _with("episode", by),
    "POST /api/care/episodes/{id}/finish": _with("episode", by),
    "POST /api/care/visits": _body(
        lambda it: by(
            it, id=f"visit-new-{it.name}", person=it.person, kind="follow_up", owner=it.manager, due_at=at(99)
        )
    ),
    "GET /api/care/visits/{id}": _id("visit"),
    "POST /api/care/visits/{id}/{verb}": _with("visit", by, verb="start"),
    "PUT /api/care/visits/{id}/forms/{form}": _with("visit", form, form="form-matrix-0001"),
    # --- providers' work
    "POST /api/care/orders": _body(lambda it: by(it, item=it.free_item, provider=it.provider)),
    "GET /api/care/orders/{id}": _id("order"),
    "POST /api/care/orders/{id}/accept": _with("offered", by_worker),
    "POST /api/care/orders/{id}/decline": _with("offered", lambda it: by_worker(it, reason="자리가 없습니다")),
    "POST /api/care/orders/{id}/cancel": _with("offered", lambda it: by(it, reason="필요 없습니다")),
    "POST /api/care/orders/{id}/finish": _with("order", by),
    "POST /api/care/orders/{id}/tasks": _with(
        "order", lambda it: by_worker(it, key=f"task-new-{it.name}", worker=it.worker, planned_at=at(68), units=1)
    ),
    "GET /api/care/orders/{id}/kept": _id("order"),
    "GET /api/care/records": _query(order="order"),
    "PUT /api/care/records/{id}": lambda it: Ask({"id": f"record-new-{it.name}"}, record(it)),
    # --- money
    "POST /api/care/claims": _body(
        lambda it: by_worker(it, key=f"claim-new-{it.name}", provider=it.provider, records=[it.unclaimed])
    ),
    "GET /api/care/claims/{id}": _id("claim"),
    "POST /api/care/claims/{id}/return": _with("claim", lambda it: by(it, reason="기록이 모자랍니다")),
    "POST /api/care/claims/{id}/resubmit": _with("claim", lambda it: by_worker(it, records=[it.record])),
    "POST /api/care/claims/{id}/withdraw": _with("claim", by_worker),
    "POST /api/care/claims/{id}/{verb}": _with("claim", by, verb="verify"),
    "GET /api/care/claimable": _query(provider="provider"),
    "GET /api/care/ledger": _query(city="city", year="=2026"),
    "GET /api/care/ledger.csv": _query(city="city", year="=2026"),
    "GET /api/care/budget": _query(city="city", year="=2026"),
    "POST /api/care/budget/decisions": _body(
        lambda it: by(it, id=f"decision-{it.name}", city=it.city, year=2026, won=1, reason="추가")
    ),
    # --- the city
    "GET /api/care/services": _query(city="city"),
    "GET /api/care/providers": _query(city="city"),
    "GET /api/care/rules": _query(area="gu"),
    "PUT /api/care/rules": _body(lambda it: by(it, area=it.gu, key="deadlines.order", value=20)),
    "GET /api/care/providers/{id}/staff": _id("provider"),
    "PUT /api/care/providers/{id}/staff": _with("provider", lambda it: by(it, members=[it.worker])),
    "PUT /api/care/providers/{id}/hook": _with("provider", lambda it: by(it, url=None)),
    "GET /api/care/change": _query(area="area", instrument="=quality-of-life"),
    "GET /api/care/satisfaction": _query(area="area"),
    "GET /api/care/reports/{name}": _report,
    "GET /api/care/reports/{name}.csv": _report,
    "GET /api/care/reports/{name}.parquet": _report,
    "POST /api/care/research": _body(
        lambda it: by(it, purpose="연구", since="2024-12-31T15:00:00Z", until="2025-03-31T15:00:00Z")
    ),
    "GET /api/care/research/{id}": lambda it: Ask({"id": 1}),
    "POST /api/care/research/{id}/allow": lambda it: Ask({"id": 1}, by(it)),
    "POST /api/care/research/{id}/refuse": lambda it: Ask({"id": 1}, by(it)),
    # --- accounts
    "POST /api/me/password": _body(lambda it: {"old": "guess", "new": NEW}),
    "POST /api/me/tokens": _body(lambda it: {"name": "x", "permissions": ["self"], "ends_at": ends()}),
    "POST /api/me/calendars": _body(lambda it: {"calendar": "rota", "name": "x"}),
    "PUT /api/me/push": _body(lambda it: {"endpoint": "https://push.example/abc", "keys": PUSH}),
    "POST /api/accounts": _body(
        lambda it: {"login": f"new-{it.name}", "name": "새 사람", "role": "manager", "area": it.area}
    ),
    "POST /api/grants": _body(
        lambda it: {"kind": "home", "object": it.home, "reason": "길에서 쓰러져 계신 분의 집을 찾습니다"}
    ),
    "POST /api/grants/{id}/seen": _id("grant"),
    "DELETE /api/grants/{id}": _id("grant"),
    "GET /api/audit/report": _query(month="=2026-11"),
    "GET /api/audit/report.csv": _query(month="=2026-11"),
    "POST /api/me/passkeys": _body(lambda it: {"id": "x" * 43, "credential": {}, "name": "x"}),
    "GET /api/accounts/{id}": _id("account"),
    "PATCH /api/accounts/{id}": _with("account", lambda it: {"name": "다른 이름"}),
    "POST /api/accounts/{id}/disable": _id("account"),
    "POST /api/accounts/{id}/enable": _id("account"),
    "POST /api/accounts/{id}/end-sessions": _id("account"),
    "POST /api/accounts/{id}/password": _with("account", lambda it: {"password": NEW}),
}
"""What is not here is sent without anything."""
