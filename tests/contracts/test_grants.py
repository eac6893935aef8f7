"""Break-glass over HTTP: what is lent, for how long, to whom it is shown, and what stands of it in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from access.roles import Role
from care import persons
from core.clock import wall_now
from core.people import Home, Member
from core.people import Role as Ladder
from store import people
from store.account_tables import audit
from store.care_tables import persons as person_rows
from store.database import Database
from store.tables import cases
from tests.accounts import account, browser
from tests.serving import T0, City

HERE, THERE = "gwangju/nam-gu/bongseon-1-dong", "gwangju/buk-gu/unam-1-dong"
FAR = Home("home-0002", "gw-0002", THERE, "박영자")
NEXT = Home("home-0003", "gw-0003", THERE, "최말순")
AWAY = Home("home-0004", "gw-0004", "busan/jung-gu/bosu-dong", "정다른")
WHY = "옆 동 주민이 쓰러졌다는 신고를 받음"


@pytest.fixture
def city(db: Database) -> City:
    city = City(db)
    with db.write() as tx:
        for home in (FAR, NEXT, AWAY):
            people.put_home(tx, db.backend, home, T0)
            persons.of_home(tx, home, T0)
        people.put_member(tx, db.backend, Member("buk", "북책임", Ladder.SUPERVISOR, "gwangju/buk-gu"))
    account(db, "kim", area=HERE)
    account(db, "nam", Role.SUPERVISOR, "gwangju/nam-gu")
    account(db, "buk", Role.SUPERVISOR, "gwangju/buk-gu")
    account(db, "eye", Role.AUDITOR, "gwangju")
    return city


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def ask(who: httpx.Client, object: str = FAR.id, kind: str = "home", **more: Any) -> httpx.Response:
    return who.post("/api/grants", json={"kind": kind, "object": object, "reason": WHY, "hours": 2} | more)


def noted(db: Database, *where: Any) -> list[Any]:
    with db.read() as tx:
        return list(tx.execute(sa.select(audit).where(*where).order_by(audit.c.id)))


def test_a_lent_home_comes_with_its_calls_and_who_lives_there_and_nothing_else(city: City, door: httpx.Client) -> None:
    kim, call, other = browser(door, "kim"), city.press(FAR), city.press(NEXT)
    theirs = (f"/api/homes/{FAR.id}", f"/api/cases/{call}", f"/api/care/persons/h-{FAR.id}")
    assert [kim.get(path).status_code for path in theirs] == [404, 404, 404]
    made = ask(kim)
    assert made.status_code == 201, made.text
    assert [kim.get(path).status_code for path in theirs] == [200, 200, 200]
    assert [case["id"] for case in kim.get("/api/cases").json()] == [call]
    assert [one["id"] for one in kim.get("/api/care/persons").json()] == [f"h-{FAR.id}"]
    for path in (f"/api/homes/{NEXT.id}", f"/api/cases/{other}", f"/api/care/persons/h-{NEXT.id}"):
        assert kim.get(path).status_code == 404, path
    (mine,) = kim.get("/api/me/grants").json()
    assert mine == made.json()


def test_a_lent_person_comes_with_their_home_and_its_calls(city: City, door: httpx.Client) -> None:
    kim, call = browser(door, "kim"), city.press(FAR)
    assert ask(kim, f"h-{FAR.id}", "person").status_code == 201
    for path in (f"/api/homes/{FAR.id}", f"/api/cases/{call}", f"/api/care/persons/h-{FAR.id}"):
        assert kim.get(path).status_code == 200, path
    assert kim.get(f"/api/homes/{NEXT.id}").status_code == 404


def test_a_call_about_somebody_of_no_home_comes_with_the_person(city: City, door: httpx.Client, db: Database) -> None:
    with db.write() as tx:
        tx.execute(sa.insert(person_rows).values(
            id="p-outside-1", name="한외부", area=THERE, risk="normal", exercise=False, contact_at=T0, created_at=T0
        ))  # fmt: skip
    call = city.press(FAR)
    with db.write() as tx:
        tx.execute(sa.update(cases).where(cases.c.id == call).values(subject="person:p-outside-1", home=None))
    kim = browser(door, "kim")
    assert kim.get(f"/api/cases/{call}").status_code == 404
    assert ask(kim, "p-outside-1", "person").status_code == 201
    assert kim.get(f"/api/cases/{call}").status_code == 200
    assert noted(db, audit.c.object == str(call))[-1].about == "p-outside-1"


def test_who_lived_there_before_does_not_come_with_the_home(city: City, door: httpx.Client, db: Database) -> None:
    with db.write() as tx:
        gone = sa.update(person_rows).where(person_rows.c.id == f"h-{FAR.id}")
        tx.execute(gone.values(gone_at=T0, gone_why="moved"))
    kim = browser(door, "kim")
    assert ask(kim).status_code == 201
    assert kim.get(f"/api/homes/{FAR.id}").status_code == 200
    assert kim.get(f"/api/care/persons/h-{FAR.id}").status_code == 404
    assert ask(kim, f"h-{FAR.id}", "person").status_code == 201
    assert kim.get(f"/api/care/persons/h-{FAR.id}").status_code == 200


def test_what_is_not_there_and_what_is_another_citys_are_the_same_404(door: httpx.Client) -> None:
    kim = browser(door, "kim")
    answers = [ask(kim, AWAY.id), ask(kim, "home-9999"), ask(kim, "canary-gwangju-nam-gu")]
    assert [one.status_code for one in answers] == [404, 404, 404]
    assert answers[0].json()["detail"]["ko"].replace(AWAY.id, "X") == answers[1].json()["detail"]["ko"].replace(
        "home-9999", "X"
    )
    people_ = [ask(kim, f"h-{AWAY.id}", "person"), ask(kim, "h-home-9999", "person")]
    assert [one.json()["detail"]["code"] for one in people_] == ["unknown_person"] * 2


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"reason": "급함"}, 400, "grant_reason"),
        ({"reason": "급         함"}, 400, "grant_reason"),
        ({"reason": "\u200b" * 20}, 400, "grant_reason"),
        ({"reason": "가" * 401}, 400, "grant_reason"),
        ({"hours": 0}, 400, "grant_hours"),
        ({"hours": 13}, 400, "grant_hours"),
        ({"object": "home-0001"}, 409, "grant_own"),
    ],
)
def test_what_is_no_break_glass(door: httpx.Client, more: dict[str, Any], status: int, code: str) -> None:
    answer = ask(browser(door, "kim"), **more)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)


def test_it_ends_by_the_citys_clock_and_early(city: City, door: httpx.Client) -> None:
    kim, path = browser(door, "kim"), f"/api/homes/{FAR.id}"
    ask(kim)
    city.clock.advance(2 * 3600 - 1)
    assert kim.get(path).status_code == 200
    city.clock.advance(1)
    assert kim.get(path).status_code == 404
    made = ask(kim).json()
    assert kim.get(path).status_code == 200
    assert kim.delete(f"/api/grants/{made['id']}").status_code == 200
    assert kim.get(path).status_code == 404
    assert kim.get("/api/me/grants").json() == []


def test_the_supervisors_there_see_it_at_once_and_sign_it_off(city: City, door: httpx.Client) -> None:
    kim, nam, buk, eye = (browser(door, who) for who in ("kim", "nam", "buk", "eye"))
    made = ask(kim).json()
    unseen = {"seen": "false"}
    assert [one["id"] for one in buk.get("/api/grants", params=unseen).json()] == [made["id"]]
    assert buk.get("/api/grants").json()[0]["reason"] == WHY
    assert nam.get("/api/grants").json() == []
    assert [one["id"] for one in eye.get("/api/grants").json()] == [made["id"]]
    assert kim.get("/api/grants").status_code == 403
    sign = f"/api/grants/{made['id']}/seen"
    assert kim.post(sign).status_code == 403
    assert nam.post(sign).status_code == 404
    signed = buk.post(sign).json()
    assert signed["seen_at"] is not None
    city.clock.advance(60)
    assert buk.post(sign).json() == signed, "who was the first stays"
    assert buk.get("/api/grants", params=unseen).json() == []


def test_nobody_signs_off_their_own(door: httpx.Client, db: Database) -> None:
    account(db, "all", Role.SUPERVISOR, "gwangju")
    buk = browser(door, "buk")
    made = ask(buk, "home-0001").json()
    answer = buk.post(f"/api/grants/{made['id']}/seen")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "grant_own_look")
    assert browser(door, "all").post(f"/api/grants/{made['id']}/seen").status_code == 200


def test_a_supervisor_there_ends_it_and_a_colleague_there_does_not(door: httpx.Client, db: Database) -> None:
    account(db, "choi", area=THERE)
    kim, choi, buk = (browser(door, who) for who in ("kim", "choi", "buk"))
    made = ask(kim).json()
    assert choi.delete(f"/api/grants/{made['id']}").status_code == 404
    assert buk.delete(f"/api/grants/{made['id']}").status_code == 200
    assert kim.get(f"/api/homes/{FAR.id}").status_code == 404


def test_no_program_breaks_the_glass(door: httpx.Client) -> None:
    kim = browser(door, "kim")
    ends = (wall_now() + timedelta(days=1)).isoformat()
    asked = {"name": "x", "permissions": ["grant.ask", "home.read"], "ends_at": ends}
    token = kim.post("/api/me/tokens", json=asked).json()
    program = httpx.Client(base_url=door.base_url, headers={"Authorization": f"Bearer {token['token']}"})
    answer = ask(program)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "session_needed")


def test_the_audit_has_the_reason_at_the_asking_and_at_each_use(city: City, door: httpx.Client, db: Database) -> None:
    kim, call = browser(door, "kim"), city.press(FAR)
    made = ask(kim).json()
    kim.get(f"/api/homes/{FAR.id}")
    kim.get(f"/api/cases/{call}")
    kim.get("/api/cases")
    kim.get("/api/homes/home-0001")
    said = f"#{made['id']} {WHY}"
    (asked,) = noted(db, audit.c.action == "grant")
    assert (asked.kind, asked.object, asked.about, asked.reason) == ("home", FAR.id, FAR.id, said)
    used = {(row.action, row.object, row.about): row.reason for row in noted(db, audit.c.role == "manager")}
    assert used[("home.read", FAR.id, FAR.id)] == said
    assert used[("case.read", str(call), FAR.id)] == said
    assert used[("case.read", "", "")] == said, "a list may hold it"
    assert used[("home.read", "home-0001", "home-0001")] == ""
