"""What a device takes along for the day, the key for what it has not sent, and what a log-out leaves on it."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from access.roles import Role
from care import facts
from core.people import Member
from core.people import Role as Called
from store import people
from store.database import Database
from tests.accounts import account, browser
from tests.contracts.test_care_visits import HIM, form, planned, put, town
from tests.linked import Linked, at, post
from tests.serving import T0

DONG, ELSE = "gwangju/nam-gu/bongseon-1-dong", "gwangju/nam-gu/bongseon-2-dong"
ELSEWHERE = Member("cha", "차", Called.MANAGER, ELSE)


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_manager_takes_their_own_visits_along_and_what_one_needs_at_the_door(db: Database) -> None:
    city = town(db)
    with db.write() as tx:
        people.put_area(tx, db.backend, ELSE, "봉선2동", "Bongseon 2")
        people.put_member(tx, db.backend, ELSEWHERE)
        for field, value in (("address", "봉선로 1"), ("key_safe", "4711"), ("income_band", "above")):
            facts.put_fact(tx, HIM, field, value, "kim", T0)
    account(db, "kim@example.kr", area=DONG, member="kim")
    account(db, "lee@example.kr", area=DONG, member="lee")
    account(db, "cha@example.kr", area=ELSE, member="cha")
    with city.serve() as door:
        kim, lee, cha = (browser(door, f"{who}@example.kr") for who in ("kim", "lee", "cha"))
        planned(kim)
        mine = get(kim, "care/day/visits")
        (one,) = mine["visits"]
        assert (one["id"], one["mine"], one["name"]) == ("visit-0001", True, "김순자")
        assert (one["door"]["address"], one["door"]["key_safe"]) == ("봉선로 1", "4711")
        assert "above" not in str(mine), "nobody needs a person's income at the door"
        assert get(lee, "care/day/visits")["visits"] == [], "a colleague's visit is not theirs to carry about"
        planned(kim, "visit-0002", "follow_up", owner=f"office:{DONG}")
        assert [(one["id"], one["mine"]) for one in get(lee, "care/day/visits")["visits"]] == [("visit-0002", False)]
        assert get(cha, "care/day/visits")["visits"] == []
        assert put(kim, "visit-0001", "form-0001", form()).status_code == 200
        assert put(lee, "visit-0001", "form-0002", form(note="다른 글")).json()["conflict"] is True
        theirs = {one["id"]: one for one in get(lee, "care/day/visits")["visits"]}
        assert [one["conflict"] for one in theirs["visit-0001"]["forms"]] == [False, True], "somebody has to look at it"
        city.clock.advance(2 * 86_400)
        assert put(lee, "visit-0001", "form-0003", form(base=1)).status_code == 200
        assert "visit-0001" not in {one["id"] for one in get(kim, "care/day/visits")["visits"]}, "it is over"


def test_a_worker_takes_their_own_tasks_along_and_facts_with_the_persons_word_alone(db: Database) -> None:
    city = Linked(db)
    with db.write() as tx:
        facts.put_fact(tx, HIM, "key_safe", "4711", "kim", T0)
    for who in ("worker-1", "worker-2"):
        account(db, f"{who}@example.kr", Role.WORKER, provider="meals-1", member=who)
    account(db, "kim@example.kr", area=DONG, member="kim")
    with city.serve() as door:
        one, other = (browser(door, f"{who}@example.kr") for who in ("worker-1", "worker-2"))
        kim = browser(door, "kim@example.kr")
        order = int(post(kim, "orders", item=city.item, provider="meals-1")["id"])
        assert post(one, f"orders/{order}/accept")["state"] == "accepted"
        given = {"key": "task-0001", "worker": "worker-1", "planned_at": at(3).isoformat(), "units": 2}
        assert post(one, f"orders/{order}/tasks", **given)["state"] == "assigned"
        (task,) = get(one, "care/day/tasks")["tasks"]
        assert (task["door"]["name"], task["door"]["key_safe"], task["most"]) == ("김순자", None, 10)
        assert get(other, "care/day/tasks")["tasks"] == []
        post(kim, f"persons/{HIM}/consents", purpose="sharing", decision="given")
        assert get(one, "care/day/tasks")["tasks"][0]["door"]["key_safe"] == "4711"
        times = {"start": at(-2).isoformat(), "end": at(-1).isoformat()}
        body = {"task": task["id"], "outcome": "done", "units": 2, **times}
        city.clock.advance(60)
        sent = one.put("/api/care/records/record-0001", json=body)
        assert (sent.status_code, sent.json()["worker"]) == (200, "worker-1"), "the account is who acts"


def test_a_seal_is_its_accounts_own_and_stays_the_same(db: Database) -> None:
    city = town(db)
    account(db, "kim@example.kr", area=DONG, member="kim")
    account(db, "lee@example.kr", area=DONG, member="lee")
    with city.serve() as door:
        kim, again, lee = (browser(door, f"{who}@example.kr") for who in ("kim", "kim", "lee"))
        seals = [get(one, "me/seal")["key"] for one in (kim, again, lee)]
        assert seals[0] == seals[1] != seals[2]
        assert len(base64.b64decode(seals[0])) == 32
        assert browser(door).get("/api/me/seal").status_code == 401
        assert again.delete("/api/session").headers["Clear-Site-Data"] == '"cache", "storage"'
        assert kim.delete("/api/session", params={"sealed": True}).headers["Clear-Site-Data"] == '"cache"'
        assert kim.get("/api/me/seal").status_code == 401
