"""Mistakes that this architecture is there to prevent, planted one at a time: a simulation that misses one is blind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

import sqlalchemy as sa
from msgspec.structs import replace

import alerts.case
import alerts.outbox
import gateway.uplink
import ingest.loop
from alerts.bell import Bell
from alerts.case import TABLE, Case, Decision, State
from alerts.desk import Desk
from alerts.happenings import Acknowledged, Due
from core.events import URGENT_FIRST, Event
from gateway.intake import Intake
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from gateway.uplink import Uplink
from ingest.loop import Ingest
from store.database import Unavailable
from store.tables import cases, outbox, signals
from wire.receipt import Receipt, encode_receipt
from wire.topics import Down, down

Plant = Callable[[], AbstractContextManager[object]]


class Bug(NamedTuple):
    """A mistake: how it is made in the code, and in the schema."""

    plant: Plant
    schema: tuple[str, ...] = ()


BUGS: dict[str, Bug] = {}


def bug(*schema: str) -> Callable[[Plant], Plant]:
    """Put a mistake on the list under its name."""

    def add(plant: Plant) -> Plant:
        name = plant.__name__.replace("_", " ")  # type: ignore[attr-defined]  # a function
        BUGS[name] = Bug(plant, schema)
        return plant

    return add


def patched(owner: Any, **names: Any) -> AbstractContextManager[object]:
    return mock.patch.multiple(owner, **names)


# --- in the city's ingest


@bug()
def acknowledges_before_the_commit() -> AbstractContextManager[object]:
    commit = Ingest._commit

    def hasty(self: Ingest, batch: Any, copies: int) -> Any:
        self._session.ack(batch)
        return commit(self, batch, copies)

    return patched(Ingest, _commit=hasty)


@bug()
def sends_the_receipt_before_the_commit() -> AbstractContextManager[object]:
    commit = Ingest._commit

    def hasty(self: Ingest, batch: Any, copies: int) -> Any:
        for _, topic, item in ingest.loop.items_of(batch):
            if isinstance(item, Event) and item.seq is not None:
                receipt = Receipt(item.boot, item.seq, item.seq)
                self._session.publish(down(topic.gateway, Down.RECEIPT), encode_receipt(receipt), 1)
        return commit(self, batch, copies)

    return patched(Ingest, _commit=hasty)


@bug()
def sends_the_receipt_before_the_disk_has_it() -> AbstractContextManager[object]:
    return patched(Ingest, _sync=lambda self: None)


@bug()
def the_receipt_covers_a_gap() -> AbstractContextManager[object]:
    return patched(ingest.loop, receipt_of=lambda boot, ranges, word: Receipt(boot, 1, ranges[-1][1], epoch=word))


@bug()
def acknowledges_what_the_database_refused() -> AbstractContextManager[object]:
    commit = Ingest._commit

    def easygoing(self: Ingest, batch: Any, copies: int) -> Any:
        try:
            return commit(self, batch, copies)
        except Unavailable:
            return []

    return patched(Ingest, _commit=easygoing)


@bug("DROP INDEX uq_events_seq")
def no_unique_index_for_events() -> AbstractContextManager[object]:
    return ExitStack()


@bug("DROP INDEX uq_cases_live")
def no_unique_index_for_living_cases() -> AbstractContextManager[object]:
    # The writers' lock would hide it: the look that comes before is as stale as another process's would be.
    return patched(Desk, _live=lambda self, tx, subject, group, now: None)


@bug()
def an_event_that_comes_again_opens_a_closed_case_anew() -> AbstractContextManager[object]:
    append_one, signal = ingest.loop.append_one, Desk.signal

    def again(self: Desk, tx: Any, one: Any, home: Any, now: Any, **how: Any) -> Any:
        known = sa.select(cases.c.state).join(signals, signals.c.case_id == cases.c.id).where(signals.c.key == one.key)
        if tx.scalar(known) == State.CLOSED:
            one = replace(one, key=f"{one.key}/again")
        return signal(self, tx, one, home, now, **how)

    stack = ExitStack()
    stack.enter_context(patched(ingest.loop, append_one=lambda tx, entry: append_one(tx, entry) or 0))
    stack.enter_context(patched(Desk, signal=again))
    return stack


# --- in the home


@bug()
def acknowledges_before_it_keeps() -> AbstractContextManager[object]:
    step, take = HomeGateway.step, Intake.take
    sessions: dict[Intake, Any] = {}

    def stepping(self: HomeGateway, wait_s: float = 0.1) -> int:
        sessions[self.intake] = self._local
        return step(self, wait_s)

    def hasty(self: Intake, deliveries: Any, hour: Any) -> Any:
        sessions[self].ack(deliveries)
        return take(self, deliveries, hour)

    both = ExitStack()
    both.enter_context(patched(HomeGateway, step=stepping))
    both.enter_context(patched(Intake, take=hasty))
    return both


@bug()
def forgets_when_the_broker_has_it() -> AbstractContextManager[object]:
    publish, turn = Uplink._publish, Uplink.turn
    sent: list[tuple[Uplink, Any, Any]] = []

    def noting(self: Uplink, session: Any, lane: Any, batch: Any, now_s: float) -> None:
        real = session.publish

        def told(*what: Any, **how: Any) -> Any:
            sent.append((self, real(*what, **how), batch))
            return sent[-1][1]

        publish(self, SimpleNamespace(publish=told), lane, batch, now_s)

    def forgetful(self: Uplink, now: Any) -> None:
        for one in [one for one in sent if one[0] is self and one[1].is_published()]:
            sent.remove(one)
            for key in (numbered.key for numbered in one[2]):
                self._outbox.forget(Receipt(self._outbox._names[key[0]], key[1], key[1]))
                self._open.pop(key, None)
        turn(self, now)

    return patched(Uplink, _publish=noting, turn=forgetful)


@bug()
def counts_anew_what_it_sends_again_after_a_restart() -> AbstractContextManager[object]:
    begin = Outbox._begin

    def anew(self: Outbox, *what: Any) -> None:
        begin(self, *what)
        self._db.execute("UPDATE events SET boot = NULL, seq = NULL WHERE receipted IS NULL")

    return patched(Outbox, _begin=anew)


@bug()
def a_new_disk_begins_with_an_old_boots_name() -> AbstractContextManager[object]:
    return patched(gateway.outbox, secrets=SimpleNamespace(token_hex=lambda _n: "0"))


@bug()
def the_sos_leaves_behind_the_bulk() -> AbstractContextManager[object]:
    return patched(gateway.uplink, URGENT_FIRST=tuple(reversed(URGENT_FIRST)))


# --- in the Care Call


@bug()
def timers_are_in_memory() -> AbstractContextManager[object]:
    def step(self: Any) -> int:
        now, timers = self._clock.now(), self.__dict__.setdefault("timers", {})
        with self._db.read() as tx:
            found = tx.execute(sa.select(cases.c.id, cases.c.due_at).where(cases.c.due_at.is_not(None))).all()
        timers.update({row.id: row.due_at for row in found if row.due_at > now})
        late = [case for case, due_at in timers.items() if due_at <= now]
        for case in late:
            with self._db.write() as tx:
                self._desk.ring(tx, case, now)
            del timers[case]
        return len(late)

    return patched(Bell, step=step)


@bug()
def the_ladder_begins_anew_after_a_restart() -> AbstractContextManager[object]:
    step, ring = Bell.step, Desk.ring
    lost: set[int] = set()
    """Cases whose rung was in the memory of a bell that has died."""

    def starting(self: Any) -> int:
        if not hasattr(self, "started"):
            with self._db.read() as tx:
                lost.update(tx.scalars(sa.select(cases.c.id)))
            self.started = True
        return step(self)

    def from_the_foot(self: Desk, tx: Any, case_id: int, now: Any) -> bool:
        case = self._read(tx, case_id)
        if case is None or case_id not in lost:
            return ring(self, tx, case_id, now)
        lost.remove(case_id)
        return isinstance(self._happen(tx, case_id, replace(case, rung=0, round=1, called=False), Due(), now), Case)

    stack = ExitStack()
    stack.enter_context(patched(Bell, step=starting))
    stack.enter_context(patched(Desk, ring=from_the_foot))
    return stack


@bug()
@contextmanager
def an_acknowledgement_does_not_stop_the_ladder() -> Iterator[None]:
    row = TABLE[Acknowledged]
    take = row[State.ALERTING]

    def keeps_its_clock(case: Case, taken: Any, now: Any) -> Any:
        done = take(case, taken, now)
        assert isinstance(done, Decision)
        return replace(done, case=replace(done.case, set_at=case.set_at, due_at=case.due_at))

    with mock.patch.dict(row, {State.ALERTING: keeps_its_clock}):
        yield


@bug()
def a_bell_that_stood_still_does_not_look_again() -> AbstractContextManager[object]:
    return patched(alerts.case, _early=lambda case, now: None)


@bug()
def a_claim_outlives_its_sender() -> AbstractContextManager[object]:
    def free(query: Any) -> Any:
        return query.where(outbox.c.claimed_until.is_(None))

    return patched(alerts.outbox, _DUE=free(alerts.outbox._DUE), _ANY_DUE=free(alerts.outbox._ANY_DUE))


@bug()
def a_new_key_at_each_attempt() -> AbstractContextManager[object]:
    message = alerts.outbox._message

    def renamed(row: Any) -> Any:
        made = message(row)
        return replace(made, key=f"{row.key}/{row.attempts}") if row.attempts else made

    return patched(alerts.outbox, _message=renamed)
