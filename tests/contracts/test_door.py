"""Who may come in: the token, the board's session, other people's web pages, and bodies without end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.door import HEADERS, MAX_BODY
from store.database import Database
from store.migrate import migrate
from tests.serving import City

TOKEN = "a long and secret word"
OPEN = ["/healthz", "/readyz", "/api/session/ways"]
GUARDED = [
    "/",
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


def test_long_answers_come_packed_and_the_live_line_never_does(guarded: tuple[City, httpx.Client]) -> None:
    _, door = guarded
    keyed = {"Authorization": f"Bearer {TOKEN}"}
    plain = door.get("/api/openapi.json", headers=keyed | {"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = door.get("/api/openapi.json", headers=keyed | {"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert packed.headers["cache-control"] == "no-store"
    # What is packed is held back until there is enough of it.
    with door.stream("GET", "/api/stream", headers=keyed | {"Accept-Encoding": "gzip"}) as live:
        assert "content-encoding" not in live.headers
        assert next(live.iter_lines()) is not None


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


def test_every_answer_carries_the_security_headers(guarded: tuple[City, httpx.Client]) -> None:
    _, door = guarded
    for path in (*OPEN, *GUARDED):
        headers = door.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    page = door.get("/", headers={"Accept": "text/html"}).text
    assert "<script>" not in page
    assert " style=" not in page
    assert "//" not in page.replace("http://www.w3.org", "").split("</head>")[0]


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
