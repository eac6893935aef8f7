"""A route that no rule speaks of, or a rule of no route, and the city does not start."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api import policy
from api.app import KEYED, ROUTERS
from api.policy import RULES, Rule


def routes() -> list[BaseRoute]:
    return [route for router in (*ROUTERS, *KEYED) for route in router.routes]


def test_the_rules_are_those_of_the_routes() -> None:
    policy.check(routes())


def test_a_route_without_a_rule_keeps_the_city_from_starting() -> None:
    more = APIRouter(prefix="/api")
    more.add_api_route("/everything", routes, methods=["DELETE"], response_model=None)
    with pytest.raises(RuntimeError, match="no rule for DELETE /api/everything"):
        policy.check([*routes(), *more.routes])


def test_a_rule_without_a_route_and_one_that_asks_for_what_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [one for one in routes() if not (isinstance(one, APIRoute) and one.path == "/api/board")]
    with pytest.raises(RuntimeError, match="no route for GET /api/board"):
        policy.check(left)
    monkeypatch.setitem(RULES, ("GET", "/api/board"), Rule("case.dream"))
    with pytest.raises(RuntimeError, match=r"nobody knows the permission case\.dream"):
        policy.check(routes())
