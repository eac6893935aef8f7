"""Laws of the Care Call: in whatever order things happen, somebody has it, something is next, nothing is lost."""

from __future__ import annotations

import itertools
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts import happenings
from alerts.case import TABLE, Case, Decision, Outcome, Refused, State, decide
from alerts.happenings import (
    Acknowledged,
    Answered,
    Arrived,
    Ask,
    AskFailed,
    CallOwner,
    CallRung,
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
from alerts.plan import Plan, Rung
from core.signals import GROUP, Concern, Evidence, Group, Sense, Signal, Urgency
from core.words import LANGUAGES, say

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
RUNGS = (Rung("manager", 180), Rung("supervisor", 120), Rung("duty", 60), Rung("desk", 300, post=True))
PERSON = [c for c in Concern if GROUP[c] is Group.PERSON]
ALWAYS_IMMEDIATE = {Concern.SOS, Concern.UNREADABLE_SOS, Concern.FALL, Concern.DISTRESS}


def plan(urgency: Urgency = Urgency.URGENT, asks: int = 2, rungs: tuple[Rung, ...] = RUNGS, **more: object) -> Plan:
    return Plan(urgency, "care", rungs, act_within_s=600, close_within_s=3600, asks=asks, speaker=True, **more)  # type: ignore[arg-type]


def seen(concern: Concern, urgency: Urgency = Urgency.URGENT, at: datetime = T0, **more: object) -> SignalSeen:
    signal = Signal("k", concern, urgency, at, (Evidence("case.why.answered_not_ok"),), "test", "home-0001")
    return SignalSeen(signal, plan(urgency, **more), "home:home-0001", "gwangju/nam-gu", "home-0001")  # type: ignore[arg-type]


def decided(case: Case | None, happening: Happening, now: datetime = T0) -> Decision:
    verdict = decide(case, happening, now)
    assert isinstance(verdict, Decision)
    return verdict


def opened(concern: Concern, urgency: Urgency = Urgency.URGENT, **more: object) -> Case:
    return decided(None, seen(concern, urgency, **more)).case


def of(kind: type[Effect], decision: Decision) -> list[Effect]:
    return [effect for effect in decision.effects if isinstance(effect, kind)]


def test_the_table_knows_every_happening_in_every_state() -> None:
    kinds = {k for k in vars(happenings).values() if isinstance(k, type) and issubclass(k, Happening)} - {Happening}
    assert set(TABLE) == kinds
    assert all(list(row) == list(State) for row in TABLE.values())


class AnyCall(RuleBasedStateMachine):
    """A desk in miniature: it carries out what `decide` says, with rungs that may be empty and a clock that jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.case: Case | None = None
        self.called: list[CallRung] = []
        self.staffed = [True] * len(RUNGS)

    def happen(self, happening: Happening) -> Decision | None:
        before = self.case
        verdict = decide(before, happening, self.now)
        if isinstance(verdict, Refused):
            assert before is not None
            return None
        self.case, todo = verdict.case, deque(verdict.effects)
        while todo:
            effect = todo.popleft()
            if isinstance(effect, CallRung):
                self.check_call(effect)
                staffed = self.staffed[effect.rung] or effect.rung == len(RUNGS) - 1
                answer = Rang(effect.rung, (f"m{effect.rung}",)) if staffed else NobodyOnCall(effect.rung)
                following = decided(self.case, answer, self.now)
                if not staffed:
                    assert Log("case.log.nobody_on_call", {"rung": RUNGS[effect.rung].who}) in following.effects
                self.case = following.case
                todo.extendleft(reversed(following.effects))
            elif isinstance(effect, Log):
                for language in LANGUAGES:  # every line has its words, and the numbers they need
                    assert say(effect.what, language, {**effect.numbers, "who": effect.who or ""})
        if before is not None:
            self.check_step(before, happening)
        return verdict

    def check_call(self, call: CallRung) -> None:
        """Climbing goes rung by rung; only a new call begins at the foot, and only the last rung counts rounds."""
        before = self.called[-1] if self.called else None
        climbs = {0} if before is None else {0, before.rung, min(before.rung + 1, len(RUNGS) - 1)}
        assert call.rung in climbs
        assert call.round == 1 or call.rung == len(RUNGS) - 1
        assert before is None or call.call > before.call
        self.called.append(call)

    def check_step(self, before: Case, happening: Happening) -> None:
        assert self.case is not None
        assert self.case.urgency >= before.urgency
        assert self.case.calls >= before.calls
        if before.concern is Concern.SOS:
            assert self.case.concern is Concern.SOS
        if before.state is State.CLOSED:
            assert self.case == before
        elif self.case.state is State.CLOSED:
            answered = isinstance(happening, Answered) and happening.result is Result.OK and happening.ask == before.ask
            assert isinstance(happening, Closed) or answered
        if before.owner and self.case.owner is None and self.case.state is not State.CLOSED:
            assert isinstance(happening, Due | Unreachable | Released)  # nobody takes a case out of a person's hands
            assert not isinstance(happening, Released) or happening.by == before.owner

    @initialize(
        concern=st.sampled_from(PERSON),
        urgency=st.sampled_from(Urgency),
        asks=st.integers(0, 2),
        hold=st.booleans(),
        staffed=st.lists(st.booleans(), min_size=len(RUNGS), max_size=len(RUNGS)),
    )
    def opens(self, concern: Concern, urgency: Urgency, asks: int, hold: bool, staffed: list[bool]) -> None:
        self.staffed = staffed
        urgency = Urgency.IMMEDIATE if concern in ALWAYS_IMMEDIATE else urgency
        self.happen(seen(concern, urgency, asks=asks, hold_until=T0 + timedelta(hours=9) if hold else None))
        assert self.case is not None
        if urgency is Urgency.IMMEDIATE:
            assert self.called, "an emergency reaches a rung at once"
        if urgency is Urgency.URGENT:
            assert self.called or self.case.ask, "and what is urgent waits for no office"

    @rule(concern=st.sampled_from(PERSON), urgency=st.sampled_from(Urgency))
    def another_signal(self, concern: Concern, urgency: Urgency) -> None:
        before, calls = self.case, len(self.called)
        assert before is not None
        urgency = Urgency.IMMEDIATE if concern in ALWAYS_IMMEDIATE else urgency
        decision = self.happen(seen(concern, urgency))
        if decision is not None and before.urgency < urgency is Urgency.IMMEDIATE:
            assert len(self.called) > calls or of(CallOwner, decision)

    @rule(seconds=st.sampled_from([1, 30, 61, 300, 4000, 90_000, -1, -200, -90_000]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def bell_rings(self) -> None:
        before, calls = self.case, len(self.called)
        assert before is not None
        decision = self.happen(Due())
        assert decision is not None
        if before.due_at is None or self.now < before.due_at:
            assert len(self.called) == calls
            assert decision.case.state is before.state
        else:
            assert len(self.called) > calls or of(Ask, decision), "a due case always does something"
            assert not self.happen(Due()).effects, "and does it once"  # type: ignore[union-attr]

    @precondition(lambda self: self.case is not None and self.case.due_at is not None)
    @rule()
    def its_time_comes(self) -> None:
        assert self.case is not None
        assert self.case.due_at is not None
        self.now = max(self.now, self.case.due_at)
        self.bell_rings()

    @rule(result=st.sampled_from(Result), current=st.booleans())
    def answers(self, result: Result, current: bool) -> None:
        assert self.case is not None
        ask = self.case.ask if current and self.case.ask else "person-of-yesterday-1"
        was_open = self.case.state is not State.CLOSED
        self.happen(Answered(ask, result, plan(Urgency.IMMEDIATE)))
        if result is Result.NOT_OK and was_open:
            assert self.case.urgency is Urgency.IMMEDIATE
            assert self.case.state is not State.VERIFYING

    @rule()
    def question_is_lost(self) -> None:
        assert self.case is not None
        self.happen(AskFailed(self.case.ask or "none"))

    @rule(by=st.sampled_from(["kim", "lee"]), there=st.booleans())
    def person_answers(self, by: str, there: bool) -> None:
        self.happen(Arrived(by) if there else Acknowledged(by))

    @rule(by=st.sampled_from(["kim", "lee"]))
    def person_gives_it_back(self, by: str) -> None:
        before, calls = self.case, len(self.called)
        assert before is not None
        decision = self.happen(Released(by))
        assert self.case is not None
        if before.closed_at is None and before.owner == by:
            assert (self.case.state, self.case.owner) == (State.ALERTING, None)
            assert len(self.called) > calls, "others are called at once"
            assert self.called[calls].rung == (before.rung if before.called else 0)
            assert self.called[calls].but == by
        else:
            assert self.case == before
            assert decision is None or not decision.effects

    @rule(by=st.sampled_from(["kim", "m0", "m1", "m2", "m3"]))
    def person_is_lost(self, by: str) -> None:
        self.happen(Unreachable(by))

    @rule(
        by=st.sampled_from(["kim", "lee"]), outcome=st.sampled_from(Outcome), contact=st.sampled_from([None, "phone"])
    )
    def person_closes(self, by: str, outcome: Outcome, contact: str | None) -> None:
        self.happen(Closed(by, outcome, contact))

    @rule(concern=st.sampled_from(PERSON))
    def life_is_seen(self, concern: Concern) -> None:
        signal = Signal("c", concern, Urgency.ROUTINE, self.now, (), "test", "home-0001", sense=Sense.CLEAR)
        self.happen(Cleared(signal))

    @rule()
    def somebody_notes(self) -> None:
        self.happen(Noted("kim", "called the daughter"))

    @invariant()
    def somebody_has_it_and_something_is_next(self) -> None:
        case = self.case
        if case is None:
            return
        assert (case.owner is not None) == (case.state in (State.ACKNOWLEDGED, State.ARRIVED)) or case.closed_at
        assert (case.ask is not None) <= (case.state is State.VERIFYING)
        assert 0 <= case.rung <= case.plan.last
        if case.state is State.CLOSED:
            assert (case.due_at, case.next_action) == (None, None)
            assert case.outcome is not None
            return
        assert case.due_at is not None
        assert case.set_at is not None
        assert case.set_at <= case.due_at
        assert case.next_action is not None
        for language in LANGUAGES:
            assert say(case.next_action.key, language, case.next_action.numbers)
        assert case.state is not State.ALERTING or case.called or case.next_action.key == "case.next.hold"


TestAnyCall = AnyCall.TestCase


@given(st.sampled_from([Result.NOT_OK, Result.SILENCE, Result.OFFLINE]))
def test_everything_but_a_clear_yes_climbs(result: Result) -> None:
    case = opened(Concern.INACTIVITY)
    assert case.ask is not None
    after = decided(case, Answered(case.ask, result, plan(Urgency.IMMEDIATE)))
    assert after.case.state is State.ALERTING
    assert of(CallRung, after)


def test_an_unclear_answer_is_asked_once_more_and_then_climbs() -> None:
    case = opened(Concern.INACTIVITY)
    assert case.ask is not None
    again = decided(case, Answered(case.ask, Result.UNCLEAR))
    assert again.case.state is State.VERIFYING
    assert again.case.ask not in (None, case.ask)
    late_yes = decided(again.case, Answered(case.ask, Result.OK))
    assert late_yes.case == again.case, "only an answer to the question that stands clears"
    assert decided(again.case, Answered(again.case.ask or "", Result.UNCLEAR)).case.state is State.ALERTING


def test_a_clear_yes_closes_as_safe_by_speaker_and_later_life_does_not() -> None:
    case = opened(Concern.INACTIVITY)
    shut = decided(case, Answered(case.ask or "", Result.OK)).case
    assert (shut.state, shut.outcome, shut.contact) == (State.CLOSED, Outcome.SAFE, "speaker")
    life = Signal("c", Concern.INACTIVITY, Urgency.ROUTINE, T0, (), "test", "home-0001", sense=Sense.CLEAR)
    assert decided(case, Cleared(life)).case.state is State.VERIFYING


def test_a_yes_after_people_were_called_is_shown_and_decides_nothing() -> None:
    case = opened(Concern.INACTIVITY)
    alerting = decided(case, Due(), T0 + timedelta(minutes=5)).case
    after = decided(alerting, Answered(case.ask or "", Result.OK), T0 + timedelta(minutes=6)).case
    assert after.state is State.ALERTING
    assert after.due_at == alerting.due_at
    assert after.why[-1].key == "case.why.answered_ok"


@given(st.lists(st.integers(0, 200), max_size=40))
def test_a_hand_that_keeps_pressing_rings_once_a_minute_and_never_holds_the_ladder_back(gaps_s: list[int]) -> None:
    case, now, rang_at = opened(Concern.SOS, Urgency.IMMEDIATE), T0, [T0]
    for gap_s in gaps_s:
        now += timedelta(seconds=gap_s)
        press = decided(case, seen(Concern.SOS, Urgency.IMMEDIATE, now), now)
        assert [e.what for e in press.effects if isinstance(e, Log)], "every press is in the log"
        rang_at += [now] * len(of(CallRung, press))
        assert (press.case.rung, press.case.due_at) == (case.rung, case.due_at)
        case = press.case
    assert all((b - a).total_seconds() >= 60 for a, b in itertools.pairwise(rang_at))


@given(st.integers(1, 10**7))
def test_a_clock_that_went_back_makes_a_call_late_by_one_wait_at_most(back_s: int) -> None:
    case = opened(Concern.SOS, Urgency.IMMEDIATE)
    now = T0 - timedelta(seconds=back_s)
    after = decided(case, Due(), now).case
    assert (after.rung, after.calls) == (case.rung, case.calls)
    assert after.due_at is not None
    wait_s = (after.due_at - now).total_seconds()
    assert RUNGS[0].wait_s <= wait_s <= 2 * RUNGS[0].wait_s


def test_a_clock_that_went_back_does_not_make_an_sos_unheard() -> None:
    case = opened(Concern.SOS, Urgency.IMMEDIATE)
    yesterday = T0 - timedelta(days=1)
    assert of(CallRung, decided(case, seen(Concern.SOS, Urgency.IMMEDIATE, yesterday), yesterday))


@pytest.mark.parametrize("concern", [Concern.INACTIVITY, Concern.OVERDUE])
def test_a_silence_is_not_closed_as_safe_from_a_desk(concern: Concern) -> None:
    case = decided(opened(concern), Acknowledged("kim")).case
    assert decide(case, Closed("kim", "safe"), T0) == Refused("no_contact")
    assert decide(case, Closed("kim", "safe", "a feeling"), T0) == Refused("unknown_contact")
    assert decide(case, Closed("kim", "fine"), T0) == Refused("unknown_outcome")
    assert decided(case, Closed("kim", "safe", "phone")).case.outcome is Outcome.SAFE
    assert decided(decided(case, Arrived("kim")).case, Closed("kim", "safe")).case.contact == "visit"
    assert decided(case, Closed("kim", "technical")).case.outcome is Outcome.TECHNICAL


def test_nobody_can_be_reached_and_the_next_rung_is_called_at_once() -> None:
    case = decided(opened(Concern.SOS, Urgency.IMMEDIATE), Rang(0, ("kim", "lee"))).case
    one_left = decided(case, Unreachable("kim"))
    assert (one_left.case.rung, of(CallRung, one_left)) == (0, [])
    none_left = decided(one_left.case, Unreachable("lee"))
    assert none_left.case.rung == 1
    assert of(CallRung, none_left)
    owner = decided(decided(case, Acknowledged("kim")).case, Unreachable("kim"))
    assert (owner.case.state, owner.case.rung) == (State.ALERTING, 1)


def test_what_can_wait_waits_for_the_office_unless_it_becomes_urgent() -> None:
    morning = T0 + timedelta(hours=10)
    held = opened(Concern.OVERDUE, Urgency.SOON, hold_until=morning)
    assert (held.calls, held.ask, held.due_at) == (0, None, morning)
    released = decided(held, Due(), morning)
    assert released.case.ask is not None
    urgent = decided(held, seen(Concern.INACTIVITY, Urgency.URGENT))
    assert urgent.case.ask is not None
    crying = decided(held, seen(Concern.SOS, Urgency.IMMEDIATE))
    assert of(CallRung, crying)


@given(st.lists(st.sampled_from([Sense.RAISE, Sense.CLEAR]), max_size=8))
def test_a_dark_home_closes_by_itself_once_every_cause_is_over_and_nobody_has_it(senses: list[Sense]) -> None:
    case, standing = opened(Concern.HOME_DARK, Urgency.SOON, asks=0), 1
    for sense in senses:
        if sense is Sense.RAISE:
            case, standing = decided(case, seen(Concern.HOME_DARK, Urgency.SOON)).case, standing + 1
            continue
        signal = Signal("c", Concern.HOME_DARK, Urgency.SOON, T0, (), "test", "home-0001", sense=sense)
        owned = decided(decided(case, Acknowledged("kim")).case, Cleared(signal)).case
        assert owned.state is State.ACKNOWLEDGED
        case, standing = decided(case, Cleared(signal)).case, standing - 1
        assert (case.state is State.CLOSED) == (standing == 0)
        if standing == 0:
            assert case.outcome is Outcome.TECHNICAL
            return
