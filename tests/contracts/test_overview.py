"""What the console's board is given: every living Care Call with whom and where, and the homes nobody watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from core.people import Home
from core.signals import Concern, Urgency
from store import people
from store.database import Database
from store.people import Device
from store.unheard import put_unheard
from tests.applying import Applying, application
from tests.serving import HOME, T0

DONG = HOME.area


@pytest.fixture
def city(db: Database) -> Applying:
    return Applying(db)


@pytest.fixture
def door(city: Applying) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def test_a_card_says_whom_where_and_why_and_what_is_next(city: Applying, door: httpx.Client) -> None:
    lamp = Device(HOME.gateway, "lamp", ("motion",), T0, T0, unproved=("contact",), told_at=T0)
    with city.db.write() as tx:
        people.put_area(tx, city.db.backend, "gwangju", "광주광역시", "Gwangju")
        people.put_devices(tx, city.db.backend, [lamp])
    case = city.press()
    board = door.get("/api/board").json()
    (card,) = board["cards"]
    assert (card["id"], card["name"], card["home"], card["state"]) == (case, "김순자", HOME.id, "alerting")
    assert card["place"]["ko"].startswith("광주광역시 ")
    assert card["place"]["en"].endswith(", Gwangju")
    assert card["reasons"] == [card["why"]]
    assert (card["called"], card["rung"]) == (["김지민"], 0)
    assert card["next_action"]["ko"]
    assert card["due_at"] > board["now"] == "2026-11-21T05:00:00Z"
    assert (card["unproved"], card["exercise"], card["episode"], card["person"]) == (["lamp"], False, None, None)
    assert (board["total"], board["unproved"]) == (1, 1)


def test_whom_an_application_is_about_has_a_name_and_an_episode(city: Applying, door: httpx.Client) -> None:
    asked = door.post("/api/care/applications", json=application(exercise=True)).json()
    (card,) = door.get("/api/board").json()["cards"]
    assert card["name"] == "정말순"
    assert (card["person"], card["episode"], card["exercise"]) == (asked["person"], asked["id"], True)
    assert card["home"] is None


def test_a_resident_is_a_person_once_the_care_chain_knows_them(city: Applying, door: httpx.Client) -> None:
    first = door.post("/api/care/applications", json=application(home=HOME.id)).json()
    alarm = city.press()
    found = {card["id"]: card for card in door.get("/api/board").json()["cards"]}
    assert found[alarm]["person"] == first["person"] == f"h-{HOME.id}"
    assert found[alarm]["episode"] is None
    assert found[alarm]["name"] == "김순자"


def test_a_home_that_nobody_hears_stands_on_the_board(city: Applying, door: httpx.Client) -> None:
    with city.db.write() as tx:
        people.put_home(tx, city.db.backend, Home("home-0002", "gw-0002", "gwangju"), T0)
        put_unheard(tx, city.db.backend, {HOME.id: T0, "home-0002": None}, ())
    board = door.get("/api/board").json()
    assert [(home["home"], home["name"], home["since"]) for home in board["unheard"]] == [
        (HOME.id, "김순자", "2026-11-21T05:00:00Z"),
        ("home-0002", "home-0002", None),
    ]
    assert board["unheard_total"] == 2
    assert board["unheard"][0]["place"]["ko"]


def test_closed_ones_have_a_page_of_their_own_the_newest_first(city: Applying, door: httpx.Client) -> None:
    closed = []
    for _ in range(3):
        case = city.press()
        door.post(f"/api/cases/{case}/close", json={"by": "kim", "outcome": "exercise"})
        closed.append(case)
    assert door.get("/api/board").json()["cards"] == []
    board = door.get("/api/board", params={"state": "closed", "limit": 2}).json()
    assert [card["id"] for card in board["cards"]] == closed[:0:-1]
    assert board["total"] == 3
    assert board["cards"][0]["exercise"], "an exercise, by its outcome"


def test_the_board_names_the_line_from_which_the_stream_goes_on(city: Applying, door: httpx.Client) -> None:
    city.press()
    line = door.get("/api/board").json()["line"]
    case = city.signal(Concern.GAS, Urgency.IMMEDIATE)
    with door.stream("GET", "/api/stream", params={"after": line}) as answer:
        told = next(text for text in answer.iter_lines() if text.startswith("data: {") and '"case"' in text)
    assert httpx.Response(200, text=told.removeprefix("data: ")).json()["case"] == next(
        card for card in door.get("/api/board").json()["cards"] if card["id"] == case
    ), "the stream tells cards as the board has them"


def test_hundreds_of_cards_are_a_handful_of_queries(city: Applying, door: httpx.Client) -> None:
    def queries() -> int:
        asked: list[str] = []

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            asked.append(statement)

        sa.event.listen(city.db.engine, "before_cursor_execute", note)
        try:
            assert door.get("/api/board").status_code == 200
        finally:
            sa.event.remove(city.db.engine, "before_cursor_execute", note)
        return len(asked)

    def homes(first: int, last: int) -> None:
        for number in range(first, last):
            home = Home(f"home-1{number:03}", f"gw-1{number:03}", DONG, f"사람{number}")
            with city.db.write() as tx:
                people.put_home(tx, city.db.backend, home, T0)
            city.press(home)

    homes(0, 2)
    few = queries()
    homes(2, 30)
    assert min(queries() for _ in range(10)) <= few, "more homes ask no more, whatever the stream asks meanwhile"
