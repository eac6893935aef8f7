"""A visit: the one decision, made on plain values, of what follows from a step, a form or a closed door."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from core.care import EARLIEST, LATEST, Refused, who

SKEW = timedelta(minutes=5)
"""So far ahead of the city's clock a tablet's may be."""
MOST_NOTE, MOST_NEEDS = 2000, 20


class State(StrEnum):
    """planned -> started -> arrived -> finished; planned | started -> missed | cancelled. A form, which may come from
    a tablet that was offline all along, finishes a visit in any of the first three."""

    PLANNED = "planned"
    STARTED = "started"
    ARRIVED = "arrived"
    FINISHED = "finished"
    MISSED = "missed"
    CANCELLED = "cancelled"


OPEN = frozenset({State.PLANNED, State.STARTED, State.ARRIVED})


class Kind(StrEnum):
    INTAKE = "intake"
    COMPULSORY = "compulsory"
    FOLLOW_UP = "follow_up"


class Outcome(StrEnum):
    MET = "met"
    NOT_HOME = "not_home"
    REFUSED = "refused"  # they were at the door, and want no visit
    GONE = "gone"  # moved away, or died


CONTACT = frozenset({Outcome.MET, Outcome.REFUSED})
"""Somebody has seen or spoken to them."""
MUST_MEET = frozenset({Kind.INTAKE, Kind.COMPULSORY})
"""Visits that a closed door does not settle."""


class Mark(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found. None: nobody looked. `needs`: codes of services that would help."""

    well_being: Mark | None = None
    mood: Mark | None = None
    home_safe: bool | None = None
    food: bool | None = None
    medicine: bool | None = None
    note: str = ""
    needs: tuple[str, ...] = ()


class Form(msgspec.Struct, frozen=True):
    """What a tablet sends when a visit is over. `base`: the version of the visit's form that it was written over, 0 for
    none, as the tablet knew it."""

    id: str
    base: int
    outcome: Outcome
    started_at: datetime
    arrived_at: datetime
    finished_at: datetime
    record: Record
    by: str


class Visit(msgspec.Struct, frozen=True):
    """One row of `visits`. `version`: how many forms have stood; the last one stands."""

    id: str
    episode: int | None
    person: str
    area: str
    kind: Kind
    reason: str
    state: State
    owner: str
    due_at: datetime
    told_at: datetime | None
    planned_at: datetime | None
    started_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None
    record: Record | None
    version: int
    exercise: bool
    created_at: datetime

    @property
    def open(self) -> bool:
        return self.state in OPEN


class Ruling(StrEnum):
    """What becomes of a form."""

    STANDS = "stands"
    WAITS = "waits"  # a conflict until the form arrives over which it was written
    CONFLICTS = "conflicts"


def digest(visit: str, form: Form) -> str:
    """The same for the same words about the same visit, in whichever time zone a tablet writes its times."""
    times = {name: getattr(form, name).astimezone(UTC) for name in ("started_at", "arrived_at", "finished_at")}
    told = msgspec.json.encode((visit, replace(form, **times)))
    return hashlib.sha256(told).hexdigest()


def fault(form: Form, now: datetime) -> Refused | None:
    """What is wrong with a form as such."""
    if not EARLIEST <= form.started_at <= form.arrived_at <= form.finished_at <= LATEST:
        return Refused("visit_times")
    return Refused("visit_future") if form.finished_at > now + SKEW else None


def ruling(it: Visit, form: Form) -> Ruling:
    """A form stands if it was written over the one that stands. One for a visit that was called off changes nothing."""
    if not it.open and it.state is not State.FINISHED:
        return Ruling.CONFLICTS
    if form.base == it.version:
        return Ruling.STANDS
    return Ruling.WAITS if form.base > it.version else Ruling.CONFLICTS


def follows(it: Visit, standing: Form, waiting: Form) -> bool:
    """Whether a form that came too early was written over the one that stands now: the same hand goes on where it
    was. Another's, of the same number, knew another form."""
    return waiting.base == it.version and who(waiting.by) == who(standing.by)


def filled(it: Visit, form: Form) -> Visit:
    """The visit as a form says that it was: finished, and one version further."""
    return replace(
        it,
        state=State.FINISHED,
        outcome=form.outcome,
        started_at=form.started_at,
        arrived_at=form.arrived_at,
        finished_at=form.finished_at,
        record=form.record,
        version=it.version + 1,
    )


def start(it: Visit, at: datetime, now: datetime) -> Visit | Refused:
    """Somebody is on the way. Said twice, or after the arrival, the first word stands."""
    if at > now + SKEW:
        return Refused("visit_future")
    if it.state is State.PLANNED:
        return replace(it, state=State.STARTED, started_at=at)
    if it.state is State.ARRIVED and it.started_at is None and it.arrived_at is not None and at <= it.arrived_at:
        return replace(it, started_at=at)
    return _unchanged(it)


def arrive(it: Visit, at: datetime, now: datetime) -> Visit | Refused:
    """Somebody is at the door."""
    if at > now + SKEW:
        return Refused("visit_future")
    if it.state not in (State.PLANNED, State.STARTED):
        return _unchanged(it)
    if it.started_at is not None and at < it.started_at:
        return Refused("visit_times")
    return replace(it, state=State.ARRIVED, arrived_at=at)


def take(it: Visit, by: str) -> Visit | Refused:
    """Somebody becomes its owner."""
    return replace(it, owner=by) if it.open else _past(it)


def _unchanged(it: Visit) -> Visit | Refused:
    # A tablet that was offline says its steps after its form: that is no mistake.
    return it if it.open or it.state is State.FINISHED else _past(it)


def _past(it: Visit) -> Refused:
    # Who stands at the door says what came of it.
    return Refused("visit_there") if it.open else Refused("visit_over", {"state": it.state.value})


def cancel(it: Visit, *, by_rule: bool = False) -> Visit | Refused:
    """It will not be made. A compulsory one ends so by the rule alone: a contact, or that they are gone."""
    if it.state is State.CANCELLED:
        return it
    if it.state not in (State.PLANNED, State.STARTED):
        return _past(it)
    if it.kind is Kind.COMPULSORY and not by_rule:
        return Refused("visit_compulsory")
    return replace(it, state=State.CANCELLED)


def miss(it: Visit) -> Visit | Refused:
    """Nobody went. A visit that must find somebody stays open until one has."""
    if it.state is State.MISSED:
        return it
    if it.state not in (State.PLANNED, State.STARTED):
        return _past(it)
    return Refused("visit_must_meet") if it.kind in MUST_MEET else replace(it, state=State.MISSED)


def again(it: Visit) -> str:
    """The id of the visit that follows on a closed door: the same however often it is said."""
    return f"again-{hashlib.sha256(it.id.encode()).hexdigest()[:24]}"
