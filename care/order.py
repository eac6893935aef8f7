"""Which state of an order may follow which, what a task and a record must fit, and why not: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from core.care import Refused

Numbers = dict[str, str | int]
"""What fills a line of the journal."""
AHEAD = timedelta(minutes=5)
"""So far a telephone's clock may be fast."""
LONGEST = timedelta(hours=24)
AROUND = timedelta(days=1)
"""A service may be delivered so long before an order's span or after it; its record may be sent at any time."""


class State(StrEnum):
    """Where an order stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


NEXT: Mapping[State, frozenset[State]] = {
    State.OFFERED: frozenset({State.ACCEPTED, State.DECLINED, State.LAPSED, State.CANCELLED}),
    State.ACCEPTED: frozenset({State.DONE, State.CANCELLED}),
}
"""From any other state an order goes nowhere."""
LIVE = (State.OFFERED, State.ACCEPTED, State.DONE)
"""One such order at most for each item of a plan."""


class Outcome(StrEnum):
    """What a worker found."""

    DONE = "done"
    CLOSED_DOOR = "closed_door"
    REFUSED = "refused"
    HOSPITAL = "hospital"


class Order(msgspec.Struct, frozen=True):
    """One row of `orders`; `price_won` is for one unit, as it was when the order was made."""

    id: int
    episode: int
    item: int
    person: str
    area: str
    service: str
    provider: str
    units: int
    price_won: int
    start: datetime
    end: datetime
    state: State
    owner: str
    due_at: datetime | None
    offered_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    exercise: bool

    @property
    def open(self) -> bool:
        return self.state in NEXT


class Sent(msgspec.Struct, frozen=True):
    """A service record as a worker's telephone sends it, by its own id; it may be days old.

    One of `order` and `task` is enough. Whatever is not `done` has no units that are paid.
    """

    id: str
    order: int | None
    task: int | None
    worker: str
    start: datetime
    end: datetime
    outcome: Outcome
    units: int = 0
    note: str = ""
    worry: str | None = None

    @property
    def payable(self) -> int:
        return self.units if self.outcome is Outcome.DONE else 0

    @property
    def worrying(self) -> bool:
        return self.outcome is Outcome.CLOSED_DOOR or bool(self.worry)


# --- the life of an order


def accept(it: Order, by: str, now: datetime) -> Order | Refused:
    """A provider takes it. A late yes counts as long as nobody has noticed the silence."""
    return _step(it, State.ACCEPTED, by, None, now, it.end + AROUND)


def decline(it: Order, by: str, reason: str, now: datetime) -> Order | Refused:
    """A provider does not take it."""
    return _step(it, State.DECLINED, by, reason, now)


def lapse(it: Order, now: datetime) -> Order | Refused:
    """The provider has said nothing in time."""
    if it.state is State.OFFERED and it.due_at is not None and it.due_at > now:
        return Refused("order_waits", {"order": it.id})
    return _step(it, State.LAPSED, "", None, now)


def cancel(it: Order, by: str, reason: str, now: datetime) -> Order | Refused:
    """It is wanted no longer."""
    return _step(it, State.CANCELLED, by, reason, now)


def finish(it: Order, recorded: int, by: str, reason: str, now: datetime) -> Order | Refused:
    """All its units are recorded; or its end has passed, and somebody says why no more will come."""
    over = now >= it.end and bool(reason)
    if it.state is State.ACCEPTED and recorded < it.units and not over:
        return Refused("order_unfinished", {"order": it.id, "units": it.units, "recorded": recorded})
    return _step(it, State.DONE, by, reason or None, now)


def _step(
    it: Order, to: State, by: str, reason: str | None, now: datetime, due_at: datetime | None = None
) -> Order | Refused:
    """`it` itself where it stands there already: whoever lost an answer may ask again."""
    if it.state is to:
        return it
    if to not in NEXT.get(it.state, ()):
        return Refused("order_state", {"order": it.id, "state": it.state.value, "to": to.value})
    said = {"decided_at": now, "decided_by": by or None, "reason": reason}
    return msgspec.structs.replace(it, state=to, due_at=due_at, **said)


# --- what must fit an order


def fits(it: Order, planned_at: datetime, units: int, taken: int, hours: str, off: bool) -> Refused | None:
    """Why a task does not fit. `taken`: units of the tasks that live, and those recorded. `off`: the office is closed
    at that time."""
    if it.state is not State.ACCEPTED:
        return Refused("order_state", {"order": it.id, "state": it.state.value, "to": "task"})
    if not it.start <= planned_at <= it.end:
        return Refused("task_span", {"order": it.id})
    if taken + units > it.units:
        return Refused("beyond_order", {"order": it.id, "units": it.units, "taken": taken})
    if (hours == "off_hours" and not off) or (hours == "office" and off):
        return Refused("task_hours", {"hours": hours})
    return None


def judge(it: Order, sent: Sent, recorded: int, now: datetime) -> Refused | None:
    """Why a record does not count for its order; None: it does, with its payable units."""
    if not sent.start < sent.end or sent.end - sent.start > LONGEST or sent.end > now + AHEAD:
        return Refused("record_time", {"order": it.id})
    if not it.start - AROUND <= sent.start <= sent.end <= it.end + AROUND:
        return Refused("record_span", {"order": it.id})
    begun = it.state is State.CANCELLED and it.decided_at is not None and sent.start < it.decided_at
    if it.state not in (State.ACCEPTED, State.DONE) and not begun:
        return Refused("order_state", {"order": it.id, "state": it.state.value, "to": "record"})
    if recorded + sent.payable > it.units:
        return Refused("beyond_order", {"order": it.id, "units": it.units, "taken": recorded})
    return None
