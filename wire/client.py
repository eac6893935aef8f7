"""paho's client as ours: a cheaper line, TLS where the URL says so. Only this file and the session import paho."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from wire.line import Line, plain_publish
from wire.url import BrokerUrl

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

Made = TypeVar("Made", bound=mqtt.Client)
SESSION_EXPIRY_S = 7 * 24 * 3600
CONNECT_TIMEOUT_S = 5.0


class LineClient(mqtt.Client):
    """paho's client on a `Line`, with a short way for the one kind of message that homes send by the thousand."""

    line: Line | None = None
    on_plain: Callable[[str, bytes, int, int, bool, bool], None] | None = None

    def _handle_publish(self) -> MQTTErrorCode:
        # Most of what receiving costs is the empty Properties object that paho builds for each MQTT 5 message. A paho
        # that no longer calls this goes its own way, to `on_message`.
        header: int = self._in_packet["command"]
        plain = plain_publish(header, self._in_packet["packet"], self._protocol == mqtt.MQTTv5)
        if plain is None or self.on_plain is None:
            return super()._handle_publish()
        self.on_plain(*plain, 1, bool(header & 0x08), bool(header & 0x01))
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _create_socket(self) -> SocketLike:
        sock = super()._create_socket()
        if not isinstance(sock, socket.socket):  # a web socket, which no URL of ours asks for
            return sock
        self.line = Line(sock)
        return self.line


def make_client(url: BrokerUrl, client_id: str, protocol: int, *, persistent: bool, kind: type[Made]) -> Made:
    """A client of `kind` that knows its broker, acknowledges nothing by itself and is not connected yet."""
    client = kind(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=None if protocol == mqtt.MQTTv5 else not persistent,
        protocol=MQTTProtocolVersion(protocol),
        manual_ack=True,
    )
    client.max_queued_messages_set(0)
    client.connect_timeout = CONNECT_TIMEOUT_S
    if url.username is not None:
        client.username_pw_set(url.username, url.password)
    if url.tls:
        client.tls_set_context(ssl.create_default_context(cafile=url.ca))
    return client


class Publisher:
    """Sends from any thread and waits for the broker's word; it hears nothing. For the speaker's questions."""

    def __init__(self, url: BrokerUrl, client_id: str) -> None:
        self._url = url
        # 3.1.1, which every broker understands: paho's own thread reconnects, and cannot change the version.
        self._client = make_client(url, client_id, mqtt.MQTTv311, persistent=False, kind=mqtt.Client)

    def start(self) -> None:
        """Connect in the background, now and whenever the connection is lost."""
        self._client.reconnect_delay_set(1, 10)
        self._client.connect_async(self._url.host, self._url.port, 20)
        self._client.loop_start()

    def publish(self, topic: str, payload: bytes, wait_s: float = 3.0) -> bool:
        """Whether the broker has taken the message within `wait_s` real seconds."""
        if not self._client.is_connected():
            return False
        info = self._client.publish(topic, payload, qos=1)
        try:
            info.wait_for_publish(wait_s)
        except (RuntimeError, ValueError):
            return False
        return info.is_published()

    def tell(self, topic: str, payload: bytes) -> None:
        """Send what is worth nothing later: no broker keeps it for who is away, and nobody waits for it."""
        if self._client.is_connected():
            self._client.publish(topic, payload, qos=0)

    def stop(self) -> None:
        """Disconnect and end the thread."""
        self._client.disconnect()
        self._client.loop_stop()


def connect(
    client: mqtt.Client, url: BrokerUrl, keepalive_s: int, persistent: bool, inflight: int, protocol: int
) -> None:
    """Open the connection, with flow control where the protocol has it. Raises OSError or ValueError."""
    if protocol == mqtt.MQTTv5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if persistent else 0
        properties.ReceiveMaximum = min(inflight, 65535)
        client.connect(url.host, url.port, keepalive_s, clean_start=not persistent, properties=properties)
    else:
        client.connect(url.host, url.port, keepalive_s)


def bare_client(url: BrokerUrl, client_id: str) -> mqtt.Client:
    """paho as it is: the yardstick of benchmarks."""
    return make_client(url, client_id, mqtt.MQTTv5, persistent=True, kind=mqtt.Client)
