"""Where an SOS becomes a case: messages in, one transaction, and only then the acknowledgement and the receipt."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy.engine import Connection

from alerts.caller import hear
from alerts.desk import Desk
from anomaly.reflexes import answered, kept, reflex
from anomaly.speech import ready
from core.clock import Clock, stopwatch_s
from core.events import EMERGENCY_KINDS, URGENT_KINDS, Answer, Event, Lane, Rejected
from core.people import Home, is_canary
from core.privacy import unspoken
from core.signals import Concern, Evidence, Sense, Signal, Urgency
from ingest.floods import Floods
from ingest.roster import Roster
from store.database import Database, Unavailable
from store.epoch import epoch
from store.log import (
    Entry,
    Quarantined,
    append,
    append_one,
    committed_ranges,
    count,
    logged_id,
    put_quarantine,
    put_ranges,
)
from wire.codec import decode
from wire.line import Delivery
from wire.receipt import Receipt, encode_receipt, merge, receipt_of
from wire.session import Session
from wire.topics import Down, UpTopic, down, parse_up

log = logging.getLogger(__name__)

GATEWAY = "gateway"
_RETRY_S = 0.5
_PEEK_S = 0.001
_AHEAD = 4  # batches that are read at most while a slow disk is waited for
_RECEIPT_S = 0.2
_RECEIPT_EVENTS = 10
_TURN = 100
_TURN_RECEIPTS = 40
Item = tuple[Delivery, UpTopic, Event | Rejected]
Seqs = dict[tuple[str, str], list[int]]
"""(gateway, boot) -> seqs"""
Receipts = list[tuple[str, Receipt]]
"""(gateway, what it may forget)"""


class Ingest:
    """One worker of one lane group: its own MQTT session, its own transactions.

    Law: a message is acknowledged, and its receipt sent, after the commit that holds all it led to; a message that
    comes twice leads to nothing new. While the database is away the messages wait here and at the broker.
    """

    def __init__(
        self,
        db: Database,
        session: Session,
        desk: Desk | None,
        clock: Clock,
        *,
        batch: int = 300,
        prompt: bool = True,
        stamp: Callable[[datetime], datetime] | None = None,
        syncer: Executor | None = None,
        floods: Floods | None = None,
    ) -> None:
        """`desk` None: nothing opens a case (a replay). `stamp` tells when the city saw an event; default: now.
        `floods` None: nothing is too much.

        `prompt`: a receipt follows each commit at once. Otherwise the disk is synced after the lock is let go, and a
        receipt waits for more of the gateway's events; what a crash makes us forget to receipt comes again. `syncer` is
        where the disk is waited for.
        """
        self._db, self._session, self._desk, self._clock, self._batch = db, session, desk, clock, batch
        self._stamp = stamp or (lambda _at: clock.now())
        self._roster = Roster()
        self._floods = floods
        self._prompt = prompt
        self._owed: Seqs = {}
        self._settled_s = stopwatch_s()
        self._waiting: list[Delivery] = []
        self._syncer = syncer or ThreadPoolExecutor(1, "sync")
        self._retry_at_s = 0.0
        self.committed = 0
        self.duplicates = 0
        ready()

    @property
    def connected(self) -> bool:
        """Whether messages flow from the broker."""
        return self._session.connected

    @property
    def waiting(self) -> int:
        """Messages that are here and not committed."""
        return len(self._waiting)

    def step(self, wait_s: float = 0.2) -> int:
        """Take what is here, commit it, acknowledge it; the number of messages. Waits up to `wait_s` for the first."""
        away = stopwatch_s() < self._retry_at_s
        self._waiting += self._session.poll(wait_s if away or not self._waiting else 0.0, self._batch)
        if away or not (self._waiting or self._receipts_are_late()):
            return 0
        batch, fresh = self._turn()
        try:
            receipts = self._commit(fresh, len(batch) - len(fresh))
        except Unavailable as error:
            log.error("database is away, %d messages wait: %s", len(self._waiting), error.orig)
            self._retry_at_s = stopwatch_s() + _RETRY_S
            if self._floods is not None:
                self._floods.undo()
            return 0
        self._waiting = self._waiting[len(batch) :]
        self._session.ack(batch)
        for gateway, receipt in receipts:
            # One that is lost on the way is no loss: the home sends again, and is answered again.
            self._session.publish(down(gateway, Down.RECEIPT), encode_receipt(receipt), int(self._prompt))
        return len(batch)

    def _turn(self) -> tuple[list[Delivery], list[Delivery]]:
        """The next messages, and which of them are not copies of one before: while the database is away, homes say
        everything again and again."""
        fresh: dict[tuple[str, bytes], Delivery] = {}
        for n, delivery in enumerate(self._waiting):
            fresh.setdefault((delivery.topic, delivery.payload), delivery)
            if len(fresh) > self._batch:
                fresh.popitem()
                return self._waiting[:n], [*fresh.values()]
        return self._waiting[:], [*fresh.values()]

    def _commit(self, batch: Sequence[Delivery], copies: int) -> Receipts:
        """Make durable what the batch leads to; the receipts that may be sent now."""
        if self._prompt:
            items = list(items_of(batch))
            with self._db.write() as tx:
                round_ = self._take(tx, items, copies)
                receipts = settle(tx, round_.seqs)
            return receipts + self._done(round_)
        # In small turns, for an SOS may be waiting to write.
        receipts = []
        for first in range(0, len(batch), _TURN):
            items = list(items_of(batch[first : first + _TURN]))
            with self._db.write(synced=False) as tx:
                round_ = self._take(tx, items, 0 if first else copies)
            receipts += self._done(round_)
            for key, seqs in round_.seqs.items():
                self._owed.setdefault(key, []).extend(seqs)
        receipts += self._settle()
        self._sync()
        return receipts

    def _take(self, tx: Connection, items: Iterable[Item], copies: int) -> Round:
        self._roster.refresh(tx)
        round_ = Round(tx, self._clock.now(), self._stamp, self._roster, self._desk, self._floods)
        for delivery, topic, item in items:
            round_.take(delivery, topic, item)
        round_.repeated += copies
        round_.finish()
        return round_

    def _done(self, round_: Round) -> Receipts:
        if self._floods is not None:
            self._floods.keep()
        self.committed += round_.new
        self.duplicates += round_.repeated
        return round_.receipts

    def _settle(self) -> Receipts:
        late = self._receipts_are_late()
        due = [key for key, seqs in self._owed.items() if late or len(seqs) >= _RECEIPT_EVENTS]
        receipts: Receipts = []
        for first in range(0, len(due), _TURN_RECEIPTS):
            turn = {key: self._owed[key] for key in due[first : first + _TURN_RECEIPTS]}
            with self._db.write(synced=False) as tx:
                receipts += settle(tx, turn)
        for key in due:  # not before: where a turn fails, the receipts of those before it are still owed
            del self._owed[key]
        if late:
            self._settled_s = stopwatch_s()
        return receipts

    def _sync(self) -> None:
        """Wait for the disk, and receive meanwhile."""
        syncing = self._syncer.submit(self._db.sync)
        while not syncing.done() and len(self._waiting) < _AHEAD * self._batch:
            self._waiting += self._session.poll(_PEEK_S, self._batch)
        syncing.result()

    def _receipts_are_late(self) -> bool:
        return bool(self._owed) and stopwatch_s() - self._settled_s > _RECEIPT_S


def settle(tx: Connection, due: Seqs) -> Receipts:
    """Write down that these seqs are committed; the receipts that may be sent once this transaction is durable."""
    if not due:
        return []
    known, word = committed_ranges(tx, {gateway for gateway, _ in due}), epoch(tx)
    merged = {key: merge(known.get(key, []), seqs) for key, seqs in due.items()}
    put_ranges(tx, {key: ranges for key, ranges in merged.items() if ranges != known.get(key)})
    return [(gateway, receipt_of(boot, ranges, word)) for (gateway, boot), ranges in merged.items()]


def items_of(batch: Iterable[Delivery]) -> Iterable[Item]:
    """Every event of these messages, read, or the reason why it can't be."""
    for delivery in batch:
        topic = parse_up(delivery.topic)
        if topic is None:  # the broker's wildcard matches names that are none of ours
            names = delivery.topic.split("/")
            odd = UpTopic(names[2][:64], Lane.SOS if names[-1] == Lane.SOS else Lane.EVENT)
            yield delivery, odd, Rejected("topic", f"{delivery.topic[:200]!r} is no topic of the contract")
            continue
        for item in decode(topic, delivery.payload):
            yield delivery, topic, item


class Round:
    """One transaction's worth of messages."""

    def __init__(
        self,
        tx: Connection,
        now: datetime,
        stamp: Callable[[datetime], datetime],
        roster: Roster,
        desk: Desk | None,
        floods: Floods | None = None,
    ) -> None:
        self._tx, self._now, self._stamp, self._roster, self._desk = tx, now, stamp, roster, desk
        self._floods = floods
        if floods is not None:
            floods.begin(now)
        self._entries: list[Entry] = []
        self._quarantined: list[Quarantined] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self.seqs: Seqs = {}
        self._ids: dict[str, list[str]] = {}
        self.receipts: Receipts = []
        """For publishers without counters."""
        self.new = 0
        self.repeated = 0

    def take(self, delivery: Delivery, topic: UpTopic, item: Event | Rejected) -> None:
        """Sort one item: to the log, to a case, to quarantine, or to a counter alone."""
        home = self._roster.at(topic.gateway)
        if self._floods is not None and not self._floods.take(topic, item):
            # Without a receipt: an honest home sends it again when the flood is over, and nothing is lost.
            self._set_aside(self._floods, delivery, topic, home)
            return
        self._remember(topic.gateway, item)
        if isinstance(item, Event) and item.age_s is not None:
            item = msgspec.structs.replace(item, at=self._now - timedelta(seconds=item.age_s), age_s=None)
        if isinstance(item, Rejected):
            self._quarantine(delivery, item.reason, item.detail)
            if topic.lane is Lane.SOS:
                self._raise(unreadable(topic.gateway, home, delivery.payload, self._now), home, topic.gateway)
        elif home is None:
            self._quarantine(delivery, "unknown_gateway", f"no home has the gateway {topic.gateway}")
            if topic.lane is Lane.SOS or item.kind in EMERGENCY_KINDS:
                self._raise(cry_of_a_stranger(item, self._now), None, topic.gateway)
        elif not home.consent and topic.lane is not Lane.SOS and item.kind not in EMERGENCY_KINDS:
            self._counts["refused_consent", home.id] += 1
        elif item.kind in URGENT_KINDS:
            self._urgent(item, home)
        else:
            seen_at = self._stamp(item.at)
            if item.kind == "lost" and item.device == GATEWAY:
                # The broker sends a will that was written when the connection began: it is true when it arrives.
                item = msgspec.structs.replace(item, at=seen_at)
            self._entries.append(Entry(item, home.id, seen_at))

    def finish(self) -> None:
        """Write what was gathered."""
        for gateway, since in self._floods.over() if self._floods is not None else ():
            log.warning("%s floods no more", gateway)
            home = self._roster.at(gateway)
            self._raise(flood(gateway, home, since, self._now, Sense.CLEAR), home, gateway)
        new = append(self._tx, self._entries)
        self.repeated += len(self._entries) - new
        self.new += new
        if self.repeated:
            self._counts["duplicates", ""] += self.repeated
        put_quarantine(self._tx, self._quarantined)
        count(self._tx, self._counts)
        if self._ids:
            word = epoch(self._tx)
            self.receipts = [(gateway, Receipt(ids=tuple(ids), epoch=word)) for gateway, ids in self._ids.items()]

    def _urgent(self, event: Event, home: Home) -> None:
        seen_at = self._stamp(event.at)
        signal = reflex(event, home, seen_at)
        entry = Entry(kept(event, home), home.id, seen_at)
        if append_one(self._tx, entry) is None:
            if signal is None or logged_id(self._tx, event) == event.id:
                self.repeated += 1
                return
            # A gateway that has forgotten its counters: the log holds another event by this number, and somebody cries.
            signal = msgspec.structs.replace(signal, key=f"{signal.key}/{event.id}")
            self._counts["rejected", "counter_reused"] += 1
            self._raise(signal, home, home.gateway)
            return
        self.new += 1
        if signal is not None:
            self._raise(signal, home, home.gateway)
        if isinstance(event.data, Answer) and self._desk is not None:
            result = answered(event.data, home)
            hear(self._tx, self._desk, home, event.data.ask, result, self._now)
            self._desk.answered(self._tx, home.id, event.data.ask, result, self._now)

    def _raise(self, signal: Signal | None, home: Home | None, gateway: str) -> None:
        if home is None and is_canary(gateway):
            return  # a restored city may not know its canary yet: nobody is sent to look for a home that is none
        if signal is not None and self._desk is not None:
            self._desk.signal(self._tx, signal, home, self._now, gateway=gateway)

    def _quarantine(self, delivery: Delivery, reason: str, detail: str) -> None:
        # As latin-1 any bytes are a text and come back the same.
        payload = unspoken(delivery.payload.decode("latin-1")).encode("latin-1")
        self._quarantined.append((self._now, delivery.topic, reason, detail, payload))
        self._counts["rejected", reason] += 1

    def _set_aside(self, floods: Floods, delivery: Delivery, topic: UpTopic, home: Home | None) -> None:
        self._counts["set_aside", topic.gateway] += 1
        if (since := floods.begun(topic.gateway)) is None:
            return
        log.warning("%s floods: what is not urgent is set aside until it ends", topic.gateway)
        # The first message alone is kept: those of one gateway must not push everybody's out of the quarantine.
        self._quarantine(delivery, "flood", "the first message that was set aside")
        self._raise(flood(topic.gateway, home, since, self._now, Sense.RAISE), home, topic.gateway)

    def _remember(self, gateway: str, item: Event | Rejected) -> None:
        if item.boot is not None and item.seq is not None:
            self.seqs.setdefault((gateway, item.boot), []).append(item.seq)
        elif item.id is not None:
            self._ids.setdefault(gateway, []).append(item.id)


def cry_of_a_stranger(event: Event, now: datetime) -> Signal | None:
    """What a reflex makes of a gateway that no home has; it says which, for somebody has to find it."""
    signal = reflex(event, Home(id=event.gateway, gateway=event.gateway, area="", speaker=False), now)
    if signal is None:
        return None
    named = Evidence("evidence.stranger", {"gateway": event.gateway})
    return msgspec.structs.replace(signal, evidence=(named, *signal.evidence))


def flood(gateway: str, home: Home | None, since: datetime, now: datetime, sense: Sense) -> Signal | None:
    """The signal that a gateway began, or has ceased, to send far too much; None: it is nobody's."""
    if home is None:
        return None
    over = sense is Sense.CLEAR
    return Signal(
        key=f"flood/{gateway}/{since.isoformat()}{'/over' if over else ''}",
        concern=Concern.DEVICE,
        urgency=Urgency.ROUTINE,
        at=now,
        evidence=(Evidence("evidence.flood.over" if over else "evidence.flood", {"gateway": gateway}),),
        source="ingest",
        home=home.id,
        sense=sense,
    )


def unreadable(gateway: str, home: Home | None, payload: bytes, now: datetime) -> Signal:
    """The signal of an SOS that cannot be read; the same bytes in the same hour are the same signal."""
    mark = sha256(payload).hexdigest()[:16]
    return Signal(
        key=f"unreadable_sos/{gateway}/{now:%Y%m%d%H}/{mark}",
        concern=Concern.UNREADABLE_SOS,
        urgency=Urgency.IMMEDIATE,
        at=now,
        evidence=(Evidence("evidence.unreadable_sos", {"gateway": gateway}),),
        source="reflex",
        home=None if home is None else home.id,
    )
