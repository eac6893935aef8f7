"""A Care Call, and the few moves it can make: ask, call, climb, hold, shut. `alerts.case` says which one follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from alerts.happenings import Ask, CallOwner, CallRung, Effect, Log, StandDown
from alerts.plan import Plan
from core.known import known
from core.people import AskBy, is_canary
from core.signals import Concern, Evidence, Group, Urgency

AGAIN_S = 60.0  # a resident who keeps pressing is heard each time, and rings people once a minute
WHY_MAX = 12
REASSURE = {
    Concern.SMOKE: "ask.smoke",
    Concern.GAS: "ask.gas",
    Concern.CO: "ask.co",
    Concern.DESPAIR: "ask.despair",
}


class State(StrEnum):
    """verifying -> alerting -> acknowledged -> arrived -> closed; an acknowledged case nobody acts on comes back."""

    VERIFYING = "verifying"
    ALERTING = "alerting"
    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"
    CLOSED = "closed"


class Outcome(StrEnum):
    TRUE_EMERGENCY = "true_emergency"
    SAFE = "safe"
    TECHNICAL = "technical"
    EXERCISE = "exercise"
    CARE = "care"


@known
class Case(msgspec.Struct, frozen=True):
    """One Care Call.

    While it lives it has a rung whose turn it is (`called`: already called) or an owner, a next action and a `due_at`.
    `set_at` is when that clock was set; `calls` numbers the calls, `called_at` is the last one's time. `ask` is the
    question that may clear it, and no other answer does. `calling`: members of the rung who may still be reached.
    `standing` counts, for each concern it has seen, raised less cleared.
    """

    subject: str
    area: str
    group: Group
    concern: Concern
    urgency: Urgency
    state: State
    opened_at: datetime
    plan: Plan
    standing: dict[Concern, int]
    why: tuple[Evidence, ...]
    home: str | None = None
    set_at: datetime | None = None
    due_at: datetime | None = None
    next_action: Evidence | None = None
    rung: int = 0
    round: int = 1
    called: bool = False
    calls: int = 0
    calling: tuple[str, ...] = ()
    called_at: datetime | None = None
    asks: int = 0
    ask: str | None = None
    owner: str | None = None
    acknowledged_at: datetime | None = None
    arrived_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: Outcome | None = None
    contact: str | None = None

    @property
    def synthetic(self) -> bool:
        """Whether it is about a home where nobody lives."""
        return self.home is not None and is_canary(self.home)

    @property
    def answers_by(self) -> str:
        """By what the resident answers: `speaker` or `button`."""
        return "button" if self.plan.ask_by is AskBy.LIGHT else "speaker"

    @property
    def asking(self) -> str:
        """What the ids of this case's questions start with: never the same for two cases of a home."""
        return f"{self.group}-{self.opened_at:%Y%m%dT%H%M%S%f}-"


Move = tuple[Case, tuple[Effect, ...]]


def begin(case: Case, now: datetime) -> Move:
    """Ask the resident first where that is right; call people where it is not."""
    if case.urgency is Urgency.IMMEDIATE:
        return call(case, 0, 1, now, *_reassure(case))
    hold = case.plan.hold_until
    if case.urgency < Urgency.URGENT and hold is not None and now < hold:
        state = State.VERIFYING if case.plan.asks else State.ALERTING
        held = replace(case, state=state, ask=None, set_at=now, due_at=hold, next_action=Evidence("case.next.hold"))
        return held, (Log("case.log.held"),)
    return ask_or_call(case, now)


def ask_or_call(case: Case, now: datetime) -> Move:
    """One more question to the resident, while the plan has some left; people after that."""
    if case.asks >= case.plan.asks:
        return call(case, 0, 1, now)
    number, wait_s = case.asks + 1, case.plan.ask_wait_s
    ask = f"{case.asking}{number}"
    asked = clock(replace(case, state=State.VERIFYING, asks=number, ask=ask), now, wait_s, "case.next.answer")
    key = "ask.check_in" if number == 1 else "ask.again"
    line = "case.log.asked" if case.plan.ask_by is AskBy.VOICE else "case.log.asked_shown"
    return asked, (Ask(ask, key, "check_in", wait_s), Log(line, {"number": number}, channel="speaker"))


def call(case: Case, rung: int, round: int, now: datetime, *more: Effect) -> Move:
    """Call everybody at `rung`, and wait as long as the ladder says."""
    here = case.plan.rungs[rung]
    called = replace(
        case,
        state=State.ALERTING,
        owner=None,
        ask=None,
        rung=rung,
        round=round,
        called=True,
        calls=case.calls + 1,
        calling=(),
        called_at=now,
    )
    following = case.plan.rungs[min(rung + 1, case.plan.last)].who
    key = "case.next.repeat" if rung == case.plan.last else "case.next.climb"
    waiting = clock(called, now, here.wait_s, key, rung=following)
    return waiting, (CallRung(rung, round, called.calls), *more)


def call_next(case: Case, now: datetime) -> Move:
    """The rung whose turn it is; the last one again and again."""
    if not case.called:
        return call(case, 0, 1, now)
    if case.rung == case.plan.last:
        return call(case, case.rung, case.round + 1, now)
    return call(case, case.rung + 1, 1, now)


def call_back(case: Case, but: str, now: datetime) -> Move:
    """The rung that stood when somebody took it, without them; the first one where nobody was called yet."""
    here, effects = call(case, case.rung, case.round, now) if case.called else call(case, 0, 1, now)
    return here, tuple(replace(e, but=but) if isinstance(e, CallRung) else e for e in effects)


def call_past(case: Case, now: datetime) -> Move:
    """The rung has nobody who can be called: the next one now. The last one stays, and repeats by its clock."""
    return (case, ()) if case.rung == case.plan.last else call(case, case.rung + 1, 1, now)


def adopt(case: Case, concern: Concern, urgency: Urgency, plan: Plan) -> Case:
    """The case, more urgent than it was, at the foot of its new ladder."""
    return replace(case, concern=concern, urgency=urgency, plan=plan, rung=0, round=1, called=False)


def call_sooner(case: Case, now: datetime) -> Move:
    """After `adopt`: the one who has it hears of it, or people are called from the new ladder's first rung."""
    if case.owner is not None:
        return call_again(case, now)
    if case.urgency is Urgency.IMMEDIATE or (case.calls == 0 and case.ask is None):
        return begin(case, now)
    if case.calls:
        return call(case, 0, 1, now)
    return case, ()  # the question asked already is the right next step, and its clock runs


def call_again(case: Case, now: datetime) -> Move:
    """Those who have the case hear of it again. The ladder neither starts anew nor waits longer for it.

    Who has taken it and isn't there yet has as long as a first rung has; who stands in the home keeps their time.
    """
    again = replace(case, calls=case.calls + 1, called_at=now)
    if case.owner is None:
        return again, (CallRung(case.rung, case.round, again.calls, again=True), *_reassure(case))
    sooner = now + timedelta(seconds=case.plan.rungs[0].wait_s)
    if case.state is State.ACKNOWLEDGED and case.due_at is not None and sooner < case.due_at:
        again = replace(again, set_at=now, due_at=sooner)
    return again, (CallOwner(case.owner, again.calls), *_reassure(case))


def called_lately(case: Case, now: datetime) -> bool:
    """Whether people were called within the last minute. A clock that went back doesn't make us deaf."""
    return case.called_at is not None and 0 <= (now - case.called_at).total_seconds() < AGAIN_S


def shut(case: Case, now: datetime, by: str | None, outcome: Outcome, contact: str | None) -> Case:
    """The case, closed."""
    return replace(
        case,
        state=State.CLOSED,
        set_at=None,
        due_at=None,
        next_action=None,
        ask=None,
        calling=(),
        # Who closes a case has dealt with it.
        acknowledged_at=case.acknowledged_at or (now if by else None),
        closed_at=now,
        closed_by=by,
        outcome=outcome,
        contact=contact,
    )


def stand_down(case: Case, by: str | None, closed: bool = False) -> tuple[Effect, ...]:
    """Those who were called hear that they are not needed any more."""
    return (StandDown(by, closed),) if case.calls else ()


def clock(case: Case, now: datetime, wait_s: float, key: str, **numbers: str) -> Case:
    """The case with its one deadline: what happens next, and when."""
    return replace(case, set_at=now, due_at=now + timedelta(seconds=wait_s), next_action=Evidence(key, dict(numbers)))


def rings(set_at: datetime, due_at: datetime, now: datetime) -> bool:
    """Whether a deadline needs the bell: it has come, or the clock has gone back by more than the whole wait for it."""
    return now >= due_at or set_at - now > due_at - set_at


def because(case: Case, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The case's reasons with these: the first one and the newest, none twice."""
    why = (*case.why, *(e for e in evidence if e not in case.why))
    return why if len(why) <= WHY_MAX else (why[0], *why[1 - WHY_MAX :])


def _reassure(case: Case) -> tuple[Effect, ...]:
    if not case.plan.speaker:
        return ()
    return (Ask(f"{case.asking}call{case.calls + 1}", REASSURE.get(case.concern, "ask.help"), "reassure"),)
