"""The people of the care chain over HTTP, on both databases: what is known of them, who reads it, and their word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from care import consent, facts, persons, profile
from core.care import Ended, Refused
from core.people import Role
from store.care_tables import care_log, orders, person_facts, plan_items, plans, tasks, visits
from store.database import Database
from store.pack_tables import provider_staff, providers
from store.tables import case_log, cases, outbox, signals
from tests.applying import DONG, OTHER, SERVICES, Applying, application, rows
from tests.contracts.test_care_intake import asked, living, refused
from tests.serving import HOME, T0

KIM = {"by": "kim"}


@pytest.fixture
def town(db: Database) -> Applying:
    return Applying(db)


def said(door: httpx.Client, person: str, purpose: str, decision: str) -> httpx.Response:
    body = {"purpose": purpose, "decision": decision} | KIM
    return door.post(f"/api/care/persons/{person}/consents", json=body)


def delivered(town: Applying, person: str, episode: int) -> None:
    """A provider's order for somebody, a task of it, and the worker who delivers it."""
    with town.db.write() as tx:
        tx.execute(sa.insert(providers).values(
            id="prov-1", city="gwangju", name_ko="온", name_en="On", kind="private", areas=["gwangju"], active=True
        ))  # fmt: skip
        tx.execute(sa.insert(provider_staff).values(member="worker-1", provider="prov-1"))
        tx.execute(sa.insert(plans).values(id=1, episode=episode, state="agreed", goals="", by="kim", at=T0))
        end = T0 + timedelta(days=30)
        item = {"id": 1, "plan": 1, "service": SERVICES[0], "units": 3, "start": T0, "end": end}
        tx.execute(sa.insert(plan_items).values(item))
        tx.execute(sa.insert(orders).values(
            id=1, episode=episode, item=1, person=person, area=DONG, service=SERVICES[0], provider="prov-1", units=3,
            price_won=1, start=T0, end=end, state="accepted", owner="prov-1", offered_at=T0, exercise=False,
        ))  # fmt: skip
        task = {"order": 1, "key": "t-1", "worker": "worker-1", "units": 1, "planned_at": end, "due_at": end}
        tx.execute(sa.insert(tasks).values(**task, state="assigned", by="prov-1", at=T0))
        for id, of in [("v-of-it", episode), ("v-round", None)]:
            tx.execute(sa.insert(visits).values(
                id=id, episode=of, person=person, area=DONG, kind="compulsory", reason="x", state="planned",
                owner="kim", due_at=end, version=0, exercise=False, created_at=T0,
            ))  # fmt: skip


def test_each_reader_sees_what_is_for_their_eyes(town: Applying) -> None:
    facts_ = {"birth_year": 1941, "income_band": "near_poverty", "key_safe": "4711", "challenges": ["hearing"]}
    with town.serve() as door:
        it = asked(door)
        path = f"/api/care/persons/{it['person']}"
        delivered(town, it["person"], it["id"])
        for field, value in facts_.items():
            put = door.put(f"{path}/facts/{field}", json={"value": value} | KIM)
            assert put.status_code == 200, put.text
            assert put.json()["value"] == value

        def read(reader: str) -> Any:
            answer = door.get(f"{path}/facts", params={"reader": reader})
            return {one["field"] for one in answer.json()} if answer.status_code == 200 else refused(answer)

        assert read("kim") == set(facts_)
        assert read("lee") == (409, "not_theirs")
        assert read("nobody") == read("away") == (404, "unknown_member")
        assert read("worker-1") == (409, "not_shared")
        said(door, it["person"], "sharing", "given")
        assert read("worker-1") == {"key_safe", "challenges"}
        said(door, it["person"], "sharing", "withdrawn")
        assert read("worker-1") == (409, "not_shared")
        other = asked(door, name="다른분", area=DONG)["person"]
        assert refused(door.get(f"/api/care/persons/{other}/facts?reader=worker-1")) == (409, "not_theirs")
        fields = door.get("/api/care/profile").json()
        assert {one["field"] for one in fields} == set(profile.FIELDS)
        assert all(one["readers"] and one["purpose"]["ko"] != "" for one in fields)
        assert "4711" not in door.get(path).text, "the journal knows that a fact changed, and not what it says"
    with town.db.read() as tx:
        for role in Role:
            read_by = {one.field for one in facts.facts(tx, it["person"], role)}
            assert read_by == {field for field in facts_ if role in profile.FIELDS[field].readers}
        assert facts.facts(tx, it["person"], Role.CANARY) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shoe_size", 41),
        ("birth_year", "1941"),
        ("birth_year", True),
        ("birth_year", 1500),
        ("birth_year", 10**30),
        ("gender", "unknown"),
        ("challenges", "hearing"),
        ("challenges", ["hearing", "dancing"]),
        ("contacts", ["x"] * 21),
        ("key_safe", "x" * 501),
        ("key_safe", "a\0b"),
        ("key_safe", "  "),
        ("pets", 1),
    ],
)
def test_a_fact_of_the_wrong_kind_is_refused(town: Applying, field: str, value: Any) -> None:
    with town.db.write() as tx:
        it = persons.register(tx, "tablet-0001", "정말순", DONG, "kim", T0)
        assert isinstance(it, persons.Person)
        assert facts.put_fact(tx, it.id, field, value, "kim", T0) == Refused("bad_fact", {"field": field})
        assert rows(tx, person_facts) == []


def test_a_consent_is_asked_given_taken_back_and_decides(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, origin="referral")
        (first,) = it["consents"]
        assert (first["state"], first["due_at"]) == ("asked", "2026-12-05T05:00:00Z")
        assert refused(said(door, it["person"], "care", "withdrawn")) == (409, "nothing_given")
        given = said(door, it["person"], "care", "given").json()
        assert [one["state"] for one in given["consents"]] == ["given"]
        assert said(door, it["person"], "care", "given").json() == given
        assert refused(said(door, it["person"], "care", "refused")) == (409, "consent_given")
        assert refused(said(door, "p-nobody", "care", "given")) == (404, "unknown_person")
        with town.db.read() as tx:
            assert consent.given(tx, it["person"], "care")
            assert not consent.given(tx, it["person"], "sharing")
        back = said(door, it["person"], "care", "withdrawn").json()
        assert [(one["stage"], one["ended"]) for one in back["episodes"]] == [("closed", "declined")]
        with town.db.read() as tx:
            assert not consent.given(tx, it["person"], "care")
        again = asked(door, person=it["person"], origin="neighbour")
        assert [one["state"] for one in again["consents"]] == ["asked"]
        done = said(door, it["person"], "care", "refused").json()
        assert [one["ended"] for one in done["episodes"]] == ["declined", "declined"]
        third = asked(door, person=it["person"], origin="self")
        with town.db.read() as tx:
            assert consent.given(tx, it["person"], "care"), "who applies agrees"
        door.post(f"/api/care/episodes/{third['id']}/close", json={"ended": "not_needed"} | KIM)
        fourth = asked(door, person=it["person"], origin="referral")
        with town.db.read() as tx:
            assert not consent.given(tx, it["person"], "care"), "who is asked anew has not said it yet"
        ended = door.post(f"/api/care/episodes/{fourth['id']}/close", json={"ended": "not_needed"} | KIM).json()
        assert [one["state"] for one in ended["consents"]] == ["lapsed"]
        assert door.get("/api/care/overdue").json() == []
    with town.db.write() as tx:
        assert consent.chore(tx, town.hands, T0 + timedelta(days=99)) == 0, "nobody is asked where all is over"


def test_a_consent_past_its_deadline_is_told_once_and_can_still_be_given(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, origin="referral", home=HOME.id)
        for days, done in [(13.99, 0), (14, 1), (20, 0)]:
            with town.db.write() as tx:
                assert consent.chore(tx, town.hands, T0 + timedelta(days=days)) == done
        with town.db.read() as tx:
            assert [row["concern"] for row in rows(tx, signals)] == ["application", "care_overdue"]
        given = said(door, it["person"], "care", "given").json()
        assert [one["state"] for one in given["consents"]] == ["lapsed", "given"]
        assert asked(door, person=it["person"], origin="referral")["consents"][-1]["state"] == "given"


def test_who_is_gone_gets_nothing_more(town: Applying) -> None:
    with town.serve() as door:
        it = asked(door, origin="referral")
        path = f"/api/care/persons/{it['person']}"
        delivered(town, it["person"], it["id"])
        gone = {"why": "died", "at": "2026-11-21T04:00:00Z"} | KIM
        assert refused(door.post(f"{path}/gone", json=gone | {"at": "2026-11-22T00:00:00Z"})) == (409, "not_yet")
        assert refused(door.post(f"{path}/gone", json=gone | {"by": "lee"})) == (409, "not_theirs")
        body = door.post(f"{path}/gone", json=gone).json()
        assert (body["gone_at"], body["gone_why"]) == ("2026-11-21T04:00:00Z", "died")
        assert [(one["stage"], one["ended"]) for one in body["episodes"]] == [("closed", "died")]
        assert [one["state"] for one in body["consents"]] == ["lapsed"]
        town.clock.advance(3600)
        assert door.post(f"{path}/gone", json=gone | {"at": "2026-11-21T05:30:00Z"}).json() == body
        assert refused(door.post(f"{path}/gone", json=gone | {"why": "moved"})) == (409, "gone")
        assert refused(door.post("/api/care/applications", json=application(person=it["person"]))) == (409, "gone")
        assert refused(said(door, it["person"], "care", "given")) == (409, "gone")
    with town.db.read() as tx:
        assert {row["state"] for table in (visits, tasks, orders) for row in rows(tx, table)} == {"cancelled"}
    assert living(town) == set()


def test_two_names_that_look_alike_are_found_as_one(town: Applying) -> None:
    with town.serve() as door:
        body = {"id": "tablet-9001", "name": "Kim\u200b  Sun\u00adja", "area": DONG} | KIM
        it = door.post("/api/care/persons", json=body).json()
        assert (it["id"], it["name"]) == ("p-tablet-9001", "Kim Sunja")
        assert door.post("/api/care/persons", json=body | {"name": "ＫＩＭ sunja"}).json()["id"] == it["id"]
        for other in ({"name": "Lee"}, {"area": OTHER.area, "by": "lee"}, {"exercise": True}):
            assert refused(door.post("/api/care/persons", json=body | other)) == (409, "person_taken")
        for text in ("kims", "ＫＩＭ SUNJA", "sun\u200bja", ""):
            assert [one["id"] for one in door.get("/api/care/persons", params={"text": text}).json()] == [it["id"]]
        for none in ({"text": "%"}, {"text": "_"}, {"area": "gwangju/nam"}, {"exercise": "true"}, {"offset": "1"}):
            assert door.get("/api/care/persons", params=none).json() == []
        assert door.get("/api/care/persons", params={"area": "gwangju/nam-gu"}).json() != []
        for at, status in [("2026-11-21T05:00:01Z", 409), ("2026-11-21T05:00:00Z", 200), ("2026-11-20T00:00:00Z", 200)]:
            met = door.post(f"/api/care/persons/{it['id']}/contact", json={"at": at} | KIM)
            assert met.status_code == status
        assert met.json()["contact_at"] == "2026-11-21T05:00:00Z", "an earlier one takes nothing back"
        assert door.get("/api/care/persons/p-nobody").status_code == 404
        assert refused(door.post("/api/care/applications", json=application(id="tablet-9001"))) == (409, "person_taken")


def test_a_tie_is_between_two_who_are_known_and_real(town: Applying) -> None:
    with town.serve() as door:
        ids = [asked(door, name=name, area=DONG)["person"] for name in ("정말순", "정보호")]
        nobody = asked(door, exercise=True)["person"]
        path = f"/api/care/persons/{ids[0]}/ties"
        for other, why in [
            (ids[0], (409, "oneself")),
            ("p-nobody", (404, "unknown_person")),
            (nobody, (409, "exercise_of_real")),
        ]:
            assert refused(door.put(f"{path}/{other}", json={"kind": "guardian"} | KIM)) == why
        tied = door.put(f"{path}/{ids[1]}", json={"kind": "guardian"} | KIM).json()
        assert [(one["other"], one["kind"]) for one in tied["ties"]] == [(ids[1], "guardian")]
        assert door.put(f"{path}/{ids[1]}", json={"kind": "guardian"} | KIM).json() == tied
        changed = door.put(f"{path}/{ids[1]}", json={"kind": "young_carer"} | KIM).json()
        assert [one["kind"] for one in changed["ties"]] == ["young_carer"]
        assert door.put(f"{path}/{ids[1]}", json={"kind": "friend"} | KIM).status_code == 422
        assert door.post(f"{path}/{ids[1]}/end", json=KIM).json()["ties"] == []
        assert refused(door.post(f"{path}/{ids[1]}/end", json=KIM)) == (404, "unknown_tie")


@pytest.mark.parametrize("tied", [False, True])
def test_a_guardian_who_is_well_proves_nobody_else_safe(town: Applying, tied: bool) -> None:
    """The same day, with a tie and without: the guardian is home, moves and says that all is well."""
    with town.db.write() as tx:
        resident, guardian = (persons.of_home(tx, home, T0) for home in (HOME, OTHER))
        if tied:
            assert not isinstance(facts.tie(tx, resident.id, guardian.id, "guardian", "kim", T0), Refused)
    case = town.fall_silent()
    with town.db.write() as tx:
        town.desk.answered(tx, OTHER.id, "ask-1", "ok", town.now)
        persons.met(tx, guardian.id, town.now)
    assert living(town) == {case}
    with town.db.write() as tx:
        persons.gone(tx, guardian.id, Ended.MOVED, T0, "kim", town.hands, T0)
        it = persons.person(tx, resident.id)
        assert it is not None
        assert (it.gone_at, it.contact_at) == (None, T0)
        told = [(row["state"], row["outcome"], row["home"]) for row in rows(tx, cases)]
        lines = [(row["what"], row["who"]) for row in rows(tx, case_log)]
        assert told == [("verifying", None, HOME.id)]
        assert lines == [(row["what"], row["who"]) for row in rows(tx, case_log) if row["case_id"] == case]
        assert {row["case_id"] for row in rows(tx, outbox)} <= {case}
        assert "care.log.gone" in [row["what"] for row in rows(tx, care_log)]


def test_nothing_that_decides_about_an_alarm_knows_of_ties() -> None:
    root = Path(__file__).parents[2]
    users = {
        str(path.relative_to(root))
        for room in ("alerts", "anomaly", "ingest", "gateway", "store", "care", "api", "app")
        for path in (root / room).rglob("*.py")
        if "person_ties" in path.read_text(encoding="utf-8") and "versions" not in path.parts
    }
    assert users == {"store/care_tables.py", "care/facts.py"}
