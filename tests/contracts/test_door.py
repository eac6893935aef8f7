"""Who may come in: the token, the board's session, other people's web pages, and bodies without end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.door import COOKIE, HEADERS, MAX_BODY, SESSION, session, session_holds
from core.clock import wall_now
from store.database import Database
from store.migrate import migrate
from tests.serving import City

TOKEN = "a long and secret word"
OPEN = ["/healthz", "/readyz", "/login", "/static/board.js", "/static/board.css"]
GUARDED = [
    "/",
    "/cases/1",
    "/metrics",
    "/api/cases",
    "/api/cases/1",
    "/api/homes/home-0001",
    "/api/gateways",
    "/api/stream",
    "/api/openapi.json",
    "/api/nothing",
]


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """What is asked here does not depend on the database."""
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    yield db
    db.close()


@pytest.fixture
def guarded(sqlite: Database) -> Iterator[tuple[City, httpx.Client]]:
    city = City(sqlite, token=TOKEN)
    with city.serve() as door:
        yield city, door


def origin(door: httpx.Client) -> dict[str, str]:
    return {"Origin": str(door.base_url).rstrip("/")}


def enter(door: httpx.Client, path: str = "/login") -> httpx.Response:
    return door.post(path, data={"token": TOKEN}, headers=origin(door))


def test_nothing_but_the_open_pages_is_seen_without_the_token(guarded: tuple[City, httpx.Client]) -> None:
    _, door = guarded
    for path in OPEN:
        assert door.get(path).status_code == 200, path
    for wrong in ({}, {"Authorization": "Bearer " + TOKEN[:-1]}, {"Authorization": f"Basic {TOKEN}"}):
        for path in GUARDED:
            answer = door.get(path, headers=wrong)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
        assert door.post("/api/cases/1/ack", headers=wrong).status_code == 401
    right = {"Authorization": f"bearer {TOKEN}"}
    assert door.get("/api/cases", headers=right).json() == []
    assert door.get("/metrics", headers=right).status_code == 200
    assert door.get("/", headers=right).status_code == 200


def test_every_answer_carries_the_security_headers(guarded: tuple[City, httpx.Client]) -> None:
    _, door = guarded
    for path in (*OPEN, *GUARDED):
        headers = door.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    page = door.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "<script>" not in page
    assert " style=" not in page
    assert "//" not in page.replace("http://www.w3.org", "").split("</head>")[0]


def test_the_board_logs_in_and_out(guarded: tuple[City, httpx.Client]) -> None:
    city, door = guarded
    case = city.press()
    sent_away = door.get("/care/episodes?lang=en", headers={"Accept": "text/html"})
    assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/login?next=%2Fcare%2Fepisodes%3Flang%3Den")
    wrong = door.post("/login", data={"token": "guess"}, headers=origin(door))
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    entered = enter(door, sent_away.headers["location"])
    assert (entered.status_code, entered.headers["location"]) == (303, "/care/episodes?lang=en")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert door.get(f"/cases/{case}").status_code == 200
    door.post("/logout", headers=origin(door))
    assert door.get(f"/cases/{case}").status_code == 401


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_a_link_cannot_choose_another_site_to_land_on(guarded: tuple[City, httpx.Client], then: str) -> None:
    _, door = guarded
    answer = door.post("/login", params={"next": then}, data={"token": TOKEN}, headers=origin(door))
    assert answer.headers["location"] == "/"


def test_a_session_acts_only_from_our_own_pages(guarded: tuple[City, httpx.Client]) -> None:
    city, door = guarded
    case = city.press()
    enter(door)
    for foreign in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert door.post(f"/cases/{case}/ack", headers=foreign).status_code == 403
        assert door.post(f"/api/cases/{case}/ack", headers=foreign).status_code == 403
    assert door.post(f"/cases/{case}/ack", headers=origin(door)).status_code == 303
    # A bearer token is not sent by a browser on its own: it needs no Origin.
    door.cookies.clear()
    assert door.post(f"/api/cases/{case}/arrive", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_without_a_token_only_this_machine_comes_in(sqlite: Database) -> None:
    city = City(sqlite)
    case = city.press()
    with city.serve() as door:
        for host in ("localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"):
            assert door.get("/api/cases", headers={"Host": host}).status_code == 200, host
        for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:8080", "", "[::1"):
            assert door.get("/api/cases", headers={"Host": host}).status_code in (400, 403), host
        # A page elsewhere can make a browser post here, and it says so.
        foreign = door.post(f"/api/cases/{case}/ack", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        assert door.post(f"/api/cases/{case}/ack", headers=origin(door)).status_code == 200


def test_a_body_without_end_is_cut_off(guarded: tuple[City, httpx.Client]) -> None:
    _, door = guarded

    def flood() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 65536 + 2):
            yield b"x" * 65536

    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/csv"}
    assert door.post("/api/homes", content=flood(), headers=headers).status_code == 413
    assert door.get("/healthz").status_code == 200


ENDS = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


@given(st.text(max_size=90))
def test_no_invented_cookie_is_a_session(cookie: str) -> None:
    assert not session_holds(cookie, TOKEN, ENDS - SESSION)


@given(st.integers(0, 73), st.characters(codec="utf-8"))
def test_a_changed_session_is_none(at: int, character: str) -> None:
    real = session(TOKEN, ENDS)
    changed = real[:at] + character + real[at + 1 :]
    assert session_holds(changed, TOKEN, ENDS - SESSION) == (changed == real)


def test_a_session_ends_and_belongs_to_its_token(guarded: tuple[City, httpx.Client]) -> None:
    real = session(TOKEN, ENDS)
    assert session_holds(real, TOKEN, ENDS - timedelta(seconds=1))
    assert not session_holds(real, TOKEN, ENDS)
    assert not session_holds(real, TOKEN + "!", ENDS - SESSION)
    _, door = guarded
    door.cookies.set(COOKIE, session(TOKEN, wall_now() - timedelta(seconds=1)))
    assert door.get("/").status_code == 401
