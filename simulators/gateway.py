"""A virtual gateway: it numbers what its devices say and keeps every word until the city's receipt covers it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random

from core.clock import stopwatch_s
from core.events import URGENT_FIRST, Event, Lane, Lost, lane_of
from simulators.home import Said
from wire.codec import encode, encode_batch
from wire.receipt import decode_receipt
from wire.session import Session
from wire.topics import Down, down, up
from wire.url import BrokerUrl

RESEND_S = 10.0
_LONGEST_PATIENCE = 16
BATCH = 50
# Unreceipted events on their way at once: a long backlog must not fill the broker's queue for us.
WINDOW = 500
# Real seconds until a lost connection is tried again, drawn by each gateway for itself.
_AGAIN_S = (0.2, 2.0)
_KNOCK_S = 0.5

Key = tuple[str, int]


class VirtualGateway:
    """One gateway, driven by one thread: `say`, then `turn` often.

    `run` tells this run's boots from those of an earlier one: the city would take the same counters for duplicates.
    Its memory survives a loss of power, its counter does not: `power_on` begins a new boot. What has no receipt is sent
    again after `resend_s` real seconds, and later and later while the city says nothing at all: it may be busy.
    """

    def __init__(
        self, gateway: str, url: BrokerUrl, run: str, identity: str | None = None, *, resend_s: float = RESEND_S
    ) -> None:
        self.id = gateway
        self._url, self._run, self._identity, self._resend_s = url, run, identity, resend_s
        self._patience_s = resend_s
        self._boots = 0
        self._boot = f"{run}-0"
        self._seq = 0
        self._connections = 0
        self._open_s = 0.0
        self._jitter = Random(gateway)
        self._session: Session | None = None
        self._was_up = False
        self.times_up = 0
        """How often the city's broker was reached anew."""
        self._dark = False
        self._deaf = False
        self._outbox: dict[Key, Event] = {}
        self._unsent: dict[Lane, list[Key]] = {lane: [] for lane in URGENT_FIRST}
        self._sent_s: dict[Key, float] = {}
        self.said = 0
        self.sent = 0
        self.resent = 0

    @property
    def waiting(self) -> int:
        """Events without a receipt."""
        return len(self._outbox)

    @property
    def connected(self) -> bool:
        return self._session is not None and self._session.connected

    @property
    def opening(self) -> bool:
        """Whether the next `turn` opens a connection."""
        return self._session is None and not self._dark and stopwatch_s() >= self._open_s

    @property
    def knocking(self) -> bool:
        """Whether a connection was begun a moment ago and is not there yet."""
        return self._session is not None and not self._session.connected and stopwatch_s() < self._open_s + _KNOCK_S

    @property
    def dark(self) -> bool:
        """Without power or without a line: nothing goes out."""
        return self._dark

    @property
    def deaf(self) -> bool:
        """Without power: what devices say now is lost."""
        return self._deaf

    def say(self, said: Said) -> Event:
        """Number a device's word and keep it for sending."""
        self.said += 1
        self._seq += 1
        event = Event(
            f"{self._boot}-{self._seq}", self.id, said.device, said.kind, said.at, said.data, self._boot, self._seq
        )
        self._outbox[self._boot, self._seq] = event
        self._unsent[lane_of(said.kind)].append((self._boot, self._seq))
        return event

    def turn(self, now: datetime) -> list[bytes]:
        """Hear the city, then send what is due; the questions heard come back. Raises BrokerError."""
        if self._session is not None and self._session.reconnects:
            # A new connection needs a last will of its own, or the city takes the second loss for the first.
            self._drop()
            self._open_s = stopwatch_s() + self._jitter.uniform(*_AGAIN_S)
        if self.opening:
            self._open_s = stopwatch_s()
            self._session = self._open(now)
        if self._session is None:
            return []
        asks = self._hear(self._session)
        if not self._session.connected:
            self._was_up = False
            return asks
        if not self._was_up:
            self._was_up = True
            self.times_up += 1
            self._send_again(self._outbox)
        now_s = stopwatch_s()
        stale = [key for key, sent_s in self._sent_s.items() if now_s - sent_s >= self._patience_s]
        if stale:
            self.resent += len(stale)
            self._patience_s = min(2 * self._patience_s, _LONGEST_PATIENCE * self._resend_s)
            self._send_again(stale)
        self._send(self._session, now_s)
        return asks

    def cut(self) -> None:
        """The line is dead from now on, without a word; what devices say is kept."""
        if self._session is not None:
            self._session.kill()
        self._drop()
        self._dark = True

    def restore(self) -> None:
        """The line is back; `turn` connects."""
        self._dark = False

    def power_off(self) -> None:
        """The battery is empty: dark and deaf."""
        self.cut()
        self._deaf = True

    def power_on(self) -> None:
        """Back after a loss of power: a new boot counts from 1 again."""
        self._boots += 1
        self._boot, self._seq = f"{self._run}-{self._boots}", 0
        self._dark = self._deaf = False

    def close(self) -> None:
        """Leave in good order: no last will."""
        if self._session is not None:
            self._session.disconnect()
        self._drop()

    # --- the line

    def _open(self, now: datetime) -> Session:
        self._connections += 1
        will = Event(f"{self._boot}-will-{self._connections}", self.id, "gateway", "lost", now, Lost("will"))
        return Session(
            self._url,
            self.id,
            subscribe=[down(self.id, Down.RECEIPT), down(self.id, Down.ASK)],
            will=(up(self.id, Lane.STATUS), encode(will)),
            identity=self._identity,
        )

    def _drop(self) -> None:
        self._session = None
        self._was_up = False

    def _hear(self, session: Session) -> list[bytes]:
        asks: list[bytes] = []
        deliveries = session.poll()
        for delivery in deliveries:
            if delivery.topic == down(self.id, Down.ASK):
                asks.append(delivery.payload)
            elif delivery.topic == down(self.id, Down.RECEIPT):
                self._forget(delivery.payload)
        session.ack(deliveries)
        return asks

    def _forget(self, payload: bytes) -> None:
        receipt = decode_receipt(payload)
        if receipt is None:
            return
        self._patience_s = self._resend_s
        for key in [key for key in self._outbox if receipt.covers(*key)]:
            del self._outbox[key]
            self._sent_s.pop(key, None)

    def _send_again(self, keys: Iterable[Key]) -> None:
        queued = {key for queue in self._unsent.values() for key in queue}
        for key in set(keys) - queued:
            self._sent_s.pop(key, None)
            self._unsent[lane_of(self._outbox[key].kind)].append(key)
        for queue in self._unsent.values():
            queue.sort(key=_in_order)

    def _send(self, session: Session, now_s: float) -> None:
        """Urgent first. One SOS is one message; everything else may share one."""
        for lane, queue in self._unsent.items():
            size = 1 if lane is Lane.SOS else BATCH
            while queue and (lane is Lane.SOS or len(self._sent_s) < WINDOW):
                # A receipt may have come for what was to be sent again.
                batch = [key for key in queue[:size] if key in self._outbox]
                del queue[:size]
                if not batch:
                    continue
                events = [self._outbox[key] for key in batch]
                payload = encode(events[0]) if len(events) == 1 else encode_batch(events)
                session.publish(up(self.id, lane), payload, qos=1)
                self.sent += len(batch)
                self._sent_s.update(dict.fromkeys(batch, now_s))


def _in_order(key: Key) -> tuple[int, int]:
    """Older boots first; a boot's name ends with its number."""
    return int(key[0].rpartition("-")[2]), key[1]
