"""A list shows what is somebody's, all of it and nothing else, and it shows exactly what opens one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.authorization.places import Place
from tests.authorization.test_matrix import PLACES, WIDTHS
from tests.authorization.world import LETTERS, World


def ids(key: str) -> Callable[[Any], set[Any]]:
    return lambda body: {row[key] for row in body}


class Listed(msgspec.Struct):
    """`who`: how far each of LETTERS sees, as in table.txt; `of` the ids that a place has; `one` what opens a single
    thing; `per` the parameters, where a list is asked for place by place."""

    path: str
    who: str
    of: Callable[[Place], set[Any]]
    read: Callable[[Any], set[Any]]
    one: str = ""
    per: Callable[[Place], dict[str, Any]] | None = None


#                                     m s a d w o u r f S
LISTS = [
    Listed("/api/cases", "og-c----ox", lambda it: {it.case, it.call}, ids("id"), "/api/cases/{}"),
    Listed(
        "/api/board",
        "og-c----ox",
        lambda it: {it.case, it.call},
        lambda body: {row["id"] for row in body["cards"]},
        "/api/cases/{}/console",
    ),
    Listed(
        "/api/board",
        "og-c----ox",
        lambda it: {it.home},
        lambda body: {row["home"] for row in body["unheard"]},
        "/api/homes/{}",
    ),
    Listed(
        "/api/homes",
        "og-c----ox",
        lambda it: {it.home},
        lambda body: {row["id"] for row in body["homes"]},
        "/api/homes/{}/day",
    ),
    Listed("/api/rota", "ogcc-----x", lambda it: {it.cover}, lambda body: {row["id"] for row in body["covers"]}),
    Listed("/api/unheard", "og-c-----x", lambda it: {it.home}, ids("home"), "/api/homes/{}"),
    Listed("/api/check-ins", "og-c-----x", lambda it: {it.home}, ids("home"), "/api/homes/{}/check-ins"),
    Listed("/api/gateways", "--c--c---x", lambda it: {it.gateway}, ids("id")),
    Listed("/api/care/persons", "og-c-----x", lambda it: {it.person, it.other}, ids("id"), "/api/care/persons/{}"),
    Listed("/api/care/persons", "----o-----", lambda it: {it.person}, ids("id"), "/api/care/persons/{}"),
    Listed("/api/care/episodes", "og-c-----x", lambda it: {it.episode}, ids("id"), "/api/care/episodes/{}"),
    Listed("/api/care/overdue", "og-c-----x", lambda it: {it.episode}, ids("episode"), "/api/care/episodes/{}"),
    Listed(
        "/api/care/evaluations/due",
        "og-------x",
        lambda it: {it.episode},
        ids("episode"),
        "/api/care/episodes/{}/evaluations",
    ),
    Listed("/api/care/unplaced", "og-------x", lambda it: {it.episode}, ids("episode"), "/api/care/episodes/{}/plan"),
    Listed("/api/care/visits", "og-c-----x", lambda it: {it.visit}, ids("id"), "/api/care/visits/{}"),
    Listed("/api/care/orders", "og--o----x", lambda it: {it.order, it.offered}, ids("id"), "/api/care/orders/{}"),
    Listed("/api/care/tasks", "og--o----x", lambda it: {it.task}, ids("id")),
    Listed("/api/care/tasks", "og--o----x", lambda it: {it.order}, ids("order"), "/api/care/orders/{}/kept"),
    Listed(
        "/api/care/records",
        "og--o----x",
        lambda it: {it.record, it.unclaimed},
        ids("id"),
        per=lambda it: {"order": it.order},
    ),
    Listed("/api/care/claims", "-gc-o----x", lambda it: {it.claim}, ids("id"), "/api/care/claims/{}"),
    Listed(
        "/api/care/claimable",
        "-gc-o----x",
        lambda it: {it.unclaimed},
        ids("record"),
        per=lambda it: {"provider": it.provider},
    ),
]


@pytest.mark.parametrize("it", LISTS, ids=lambda it: f"{it.path} {it.who}")
def test_a_list_and_what_opens_agree(world: World, it: Listed) -> None:
    for letter, width in zip(LETTERS, it.who, strict=True):
        if width == "-":
            continue
        wanted = {id for place in WIDTHS[width] for id in it.of(world.places[place])}
        if it.per is None:
            answer = world.call(letter, "GET", it.path, params={"limit": 200})
            assert answer.status_code == 200, (letter, answer.text)
            shown = it.read(answer.json())
        else:
            shown = set()
            for place in PLACES:
                answer = world.call(letter, "GET", it.path, params=it.per(world.places[place]))
                if answer.status_code == 200:
                    shown |= it.read(answer.json())
                else:
                    assert answer.status_code == 404, (letter, place, answer.text)
        assert shown == wanted, letter
        if not it.one:
            continue
        all_there_are = {id for place in PLACES for id in it.of(world.places[place])}
        opens = {id for id in all_there_are if world.call(letter, "GET", it.one.format(id)).status_code == 200}
        assert opens == shown, letter


@pytest.mark.parametrize("letter", ["s", "a", "S"])
def test_the_list_of_accounts_is_of_those_that_open(world: World, letter: str) -> None:
    answer = world.call(letter, "GET", "/api/accounts", params={"most": 200})
    shown = {one["id"] for one in answer.json()}
    clerks = {name: it.account for name, it in world.places.items()}
    width = {"s": "g", "a": "c", "S": "x"}[letter]
    assert shown & set(clerks.values()) == {clerks[place] for place in WIDTHS[width]}
    everybody = {*clerks.values(), *world.accounts.values()}
    assert {id for id in everybody if world.call(letter, "GET", f"/api/accounts/{id}").status_code == 200} == (
        shown & everybody
    )
    secret = {"password_hash", "hash", "subject", "sessions"}
    assert not secret & answer.json()[0].keys()


def test_areas_that_are_asked_for_are_cut_to_ones_own(world: World) -> None:
    """Whoever names a foreign area, or the whole country, learns nothing of it."""
    far, foreign = world.places["far"], world.places["foreign"]
    for path in ("/api/check-ins", "/api/care/persons", "/api/care/episodes", "/api/care/visits", "/api/care/orders"):
        for area in (far.area, foreign.area, foreign.city):
            answer = world.call("m", "GET", path, params={"area": area})
            assert (answer.status_code, answer.json()) == (200, []), (path, area)
    for name in ("times", "services", "workload", "responses", "outcomes", "budget", "profile"):
        for end in ("", ".csv", ".parquet"):
            for letter in "msadur":
                answer = world.call(letter, "GET", f"/api/care/reports/{name}{end}", params={"area": foreign.area})
                assert answer.status_code == 404, (letter, name, end)
    for letter, places in {"m": ("near", "far"), "s": ("far",)}.items():
        for place in places:
            area = {"area": world.places[place].area}
            assert world.call(letter, "GET", "/api/care/reports/times", params=area).status_code == 404
            assert world.call(letter, "GET", "/api/care/satisfaction", params=area).status_code == 404
            asked = {**area, "instrument": "quality-of-life"}
            assert world.call(letter, "GET", "/api/care/change", params=asked).status_code == 404
    for letter in "sau":
        year = {"city": foreign.city, "year": 2026}
        assert world.call(letter, "GET", "/api/care/budget", params=year).status_code == 404
        assert world.call(letter, "GET", "/api/care/budgets", params={"city": foreign.city}).json() == []
        ledger = world.call(letter, "GET", "/api/care/ledger", params=year).status_code
        assert ledger == (403 if letter == "s" else 404)


def test_a_report_asked_from_above_is_of_ones_own_part(world: World) -> None:
    for letter, area in {"m": world.places["own"].area, "s": world.places["own"].gu}.items():
        answer = world.call(letter, "GET", "/api/care/reports/times", params={"area": "gwangju"})
        assert (answer.status_code, answer.json()["area"]) == (200, area)


def test_what_a_home_answers_holds_no_word_of_another(world: World) -> None:
    """Everything that a manager and a family can read, searched for the names and secrets of other places."""
    others = [word for place in PLACES[1:] for word in (f"secret-of-{place}", f"김{place}", f"home-{place}")]
    for letter in "mf":
        for path in ("/api/cases", "/api/board", "/api/homes/home-own", "/api/homes/home-own/card"):
            answer = world.call(letter, "GET", path)
            assert answer.status_code == 200
            assert not [word for word in others if word in answer.text], (letter, path)
    assert "secret-of-own" in world.call("m", "GET", "/api/homes/home-own/card").text
