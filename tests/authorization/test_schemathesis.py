"""Whatever fits the published description, and whatever almost does, is answered as described, and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.authorization.asks import ASKS
from tests.authorization.test_matrix import DOCUMENT
from tests.authorization.world import HERE, World

ANYWHERE = {400, 401, 403, 404, 405, 413, 422, 429, 503}
"""What the guard, the limits and the shapes may say to any request; each is described once, and not at every route."""
SCHEMA: Any = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {f"{found.ok().method.upper()} {found.ok().path}": found.ok() for found in SCHEMA.get_all_operations()}
LEFT_OUT = {
    "DELETE /api/session",
    "DELETE /api/me/sessions",
    "POST /api/me/password",
    "POST /api/session",
    "GET /api/stream",
}
"""These end the session that asks, are limited on purpose, or never end: tests of their own speak of them."""


@pytest.fixture(autouse=True)
def _put_back(world: World) -> Iterator[None]:
    yield
    world.restore()


def knock(world: World, who: str, route: str, examples: int) -> None:
    """So many requests to one route, half of them about things that are there."""
    operation = OPERATIONS[route]
    fits = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    breaks = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    known = ASKS[route](world.places["own"]).path if route in ASKS else {}

    @settings(
        max_examples=examples, database=None, derandomize=True, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(fits, breaks), there=st.booleans())
    def ask(case: Any, there: bool) -> None:
        if there and known:
            case.path_parameters = {**(case.path_parameters or {}), **known}
        sent = case.as_transport_kwargs(base_url=HERE)
        heads = {name: value for name, value in dict(sent.pop("headers", {})).items() if name.lower() != "cookie"}
        heads = {name: value.encode("utf-8", "surrogatepass") for name, value in heads.items()}
        sent.pop("cookies", None)
        if isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        world._client.cookies.clear()
        answer = world._client.request(headers=heads | world.by[who], follow_redirects=False, **sent)
        told = f"{who} {sent['method']} {sent['url']} {json.dumps(sent, default=repr)[:400]}"
        assert answer.status_code < 500 or answer.status_code == 503, f"{told}: {answer.status_code}"
        described = set(DOCUMENT["paths"][operation.path][operation.method]["responses"])
        assert str(answer.status_code) in described or answer.status_code in ANYWHERE, f"{told}: {answer.status_code}"
        case.validate_response(answer, checks=[response_schema_conformance, content_type_conformance])

    ask()


@pytest.mark.parametrize("route", sorted(OPERATIONS.keys() - LEFT_OUT))
def test_what_is_sent_is_answered_as_described(world: World, route: str) -> None:
    for who in ("S", "m"):
        knock(world, who, route, 3)


@pytest.mark.long
@pytest.mark.parametrize("route", sorted(OPERATIONS.keys() - LEFT_OUT))
def test_much_is_answered_as_described(world: World, route: str) -> None:
    for who in ("S", "m", "s", "w"):
        knock(world, who, route, 100)
        world.restore()
