"""A broker that delivers at least once and forgets when it is killed, and the session that speaks with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from tests.simulation.timeline import Timeline
from wire.line import Delivery
from wire.url import BrokerUrl

_BACKOFF_S = (0.2, 10.0)


class Fates(Protocol):
    """What the world decides for those who are in it."""

    timeline: Timeline

    def breathe(self, process: str, where: str) -> None:
        """Raises `Died` where the process that stands here dies here."""

    def latency_s(self) -> float: ...

    def chance(self, of: str) -> bool: ...

    def between(self, low: float, high: float) -> float: ...

    def nudge(self, process: str) -> None: ...

    def reachable(self, process: str, broker: str) -> bool: ...

    def said(self, session: FakeSession, topic: str, payload: bytes) -> None: ...

    def acked(self, session: FakeSession, delivery: Delivery) -> None: ...


class Packet(NamedTuple):
    topic: str
    payload: bytes
    qos: int


class Sent:
    """What `publish` answers: whether the broker has said that it took it."""

    def __init__(self, packet: Packet) -> None:
        self.packet, self.done = packet, packet.qos == 0

    def is_published(self) -> bool:
        return self.done


class _Kept:
    """What a broker knows of one client."""

    def __init__(self) -> None:
        self.filters: list[list[str]] = []
        self.queue: deque[Packet] = deque()
        self.flying: dict[int, Packet] = {}
        self.mid = 0
        self.session: FakeSession | None = None


class FakeBroker:
    """QoS 1 as MQTT has it: what a client has not acknowledged comes again, in order, at its next connection, and
    sometimes on the same one. `forgets`: killed, it loses sessions and messages that it has acknowledged.
    """

    def __init__(self, fates: Fates, name: str, *, forgets: bool) -> None:
        self._fates, self.name, self._forgets = fates, name, forgets
        self.up = True
        self._clients: dict[str, _Kept] = {}

    def stop(self, *, killed: bool) -> None:
        """Every connection ends; `start` ends the darkness."""
        self.up = False
        for kept in self._clients.values():
            if kept.session is not None:
                kept.session.lose()
            kept.session = None
        if killed and self._forgets:
            self._clients.clear()

    def start(self) -> None:
        self.up = True

    def forget(self) -> None:
        """As after a new disk."""
        self.stop(killed=True)
        self._clients.clear()
        self.up = True

    def attach(self, session: FakeSession) -> bool:
        """Take a client in; whether it was known."""
        known = session.client_id in self._clients
        kept = self._clients.setdefault(session.client_id, _Kept())
        if kept.session is not None and kept.session is not session:
            kept.session.lose()
        kept.session = session
        kept.filters = [text.split("/") for text in session.filters]
        for mid, packet in kept.flying.items():
            self._deliver(session, mid, packet, again=True)
        while kept.queue:
            self._hand_over(kept, kept.queue.popleft())
        return known

    def detach(self, session: FakeSession, *, in_order: bool) -> None:
        """A connection ends; not `in_order`: the last will is said."""
        kept = self._clients.get(session.client_id)
        if kept is not None and kept.session is session:
            kept.session = None
            if session.will is not None and not in_order and self.up:
                self.route(Packet(*session.will, 1))

    def route(self, packet: Packet) -> bool:
        """To everybody who has subscribed to it; whether there is anybody."""
        parts, anybody = packet.topic.split("/"), False
        for kept in self._clients.values():
            if not any(_fits(one, parts) for one in kept.filters):
                continue
            anybody = True
            if kept.session is not None:
                self._hand_over(kept, packet)
            elif packet.qos:
                kept.queue.append(packet)
        return anybody

    def publish(self, topic: str, payload: bytes) -> bool:
        """As a device does whose line never breaks; False: nobody will ever hear it."""
        return self.route(Packet(topic, payload, 1))

    def acknowledged(self, session: FakeSession, mid: int) -> None:
        """A client has taken responsibility for a message."""
        kept = self._clients.get(session.client_id)
        if kept is not None and kept.session is session:
            kept.flying.pop(mid, None)

    def _hand_over(self, kept: _Kept, packet: Packet) -> None:
        assert kept.session is not None
        kept.mid += 1
        if packet.qos:
            kept.flying[kept.mid] = packet
        self._deliver(kept.session, kept.mid, packet, again=False)
        if packet.qos and self._fates.chance("repeats"):
            self._deliver(kept.session, kept.mid, packet, again=True)

    def _deliver(self, session: FakeSession, mid: int, packet: Packet, *, again: bool) -> None:
        session.down(Delivery(packet.topic, packet.payload, mid, packet.qos, session.life, again))


class FakeSession:
    """What `wire.session.Session` is to its owner, on a line of the simulation: in order, slow, and cut at any time."""

    def __init__(
        self,
        fates: Fates,
        process: str,
        broker: FakeBroker,
        client_id: str,
        *,
        subscribe: Sequence[str] = (),
        kept: Sequence[str] = (),
        will: tuple[str, bytes] | None = None,
        identity: str | None = None,
        background: bool = False,
    ) -> None:
        """`kept`: nothing is retained here; `identity`: nobody pretends to be this broker; `background`: nothing here
        makes anybody wait."""
        self._fates, self.process, self.broker = fates, process, broker
        self.client_id, self.filters, self.will = client_id, list(subscribe), will
        self.life = self.reconnects = 0
        self.known = self.connected = False
        self._open = False
        self._inbox: list[Delivery] = []
        self._unacked: list[Sent] = []
        self._next_try_s, self._backoff_s = 0.0, _BACKOFF_S[0]
        self._up_s = self._down_s = 0.0

    # --- what its owner calls

    def poll(self, wait_s: float = 0.0, limit: int = 500) -> list[Delivery]:
        self._fates.breathe(self.process, "poll")
        if not self._open:
            self._connect()
        if not self.connected:
            return []
        taken, self._inbox = self._inbox[:limit], self._inbox[limit:]
        return taken

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            self._fates.breathe(self.process, "ack")
            self._fates.acked(self, delivery)
            if delivery.life == self.life and self.connected and delivery.qos:
                self._upward(lambda mid=delivery.mid: self.broker.acknowledged(self, mid))

    def publish(self, topic: str, payload: bytes, qos: int = 0) -> Sent:
        self._fates.breathe(self.process, "publish")
        self._fates.said(self, topic, payload)
        sent = Sent(Packet(topic, payload, qos))
        if qos:
            self._unacked.append(sent)
        if self.connected:
            self._transmit(sent)
        return sent

    def disconnect(self) -> None:
        if self._open:
            self._open = self.connected = False
            self.life += 1
            self.broker.detach(self, in_order=True)

    def kill(self) -> None:
        """The process has died."""
        if self._open:
            self.lose()
            self.broker.detach(self, in_order=False)

    # --- what happens to it

    def lose(self) -> None:
        """The connection is gone, and what was on it."""
        if not self._open:
            return
        self._open = self.connected = False
        self.life += 1
        self._inbox.clear()
        self.reconnects += 1
        self._next_try_s = self._fates.timeline.now_s + self._backoff_s * self._fates.between(0.5, 1.5)
        self._backoff_s = min(self._backoff_s * 2, _BACKOFF_S[1])
        self._fates.nudge(self.process)

    def down(self, delivery: Delivery) -> None:
        """The broker sends a message."""

        def arrive() -> None:
            self._inbox.append(delivery)
            self._fates.nudge(self.process)

        self._down_s = self._along(self._down_s, arrive)

    def _connect(self) -> None:
        if self._fates.timeline.now_s < self._next_try_s or not self._reachable():
            return
        self.life += 1
        self._open = True
        self._inbox.clear()

        def accepted() -> None:
            if not self._reachable():
                self.lose()
                return
            self.connected, self._backoff_s = True, _BACKOFF_S[0]
            self.known = self.broker.attach(self)
            for sent in self._unacked:
                self._transmit(sent)
            self._fates.nudge(self.process)

        self._up_s = self._along(self._up_s, accepted)

    def _reachable(self) -> bool:
        return self.broker.up and self._fates.reachable(self.process, self.broker.name)

    def _transmit(self, sent: Sent) -> None:
        def arrive() -> None:
            self.broker.route(sent.packet)
            if sent.packet.qos:
                self._down_s = self._along(self._down_s, taken)

        def taken() -> None:
            sent.done = True
            if sent in self._unacked:
                self._unacked.remove(sent)

        self._upward(arrive)

    def _upward(self, arrive: Callable[[], object]) -> None:
        self._up_s = self._along(self._up_s, arrive)

    def _along(self, last_s: float, arrive: Callable[[], object]) -> float:
        """Behind what is on the line already; when the last of it arrives."""
        timeline, life = self._fates.timeline, self.life
        at_s = max(last_s, timeline.now_s + self._fates.latency_s())
        timeline.after(at_s - timeline.now_s, lambda: arrive() if self._open and self.life == life else None)
        return at_s


def _fits(filter_: list[str], parts: list[str]) -> bool:
    return len(filter_) == len(parts) and all(a in ("+", b) for a, b in zip(filter_, parts, strict=True))


Connect = Callable[..., FakeSession]


def connector(fates: Fates, process: str, brokers: dict[str, FakeBroker]) -> Connect:
    """In the place of `Session`: the broker is found by its host."""

    def connect(url: BrokerUrl, client_id: str, **how: object) -> FakeSession:
        how.pop("identity", None)
        return FakeSession(fates, process, brokers[url.host], client_id, **how)  # type: ignore[arg-type]  # as given

    return connect
