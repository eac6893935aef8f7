"""Gateways of many homes over one connection, as a replay needs them: each event is kept until the city's receipt."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from core.clock import sleep_s, stopwatch_s
from core.events import Event, Lane
from wire.codec import encode
from wire.receipt import Receipt, decode_receipt
from wire.session import Session
from wire.topics import PREFIX, up

# Below the 1,000 messages that Mosquitto keeps, by default, for a subscriber that is away; more than this and paho,
# which walks its open messages at each acknowledgement, gets slower.
WINDOW = 400
_STALL_S = 10.0


class Fleet:
    """Sends events in the order given, at most `window` without a receipt; what a receipt covers is not sent again.

    One connection, so that the broker keeps the order of time across homes.
    """

    def __init__(self, session: Session, *, window: int = WINDOW) -> None:
        self._session, self._window = session, window
        self._kept: dict[tuple[str, int], tuple[str, bytes]] = {}
        self._queues: dict[str, deque[int]] = {}
        self._receipts: dict[str, Receipt] = {}
        self._moved_s = stopwatch_s()
        self.sent = 0
        self.resent = 0
        self.spared = 0
        self.receipted = 0

    def send(
        self,
        events: Iterable[Event],
        *,
        speed: float | None = None,
        progress: Callable[[int], None] = lambda _n: None,
    ) -> None:
        """Send them all and wait for every receipt, `speed` times as fast as recorded; None: as fast as it goes."""
        start: tuple[float, datetime] | None = None
        for event in events:
            if speed is not None:
                start = start or (stopwatch_s(), event.at)
                self._wait_until(start[0] + (event.at - start[1]).total_seconds() / speed)
            self._offer(event)
            progress(self.receipted)
        while self._kept:
            self._listen(0.05)
            progress(self.receipted)

    def _offer(self, event: Event) -> None:
        if event.boot is None or event.seq is None:
            raise ValueError("a gateway's event carries its counters")
        receipt = self._receipts.get(event.gateway)
        if receipt is not None and receipt.covers(event.boot, event.seq):
            self.spared += 1
            self.receipted += 1
            return
        while len(self._kept) >= self._window or not self._session.connected:
            self._listen(0.05)
        topic, payload = up(event.gateway, Lane.EVENT), encode(event)
        self._kept[event.gateway, event.seq] = (topic, payload)
        self._queues.setdefault(event.gateway, deque()).append(event.seq)
        self._session.publish(topic, payload, qos=1)
        self.sent += 1
        if self.sent % 64 == 0:
            self._listen(0.0)

    def _listen(self, wait_s: float) -> None:
        heard = self._session.poll(wait_s)
        for delivery in heard:
            receipt = decode_receipt(delivery.payload)
            gateway = delivery.topic.removeprefix(f"{PREFIX}/").partition("/")[0]
            if receipt is not None and receipt.boot is not None:
                self._forget(gateway, receipt)
        self._session.ack(heard)
        if stopwatch_s() - self._moved_s > _STALL_S and self._session.connected:
            self._moved_s = stopwatch_s()
            for topic, payload in list(self._kept.values()):
                self._session.publish(topic, payload, qos=1)
                self.resent += 1

    def _forget(self, gateway: str, receipt: Receipt) -> None:
        self._moved_s = stopwatch_s()
        self._receipts[gateway] = receipt
        queue = self._queues.get(gateway, deque())
        while queue and receipt.covers(receipt.boot or "", queue[0]):
            del self._kept[gateway, queue.popleft()]
            self.receipted += 1

    def _wait_until(self, at_s: float) -> None:
        while (left := at_s - stopwatch_s()) > 0:
            self._listen(min(left, 0.2))
            if not self._session.connected:
                sleep_s(min(left, 0.05))


def receipts_of_all() -> str:
    """The filter by which a fleet hears the receipts of its gateways."""
    return f"{PREFIX}/+/down/receipt"
