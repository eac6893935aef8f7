"""The program in the home: what devices say is on its own disk first, and then on its way to the city."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

from core.clock import Clock, stopwatch_s
from core.events import EMERGENCY_KINDS, Heartbeat, Rejected
from gateway.adapters import native, zigbee2mqtt
from gateway.adapters.said import Adapter, Heard, Said, State, believed
from gateway.outbox import Outbox
from gateway.uplink import RESEND_S, Uplink
from wire.line import Delivery
from wire.session import Session
from wire.url import BrokerUrl

log = logging.getLogger(__name__)

SELF = "gateway"
HEARTBEAT_S = 300.0
_IDLE_S, _BUSY_S = 0.1, 0.005
_BATCH = 200


class Dialect(NamedTuple):
    """A part of the local broker's topics, and who understands it."""

    base: str
    filter: str
    hear: Adapter


def dialects(zigbee2mqtt_base: str = "zigbee2mqtt") -> tuple[Dialect, ...]:
    """Everything that this program understands."""
    return (
        Dialect(native.BASE, native.FILTER, native.hear),
        Dialect(zigbee2mqtt_base, f"{zigbee2mqtt_base}/#", zigbee2mqtt.hear),
    )


class HomeGateway:
    """One home's gateway on one thread: call `step` often.

    Law: a message of the local broker is acknowledged after the commit that holds all it meant; one that the broker
    sends again means nothing more.
    """

    def __init__(
        self,
        gateway: str,
        local: BrokerUrl,
        city: BrokerUrl,
        outbox: Outbox,
        clock: Clock,
        *,
        version: str,
        identity: str | None = None,
        heartbeat_s: float = HEARTBEAT_S,
        resend_s: float = RESEND_S,
        hears: Sequence[Dialect] | None = None,
        connect: Callable[..., Session] = Session,
    ) -> None:
        self._outbox, self._clock, self._version, self._heartbeat_s = outbox, clock, version, heartbeat_s
        self._dialects = dialects() if hears is None else hears
        self._local = connect(local, f"{gateway}-local", subscribe=[dialect.filter for dialect in self._dialects])
        self.uplink = Uplink(outbox, gateway, city, identity=identity, resend_s=resend_s, connect=connect)
        self._states = outbox.states()
        self._life = 0
        self._started_s = stopwatch_s()
        self._beat_s = self._started_s - heartbeat_s

    @property
    def listening(self) -> bool:
        """Whether messages flow from the home's devices."""
        return self._local.connected

    def step(self, wait_s: float = _IDLE_S) -> int:
        """Take in what the home says, send what is due; the number of messages heard.

        Raises BrokerError where the local broker refuses us, and sqlite3.Error where the disk does: nothing that is not
        kept is acknowledged, so whoever starts the program again loses nothing.
        """
        deliveries = self._local.poll(_BUSY_S if self.uplink.busy else wait_s, _BATCH)
        if self._local.connected and self._local.life != self._life:
            self._life = self._local.life
            if not self._local.known:
                # It will send nothing again, and may give the numbers of its messages anew.
                self._outbox.unmark(_BROKERS)
        if deliveries:
            self._take(deliveries)
            self._local.ack(deliveries)
        self._beat()
        self.uplink.turn(self._clock.now())
        return len(deliveries)

    def close(self) -> None:
        """Leave both brokers in good order."""
        self._local.disconnect()
        self.uplink.close()

    def _take(self, deliveries: Sequence[Delivery]) -> None:
        now = self._clock.now()
        said: list[Said] = []
        states: dict[tuple[str, str], State] = {}
        marks: dict[str, None] = {}
        rejected: list[str] = []
        for delivery in deliveries:
            mark = _mark(delivery)
            if delivery.again and mark is not None and (mark in marks or self._outbox.marked(mark)):
                continue
            if mark is not None:
                marks[mark] = None
            heard = self._understand(delivery)
            if isinstance(heard, Rejected):
                log.warning("rejected (%s): %s", heard.reason, heard.detail)
                rejected.append(heard.reason)
                continue
            self._states.update(heard.states)
            states.update(heard.states)
            for one in heard.said:
                name = _name(one)
                if name is not None and (name in marks or self._outbox.marked(name)):
                    continue
                if name is not None:
                    marks[name] = None
                said.append(one._replace(at=believed(one.at, now)))
        self._outbox.keep(said, now, states=states, marks=marks, rejected=rejected)

    def _understand(self, delivery: Delivery) -> Heard | Rejected:
        for dialect in self._dialects:
            if delivery.topic.startswith(f"{dialect.base}/"):
                name = delivery.topic.removeprefix(f"{dialect.base}/")
                return dialect.hear(name, delivery.payload, delivery.retained, self._states)
        return Rejected("topic", f"{delivery.topic[:200]!r} is in no dialect")

    def _beat(self) -> None:
        now_s = stopwatch_s()
        if now_s - self._beat_s < self._heartbeat_s:
            return
        self._beat_s = now_s
        beat = Heartbeat(self._heartbeat_s, now_s - self._started_s, self._version)
        self._outbox.keep([Said(SELF, "heartbeat", beat)], self._clock.now())


_BROKERS = "mqtt/"


def _name(said: Said) -> str | None:
    """By which a device's word is known when the device says it again. A cry for help is heard each time: a button
    that counts from 1 after a new battery must not be silent."""
    return None if said.id is None or said.kind in EMERGENCY_KINDS else f"id/{said.device}/{said.id}"


def _mark(delivery: Delivery) -> str | None:
    """By which a message is known when the broker sends it again; one of QoS 0 never is."""
    if not delivery.qos:
        return None
    digest = sha256(delivery.topic.encode() + b"\0" + delivery.payload).hexdigest()[:32]
    return f"{_BROKERS}{delivery.mid}/{digest}"
