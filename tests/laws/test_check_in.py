"""A check-in call, whatever comes: it ends within two hours, and is put no more often than the rule says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.check_in import WITHIN, Call, Rule, State, answered, ring
from alerts.happenings import Result
from alerts.routing import Span
from core.week import DAYS, Weekly, moment_of, next_after, weekly

T0 = datetime(2026, 11, 19, 0, 0, tzinfo=UTC)
OVER = {State.OK, State.NOT_OK, State.MISSED, State.NOT_POSSIBLE}
RULES = st.builds(Rule, st.sampled_from([1, 2, 3]), st.just(Span("5m")), st.sampled_from([Span("5m"), Span("50m")]))
MINUTES = st.integers(0, 40)
STEPS = st.lists(st.tuples(MINUTES, st.sampled_from(["ring", "dark", *Result])), min_size=1, max_size=40)


def planned() -> Call:
    return Call(T0, State.WAITING, T0, T0)


@given(RULES, STEPS)
def test_what_happens_to_a_call(rule: Rule, steps: list[tuple[int, str]]) -> None:
    call, now = planned(), T0
    for minutes, what in steps:
        was, now = call, now + timedelta(minutes=minutes)
        if what in ("ring", "dark"):
            call = ring(call, rule, "dark" if what == "dark" else "", now)
        else:
            call = answered(call, call.ask, Result(what), rule, now)
        assert was.asks <= call.asks <= min(rule.asks, was.asks + 1)
        assert (call.due_at is None) == (call.ended_at is not None) == (call.state in OVER)
        if was.state in OVER:
            assert call is was, "what is over stays"
        if call.asks > was.asks:
            assert call.state is State.ASKING
            assert call.due_at is not None
            assert call.due_at <= T0 + WITHIN, "what comes of it is known within two hours"
        if call.state is State.NOT_POSSIBLE:
            assert call.asks == 0
            assert call.reason in ("dark", "late")
        if call.state is State.MISSED:
            assert call.asks > 0
            assert call.reason in ("silence", "unclear", "offline"), "only a call that was put can be missed"
        if call.state is State.OK and was.state is not State.OK:
            assert what == "ok"


@given(RULES)
def test_a_home_that_never_answers_is_missed_in_time(rule: Rule) -> None:
    call, asked = planned(), []
    for minute in range(150):
        was, call = call, ring(call, rule, "", T0 + timedelta(minutes=minute))
        asked += [minute] if call.asks > was.asks else []
    assert call.state is State.MISSED
    assert len(asked) == rule.asks
    assert all(later - earlier >= rule.apart.seconds / 60 for earlier, later in pairwise(asked))
    assert call.ended_at is not None
    assert call.ended_at <= T0 + WITHIN


def test_a_late_word_that_all_is_well_ends_the_call_and_a_late_noise_does_not() -> None:
    rule = Rule()
    first = ring(planned(), rule, "", T0)
    quiet = ring(first, rule, "", T0 + timedelta(minutes=5))
    assert quiet.state is State.WAITING
    assert answered(quiet, first.ask, Result.OK, rule, T0).state is State.OK
    assert answered(quiet, first.ask, Result.UNCLEAR, rule, T0) is quiet
    assert answered(quiet, "check-in-20200101T000000-1", Result.OK, rule, T0) is quiet


def test_a_clock_that_goes_back_forgets_no_call() -> None:
    asking = ring(planned(), Rule(), "", T0)
    assert ring(asking, Rule(), "", T0 - timedelta(minutes=3)) is asking
    assert ring(asking, Rule(), "", T0 - timedelta(hours=3)) is not asking


# --- the wall clock

ZONES = st.sampled_from(["Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"])
CLOCKS = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
AGENDAS = st.builds(weekly, CLOCKS, st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple))


@given(AGENDAS, ZONES, st.integers(0, 700 * 24 * 60).map(lambda minutes: T0 + timedelta(minutes=minutes)))
def test_each_day_of_the_agenda_has_one_call(agenda: Weekly, zone: str, start: datetime) -> None:
    at, days = start, []
    for _ in range(20):
        was = at
        day, at = next_after(agenda, zone, at)
        assert at > was
        assert DAYS[day.weekday()] in agenda.days
        days.append(day)
    assert len(set(days)) == len(days)
    assert days == sorted(days)
    between = (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1))
    assert days == [day for day in between if DAYS[day.weekday()] in agenda.days]


@pytest.mark.parametrize(
    ("day", "clock", "local"),
    [
        (date(2027, 3, 14), "02:30", "03:30"),  # the clock jumps from 02:00 to 03:00
        (date(2027, 3, 14), "09:00", "09:00"),
        (date(2027, 11, 7), "01:30", "01:30"),  # it shows this twice
        (date(2027, 11, 7), "09:00", "09:00"),
    ],
)
def test_both_switches_of_daylight_saving(day: date, clock: str, local: str) -> None:
    at = moment_of(day, clock, "America/New_York")
    seen = at.astimezone(ZoneInfo("America/New_York"))
    assert (seen.date(), f"{seen:%H:%M}", seen.fold) == (day, local, 0)


@pytest.mark.parametrize("text", ["24:00", "9:00", "09:60", "", "09:00:00", "0٩:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    assert weekly(text, ("mon",)) is None
    assert weekly("09:00", ()) is None
    assert weekly("09:00", ("mon", "noday")) is None
