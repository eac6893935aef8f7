"""Delivers what the desk has written: claims rows, sends outside the transaction, retries, and gives up upward."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from alerts.case import State
from alerts.channels import Answer, Channel, Failed, Message, Question, Retry, Sent
from alerts.desk import Desk
from alerts.happenings import Log
from alerts.pushes import PUSH
from core.clock import Clock, stopwatch_s
from store.database import Database, insert_new
from store.log import set_aside
from store.tables import cases, outbox

log = logging.getLogger("anbu.outbox")

SEND_S = 4.0  # real seconds: one attempt
CHANNEL_S = 10.0  # from a channel's first attempt until the next channel
MEMBER_S = 30.0  # from a member's first attempt until the next person
CLAIM_S = 15.0  # a sender that died lets its rows go after this
BACKOFF_S = (1.0, 2.0, 4.0)
WORKERS = 64  # a channel: as many calls as may hang at once before others wait for them
BATCH = 200
STEPS = ("queued", "accepted", "delivered", "seen", "acknowledged")
_WITH_CASE = sa.select(
    outbox,
    cases.c.state.label("case_state"),
    cases.c.owner.label("case_owner"),
    cases.c.body.label("case_body"),  # not its "ask" alone: SQLite refuses every row for one whose body is damaged
).join(cases, cases.c.id == outbox.c.case_id)
_NOW: sa.BindParameter[datetime] = sa.bindparam("now")
_LATEST: sa.BindParameter[datetime] = sa.bindparam("latest")
# Rows to be sent now, the most urgent first, each with its case's state, owner and question. What is due or claimed for
# longer than is ever waited was written by a clock that went back since. Built once: this is asked ten times a second.
_DUE = (
    _WITH_CASE.where(
        outbox.c.state == "queued",
        sa.or_(outbox.c.due_at <= _NOW, outbox.c.due_at > _LATEST),
        sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= _NOW, outbox.c.claimed_until > _LATEST),
        outbox.c.channel.not_in(sa.bindparam("busy", expanding=True)),
        outbox.c.id.not_in(sa.bindparam("flying", expanding=True)),
    )
    .order_by(outbox.c.urgency.desc(), outbox.c.due_at, outbox.c.id)
    .limit(BATCH)
)
_ANY_DUE = _DUE.limit(1)
_SENT = {"stand_down": "told", "closed": "told", "check_in": "sent_home", "reassure": "sent_home"}


def _threads(channel: str) -> Executor:
    return ThreadPoolExecutor(WORKERS, f"send-{channel}")


class Outbox:
    """The sender of one process. Call `step` from one thread, again and again, a fraction of a second apart.

    Each channel has its own workers, so that one that hangs delays nothing but itself. Delivery is at least once, under
    the same key; what the case no longer wants when its turn comes is dropped.
    """

    def __init__(
        self,
        db: Database,
        desk: Desk,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        workers: Callable[[str], Executor] = _threads,
    ) -> None:
        self._db, self._desk, self._channels, self._clock = db, desk, channels, clock
        self._pools = {name: workers(name) for name in channels}
        self._flying: dict[Future[Answer], _Flight] = {}

    def step(self, patience_s: float = 0.05) -> int:
        """Note what became of earlier messages, send what is due, and wait `patience_s` real seconds for quick answers.

        How many messages were sent off or settled; 0: nothing to do now.
        """
        settled = self._settle()
        sent = self._send_due()
        if sent:
            wait(self._flying, timeout=patience_s)
            settled += self._settle()
        return sent + settled

    @property
    def idle(self) -> bool:
        """Whether no message is on its way."""
        return not self._flying

    def report(self, tx: Connection, key: str, state: str, now: datetime) -> bool:
        """A provider's word that a message was `delivered` or `seen`. False: unknown, or known already."""
        row = tx.execute(sa.select(outbox).where(outbox.c.key == key)).first()
        if row is None or state not in ("delivered", "seen"):
            return False
        if row.state not in STEPS or STEPS.index(row.state) >= STEPS.index(state):
            return False
        values: dict[str, Any] = {"state": state, f"{state}_at": now}
        tx.execute(sa.update(outbox).where(outbox.c.id == row.id).values(values))
        self._desk.log(tx, row.case_id, [_line(state, row)], now)
        return True

    def close(self) -> None:
        """Stop; what is on its way is claimed, and comes back if nobody settles it."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    # --- sending

    def _send_due(self) -> int:
        flying = [flight.row for flight in self._flying.values()]
        free = {name: WORKERS - sum(row.channel == name for row in flying) for name in self._pools}
        # A fast clock can outrun a claim: what this process is sending itself is never due.
        busy = {"busy": [name for name in free if free[name] <= 0], "flying": [row.id for row in flying]}
        with self._db.read() as tx:
            if not tx.execute(_ANY_DUE, busy | _moments(self._clock.now())).first():
                return 0
        sent = 0
        with self._db.write() as tx:
            now = self._clock.now()
            claimed = []
            for row in tx.execute(_DUE, busy | _moments(now)).all():
                if not _legible(row):
                    self._set_aside(tx, row, now)
                    sent += 1
                elif not _wanted(row):
                    _set(tx, row, state="dropped")
                    sent += 1
                elif row.channel not in self._channels:
                    self._give_up(tx, row, f"no channel {row.channel!r} here", now)
                    sent += 1
                elif free[row.channel] > 0:
                    free[row.channel] -= 1
                    _claim(tx, row, now)
                    claimed.append(row)
        for row in claimed:
            future = self._pools[row.channel].submit(self._send, self._channels[row.channel], _message(row))
            self._flying[future] = _Flight(row, stopwatch_s())
        return sent + len(claimed)

    def _send(self, channel: Channel, message: Message) -> Answer:
        try:
            return channel.send(message)
        except Exception as error:  # a channel with a mistake in it is one more dead channel
            log.exception("message %s", message.key)
            return Failed(type(error).__name__)

    # --- what became of it

    def _settle(self) -> int:
        ended = [(future, flight) for future, flight in self._flying.items() if future.done() or flight.late()]
        for future, flight in ended:
            answer = future.result() if future.done() else Retry("no answer in time")
            del self._flying[future]
            try:
                with self._db.write() as tx:
                    self._record(tx, tx.execute(sa.select(outbox).where(outbox.c.id == flight.row.id)).one(), answer)
            except OperationalError:
                self._flying[future] = flight  # the database is away: noted when it is back
                raise
        return len(ended)

    def _record(self, tx: Connection, row: Any, answer: Answer) -> None:
        now = self._clock.now()
        if row.state != "queued":
            return
        match answer:
            case Sent(delivered):
                state = "delivered" if delivered else "accepted"
                _set(tx, row, state=state, accepted_at=now, delivered_at=now if delivered else None, claimed_until=None)
                self._desk.log(tx, row.case_id, [_line(_SENT.get(row.purpose, "sent"), row)], now)
            case Retry(why, after_s):
                again = now + timedelta(seconds=max(after_s, BACKOFF_S[min(row.attempts, len(BACKOFF_S)) - 1]))
                if again >= row.give_up_at:
                    self._give_up(tx, row, why, now)
                else:
                    _set(tx, row, due_at=again, claimed_until=None, last_error=why)
            case Failed(why):
                self._give_up(tx, row, why, now)

    def _set_aside(self, tx: Connection, row: Any, now: datetime) -> None:
        """A message that says nothing counts as one that could not be sent, and is kept for an operator."""
        set_aside(tx, "message", str(row.id), str(row.payload), now)
        payload = {"then": [], "language": "ko", "ask": {"id": _asked(row)}}
        _set(tx, row, payload=payload)
        self._give_up(tx, tx.execute(_WITH_CASE.where(outbox.c.id == row.id)).one(), "unreadable", now)

    def _give_up(self, tx: Connection, row: Any, why: str, now: datetime) -> None:
        """This channel failed: the member's next one; without one, the case hears that they can't be reached."""
        _set(tx, row, state="failed", last_error=why, claimed_until=None)
        failed = "channel_failed" if row.member else "speaker_failed"
        self._desk.log(tx, row.case_id, [_line(failed, row, error=why)], now)
        if not _wanted(tx.execute(_WITH_CASE.where(outbox.c.id == row.id)).one()):
            return  # somebody has taken the case meanwhile: whom this message would have called is no matter now
        then = row.payload["then"]
        if then and (row.pass_on_at is None or now < row.pass_on_at):
            (channel, address), *rest = then
            following = {
                **{name: getattr(row, name) for name in ("case_id", "purpose", "member", "urgency", "pass_on_at")},
                # How many ways are left makes each key its own: two of them may be telephones.
                "key": f"{row.key.rpartition('/')[0]}/{channel}.{len(rest)}",
                "channel": channel,
                "address": address,
                "payload": {**row.payload, "then": rest},
                "state": "queued",
                "attempts": 0,
                "created_at": now,
                "due_at": now,
            }
            tx.execute(insert_new(outbox, tx.dialect.name).values(following))
        elif row.purpose in ("call", "owner") and row.channel != PUSH:
            self._desk.unreachable(tx, row.case_id, row.member, now)
        elif row.purpose == "check_in":
            self._desk.ask_failed(tx, row.case_id, row.payload["ask"]["id"], now)


class _Payload(msgspec.Struct):
    """What `alerts.letters` writes: a message, and the channels that are left."""

    case: int
    purpose: str
    concern: str
    urgency: str
    member: str | None
    language: str
    text: str
    url: str
    then: list[tuple[str, str]]
    ask: Question | None = None


class _Flight(msgspec.Struct, frozen=True):
    row: Any
    began_s: float

    def late(self) -> bool:
        return stopwatch_s() - self.began_s > SEND_S


def _claim(tx: Connection, row: Any, now: datetime) -> None:
    pass_on_at = _at_most(row.pass_on_at, now + timedelta(seconds=MEMBER_S))
    _set(
        tx,
        row,
        attempts=row.attempts + 1,
        claimed_until=now + timedelta(seconds=CLAIM_S),
        give_up_at=min(_at_most(row.give_up_at, now + timedelta(seconds=CHANNEL_S)), pass_on_at),
        pass_on_at=pass_on_at,
    )


def _at_most(at: datetime | None, latest: datetime) -> datetime:
    """A deadline that was set before; one that is further away than it can be was set by a clock that went back."""
    return latest if at is None else min(at, latest)


def _moments(now: datetime) -> dict[str, datetime]:
    return {"now": now, "latest": now + timedelta(seconds=CLAIM_S)}


def _asked(row: Any) -> str | None:
    """The question that may clear the row's case."""
    return row.case_body.get("ask") if isinstance(row.case_body, dict) else None


def _legible(row: Any) -> bool:
    try:
        payload = msgspec.convert(row.payload, _Payload)
    except msgspec.ValidationError:
        return False
    return payload.ask is not None or row.purpose not in ("check_in", "reassure")


def _wanted(row: Any) -> bool:
    """Whether the case still wants this said."""
    match row.purpose:
        case "call":
            return bool(row.case_state == State.ALERTING)
        case "owner":
            return bool(row.case_state == State.ALERTING or row.case_owner == row.member) and row.case_state != "closed"
        case "check_in":
            return bool(row.payload["ask"]["id"] == _asked(row))
        case "stand_down":
            return bool(row.case_state != State.ALERTING)
        case "reassure":
            return bool(row.case_state != State.CLOSED)
    return True


def _message(row: Any) -> Message:
    ask = row.payload.get("ask")
    return Message(
        key=row.key,
        address=row.address,
        ask=msgspec.convert(ask, Question) if ask else None,
        **{name: row.payload[name] for name in Message.__struct_fields__ if name not in ("key", "address", "ask")},
    )


def _set(tx: Connection, row: Any, **values: Any) -> None:
    tx.execute(sa.update(outbox).where(outbox.c.id == row.id).values(values))


def _line(what: str, row: Any, **numbers: str) -> Log:
    return Log(f"case.log.{what}", {"channel": row.channel, **numbers}, row.member, row.channel)
