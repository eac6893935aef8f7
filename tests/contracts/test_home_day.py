"""Homes found by name and area, and the picture of one home's day, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from core.events import Event, Heartbeat, Motion
from core.people import Home, Risk
from ingest.ledger import Ledger
from store import past, people
from store.database import Database
from store.log import Entry, append
from store.telemetry import SqlTelemetry
from store.unheard import put_unheard
from tests.serving import HOME, T0, City

NOW = T0  # 14:00 in Seoul


@pytest.fixture
def city(db: Database) -> City:
    return City(db, next_alarm=lambda home: (NOW + timedelta(hours=3), NOW) if home == HOME.id else None)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def say(city: City, moments: list[datetime], gateway: str = HOME.gateway, home: str = HOME.id) -> None:
    """Motion in the kitchen at each moment, and a heartbeat with it; the city sees them at once."""
    entries = []
    for n, at in enumerate(moments):
        for kind, data in (("motion", Motion("kitchen")), ("heartbeat", Heartbeat(3600))):
            event = Event(f"{kind}-{n}", gateway, "pir", kind, at, data, "b1", 2 * n + (kind == "motion"))
            entries.append(Entry(event, home, at))
    with city.db.write() as tx:
        append(tx, entries)


def test_a_day_stands_beside_the_usual_one(city: City, door: httpx.Client) -> None:
    hours = [NOW - timedelta(hours=h) for h in range(40 * 24, 0, -1)]
    say(city, [at for at in hours if at < NOW - timedelta(hours=5) or at > NOW - timedelta(minutes=90)])
    day = door.get(f"/api/homes/{HOME.id}/day").json()
    (kitchen,) = day["rooms"]
    assert (kitchen["room"], kitchen["name"]) == ("kitchen", {"ko": "부엌", "en": "kitchen"})
    assert len(kitchen["at"]) == 24 - 4
    assert day["days"] == 28, "whole local days"
    assert kitchen["usual"] == [1.0, 0.0] * 24 == day["usual"]
    (gap,) = day["unheard"]
    assert (gap["start"], gap["end"]) == ("2026-11-20T23:00:00Z", "2026-11-21T04:00:00Z")
    assert (day["last_act"], day["next_alarm"]) == ("2026-11-21T04:00:00Z", "2026-11-21T08:00:00Z")
    earlier = door.get(f"/api/homes/{HOME.id}/day", params={"until": (NOW - timedelta(days=1)).isoformat()}).json()
    assert earlier["until"] == "2026-11-20T05:00:00Z"
    assert earlier["unheard"] == []


def test_an_absence_is_drawn_and_is_nobodys_habit(city: City, door: httpx.Client) -> None:
    say(city, [NOW - timedelta(hours=h) for h in range(10 * 24, 0, -1)])
    with city.db.write() as tx:
        people.add_absence(tx, HOME.id, NOW - timedelta(hours=30), NOW - timedelta(hours=20), "kim")
    day = door.get(f"/api/homes/{HOME.id}/day").json()
    assert day["absent"] == [{"start": "2026-11-20T05:00:00Z", "end": "2026-11-20T09:00:00Z"}]
    assert day["days"] == 9


def test_a_day_of_nobody_is_404_and_a_time_without_an_offset_422(city: City, door: httpx.Client) -> None:
    assert door.get("/api/homes/home-9999/day").status_code == 404
    assert door.get(f"/api/homes/{HOME.id}/day", params={"until": "2026-11-21T05:00:00"}).status_code == 422
    assert door.get(f"/api/homes/{HOME.id}/day", params={"until": "0001-01-01T00:00:00+14:00"}).status_code == 422
    assert door.get(f"/api/homes/{HOME.id}/day").json()["rooms"] == []


def test_the_log_is_entered_where_the_days_begin(city: City) -> None:
    moments = [NOW - timedelta(hours=h) for h in range(400, 0, -1)]
    say(city, moments)
    with city.db.read() as tx:
        for at in (moments[0], moments[37], moments[-1], NOW):
            position = past.position_before(tx, at)
            rows = past.of_home(tx, HOME.id, HOME.gateway, at, after=position)
            assert rows == past.of_home(tx, HOME.id, HOME.gateway, at)
            assert position == 2 * sum(moment < at for moment in moments)


def found(door: httpx.Client, **asked: Any) -> list[str]:
    answer = door.get("/api/homes", params=asked)
    assert answer.status_code == 200, answer.text
    return [home["id"] for home in answer.json()["homes"]]


def test_homes_are_found_by_name_id_and_area(city: City, door: httpx.Client) -> None:
    with city.db.write() as tx:
        for n, (name, area) in enumerate(
            [("박 영희", "gwangju/seo-gu/chipyeong-dong"), ("이철수", HOME.area), ("", "gwangju/seo-gu")], 2
        ):
            people.put_home(tx, city.db.backend, Home(f"home-000{n}", f"gw-000{n}", area, name, Risk.HIGH), T0)
        put_unheard(tx, city.db.backend, {"home-0002": T0}, ())
        people.add_absence(tx, "home-0003", T0 - timedelta(hours=1), T0 + timedelta(hours=1), "kim")
    say(city, [T0], "gw-0003", "home-0003")
    Ledger(city.db, SqlTelemetry(city.db)).step()
    case = city.press()
    assert found(door, text="박영희") == ["home-0002"]
    assert found(door, text="HOME-0003") == ["home-0003"]
    assert found(door, area="gwangju/seo-gu") == ["home-0004", "home-0002"]
    assert found(door, area="gwangju/seo") == []
    assert found(door, text="100%") == []
    assert len(found(door)) == 4
    page = door.get("/api/homes", params={"limit": 1, "offset": 1}).json()
    assert (page["total"], len(page["homes"])) == (4, 1)
    by = {home["id"]: home for home in door.get("/api/homes").json()["homes"]}
    assert by[HOME.id]["cases"] == [case]
    assert (by["home-0002"]["heard"], by["home-0003"]["heard"]) == (False, True)
    assert by["home-0003"]["absent_until"] == "2026-11-21T06:00:00Z"
    assert by["home-0003"]["last_event_at"] == "2026-11-21T05:00:00Z"
    assert (by["home-0004"]["name"], by["home-0004"]["risk"]) == ("home-0004", "high")
