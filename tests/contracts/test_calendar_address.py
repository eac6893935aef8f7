"""A calendar's address, attacked: it opens one's own calendar and nothing else, runs out, and is written nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa

from access.roles import Role
from api.limits import GUESSES
from core.clock import wall_now
from store.account_tables import audit
from store.account_tables import sessions as session_rows
from store.account_tables import tokens as token_rows
from store.database import Database
from store.migrate import migrate
from tests.accounts import account, browser
from tests.serving import City


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    city = City(db)
    account(db, "kim", area="gwangju", member="kim", name="김지민")
    account(db, "nobody", area="gwangju", name="구성원 아님")
    account(db, "oper", Role.OPERATOR, "gwangju", name="운영자")
    yield city
    db.close()


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def address(door: httpx.Client, calendar: str, login: str = "kim") -> tuple[str, httpx.Client]:
    page = browser(door, login)
    made = page.post("/api/me/calendars", json={"calendar": calendar, "name": "내 휴대전화"})
    assert made.status_code == 201, made.text
    return made.json()["url"], page


def test_a_calendar_needs_no_headers(city: City, door: httpx.Client) -> None:
    url, page = address(door, "visits")
    assert urlsplit(url).path == "/api/care/calendar/kim.ics"
    rota, _ = address(door, "rota")
    for one in (url, rota):
        answer = httpx.get(one)  # by itself: no cookie, no header of ours
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/calendar"), answer.text
        assert answer.text.startswith("BEGIN:VCALENDAR")
    listed = page.get("/api/me/tokens").json()
    assert {one["calendar"] for one in listed} == {"visits", "rota"}
    assert all(len(one["permissions"]) == 1 and "token" not in one for one in listed)


def test_it_opens_nothing_else(city: City, door: httpx.Client) -> None:
    url, page = address(door, "visits")
    query = urlsplit(url).query
    word = query.removeprefix("key=")
    assert door.get(f"/api/care/calendar/lee.ics?{query}").status_code == 404
    assert door.get(f"/api/rota.ics?{query}").status_code == 403
    for path in ("/api/board", "/api/rota", "/api/me/tokens", "/api/session", "/api/care/visits", "/api/openapi.json"):
        assert door.get(f"{path}?{query}").status_code == 401, path
        assert door.get(path, headers={"Authorization": f"Bearer {word}"}).status_code == 401, path
        assert door.get(path, headers={"Cookie": f"anbu={word}"}).status_code == 401, path
    assert door.get(f"/api/care/calendar/kim.ics/../../../board?{query}").status_code == 401
    # A program's word is none of an address: addresses are shown around.
    ends = (wall_now() + timedelta(days=1)).isoformat()
    token = page.post("/api/me/tokens", json={"name": "x", "permissions": ["calendar.read"], "ends_at": ends}).json()
    assert door.get(f"/api/care/calendar/kim.ics?key={token['token']}").status_code == 401
    assert door.delete(f"/api/care/calendar/kim.ics?{query}").status_code in (401, 403, 405)


def test_it_is_taken_back_and_runs_out(city: City, door: httpx.Client) -> None:
    url, page = address(door, "visits")
    (listed,) = page.get("/api/me/tokens").json()
    assert page.delete(f"/api/me/tokens/{listed['id']}").status_code == 204
    gone = httpx.get(url, headers={"Accept": "text/html"})
    assert (gone.status_code, gone.json()["detail"]["code"]) == (401, "calendar_key"), "the word goes on to the log-in"
    url, _ = address(door, "visits")
    with city.db.write() as tx:
        tx.execute(sa.update(token_rows).values(ends_at=wall_now() - timedelta(seconds=1)))
    assert httpx.get(url).status_code == 401
    url, _ = address(door, "rota")
    with city.db.write() as tx:
        accounts_off = sa.text("UPDATE accounts SET active = 0 WHERE login = 'kim'")
        tx.execute(accounts_off)
    assert httpx.get(url).status_code == 401


def test_who_has_no_calendar_gets_no_address(city: City, door: httpx.Client) -> None:
    for login, calendar in (("oper", "rota"), ("oper", "visits"), ("nobody", "visits")):
        page = browser(door, login)
        answer = page.post("/api/me/calendars", json={"calendar": calendar, "name": "x"})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (400, "no_calendar")
    page = browser(door, "kim")
    with city.db.write() as tx:
        tx.execute(sa.update(session_rows).values(created_at=wall_now() - timedelta(minutes=16)))
    answer = page.post("/api/me/calendars", json={"calendar": "rota", "name": "x"})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "fresh_needed")
    bearer = {"Authorization": "Bearer x"}
    assert door.post("/api/me/calendars", json={"calendar": "rota", "name": "x"}, headers=bearer).status_code == 401


def test_guessing_is_slowed_down(door: httpx.Client) -> None:
    url, _ = address(door, "visits")
    path = "/api/care/calendar/kim.ics?key=anbucal_"
    most = GUESSES[0].amount
    assert {door.get(f"{path}{number}").status_code for number in range(most)} == {401}
    late = door.get(f"{path}late")
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0
    # Else whoever guesses would see which one is right.
    assert httpx.get(url).status_code == 429
    assert browser(door, "kim").get("/api/care/calendar/kim.ics").status_code == 200, "a log-in is no guess"


def test_it_is_written_nowhere(city: City, door: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url, _ = address(door, "visits")
    word = urlsplit(url).query.removeprefix("key=")
    httpx.get(url)
    httpx.get(url.replace("kim.ics", "lee.ics"))
    door.get(f"/api/board?key={word}", headers={"Accept": "text/html"})
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert not [said for said in ours if word in said]
    with city.db.read() as tx:
        noted = [tuple(row) for row in tx.execute(audit.select())]
        kept = [tuple(row) for row in tx.execute(token_rows.select())]
    assert any("GET /api/care/calendar/kim.ics" in row for row in noted)
    assert any("denied" in row and "GET /api/care/calendar/lee.ics" in row for row in noted)
    assert word not in repr(noted)
    assert word not in repr(kept)
