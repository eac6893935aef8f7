"""The same city at NATS with JetStream, which forgets nothing when it is killed: TLS, accounts, MQTT 3.1.1."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from core.clock import stopwatch_s
from core.events import Lane
from store import log
from tests.servers import NATS, Nats
from tests.stories.town import Town, town
from tests.waiting import wait_until
from wire.session import BrokerError, Session
from wire.topics import Down, down, up

ID, OTHER = "gw-0001", "gw-0002"


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    if NATS is None:
        pytest.skip("NATS is not installed (Debian: nats-server)")
    (tmp_path / "nats").mkdir()
    server = Nats(tmp_path / "nats").start()
    yield server
    server.stop()


@pytest.fixture
def place(nats: Nats, tmp_path: Path) -> Iterator[Town]:
    with town(nats, f"sqlite:///{tmp_path / 'anbu.db'}", tmp_path / "city") as made:
        yield made


def test_an_sos_is_one_case_and_receipted(place: Town) -> None:
    home = place.home(gateway=ID)
    place.member("kim")
    press = home.say("sos", "button")
    place.settle()
    assert place.the_case()["concern"] == "sos"
    assert place.phones.calls() == ["kim"]
    assert home.receipted(press)


def test_killed_with_what_waits_for_an_absent_city_it_delivers_all_of_it(place: Town, nats: Nats) -> None:
    home = place.home(gateway=ID)
    for ingest in (place.sos, place.events):
        ingest._session.kill()
    presses = [home.event("sos", "button") for _ in range(60)]
    for press in presses:
        home.send(press)
    nats.stop(signal.SIGKILL)
    nats.start()
    # Some were already on their way to a connection that was dead: they come again after `ack_wait`.
    wait_until(lambda: place.take(0.02) < 0 or place.taken >= place.expected, 30)
    place.settle()
    assert place.the_case()["concern"] == "sos"
    with place.city.db.read() as tx:
        assert log.head(tx) == len(presses)


def heard(*sessions: Session, for_s: float = 0.7) -> list[list[str]]:
    until_s, got = stopwatch_s() + for_s, [list[str]() for _ in sessions]
    while stopwatch_s() < until_s:
        for session, topics in zip(sessions, got, strict=True):
            deliveries = session.poll(0.01)
            session.ack(deliveries)
            topics += [delivery.topic for delivery in deliveries]
    return got


def test_a_gateway_speaks_and_hears_in_its_own_name_alone(nats: Nats) -> None:
    city = Session(nats.url, "city-ear", subscribe=["care/v1/+/up/sos"], persistent=False)
    wide = ["#", "care/#", "care/v1/+/down/#", "care/v1/+/up/#", "$MQTT/#", down(OTHER, Down.ASK), down(ID, Down.ASK)]
    own = Session(nats.homes_url, ID, subscribe=wide, persistent=False)
    for session in (city, own):
        wait_until(lambda session=session: bool(session.poll(0.02)) or session.connected)  # type: ignore[misc]  # bound now
        session.poll(0.3)
    spied: list[str] = []
    granted: list[object] = []
    spy = paho.Client(CallbackAPIVersion.VERSION2, client_id="spy")
    spy.username_pw_set(ID, "key-1")
    spy.tls_set(str(nats.ca))
    spy.on_message = lambda _client, _data, message: spied.append(message.topic)
    spy.on_subscribe = lambda *said: granted.append(said)
    spy.connect("localhost", nats.port)
    spy.loop_start()
    wait_until(spy.is_connected)
    spy.subscribe([(topic, 0) for topic in wide])
    wait_until(lambda: bool(granted))
    own.publish(up(ID, Lane.SOS), b"own", 1)
    own.publish(up(OTHER, Lane.SOS), b"foreign", 1)
    for id in (ID, OTHER):
        city.publish(down(id, Down.ASK), b"?", 1)
    assert heard(city, own) == [[up(ID, Lane.SOS)], [down(ID, Down.ASK)]]
    spy.disconnect()
    spy.loop_stop()
    assert spied == [down(ID, Down.ASK)]
    for session in (city, own):
        session.disconnect()


def test_a_wrong_key_does_not_get_in(nats: Nats) -> None:
    session = Session(nats.url_of(ID, "guess"), ID, persistent=False)
    with pytest.raises(BrokerError):
        wait_until(lambda: not session.poll(0.05) and False)
