"""What other systems are given of an episode and of a Care Call, on both databases and over HTTP, and that it can be
read by their rules."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa

from core.people import Home
from core.signals import Concern, Signal, Urgency
from store import people
from store.care_tables import care_log, episodes, orders, persons, tasks, visits
from store.database import Database
from store.tables import cases, residents
from tests.care_history import DONG, full_episode, member, put
from tests.serving import HOME, KIM, T0, City

HOSTILE = "김<b>순자</b>&amp;\x00\x08\x1b\ufffe]]>\"'\u2028 \n<!--"

# --- FHIR

STATUSES = {
    "Flag": {"active", "inactive", "entered-in-error"},
    "CarePlan": {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
    "ServiceRequest": {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
    "CareTeam": {"proposed", "active", "suspended", "inactive", "entered-in-error"},
    "Observation": {"registered", "preliminary", "final", "amended", "corrected", "cancelled"},
    "Encounter": {"planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled"},
    "Task": {
        *("draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold"),
        *("failed", "completed", "entered-in-error"),
    },
}
"""The value sets of HL7 FHIR R4 (4.0.1), with a required binding."""


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["reference"]] if isinstance(node.get("reference"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def moments(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [found for value in node.values() for found in moments(value)]
    if isinstance(node, list):
        return [found for value in node for found in moments(value)]
    return [node] if isinstance(node, str) and re.match(r"\d{4}-\d\d-\d\dT", node) else []


@pytest.mark.parametrize("exercise", [False, True])
def test_an_episode_is_a_bundle_that_another_system_can_read(db: Database, exercise: bool) -> None:
    from fhir.resources.R4B.bundle import Bundle

    city = City(db)
    case = city.press()
    with db.write() as tx:
        id = full_episode(tx, HOME, case, exercise=exercise)
    with city.serve() as door:
        assert door.get("/api/care/episodes/999/fhir").status_code == 404
        answer = door.get(f"/api/care/episodes/{id}/fhir")
    assert answer.headers["content-type"] == "application/fhir+json"
    body = answer.json()
    assert body["type"] == "collection"
    assert Bundle.model_validate_json(answer.text).entry
    found = [entry["resource"] for entry in body["entry"]]
    kinds = [one["resourceType"] for one in found]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    few = {"Patient": 1, "Flag": 1, "CareTeam": 1, "CarePlan": 2, "ServiceRequest": 4, "Task": 4, "Encounter": 6}
    assert counts == few | {"Observation": 3, "Practitioner": 2, "Organization": 1}
    here = {entry["fullUrl"] for entry in body["entry"]}
    assert len(here) == len(found)
    assert set(references(body)) <= here
    assert all(entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}" for entry in body["entry"])
    assert {one["status"] for one in found if one["resourceType"] == "Task"} == {
        *("accepted", "completed", "failed", "cancelled")
    }
    for one in found:
        assert one.get("status") in STATUSES.get(one["resourceType"], {None}), one
        labels = [label["code"] for label in one.get("meta", {}).get("security", [])]
        assert labels == (["HTEST"] if exercise else [])
    assert all(datetime.fromisoformat(at).tzinfo for at in moments(body))
    assert len(moments(body)) > 20
    for secret in ("김순자", "secret", "한 이웃"):
        assert secret not in answer.text


def test_a_name_is_given_to_who_answers_for_it_and_that_is_written_down(db: Database) -> None:
    city = City(db)
    case = city.press()
    with db.write() as tx:
        id = full_episode(tx, HOME, case, name=HOSTILE.replace("\x00", ""))
        member(tx, "far", "manager", area="daejeon")
        member(tx, "left", "manager", active=False)
    with city.serve() as door:
        url = f"/api/care/episodes/{id}/fhir?named=true"
        assert door.get(url).status_code == 422, "a program says for whom"
        for reader in ("far", "left", "park", "nobody"):
            answer = door.get(url, params={"named": "true", "reader": reader})
            assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "no_reader")
        given = door.get(url, params={"named": "true", "reader": KIM.id})
        assert door.get("/api/care/episodes/999/fhir", params={"named": "true", "reader": "kim"}).status_code == 404
    patient = given.json()["entry"][0]["resource"]
    assert patient["name"][0]["text"].startswith("김<b>순자</b>")
    assert "secret goal" in given.text
    with db.read() as tx:
        lines = tx.execute(sa.select(care_log.c.who).where(care_log.c.what == "care.log.named_export")).all()
    assert [line.who for line in lines] == ["kim"]


# --- CAP 1.2: the document object model of the OASIS standard, in order: (name, least, most, children or values)

ORDER: dict[str, list[tuple[str, int, int | None]]] = {
    "alert": [
        *(("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1)),
        *(("source", 0, 1), ("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, None)),
        *(("note", 0, 1), ("references", 0, 1), ("incidents", 0, 1), ("info", 0, None)),
    ],
    "info": [
        *(("language", 0, 1), ("category", 1, None), ("event", 1, 1), ("responseType", 0, None), ("urgency", 1, 1)),
        *(("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, None), ("effective", 0, 1)),
        *(("onset", 0, 1), ("expires", 0, 1), ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1)),
        *(("instruction", 0, 1), ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, None), ("resource", 0, None)),
        ("area", 0, None),
    ],
    "area": [
        *(("areaDesc", 1, 1), ("polygon", 0, None), ("circle", 0, None), ("geocode", 0, None)),
        *(("altitude", 0, 1), ("ceiling", 0, 1)),
    ],
    "parameter": [("valueName", 1, 1), ("value", 1, 1)],
    "geocode": [("valueName", 1, 1), ("value", 1, 1)],
}
VALUES = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
CAP_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
NS = "{urn:oasis:names:tc:emergency:cap:1.2}"


def conforms(node: ET.Element) -> None:
    """An element and all below it keep the standard's rules."""
    assert node.tag.startswith(NS)
    name = node.tag.removeprefix(NS)
    text = node.text or ""
    if name in VALUES:
        assert text in VALUES[name].split()
    if name in ("sent", "effective", "onset", "expires"):
        assert CAP_TIME.fullmatch(text)
    if name in ("identifier", "sender"):
        assert text
        assert not re.search(r"[\s,<&]", text)
    if name not in ORDER:
        assert len(node) == 0
        assert text.strip()
        return
    children = [child.tag.removeprefix(NS) for child in node]
    places = [child for child, _, _ in ORDER[name]]
    assert [places.index(child) for child in children] == sorted(places.index(child) for child in children)
    for child, least, most in ORDER[name]:
        assert least <= children.count(child) <= (most or 1000), child
    if name == "alert":
        assert ("restriction" in children) == (value(node, "scope") == "Restricted")
        assert "addresses" in children or value(node, "scope") != "Private"
        assert "references" in children or value(node, "msgType") not in ("Update", "Cancel")
    for child_node in node:
        conforms(child_node)


def value(node: ET.Element, name: str) -> str:
    found = node.find(NS + name)
    assert found is not None
    return found.text or ""


def test_a_case_is_handed_over_as_a_cap_message(db: Database) -> None:
    city = City(db)
    case = city.press()
    with db.write() as tx:
        people.put_area(tx, db.backend, "gwangju", "광주광역시", "Gwangju")
        people.put_area(tx, db.backend, DONG, "봉선1동", "Bongseon 1-dong")
        # As a row of a database that was filled by another door.
        hostile = HOSTILE if db.backend == "sqlite" else HOSTILE.replace("\x00", "")
        tx.execute(sa.update(residents).where(residents.c.home == HOME.id).values(name=hostile))
    with city.serve() as door:
        assert door.get("/api/care/cases/999/cap").json()["detail"]["code"] == "unknown_case"
        first = door.get(f"/api/care/cases/{case}/cap")
        again = door.get(f"/api/care/cases/{case}/cap")
        city.clock.advance(60)
        with db.write() as tx:
            city.desk.act(tx, case, "ack", "kim", city.clock.now())
            city.desk.act(tx, case, "close", "kim", city.clock.now(), outcome="true_emergency", contact="visit")
        last = door.get(f"/api/care/cases/{case}/cap")
    assert first.headers["content-type"] == "application/cap+xml"
    assert first.content == again.content, "one state, one message"
    alert, cancel = ET.fromstring(first.content), ET.fromstring(last.content)
    for message in (alert, cancel):
        conforms(message)
        assert [value(info, "language") for info in message.iter(NS + "info")] == ["ko-KR", "en-US"]
    assert (value(alert, "status"), value(alert, "msgType")) == ("Actual", "Alert")
    assert value(alert, "sent").endswith("+09:00")
    assert value(alert, "sender") == "anbu@city.example"
    ko, en = alert.iter(NS + "info")
    assert "김<b>순자</b>&amp;]]>\"' <!--" in value(ko, "description")
    assert (value(en, "urgency"), value(en, "severity"), value(en, "certainty")) == ("Immediate", "Severe", "Observed")
    assert "Bongseon 1-dong" in "".join(ko.itertext()) + "".join(en.itertext())
    assert not re.search("[가-힣]", value(en, "headline"))
    assert value(cancel, "msgType") == "Cancel"
    named = value(alert, "sender") + "," + value(alert, "identifier") + "," + value(alert, "sent")
    assert named in value(cancel, "references").split()
    assert value(cancel, "identifier") != value(alert, "identifier")
    assert value(cancel, "incidents") == value(alert, "incidents")


def test_every_concern_makes_a_message_and_a_drill_says_that_it_is_one(db: Database) -> None:
    city = City(db)
    opened = []
    with db.write() as tx:
        for concern in Concern:
            drill = {"id": f"p-drill-{concern}", "name": "훈련생", "area": DONG, "risk": "low", "exercise": True}
            put(tx, persons, drill | {"contact_at": T0, "created_at": T0})
            signal = Signal(f"k-{concern}", concern, Urgency.SOON, T0, (), "test", area=DONG)
            opened.append(city.desk.signal(tx, signal, None, T0, about=f"person:p-drill-{concern}"))
    with city.serve() as door:
        messages = [ET.fromstring(door.get(f"/api/care/cases/{case}/cap").content) for case in opened]
    assert len(set(opened)) == len(Concern)
    for message in messages:
        conforms(message)
        assert value(message, "status") == "Exercise"
        assert "Send nobody" in value(message, "note")
        assert all("훈련생" in value(info, "description") for info in message.iter(NS + "info"))


def test_a_case_of_a_home_where_nobody_lives_is_a_test_and_a_gateways_has_no_place(db: Database) -> None:
    city = City(db)
    nobody = Home("canary-home", "canary-gw", "gwangju")
    with db.write() as tx:
        people.put_home(tx, db.backend, nobody, T0)
        stray = city.desk.signal(
            tx, Signal("s", Concern.UNREADABLE_SOS, Urgency.IMMEDIATE, T0, (), "x"), None, T0, gateway="gw-7"
        )
    canary = city.press(nobody)
    with city.serve() as door:
        for case, status in ((canary, "Test"), (stray, "Actual")):
            message = ET.fromstring(door.get(f"/api/care/cases/{case}/cap").content)
            conforms(message)
            assert value(message, "status") == status


# --- iCalendar


def test_a_members_calendar_has_what_is_theirs_and_nothing_about_anybody(db: Database) -> None:
    city = City(db)
    case = city.press()
    with db.write() as tx:
        full_episode(tx, HOME, case)
        member(tx, "left", "manager", active=False)
        member(tx, "other", "manager")
        tx.execute(sa.update(visits).where(visits.c.state == "missed").values(episode=None))
    with city.serve() as door:
        for nobody in ("left", "nobody", "%EA%B9%80"):
            assert door.get(f"/api/care/calendar/{nobody}.ics").json()["detail"]["code"] == "unknown_member"
        answer = door.get("/api/care/calendar/kim.ics")
        work = door.get("/api/care/calendar/park.ics")
        assert icalendar.Calendar.from_ical(door.get("/api/care/calendar/other.ics").text).events == []
        city.clock.advance(3600)
        later = door.get("/api/care/calendar/kim.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    read = icalendar.Calendar.from_ical(answer.text)
    events = read.events
    assert len(events) == 6
    assert len({str(event["UID"]) for event in events}) == 6
    assert [str(e["UID"]) for e in events] == [str(e["UID"]) for e in icalendar.Calendar.from_ical(later.text).events]
    states = sorted(str(event["STATUS"]) for event in events)
    assert states == ["CANCELLED", "CANCELLED", *["CONFIRMED"] * 4]
    assert {event["DTSTAMP"].dt for event in events} == {T0}
    starts = {event["DTSTART"].dt for event in events}
    assert starts == {T0 + timedelta(hours=3), T0 + timedelta(days=1)}
    assert all(at.tzinfo is UTC or at.utcoffset() == timedelta(0) for at in starts)
    summaries = {str(event["SUMMARY"]) for event in events}
    assert "방문, 봉선1동, #7" in summaries
    assert len(summaries) == 2, "who has no episode has a number of their own"
    tasks_read = icalendar.Calendar.from_ical(work.text).events
    assert sorted(str(event["SUMMARY"])[-2:] for event in tasks_read) == ["#1", "#2", "#3", "#4"]
    for text in (answer.text, work.text):
        for secret in ("김순자", "secret", HOME.id, "severe", "home-"):
            assert secret not in text.replace("\r\n ", "")


def test_a_drills_entries_say_so_and_what_is_long_past_is_left_out(db: Database) -> None:
    city = City(db)
    case = city.press()
    with db.write() as tx:
        full_episode(tx, HOME, case, exercise=True)
        tx.execute(sa.update(visits).where(visits.c.state == "planned").values(planned_at=T0 - timedelta(days=61)))
    with city.serve() as door:
        events = icalendar.Calendar.from_ical(door.get("/api/care/calendar/kim.ics").text).events
    assert len(events) == 5
    assert all(str(event["SUMMARY"]).startswith("[훈련] ") for event in events)


def test_nothing_here_changes_anything(db: Database) -> None:
    city = City(db)
    case = city.press()
    with db.write() as tx:
        id = full_episode(tx, HOME, case)

    def kept() -> str:
        with db.read() as tx:
            found = [tx.execute(sa.select(table)).all() for table in (cases, care_log, episodes, orders, tasks, visits)]
        return json.dumps(found, default=str)

    before = kept()
    with city.serve() as door:
        for url in (f"episodes/{id}/fhir", f"cases/{case}/cap", "calendar/kim.ics"):
            assert door.get(f"/api/care/{url}").status_code == 200
    assert kept() == before
