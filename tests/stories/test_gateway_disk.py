"""A home's disk that is full, or broken, while the program is started anew: one press is one emergency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway import intake
from gateway.program import HomeGateway
from tests.stories.capital import Capital
from tests.stories.test_gateway import Devices, outbox_in, run
from tests.stories.test_gateway_alone import Both, capital_at, fill, program, unwell

LONG = "x" * 5000
"""More than what is left of a page that is there already."""


@contextmanager
def started(folder: Path, brokers: Both, *, full: bool = False) -> Iterator[HomeGateway]:
    """One life of the program; of that on a full disk nothing stays."""
    home, city = brokers
    with outbox_in(folder) as outbox:
        if full:
            fill(outbox)
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening)
        yield gateway
        gateway.close()
        if full:
            outbox._db.execute("PRAGMA max_page_count = 1000000")
            outbox._db.execute("DELETE FROM ballast")


def hear(gateway: HomeGateway, capital: Capital, *devices: str) -> None:
    """Until the city has heard of all these, and the home's broker of that."""
    run(gateway, lambda: capital.listen() and {*devices} <= heard(capital).keys() and not gateway.uplink.urgent(0.0))
    for _ in range(20):
        gateway.step(0.01)


@pytest.fixture
def no_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes not even a mark, for which there may be room in a page that is there."""
    monkeypatch.setattr(intake, "_RETRY_S", 1000.0)


def heard(capital: Capital) -> Counter[str]:
    return Counter(event.device for event in capital.of("sos", "smoke", "motion"))


@pytest.mark.usefixtures("no_retry")
def test_a_press_on_a_full_disk_is_one_emergency_over_every_restart(brokers: Both, tmp_path: Path) -> None:
    devices = Devices(brokers[0].url)
    with capital_at(brokers[1]) as capital:
        with started(tmp_path, brokers, full=True) as gateway:
            devices.say("anbu/pendant/sos", {"how": LONG})
            hear(gateway, capital, "pendant")
            devices.say("anbu/kitchen-pir/motion", {"room": LONG})
        for n in range(2):
            with started(tmp_path, brokers, full=True) as gateway:
                devices.say(f"anbu/hall-{n}/smoke", {"room": LONG})
                hear(gateway, capital, f"hall-{n}")
        assert heard(capital) == {"pendant": 1, "hall-0": 1, "hall-1": 1}
        with started(tmp_path, brokers) as gateway:
            hear(gateway, capital, "kitchen-pir")
        assert heard(capital)["kitchen-pir"] == 1, "what nobody has is still the home's broker's"
    devices.leave()


@pytest.mark.usefixtures("no_retry")
def test_a_press_that_comes_again_on_another_connection_is_acknowledged_there(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    devices = Devices(home.url)
    with started(tmp_path, brokers, full=True) as gateway:
        city.stop()
        devices.say("anbu/pendant/sos", {"how": LONG})
        run(gateway, lambda: bool(gateway.uplink.urgent(0.0)))
        gateway._local.kill()
        run(gateway, lambda: gateway.listening and gateway._local.life > 1)
        city.start()
        with capital_at(city) as capital:
            hear(gateway, capital, "pendant")
    with capital_at(city) as capital, started(tmp_path, brokers, full=True) as gateway:
        devices.say("anbu/hall/smoke", {"room": LONG})
        hear(gateway, capital, "hall")
        assert heard(capital) == {"hall": 1}
    devices.leave()


@pytest.mark.parametrize("damage", [b"x" * 100, bytes(100_000)])
def test_an_outbox_that_was_damaged_silences_nobody(brokers: Both, tmp_path: Path, damage: bytes) -> None:
    devices = Devices(brokers[0].url)
    path = tmp_path / "gateway.db"
    with capital_at(brokers[1]) as capital:
        with started(tmp_path, brokers) as gateway:
            devices.say("anbu/pendant/sos", {"how": LONG})
            hear(gateway, capital, "pendant")
        assert not unwell(capital.of("heartbeat")[-1].data)
        path.write_bytes(damage + path.read_bytes()[len(damage) :])
        with started(tmp_path, brokers) as gateway:
            devices.say("anbu/hall/smoke", {"room": LONG})
            hear(gateway, capital, "hall")
            run(gateway, lambda: capital.listen() and unwell(capital.of("heartbeat")[-1].data))
        assert heard(capital) == {"pendant": 1, "hall": 1}
        assert len({event.boot for event in capital.of("sos", "smoke")}) == 2
    devices.leave()
