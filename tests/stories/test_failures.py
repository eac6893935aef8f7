"""What dies in the middle: the city, the broker, the database, the power of a whole dong."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.people import Role
from tests.servers import POSTGRES, Postgres
from tests.stories.town import Town, town
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto


def test_a_restart_in_the_middle_of_a_call_loses_nothing(city: Town) -> None:
    home = city.home()
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    home.say("sos", "button")
    city.forward(1)
    city.restart()
    city.forward(1.5)
    assert city.phones.calls() == ["kim"], "what was said is not said again"
    city.jump(20)
    city.restart()
    city.settle()
    assert city.phones.calls() == ["kim", "lee"], "after a long outage each overdue rung rings once, not all at once"
    case = city.the_case()
    city.act(case["id"], "ack", by="lee")
    city.restart()
    assert city.the_case()["owner"] == "lee"


def test_a_message_that_was_not_committed_comes_again(city: Town) -> None:
    home = city.home()
    press = home.event("sos", "button")
    home.send(press)
    wait_until(lambda: bool(city.sos._session.poll(0.05)))
    city.restart()  # it was received and not committed: the broker still has it
    city.settle()
    assert city.the_case()["concern"] == "sos"


def test_silence_is_seen_across_a_restart(city: Town) -> None:
    home = city.home(silence_ceiling_s=3600.0)
    home.say("motion", room="living")
    city.forward(40)
    city.restart()
    city.forward(24)
    assert city.the_case()["concern"] == "inactivity"
    assert home.check_ins() == 1


def test_the_broker_is_away_for_a_minute(city: Town, mosquitto: Mosquitto) -> None:
    home = city.home()
    city.member("kim")
    mosquitto.stop(signal.SIGTERM)
    press = home.event("sos", "button")
    city.jump(1)
    mosquitto.start()
    wait_until(lambda: home.hear() or home.session.connected, 40)
    home.send(press)
    city.settle()
    wait_until(lambda: home.hear() or home.receipted(press))
    assert city.phones.calls() == ["kim"]
    assert city.the_case()["concern"] == "sos"


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Postgres]:
    if POSTGRES is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="anbu-pg-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder)).start()
        yield server
        server.stop("immediate")


def test_postgresql_crashes_in_the_middle(own_postgres: Postgres, mosquitto: Mosquitto, tmp_path: Path) -> None:
    with town(mosquitto, own_postgres.database(), tmp_path / "city") as city:
        home = city.home()
        city.member("kim")
        home.say("sos", "button")
        own_postgres.stop("immediate")
        other = home.event("fall", room="bath")
        home.send(other)
        for _ in range(5):
            city.sos.step(0.05)
        assert city.sos.waiting == 1, "received, and neither committed nor acknowledged"
        assert not home.receipted(other)
        own_postgres.start()
        city.settle()
        wait_until(lambda: home.hear() or home.receipted(other))
        case = city.the_case()
        assert case["state"] == "alerting"
        assert city.timeline(case["id"]).count("case.log.opened") == 1
        assert city.phones.calls() == ["kim"]


def test_a_dong_without_power_is_one_incident_and_every_home_proves_life(village: Town) -> None:
    homes = [village.home(f"home-{n}", speaker=False) for n in range(8)]
    village.member("kim")
    dark = False

    def alive() -> None:
        now = village.clock.now()
        if not dark and now.second == 0 and now.minute % 5 == 0:
            for home in homes:
                home.send(home.event("heartbeat", "gateway", every_s=300.0))
        if not dark and now.second == 30 and now.minute % 20 == 0:
            for home in homes:
                home.send(home.event("motion", room="living"))

    village.forward(60, alive)
    assert village.cases() == []
    dark = True
    village.forward(60, alive)
    case = village.the_case()
    assert (case["concern"], case["home"]) == ("area_outage", None)
    dark = False
    silent = homes.pop()
    back = [silent]

    def all_but_one() -> None:
        alive()
        now = village.clock.now()
        if now.second == 0 and now.minute % 5 == 0:
            back[0].send(back[0].event("heartbeat", "gateway", every_s=300.0))

    village.forward(90, all_but_one)
    open_cases = {(c["home"], c["concern"]) for c in village.cases("open")}
    assert ("home-7", "inactivity") in open_cases, "it is back, and nobody in it has moved"
    assert not {home for home, concern in open_cases if home and home != "home-7"}


def test_a_dead_gateway_is_not_a_silent_person(village: Town) -> None:
    home = village.home(silence_ceiling_s=2 * 3600.0)
    village.member("kim")

    def alive() -> None:
        now = village.clock.now()
        if now.second == 0 and now.minute % 5 == 0:
            home.send(home.event("heartbeat", "gateway", every_s=300.0))
            home.send(home.event("motion", room="living"))

    village.forward(60, alive)
    village.forward(150)
    assert {case["concern"] for case in village.cases()} == {"home_dark"}
