"""The program in the home between two real brokers: everything arrives once, whatever dies, and an SOS first."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from core.clock import SystemClock, wall_now
from core.events import Lane, LogRow
from core.people import Home
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from gateway.uplink import BATCH, FLIGHT
from store import log
from store.people import put_home
from tests.doomed_gateway import GATEWAY, MOMENTS
from tests.stories.test_commands import Shell
from tests.stories.town import AREA, Town, town
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto
from wire.session import Session
from wire.topics import subscriptions, up
from wire.url import BrokerUrl

ROOT = Path(__file__).parents[2]
Z2M = "zigbee2mqtt"


@contextmanager
def city_of(broker: Mosquitto, folder: Path) -> Iterator[Town]:
    """A city on wall time in which the home is enrolled."""
    with town(broker, f"sqlite:///{folder / 'city.db'}", folder / "city-data", wall_now()) as place:
        with place.city.db.write() as tx:
            put_home(tx, place.city.db.backend, Home(id="home-1", gateway=GATEWAY, area=AREA), wall_now())
        yield place


def tick(place: Town) -> bool:
    """The city's clock goes with the wall's; False, for use in conditions."""
    place.clock.set(wall_now())
    return False


def rows(place: Town) -> list[LogRow]:
    with place.city.db.read() as tx:
        return [row for row in log.read(tx, 0, 10_000) if row.kind not in ("heartbeat", "lost", "device")]


class Devices:
    """What devices and Zigbee2MQTT publish on the home's own broker."""

    def __init__(self, url: BrokerUrl) -> None:
        self._session = Session(url, "devices", persistent=False)
        wait_until(lambda: bool(self._session.poll(0.01)) or self._session.connected)

    def say(self, topic: str, *payloads: dict[str, object]) -> None:
        sent = [self._session.publish(topic, json.dumps(payload).encode(), 1) for payload in payloads]
        wait_until(lambda: not self._session.poll(0.005) and all(info.is_published() for info in sent))

    def leave(self) -> None:
        self._session.disconnect()


@contextmanager
def outbox_in(folder: Path, room_bytes: int = 10**8) -> Iterator[Outbox]:
    outbox = Outbox(folder / "gateway.db", GATEWAY, room_bytes=room_bytes)
    yield outbox
    outbox.close()


def program(outbox: Outbox, home: BrokerUrl, city: BrokerUrl) -> HomeGateway:
    return HomeGateway(GATEWAY, home, city, outbox, SystemClock(), version="anbu-gateway test", resend_s=2.0)


def run(gateway: HomeGateway, until: Callable[[], bool]) -> None:
    wait_until(lambda: gateway.step(0.01) < 0 or until())


def listen_once(folder: Path, home: Mosquitto, city: BrokerUrl) -> None:
    """The home's broker knows the gateway from now on, and keeps for it what comes while it is away."""
    with outbox_in(folder) as outbox:
        gateway = program(outbox, home.url, city)
        run(gateway, lambda: gateway.listening)
        for _ in range(20):  # until it is subscribed
            gateway.step(0.01)
        gateway.close()


def test_a_button_and_a_sensor_arrive_once(brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path) -> None:
    home, city = brokers
    with city_of(city, tmp_path) as place:
        shell = Shell(tmp_path, ANBU_GATEWAY_HEARTBEAT_S="60", ANBU_DATA_DIR=str(tmp_path / "gateway"))
        words = ("--local", str(home.url), "--city", str(city.url), "--id", GATEWAY)
        process = shell.start("gateway", *words)
        try:
            wait_until(lambda: place.take(0.01) < 0 or heartbeats(place) == 1, 60)
            devices = Devices(home.url)
            devices.say(f"{Z2M}/bedside", {"action": "emergency", "battery": 80})
            devices.say(f"{Z2M}/bedside", {"action": "", "battery": 80})
            devices.say("anbu/kitchen-pir/motion", {"room": "kitchen", "time": "1970-01-01T00:00:05+00:00"})
            devices.say("anbu/kitchen-pir/dance", {})
            wait_until(lambda: place.take(0.01) < 0 or len(rows(place)) >= 3)
            devices.leave()
        finally:
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=20)
        assert process.returncode == 0, out
        place.settle()
        heard = {(row.kind, row.device): row for row in rows(place)}
        assert len(rows(place)) == 3
        assert heard.keys() == {("sos", "bedside"), ("battery", "bedside"), ("motion", "kitchen-pir")}
        assert abs((heard["motion", "kitchen-pir"].at - wall_now()).total_seconds()) < 60, "1970 is not believed"
        assert place.the_case()["concern"] == "sos"
        with outbox_in(tmp_path / "gateway") as left:
            assert left.counts() == {"rejected_kind": 1}


def hear(spy: Session, heard: list[str]) -> bool:
    """Note the topics of what a gateway said; the broker's word about it aside. True, for use in conditions."""
    deliveries = spy.poll(0.005)
    heard += [delivery.topic for delivery in deliveries if b"care.lost" not in delivery.payload]
    spy.ack(deliveries)
    return True


def heartbeats(place: Town) -> int:
    with place.city.db.read() as tx:
        return sum(row.kind == "heartbeat" and row.device == "gateway" for row in log.read(tx, 0, 1000))


def test_killed_at_any_moment_everything_arrives_once(brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path) -> None:
    home, city = brokers
    said: list[tuple[str, str]] = []
    children: list[subprocess.Popen[bytes]] = []

    def talk() -> bool:
        """A motion, and now and then a cry; False, for use in conditions."""
        device = f"device-{len(said)}"
        if len(said) % 7:
            devices.say("anbu/kitchen-pir/motion", {"room": device})
            said.append((device, "motion"))
        else:
            devices.say(f"{Z2M}/{device}", {"action": "emergency"})
            said.append((device, "sos"))
        return False

    def start(moment: str, times: int) -> None:
        words = [str(tmp_path), str(home.port), str(city.port), moment, str(times)]
        children.append(subprocess.Popen([sys.executable, "-m", "tests.doomed_gateway", *words], cwd=ROOT))

    def dead() -> bool:
        return children[-1].poll() == -signal.SIGKILL

    with city_of(city, tmp_path) as place:
        listen_once(tmp_path, home, city.url)
        devices = Devices(home.url)
        try:
            for moment in MOMENTS:
                start(moment, 4)
                wait_until(lambda: tick(place) or place.take(0.02) < 0 or talk() or dead())
                if moment == "sent":
                    city.stop(signal.SIGKILL)
                    start("kept", 4)
                    wait_until(lambda: talk() or dead())
                    city.start()
            start("never", 0)
            # What it says so fast is more than a home may: some of it is set aside, and comes again as time goes on.
            wait_until(lambda: tick(place) or place.take(0.005) < 0 or len(rows(place)) >= len(said), 90)
            for _ in range(150):  # what comes twice comes now
                place.take(0.01)
        finally:
            for child in children:
                child.kill()
                child.wait()
        devices.leave()
        arrived = Counter((getattr(row.data, "room", row.device), row.kind) for row in rows(place))
        assert arrived == Counter(said), "nothing is lost, and nothing is there twice"
        # On a slow machine it says more than a home may, and the city notes that as well.
        assert [case["concern"] for case in place.cases() if case["concern"] != "device"] == ["sos"]
        with place.city.db.read() as tx:
            assert any(row.kind == "lost" and row.device == "gateway" for row in log.read(tx, 0, 10_000))


def test_a_device_that_repeats_itself_is_heard_once_but_for_a_cry(
    brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path
) -> None:
    home, city = brokers

    def live(last: str) -> Counter[str]:
        """One run of the program, in which everything is said twice; what the outbox holds at its end."""
        with outbox_in(tmp_path) as outbox:
            gateway = program(outbox, home.url, city.url)
            run(gateway, lambda: gateway.listening)
            devices = Devices(home.url)
            devices.say("anbu/kitchen-pir/motion", *([{"id": "m-1"}] * 2))
            devices.say("anbu/pendant/sos", *([{"id": "p-1"}] * 2))
            devices.say(f"{Z2M}/front-door", {"contact": False}, {"contact": False, "linkquality": 90})
            devices.say(f"{Z2M}/{last}", {"action": "emergency"})
            run(gateway, lambda: any(one.event.device == last for one in outbox.numbered()))
            for _ in range(5):
                gateway.step()
            devices.leave()
            gateway.close()
            events = [one.event for one in outbox.numbered() if one.event.device != "gateway"]
            return Counter(event.kind for event in events if event.kind != "device")

    assert live("first") == {"motion": 1, "contact": 1, "sos": 3}
    assert live("second") == {"motion": 1, "contact": 1, "sos": 6}, "the next start remembers what was heard"


def test_after_an_outage_the_sos_leaves_first(brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path) -> None:
    home, city = brokers
    air: dict[str, object] = {"room": "kitchen", "temp_c": 20.5}
    with city_of(city, tmp_path) as place, outbox_in(tmp_path) as outbox:
        spy = Session(city.url, "spy", subscribe=subscriptions(*Lane))
        wait_until(lambda: bool(spy.poll(0.01)) or spy.connected)
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening and gateway.uplink.connected)
        devices = Devices(home.url)
        devices.say("anbu/air-1/climate", *([air] * 100))
        heard: list[str] = []
        run(gateway, lambda: gateway.uplink.sent >= 101)
        run(gateway, lambda: place.take() < 0 or outbox.waiting() == 0)
        run(gateway, lambda: hear(spy, heard) and len(heard) >= 2 and not spy.poll(0.2))
        city.stop()
        heard.clear()
        began = wall_now() - timedelta(hours=4)
        devices.say(
            "anbu/air-1/climate", *({**air, "time": (began + timedelta(seconds=n)).isoformat()} for n in range(2000))
        )
        devices.say("anbu/pendant/sos", {})
        run(gateway, lambda: outbox.waiting() >= 2001)
        city.start()
        run(gateway, lambda: hear(spy, heard) and len(heard) > 0)
        assert heard[0] == up(GATEWAY, Lane.SOS)
        run(gateway, lambda: place.take() < 0 or outbox.waiting() == 0)
        assert Counter(row.kind for row in rows(place)) == {"climate": 2100, "sos": 1}
        spy.disconnect()
        devices.leave()
        gateway.close()


def test_who_is_back_says_so_before_the_next_heartbeat_is_due(
    brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path
) -> None:
    home, city = brokers
    with city_of(city, tmp_path) as place, outbox_in(tmp_path) as outbox:
        gateway = HomeGateway(GATEWAY, home.url, city.url, outbox, SystemClock(), version="t", heartbeat_s=3600.0)

        def beats() -> int:
            place.take()
            with place.city.db.read() as tx:
                return [row.kind for row in log.read(tx, 0, 100)].count("heartbeat")

        run(gateway, lambda: gateway.uplink.connected and beats() == 1)
        city.stop(signal.SIGKILL)
        run(gateway, lambda: not gateway.uplink.connected)
        city.start()
        run(gateway, lambda: beats() == 2)
        for _ in range(100):
            gateway.step(0.01)
        assert beats() == 2
        gateway.close()


def test_a_line_that_is_slow_is_not_filled_with_bulk(brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path) -> None:
    home, city = brokers
    assert city.process is not None
    with outbox_in(tmp_path) as outbox:
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening and gateway.uplink.connected and gateway.uplink.sent == 1)
        devices = Devices(home.url)
        run(gateway, lambda: not gateway.uplink.busy)
        city.process.send_signal(signal.SIGSTOP)
        try:
            devices.say("anbu/air-1/climate", *({"room": "kitchen", "temp_c": t / 10} for t in range(400)))
            run(gateway, lambda: outbox.waiting() >= 400 and gateway.uplink.busy)
            before = gateway.uplink.sent
            assert before <= 1 + FLIGHT * BATCH, "the broker has taken none of it"
            devices.say("anbu/pendant/sos", {})
            run(gateway, lambda: any(one.lane is Lane.SOS for one in outbox.numbered()))
            assert gateway.uplink.sent == before + 1, "the SOS, and no more of the bulk"
        finally:
            city.process.send_signal(signal.SIGCONT)
        devices.leave()
        gateway.close()


def test_a_full_disk_thins_the_bulk_and_keeps_every_sos(brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path) -> None:
    home, city = brokers
    with city_of(city, tmp_path) as place, outbox_in(tmp_path, room_bytes=60_000) as outbox:
        city.stop()
        gateway = program(outbox, home.url, city.url)
        run(gateway, lambda: gateway.listening)
        devices = Devices(home.url)
        for n in range(20):
            devices.say("anbu/air-1/climate", *({"room": "kitchen", "temp_c": t} for t in range(60)))
            devices.say("anbu/kitchen-pir/motion", {"room": "kitchen"})
            devices.say(f"anbu/pendant-{n}/sos", {})
            run(gateway, lambda: gateway.step() == 0)
        thinned = outbox.counts()
        assert outbox.size_bytes <= 60_000
        assert set(thinned) == {"thinned_climate"}
        city.start()
        run(gateway, lambda: place.take() < 0 or outbox.waiting() == 0)
        kinds = Counter(row.kind for row in rows(place))
        assert kinds == {"sos": 20, "motion": 20, "climate": 1200 - thinned["thinned_climate"]}
        devices.leave()
        gateway.close()
