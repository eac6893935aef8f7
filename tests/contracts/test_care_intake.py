"""Asking for care, over HTTP and on both databases: one door, one kind of case, and nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from care import alarms, consent, episodes, intake, persons
from core.care import Origin, Stage
from core.people import Home
from core.signals import Concern, Evidence, Signal, Urgency
from store import people
from store.care_tables import applications, care_log
from store.care_tables import episodes as episodes_table
from store.care_tables import persons as persons_table
from store.database import Database
from store.tables import cases, cursors, outbox
from tests.applying import DONG, OTHER, SERVICES, Applying, application, rows
from tests.serving import HOME, T0

PATH = "/api/care/applications"


def asked(door: httpx.Client, **said: Any) -> dict[str, Any]:
    answer = door.post(PATH, json=application(**said))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx.Response) -> tuple[int, str]:
    detail = answer.json()["detail"]
    assert detail["ko"]
    assert detail["en"]
    return answer.status_code, detail["code"]


def living(city: Applying) -> set[int]:
    with city.db.read() as tx:
        return {row["id"] for row in rows(tx, cases) if row["state"] != "closed"}


@pytest.fixture
def town(db: Database) -> Applying:
    return Applying(db)


@pytest.mark.parametrize("whom", [{}, {"home": HOME.id}])
def test_every_origin_is_the_same_case_and_the_same_next_step(db: Database, whom: dict[str, str]) -> None:
    city, seen = Applying(db), []
    with city.serve() as door:
        for origin in Origin:
            it = asked(door, origin=origin.value, services=SERVICES[:2], **whom)
            call = it["care_call"]
            assert (it["origin"], it["due_at"]) == (origin.value, "2026-11-22T05:00:00Z")
            assert it["owner"] == f"office:{DONG}"
            case = [call[name] for name in ("concern", "urgency", "state", "next_action", "rung_name", "rungs")]
            state = "asked" if origin in ("referral", "neighbour", "anomaly", "compulsory_visit") else "given"
            assert [one["state"] for one in it["consents"]] == [state]
            seen.append((case, it["stage"], it["next_stage"], it["requested"], it["priority"]))
            assert it["history"][0]["what"]["en"].startswith("An episode of care was opened (")
            assert origin.value not in it["history"][0]["what"]["ko"], "codes are said in words"
            door.post(f"/api/care/episodes/{it['id']}/close", json={"ended": "not_needed", "by": "kim"})
    assert [one for one in seen if one != seen[0]] == []
    assert seen[0][0][0] == "application"
    assert seen[0][1:3] == ("intake", "assessment")


def test_five_services_at_a_time_and_not_six(town: Applying) -> None:
    with town.serve() as door:
        assert asked(door, services=SERVICES[:5])["requested"] == SERVICES[:5]
        assert refused(door.post(PATH, json=application(services=SERVICES[:6]))) == (409, "too_many_services")
        assert refused(door.post(PATH, json=application(services=["dancing"]))) == (404, "unknown_service")
        assert asked(door, services=[SERVICES[0]] * 6)["requested"] == SERVICES[:1]


def test_what_is_refused_leaves_nobody_behind(town: Applying) -> None:
    strange = [
        ({"home": "home-none"}, 404, "unknown_home"),
        ({"person": "p-nobody-at-all"}, 404, "unknown_person"),
        ({"name": "정말순", "area": "gwangju/nam-gu/nowhere-dong"}, 404, "unknown_area"),
        ({"name": "정말순", "area": "gwangju/nam-gu"}, 404, "unknown_area"),
        ({"name": "\u200b", "area": DONG}, 409, "whom"),
        ({"name": "정말순"}, 409, "whom"),
        ({"home": HOME.id, "name": "정말순", "area": DONG}, 409, "whom"),
        ({"id": "case-0000001"}, 409, "id_reserved"),
        ({"services": ["dancing"]}, 404, "unknown_service"),
        ({"home": HOME.id, "exercise": True}, 409, "exercise_of_real"),
    ]
    with town.serve() as door:
        for said, status, code in strange:
            assert refused(door.post(PATH, json=application(**said))) == (status, code), said
        for more in ({"age": 80}, {"income": 0}, {"id": "x"}, {"origin": "rumour"}):
            assert door.post(PATH, json=application() | more).status_code == 422
    with town.db.read() as tx:
        assert [rows(tx, table) for table in (persons_table, episodes_table, applications, cases)] == [[]] * 4


def test_sent_again_it_is_the_same_and_another_text_overwrites_nobody(town: Applying) -> None:
    first = application(note="계단에서 넘어짐", services=SERVICES[:2])
    with town.serve() as door:
        it = door.post(PATH, json=first).json()
        town.clock.advance(60)
        assert door.post(PATH, json=first | {"services": SERVICES[1::-1]}).json() == it
        for other in ({"name": "나쁜놈"}, {"note": "x"}, {"services": SERVICES[:3]}, {"origin": "self"}, {"by": "lee"}):
            for _ in range(2):
                assert refused(door.post(PATH, json=first | other)) == (409, "id_taken")
        after = door.get(f"/api/care/episodes/{it['id']}").json()
        assert [one["conflict"] for one in after.pop("applications")] == [False, *[True] * 5], "kept, each once"
        assert it.pop("applications")
        assert after == it | {"members": {"kim": "김지민", "lee": "이수진"}}, "whoever sent the other text is named"
        assert door.get(f"/api/care/persons/{it['person']}").json()["name"] == "정말순"
        door.post(f"/api/care/episodes/{it['id']}/close", json={"ended": "declined", "by": "kim"})
        closed = door.post(PATH, json=first).json()
        assert (closed["id"], closed["stage"]) == (it["id"], "closed"), "what is closed is not opened by a resend"
    assert living(town) == set()


def test_a_second_application_joins_the_first_and_calls_its_owner(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, home=HOME.id, services=SERVICES[:2], origin="neighbour")
        door.post(f"/api/care/episodes/{it['id']}/take", json={"by": "kim"})
        again = application(person=it["person"], services=SERVICES[1:4], priority="urgent", origin="self")
        joined = door.post(PATH, json=again).json()
        assert (joined["id"], joined["case"]) == (it["id"], it["case"])
        assert (joined["requested"], joined["priority"]) == (SERVICES[:4], "urgent")
        assert joined["due_at"] == "2026-11-21T09:00:00Z", "urgent: in four hours"
        assert [one["state"] for one in joined["consents"]] == ["given"], "they have applied themselves by now"
        assert [line["key"] for line in joined["history"]].count("care.log.joined") == 1
        assert door.post(PATH, json=again).json()["history"] == joined["history"]
        assert refused(door.post(PATH, json=again | {"priority": "soon"})) == (409, "id_taken")
        calm = asked(door, person=it["person"], priority="routine", services=SERVICES[4:5])
        assert (calm["priority"], calm["due_at"]) == ("urgent", joined["due_at"])
        assert refused(door.post(PATH, json=application(home=HOME.id, services=SERVICES[5:]))) == (
            409,
            "too_many_services",
        )
        timeline = door.get(f"/api/cases/{it['case']}").json()["timeline"]
        assert sum("Care was asked for" in line["what"]["en"] for line in timeline) >= 3
    with town.db.read() as tx:
        told = [row["key"] for row in rows(tx, outbox) if row["purpose"] == "application"]
        assert len(told) == 2, "each that came in once"
        assert len(rows(tx, episodes_table)) == 1
    assert living(town) == {it["case"]}


def test_each_episode_has_its_own_case_and_leaves_none_open(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, home=HOME.id)
        on = {"to": "assessment", "contact": "phone", "by": "kim"}
        moved = door.post(f"/api/care/episodes/{it['id']}/move", json=on).json()
        assert (moved["stage"], moved["care_call"]["state"]) == ("assessment", "closed")
        assert moved["care_call"]["outcome"] == "care"
        later = asked(door, home=HOME.id, services=SERVICES[:1])
        assert (later["id"], later["stage"]) == (it["id"], "assessment")
        assert later["case"] != it["case"]
        assert living(town) == {later["case"]}, "it joins, and somebody hears of it"
        door.post(f"/api/care/episodes/{it['id']}/close", json={"ended": "declined", "by": "kim"})
        assert living(town) == set()
        new = asked(door, home=HOME.id)
        assert new["id"] != it["id"]
        assert new["case"] not in (it["case"], later["case"])
        # Closed by hand at the desk while the intake goes on: the next application is heard all the same.
        town.close_case(new["case"], "care")
        more = asked(door, home=HOME.id)
        assert (more["id"], more["case"] in living(town)) == (new["id"], True)
        door.post(f"/api/care/episodes/{new['id']}/move", json=on)
    assert living(town) == set()


def test_an_exercise_is_nobody_and_stays_nobody(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, exercise=True)
        assert it["exercise"]
        assert "훈련" in it["care_call"]["why"]["ko"]
        assert refused(door.post(PATH, json=application(person=it["person"]))) == (409, "real_of_exercise")
        assert asked(door, person=it["person"], exercise=True)["id"] == it["id"]
        real = asked(door)
        assert refused(door.post(PATH, json=application(person=real["person"], exercise=True))) == (
            409,
            "exercise_of_real",
        )
        assert [one["id"] for one in door.get("/api/care/episodes").json()] == [real["id"]]
        assert [one["id"] for one in door.get("/api/care/episodes?exercise=true").json()] == [it["id"]]
        end = {"ended": "exercise", "by": "kim"}
        assert refused(door.post(f"/api/care/episodes/{real['id']}/close", json=end)) == (409, "exercise_of_real")
        closed = door.post(f"/api/care/episodes/{it['id']}/close", json=end).json()
        assert closed["care_call"]["outcome"] == "exercise", "no figure counts it"


def test_a_real_alarm_becomes_care_exactly_once(town: Applying) -> None:
    canary = Home("canary-01", "canary-gw", DONG)
    with town.db.write() as tx:
        people.put_home(tx, town.db.backend, canary, T0)
    sos = town.press()
    silent = town.press(OTHER)
    synthetic = town.press(canary)
    town.close_case(sos, "true_emergency")
    town.close_case(silent, "safe")
    town.close_case(synthetic, "true_emergency")

    def run() -> list[episodes.Episode]:
        with town.db.write() as tx:
            while alarms.chore(tx, town.hands, town.now):
                pass
            return list(episodes.select(tx, limit=50))

    (it,) = run()
    assert (it.case_id, it.origin, it.priority, it.owner) == (sos, "button", "urgent", "kim")
    assert (it.stage, it.due_at) == (Stage.INTAKE, T0 + timedelta(hours=4))
    assert run() == [it]
    with town.db.write() as tx:
        tx.execute(sa.delete(cursors).where(cursors.c.fold == alarms.FOLD))
    assert run() == [it], "also where all is read anew"
    with town.db.read() as tx:
        assert [one.state for one in consent.of_episode(tx, it.id)] == ["asked"], "a cry for help is no application"
    fire = town.signal(Concern.SMOKE, Urgency.URGENT, Evidence("evidence.smoke", {"device": "kitchen"}))
    town.close_case(fire, "care")
    (joined,) = run()
    assert (joined.id, joined.case_id) == (it.id, sos)
    with town.db.read() as tx:
        assert [one.case_id for one in intake.applications_of(tx, it.id)] == [sos, fire]
    with town.db.write() as tx:
        assert persons.gone(tx, it.person, persons.Ended.DIED, T0, "kim", town.hands, T0)
    town.close_case(town.press(), "true_emergency")
    assert len(run()) == 1, "nothing is planned for the dead"


def test_what_stands_still_is_told_once_in_each_stage(town: Applying) -> None:
    def run() -> int:
        with town.db.write() as tx:
            alarms.chore(tx, town.hands, town.now)
            consent.chore(tx, town.hands, town.now)
            told = sa.select(sa.func.count()).where(care_log.c.what == "care.log.overdue")
            return tx.scalar(told) or 0

    with town.serve() as door:
        it = asked(door, origin="referral")
        other = asked(door, origin="referral", exercise=True)
        assert run() == 0
        town.clock.advance(24 * 3600)
        assert [run(), run()] == [2, 2]
        (late,) = door.get("/api/care/overdue").json()
        assert (late["what"], late["id"], late["owner"]) == ("episode", it["id"], f"office:{DONG}")
        assert door.get("/api/care/overdue?area=gwangju/seo-gu").json() == []
        assert [one["id"] for one in door.get("/api/care/overdue?exercise=true").json()] == [other["id"]]
        assert [one["id"] for one in door.get("/api/care/episodes?overdue=true").json()] == [it["id"]]
        on = {"to": "assessment", "contact": "phone", "by": "kim"}
        door.post(f"/api/care/episodes/{it['id']}/move", json=on)
        assert door.get("/api/care/overdue").json() == []
        town.clock.advance(72 * 3600)
        assert [run(), run()] == [3, 3]
        overdue = [one for one in door.get("/api/cases").json() if one["concern"] == "care_overdue"]
        assert len(overdue) == 2, "one for each person, which the second joins"
        town.clock.advance(14 * 86400)
        run()
        late = door.get("/api/care/overdue").json()
        assert [one["what"] for one in late] == ["episode", "consent"]
        assert door.get("/api/care/overdue?limit=1&offset=1").json() == late[1:]
        said = {"purpose": "care", "decision": "given", "by": "kim"}
        assert door.post(f"/api/care/persons/{it['person']}/consents", json=said).status_code == 200
        assert [one["what"] for one in door.get("/api/care/overdue").json()] == ["episode"]


def test_only_who_answers_for_it_takes_it_and_no_stage_is_skipped(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, home=HOME.id)
        path = f"/api/care/episodes/{it['id']}"
        for by, why in [("lee", "not_theirs"), ("worker-1", "not_theirs"), ("away", None), ("nobody", None)]:
            for verb, more in [
                ("take", {}),
                ("move", {"to": "assessment", "contact": "phone"}),
                ("close", {"ended": "declined"}),
            ]:
                status = (409, why) if why else (404, "unknown_member")
                assert refused(door.post(f"{path}/{verb}", json={"by": by} | more)) == status
        assert refused(door.post("/api/care/episodes/999/take", json={"by": "kim"})) == (404, "unknown_episode")
        assert door.get("/api/care/episodes/999").status_code == 404
        taken = door.post(f"{path}/take", json={"by": "kim"}).json()
        assert (taken["owner"], taken["care_call"]["owner"], taken["care_call"]["state"]) == (
            "kim",
            "kim",
            "acknowledged",
        )
        assert door.post(f"{path}/take", json={"by": "kim"}).json() == taken
        assert [one["id"] for one in door.get("/api/care/episodes?owner=kim&stage=intake&area=gwangju").json()] == [
            it["id"]
        ]
        for stage in Stage:
            if stage is not Stage.ASSESSMENT:
                on = {"to": stage.value, "contact": "phone", "by": "kim"}
                assert refused(door.post(f"{path}/move", json=on)) == (409, "own_work")
        assert refused(door.post(f"{path}/close", json={"ended": "completed", "by": "kim"})) == (409, "not_evaluated")
        town.clock.advance(60)
        on = {"to": "assessment", "contact": "phone", "by": "kim"}
        moved = door.post(f"{path}/move", json=on, headers={"Idempotency-Key": "m1"})
        assert door.post(f"{path}/move", json=on, headers={"Idempotency-Key": "m1"}).json() == moved.json()
        assert refused(door.post(f"{path}/move", json=on)) == (409, "stage")
        assert door.get(f"/api/care/persons/{it['person']}").json()["contact_at"] == "2026-11-21T05:01:00Z"
        closed = door.post(f"{path}/close", json={"ended": "moved", "by": "kim"}).json()
        assert (closed["stage"], closed["due_at"], closed["ended"]) == ("closed", None, "moved")
        for verb, more in [("take", {}), ("move", on), ("close", {"ended": "declined"})]:
            assert refused(door.post(f"{path}/{verb}", json={"by": "kim"} | more)) == (409, "closed")
        assert door.get(path).json() == closed
        assert refused(door.post(PATH, json=application(home=HOME.id))) == (409, "gone")


def test_a_signal_of_a_case_that_nobody_can_look_up_is_no_care(town: Applying) -> None:
    outage = Signal("area/1", Concern.AREA_OUTAGE, Urgency.URGENT, T0, (), "test", area=DONG)
    with town.db.write() as tx:
        case = town.desk.signal(tx, outage, None, T0)
    assert case is not None
    town.close_case(case, "care")
    with town.db.write() as tx:
        alarms.chore(tx, town.hands, T0)
        assert episodes.select(tx, limit=5) == []
