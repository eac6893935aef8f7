"""The Care Call: the one decision, made on plain values, of what follows from anything that can happen to a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from alerts.happenings import (
    Acknowledged,
    Answered,
    Arrived,
    AskFailed,
    CallOwner,
    Cleared,
    Closed,
    Due,
    Effect,
    Happening,
    Log,
    NobodyOnCall,
    Noted,
    Rang,
    Released,
    Result,
    SignalSeen,
    Unreachable,
)
from alerts.moves import (
    WHY_MAX,
    Case,
    Move,
    Outcome,
    State,
    adopt,
    ask_or_call,
    because,
    begin,
    call,
    call_again,
    call_back,
    call_next,
    call_past,
    call_sooner,
    called_lately,
    clock,
    rings,
    shut,
    stand_down,
)
from core.signals import Concern, Evidence, Group, Signal, Urgency, group_of

__all__ = ["TABLE", "Case", "Decision", "Outcome", "Refused", "State", "decide"]

# Shut as "safe" only when somebody has heard or seen the resident.
NEEDS_CONTACT = frozenset({Concern.INACTIVITY, Concern.OVERDUE, Concern.MISSED_CHECK_IN})
CONTACTS = frozenset({"phone", "visit", "speaker"})


class Decision(msgspec.Struct, frozen=True):
    """What follows: the case as it is now, what is to be done, and why, as the last part of a `case.log.` key."""

    case: Case
    effects: tuple[Effect, ...] = ()
    reason: str = "unchanged"


class Refused(msgspec.Struct, frozen=True):
    """A person's request that the case's state does not allow: a code, and `case.refused.CODE` in words."""

    reason: str


Verdict = Decision | Refused
Rule = Callable[[Case, Any, datetime], Verdict]


def decide(case: Case | None, happening: Happening, now: datetime) -> Verdict:
    """What follows from `happening`. Only a raised signal opens a case (`case` None). A closed case never changes."""
    if case is None:
        return _open(happening, now) if isinstance(happening, SignalSeen) else Refused("no_case")
    return TABLE[type(happening)][case.state](case, happening, now)


# --- opening and joining


def _open(seen: SignalSeen, now: datetime) -> Decision:
    signal = seen.signal
    case = Case(
        subject=seen.subject,
        home=seen.home,
        area=seen.area,
        group=group_of(signal.concern),
        concern=signal.concern,
        urgency=_urgency(seen),
        state=State.ALERTING,
        opened_at=now,
        plan=seen.plan,
        standing={signal.concern: 1},
        why=signal.evidence[:WHY_MAX],
    )
    urgency = case.urgency.name.lower()
    return _decided("opened", begin(case, now), *_told(signal), concern=signal.concern, urgency=urgency)


def _join(case: Case, seen: SignalSeen, now: datetime) -> Decision:
    """A further signal of the same worry. It raises the case or leaves it as urgent as it was, never less."""
    signal, urgency = seen.signal, _urgency(seen)
    standing = {**case.standing, signal.concern: case.standing.get(signal.concern, 0) + 1}
    joined = replace(case, standing=standing, why=because(case, signal.evidence))
    if urgency > case.urgency:
        raised = adopt(joined, signal.concern, urgency, seen.plan)
        return _decided("raised", call_sooner(raised, now), *_told(signal), concern=signal.concern)
    if case.group is Group.SERVICE and case.owner is not None:
        # Who has taken one worry has not heard of the next.
        told = replace(joined, calls=joined.calls + 1)
        return _decided("joined", (told, (CallOwner(case.owner, told.calls),)), *_told(signal), concern=signal.concern)
    if urgency is not Urgency.IMMEDIATE or (signal.concern is not Concern.SOS and signal.concern in case.standing):
        return _decided("joined", (joined, ()), *_told(signal), concern=signal.concern)
    if signal.concern is Concern.SOS:
        joined = replace(joined, concern=Concern.SOS)
    if called_lately(case, now):
        return _decided("joined", (joined, ()), *_told(signal), concern=signal.concern)
    return _decided("repeated", call_again(joined, now), *_told(signal), concern=signal.concern)


def _clear(case: Case, cleared: Cleared, now: datetime) -> Decision:
    """The cause is over: that closes a technical or environment case nobody owns, once all its causes are. No other.

    Movement after a silence may be a visitor, a pet or a second resident, and a detector that smells no smoke any more
    says nothing about who breathed it: those are logged, and a person decides.
    """
    signal = cleared.signal
    left = max(0, case.standing.get(signal.concern, 0) - 1)
    eased = replace(case, standing={**case.standing, signal.concern: left})
    mends_itself = case.group in (Group.TECHNICAL, Group.ENVIRONMENT) and signal.concern in case.standing
    if mends_itself and case.owner is None and not any(eased.standing.values()):
        outcome = Outcome.TECHNICAL if case.group is Group.TECHNICAL else Outcome.SAFE
        over = shut(eased, now, None, outcome, "sensor")
        return _decided("resolved", (over, stand_down(case, None, closed=True)), *_told(signal), concern=signal.concern)
    return _decided("cleared", (eased, ()), *_told(signal), concern=signal.concern)


# --- the resident answers


def _answer(case: Case, answer: Answered, now: datetime) -> Decision:
    """While verifying: an `ok` to the question asked closes the case; everything else but one `unclear` climbs."""
    if answer.result is Result.NOT_OK:
        return _cry(case, answer, now)
    if answer.ask != case.ask:
        return _decided("answered_late", (case, ()), channel="speaker", result=answer.result)
    if answer.result is Result.OK:
        well = shut(case, now, None, Outcome.SAFE, case.answers_by)
        return _decided("answered_ok", (well, ()), channel="speaker")
    again = answer.result is Result.UNCLEAR
    move = ask_or_call(case, now) if again else call(case, 0, 1, now)
    return _decided("answered_badly", move, channel="speaker", result=answer.result)


def _hear(case: Case, answer: Answered, now: datetime) -> Decision:
    """After people were called: an `ok` is shown to them and decides nothing."""
    if answer.result is Result.NOT_OK:
        return _cry(case, answer, now)
    if answer.result is Result.OK:
        case = replace(case, why=because(case, (Evidence("case.why.answered_ok"),)))
    return _decided("answered_late", (case, ()), channel="speaker", result=answer.result)


def _cry(case: Case, answer: Answered, now: datetime) -> Decision:
    """The resident says they are not well: as urgent as an SOS, whichever question it answers."""
    worse = replace(
        case,
        why=because(case, (Evidence("case.why.answered_not_ok"),)),
        standing={**case.standing, Concern.DISTRESS: case.standing.get(Concern.DISTRESS, 0) + 1},
    )
    if case.urgency is Urgency.IMMEDIATE:
        move = (worse, ()) if called_lately(case, now) else call_again(worse, now)
        return _decided("answered_not_ok", move, channel="speaker")
    worse = adopt(worse, Concern.DISTRESS, Urgency.IMMEDIATE, answer.plan or case.plan)
    return _decided("answered_not_ok", call_sooner(worse, now), channel="speaker")


def _unasked(case: Case, failed: AskFailed, now: datetime) -> Decision:
    if failed.ask != case.ask:
        return Decision(case)
    return _decided("ask_failed", call(case, 0, 1, now), channel="speaker")


# --- the clock


def _unanswered(case: Case, due: Due, now: datetime) -> Decision:
    if (early := _early(case, now)) is not None:
        return early
    if case.ask is None:
        return _decided("released", ask_or_call(case, now))
    return _decided("no_answer", call(case, 0, 1, now))


def _climb(case: Case, due: Due, now: datetime) -> Decision:
    if (early := _early(case, now)) is not None:
        return early
    reason = "released" if not case.called else "repeats" if case.rung == case.plan.last else "climbed"
    return _decided(reason, call_next(case, now))


def _forgotten(case: Case, due: Due, now: datetime) -> Decision:
    """Taken, and then nothing: the owner is called once more, and so is the next rung."""
    if (early := _early(case, now)) is not None:
        return early
    owner = case.owner or ""
    back, effects = call_next(case, now)
    back = replace(back, calls=back.calls + 1)
    return _decided("forgotten", (back, (*effects, CallOwner(owner, back.calls))), who=owner)


def _early(case: Case, now: datetime) -> Decision | None:
    """A bell that rings too early changes nothing; None: it is time.

    Where the city's clock has gone back by more than the whole wait, the wait starts anew: late by one wait at most,
    not by the whole jump.
    """
    if case.due_at is None or case.set_at is None or now >= case.due_at:
        return None
    if not rings(case.set_at, case.due_at, now):
        return Decision(case)
    wait = case.due_at - case.set_at
    return _decided("clock_back", (replace(case, set_at=now, due_at=now + wait), ()))


# --- people


def _take(case: Case, taken: Acknowledged, now: datetime) -> Decision:
    if case.owner == taken.by:
        return Decision(case)
    reason = "acknowledged" if case.owner is None else "taken_over"
    owned = replace(
        case,
        state=State.ACKNOWLEDGED,
        owner=taken.by,
        ask=None,
        calling=(),
        acknowledged_at=case.acknowledged_at or now,
    )
    owned = clock(owned, now, case.plan.act_within_s, "case.next.act", who=taken.by)
    return _decided(reason, (owned, stand_down(case, taken.by)), who=taken.by)


def _arrive(case: Case, arrived: Arrived, now: datetime) -> Decision:
    there = replace(
        case,
        state=State.ARRIVED,
        owner=arrived.by,
        ask=None,
        calling=(),
        acknowledged_at=case.acknowledged_at or now,
        arrived_at=now,
    )
    there = clock(there, now, case.plan.close_within_s, "case.next.close", who=arrived.by)
    down = () if case.owner == arrived.by else stand_down(case, arrived.by)
    return _decided("arrived", (there, down), who=arrived.by)


def _also(case: Case, joined: Acknowledged | Arrived, now: datetime) -> Decision:
    """Somebody is in the home already, and stays the owner."""
    return Decision(case) if joined.by == case.owner else _decided("also", (case, ()), who=joined.by)


def _release(case: Case, released: Released, now: datetime) -> Verdict:
    """Nobody waits for who has said that they can't: people are called at once."""
    if case.owner != released.by:
        return Refused("not_yours")
    return _decided("given_back", call_back(case, released.by, now), who=released.by)


def _close(case: Case, closed: Closed, now: datetime) -> Verdict:
    if closed.outcome not in frozenset(Outcome):
        return Refused("unknown_outcome")
    if closed.contact is not None and closed.contact not in CONTACTS:
        return Refused("unknown_contact")
    outcome = Outcome(closed.outcome)
    verified = closed.contact is not None or case.state is State.ARRIVED
    if outcome is Outcome.SAFE and not verified and NEEDS_CONTACT & case.standing.keys():
        return Refused("no_contact")
    over = shut(case, now, closed.by, outcome, closed.contact or ("visit" if case.state is State.ARRIVED else None))
    note = (Log("case.log.noted", {"text": closed.note}, who=closed.by),) if closed.note else ()
    down = stand_down(case, closed.by, closed=True) if case.owner != closed.by else ()
    return _decided("closed", (over, (*note, *down)), who=closed.by, outcome=outcome)


def _note(case: Case, noted: Noted, now: datetime) -> Decision:
    return _decided("noted", (case, ()), who=noted.by, text=noted.text)


# --- what became of the calls


def _rang(case: Case, rang: Rang, now: datetime) -> Decision:
    if rang.rung != case.rung:
        return Decision(case)
    called = replace(case, calling=rang.members)
    rung = case.plan.rungs[case.rung]
    key = "case.log.called_post" if rung.post else "case.log.called"
    logs = tuple(Log(key, {"rung": rung.who}, who=m) for m in rang.members)
    return Decision(called, logs, "called")


def _nobody(case: Case, nobody: NobodyOnCall, now: datetime) -> Decision:
    """An empty rung is not waited for. The last one repeats by its clock."""
    if nobody.rung != case.rung:
        return Decision(case)
    why = tuple(Log(reason.key, reason.numbers) for reason in nobody.why)
    return _decided("nobody_on_call", call_past(case, now), *why, rung=case.plan.rungs[case.rung].who)


def _lost(case: Case, lost: Unreachable, now: datetime) -> Decision:
    if lost.member not in case.calling:
        return _decided("unreachable", (case, ()), who=lost.member)
    left = replace(case, calling=tuple(m for m in case.calling if m != lost.member))
    return _decided("unreachable", (left, ()) if left.calling else call_past(left, now), who=lost.member)


def _lost_owner(case: Case, lost: Unreachable, now: datetime) -> Decision:
    if lost.member != case.owner:
        return _decided("unreachable", (case, ()), who=lost.member)
    return _decided("owner_unreachable", call_next(case, now), who=lost.member)


def _lost_late(case: Case, lost: Unreachable, now: datetime) -> Decision:
    return _decided("unreachable", (case, ()), who=lost.member)


# --- the one table


def _unchanged(case: Case, happening: Happening, now: datetime) -> Decision:
    return Decision(case)


def _unowned(case: Case, released: Released, now: datetime) -> Verdict:
    """Nobody has it: who had it may say so twice."""
    return Decision(case)


def _refuse(case: Case, happening: Happening, now: datetime) -> Refused:
    return Refused("closed")


def _late(case: Case, answer: Answered, now: datetime) -> Decision:
    return _decided("answered_late", (case, ()), channel="speaker", result=answer.result)


def _row(*rules: Rule) -> dict[State, Rule]:
    return dict(zip(State, rules, strict=True))


TABLE: dict[type[Happening], dict[State, Rule]] = {
    #                   verifying    alerting    acknowledged  arrived      closed
    SignalSeen:    _row(_join,       _join,      _join,        _join,       _refuse),
    Cleared:       _row(_clear,      _clear,     _clear,       _clear,      _unchanged),
    Answered:      _row(_answer,     _hear,      _hear,        _hear,       _late),
    AskFailed:     _row(_unasked,    _unchanged, _unchanged,   _unchanged,  _unchanged),
    Due:           _row(_unanswered, _climb,     _forgotten,   _forgotten,  _unchanged),
    Acknowledged:  _row(_take,       _take,      _take,        _also,       _refuse),
    Arrived:       _row(_arrive,     _arrive,    _arrive,      _also,       _refuse),
    Released:      _row(_unowned,    _unowned,   _release,      _release,    _refuse),
    Closed:        _row(_close,      _close,     _close,       _close,      _refuse),
    Noted:         _row(_note,       _note,      _note,        _note,       _note),
    Rang:          _row(_unchanged,  _rang,      _unchanged,   _unchanged,  _unchanged),
    NobodyOnCall:  _row(_unchanged,  _nobody,    _unchanged,   _unchanged,  _unchanged),
    Unreachable:   _row(_lost_late,  _lost,      _lost_owner,  _lost_late,  _unchanged),
}  # fmt: skip


def _urgency(seen: SignalSeen) -> Urgency:
    return max(seen.signal.urgency, seen.plan.urgency)


def _told(signal: Signal) -> tuple[Log, ...]:
    return tuple(Log(reason.key, reason.numbers) for reason in signal.evidence)


def _decided(
    reason: str, move: Move, *more: Log, who: str | None = None, channel: str | None = None, **numbers: str | int
) -> Decision:
    case, effects = move
    return Decision(case, (Log(f"case.log.{reason}", dict(numbers), who, channel), *more, *effects), reason)
