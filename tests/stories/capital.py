"""A city of a few lines that speaks the contract: it holds what it hears, and says so by MQTT or as an HTTP answer."""

from __future__ import annotations

import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from core.events import Event, Lane
from tests.waiting import wait_until
from wire.codec import MAX_BYTES, decode
from wire.receipt import encode_receipt, merge, receipt_of
from wire.session import Session
from wire.topics import Down, UpTopic, down, parse_up, subscriptions
from wire.url import BrokerUrl


class Capital:
    """`heard` is every event of the gateway as often as it came; `listen` in the conditions of a story."""

    def __init__(self, gateway: str, url: BrokerUrl | None = None, epoch: str | None = None) -> None:
        self.gateway, self.epoch = gateway, epoch
        self.heard: list[Event] = []
        self._ranges: dict[str, list[tuple[int, int]]] = {}
        self._session = None if url is None else Session(url, "capital", subscribe=subscriptions(*Lane))
        if self._session is not None:
            wait_until(lambda: self.listen() and self.connected)

    @property
    def connected(self) -> bool:
        return self._session is not None and self._session.connected

    def of(self, *kinds: str) -> list[Event]:
        return [event for event in self.heard if event.kind in kinds]

    def listen(self) -> bool:
        """Hear and answer; True, for use in conditions."""
        assert self._session is not None
        deliveries = self._session.poll(0.005)
        for delivery in deliveries:
            topic = parse_up(delivery.topic)
            assert topic is not None
            answer = self.take(topic, delivery.payload)
            if answer is not None:
                self._session.publish(down(self.gateway, Down.RECEIPT), answer, 1)
        self._session.ack(deliveries)
        return True

    def take(self, topic: UpTopic, payload: bytes) -> bytes | None:
        """Hold what a message says; the receipt of its newest boot."""
        boot = None
        for item in decode(topic, payload):
            assert isinstance(item, Event), item
            if item.boot is None or item.seq is None:
                continue  # the broker's word about the gateway
            boot = item.boot
            self.heard.append(item)
            self._ranges[boot] = merge(self._ranges.get(boot, []), [item.seq])
        return None if boot is None else encode_receipt(receipt_of(boot, self._ranges[boot], self.epoch))

    def restored(self, epoch: str) -> None:
        """From here on it is another one, which holds nothing of what it has heard."""
        self.epoch = epoch
        self.heard.clear()
        self._ranges.clear()

    def close(self) -> None:
        if self._session is not None:
            self._session.disconnect()


class Door:
    """The capital's other door: `POST /api/gateway/events` with HTTP Basic. `status` other than 200 is a closed one.
    What says a word that it `refuses` is answered with that word's status.
    """

    def __init__(self, capital: Capital, secret: str) -> None:
        self.status, self.knocks, self.most_bytes = 200, 0, MAX_BYTES
        self.refuses: dict[str, int] = {}
        door = self
        expected = "Basic " + b64encode(f"{capital.gateway}:{secret}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                known = self.headers["Authorization"] == expected and self.path == "/api/gateway/events"
                status = door.status if known else 401
                status = next((no for word, no in door.refuses.items() if word.encode() in body), status)
                status = 413 if len(body) > door.most_bytes else status
                answer = capital.take(UpTopic(capital.gateway, Lane.SOS), body) if status == 200 else None
                door.knocks += 1
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer or b"")

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
