"""Accounts and their sessions over HTTP, on both databases, attacked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from access.roles import Role
from core.clock import wall_now
from store.account_tables import sessions
from store.database import Database
from tests.accounts import PASSWORD, account, browser, page
from tests.serving import City

NAM, DONG = "gwangju/nam-gu", "gwangju/nam-gu/bongseon-1-dong"


@pytest.fixture
def city(db: Database) -> City:
    return City(db)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def test_without_an_account_this_machine_comes_in_and_with_one_nobody_does(db: Database, door: httpx.Client) -> None:
    me = door.get("/api/session").json()
    assert (me["account"], me["role"]) == ("", "system")
    assert door.get("/api/session/ways").json()["needed"] is False
    account(db, "kim", area=DONG)
    assert door.get("/api/session").status_code == 401
    assert door.get("/api/cases").json()["detail"]["code"] == "login_needed"
    assert door.get("/api/session/ways").json()["needed"] is True
    sent = door.get("/api/cases?lang=en", headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fapi%2Fcases%3Flang%3Den")


def test_somebody_logs_in_and_out(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG, member="kim", name="김지민")
    kim = browser(door)
    answer = kim.post("/api/session", json={"login": " KIM ", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("anbu=")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly", "path=/", "samesite=strict", "max-age=86400",
    }  # fmt: skip
    me = answer.json()
    assert (me["name"], me["role"], me["member"]) == ("김지민", "manager", "kim")
    assert [area["code"] for area in me["areas"]] == [DONG]
    assert "case.act" in me["permissions"]
    assert "account.write" not in me["permissions"]
    assert kim.get("/api/session").json()["name"] == "김지민"
    assert kim.get("/api/cases").status_code == 200
    kept = dict(kim.cookies)
    assert kim.delete("/api/session").status_code == 204
    again = httpx.Client(base_url=door.base_url, cookies=kept)
    assert again.get("/api/session").status_code == 401, "the cookie that was kept aside is worth nothing"
    with db.read() as tx:
        assert kept["anbu"] not in [row.id for row in tx.execute(sa.select(sessions))]


@pytest.mark.parametrize(
    ("login", "password"),
    [("kim", PASSWORD + "!"), ("kim", ""), ("nobody", PASSWORD), ("", ""), ("kim\x00", "x"), ("gone", PASSWORD)],
)
def test_a_wrong_log_in_says_nothing_of_who_exists(db: Database, door: httpx.Client, login: str, password: str) -> None:
    from access import accounts

    account(db, "kim", area=DONG)
    gone = account(db, "gone", area=DONG)
    with db.write() as tx:
        accounts.disable(tx, gone.id, wall_now())
    answer = browser(door).post("/api/session", json={"login": login, "password": password})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (401, "wrong")
    assert "set-cookie" not in answer.headers


def test_a_session_ends_by_itself(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    for column, age in (("seen_at", timedelta(hours=8)), ("created_at", timedelta(hours=24))):
        kim = browser(door, "kim")
        assert kim.get("/api/session").status_code == 200
        with db.write() as tx:
            tx.execute(sa.update(sessions).values({column: wall_now() - age}))
        assert kim.get("/api/session").status_code == 401, column
    kim = browser(door, "kim")
    with db.write() as tx:
        tx.execute(sa.update(sessions).values(ends_at=wall_now()))
    assert kim.get("/api/session").status_code == 401


def test_a_session_that_is_used_lives_on_and_is_written_once_a_minute(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    kim = browser(door, "kim")

    def seen() -> object:
        with db.read() as tx:
            return tx.scalar(sa.select(sessions.c.seen_at))

    first = seen()
    kim.get("/api/session")
    assert seen() == first
    with db.write() as tx:
        tx.execute(sa.update(sessions).values(seen_at=wall_now() - timedelta(minutes=5)))
    kim.get("/api/session")
    assert wall_now() - seen() < timedelta(seconds=30)  # type: ignore[operator]  # it is a time


def test_a_session_that_somebody_else_has_prepared_is_not_taken_over(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    mallory = account(db, "mallory", area=DONG)
    theirs = browser(door, "mallory")
    victim = browser(door)
    victim.cookies.set("anbu", theirs.cookies["anbu"], domain="127.0.0.1")
    victim.post("/api/session", json={"login": "kim", "password": PASSWORD})
    fresh = [cookie.value for cookie in victim.cookies.jar if cookie.value != theirs.cookies["anbu"]]
    assert fresh
    assert victim.get("/api/session", headers={"Cookie": f"anbu={fresh[0]}"}).json()["account"] != mallory.id
    assert theirs.get("/api/session").status_code == 401


def test_a_disabled_account_is_out_at_the_next_request(db: Database, door: httpx.Client) -> None:
    account(db, "root", Role.ADMIN, "gwangju")
    kim = account(db, "kim", area=DONG)
    admin, member = browser(door, "root"), browser(door, "kim")
    assert admin.post(f"/api/accounts/{kim.id}/disable").json()["active"] is False
    assert member.get("/api/cases").status_code == 401
    assert member.post("/api/session", json={"login": "kim", "password": PASSWORD}).status_code == 401
    assert admin.post(f"/api/accounts/{kim.id}/enable").status_code == 200
    assert member.get("/api/cases").status_code == 401, "old sessions stay ended"
    assert member.post("/api/session", json={"login": "kim", "password": PASSWORD}).status_code == 200


def test_a_new_password_ends_every_other_session(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    here, there = browser(door, "kim"), browser(door, "kim")
    new = "바다로 간 고양이 열세 마리"
    wrong = here.post("/api/me/password", json={"old": "guess", "new": new})
    assert wrong.json()["detail"]["code"] == "password_old"
    assert here.post("/api/me/password", json={"old": PASSWORD, "new": "kimkimkim123"}).status_code == 400
    assert here.post("/api/me/password", json={"old": PASSWORD, "new": new}).status_code == 204
    assert here.get("/api/session").status_code == 200
    assert there.get("/api/session").status_code == 401
    assert browser(door).post("/api/session", json={"login": "kim", "password": PASSWORD}).status_code == 401
    assert browser(door, "kim", new).get("/api/session").status_code == 200


def test_other_sites_pages_do_nothing_with_a_session(db: Database, city: City, door: httpx.Client) -> None:
    account(db, "kim", area="gwangju", role=Role.SUPERVISOR)
    kim = browser(door, "kim")
    case = city.press()
    ours = page(door)["Origin"]
    kim.headers.pop("Origin")
    kim.headers.pop("Sec-Fetch-Site")
    act = f"/api/cases/{case}/ack"
    for foreign in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ours, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ours, "Sec-Fetch-Site": "same-site"},
        {"Origin": ours, "Sec-Fetch-Site": "none"},
        {"Origin": ours.replace("127.0.0.1", "127.0.0.1.evil.example")},
        {"Origin": ours + "0"},
    ):
        answer = kim.post(act, headers=foreign)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "origin"), foreign
        assert kim.delete("/api/session", headers=foreign).status_code == 403
    assert kim.post("/api/session", json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert kim.post(act, headers={"Origin": ours}).status_code == 200
