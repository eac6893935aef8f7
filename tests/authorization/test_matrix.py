"""Every route × everybody × their own, what lies beside it, further off, and in another city: as the table says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.authorization.asks import ASKS, Ask
from tests.authorization.world import LETTERS, World

HERE = Path(__file__).parent
DOCUMENT = json.loads((HERE.parents[1] / "docs" / "openapi.json").read_text())
ROUTES = sorted(f"{method.upper()} {path}" for path, it in DOCUMENT["paths"].items() for method in it)
WIDTHS: dict[str, tuple[str, ...]] = {
    "n": (),
    "o": ("own",),
    "g": ("own", "near"),
    "c": ("own", "near", "far"),
    "x": ("own", "near", "far", "foreign"),
}
PLACES = WIDTHS["x"]
OUTSIDERS = (
    "nobody", "a session too old", "a session that was ended", "an account that is closed", "a wrong cookie",
    "a token that has run out", "a token taken back", "a calendar's word as a bearer",
)  # fmt: skip


def read_table() -> dict[str, str]:
    """METHOD path: a letter for each of LETTERS, or "open"."""
    found = {}
    for line in (HERE / "table.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            method, path, *said = line.split()
            found[f"{method} {path}"] = "".join(said)
    return found


TABLE = read_table()


def ask_of(world: World, route: str, letter: str, place: str) -> tuple[str, str, dict[str, Any]]:
    """The method, the path and what is sent."""
    method, path = route.split()
    it = world.places[place]
    ask = ASKS[route](it) if route in ASKS else Ask()
    names = dict(ask.path)
    if route == "GET /api/care/calendar/{owner}.ics":
        names = {"owner": it.worker if letter == "w" else it.manager}
    if route.startswith("DELETE /api/me/") and "{id}" in path:
        what = path.split("/")[3].removesuffix("s")
        others = {"session": world.other_session(letter, place), "token": it.token, "passkey": it.passkey}
        names = {"id": world.own[letter][what] if place == "own" else others[what]}
    return method, path.format(**names), ask.sent()


def expected(route: str, letter: str, place: str) -> str:
    """`yes`, `no` (403) or `missing` (404)."""
    said = TABLE[route][LETTERS.index(letter)]
    if said == "-":
        return "no"
    if said == "y":
        return "yes"
    return "yes" if place in WIDTHS[said] else "missing"


def verdict(status: int, body: str) -> str:
    if status == 403:
        return "no"
    if status == 404:
        return "missing"
    return "nobody" if status == 401 else "yes" if status < 500 else f"{status} {body[:300]}"


def test_the_table_names_every_route_and_no_other() -> None:
    assert sorted(TABLE) == ROUTES
    assert all(len(said) == len(LETTERS) or said == "open" for said in TABLE.values())


@pytest.mark.parametrize("route", [route for route in ROUTES if TABLE.get(route) != "open"])
def test_who_may_what(world: World, route: str) -> None:
    said = TABLE[route]
    places = PLACES if set(said) & set("nogcx") else ("own",)
    wrong = []
    before = world.state()
    for letter in LETTERS:
        for place in places:
            method, path, sent = ask_of(world, route, letter, place)
            answer = world.call(letter, method, path, **sent)
            want, got = expected(route, letter, place), verdict(answer.status_code, answer.text)
            told = f"{letter} {place}: wanted {want}, got {answer.status_code} {answer.text[:200]}"
            if got != want or (want == "yes" and method == "GET" and answer.status_code not in (200, 409)):
                wrong.append(told)
            if method == "GET":
                continue
            if want != "yes":
                assert world.state() == before, f"a refused call has written: {told}"
            elif answer.status_code < 300:
                world.restore()
                before = world.state()
    assert wrong == []


@pytest.mark.parametrize("route", [route for route in ROUTES if TABLE.get(route) != "open"])
def test_who_is_nobody_gets_nothing(world: World, route: str) -> None:
    before = world.state()
    method, path, sent = ask_of(world, route, "m", "own")
    found = {who: world.call(who, method, path, **sent).status_code for who in OUTSIDERS}
    assert found == dict.fromkeys(OUTSIDERS, 401)
    narrow = world.call("a token for the rota alone", method, path, **sent).status_code
    assert narrow == (200 if route in ("GET /api/rota", "GET /api/rota.ics") else 403)
    # The word of a calendar's address opens that calendar, and by its address alone.
    with_word = {**sent, "params": {**sent.get("params", {}), "key": world.calendar}}
    by_address = world.call("nobody", method, path, **with_word).status_code
    calendars = {"GET /api/rota.ics": 403, "GET /api/care/calendar/{owner}.ics": 200}
    assert by_address == calendars.get(route, 401)
    assert world.state() == before
