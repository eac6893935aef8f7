"""A sample of the seeds, each planted bug until it is caught, and the mistakes that the simulation has found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clock import ManualClock
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from tests.simulation.bugs import BUGS
from tests.simulation.sweep import Bench, Tally, again
from tests.simulation.timeline import ORIGIN
from wire.line import Delivery
from wire.url import BrokerUrl

SAMPLE = 30
WITHIN = 300
SWEEP = 3000
LATE = (
    "timers are in memory",
    "an event that comes again opens a closed case anew",
    "a claim outlives its sender",
    "a new disk begins with an old boots name",
)
"""Bugs that only a seed far behind catches: a minute of the machine's."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as bench:
        yield bench


def hold(bench: Bench, seeds: range) -> None:
    for seed in seeds:
        result = bench.run(seed)
        assert result.broken is None, again(result, last=60)


def test_every_press_is_one_case_whatever_fails(bench: Bench) -> None:
    hold(bench, range(SAMPLE))


@pytest.mark.long
def test_every_press_is_one_case_in_a_long_sweep(bench: Bench) -> None:
    hold(bench, range(SAMPLE, SWEEP))


@pytest.mark.parametrize("bug", [pytest.param(bug, marks=pytest.mark.long if bug in LATE else ()) for bug in BUGS])
def test_a_planted_bug_is_caught(bench: Bench, bug: str, record_property: Callable[[str, object], None]) -> None:
    found = bench.caught(bug, range(WITHIN))
    assert found is not None, f"{bug}: not caught by {WITHIN} seeds"
    assert not re.search("(Type|Name|Attribute)Error", str(found.broken)), f"planted badly: {found.broken}"
    record_property("seed", found.seed)
    print(f"{bug}: seed {found.seed}: {found.broken}")


def test_a_seed_is_the_same_again(bench: Bench) -> None:
    one = bench.run(7)
    bench.run(8)
    assert bench.run(7).lines == one.lines
    assert len(one.lines) > 20


def test_faults_do_happen(bench: Bench) -> None:
    tally = Tally()
    for seed in range(20):
        tally.add(bench.run(seed))
    assert len(tally.faults) == 14, tally.faults
    assert tally.cases > 20


class Repeating:
    """A session whose broker hands a message over twice, as MQTT 3.1.1 allows, before it was acknowledged once."""

    connected = known = True
    life = 1
    reconnects = 0

    def __init__(self, _url: BrokerUrl, client_id: str, **_how: object) -> None:
        local = client_id.endswith("-local")
        pressed = Delivery("anbu/pendant/sos", b"{}", 1, 1, 1)
        repeated = Delivery("anbu/pendant/sos", b"{}", 1, 1, 1, again=True)
        self._inbox = [pressed, repeated] if local else []

    def poll(self, wait_s: float = 0.0, limit: int = 500) -> list[Delivery]:
        taken, self._inbox = self._inbox, []
        return taken

    def ack(self, deliveries: list[Delivery]) -> None:
        pass

    def publish(self, topic: str, payload: bytes, qos: int = 0) -> Repeating:
        return self

    def is_published(self) -> bool:
        return False


def test_a_message_that_comes_twice_at_once_is_one_event(tmp_path: Path) -> None:
    outbox, url = Outbox(tmp_path / "gateway.db", "gw-0001"), BrokerUrl("home", 1883)
    clock = ManualClock(ORIGIN)
    gateway = HomeGateway("gw-0001", url, url, outbox, clock, version="test", heartbeat_s=1e9, connect=Repeating)
    gateway.step(0.0)
    assert [one.event.kind for one in outbox.numbered()] == ["sos", "heartbeat"]
    outbox.close()
