"""The MQTT session on both brokers: Mosquitto (MQTT 5) and the embedded one (3.1.1)."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from core.events import Lane
from tests.waiting import wait_until
from wire.broker import EmbeddedBroker, free_port
from wire.client import Publisher
from wire.mosquitto import Mosquitto
from wire.session import IDENTITY_TOPIC, BrokerError, Session
from wire.topics import subscriptions, up
from wire.url import BrokerUrl

TOPIC = up("gw-0001", Lane.SOS)
HEARS = subscriptions(Lane.SOS)


@pytest.fixture(params=["mosquitto", "embedded"])
def url(request: pytest.FixtureRequest) -> Iterator[BrokerUrl]:
    if request.param == "mosquitto":
        yield request.getfixturevalue("mosquitto").url
        return
    broker = EmbeddedBroker(free_port(), "a-secret", "city-1")
    broker.start()
    yield broker.url
    broker.stop()


def connected(session: Session) -> Session:
    wait_until(lambda: bool(session.poll(0.02)) or session.connected)
    return session


def send(url: BrokerUrl, *payloads: bytes) -> None:
    send_to(url, TOPIC, *payloads)


def send_to(url: BrokerUrl, topic: str, *payloads: bytes) -> None:
    sender = connected(Session(url, "sender", persistent=False))
    sent = [sender.publish(topic, payload, 1) for payload in payloads]
    wait_until(lambda: not sender.poll(0.01) and all(info.is_published() for info in sent))
    sender.disconnect()


def receive(session: Session, count: int) -> list[bytes]:
    heard: list[bytes] = []
    wait_until(lambda: heard.extend(d.payload for d in session.poll(0.02)) or len(heard) >= count)  # type: ignore[func-returns-value]  # extend, then ask
    return heard


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(BrokerError) as caught:
        wait_until(lambda: not attempt() and False)
    return str(caught.value)


def test_what_is_not_acknowledged_comes_again(mosquitto: Mosquitto) -> None:
    url = mosquitto.url  # the embedded broker does not do this: there, the home sends again
    session = connected(Session(url, "city", subscribe=HEARS))
    send(url, b"1", b"2", b"3")
    got = []
    wait_until(lambda: got.extend(session.poll(0.02)) or len(got) == 3)  # type: ignore[func-returns-value]  # extend, then ask
    session.ack(got[:1])
    session.poll(0.2)
    session.kill()
    assert receive(Session(url, "city", subscribe=HEARS), 2) == [b"2", b"3"]


def test_the_broker_keeps_what_comes_while_the_city_is_away(url: BrokerUrl) -> None:
    session = connected(Session(url, "city", subscribe=HEARS))
    session.poll(0.2)
    session.disconnect()
    send(url, *(b"%d" % n for n in range(50)))
    assert receive(Session(url, "city", subscribe=HEARS), 50) == [b"%d" % n for n in range(50)]


def test_an_acknowledgement_of_a_former_connection_is_void(mosquitto: Mosquitto) -> None:
    url = mosquitto.url  # the embedded broker does not do this: there, the home sends again
    session = connected(Session(url, "city", subscribe=HEARS))
    send(url, b"1")
    first = []
    wait_until(lambda: first.extend(session.poll(0.02)) or first)  # type: ignore[func-returns-value, arg-type, return-value]  # extend, then ask
    session.kill()
    second = []
    wait_until(lambda: second.extend(session.poll(0.02)) or second)  # type: ignore[func-returns-value, arg-type, return-value]  # extend, then ask
    assert [d.payload for d in second] == [b"1"]
    assert second[0].life != first[0].life
    session.ack(first)
    session.poll(0.2)
    session.kill()
    assert receive(session, 1) == [b"1"], "the broker has not been told that it is done"


def test_a_retained_message_is_not_asked_for(mosquitto: Mosquitto) -> None:
    sender = connected(Session(mosquitto.url, "sender", persistent=False))
    sent = sender.publish(TOPIC, b"old", 1, retain=True)
    wait_until(lambda: not sender.poll(0.01) and sent.is_published())
    session = Session(mosquitto.url, "city", subscribe=HEARS)
    wait_until(lambda: bool(session.poll(0.02)) or session.connected)
    send(mosquitto.url, b"new")
    assert receive(session, 1) == [b"new"]


def test_a_will_is_sent_when_the_power_goes_and_not_at_a_good_bye(url: BrokerUrl) -> None:
    city = connected(Session(url, "city", subscribe=HEARS))
    for name, leave in (("polite", Session.disconnect), ("cut", Session.kill)):
        gateway = connected(Session(url, f"gw-{name}", will=(TOPIC, name.encode())))
        leave(gateway)
    assert receive(city, 1) == [b"cut"]


def test_a_strangers_broker_is_never_talked_to(url: BrokerUrl) -> None:
    stranger = Session(url, "city", subscribe=HEARS, identity="not-this-one")
    send(url, b"for somebody else")
    assert "not our broker" in refusal(lambda: stranger.poll(0.05))


def test_our_own_broker_is_known_by_its_word(mosquitto: Mosquitto) -> None:
    owner = connected(Session(mosquitto.url, "owner", persistent=False))
    word = owner.publish(IDENTITY_TOPIC, b"city-7", 1, retain=True)
    wait_until(lambda: not owner.poll(0.01) and word.is_published())
    assert connected(Session(mosquitto.url, "city", subscribe=HEARS, identity="city-7")).connected


@pytest.mark.parametrize("many", [1, 500])
def test_what_has_waited_does_not_hide_the_brokers_identity(url: BrokerUrl, many: int) -> None:
    """An SOS that was pressed while its worker started anew comes before the broker's word."""
    owner = connected(Session(url, "owner", persistent=False))
    word = owner.publish(IDENTITY_TOPIC, b"city-1", 1, retain=True)
    wait_until(lambda: not owner.poll(0.01) and word.is_published())
    first = connected(Session(url, "city", subscribe=HEARS, identity="city-1"))
    first.kill()
    send(url, *(b"%d" % n for n in range(many)))
    heard: set[bytes] = set()
    second = Session(url, "city", subscribe=HEARS, identity="city-1")

    def all_heard() -> bool:
        found = second.poll(0.02)
        second.ack(found)
        heard.update(delivery.payload for delivery in found)
        return len(heard) == many

    wait_until(all_heard)


def test_a_wrong_password_is_fatal_and_says_so() -> None:
    broker = EmbeddedBroker(free_port(), "a-secret", "city-1")
    broker.start()
    try:
        wrong = BrokerUrl("127.0.0.1", broker.url.port, v5=False, username="anbu", password="guess")
        intruder = Session(wrong, "intruder")
        assert "refuses" in refusal(lambda: intruder.poll(0.05))
        nobody = Session(BrokerUrl("127.0.0.1", broker.url.port, v5=False), "nobody")
        assert "refuses" in refusal(lambda: nobody.poll(0.05))
    finally:
        broker.stop()


def test_a_taken_port_is_fatal_and_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        broker = EmbeddedBroker(other.getsockname()[1], "a-secret", "city-1")
        with pytest.raises(BrokerError, match="cannot listen"):
            broker.start()


def test_a_client_slow_to_acknowledge_fills_no_screen(caplog: pytest.LogCaptureFixture) -> None:
    broker, log = EmbeddedBroker(free_port(), "a-secret", "city-1"), logging.getLogger("amqtt.broker")
    broker.start()
    try:
        for fault in (TimeoutError("no PUBACK"), OSError("no disk")):  # as amqtt tells of what befell one message
            log.error("skipped", exc_info=fault)
    finally:
        broker.stop()
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["no disk"]


def test_the_embedded_broker_ends_with_all_its_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task left on a closed loop dies in the garbage collector, in the middle of anything."""
    noise: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", noise.append)
    broker = EmbeddedBroker(free_port(), "a-secret", "city-1")
    broker.start()
    here = [connected(Session(broker.url, f"client-{n}", subscribe=HEARS)) for n in range(3)]
    here[0].kill()
    broker.stop()
    broker.stop()
    assert "broker" not in {thread.name for thread in threading.enumerate()}
    del broker
    gc.collect()
    assert noise == []


def test_a_broker_that_comes_back_is_taken_up_again(mosquitto: Mosquitto) -> None:
    session = connected(Session(mosquitto.url, "city", subscribe=HEARS))
    assert session.protocol == "5"
    mosquitto.stop(signal.SIGTERM)
    wait_until(lambda: not session.poll(0.02) and not session.connected)
    mosquitto.start()
    connected(session)
    send(mosquitto.url, b"after")
    assert receive(session, 1) == [b"after"]


def test_a_publisher_says_whether_the_broker_took_it(mosquitto: Mosquitto) -> None:
    city = connected(Session(mosquitto.url, "city", subscribe=HEARS))
    publisher = Publisher(mosquitto.url, "asks")
    publisher.start()
    wait_until(lambda: publisher.publish(TOPIC, b"hello", 2.0))
    assert receive(city, 1) == [b"hello"]
    mosquitto.stop()
    assert not publisher.publish(TOPIC, b"lost", 0.5)
    publisher.stop()


@pytest.mark.parametrize("text", ["localhost:1883", "http://localhost", "mqtt://", "mqtt://host:port"])
def test_a_broker_url_that_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any sentence will do
        BrokerUrl.parse(text)


def test_broker_urls() -> None:
    assert BrokerUrl.parse("mqtt://host") == BrokerUrl("host", 1883)
    assert BrokerUrl.parse("mqtts://a%40b:p%3Aw@host:1884?mqtt=3.1.1") == BrokerUrl(
        "host", 1884, tls=True, v5=False, username="a@b", password="p:w"
    )
    assert "p:w" not in str(BrokerUrl.parse("mqtts://a:p%3Aw@host"))
