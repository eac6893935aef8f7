"""From an assessment to a completed episode, through the people's door, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from care import instruments, journal
from care.followup import chore
from care.scoring import Instrument
from core.care import Ended, Refused, Stage
from core.signals import Concern
from store.care_tables import assessments, consents, persons, plans
from store.database import Database
from store.outcome_tables import evaluations, follow_ups
from store.pack_tables import instruments as offered
from store.pack_tables import packs, services
from tests.chain import BARTHEL, BATH, MEALS, Chain
from tests.serving import HOME, T0

WELL = {"cheerful": 3, "calm": 3, "active": 2, "rested": 2, "interested": 2}
PLEASED = {"needed": 5, "in_time": 4, "kind": 5, "safer": 4, "again": 4}


def assessed(**other: Any) -> dict[str, Any]:
    return {"id": "assessment-1", "answers": BARTHEL, "by": "kim", **other}


def item(service: str = MEALS, units: int = 3, days: float = 30, start: datetime = T0) -> dict[str, Any]:
    return {
        "service": service,
        "units": units,
        "start": start.isoformat(),
        "end": (start + timedelta(days=days)).isoformat(),
    }


def planned(*items: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"goals": "식사를 챙긴다", "items": list(items or (item(), item(BATH, 2))), "by": "kim", **other}


def asked(id: str, instrument: str, phase: str, answers: dict[str, int], **other: Any) -> dict[str, Any]:
    said = {"id": id, "instrument": instrument, "phase": phase, "mode": "visit", "answers": answers, "by": "kim"}
    return {**said, **other}


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["detail"]["code"] if reply.status_code != 200 else ""


BY = {"by": "kim"}


def test_from_an_assessment_to_the_end(db: Database) -> None:
    city = Chain(db)
    it = city.open(Stage.ASSESSMENT, watched=True, requested=[MEALS, "walk"])
    at = f"/api/care/episodes/{it.id}"
    with city.serve() as door:
        first = door.post(f"{at}/assessments", json=assessed()).json()
        assert (first["score"], first["level"], first["version"]) == (60, "severe", "1")
        assert city.standing(it).stage is Stage.PLAN
        assert city.standing(it).level == "severe"
        draft = door.post(f"{at}/plans", json=planned()).json()
        assert draft["state"] == "draft"
        assert door.get(f"{at}/plan").json() == {"agreed": None, "draft": draft}
        agreed = door.post(f"{at}/plans/{draft['id']}/agree", json=BY)
        assert agreed.json()["state"] == "agreed"
        assert door.post(f"{at}/plans/{draft['id']}/agree", json=BY).json() == agreed.json(), "again: as it was"
        assert door.get(f"{at}/plan").json() == {"agreed": agreed.json(), "draft": None}
        assert city.standing(it).stage is Stage.LINKAGE
        asks = door.get(f"{at}/evaluations").json()["follow_ups"]
        days = [(one["instrument"], one["phase"], datetime.fromisoformat(one["due_at"]) - T0) for one in asks]
        assert days == [
            ("quality-of-life", "first", timedelta(days=7)),
            ("satisfaction", "first", timedelta(days=30)),
            ("quality-of-life", "follow_up", timedelta(days=90)),
        ]
        assert {one["owner"] for one in asks} == {it.owner}

        assert code(door.post(f"{at}/begin-evaluation", json=BY)) == (409, "services_open")
        meals, bath = (one["id"] for one in draft["items"])
        city.order(it, meals, "declined")
        done = city.order(it, meals, "done")
        city.order(it, bath, "cancelled")
        refused = door.post(f"{at}/begin-evaluation", json=BY)
        assert refused.json()["detail"]["en"] == "Services that are not over: 1.", "no reason was given"
        city.order(it, bath, "cancelled", "in hospital")
        assert code(door.post(f"{at}/begin-evaluation", json=BY)) == (409, "no_record")
        city.record(done)
        begun = door.post(f"{at}/begin-evaluation", json=BY)
        assert begun.json()["stage"] == "evaluation"
        assert door.post(f"{at}/begin-evaluation", json=BY).json() == begun.json()

        city.clock.advance(95 * 86400)
        assert [one["id"] for one in door.get("/api/care/evaluations/due").json()] == [one["id"] for one in asks]
        again = asked("said-0003", "quality-of-life", "follow_up", WELL)
        assert code(door.post(f"{at}/evaluations", json=again)) == (409, "first_missing")
        said = door.post(f"{at}/evaluations", json=asked("said-0001", "quality-of-life", "first", WELL))
        assert (said.json()["score"], said.json()["person"]) == (48, it.person)
        assert code(door.post(f"{at}/finish", json=BY)) == (409, "work_left")
        assert door.post(f"{at}/evaluations", json=again).status_code == 200
        happy = asked("said-0002", "satisfaction", "first", PLEASED, mode="phone")
        assert door.post(f"{at}/evaluations", json=happy).json()["score"] == 22
        assert door.get("/api/care/evaluations/due").json() == []
        ended = door.post(f"{at}/finish", json=BY)
        assert (ended.json()["stage"], ended.json()["ended"], ended.json()["due_at"]) == ("closed", "completed", None)
        assert door.post(f"{at}/finish", json=BY).json() == ended.json()

        # What is closed does not change, and what was sent before is still answered.
        assert door.post(f"{at}/assessments", json=assessed()).json() == first
        assert door.post(f"{at}/evaluations", json=happy).json()["id"] == "said-0002"
        for path, body in (
            ("assessments", assessed(id="assessment-2")),
            ("plans", planned()),
            ("evaluations", asked("said-0009", "care-level", "first", BARTHEL)),
            ("begin-evaluation", BY),
        ):
            assert code(door.post(f"{at}/{path}", json=body)) == (409, "closed")
    assert city.standing(it).ended is Ended.COMPLETED
    assert city.log(it) == [
        *("opened", "moved", "moved", "assessed", "planned", "moved", "agreed", "not_planned", "moved"),
        *("evaluated", "evaluated", "evaluated", "closed"),
    ]
    with db.read() as tx:
        lines = journal.history(tx, episode=it.id)
        assert [line["numbers"] for line in lines if line["what"].endswith("not_planned")] == [{"services": "walk"}]
        assert tx.scalar(sa.select(persons.c.contact_at).where(persons.c.id == it.person)) == city.clock.now()


def test_the_same_sent_twice_is_one_and_something_else_under_its_id_is_kept_beside(db: Database) -> None:
    city = Chain(db)
    it, other = city.open(Stage.ASSESSMENT), city.open(Stage.LINKAGE)
    at = f"/api/care/episodes/{it.id}"
    with city.serve() as door:
        first = door.post(f"{at}/assessments", json=assessed()).json()
        city.clock.advance(3600)
        # Its version was not named, and another one has come since.
        with db.write() as tx:
            shipped = next(one for one in instruments.shipped() if one.code == "care-level")
            assert instruments.put(tx, msgspec.structs.replace(shipped, version="10"), T0) is None
        assert door.post(f"{at}/assessments", json=assessed()).json() == first
        assert door.post(f"{at}/assessments", json=assessed(by="KIM")).json() == first, "one who looks like another"
        better = assessed(answers={**BARTHEL, "stairs": 10})
        for _ in range(2):
            assert code(door.post(f"{at}/assessments", json=better)) == (409, "id_taken")
        assert code(door.post(f"/api/care/episodes/{other.id}/assessments", json=assessed())) == (409, "id_taken")
        assert city.log(it).count("answers_differ") == 1
        assert city.log(other).count("answers_differ") == 1
        newer = door.post(f"{at}/assessments", json={**better, "id": "assessment-2"}).json()
        assert (newer["score"], newer["level"], newer["version"]) == (70, "moderate", "10")
        assert city.standing(it).level == "moderate", "the newest one's"
        assert [one["id"] for one in door.get(f"{at}/assessments").json()] == ["assessment-2", "assessment-1"]

        there = f"/api/care/episodes/{other.id}/evaluations"
        said = asked("said-0001", "satisfaction", "first", PLEASED)
        made = door.post(there, json=said).json()
        assert door.post(there, json=said).json() == made
        assert code(door.post(there, json={**said, "mode": "phone"})) == (409, "id_taken")
        assert code(door.post(there, json={**said, "id": "said-0002"})) == (409, "evaluated")
        assert city.log(other).count("answers_differ") == 2
    with db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(assessments)) == 2
        assert tx.scalar(sa.select(sa.func.count()).select_from(evaluations)) == 1
        kept = [line["numbers"] for line in journal.history(tx, episode=it.id) if "answers_differ" in line["what"]]
        assert "stairs=10" in kept[0]["answers"]


def test_what_does_not_exist_is_refused_and_never_made(db: Database) -> None:
    city = Chain(db)
    it = city.open(Stage.ASSESSMENT)
    at = f"/api/care/episodes/{it.id}"
    with city.serve() as door:
        for path in ("assessments", "plan", "evaluations"):
            assert code(door.get(f"/api/care/episodes/999/{path}")) == (404, "unknown_episode")
        assert code(door.post("/api/care/episodes/999/assessments", json=assessed())) == (404, "unknown_episode")
        assert code(door.post("/api/care/episodes/999/finish", json=BY)) == (404, "unknown_episode")
        for body, why in (
            (assessed(by="park"), (404, "unknown_member")),
            (assessed(instrument="tea-leaves"), (404, "unknown_instrument")),
            (assessed(version="7"), (404, "unknown_instrument")),
            (assessed(instrument="satisfaction", answers=PLEASED), (409, "no_level")),
            (assessed(answers={}), (409, "unanswered")),
            (assessed(answers={**BARTHEL, "mood": 1}), (409, "not_asked")),
            (assessed(answers={**BARTHEL, "stairs": 7}), (409, "not_offered")),
        ):
            assert code(door.post(f"{at}/assessments", json=body)) == why
        for odd in (assessed(answers={**BARTHEL, "stairs": "5"}), assessed(answers={**BARTHEL, "stairs": True})):
            assert door.post(f"{at}/assessments", json=odd).status_code == 422
        assert door.post(f"{at}/assessments", json=assessed(extra=1)).status_code == 422
        early = city.open(Stage.INTAKE)
        assert code(door.post(f"/api/care/episodes/{early.id}/assessments", json=assessed())) == (409, "stage")
        late = asked("said-0001", "satisfaction", "first", PLEASED)
        assert code(door.post(f"/api/care/episodes/{early.id}/evaluations", json=late)) == (409, "not_now")
    assert city.standing(it).stage is Stage.ASSESSMENT
    assert city.log(it) == ["opened", "moved"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (planned(item("elsewhere")), (404, "unknown_service")),
        (planned(item("no-more")), (404, "unknown_service")),
        (planned(item(BATH, 9)), (409, "units")),
        (planned(item(days=0)), (409, "period")),
        (planned(item(days=732)), (409, "period")),
        (planned(item(start=T0 - timedelta(days=9), days=9)), (409, "period")),
        (planned(by="park"), (404, "unknown_member")),
        (planned(item(days=731)), (200, "")),
        (planned(item(start=T0 - timedelta(days=9), days=10)), (200, "")),
        (planned(item(BATH, 8)), (200, "")),
    ],
)
def test_what_may_be_planned(db: Database, body: dict[str, Any], why: tuple[int, str]) -> None:
    city = Chain(db)
    it = city.open(Stage.PLAN)
    with city.serve() as door:
        assert code(door.post(f"/api/care/episodes/{it.id}/plans", json=body)) == why
        for odd in (planned(item(units=0)), {**planned(), "items": []}, planned(*[item()] * 21)):
            assert door.post(f"/api/care/episodes/{it.id}/plans", json=odd).status_code == 422
    with db.read() as tx:
        assert len(tx.execute(sa.select(plans)).all()) == (1 if why[0] == 200 else 0)


def test_no_plan_without_consent(db: Database) -> None:
    city = Chain(db)
    with city.serve() as door:
        for state, given in ((None, False), ("asked", False), ("lapsed", False), ("refused", False), ("given", True)):
            it = city.open(Stage.PLAN, consent=state)
            at = f"/api/care/episodes/{it.id}/plans"
            id = door.post(at, json=planned()).json()["id"]
            assert code(door.post(f"{at}/{id}/agree", json=BY)) == ((200, "") if given else (409, "no_consent"))
            assert city.standing(it).stage is (Stage.LINKAGE if given else Stage.PLAN)
        it = city.open(Stage.PLAN)
        at = f"/api/care/episodes/{it.id}/plans"
        id = door.post(at, json=planned()).json()["id"]
        with db.write() as tx:
            city.consent(tx, it.person, "withdrawn", T0 + timedelta(hours=1))
            later = {"asked_at": T0, "decided_at": T0 + timedelta(hours=2)}
            tx.execute(sa.insert(consents).values(person=it.person, purpose="sharing", state="given", **later))
        assert code(door.post(f"{at}/{id}/agree", json=BY)) == (409, "no_consent")
        with db.write() as tx:
            city.consent(tx, it.person, "given", T0 + timedelta(hours=3))
        assert door.post(f"{at}/{id}/agree", json=BY).status_code == 200


def test_a_new_plan_takes_the_place_of_the_one_before(db: Database) -> None:
    city = Chain(db)
    it, other = city.open(Stage.PLAN), city.open(Stage.PLAN)
    at = f"/api/care/episodes/{it.id}"
    with city.serve() as door:
        one = door.post(f"{at}/plans", json=planned()).json()
        assert door.post(f"{at}/plans", json=planned()).json()["id"] == one["id"], "the same draft"
        two = door.post(f"{at}/plans", json=planned(item(units=5))).json()
        assert door.get(f"{at}/plan").json()["draft"] == two
        assert code(door.post(f"{at}/plans/{one['id']}/agree", json=BY)) == (409, "plan_replaced")
        elsewhere = f"/api/care/episodes/{other.id}/plans/{two['id']}/agree"
        assert code(door.post(elsewhere, json=BY)) == (404, "unknown_plan")
        assert code(door.post(f"{at}/plans/{two['id']}/agree", json={"by": "park"})) == (404, "unknown_member")
        door.post(f"{at}/plans/{two['id']}/agree", json=BY)
        three = door.post(f"{at}/plans", json=planned(item(BATH, 1))).json()
        assert door.get(f"{at}/plan").json()["agreed"]["id"] == two["id"], "in force until the next is agreed"
        live = city.order(it, two["items"][0]["id"], "accepted")
        assert code(door.post(f"{at}/plans/{three['id']}/agree", json=BY)) == (409, "orders_open")
        with db.write() as tx:
            tx.execute(sa.text("UPDATE orders SET state = 'done' WHERE id = :id"), {"id": live})
            tx.execute(sa.update(services).where(services.c.code == BATH).values(active=False))
        assert code(door.post(f"{at}/plans/{three['id']}/agree", json=BY)) == (404, "unknown_service")
        with db.write() as tx:
            tx.execute(sa.update(services).where(services.c.code == BATH).values(active=True))
        assert door.post(f"{at}/plans/{three['id']}/agree", json=BY).json()["state"] == "agreed"
        assert door.get(f"{at}/plan").json()["agreed"]["id"] == three["id"]
    with db.read() as tx:
        mine = sa.select(plans.c.id, plans.c.state).where(plans.c.episode == it.id)
        states = {row.id: row.state for row in tx.execute(mine)}
        assert states == {one["id"]: "replaced", two["id"]: "replaced", three["id"]: "agreed"}
        assert len(tx.execute(sa.select(follow_ups)).all()) == 3, "evaluations fall due once"


def test_nothing_new_is_planned_for_who_is_gone(db: Database) -> None:
    city = Chain(db)
    it, waiting = city.open(Stage.PLAN), city.open(Stage.ASSESSMENT)
    at = f"/api/care/episodes/{it.id}/plans"
    with city.serve() as door:
        id = door.post(at, json=planned()).json()["id"]
        with db.write() as tx:
            tx.execute(sa.update(persons).values(gone_at=T0, gone_why="moved"))
        assert code(door.post(at, json=planned(item(units=9)))) == (409, "gone")
        assert code(door.post(f"{at}/{id}/agree", json=BY)) == (409, "gone")
        assert code(door.post(f"/api/care/episodes/{waiting.id}/assessments", json=assessed())) == (409, "gone")


def test_the_area_s_rules_say_what_is_asked_and_what_was_asked_is_done(db: Database) -> None:
    city = Chain(db)
    it = city.open(Stage.PLAN)
    at = f"/api/care/episodes/{it.id}"
    rule = {"instrument": "quality-of-life", "first_days": 3, "again_days": 5}
    with db.write() as tx:
        body = {"city": "gwangju", "follow_ups": [rule]}
        tx.execute(sa.insert(packs).values(city="gwangju", version="1", loaded_at=T0, body=body))
    with city.serve() as door:
        door.post(f"{at}/evaluations", json=asked("said-0001", "quality-of-life", "first", WELL))
        id = door.post(f"{at}/plans", json=planned()).json()["id"]
        door.post(f"{at}/plans/{id}/agree", json=BY)
        asks = door.get(f"{at}/evaluations").json()["follow_ups"]
        assert [(one["phase"], one["state"]) for one in asks] == [("first", "done"), ("follow_up", "open")]
        far = {"before": (T0 + timedelta(days=9)).isoformat()}
        due = "/api/care/evaluations/due"
        assert len(door.get(due, params=far).json()) == 1
        assert door.get(due).json() == [], "not yet"
        assert len(door.get(due, params={**far, "area": "gwangju/nam-gu", "owner": it.owner}).json()) == 1
        assert door.get(due, params={**far, "area": "gwangju/nam"}).json() == [], "no part of a name"
        assert door.get(due, params={**far, "owner": "lee"}).json() == []
        assert door.get(due, params={"owner": "\0"}).status_code == 422


def test_what_was_answered_never_changes(db: Database) -> None:
    city = Chain(db)
    it = city.open(Stage.ASSESSMENT)
    with db.read() as tx:
        level = instruments.instrument(tx, "care-level")
    assert isinstance(level, Instrument)
    other = msgspec.structs.replace(level, en="Another")
    with db.write() as tx:
        assert instruments.put(tx, other, T0) is None, "nobody has answered yet"
        assert instruments.put(tx, level, T0) is None
        assert instruments.load_shipped(tx, T0) == 3
    with city.serve() as door:
        door.post(f"/api/care/episodes/{it.id}/assessments", json=assessed())
        with db.write() as tx:
            assert instruments.load_shipped(tx, T0) == 3, "the same again"
            assert instruments.put(tx, other, T0) == Refused(
                "instrument_answered", {"code": "care-level", "version": "1"}
            )
            assert instruments.put(tx, msgspec.structs.replace(other, version="2"), T0) is None
        shown = door.get("/api/care/instruments").json()
        assert [(one["code"], one["version"]) for one in shown] == [
            ("care-level", "1"),
            ("care-level", "2"),
            ("quality-of-life", "1"),
            ("satisfaction", "1"),
        ]
        assert shown[0]["name"]["en"] == level.en
        assert shown[0]["levels"][1] == {
            "code": "severe",
            "name": {"ko": "심한 의존", "en": "severe dependence"},
            "from": 21,
        }
        assert door.get("/api/care/instruments", params={"kind": "satisfaction"}).json() == shown[3:]
    with db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(offered)) == 4


def test_an_overdue_evaluation_is_told_once(db: Database) -> None:
    city = Chain(db)
    watched, other = city.open(Stage.PLAN, watched=True), city.open(Stage.PLAN)
    with city.serve() as door:
        for it in (watched, other):
            at = f"/api/care/episodes/{it.id}/plans"
            door.post(f"{at}/{door.post(at, json=planned()).json()['id']}/agree", json=BY)

    def told() -> int:
        with db.write() as tx:
            return chore(tx, city.hands, city.clock.now())

    assert told() == 0
    city.clock.advance(7 * 86400)
    assert told() == 2
    assert told() == 0, "once"
    city.clock.advance(23 * 86400)
    assert told() == 2, "the next ones"
    with db.read() as tx:
        live = [case for case in city.desk.list(tx, "open") if case.concern == Concern.CARE_OVERDUE]
        assert {(case.home, case.area) for case in live} == {(HOME.id, HOME.area), (None, HOME.area)}
        assert len(live) == 2, "one for each person"
    assert city.log(other).count("follow_up_late") == 2
