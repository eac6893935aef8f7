"""The way to the city: the outbox leaves by lane, urgent first, and again until the city's receipt covers it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import Protocol

from core.clock import since_boot_s, stopwatch_s
from core.events import URGENT_FIRST, Event, Lane, Lost
from gateway.outbox import Key, Numbered, Outbox
from wire.codec import encode, encode_batch
from wire.receipt import Receipt, decode_receipt
from wire.session import BrokerError, Session
from wire.topics import Down, down, up
from wire.url import BrokerUrl

log = logging.getLogger(__name__)

RESEND_S = 10.0
_LONGEST_PATIENCE = 16
BATCH = 50
BATCH_BYTES = 16 * 1024
# Unreceipted events of a lane on their way at once: a long backlog must not fill the broker's queue for us.
WINDOW = 500
# Of one device in the sos lane, which has no window else: a button that is stuck must not keep the others' alarms here.
SHARE = 100
# Messages that the broker has not acknowledged, but for an SOS: on a slow line each stands in the next SOS's way.
FLIGHT = 2
_AGAIN_S = (0.2, 2.0)
_REFUSED_S = 30.0
_LOOK_S = 1.0


class _Sent(Protocol):
    def is_published(self) -> bool: ...


class Uplink:
    """Driven by one thread: `turn` often. Nothing here has to survive: the outbox does.

    What has no receipt is sent again after `resend_s` real seconds, and later and later while the city says nothing.
    """

    def __init__(
        self,
        outbox: Outbox,
        gateway: str,
        url: BrokerUrl,
        *,
        identity: str | None = None,
        resend_s: float = RESEND_S,
        connect: Callable[..., Session] = Session,
        count_s: Callable[[], float] = since_boot_s,
        asked: Callable[[bytes], object] = lambda _ask: None,
        told: Callable[[bytes], object] = lambda _state: None,
    ) -> None:
        """`count_s` is the outbox's, seconds since the machine's start: by it ages are told. `asked` takes in what the
        city asks the resident, `told` how the home stands.
        """
        self._count_s, self._asked, self._told = count_s, asked, told
        self._outbox, self._gateway, self._url, self._identity = outbox, gateway, url, identity
        self._connect = connect
        self._resend_s = self._patience_s = resend_s
        self._jitter = Random(gateway)
        self._session: Session | None = None
        self._open_s = 0.0
        self._connections = 0
        self._was_up = False
        self.times_up = 0
        """How often the city's broker was reached anew."""
        self._open: dict[Key, Numbered] = {}
        self._since_s: dict[Key, float] = {}
        self._sent_s: dict[Key, float] = {}
        self._flying: list[_Sent] = []
        self._left_over = True
        self._looked_s = 0.0
        self.sent = 0

    @property
    def connected(self) -> bool:
        """Whether messages flow to the city."""
        return self._session is not None and self._session.connected

    @property
    def busy(self) -> bool:
        """Whether there is more to send as soon as the broker has taken what is on its way."""
        return self.connected and self._left_over

    def urgent(self, longer_s: float) -> list[Numbered]:
        """What of the sos lane has no receipt for longer than `longer_s` real seconds, the oldest first."""
        before_s = stopwatch_s() - longer_s
        return [one for key, one in self._open.items() if one.lane is Lane.SOS and self._since_s[key] <= before_s]

    def owes(self, key: Key) -> bool:
        """Whether this is on its way, without a receipt so far."""
        return key in self._open

    def carry(self, some: Sequence[Numbered]) -> None:
        """These have their counters and are to be sent until their receipt."""
        now_s = stopwatch_s()
        for one in some:
            self._open[one.key] = one
            self._since_s[one.key] = now_s

    def receive(self, receipt: Receipt) -> None:
        """The city's receipt, by whatever way it came."""
        self._outbox.forget(receipt)
        self._patience_s = self._resend_s
        for key in [key for key, one in self._open.items() if receipt.covers(one.event.boot or "", key[1])]:
            del self._open[key], self._since_s[key]
            self._sent_s.pop(key, None)

    def turn(self, now: datetime) -> None:
        """Hear the city's receipts, then send what is due. Raises sqlite3.Error, and nothing of the network's."""
        # The sos lane is given its counters although the broker is away: there may be another way.
        self._number_urgent()
        session = self._line(now)
        if session is None:
            return
        try:
            self._hear(session)
        except BrokerError as error:
            # What the home says is kept, for as long as it takes somebody to put this right.
            log.error("the city's broker: %s", error)
            self._hang_up(_REFUSED_S)
            return
        if not session.connected:
            self._was_up = False
            return
        if not self._was_up:
            self._was_up = True
            self.times_up += 1
            self._sent_s.clear()
            self._flying.clear()
            self._patience_s = self._resend_s
        self._send(session, stopwatch_s())

    def go_to(self, url: BrokerUrl) -> None:
        """Connect anew, there or with another account; what has no receipt is sent again."""
        self._url = url
        self._hang_up(0.0)

    def close(self) -> None:
        """Leave in good order: no last will."""
        if self._session is not None:
            self._session.disconnect()
            self._session = None

    # --- the line

    def _line(self, now: datetime) -> Session | None:
        if self._session is not None and self._session.reconnects:
            # A new connection needs a last will of its own, or the city takes the second loss for the first.
            self._hang_up(self._jitter.uniform(*_AGAIN_S))
        if self._session is None and stopwatch_s() >= self._open_s:
            self._connections += 1
            boot = self._outbox.boot
            will = Event(f"{boot}-will-{self._connections}", self._gateway, "gateway", "lost", now, Lost("will"))
            self._session = self._connect(
                self._url,
                self._gateway,
                subscribe=[down(self._gateway, name) for name in (Down.RECEIPT, Down.ASK, Down.STATE)],
                will=(up(self._gateway, Lane.STATUS), encode(will)),
                identity=self._identity,
                background=True,
            )
        return self._session

    def _hang_up(self, pause_s: float) -> None:
        self.close()
        self._was_up = False
        self._open_s = stopwatch_s() + pause_s

    def _hear(self, session: Session) -> None:
        deliveries = session.poll()
        for delivery in deliveries:
            if delivery.topic == down(self._gateway, Down.ASK):
                self._asked(delivery.payload)
            elif delivery.topic == down(self._gateway, Down.STATE):
                self._told(delivery.payload)
            elif (receipt := decode_receipt(delivery.payload)) is not None:
                self.receive(receipt)
        session.ack(deliveries)

    # --- sending

    def _send(self, session: Session, now_s: float) -> None:
        """Lane by lane: what has its counters and is due, then what gets them now. One SOS is one message."""
        self._flying = [sent for sent in self._flying if not sent.is_published()]
        due = self._due(now_s)
        self._left_over = False
        for lane in URGENT_FIRST:
            urgent = lane is Lane.SOS
            waiting = [one for one in due if one.lane is lane]
            while urgent or len(self._flying) < FLIGHT:
                batch = first(waiting, 1 if urgent else BATCH)
                del waiting[: len(batch)]
                if not batch and not urgent:
                    batch = self._outbox.number(lane, self._room(lane), BATCH_BYTES)
                    self.carry(batch)
                if not batch:
                    break
                self._publish(session, lane, batch, now_s)
            else:
                self._left_over = True
                return

    def _room(self, lane: Lane) -> int:
        return min(BATCH, WINDOW - sum(one.lane is lane for one in self._open.values()))

    def _number_urgent(self) -> None:
        open_ = Counter(one.event.device for one in self._open.values() if one.lane is Lane.SOS)
        stuck = [device for device, n in open_.items() if n >= SHARE]
        now_s = stopwatch_s()
        if stuck and now_s - self._looked_s < _LOOK_S:  # past what waits of theirs, which may be long
            return
        self._looked_s = now_s
        self.carry(self._outbox.number(Lane.SOS, BATCH, BATCH_BYTES, but=stuck))

    def _due(self, now_s: float) -> list[Numbered]:
        patience_s = self._patience_s
        stale = [key for key, sent_s in self._sent_s.items() if now_s - sent_s >= patience_s]
        if stale:
            self._patience_s = min(2 * patience_s, _LONGEST_PATIENCE * self._resend_s)
            for key in stale:
                del self._sent_s[key]
        return [self._open[key] for key in sorted(self._open.keys() - self._sent_s.keys())]

    def _publish(self, session: Session, lane: Lane, batch: list[Numbered], now_s: float) -> None:
        count_s = self._count_s()
        events = [one.dated(count_s) for one in batch]
        payload = encode(events[0]) if len(events) == 1 else encode_batch(events)
        sent = session.publish(up(self._gateway, lane), payload, qos=1)
        if lane is not Lane.SOS:
            self._flying.append(sent)
        self.sent += len(batch)
        self._sent_s.update((one.key, now_s) for one in batch)


def first(waiting: list[Numbered], most: int) -> list[Numbered]:
    """The first of them that fit one message."""
    batch: list[Numbered] = []
    size = 0
    for one in waiting[:most]:
        size += one.size
        if batch and size > BATCH_BYTES:
            break
        batch.append(one)
    return batch
