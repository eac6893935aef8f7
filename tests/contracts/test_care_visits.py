"""Visits over HTTP and in the tables, on both databases: planned once, and no form of any tablet is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from care import episodes, persons
from care.episodes import Episode
from core.people import Member, Role
from core.signals import Concern, Urgency
from store import people
from store.care_tables import care_log, visit_versions, visits
from store.care_tables import persons as people_table
from store.database import Database
from store.tables import cases
from tests.serving import HOME, T0, City

HIM = "h-home-0001"
LEE = Member("lee", "이수진", Role.MANAGER, "gwangju")
LEFT = Member("park", "박", Role.MANAGER, "gwangju", active=False)
WORKER = Member("worker-1", "최", Role.WORKER, "gwangju")


def town(db: Database) -> City:
    """A city with one person, who has applied for care."""
    city = City(db)
    case = city.signal(Concern.APPLICATION, Urgency.SOON)
    with db.write() as tx:
        for member in (LEE, LEFT, WORKER):
            people.put_member(tx, db.backend, member)
        persons.of_home(tx, HOME, T0)
        row = {
            "application": "app-00001", "person": HIM, "area": HOME.area, "origin": "self", "priority": "routine",
            "case_id": case, "stage": "intake", "stage_since": T0, "owner": "kim", "due_at": T0 + timedelta(days=1),
            "opened_at": T0, "requested": [], "note": "", "by": "kim", "exercise": False,
        }  # fmt: skip
        episodes.put(tx, row, T0, "kim")
    return city


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def planned(door: httpx.Client, id: str = "visit-0001", kind: str = "intake", **said: Any) -> dict[str, Any]:
    asked = {"id": id, "person": HIM, "kind": kind, "owner": "kim", "due_at": at(20).isoformat(), "by": "kim"}
    answer = door.post("/api/care/visits", json={**asked, "episode": 1, **said})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def form(outcome: str = "met", base: int = 0, by: str = "kim", hour: float = -1, **record: Any) -> dict[str, Any]:
    times = {name: at(hour + i / 10).isoformat() for i, name in enumerate(("started_at", "arrived_at", "finished_at"))}
    return {"base": base, "outcome": outcome, "by": by, "record": record, **times}


def put(door: httpx.Client, id: str, name: str, said: dict[str, Any]) -> httpx.Response:
    return door.put(f"/api/care/visits/{id}/forms/{name}", json=said)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]["code"]


def stage(db: Database) -> Episode:
    with db.read() as tx:
        found = episodes.episode(tx, 1)
    assert found is not None
    return found


def open_cases(db: Database, concern: Concern) -> int:
    with db.read() as tx:
        where = sa.and_(cases.c.concern == concern, cases.c.state != "closed")
        return len(tx.scalars(sa.select(cases.c.id).where(where)).all())


def test_a_visit_goes_step_by_step_and_its_form_moves_the_episode_on(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        made = planned(door, owner="office:" + HOME.area)
        assert (made["state"], made["version"], made["name"]) == ("planned", 0, "김순자")
        assert planned(door, owner="office:" + HOME.area) == made, "sent again, it is the same visit"
        city.clock.advance(600)
        started = door.post("/api/care/visits/visit-0001/start", json={"by": "kim"}).json()
        assert (started["state"], started["owner"]) == ("started", "kim")
        city.clock.advance(600)
        there = door.post("/api/care/visits/visit-0001/arrive", json={"by": "kim"}).json()
        assert (there["state"], there["arrived_at"]) == ("arrived", at(1 / 3).isoformat().replace("+00:00", "Z"))
        assert code(door.post("/api/care/visits/visit-0001/cancel", json={"by": "kim"})) == (409, "visit_there")
        city.clock.advance(1200)
        over = put(door, "visit-0001", "form-0001", form(hour=0.3, well_being="fair", note="빈 냉장고", food=False))
        done = over.json()
        assert (done["state"], done["outcome"], done["version"], done["conflict"]) == ("finished", "met", 1, False)
        assert done["record"]["note"] == "빈 냉장고"
        assert stage(db).stage == "assessment"
        later = door.post("/api/care/visits/visit-0001/arrive", json={"by": "kim"})
        assert later.status_code == 200, "a step that a tablet says after its form is no mistake"
        assert later.json()["arrived_at"] == done["arrived_at"]
        assert code(door.post("/api/care/visits/visit-0001/cancel", json={"by": "kim"})) == (409, "visit_over")
    with db.read() as tx:
        them = persons.person(tx, HIM)
        assert them is not None
        assert them.contact_at == at(0.5)
        told = tx.scalars(sa.select(care_log.c.what).where(care_log.c.what.like("%visit%"))).all()
        said = [row for row in tx.scalars(sa.select(care_log.c.numbers)) if "냉장고" in str(row)]
    assert told == [f"care.log.visit_{what}" for what in ("planned", "started", "taken", "arrived", "finished")]
    assert not said, "the journal holds codes alone"


def test_two_tablets_write_over_the_same_visit_and_both_are_kept_and_shown(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        planned(door, kind="follow_up")
        put(door, "visit-0001", "form-kim1", form(note="kim's"))
        other = put(door, "visit-0001", "form-lee1", form("not_home", by="lee", note="lee's")).json()
        assert (other["conflict"], other["outcome"], other["record"]["note"]) == (True, "met", "kim's")
        assert [(one["id"], one["conflict"], one["settled"]) for one in other["forms"]] == [
            ("form-kim1", False, True),
            ("form-lee1", True, False),
        ]
        assert [one["id"] for one in door.get("/api/care/visits", params={"conflict": True}).json()] == ["visit-0001"]
        both = put(door, "visit-0001", "form-both", form(base=1, by="lee", note="both")).json()
        assert (both["version"], both["conflict"], both["record"]["note"]) == (2, False, "both")
        assert all(one["settled"] for one in both["forms"])
        assert door.get("/api/care/visits", params={"conflict": True}).json() == []
        assert {one["record"]["note"] for one in both["forms"]} == {"kim's", "lee's", "both"}, "none is lost"
        late = put(door, "visit-0001", "form-late", form(base=0, note="late")).json()
        assert (late["conflict"], late["record"]["note"]) == (True, "both")
        assert len(door.get("/api/care/visits", params={"conflict": True}).json()) == 1


def test_a_form_twice_is_one_and_other_words_under_its_id_are_kept_beside_it(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        planned(door)
        planned(door, "visit-0002", "follow_up")
        first = put(door, "visit-0001", "form-0001", form(note="one"))
        assert put(door, "visit-0001", "form-0001", form(note="one")).json() == first.json()
        seoul = form(note="one") | {"finished_at": at(-0.8).isoformat().replace("+00:00", "Z")}
        assert put(door, "visit-0001", "form-0001", seoul).json() == first.json(), "the same moment, written otherwise"
        for _ in range(2):
            assert code(put(door, "visit-0001", "form-0001", form(note="two"))) == (409, "id_taken")
        forms = door.get("/api/care/visits/visit-0001").json()["forms"]
        assert sorted((one["record"]["note"], one["conflict"]) for one in forms) == [("one", False), ("two", True)]
        assert code(put(door, "visit-0002", "form-0001", form(note="one"))) == (409, "id_taken"), (
            "it is another visit's"
        )
        second = door.get("/api/care/visits/visit-0002").json()
        assert (second["state"], len(second["forms"])) == ("planned", 1), "kept where it was sent, and stands nowhere"
        assert code(put(door, "visit-0009", "form-0009", form())) == (404, "unknown_visit")
    with db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(visit_versions)) == 3


def test_forms_that_come_in_another_order_stand_as_they_were_written(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        planned(door)
        early = put(door, "visit-0001", "form-0002", form(base=1, note="second")).json()
        assert (early["state"], early["conflict"], early["version"]) == ("planned", True, 0)
        assert stage(db).stage == "intake"
        last = put(door, "visit-0001", "form-0001", form("not_home", base=0, note="first")).json()
        assert (last["state"], last["version"], last["record"]["note"]) == ("finished", 2, "second")
        assert not any(one["conflict"] for one in last["forms"])
        assert stage(db).stage == "assessment"
        assert open_cases(db, Concern.SERVICE_WORRY) == 0, "the door opened, as was written last"


def test_a_closed_door_reaches_a_person_and_somebody_goes_again(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        planned(door)
        for _ in range(2):
            shut = put(door, "visit-0001", "form-0001", form("not_home")).json()
        assert (shut["state"], shut["outcome"]) == ("finished", "not_home")
        assert open_cases(db, Concern.SERVICE_WORRY) == 1
        (again,) = door.get("/api/care/visits", params={"state": "open"}).json()
        assert (again["kind"], again["episode"], again["reason"]) == ("intake", 1, "closed_door")
        assert again["due_at"] == at(72).isoformat().replace("+00:00", "Z")
        put(door, "visit-0001", "form-0002", form("not_home", base=1, note="corrected"))
        assert len(door.get("/api/care/visits").json()) == 2, "a correction sends nobody once more"
        met = put(door, again["id"], "form-0003", form(hour=-0.5)).json()
        assert met["state"] == "finished"
    assert stage(db).stage == "assessment"
    with db.read() as tx:
        them = persons.person(tx, HIM)
    assert them is not None
    assert them.contact_at == T0, "who became known after that was met before"


def test_what_is_not_known_or_not_possible_is_refused(db: Database) -> None:
    city = town(db)
    post = "/api/care/visits"
    asked = {
        "id": "visit-0001", "person": HIM, "kind": "intake", "owner": "kim", "due_at": at(20).isoformat(),
        "episode": 1, "by": "kim",
    }  # fmt: skip
    with city.serve() as door:
        for said, why in (
            ({"person": "h-nobody"}, (404, "unknown_person")),
            ({"owner": "park"}, (404, "unknown_member")),
            ({"owner": "worker-1"}, (404, "unknown_member")),
            ({"owner": "office:gwangju/atlantis"}, (404, "unknown_area")),
            ({"episode": 7}, (404, "unknown_episode")),
            ({"episode": None}, (409, "visit_no_episode")),
            ({"planned_at": at(30).isoformat()}, (409, "visit_times")),
        ):
            assert code(door.post(post, json=asked | said)) == why
        for bad in ({"due_at": "1999-01-01T00:00:00Z"}, {"due_at": "2026-11-22T00:00:00"}, {"id": "short"}, {"x": 1}):
            assert door.post(post, json=asked | bad).status_code == 422
        planned(door)
        assert code(door.post(post, json=asked | {"kind": "follow_up"})) == (409, "id_taken")
        for said, why in (
            (form(by="nobody"), (404, "unknown_member")),
            (form(needs=["castle"]), (404, "unknown_service")),
            (form(hour=0), (409, "visit_future")),
            (form() | {"started_at": at(-0.5).isoformat()}, (409, "visit_times")),
        ):
            assert code(put(door, "visit-0001", "form-0001", said)) == why
        assert put(door, "visit-0001", "form-0001", form(mood="sad")).status_code == 422
        assert put(door, "visit-0001", "form-0001", form(unknown="field")).status_code == 422
        assert code(door.post(f"{post}/visit-0001/start", json={"by": "park"})) == (404, "unknown_member")
        assert code(door.post(f"{post}/visit-0009/start", json={"by": "kim"})) == (404, "unknown_visit")
        assert code(door.post(f"{post}/visit-0001/miss", json={"by": "kim"})) == (409, "visit_must_meet")
        future = {"by": "kim", "at": at(1).isoformat()}
        assert code(door.post(f"{post}/visit-0001/start", json=future)) == (409, "visit_future")
        assert door.get(f"{post}/visit-0001").json()["forms"] == []
        planned(door, "visit-0003", "compulsory", episode=None)
        assert code(door.post(post, json=asked | {"id": "visit-0004", "kind": "compulsory"})) == (409, "visit_open")
        assert code(door.post(f"{post}/visit-0003/cancel", json={"by": "kim"})) == (409, "visit_compulsory")
        assert put(door, "visit-0001", "form-0001", form(by="park")).status_code == 200, "who has left since was there"
        with db.write() as tx:
            tx.execute(sa.update(people_table).values(gone_at=T0, gone_why="moved"))
        assert code(door.post(post, json=asked | {"id": "visit-0005"})) == (409, "visit_gone")


def test_lists_are_by_owner_area_state_and_time(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        planned(door)
        planned(door, "visit-0002", "follow_up", owner="lee", due_at=at(5).isoformat())
        planned(door, "visit-0003", "follow_up", owner="lee", due_at=at(2).isoformat())
        door.post("/api/care/visits/visit-0003/miss", json={"by": "lee"})
        for asked, found in (
            ({}, ["visit-0003", "visit-0002", "visit-0001"]),
            ({"owner": "lee", "state": "open"}, ["visit-0002"]),
            ({"state": "missed"}, ["visit-0003"]),
            ({"kind": "intake"}, ["visit-0001"]),
            ({"area": "gwangju/nam-gu", "limit": 1, "offset": 1}, ["visit-0002"]),
            ({"area": "gwangju/nam"}, []),
            ({"due_before": at(4).isoformat()}, ["visit-0003"]),
            ({"person": HIM, "limit": 2}, ["visit-0003", "visit-0002"]),
        ):
            assert [one["id"] for one in door.get("/api/care/visits", params=asked).json()] == found, asked
        assert door.get("/api/care/visits", params={"limit": 201}).status_code == 422


@pytest.mark.parametrize("outcome", ["met", "not_home"])
def test_a_visit_that_was_called_off_and_made_all_the_same_is_kept_and_counts(db: Database, outcome: str) -> None:
    city = town(db)
    city.clock.advance(2 * 3600)
    with city.serve() as door:
        planned(door, kind="follow_up")
        for _ in range(2):
            ended = door.post("/api/care/visits/visit-0001/cancel", json={"by": "kim"})
            assert ended.json()["state"] == "cancelled"
        sent = put(door, "visit-0001", "form-0001", form(outcome, hour=1)).json()
        assert (sent["state"], sent["version"], sent["conflict"]) == ("cancelled", 0, True)
        assert code(door.post("/api/care/visits/visit-0001/start", json={"by": "kim"})) == (409, "visit_over")
    with db.read() as tx:
        them = persons.person(tx, HIM)
    assert them is not None
    assert them.contact_at == (at(1.2) if outcome == "met" else T0)


def test_that_somebody_is_gone_is_asked_and_not_concluded(db: Database) -> None:
    city = town(db)
    with city.serve() as door:
        planned(door)
        assert put(door, "visit-0001", "form-0001", form("gone")).json()["gone"]
        with db.write() as tx:
            assert tx.scalar(sa.select(people_table.c.gone_at)) is None
            tx.execute(sa.update(people_table).values(gone_at=T0, gone_why="died"))
        assert not door.get("/api/care/visits/visit-0001").json()["gone"]


def test_an_exercise_stays_one(db: Database) -> None:
    city = town(db)
    with db.write() as tx:
        tx.execute(sa.update(people_table).values(exercise=True))
    with city.serve() as door:
        assert planned(door)["exercise"]
        put(door, "visit-0001", "form-0001", form("not_home"))
    with db.read() as tx:
        assert set(tx.scalars(sa.select(visits.c.exercise))) == {True}
        (body,) = tx.scalars(sa.select(cases.c.body).where(cases.c.concern == Concern.SERVICE_WORRY))
    assert "evidence.visit.exercise" in str(body), "who is called knows it"
