"""The program in the home when something around it fails: clock, disk, power, devices, and every way to the city."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest

import wire.session
from core.clock import ManualClock, SystemClock, wall_now
from core.events import Heartbeat, Lost, Mains
from core.words import say
from gateway.byway import Byway
from gateway.claim import new_secret
from gateway.disk import is_full
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from store.gateways import claim, register
from tests.doomed_gateway import GATEWAY
from tests.stories.capital import Capital, Door
from tests.stories.test_gateway import Devices, city_of, outbox_in, rows, run
from tests.stories.town import Town
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto
from wire.session import Session
from wire.url import BrokerUrl

Both = tuple[Mosquitto, Mosquitto]


def program(outbox: Outbox, home: BrokerUrl, city: BrokerUrl, **more: Any) -> HomeGateway:
    more = {"clock": SystemClock(), "resend_s": 2.0, **more}
    return HomeGateway(GATEWAY, home, city, outbox, version="anbu-gateway test", **more)


@contextmanager
def capital_at(city: Mosquitto, epoch: str | None = None) -> Iterator[Capital]:
    capital = Capital(GATEWAY, city.url, epoch)
    yield capital
    capital.close()


def test_a_city_that_was_restored_is_told_again(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    with capital_at(city, "first") as capital, outbox_in(tmp_path) as outbox:
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/pendant/sos", {})
        devices.say("anbu/kitchen-pir/motion", *([{"room": "kitchen"}] * 60))
        run(gateway, lambda: capital.listen() and len(capital.of("motion", "sos")) >= 61 and outbox.waiting() == 0)
        before = {(event.boot, event.seq): event for event in capital.of("motion", "sos")}
        assert len(before) == 61
        capital.restored("second")
        devices.say("anbu/kitchen-pir/motion", {"room": "kitchen"})
        run(gateway, lambda: capital.listen() and len(capital.of("motion", "sos")) >= 62 and outbox.waiting() == 0)
        after = {(event.boot, event.seq): event for event in capital.of("motion", "sos")}
        assert before.items() <= after.items(), "the same events under the same numbers"
        devices.leave()
        gateway.close()


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=3 * 365), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_clock_that_is_wrong_moves_nothing(brokers: Both, tmp_path: Path, off: timedelta | datetime) -> None:
    home, city = brokers
    clock = ManualClock(off if isinstance(off, datetime) else wall_now() + off)
    count_s = [100.0]
    right: list[bool] = [False]
    with city_of(city, tmp_path) as place:
        city.stop()
        outbox = Outbox(tmp_path / "gateway.db", GATEWAY, count_s=lambda: count_s[0], machine="a")
        gateway = program(
            outbox, home.url, city.url, clock=clock, count_s=lambda: count_s[0], right=lambda: right[0]
        )  # fmt: skip
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/kitchen-pir/motion", {"time": wall_now().isoformat()})
        run(gateway, lambda: outbox.waiting() >= 2)  # with a heartbeat
        count_s[0] += 3600.0
        clock.advance(3600.0)
        devices.say("anbu/pendant/sos", {"time": "2031-01-01T00:00:00Z"})
        run(gateway, lambda: outbox.waiting() >= 3)
        city.start()
        run(gateway, lambda: place.take() < 0 or outbox.waiting() == 0)
        ago = {row.kind: (wall_now() - row.at).total_seconds() for row in rows(place)}
        assert 3600 <= ago["motion"] < 3700, "what had to wait is as old as it is"
        assert 0 <= ago["sos"] < 100
        assert place.the_case()["concern"] == "sos"
        assert place.timeline(1)[0] == "case.log.opened"
        # Kept while the clock was wrong, sent when it is right.
        city.stop()
        devices.say("anbu/bath-pir/motion", {})
        run(gateway, lambda: outbox.waiting() >= 1)
        count_s[0] += 600.0
        clock.set(wall_now())
        right[0] = True
        run(gateway, lambda: gateway.step() == 0)
        city.start()
        run(gateway, lambda: place.take() < 0 or outbox.waiting() == 0)
        (late,) = [row for row in rows(place) if row.device == "bath-pir"]
        assert 600 <= (wall_now() - late.at).total_seconds() < 700
        devices.leave()
        gateway.close()
        outbox.close()


def test_an_emergency_goes_the_other_way(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    capital = Capital(GATEWAY, epoch="first")
    door = Door(capital, "secret")
    door.status = 503
    city.stop()
    with outbox_in(tmp_path) as outbox:
        byway = Byway(door.url, GATEWAY, "secret")
        gateway = program(outbox, home.url, city.url, byway=byway, byway_s=0.5)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/kitchen-pir/motion", {})
        devices.say("anbu/pendant/sos", {})
        devices.say("anbu/hall/smoke", {})
        run(gateway, lambda: door.knocks >= 1)
        assert outbox.waiting() >= 3, "an answer that is none is no receipt"
        door.status = 200
        run(gateway, lambda: not gateway.uplink.urgent(0.0))
        assert Counter(event.kind for event in capital.heard) == {"sos": 1, "smoke": 1}
        assert {one.event.kind for one in outbox.numbered()} == set()
        assert outbox.waiting() == 2, "the motion and the heartbeat wait for the broker"
        devices.leave()
        gateway.close()
    door.close()


def test_an_emergency_goes_through_the_citys_own_door(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    with city_of(city, tmp_path) as place, outbox_in(tmp_path) as outbox:
        api = f"http://{place.settings.http}"
        byway = Byway(api, GATEWAY, enrolled(place))
        dead = BrokerUrl("127.0.0.1", 9)
        gateway = program(outbox, home.url, dead, byway=byway, byway_s=0.5)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/pendant/sos", {})
        run(gateway, lambda: place.take() < 0 or (bool(place.cases()) and not gateway.uplink.urgent(0.0)))
        assert place.the_case()["concern"] == "sos"
        gateway.close()
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: place.take() < 0 or outbox.waiting() == 0)
        assert Counter(row.kind for row in rows(place)) == {"sos": 1}
        devices.leave()
        gateway.close()


def enrolled(place: Town) -> str:
    """The gateway's secret at the city's door."""
    secret = new_secret()
    with place.city.db.write() as tx:
        code = register(tx, GATEWAY, "SN-1", "an operator", wall_now())
        assert isinstance(code, str)
        claim(tx, "SN-1", code, secret, wall_now())
    return secret


def test_when_nobody_can_be_reached_the_home_says_so(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    noted = tmp_path / "siren"
    script = tmp_path / "siren.py"
    script.write_text(
        "import os, sys\n"
        "open(sys.argv[1], 'a').write(os.environ['ANBU_REFLEX'] + ' ' + os.environ['ANBU_REFLEX_KIND'] + '\\n')"
    )
    orders: list[dict[str, Any]] = []
    speaker = Session(home.url, "speaker", subscribe=["anbu/gateway/reflex"])

    def listens() -> bool:
        deliveries = speaker.poll(0.005)
        orders.extend(json.loads(delivery.payload) for delivery in deliveries)
        speaker.ack(deliveries)
        return True

    with outbox_in(tmp_path) as outbox:
        wait_until(lambda: listens() and speaker.connected)
        gateway = program(outbox, home.url, city.url, reflex_s=0.5, command=f"{sys.executable} {script} {noted}")
        city.stop()
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/hall/smoke", {"alarm": False})
        run(gateway, lambda: bool(gateway.uplink.urgent(1.0)))
        assert listens()
        assert orders == [], "an all-clear troubles nobody"
        devices.say("anbu/pendant/sos", {})
        run(gateway, lambda: listens() and bool(orders))
        city.start()
        with capital_at(city) as capital:
            run(gateway, lambda: capital.listen() and listens() and len(orders) >= 2)
            run(gateway, lambda: noted.exists() and len(noted.read_text().splitlines()) == 2)
        assert orders == [
            {"on": True, "siren": True, "kind": "sos", "language": "ko", "say": say("reflex.sos")},
            {"on": False, "siren": False, "kind": "sos", "language": "ko", "say": say("reflex.through")},
        ]
        assert sorted(noted.read_text().split("\n")) == ["", "off sos", "on sos"]
        assert outbox.counts() == {}, "what the home says to itself is no unknown word"
        devices.leave()
        gateway.close()
    speaker.disconnect()


def test_while_the_disk_is_full_an_emergency_leaves_and_nothing_is_lost(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    with capital_at(city) as capital, outbox_in(tmp_path) as outbox:
        gateway = program(outbox, home.url, city.url, heartbeat_s=1.0)
        run(gateway, lambda: gateway.listening and capital.listen() and outbox.waiting() == 0)
        devices = Devices(home.url)
        fill(outbox)
        devices.say("anbu/kitchen-pir/motion", *({"room": f"room-{n}" + "x" * 3000} for n in range(30)))
        devices.say("anbu/pendant/sos", {})
        run(gateway, lambda: capital.listen() and any(event.device == "pendant" for event in capital.heard))
        run(gateway, lambda: capital.listen() and any(unwell(event.data) for event in capital.heard))
        assert len(capital.of("motion")) < 30
        outbox._db.execute("PRAGMA max_page_count = 1000000")
        run(gateway, lambda: capital.listen() and len(capital.of("motion")) >= 30 and outbox.waiting() == 0)
        run(gateway, lambda: capital.listen() and not unwell(capital.of("heartbeat")[-1].data))
        devices.leave()
        gateway.close()
    with outbox_in(tmp_path) as again:
        gateway = program(again, home.url, city.url)
        run(gateway, lambda: gateway.listening)
        for _ in range(20):
            gateway.step()
        gateway.close()
        assert again.counts() == {}
        assert again.waiting() == 1, "a heartbeat: the home's broker owes nothing"
    said = {(event.kind, event.boot, event.seq) for event in capital.of("motion", "sos")}
    assert Counter(kind for kind, _, _ in said) == {"motion": 30, "sos": 1}


def unwell(data: object) -> bool:
    return isinstance(data, Heartbeat) and data.disk_ok is False


def fill(outbox: Outbox) -> None:
    """The disk is full to the last byte."""
    db: sqlite3.Connection = outbox._db
    db.execute("CREATE TABLE IF NOT EXISTS ballast (x)")
    db.execute("PRAGMA max_page_count = 100")
    for size in (4000, 100, 1):
        try:
            while True:
                db.execute("INSERT INTO ballast VALUES (?)", ("x" * size,))
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise


def test_a_broker_that_swallows_packets_holds_nobody_up(
    brokers: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, city = brokers
    connect, answers = wire.session.connect, Signal()

    def swallows(client: Any, url: BrokerUrl, *more: Any) -> None:
        if url.port == city.port:
            answers.wait()
        connect(client, url, *more)

    with capital_at(city) as capital, outbox_in(tmp_path) as outbox:
        monkeypatch.setattr(wire.session, "connect", swallows)
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/pendant/sos", {})
        run(gateway, lambda: any(one.event.device == "pendant" for one in outbox.numbered()))
        answers.set()
        run(gateway, lambda: capital.listen() and bool(capital.of("sos")) and outbox.waiting() == 0)
        devices.leave()
        gateway.close()


def test_devices_fall_silent_and_the_power_goes(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    supply = tmp_path / "supplies" / "AC"
    supply.mkdir(parents=True)
    (supply / "type").write_text("Mains\n")
    (supply / "online").write_text("1\n")
    count_s = [0.0]
    with capital_at(city) as capital:
        outbox = Outbox(tmp_path / "gateway.db", GATEWAY, count_s=lambda: count_s[0], machine="a")
        gateway = program(outbox, home.url, city.url, count_s=lambda: count_s[0], supplies=supply.parent)

        def heard(*kinds: str) -> list[tuple[str, object]]:
            assert capital.listen()
            return [(event.device, event.data) for event in capital.of(*kinds)]

        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/speaker/alive", {"every_s": 30})
        devices.say("anbu/air-1/climate", {"temp_c": 20.5})
        devices.say("anbu/pendant/sos", {})
        devices.say("zigbee2mqtt/door", {"contact": True, "battery": 90})
        run(gateway, lambda: len(heard("climate", "sos", "battery")) == 3)
        count_s[0] += 91
        run(gateway, lambda: bool(heard("lost")))
        count_s[0] += 5 * 3600
        run(gateway, lambda: len(heard("lost")) == 2)
        count_s[0] += 20 * 3600
        run(gateway, lambda: len(heard("lost")) == 3)
        devices.say("zigbee2mqtt/door/availability", {"state": "offline"})
        devices.say("zigbee2mqtt/door", {"contact": True, "battery": 90})
        run(gateway, lambda: len(heard("battery")) == 2)
        (supply / "online").write_text("0\n")
        run(gateway, lambda: bool(heard("mains")))
        (supply / "online").write_text("1\n")
        run(gateway, lambda: len(heard("mains")) == 2)
        silent = Lost("silent")
        assert heard("lost") == [("speaker", silent), ("air-1", silent), ("door", silent)], "each once"
        assert heard("mains") == [("gateway", Mains(False)), ("gateway", Mains(True))]
        devices.leave()
        gateway.close()
        outbox.close()
