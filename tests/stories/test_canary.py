"""An SOS where nobody lives reaches nobody's telephone, and says whether a real one would have."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa

from app.switch import Switch
from core.clock import wall_now
from core.events import Event, Lane, SosPressed
from ingest.canary import Canary
from store import log
from store.canary import Trial
from store.tables import cases, devices, events, homes, members, outbox, signals
from tests.conftest import on_sqlite_first
from tests.stories.town import Town
from wire.codec import encode
from wire.topics import up

GU = "gwangju/nam-gu"
BIRD = "canary-gwangju-nam-gu"


class Cage:
    """The canary of a story's city: its broker may be away."""

    def __init__(self, city: Town) -> None:
        self.city, self.away = city, False
        self.canary: Canary = city.city.canary(self._publish)

    def _publish(self, topic: str, payload: bytes) -> bool:
        if self.away:
            return False
        self.city.expected += 1
        return self.city._publisher.publish(topic, payload)

    def settle(self, *, deaf: bool = False) -> None:
        """Everything that is due now; `deaf`: of what is at the broker nothing is heard."""
        moved = 1
        while moved:
            if not deaf:
                self.city.settle()
            moved = self.canary.step()
        with self.city.city.db.write() as tx:
            log.beat(tx, "canary", wall_now(), self.canary.detail())

    def forward(self, minutes: float, step_s: float = 5.0, *, deaf: bool = False) -> None:
        """Let time pass."""
        for _ in range(round(minutes * 60 / step_s)):
            self.city.clock.advance(step_s)
            self.settle(deaf=deaf)

    def trial(self) -> Trial:
        """How the one canary fares, as everybody may read it."""
        with self.city.city.db.read() as tx:
            (trial,) = self.city.city.canaries(tx)
        return trial

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.city.city.db.read() as tx:
            return list(tx.execute(query).all())


@on_sqlite_first
def test_a_press_is_called_taken_and_closed_and_no_person_hears_of_it(city: Town) -> None:
    home = city.home()
    city.member("kim")
    cage = Cage(city)
    cage.settle()
    trial = cage.trial()
    assert (trial.area, trial.failing_since) == (GU, None)
    assert trial.took_s is not None
    assert trial.took_s <= 10
    assert city.phones.rang == []
    assert city.cases() == []
    (case,) = city.api.get("/api/cases", params={"synthetic": True}).json()
    assert (case["home"], case["area"], case["state"], case["outcome"]) == (BIRD, GU, "closed", "exercise")
    keys = [key.removeprefix("case.log.") for key in city.timeline(case["id"])]
    assert {"opened", "called", "sent"} <= set(keys)
    assert keys[-2:] == ["acknowledged", "closed"]
    cage.forward(10, 30)
    assert len(cage.rows(sa.select(cases.c.id))) == 6, "one every two minutes"
    home.say("sos", "button")
    assert city.phones.calls() == ["kim"], "and the city goes on beside it"
    assert {case["home"] for case in city.cases()} == {"home-1"}


def test_it_is_in_no_list_and_no_figure_of_people(village: Town) -> None:
    home = village.home()
    home.say("motion", room="living")
    cage = Cage(village)
    cage.forward(5)
    figures = village.api.get("/metrics").text
    assert 'anbu_events_total{kind="motion"} 1.0' in figures
    assert 'kind="sos"' not in figures
    assert "anbu_cases{" not in figures
    assert "anbu_outbox{" not in figures
    assert f'anbu_canary_failing{{area="{GU}"}} 0.0' in figures
    with village.city.db.read() as tx:
        assert village.city.desk.log_since(tx, 0) == []
    boards = [village.api.get("/api/board", params={"state": state}) for state in ("open", "closed")]
    assert all(board.status_code == 200 and BIRD not in board.text for board in boards)
    assert BIRD not in village.api.get("/api/homes").text
    village.watch.step()
    with pytest.raises(KeyError):
        village.watch.engine.view(BIRD)
    village.city.ledger().step()
    assert {row.gateway for row in cage.rows(sa.select(devices))} == {home.home.gateway}


@on_sqlite_first
def test_its_tracks_are_gone_after_an_hour_and_numbers_never_come_again(city: Town) -> None:
    city.home()
    cage = Cage(city)
    cage.settle()
    highest = 0
    for _ in range(3):
        cage.forward(30, 60)
        for table in (cases, events, signals, outbox):
            assert len(cage.rows(sa.select(table.c.id))) <= 40, table.name
        newest = max(row.id for row in cage.rows(sa.select(cases.c.id)))
        assert newest > highest
        highest = newest
    city.jump(600)
    cage.settle()
    assert min(row.id for row in cage.rows(sa.select(cases.c.id))) >= highest, "the newest row stays: nothing is reused"
    assert max(row.id for row in cage.rows(sa.select(cases.c.id))) > highest


@on_sqlite_first
def test_one_that_does_not_arrive_is_one_case_at_the_duty_desk_until_it_does(city: Town) -> None:
    city.home()
    city.member("kim")
    cage = Cage(city)
    cage.settle()
    cage.forward(1.9)
    cage.away = True
    cage.forward(0.2)
    assert city.cases() == [], "ten seconds are not over"
    assert city.api.get("/readyz").json()["failing"] == []
    cage.forward(0.2)
    ready = city.api.get("/readyz")
    assert (ready.status_code, ready.json()["failing"]) == (503, [GU])
    assert "canary" in {trouble["code"] for trouble in ready.json()["troubles"]}
    cage.forward(30, 30)
    case = city.the_case()
    assert (case["concern"], case["state"], case["home"]) == ("canary", "alerting", None)
    assert GU in case["why"]["ko"]
    assert city.phones.rang == [], "the desk is called, and nobody else"
    assert city.api.get("/api/board").status_code == 200
    cage.canary = city.city.canary(cage._publish)
    cage.settle()
    cage.forward(2)
    assert city.the_case() == city.the_case() | {"id": case["id"]}, "a new start does not tell it again"
    cage.away = False
    cage.forward(3)
    assert city.the_case()["state"] == "closed"
    assert city.the_case()["outcome"] == "technical"
    assert city.api.get("/readyz").json()["failing"] == []


def test_it_goes_on_when_the_clock_goes_back(village: Town) -> None:
    village.home()
    cage = Cage(village)
    cage.forward(5, 30)
    before = len(cage.rows(sa.select(cases.c.id)))
    village.clock.advance(-24 * 3600)
    cage.forward(5, 30)
    assert len(cage.rows(sa.select(cases.c.id))) >= before + 2
    assert village.cases() == []


@on_sqlite_first
def test_a_city_that_starts_is_given_a_minute(city: Town) -> None:
    city.home()
    cage = Cage(city)
    cage.away = True
    cage.forward(0.7)
    cage.away = False
    cage.forward(0.6)
    assert city.cases() == []
    assert cage.trial().arrived_at is not None
    cage = Cage(city)
    cage.away = True
    cage.forward(1.2)
    assert [case["concern"] for case in city.cases()] == ["canary"]


@on_sqlite_first
def test_a_lane_that_does_not_hear_is_noticed_and_its_backlog_is_small(city: Town) -> None:
    city.home()
    cage = Cage(city)
    cage.settle()
    waiting = city.expected
    cage.forward(30, 30, deaf=True)
    assert cage.trial().failing_since is not None
    assert city.expected - waiting <= 20, "ever more seldom: no SOS of a person queues behind a canary's"
    cage.forward(3)
    assert cage.trial().failing_since is None
    assert [case["concern"] for case in city.cases()] == ["canary"]
    assert city.the_case()["state"] == "closed"


@on_sqlite_first
def test_a_telephone_company_that_is_dead_is_noticed(city: Town) -> None:
    city.home()
    cage = Cage(city)
    cage.settle()
    send = city.outbox.step
    city.outbox.step = lambda patience_s=0.05: 0  # type: ignore[method-assign]
    cage.forward(3)
    assert cage.trial().failing_since is not None
    city.outbox.step = send  # type: ignore[method-assign]
    cage.forward(3)
    assert cage.trial().failing_since is None


@on_sqlite_first
def test_a_canary_that_the_city_does_not_know_calls_nobody(city: Town) -> None:
    city.home()
    city.member("kim")
    for payload in (
        encode(Event("c-1", "canary-lost", "button", "sos", city.clock.now(), SosPressed(), "b1", 1)),
        b"unreadable",
    ):
        city._publisher.publish(up("canary-lost", Lane.SOS), payload)
        city.expected += 1
        city.settle()
    assert city.api.get("/api/cases", params={"synthetic": True}).json() == []


@on_sqlite_first
def test_a_person_who_takes_its_case_is_not_called_for_it(city: Town) -> None:
    city.home()
    city.member("kim")
    cage = Cage(city)
    send = city.outbox.step
    city.outbox.step = lambda patience_s=0.05: 0  # type: ignore[method-assign]
    cage.settle()
    (case,) = city.api.get("/api/cases", params={"synthetic": True}).json()
    city.act(case["id"], "ack", by="kim")
    city.outbox.step = send  # type: ignore[method-assign]
    for _ in range(20):
        city.forward(1)
    assert city.phones.rang == []
    assert {row.channel for row in cage.rows(sa.select(outbox.c.channel).where(outbox.c.case_id == case["id"]))} == {
        "canary"
    }


def test_nobodys_home_may_have_its_name(village: Town) -> None:
    body = {"id": BIRD, "gateway": "gw-9", "area": GU}
    answer = village.api.post("/api/homes", json=body)
    assert "canary-" in answer.text
    assert [row.id for row in Cage(village).rows(sa.select(homes.c.id))] == []
    assert [row.id for row in Cage(village).rows(sa.select(members.c.id))] == []


# --- the dead man's switch


@pytest.fixture
def monitor() -> Iterator[tuple[str, list[str]]]:
    """A monitor outside: its address, and what it has heard."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping/7", heard
    server.shutdown()
    server.server_close()


def test_the_monitor_hears_of_the_city_only_while_all_is_well(
    city: Town, monitor: tuple[str, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    url, heard = monitor
    home = city.home()
    city.member("kim")
    cage, switch = Cage(city), Switch(city.city.db, city.city.troubles, url, every_s=0)

    def pings(beating: tuple[str, ...] = ("sos", "events", "watch", "alerts", "caller", "keeper", "api")) -> int:
        before = len(heard)
        with city.city.db.write() as tx:
            for worker in beating:
                log.beat(tx, worker, wall_now(), {})
        switch.step()
        return len(heard) - before

    cage.canary.step()
    with city.city.db.write() as tx:
        log.beat(tx, "canary", wall_now(), cage.canary.detail())
    assert pings() == 0, "the canary has not arrived yet"
    cage.settle()
    assert pings() == 1
    assert heard == ["/ping/7"]
    home.say("sos", "button")
    cage.forward(2)
    assert pings() == 1, "a case that waits for its person is no trouble"
    bell = city.bell.step
    city.bell.step = lambda: 0  # type: ignore[method-assign]
    cage.forward(2)
    assert pings() == 0, "a deadline has passed and nobody rings"
    assert "past their deadline" in caplog.text
    city.bell.step = bell  # type: ignore[method-assign]
    cage.settle()
    assert pings() == 1
    with city.city.db.write() as tx:
        log.beat(tx, "watch", wall_now().replace(year=2020), {})
    caplog.clear()
    assert pings(("sos", "events", "alerts", "caller", "keeper", "api")) == 0, "a worker is silent"
    assert "watch" in caplog.text


def test_a_monitor_that_is_away_does_no_harm(village: Town) -> None:
    Switch(village.city.db, lambda tx: [], "http://127.0.0.1:1/").step()
