"""The rota over HTTP: who answers, who stands in, the gaps ahead, and the same as a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from core.people import Member, Reach, Role
from store import people
from store.database import Database
from tests.serving import HOME, KIM, T0, City

LEE = Member("lee", "이수진", Role.SUPERVISOR, "gwangju/nam-gu", reach=(Reach("console"),))
PARK = Member("park", "박당직", Role.DUTY, "gwangju", reach=(Reach("console"),))
JUNG = Member("jung", "정대신", Role.MANAGER, "gwangju/buk-gu", reach=(Reach("console"),))
MUTE = Member("mute", "한조용", Role.SUPERVISOR, "gwangju", active=False)


@pytest.fixture
def city(db: Database) -> City:
    city = City(db)
    with db.write() as tx:
        for member in (LEE, PARK, JUNG, MUTE):
            people.put_member(tx, db.backend, member)
    return city


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def rota(door: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = door.get("/api/rota", params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def away(door: httpx.Client, member: str, start_h: float, end_h: float, by: str | None = None) -> httpx.Response:
    at = [(T0 + timedelta(hours=h)).isoformat() for h in (start_h, end_h)]
    return door.post("/api/rota/covers", json={"member": member, "start": at[0], "end": at[1], "by": by})


def test_who_is_away_leaves_a_gap_until_somebody_stands_in(city: City, door: httpx.Client) -> None:
    before = rota(door)
    assert [one["id"] for one in before["members"]] == [KIM.id, PARK.id, LEE.id, JUNG.id, MUTE.id]
    assert before["gaps"] == []
    first = away(door, KIM.id, 24, 48)
    assert (first.status_code, first.json()["name"]) == (200, "김지민")
    (gap,) = rota(door)["gaps"]
    assert (gap["role"], gap["role_name"]["ko"], gap["area"]) == (
        "manager",
        "돌봄 매니저",
        HOME.area,
    )
    assert (gap["start"], gap["end"]) == ("2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z")
    assert "김지민" in gap["why"][0]["ko"]
    covered = away(door, KIM.id, 24, 48, JUNG.id)
    assert covered.json()["by_name"] == "정대신"
    after = rota(door)
    assert after["gaps"] == []
    assert len(after["covers"]) == 2
    assert rota(door, days=1, start="2026-11-25T00:00:00Z")["covers"] == []


def test_a_cover_that_has_begun_ends_now_and_one_to_come_is_taken_out(city: City, door: httpx.Client) -> None:
    begun, coming = (away(door, KIM.id, *hours).json()["id"] for hours in ((-1, 5), (24, 48)))
    for cover in (begun, coming):
        assert door.delete(f"/api/rota/covers/{cover}").status_code == 204
    city.clock.advance(60)
    assert rota(door)["gaps"] == []
    assert rota(door)["covers"] == []
    (kept,) = rota(door, start=(T0 - timedelta(hours=2)).isoformat())["covers"]
    assert (kept["id"], kept["end"]) == (begun, "2026-11-21T05:00:00Z")
    assert door.delete(f"/api/rota/covers/{begun}").status_code == 204, "what is over stays as it was"
    assert door.delete("/api/rota/covers/999").status_code == 404


def test_a_cover_that_cannot_be_is_refused_in_both_languages(city: City, door: httpx.Client) -> None:
    for answer, code in (
        (away(door, "nobody", 1, 2), "unknown_member"),
        (away(door, MUTE.id, 1, 2), "unknown_member"),
        (away(door, KIM.id, 1, 2, "nobody"), "unknown_member"),
        (away(door, KIM.id, 1, 2, KIM.id), "cover_self"),
        (away(door, KIM.id, 2, 1), "cover_period"),
        (away(door, KIM.id, -5, -1), "cover_period"),
        (away(door, KIM.id, 1, 24 * 500), "cover_period"),
    ):
        assert answer.status_code in (404, 409, 422), answer.text
        assert answer.json()["detail"]["code"] == code
        assert answer.json()["detail"]["ko"] != answer.json()["detail"]["en"]
    assert rota(door)["covers"] == []


def test_the_same_cover_sent_twice_is_one(city: City, door: httpx.Client) -> None:
    said = {"member": KIM.id, "start": T0.isoformat(), "end": (T0 + timedelta(hours=4)).isoformat()}
    twice = [door.post("/api/rota/covers", json=said, headers={"Idempotency-Key": "k1"}).json() for _ in range(2)]
    assert twice[0] == twice[1]
    assert len(rota(door)["covers"]) == 1


def test_covers_and_gaps_are_a_calendar(city: City, door: httpx.Client) -> None:
    away(door, KIM.id, 24, 48)
    away(door, LEE.id, 24, 48, PARK.id)
    answer = door.get("/api/rota.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    events = [
        (str(event["summary"]), event.decoded("dtstart"), event.decoded("dtend"))
        for event in Calendar.from_ical(answer.content).walk("VEVENT")
    ]
    day = (T0 + timedelta(hours=24), T0 + timedelta(hours=48))
    assert ("김지민 님 자리 비움, 대신할 사람 없음", *day) in events
    assert ("이수진 자리를 박당직 님이 대신함", *day) in events
    assert any(text.startswith("부를 사람 없음: 돌봄 매니저") and (start, end) == day for text, start, end in events)
    english = Calendar.from_ical(door.get("/api/rota.ics", params={"language": "en"}).content)
    assert "박당직 stands in for 이수진" in [str(event["summary"]) for event in english.walk("VEVENT")]
