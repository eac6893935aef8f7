"""A persistent MQTT session that acknowledges nothing before the caller says so."""

from __future__ import annotations

import contextlib
import logging
import select
from collections.abc import Iterable, Sequence

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from core.clock import sleep_s, stopwatch_s
from wire.client import CONNECT_TIMEOUT_S, LineClient, connect, make_client
from wire.errand import Errand, Pause
from wire.line import Delivery
from wire.url import BrokerUrl

log = logging.getLogger(__name__)

IDENTITY_TOPIC = "anbu/identity"
_IDENTITY_TIMEOUT_S = 5.0
_BACKOFF_S = (0.2, 10.0)
# CONNACK: identifier refused, wrong user or password, not authorised, banned.
_REFUSED = frozenset({0x85, 0x86, 0x87, 0x8A})
_OTHER_VERSION = 0x84


class BrokerError(Exception):
    """Fatal: going on would mean talking to the wrong broker, or never getting in."""


class Session:
    """One persistent session, driven by one thread that calls `poll` often (it keeps the connection alive too).

    MQTT 5 where the broker has it, else 3.1.1. A lost connection is taken up again with jittered back-off; the broker
    then sends what was not acknowledged once more. With `identity` the broker must hold that word as a retained message
    on `anbu/identity`; another or none raises BrokerError, as a refused login does. `life` numbers the connections;
    `known`: when this one began, the broker still had what it owed us.
    """

    def __init__(
        self,
        url: BrokerUrl,
        client_id: str,
        *,
        subscribe: Sequence[str] = (),
        kept: Sequence[str] = (),
        will: tuple[str, bytes] | None = None,
        will_kept: bool = False,
        persistent: bool = True,
        inflight: int = 2000,
        keepalive_s: int = 20,
        identity: str | None = None,
        background: bool = False,
    ) -> None:
        """`kept`: topics whose retained words are wanted too. `will_kept`: the broker retains the will. `background`:
        `poll` waits neither for a name server nor for a broker that does not answer."""
        self.url = url
        self.client_id = client_id
        self._subscribe, self._kept = list(subscribe), list(kept)
        self._will, self._will_kept = will, will_kept
        self._persistent = persistent
        self._inflight = inflight
        self._keepalive_s = keepalive_s
        self._identity = identity
        self._asks_who = identity is not None and not persistent
        self._pause = Pause(*_BACKOFF_S, client_id)
        self._protocol: int = mqtt.MQTTv5 if url.v5 else mqtt.MQTTv311
        self._client = self._new_client()
        self._inbox: list[Delivery] = []
        self.life = 0
        self.known = False
        self._link_open = False
        self._ready = False
        self._opened_s = 0.0
        self._misc_s = 0.0
        self._fatal: str | None = None
        self._got_connack = False
        self._reach = Errand(self._reaches, here=not background)
        self.reconnects = 0

    @property
    def connected(self) -> bool:
        """Whether messages flow: accepted by the broker, subscribed, its identity proved."""
        return self._ready

    @property
    def protocol(self) -> str:
        """The MQTT version spoken."""
        return "5" if self._protocol == mqtt.MQTTv5 else "3.1.1"

    def poll(self, wait_s: float = 0.0, limit: int = 500) -> list[Delivery]:
        """The messages that are here, at most about `limit`; waits up to `wait_s` real seconds for the first.

        Raises BrokerError, and nothing else: a lost connection reads as no messages.
        """
        if not self._link_open and not self._open(wait_s):
            return []
        self._read(wait_s, limit)
        now_s = stopwatch_s()
        if now_s - self._misc_s > 1.0:
            self._misc_s = now_s
            self._client.loop_misc()
        self._check_fatal()
        if not self._ready:
            self._check_patience(now_s)
            return []
        taken, self._inbox = self._inbox, []
        return taken

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge to the broker; call it after the commit."""
        line = self._client.line
        if line is None or not self._link_open:
            return
        with line.corked():
            for delivery in deliveries:
                if delivery.life == self.life and delivery.qos:
                    self._client.ack(delivery.mid, delivery.qos)

    def publish(self, topic: str, payload: bytes, qos: int = 0, *, retain: bool = False) -> mqtt.MQTTMessageInfo:
        """Send or, with QoS 1, keep until the broker has it; `is_published()` of the answer tells."""
        return self._client.publish(topic, payload, qos, retain)

    def subscribe(self, topics: Sequence[str]) -> None:
        """Hear these topics too, from now on and after each reconnection."""
        self._subscribe += topics
        if self._ready:
            self._hear(topics)

    def disconnect(self) -> None:
        """Leave in good order; a persistent session stays at the broker, and the will is not sent."""
        self._link_open = self._ready = False
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()

    def kill(self) -> None:
        """Drop the connection without a word, as a power cut does: the broker sends the will."""
        if self._client.line is not None:
            with contextlib.suppress(OSError):
                self._client.line.close()
        self._lost()

    # --- connection

    def _new_client(self) -> LineClient:
        client = make_client(self.url, self.client_id, self._protocol, persistent=self._persistent, kind=LineClient)
        if self._will is not None:
            client.will_set(self._will[0], self._will[1], qos=1, retain=self._will_kept)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_plain = self._take
        return client

    def _open(self, wait_s: float) -> bool:
        if left_s := self._pause.left_s:
            if wait_s > 0:
                sleep_s(min(wait_s, left_s))
            return False
        if not (reached := self._reach.run(wait_s)):
            if reached is False:
                self._pause.failed()
                self._check_fatal()
            return False
        self._got_connack = False
        self.life += 1
        self._inbox.clear()
        self._link_open = True
        self._opened_s = stopwatch_s()
        return True

    def _reaches(self) -> bool:
        try:
            if self._identity is not None and self._persistent and not self._proved():
                return False
            connect(self._client, self.url, self._keepalive_s, self._persistent, self._inflight, self._protocol)
        except BrokerError as error:
            self._fatal = str(error)
        except (OSError, ValueError) as error:
            log.warning("broker %s does not answer: %s", self.url, error)
            return False
        return self._fatal is None

    def _proved(self) -> bool:
        """Whether the broker is ours, asked on a connection of its own: on this one, what the broker has kept comes
        first, is not acknowledged before the broker is known, and may keep the answer back for ever.
        """
        asking = Session(self.url, f"{self.client_id}-who", persistent=False, identity=self._identity)
        try:
            while not asking.connected:
                asking.poll(0.05)
                if asking._pause.left_s:
                    return False
            return True
        finally:
            asking.disconnect()

    def _lost(self) -> None:
        if not self._link_open:
            return
        self._link_open = self._ready = False
        self._inbox.clear()
        if not self._got_connack and self._protocol == mqtt.MQTTv5:
            # A broker of 3.1.1 hangs up on a version that it does not know.
            self._protocol = mqtt.MQTTv311
            self._client = self._new_client()
            self._pause.over()
            return
        if not self._got_connack and self.url.v5:
            self._protocol = mqtt.MQTTv5
            self._client = self._new_client()
        log.warning("connection to broker %s lost", self.url)
        self.reconnects += 1
        self._pause.failed()

    def _check_fatal(self) -> None:
        if self._fatal is not None:
            raise BrokerError(self._fatal)

    def _check_patience(self, now_s: float) -> None:
        if not self._link_open:
            return
        waited_s = now_s - self._opened_s
        if self._got_connack and self._asks_who and waited_s > _IDENTITY_TIMEOUT_S:
            raise BrokerError(f"{self.url} is not our broker: it holds no identity of ours")
        if not self._got_connack and waited_s > CONNECT_TIMEOUT_S:
            self.kill()

    def _on_connect(
        self, _client: mqtt.Client, _data: object, flags: mqtt.ConnectFlags, reason: ReasonCode, _said: object
    ) -> None:
        if reason.is_failure:
            if reason.value == _OTHER_VERSION:
                return  # the connection ends now, and the next one speaks 3.1.1
            self._got_connack = True
            if reason.value in _REFUSED:
                self._fatal = f"broker {self.url} refuses {self.client_id}: {reason}"
            return
        self._got_connack = True
        self.known = flags.session_present
        self._pause.succeeded()
        kept = [*self._kept, *([IDENTITY_TOPIC] if self._asks_who else [])]
        self._hear([*self._subscribe, *kept], kept)
        self._ready = not self._asks_who
        if self._ready:
            log.info("%s speaks MQTT %s with %s", self.client_id, self.protocol, self.url)

    def _hear(self, topics: Sequence[str], kept: Sequence[str] = ()) -> None:
        if topics and self._protocol == mqtt.MQTTv5:
            # Retained words are old: none is sent at a subscription, but for those that are asked for.
            wants = [(t, SubscribeOptions(qos=1, retainHandling=0 if t in kept else 2)) for t in topics]
            self._client.subscribe(wants)
        elif topics:
            self._client.subscribe([(topic, 1) for topic in topics])

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, _reason: ReasonCode, _properties: object
    ) -> None:
        self._lost()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            # A broker must hang up on whoever sends this. One that does not would make us fall over it again and again.
            log.error("a message with a topic that is no text was thrown away")
            self._client.ack(message.mid, message.qos)
            return
        self._take(topic, bytes(message.payload), message.mid, message.qos, message.dup, message.retain)

    def _take(self, topic: str, payload: bytes, mid: int, qos: int, again: bool, retained: bool) -> None:
        if topic == IDENTITY_TOPIC:
            if self._asks_who and payload.decode("utf-8", "replace") != self._identity:
                self._fatal = f"{self.url} is not our broker: it names itself otherwise"
            elif self._asks_who:
                self._ready = True
            self._client.ack(mid, qos)  # the connection may end here
            return
        self._inbox.append(Delivery(topic, payload, mid, qos, self.life, again, retained))

    # --- reading

    def _read(self, wait_s: float, limit: int) -> None:
        client, inbox = self._client, self._inbox
        while self._link_open and len(inbox) < limit:
            line = client.line
            if line is None or client.socket() is None:
                self._lost()
                return
            if not line.pending():
                line.hurry()
                # poll and not select, which knows no more than 1,024 files: a simulator plays thousands of homes.
                eye = select.poll()
                eye.register(line, select.POLLIN | (select.POLLOUT if line.unsent or client.want_write() else 0))
                seen = sum(what for _, what in eye.poll(0 if inbox else wait_s * 1000.0))
                if seen & select.POLLOUT:
                    line.flush()
                    client.loop_write()
                if not seen & ~select.POLLOUT:
                    return
            wait_s = 0.0
            # One look serves many packets: a call that brings no message ends the run.
            for _ in range(64):
                before = len(inbox)
                if client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    self._lost()
                    return
                if len(inbox) == before:
                    break
