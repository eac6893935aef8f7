"""Examples of a Care Call that somebody has: forgotten, given back, made more urgent, taken over."""

from __future__ import annotations

from datetime import timedelta

from alerts.case import Refused, State, decide
from alerts.happenings import Acknowledged, Arrived, CallOwner, CallRung, Due, Log, Released, StandDown
from core.signals import Concern, Urgency
from tests.laws.test_case import RUNGS, T0, decided, of, opened, seen


def test_taken_and_forgotten_comes_back_to_its_owner_and_the_next_rung() -> None:
    case = decided(opened(Concern.FALL, Urgency.IMMEDIATE), Acknowledged("kim")).case
    assert case.due_at == T0 + timedelta(seconds=600)
    back = decided(case, Due(), case.due_at)
    assert (back.case.state, back.case.owner, back.case.rung) == (State.ALERTING, None, 1)
    assert [e.member for e in back.effects if isinstance(e, CallOwner)] == ["kim"]
    assert of(CallRung, back)


def test_given_back_is_called_at_its_rung_at_once_by_its_owner_alone() -> None:
    climbed = decided(opened(Concern.FALL, Urgency.IMMEDIATE), Due(), T0 + timedelta(minutes=3)).case
    taken = decided(climbed, Acknowledged("kim"), T0 + timedelta(minutes=4)).case
    assert decide(taken, Released("lee"), T0) == Refused("not_yours")
    now = T0 + timedelta(minutes=5)
    back = decided(taken, Released("kim"), now)
    assert (back.case.state, back.case.owner, back.case.rung, back.case.calls) == (State.ALERTING, None, 1, 3)
    assert back.case.due_at == now + timedelta(seconds=RUNGS[1].wait_s)
    assert of(CallRung, back) == [CallRung(1, 1, 3, but="kim")]
    assert Log("case.log.given_back", {}, "kim") in back.effects
    again = decided(back.case, Released("kim"), now)
    assert (again.case, again.effects) == (back.case, ()), "saying it twice calls nobody twice"


def test_an_sos_raises_a_taken_silence_and_calls_its_owner_with_less_time() -> None:
    climbed = decided(opened(Concern.INACTIVITY, asks=0), Due(), T0 + timedelta(minutes=3)).case
    assert climbed.rung == 1
    now = T0 + timedelta(minutes=4)
    case = decided(climbed, Acknowledged("kim"), now).case
    raised = decided(case, seen(Concern.SOS, Urgency.IMMEDIATE, now), now)
    assert (raised.case.concern, raised.case.owner) == (Concern.SOS, "kim")
    assert raised.case.due_at == now + timedelta(seconds=RUNGS[0].wait_s)
    assert of(CallOwner, raised)
    forgotten = decided(raised.case, Due(), raised.case.due_at)
    assert forgotten.case.rung == 0, "the new ladder is climbed from its foot"


def test_two_people_take_over_from_each_other_and_those_called_stand_down() -> None:
    case = opened(Concern.SOS, Urgency.IMMEDIATE)
    first = decided(case, Acknowledged("kim"))
    assert of(StandDown, first) == [StandDown("kim")]
    assert decided(first.case, Acknowledged("kim")).effects == ()
    second = decided(first.case, Acknowledged("lee")).case
    assert second.owner == "lee"
    there = decided(second, Arrived("lee")).case
    assert decided(there, Acknowledged("kim")).case.owner == "lee", "who stands in the home keeps the case"
    pressed = decided(there, seen(Concern.SOS, Urgency.IMMEDIATE), T0 + timedelta(minutes=2))
    assert [e.member for e in pressed.effects if isinstance(e, CallOwner)] == ["lee"]
    assert pressed.case.due_at == there.due_at
