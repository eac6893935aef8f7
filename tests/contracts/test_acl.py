"""Who hears whom at the deployed broker. A broker may grant a subscription and deliver nothing, so deliveries count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from core.clock import sleep_s, stopwatch_s
from core.events import Lane
from ingest.locks import Locks
from store import gateways
from store.database import Database
from store.migrate import migrate
from tests.locked import PASSWORD, Locked
from tests.stories.town import MORNING
from tests.waiting import wait_until
from wire.dynsec import RESPONSE, Dynsec, first_file
from wire.session import BrokerError, Session
from wire.topics import Down, down, up

ONE, OTHER = "gw-one", "gw-other"
KEYS = {ONE: "A" * 43, OTHER: "B" * 43}
EVENTS = "care/v1/+/up/#"
QUIET_S = 0.7  # deliveries on loopback take milliseconds


class Door:
    """The broker, the city's table, and what keeps the two equal."""

    def __init__(self, folder: Path) -> None:
        self.locked = Locked(folder / "broker")
        self.locked.broker.start()
        self.db = Database(f"sqlite:///{folder / 'anbu.db'}")
        migrate(self.db)
        self.dynsec = Dynsec(self.locked.city("locks", RESPONSE))
        self.locks = Locks(self.db, self.dynsec)
        wait_until(lambda: self.locks.step() > 0 or self.dynsec.life > 0)
        self._open: list[Session] = []

    def enrol(self, id: str, secret: str) -> None:
        with self.db.write() as tx:
            code = gateways.register(tx, id, "", "test", MORNING)
            assert isinstance(code, str)
            assert isinstance(gateways.claim(tx, id, code, secret, MORNING), gateways.Gateway)
        assert self.locks.admit(id, secret)

    def revoke(self, id: str) -> None:
        with self.db.write() as tx:
            assert gateways.revoke(tx, id, "test", MORNING) is None

    def session(self, id: str, *topics: str, secret: str = "", persistent: bool = False) -> Session:
        url = self.locked.url(id, secret or KEYS[id])
        return self.connected(Session(url, id, subscribe=topics, persistent=persistent))

    def city(self, *topics: str) -> Session:
        return self.connected(self.locked.city("city-ear", *topics))

    def connected(self, session: Session) -> Session:
        self._open.append(session)
        wait_until(lambda: bool(session.poll(0.02)) or session.connected)
        session.poll(0.2)  # subscriptions are through
        return session

    def close(self) -> None:
        for session in self._open:
            session.disconnect()
        self.dynsec.close()
        self.locked.broker.stop()
        self.db.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = Door(tmp_path)
    for id, secret in KEYS.items():
        made.enrol(id, secret)
    yield made
    made.close()


def heard(*sessions: Session, for_s: float = QUIET_S) -> list[list[tuple[str, bytes]]]:
    """What arrives at each within that time."""
    until_s = stopwatch_s() + for_s
    got: list[list[tuple[str, bytes]]] = [[] for _ in sessions]
    while stopwatch_s() < until_s:
        for session, messages in zip(sessions, got, strict=True):
            deliveries = session.poll(0.01)
            session.ack(deliveries)
            messages += [(delivery.topic, delivery.payload) for delivery in deliveries]
    return got


def test_a_gateway_speaks_on_its_own_topics_and_on_no_others(door: Door) -> None:
    city, other, one = door.city(EVENTS), door.session(OTHER, f"care/v1/{OTHER}/down/#"), door.session(ONE)
    for lane in Lane:
        one.publish(up(ONE, lane), b"own", 1)
    at_city, _ = heard(city, one)
    assert sorted(at_city) == sorted((up(ONE, lane), b"own") for lane in Lane)
    elsewhere = [up(OTHER, lane) for lane in Lane] + [down(OTHER, name) for name in Down]
    elsewhere += [down(ONE, Down.RECEIPT), "care/v1/up/sos", f"care/v1/{ONE}/upper/sos", "care/v1x"]
    for topic in elsewhere:  # 2.0.11 hangs up on whoever does this
        rogue = door.session(ONE)
        rogue.publish(topic, b"foreign", 1)
        assert heard(city, other, rogue, for_s=0.2) == [[], [], []], topic
        rogue.kill()


def test_a_gateway_hears_its_own_topics_and_no_others_whatever_it_subscribes_to(door: Door) -> None:
    wide = ("#", "care/#", "care/v1/+/down/#", EVENTS, "+/+/+/+/+", down(OTHER, Down.ASK), "$CONTROL/#", "$SYS/#")
    one, other = door.session(ONE, *wide), door.session(OTHER, down(OTHER, Down.ASK))
    city = door.city()
    for id in (ONE, OTHER):
        city.publish(down(id, Down.ASK), id.encode(), 1)
    other.publish(up(OTHER, Lane.SOS), b"a cry", 1)
    at_one, at_other, _ = heard(one, other, city)
    assert at_other == [(down(OTHER, Down.ASK), OTHER.encode())]
    assert {topic for topic, _ in at_one} <= {down(ONE, Down.ASK)}


def test_a_gateway_hears_what_is_for_it(door: Door) -> None:
    one, city = door.session(ONE, f"care/v1/{ONE}/down/#"), door.city()
    for name in Down:
        city.publish(down(ONE, name), b"for you", 1)
    (at_one,) = heard(one, city)[:1]
    assert sorted(at_one) == sorted((down(ONE, name), b"for you") for name in Down)


def test_a_gateway_cannot_reach_the_lock(door: Door) -> None:
    one = door.session(ONE, RESPONSE)
    one.publish("$CONTROL/dynamic-security/v1", b'{"commands":[{"command":"deleteClient","username":"gw-other"}]}', 1)
    assert heard(one) == [[]]
    other = door.session(OTHER)
    assert other.connected


def test_nobody_gets_in_without_an_account(door: Door) -> None:
    for username, password in ((None, None), (ONE, "wrong"), (ONE, KEYS[OTHER]), ("stranger", "x"), ("city", "x")):
        session = Session(door.locked.url(username, password), "nobody", persistent=False)
        with pytest.raises(BrokerError, match=r"(?i)not authori[sz]ed|bad user"):
            wait_until(lambda session=session: not session.poll(0.05) and False)  # type: ignore[misc]  # bound now


def test_no_gateway_takes_over_the_session_of_another_or_of_the_city(door: Door) -> None:
    city, other = door.city(EVENTS), door.session(OTHER)
    again = first_file(gateways.hash_secret(PASSWORD), {ONE: gateways.hash_secret(KEYS[ONE])})
    for restarted in (False, True):
        if restarted:  # the same for an account that came by the file
            door.locked.broker.stop()
            door.locked.accounts.write_bytes(again)
            door.locked.broker.start()
        for name in ("city-ear", OTHER, "nobody"):
            rogue = Session(door.locked.url(ONE, KEYS[ONE]), name, persistent=False)
            with pytest.raises(BrokerError):
                wait_until(lambda rogue=rogue: not rogue.poll(0.05) and False)  # type: ignore[misc]  # bound now
        if not restarted:
            assert heard(city, other, for_s=0.2) == [[], []]
            assert city.reconnects == other.reconnects == 0
        assert door.session(ONE).connected


def test_a_retained_event_is_neither_delivered_nor_kept(door: Door) -> None:
    city = door.city(EVENTS)
    for version in (paho.MQTTv5, paho.MQTTv311):
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=ONE, protocol=version)
        client.username_pw_set(ONE, KEYS[ONE])
        client.tls_set(str(door.locked.ca))
        client.connect("localhost", door.locked.port)
        client.loop_start()
        wait_until(client.is_connected)
        client.publish(up(ONE, Lane.SOS), b"for ever", 1, retain=True)
        assert heard(city) == [[]]
        client.disconnect()
        client.loop_stop()
    late = door.city(EVENTS)
    assert heard(late) == [[]]


def test_what_is_too_large_is_not_delivered_and_the_next_is(door: Door) -> None:
    city, one = door.city(EVENTS), door.session(ONE)
    one.publish(up(ONE, Lane.EVENT), b"x" * 66100, 1)
    assert heard(city, one)[0] == []
    one.kill()
    again = door.session(ONE)
    again.publish(up(ONE, Lane.EVENT), b"y" * 65536, 1)
    assert [len(payload) for _, payload in heard(city, again)[0]] == [65536]


def test_who_is_revoked_is_out_within_five_seconds_and_its_neighbour_stays(door: Door) -> None:
    one, other = door.session(ONE), door.session(OTHER)
    revoked_s = stopwatch_s()
    door.revoke(ONE)
    door.locks.step()
    with pytest.raises(BrokerError):
        wait_until(lambda: not one.poll(0.02) and False)
    assert stopwatch_s() - revoked_s < 5
    other.poll(0.2)
    assert (other.connected, other.reconnects) == (True, 0)
    assert door.dynsec.gateways() == {OTHER}
    with door.db.read() as tx:
        assert [change.what for change in gateways.history(tx, ONE)] == ["registered", "claimed", "revoked"]


def test_a_new_secret_throws_out_who_is_in_with_the_old_one(door: Door) -> None:
    one = door.session(ONE)
    with door.db.write() as tx:
        gateways.rotate(tx, ONE, "C" * 43, MORNING)
        gateways.put_in_force(tx, ONE, MORNING)
    assert door.locks.admit(ONE, "C" * 43)
    with pytest.raises(BrokerError):
        wait_until(lambda: not one.poll(0.02) and False)
    assert door.session(ONE, secret="C" * 43).connected
    assert not door.locks.admit(ONE, KEYS[ONE])


def test_a_broker_that_was_away_learns_who_was_revoked(door: Door) -> None:
    door.locks.step()
    door.locked.broker.stop()
    door.revoke(ONE)
    assert not door.locks.admit(OTHER, KEYS[OTHER])
    door.locked.broker.start()
    wait_until(lambda: door.locks.step() == 1 or bool(sleep_s(0.05)))
    assert door.dynsec.gateways() == {OTHER}


def test_a_broker_that_lost_its_accounts_gets_them_back(door: Door) -> None:
    door.locked.broker.stop()
    with door.db.read() as tx:
        kept = {found.id: found.secret or "" for found in gateways.all_gateways(tx)}
    door.locked.accounts.write_bytes(first_file(gateways.hash_secret(PASSWORD), {ONE: kept[ONE]}))
    door.locked.broker.start()
    city = door.city(EVENTS)
    door.session(ONE).publish(up(ONE, Lane.SOS), b"still here", 1)
    assert heard(city) == [[(up(ONE, Lane.SOS), b"still here")]]
    # The other was not in the file: its own secret brings it back.
    wait_until(lambda: door.locks.step() > 0 or door.locks.admit(OTHER, KEYS[OTHER]))
    assert door.session(OTHER).connected
