"""A home's thresholds over HTTP: set with the same checks as at its enrolment, and tried out on its own past first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from anomaly.engine import Engine
from api import thresholds
from core.events import Event, Motion
from core.people import AskBy, Home, Risk
from store import people
from store.database import Database
from store.log import Entry, append, read
from tests.serving import HOME, T0, City


@pytest.fixture
def city(db: Database) -> City:
    return City(db)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def stored(city: City) -> Home:
    with city.db.read() as tx:
        home = people.home(tx, HOME.id)
    assert home is not None
    return home


def lived(city: City, days: int = 10) -> None:
    """Motion every half hour, but for an hour and a half once, in the last five days."""
    began = T0 - timedelta(days=days)
    steps = [began + timedelta(minutes=30 * n) for n in range(days * 48)]
    still = timedelta(days=days - 0.5)
    entries = [
        Entry(Event(f"e-{n}", HOME.gateway, "pir", "motion", at, Motion("kitchen"), "b1", n), HOME.id, at)
        for n, at in enumerate(steps)
        if not still <= at - began < still + timedelta(hours=1)
    ]
    with city.db.write() as tx:
        append(tx, entries)


def test_what_is_left_out_stays_and_null_is_the_usual(city: City, door: httpx.Client) -> None:
    path = f"/api/homes/{HOME.id}/thresholds"
    first = door.put(path, json={"risk": "high", "silence_ceiling_s": 7200, "wording": "엄마, 저예요. 괜찮으세요?"})
    assert (first.status_code, first.json()["asked_by"]) == (200, "voice")
    home = stored(city)
    assert (home.risk, home.silence_ceiling_s, home.wording[:2]) == (Risk.HIGH, 7200, "엄마")
    assert (home.resident, home.alarm_budget) == ("김순자", None)
    assert door.put(path, json={"silence_ceiling_s": None, "ask_by": "light", "alarm_budget": 2}).json() == {
        "risk": "high",
        "silence_ceiling_s": None,
        "alarm_budget": 2,
        "budget_factor": None,
        "ask_by": "light",
        "asked_by": "light",
        "wording": "엄마, 저예요. 괜찮으세요?",
    }
    assert stored(city).ask_by is AskBy.LIGHT
    door.put(path, json={"wording": None, "risk": None})
    assert (stored(city).wording, stored(city).risk) == ("", Risk.NORMAL)


def test_what_no_home_can_have_is_refused_and_changes_nothing(city: City, door: httpx.Client) -> None:
    before = stored(city)
    for wrong, code in (
        ({"silence_ceiling_s": 0}, "bad_ceiling"),
        ({"silence_ceiling_s": 73 * 3600}, "bad_ceiling"),
        ({"alarm_budget": 100}, "bad_budget"),
        ({"wording": "\x07"}, "bad_wording"),
    ):
        answer = door.put(f"/api/homes/{HOME.id}/thresholds", json=wrong)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (422, code)
        assert answer.json()["detail"]["ko"] != answer.json()["detail"]["en"]
    assert door.put(f"/api/homes/{HOME.id}/thresholds", json={"area": "gwangju"}).status_code == 422
    assert door.put("/api/homes/home-9999/thresholds", json={}).status_code == 404
    assert stored(city) == before


def test_what_would_have_been_stands_beside_what_was(city: City, door: httpx.Client) -> None:
    lived(city)
    path = f"/api/homes/{HOME.id}/what-if"
    found = door.post(path, json={"silence_ceiling_s": 3600, "days": 5}).json()
    assert (found["before"]["alarms"], found["after"]["alarms"]) == (0, 1)
    (added,) = found["added"]
    assert (added["concern"], found["removed"], found["enough"]) == ("inactivity", [], False)
    assert added["why"]["ko"] != added["why"]["en"]
    assert found["after"]["delay_p95_h"] <= 1.0
    assert stored(city) == HOME, "nothing is changed by asking"


def test_a_what_if_without_an_answer_says_why(city: City, door: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/homes/{HOME.id}/what-if"

    def code(said: dict[str, object], status: int) -> str:
        answer = door.post(path, json=said)
        assert answer.status_code == status, answer.text
        told: str = answer.json()["detail"]["code"]
        return told

    assert code({}, 422) == "unchanged"
    assert code({"silence_ceiling_s": 3600}, 422) == "no_log"
    lived(city)
    assert code({"alarm_budget": 100}, 422) == "bad_budget"
    assert door.post("/api/homes/home-9999/what-if", json={"risk": "low"}).status_code == 404
    assert door.post(path, json={"days": 91, "risk": "low"}).status_code == 422
    with thresholds._replaying:
        assert code({"risk": "low"}, 429) == "busy"
    monkeypatch.setattr(thresholds, "REPLAY_S", 0.0)
    assert code({"risk": "low"}, 422) == "too_long"
    monkeypatch.undo()
    assert door.post(path, json={"risk": "low", "days": 2}).status_code == 200, "what was cut short blocks nobody"


def test_who_is_back_early_is_watched_again(city: City, door: httpx.Client) -> None:
    lived(city, 2)
    city.clock.advance(600)
    until = (city.clock.now() + timedelta(days=3)).isoformat()
    door.post(f"/api/homes/{HOME.id}/absence", json={"until": until, "by": "kim"})
    city.clock.advance(3600)
    assert door.delete(f"/api/homes/{HOME.id}/absence").status_code == 204
    assert door.get(f"/api/homes/{HOME.id}").json()["absence"] is None
    assert [end for _, end in city.absences][1:] == [None]
    assert door.delete(f"/api/homes/{HOME.id}/absence").status_code == 204
    assert len(city.absences) == 2, "nobody is back twice"
    assert door.delete("/api/homes/home-9999/absence").status_code == 404
    engine = Engine([HOME])
    with city.db.read() as tx:
        rows = read(tx, 0, 10_000)
    list(engine.feed(rows[:-1]))
    list(engine.advance(city.clock.now() - timedelta(minutes=30)))
    assert engine.view(HOME.id)["away_until"] is not None
    list(engine.feed(rows[-1:]))
    list(engine.advance(city.clock.now() + timedelta(minutes=30)))
    view = engine.view(HOME.id)
    assert view["away_until"] is None
    assert view["next_alarm_at"] is not None
