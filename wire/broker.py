"""The embedded MQTT broker: in process, on loopback, one password; for `anbu run` without a broker and for the demo."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
import threading
from contextlib import ExitStack
from dataclasses import dataclass

from amqtt.broker import Broker  # type: ignore[import-untyped]  # it ships no types
from amqtt.contexts import BaseContext, BrokerConfig, ListenerConfig  # type: ignore[import-untyped]  # it ships no types
from amqtt.errors import AMQTTError  # type: ignore[import-untyped]  # it ships no types
from amqtt.plugins.base import BaseAuthPlugin  # type: ignore[import-untyped]  # it ships no types
from amqtt.session import Session as BrokerSession  # type: ignore[import-untyped]  # it ships no types

from wire.session import IDENTITY_TOPIC, BrokerError
from wire.url import USERNAME, BrokerUrl


class OnePassword(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """Lets in who knows the broker's one password."""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._password: str = self._get_config_option("password", "")

    async def authenticate(self, *, session: BrokerSession) -> bool:
        """Compares in constant time; an empty password lets nobody in."""
        given = session.password or ""
        return bool(self._password) and session.username == USERNAME and hmac.compare_digest(given, self._password)

    @dataclass
    class Config:
        """What the broker's configuration may say to this plug-in."""

        password: str = ""


def worth_telling(record: logging.LogRecord) -> bool:
    """Not that a client was slow to acknowledge: amqtt gives up after 5 s, with a page for each message that waited,
    but the message has arrived, and what counts is the city's receipt."""
    return not (record.exc_info and isinstance(record.exc_info[1], TimeoutError))


class EmbeddedBroker:
    """amqtt in a thread of its own, for trying things out.

    It forgets its sessions when its process dies, and does not send again what a killed client has not acknowledged.
    Homes send again what has no receipt, so nothing is lost by it; a city uses a broker of its own (`ANBU_BROKER_URL`).
    """

    def __init__(self, port: int, password: str, identity: str, host: str = "127.0.0.1") -> None:
        self.url = BrokerUrl(host, port, v5=False, username=USERNAME, password=password)
        self._identity = identity
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker", daemon=True)
        self._broker: Broker | None = None

    def start(self) -> None:
        """Listen. Raises BrokerError where the port belongs to somebody else."""
        # amqtt binds with SO_REUSEADDR; ask the kernel first, so that the answer is clear.
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.url.host, self.url.port))
            except OSError as error:
                raise BrokerError(f"cannot listen on {self.url}: {error.strerror}; is another broker there?") from error
        logging.getLogger("amqtt").setLevel(logging.ERROR)
        logging.getLogger("amqtt.broker").addFilter(worth_telling)
        logging.getLogger("transitions").setLevel(logging.ERROR)
        self._thread.start()
        with ExitStack() as undo:
            undo.callback(self.stop)
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(15)
            undo.pop_all()

    async def _start(self) -> None:
        config = BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{self.url.host}:{self.url.port}", max_connections=2000)},
            plugins={"wire.broker.OnePassword": {"password": self.url.password}},
        )
        self._broker = Broker(config)
        try:
            await self._broker.start()
        except AMQTTError as error:
            raise BrokerError(f"cannot listen on {self.url}: {error}") from error
        await self._broker.retain_message(None, IDENTITY_TOPIC, self._identity.encode(), 1)

    def stop(self) -> None:
        """Close every connection and end the thread; once is enough, twice does no harm."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(15)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _stop(self) -> None:
        if self._broker is not None:
            try:
                await asyncio.wait_for(self._broker.shutdown(), 5)
            except (TimeoutError, AMQTTError):
                logging.getLogger(__name__).warning("the embedded broker did not end in order")
        # amqtt leaves tasks of its connections behind: on a closed loop each would die noisily in the garbage
        # collector, in the middle of anything.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=5) if left else None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
