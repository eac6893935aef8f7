"""The API's promises, asked over HTTP of a real server on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.app import routes
from core.events import Event, Motion
from core.people import Home
from store import people
from store.database import Database
from store.log import Entry, append, count
from store.people import Device
from store.tables import idempotency, outbox
from tests.serving import HOME, T0, City

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def city(db: Database) -> City:
    return City(db, next_alarm=lambda home: (T0 + timedelta(hours=3), T0) if home == HOME.id else None)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def notes(door: httpx.Client, case: int) -> list[str]:
    timeline = door.get(f"/api/cases/{case}").json()["timeline"]
    return [entry["what"]["en"] for entry in timeline if entry["key"] == "case.log.noted"]


# --- cases


def test_an_sos_is_one_open_case_with_all_that_one_must_know(city: City, door: httpx.Client) -> None:
    case = city.press()
    (seen,) = door.get("/api/cases", params={"state": "open"}).json()
    assert seen["id"] == case
    assert (seen["home"], seen["area"]) == (HOME.id, HOME.area)
    assert (seen["concern"], seen["urgency"], seen["state"]) == ("sos", "immediate", "alerting")
    assert seen["opened_at"] == "2026-11-21T05:00:00Z"
    assert seen["due_at"] > seen["opened_at"]
    assert set(seen["next_action"]) == set(seen["why"]) == {"ko", "en"}
    assert "pendant" in seen["why"]["en"]
    assert seen["called"] == ["김지민"]
    assert (seen["owner"], seen["outcome"]) == (None, None)


def test_cases_are_listed_by_state_what_is_due_first_on_top(city: City, door: httpx.Client) -> None:
    silent = city.fall_silent()
    other = Home("home-0002", "gw-0002", "gwangju")
    with city.db.write() as tx:
        people.put_home(tx, city.db.backend, other, T0)
    taken = city.press(other)
    door.post(f"/api/cases/{taken}/ack", json={"by": "kim"})

    def ids(state: str) -> list[int]:
        return [case["id"] for case in door.get("/api/cases", params={"state": state}).json()]

    assert ids("verifying") == [silent]
    assert ids("acknowledged") == [taken]
    assert sorted(ids("open")) == sorted([silent, taken])
    assert ids("closed") == ids("arrived") == []
    due = [case["due_at"] for case in door.get("/api/cases").json()]
    assert due == sorted(due)
    wrong = door.get("/api/cases", params={"state": "asleep"})
    assert wrong.status_code == 422
    assert "verifying" in wrong.text


def test_a_person_takes_a_case_arrives_and_closes_it(city: City, door: httpx.Client) -> None:
    case = city.press()
    assert door.post(f"/api/cases/{case}/ack").json()["owner"] == "operator"
    taken = door.post(f"/api/cases/{case}/ack", json={"by": "kim"}).json()
    assert (taken["owner"], taken["owner_name"], taken["state"]) == ("kim", "김지민", "acknowledged")
    again = door.post(f"/api/cases/{case}/ack", json={"by": "kim", "note": "on my way"}).json()
    assert again["due_at"] == taken["due_at"]
    assert any("on my way" in note for note in notes(door, case))
    there = door.post(f"/api/cases/{case}/arrive", json={"by": "kim"}).json()
    assert (there["state"], there["arrived_at"]) == ("arrived", "2026-11-21T05:00:00Z")
    closed = door.post(f"/api/cases/{case}/close", json={"by": "kim", "outcome": "true_emergency"}).json()
    assert (closed["state"], closed["outcome"], closed["due_at"]) == ("closed", "true_emergency", None)
    assert [line["id"] for line in closed["timeline"]] == sorted(line["id"] for line in closed["timeline"])


def test_what_a_case_does_not_allow_is_refused_in_both_languages(city: City, door: httpx.Client) -> None:
    case = city.fall_silent()
    refused = door.post(f"/api/cases/{case}/close", json={"outcome": "safe"})
    assert refused.status_code == 409
    assert refused.json()["detail"]["code"] == "no_contact"
    assert refused.json()["detail"]["ko"] != refused.json()["detail"]["en"]
    assert door.get(f"/api/cases/{case}").json()["state"] == "verifying"
    assert door.post(f"/api/cases/{case}/close", json={"outcome": "safe", "contact": "phone"}).status_code == 200
    late = door.post(f"/api/cases/{case}/ack")
    assert (late.status_code, late.json()["detail"]["code"]) == (409, "closed")


def test_a_request_that_says_nothing_useful_is_422(city: City, door: httpx.Client) -> None:
    case = city.press()
    said: list[tuple[str, Any]] = [
        ("close", {}),
        ("close", {"outcome": "bored"}),
        ("close", {"outcome": "safe", "contact": "telepathy"}),
        ("note", {}),
        ("note", {"note": "   "}),
        ("note", {"note": "x" * 2001}),
        ("ack", {"by": " "}),
        ("ack", {"by": "ki\0m"}),
        ("note", {"note": "\0"}),
        ("ack", {"owner": "kim"}),
        ("ack", ["kim"]),
        ("dance", {}),
    ]
    for verb, body in said:
        assert door.post(f"/api/cases/{case}/{verb}", json=body).status_code == 422, (verb, body)
    seen = door.get(f"/api/cases/{case}").json()
    assert (seen["owner"], seen["state"]) == (None, "alerting")


def test_an_unknown_case_is_404(door: httpx.Client) -> None:
    for id in (999, 2**63 - 1):
        assert door.get(f"/api/cases/{id}").status_code == 404
        assert door.post(f"/api/cases/{id}/ack").status_code == 404


def test_a_number_that_no_case_can_have_is_422(door: httpx.Client) -> None:
    assert door.get(f"/api/cases/{2**63}").status_code == 422
    assert door.get("/api/cases/0").status_code == 422


# --- Idempotency-Key


def test_a_key_acts_once_and_answers_the_same(city: City, door: httpx.Client) -> None:
    case = city.press()
    key = {"Idempotency-Key": "k-1"}
    first = door.post(f"/api/cases/{case}/note", json={"note": "called her"}, headers=key)
    city.clock.advance(60)
    second = door.post(f"/api/cases/{case}/note", json={"note": "called her"}, headers=key)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(notes(door, case)) == 1
    other = door.post(f"/api/cases/{case}/note", json={"note": "called him"}, headers=key)
    assert (other.status_code, other.json()["detail"]["code"]) == (422, "key_reused")
    # Another route is another deed.
    assert door.post(f"/api/cases/{case}/ack", headers=key).json()["owner"] == "operator"


def test_a_refusal_is_kept_under_its_key_too(city: City, door: httpx.Client) -> None:
    case = city.fall_silent()
    key = {"Idempotency-Key": "k-2"}
    body = {"outcome": "safe"}
    assert door.post(f"/api/cases/{case}/close", json=body, headers=key).status_code == 409
    door.post(f"/api/cases/{case}/arrive")
    assert door.post(f"/api/cases/{case}/close", json=body, headers=key).status_code == 409
    assert door.post(f"/api/cases/{case}/close", json=body).status_code == 200


def test_impatient_clients_with_one_key_act_once(city: City, door: httpx.Client) -> None:
    case = city.press()

    def press(_: int) -> httpx.Response:
        return door.post(f"/api/cases/{case}/note", json={"note": "x"}, headers={"Idempotency-Key": "k-3"})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(press, range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(notes(door, case)) == 1


def test_keys_are_forgotten_after_their_time(city: City, door: httpx.Client) -> None:
    case = city.press()
    door.post(f"/api/cases/{case}/ack", headers={"Idempotency-Key": "old"})
    city.clock.advance(8 * 86400)
    door.post(f"/api/cases/{case}/ack", headers={"Idempotency-Key": "new"})
    with city.db.read() as tx:
        assert list(tx.scalars(sa.select(idempotency.c.key))) == ["new"]


# --- homes


def test_a_home_goes_in_as_json_and_comes_back_with_how_it_stands(city: City, door: httpx.Client) -> None:
    given = {"home": "home-0002", "gateway": "gw-0002", "area": "gwangju", "resident": "박", "risk": "high"}
    assert door.post("/api/homes", json=given).json() == {"imported": 1, "rejected": []}
    fresh = door.get("/api/homes/home-0002").json()
    assert (fresh["id"], fresh["risk"], fresh["resident"], fresh["timezone"]) == (
        "home-0002",
        "high",
        "박",
        "Asia/Seoul",
    )
    assert (fresh["devices"], fresh["cases"], fresh["last_event_at"], fresh["absence"]) == ([], [], None, None)
    case = city.press()
    with city.db.write() as tx:
        people.put_devices(tx, city.db.backend, [Device(HOME.gateway, "pir", ("motion",), T0, T0, 55.0)])
    home = door.get(f"/api/homes/{HOME.id}").json()
    assert [device["device"] for device in home["devices"]] == ["pir"]
    assert home["last_event_at"] == "2026-11-21T05:00:00Z"
    assert (home["next_alarm"], home["next_alarm_as_of"]) == ("2026-11-21T08:00:00Z", "2026-11-21T05:00:00Z")
    assert [each["id"] for each in home["cases"]] == [case]
    assert door.get("/api/homes/nobody").status_code == 404


def test_a_file_of_homes_is_taken_in_and_its_bad_lines_are_told(door: httpx.Client) -> None:
    text = (
        "\ufeffhome,gateway,area,resident,risk,language,timezone,residents\r\n"
        "home-0002,gw-0002,gwangju,,normal,ko,Asia/Seoul,1\r\n"
        "home-0003,gw-0003,gwangju,,normal,ko,Mars/Base,1\r\n"
        "home-0004,gw-0001,gwangju,,normal,ko,Asia/Seoul,1\r\n"
    )
    answer = door.post("/api/homes", content=text.encode(), headers={"Content-Type": "text/csv; charset=utf-8"}).json()
    assert answer["imported"] == 1
    assert [(bad["line"], set(bad["reason"])) for bad in answer["rejected"]] == [(3, {"ko", "en"}), (4, {"ko", "en"})]
    assert "Mars/Base" in answer["rejected"][0]["reason"]["en"]
    assert HOME.id in answer["rejected"][1]["reason"]["en"]
    assert door.get("/api/homes/home-0002").status_code == 200
    assert door.get("/api/homes/home-0003").status_code == 404


def test_a_body_that_is_no_home_is_422(door: httpx.Client) -> None:
    for body, kind in (
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"id": "home-2"}', "application/json"),
        (b'{"id": "home-2", "gateway": "gw-2", "area": "a", "residents": "two"}', "application/json"),
        (b'{"id": "home-2", "gateway": "gw-2", "area": "a", "owner": "me"}', "application/json"),
        (b"\xff\xfe", "text/csv"),
    ):
        assert door.post("/api/homes", content=body, headers={"Content-Type": kind}).status_code == 422, body
    for path in ("/api/homes/%00", "/api/homes/Home%20One"):
        assert door.get(path).status_code == 422


def test_an_absence_is_stored_and_handed_on(city: City, door: httpx.Client) -> None:
    until = "2026-11-22T18:00:00+09:00"
    end = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    answer = door.post(f"/api/homes/{HOME.id}/absence", json={"until": until, "by": "kim"})
    assert answer.json() == {"start": "2026-11-21T05:00:00Z", "end": "2026-11-22T09:00:00Z", "by": "kim"}
    assert city.absences == [(HOME.id, end)]
    assert door.get(f"/api/homes/{HOME.id}").json()["absence"]["by"] == "kim"
    for wrong in ("2026-11-21T04:59:00Z", "2027-11-21T05:00:00Z", "2026-11-22T18:00:00", "soon"):
        assert door.post(f"/api/homes/{HOME.id}/absence", json={"until": wrong}).status_code == 422
    assert door.post("/api/homes/nobody/absence", json={"until": until}).status_code == 404
    assert len(city.absences) == 1


# --- providers, health, metrics


def test_a_provider_may_say_twice_that_a_message_arrived(city: City, door: httpx.Client) -> None:
    city.press()
    with city.db.write() as tx:
        tx.execute(sa.update(outbox).where(outbox.c.member == "kim").values(state="accepted"))
        key = tx.scalar(sa.select(outbox.c.key).where(outbox.c.member == "kim"))
    told = [door.post(f"/api/deliveries/{key}", json={"state": "delivered"}).json()["taken"] for _ in range(2)]
    assert told == [True, False]
    assert door.post("/api/deliveries/unknown", json={"state": "seen"}).json() == {"taken": False}
    assert door.post(f"/api/deliveries/{key}", json={"state": "eaten"}).status_code == 422
    assert door.post("/api/deliveries/%00", json={"state": "seen"}).status_code == 422


def test_ready_means_that_every_part_works(city: City, door: httpx.Client) -> None:
    assert door.get("/healthz").text == "ok\n"
    ready = door.get("/readyz")
    assert (ready.status_code, ready.json()["lanes"]) == (200, {"sos": 0.5, "bulk": 1.5})
    city.lanes["sos"] = 31.0
    late = door.get("/readyz")
    assert (late.status_code, late.json()["late"]) == (503, ["sos"])
    city.lanes["sos"] = 0.5
    with city.db.write() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    older = door.get("/readyz")
    assert (older.status_code, older.json()["schema_current"]) == (503, False)


def test_metrics_count_the_whole_city_and_nothing_twice(city: City, door: httpx.Client) -> None:
    def scrape() -> dict[str, float]:
        lines = [line for line in door.get("/metrics").text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def log(*ids: str) -> None:
        events = [Event(id, HOME.gateway, "pir", "motion", T0, Motion("kitchen")) for id in ids]
        with city.db.write() as tx:
            append(tx, [Entry(event, HOME.id, T0) for event in events])
            count(tx, {("rejected", "not_json"): 2, ("duplicates", ""): 1})

    city.press()
    log("a", "b")
    first = scrape()
    assert first['anbu_events_total{kind="motion"}'] == 2
    assert first['anbu_cases{concern="sos",state="alerting"}'] == 1
    assert (first["anbu_cases_overdue"], first["anbu_outbox_oldest_unsent_seconds"]) == (0, 0)
    log("c")
    city.clock.advance(3600)
    second = scrape()
    assert second['anbu_events_total{kind="motion"}'] == 3
    assert second['anbu_rejected_total{reason="not_json"}'] == 4
    assert second["anbu_duplicates_total"] == 2
    assert second["anbu_cases_overdue"] == 1
    assert second["anbu_outbox_oldest_unsent_seconds"] == 3600
    assert second['anbu_lane_age_seconds{lane="bulk"}'] == 1.5
    documented = (DOCS / "metrics.md").read_text(encoding="utf-8")
    names = {name.partition("{")[0] for name in second}
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_a_database_that_does_not_answer_is_503(city: City, door: httpx.Client) -> None:
    city.press()
    with city.db.write() as tx:
        tx.execute(sa.text("ALTER TABLE cases RENAME TO gone"))
    answer = door.get("/api/cases")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (503, "unavailable")
    assert door.get("/healthz").status_code == 200


# --- the board


def test_what_is_due_first_stands_first(city: City, door: httpx.Client) -> None:
    other = Home("home-0002", "gw-0002", "gwangju")
    with city.db.write() as tx:
        people.put_home(tx, city.db.backend, other, T0)
    taken = city.press()
    door.post(f"/api/cases/{taken}/arrive", json={"by": "kim"})
    urgent = city.press(other)
    assert [card["id"] for card in door.get("/api/board").json()["cards"]] == [urgent, taken]


# --- the contract on paper


def test_the_committed_openapi_is_this_api() -> None:
    """After a meant change: `python -m api.app > docs/openapi.json`."""

    def ours(document: dict[str, Any]) -> dict[str, Any]:
        # How FastAPI words its own validation errors changes with its versions.
        document["components"]["schemas"].pop("ValidationError")
        return document

    committed = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    referred = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(committed)))
    assert referred <= {f"#/components/schemas/{name}" for name in committed["components"]["schemas"]}
    assert ours(committed) == ours(json.loads(json.dumps(routes().openapi())))
