"""Workers' tasks and records over HTTP on both databases: told, done, missed, late, twice, and too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from care import episodes, work
from core.care import Ended
from core.signals import Concern
from core.words import WORDS
from store.care_tables import care_log, persons, record_conflicts
from store.database import Database
from store.tables import members, signals
from tests.linked import END, SECOND, Linked, at, post, record_of, taken
from tests.serving import T0


def chore(city: Linked) -> int:
    with city.db.write() as tx:
        return work.chore(tx, city.hands, city.clock.now())


def give(door: httpx.Client, order: int, key: str, status: int = 200, **other: Any) -> Any:
    said = {"worker": "worker-1", "planned_at": at(24).isoformat(), "units": 2, "by": "worker-1", **other}
    return post(door, f"orders/{order}/tasks", status, key=key, **said)


def put(door: httpx.Client, id: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = door.put(f"/api/care/records/{id}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if status == 200 else answer.json()["detail"]["code"]


def test_a_task_reaches_its_worker_with_the_case(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        order = taken(door, city.item)
        first = give(door, order, "task-0001")
        assert (first["state"], first["told"]) == ("assigned", True)
        assert first["due_at"] == at(26).isoformat().replace("+00:00", "Z")
        assert give(door, order, "task-0001") == first
        assert give(door, order, "task-0001", 409, units=3) == "id_taken"
        assert len(city.log("task_conflict")) == 1, "what was sent is kept"
        (notice,) = city.notices("task")
        with db.read() as tx:
            about = episodes.episode(tx, city.episode)
        assert about is not None
        assert (notice.case_id, notice.member, notice.state) == (about.case_id, "worker-1", "queued")
        assert notice.payload["url"].startswith("/tasks")
        with db.write() as tx:
            tx.execute(sa.update(members).where(members.c.id == "worker-2").values(reach=[]))
        assert give(door, order, "task-0002", worker="worker-2")["told"] is False
        assert [one["key"] for one in door.get("/api/care/tasks", params={"worker": "worker-2"}).json()] == [
            "task-0002"
        ]


def test_what_cannot_be_given(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        offered = post(door, "orders", item=city.item, provider="meals-1", by="kim")["id"]
        assert give(door, offered, "task-0001", 409) == "order_state"
        post(door, f"orders/{offered}/accept", by="worker-1")
        for worker in ("kim", "nobody"):
            assert give(door, offered, "task-0001", 404, worker=worker) == "unknown_member"
        with db.write() as tx:
            tx.execute(sa.update(members).where(members.c.id == "worker-2").values(active=False))
        assert give(door, offered, "task-0001", 404, worker="worker-2") == "unknown_member"
        assert give(door, 999, "task-0001", 404) == "unknown_order"
        late = (END + timedelta(seconds=1)).isoformat()
        assert give(door, offered, "task-0001", 409, planned_at=late) == "task_span"
        assert give(door, offered, "task-0001", 409, units=11) == "beyond_order"
        give(door, offered, "task-0001", units=9)
        assert give(door, offered, "task-0002", 409) == "beyond_order"
        assert give(door, offered, "task-0002", units=1)["state"] == "assigned"
        city.clock.set(at(48))
        assert door.post(f"/api/care/orders/{offered}/tasks", json={}).status_code == 422


def test_a_service_keeps_its_hours(db: Database) -> None:
    city = Linked(db)
    monday = at(44).isoformat()  # 10:00 in Seoul; T0 is a Saturday
    with city.serve() as door:
        for service, open_ in (("office", 200), ("night", 409)):
            home = type(SECOND)(f"home-{service}", f"gw-{service}", SECOND.area, "박영수")
            _, item = city.planned(home, service=service)
            order = taken(door, item)
            give(door, order, f"task-{service}-1", open_, planned_at=monday)
            give(door, order, f"task-{service}-2", 609 - open_, planned_at=at(24).isoformat())


def test_a_missed_visit_raises_a_signal(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        order = taken(door, city.item)
        task = give(door, order, "task-0001")["id"]
        city.clock.set(at(25.9))
        assert chore(city) == 0
        city.clock.set(at(26))
        assert chore(city) == 1
        assert chore(city) == 0
        (case,) = city.cases(Concern.SERVICE_WORRY)
        assert case.home == "home-0001"
        body = record_of(None, hours=24, units=2, task=task)
        late = put(door, "phone-0001", body)
        assert (late["task"], late["order"], late["units"]) == (None, order, 2), "missed stays missed"
        (service,) = door.get(f"/api/care/episodes/{city.episode}/services").json()
        assert [one["state"] for one in service["tasks"]] == ["missed"]
        assert [one["id"] for one in service["records"]] == ["phone-0001"]
        assert service["recorded"] == 2
        assert door.get("/api/care/episodes/999/services").status_code == 404


def test_nobody_goes_to_who_is_gone(db: Database) -> None:
    city = Linked(db)
    _, other = city.planned(SECOND)
    with city.serve() as door:
        mine, theirs = (taken(door, item) for item in (city.item, other))
        give(door, mine, "task-0001")
        give(door, theirs, "task-0002")
        give(door, theirs, "task-0003", worker="worker-2")
        with db.write() as tx:
            tx.execute(sa.update(persons).where(persons.c.id == "h-home-0001").values(gone_at=T0))
            it = next(one for one in episodes.select(tx, limit=9) if one.person == "h-home-0002")
            assert not isinstance(episodes.close(tx, it, Ended.DIED, city.hands, T0, "kim"), str)
        assert chore(city) == 3
        assert chore(city) == 0
        assert [one.member for one in city.notices("task_cancelled")] == ["worker-1", "worker-1", "worker-2"]
        assert give(door, mine, "task-0004", 409) == "order_person_gone"


def test_a_cancelled_order_takes_its_tasks_along_and_loses_nothing_real(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        order = taken(door, city.item)
        task = give(door, order, "task-0001", planned_at=at(1).isoformat())["id"]
        city.clock.set(at(1.5))
        post(door, f"orders/{order}/cancel", by="kim", reason="hospital")
        assert [one.member for one in city.notices("task_cancelled")] == ["worker-1"]
        city.clock.set(at(9))
        assert chore(city) == 0, "told already"
        begun = put(door, "phone-0001", record_of(order, hours=1, units=2, task=task))
        assert (begun["task"], begun["units"]) == (None, 2)
        assert put(door, "phone-0002", record_of(order, hours=2), 409) == "order_state"
        assert [one["record"] for one in door.get(f"/api/care/orders/{order}/kept").json()] == ["phone-0002"]


def test_a_record_sent_twice_is_one_and_another_under_its_id_is_kept(db: Database) -> None:
    city = Linked(db)
    city.clock.set(at(30))
    with city.serve() as door:
        order = taken(door, city.item)
        task = give(door, order, "task-0001", planned_at=at(29).isoformat())["id"]
        body = record_of(order, hours=28, units=2, task=task, note="죽을 드렸다")
        first = put(door, "phone-0001", body)
        city.clock.advance(60)
        elsewhere = body | {"start": (at(28)).isoformat().replace("+00:00", "Z")}
        assert put(door, "phone-0001", elsewhere) == first
        assert put(door, "phone-0001", body | {"units": 3}, 409) == "id_taken"
        assert put(door, "phone-0001", body | {"units": 3}, 409) == "id_taken"
        assert put(door, "phone-0001", body) == first
        (kept,) = door.get(f"/api/care/orders/{order}/kept").json()
        assert (kept["record"], kept["body"]["units"], kept["body"]["why"]) == ("phone-0001", 3, "id_taken")
        assert door.get("/api/care/records", params={"order": order}).json() == [first]
        (service,) = door.get(f"/api/care/episodes/{city.episode}/services").json()
        assert service["tasks"][0]["state"] == "done"
        with db.read() as tx:
            met = tx.scalar(sa.select(persons.c.contact_at).where(persons.c.id == "h-home-0001"))
        assert met == at(29)
        assert len(city.log("recorded")) == 1


def test_what_does_not_fit_is_refused_and_kept(db: Database) -> None:
    city = Linked(db)
    _, other = city.planned(SECOND)
    city.clock.set(at(30))
    with city.serve() as door:
        order = taken(door, city.item)
        task = give(door, order, "task-0001", planned_at=at(40).isoformat())["id"]
        second = taken(door, other)
        for n, (wrong, code) in enumerate(
            [
                (record_of(order, hours=29.2), "record_time"),
                (record_of(order, hours=1) | {"end": at(1).isoformat()}, "record_time"),
                (record_of(order, hours=1) | {"end": at(25.5).isoformat()}, "record_time"),
                (record_of(order, hours=-25), "record_span"),
                (record_of(second, hours=1, task=task), "record_task"),
                (record_of(order, hours=1, units=11), "beyond_order"),
            ]
        ):
            assert put(door, f"phone-000{n}", wrong, 409) == code
        assert len(door.get(f"/api/care/orders/{order}/kept").json()) == 5
        assert put(door, "phone-1000", record_of(999), 404) == "unknown_order"
        assert put(door, "phone-1000", record_of(None, task=999), 404) == "unknown_task"
        assert put(door, "phone-1000", record_of(order, task=999), 404) == "unknown_task"
        assert put(door, "phone-1000", record_of(order, worker="kim"), 404) == "unknown_member"
        assert door.put("/api/care/records/phone-1000", json=record_of(None)).status_code == 422
        assert door.put("/api/care/records/x", json=record_of(order)).status_code == 422
        city.clock.set(at(31))
        assert put(door, "phone-0000", record_of(order, hours=29.2))["units"] == 1, "its clock was fast"
        assert len(door.get(f"/api/care/orders/{order}/kept").json()) == 5, "also of somebody who is of no staff"


def test_a_closed_door_and_a_worry_are_told_at_once(db: Database) -> None:
    city = Linked(db)
    city.clock.set(at(30))
    with city.serve() as door:
        order = taken(door, city.item)
        shut = put(door, "phone-0001", record_of(order, hours=1, outcome="closed_door", units=2))
        assert shut["units"] == 0, "nobody pays for a closed door"
        put(door, "phone-0001", record_of(order, hours=1, outcome="closed_door", units=2))
        put(door, "phone-0002", record_of(order, hours=2, worry="멍이 있다"))
        put(door, "phone-0003", record_of(order, hours=3, units=50, worry="쓰러져 있다"), 409)
        put(door, "phone-0004", record_of(order, hours=4, outcome="hospital"))
        (case,) = city.cases(Concern.SERVICE_WORRY)
        with db.read() as tx:
            raised = sa.select(signals.c.key).where(signals.c.case_id == case.id).order_by(signals.c.id)
            keys = list(tx.scalars(raised))
            said = str(tx.execute(sa.select(care_log.c.numbers)).all())
        assert keys[:2] == ["record/phone-0001", "record/phone-0002"]
        assert keys[2].startswith("record/phone-0003/"), "also of a record that does not count"
        assert len(keys) == 3
        assert "멍" not in said


def test_one_worker_at_two_doors_is_seen(db: Database) -> None:
    city = Linked(db)
    _, other = city.planned(SECOND)
    city.clock.set(at(30))
    with city.serve() as door:
        mine, theirs = (taken(door, item) for item in (city.item, other))
        put(door, "phone-0001", record_of(mine, hours=1))
        put(door, "phone-0002", record_of(mine, hours=1.5))
        put(door, "phone-0003", record_of(theirs, hours=2))
        put(door, "phone-0004", record_of(theirs, hours=5))
        put(door, "phone-0005", record_of(theirs, hours=1, worker="worker-2"))
    assert [line.numbers for line in city.log("overlap")] == [{"record": "phone-0003", "other": "phone-0002"}]


def test_an_order_is_done_by_its_last_record(db: Database) -> None:
    city = Linked(db)
    city.clock.set(at(30))
    with city.serve() as door:
        order = taken(door, city.item)
        give(door, order, "task-0001", planned_at=at(40).isoformat())
        put(door, "phone-0001", record_of(order, hours=1, units=6))
        assert put(door, "phone-0002", record_of(order, hours=3, units=5), 409) == "beyond_order"
        put(door, "phone-0003", record_of(order, hours=3, units=4))
        assert city.order(order).state == "done"
        assert [one.member for one in city.notices("task_cancelled")] == ["worker-1"]
        put(door, "phone-0004", record_of(order, hours=5, outcome="refused"))
        assert city.log("moved")[-1].numbers["to"] == "evaluation"
    with db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(record_conflicts)) == 1
        for line in tx.execute(sa.select(care_log)):
            assert WORDS[line.what][0].format(**line.numbers)
