"""What a home says when much of it is urgent, or when it dies in the middle: every alarm leaves, every siren stops."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.clock import wall_now
from core.events import Event, Smoke, SosPressed
from gateway import byway as byways
from gateway.byway import Byway
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from gateway.uplink import SHARE
from tests.doomed_gateway import GATEWAY
from tests.stories.capital import Capital, Door
from tests.stories.test_gateway import Devices, outbox_in, run
from tests.stories.test_gateway_alone import Both, capital_at, program
from tests.waiting import wait_until
from wire.receipt import receipt_of
from wire.session import Session
from wire.url import BrokerUrl


def presses(device: str, first: int, last: int) -> list[Event]:
    return [
        Event(f"b1-{seq}", GATEWAY, device, "sos", wall_now(), SosPressed(), "b1", seq)
        for seq in range(first, last + 1)
    ]


class Post:
    """The byway at a door, and what still waits to go by it."""

    def __init__(self, *waiting: Event) -> None:
        self.capital = Capital(GATEWAY, epoch="first")
        self.door = Door(self.capital, "secret")
        self.waiting = list(waiting)
        self._byway = Byway(self.door.url, GATEWAY, "secret")

    def left(self) -> set[str]:
        """One turn; the devices of what still waits."""
        receipt = self._byway.turn(self.waiting)
        if receipt is not None:
            self.waiting = [event for event in self.waiting if not receipt.covers(event.boot or "", event.seq or 0)]
        return {event.device for event in self.waiting}


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.door.close()


def test_more_emergencies_than_one_body_holds_all_arrive(post: Post) -> None:
    smoke = Event("b1-601", GATEWAY, "hall", "smoke", wall_now(), Smoke("hall"), "b1", 601)
    post.waiting = [*presses("button", 1, 600), smoke]
    wait_until(lambda: "hall" not in post.left())
    assert post.door.knocks == 1, "nobody waits behind a button that is stuck"
    wait_until(lambda: not post.left())
    assert len(post.capital.heard) == 601


def test_a_door_that_takes_little_is_given_little(post: Post) -> None:
    post.waiting, post.door.most_bytes = presses("button", 1, 40), 1000
    wait_until(lambda: not post.left())
    assert len(post.capital.heard) == 40


@pytest.mark.parametrize("status", [413, 500])
def test_an_emergency_that_is_refused_holds_no_other_up(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byways, "_PAUSE_S", (0.01, 30.0 if status == 413 else 0.02))
    post = Post(*presses("odd", 1, 1), *presses("button", 2, 9))
    post.door.refuses["odd"] = status
    wait_until(lambda: post.left() == {"odd"})
    post.waiting += presses("pendant", 10, 10)
    wait_until(lambda: post.left() == {"odd"})
    post.door.close()


def test_a_stuck_detector_keeps_no_other_alarm_in_the_outbox(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    city.stop()
    with outbox_in(tmp_path) as outbox:
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/kitchen/gas", *([{}] * 600))
        devices.say("anbu/hall/smoke", {})
        run(gateway, lambda: outbox.waiting() > 600)
        run(gateway, lambda: any(one.event.kind == "smoke" for one in gateway.uplink.urgent(0.0)))
        assert len(gateway.uplink.urgent(0.0)) <= SHARE + 51
        city.start()
        with capital_at(city) as capital:
            run(gateway, lambda: capital.listen() and outbox.waiting() == 0)
            assert len({event.seq for event in capital.of("gas", "smoke")}) == 601
        devices.leave()
        gateway.close()


class Siren:
    """A speaker at the home's broker, and a command: what each was told."""

    def __init__(self, home: BrokerUrl, folder: Path) -> None:
        self._noted = folder / "siren"
        script = folder / "siren.py"
        script.write_text("import os, sys\nopen(sys.argv[1], 'a').write(os.environ['ANBU_REFLEX'] + '\\n')\n")
        self.command = f"{sys.executable} {script} {self._noted}"
        self.orders: list[tuple[bool, str]] = []
        self._session = Session(home, "speaker", subscribe=["anbu/gateway/reflex"])
        wait_until(lambda: self.listen() and self._session.connected)

    def listen(self) -> bool:
        """True, for use in conditions."""
        deliveries = self._session.poll(0.005)
        said: list[dict[str, Any]] = [json.loads(delivery.payload) for delivery in deliveries]
        self.orders += [(order["on"], order["kind"]) for order in said]
        self._session.ack(deliveries)
        return True

    def told(self, *orders: tuple[bool, str]) -> bool:
        """Whether these were the orders so far, each as often as it was said."""
        self.listen()
        ran = sorted(self._noted.read_text().split()) if self._noted.exists() else []
        heard = [order for n, order in enumerate(self.orders) if order != self.orders[n - 1] or not n]
        return heard == list(orders) and ran == sorted("on" if on else "off" for on, _ in orders)

    def leave(self) -> None:
        self._session.disconnect()


@contextmanager
def sounding(brokers: Both, tmp_path: Path) -> Iterator[tuple[Siren, Callable[[Outbox], HomeGateway]]]:
    """A home in which the siren sounds, for nobody could be reached; whoever played in it has left."""
    home, city = brokers
    siren = Siren(home.url, tmp_path)

    def start(outbox: Outbox) -> HomeGateway:
        return program(outbox, home.url, city.url, reflex_s=0.3, command=siren.command)

    city.stop()
    with outbox_in(tmp_path) as outbox:
        gateway = start(outbox)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        devices.say("anbu/pendant/sos", {})
        run(gateway, lambda: siren.told((True, "sos")))
        devices.leave()
        gateway.close()
    yield siren, start
    siren.leave()


def test_a_program_that_was_killed_while_a_siren_sounds_stops_it(brokers: Both, tmp_path: Path) -> None:
    with sounding(brokers, tmp_path) as (siren, start), outbox_in(tmp_path) as outbox:
        (press,) = [one.event for one in outbox.numbered() if one.event.kind == "sos"]
        outbox.forget(receipt_of(press.boot or "", [(press.seq or 0, press.seq or 0)]))
        gateway = start(outbox)
        run(gateway, lambda: siren.told((True, "sos"), (False, "sos")))
        gateway.close()
    with outbox_in(tmp_path) as outbox:
        gateway = start(outbox)
        run(gateway, lambda: gateway.listening)
        for _ in range(20):
            gateway.step(0.01)
        assert siren.told((True, "sos"), (False, "sos")), "said once, and then it is over"
        gateway.close()


def test_a_siren_goes_on_over_a_restart_while_nobody_has_the_cry(brokers: Both, tmp_path: Path) -> None:
    with sounding(brokers, tmp_path) as (siren, start), outbox_in(tmp_path) as outbox:
        gateway = start(outbox)
        run(gateway, lambda: bool(gateway.uplink.urgent(1.0)))
        assert siren.told((True, "sos")), "no end is said, and the command is not run again"
        gateway.close()


def test_a_siren_is_stopped_although_the_homes_broker_was_away(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    with sounding(brokers, tmp_path) as (siren, start), outbox_in(tmp_path) as outbox:
        gateway = start(outbox)
        run(gateway, lambda: gateway.listening)
        home.stop()
        run(gateway, lambda: not gateway.listening)
        city.start()
        with capital_at(city) as capital:
            run(gateway, lambda: capital.listen() and outbox.waiting() == 0)
        home.start()
        run(gateway, lambda: siren.told((True, "sos"), (False, "sos")))
        gateway.close()
