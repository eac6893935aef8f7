"""Floods: what a home can really say is never set aside, what is urgent never is, and a neighbour never notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.events import URGENT_KINDS, Event, Lane, Motion, Rejected, SosPressed
from core.rate import Buckets
from ingest.floods import (
    EVENTS_AT_ONCE,
    EVENTS_PER_S,
    LATE,
    LATE_AT_ONCE,
    LATE_PER_S,
    UNREADABLE_AT_ONCE,
    Floods,
)
from wire.topics import UpTopic

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
LOUD, QUIET = UpTopic("gw-loud", Lane.EVENT), UpTopic("gw-quiet", Lane.EVENT)


def motion(gateway: str = "gw-loud") -> Event:
    return Event("e-1", gateway, "pir", "motion", T0 + timedelta(hours=1), Motion())


SOS = Event("e-2", "gw-loud", "button", "sos", T0, SosPressed())
NOISE = Rejected("unreadable", "", "gw-loud")


def second(floods: Floods, at_s: float, *items: Event | Rejected, topic: UpTopic = LOUD) -> list[bool]:
    floods.begin(T0 + timedelta(seconds=at_s))
    return [floods.take(topic, item) for item in items]


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 200)), max_size=40))
def test_nobody_gets_more_than_the_rate_and_nobody_below_it_gets_less(steps: list[tuple[float, int]]) -> None:
    buckets, now, taken = Buckets(5, 50), T0, 0
    for wait_s, asked in steps:
        now += timedelta(seconds=wait_s)
        got = sum(buckets.take("a", now) for _ in range(asked))
        taken += got
        assert got <= 50
        assert taken <= 50 + 5 * (now - T0).total_seconds() + 1e-6
        if asked <= min(50, 5 * wait_s):
            assert got == asked


@given(st.lists(st.integers(0, 30), max_size=20))
def test_what_is_undone_never_was(asked: list[int]) -> None:
    straight, undone = Buckets(5, 50), Buckets(5, 50)
    for number, count in enumerate(asked):
        now = T0 + timedelta(seconds=number)
        undone.begin()
        for _ in range(count):
            undone.take("a", now)
            undone.take(f"new-{number}", now)
        undone.undo()
        undone.begin()
        assert [straight.take("a", now) for _ in range(count)] == [undone.take("a", now) for _ in range(count)]


def test_a_stranger_who_invents_names_fills_no_memory() -> None:
    buckets = Buckets(1, 10, keys=3)
    assert [buckets.take(name, T0) for name in "abcd"] == [True, True, True, False]
    assert buckets.take("a", T0)
    later = T0 + timedelta(seconds=20)
    assert buckets.take("d", later), "those that have been quiet are forgotten"


def test_a_clock_that_goes_back_gives_nothing() -> None:
    buckets = Buckets(1, 1)
    assert buckets.take("a", T0)
    assert not buckets.take("a", T0 - timedelta(hours=1))


def test_the_quiet_neighbour_is_heard_whatever_the_loud_one_does() -> None:
    floods = Floods()
    for at_s in range(60):
        second(floods, at_s, *[motion()] * 2000)
        assert second(floods, at_s, motion("gw-quiet"), topic=QUIET) == [True]
        assert floods.begun("gw-quiet") is None


def test_a_flood_is_held_to_its_rate_and_what_is_urgent_is_not() -> None:
    floods = Floods()
    taken = sum(sum(second(floods, at_s, *[motion()] * 200)) for at_s in range(60))
    assert taken == EVENTS_AT_ONCE + 59 * EVENTS_PER_S
    assert all(second(floods, 60, *[SOS] * 1000))
    assert "sos" in URGENT_KINDS


def test_noise_on_the_urgent_lane_is_heard_first_and_then_held_to_its_rate() -> None:
    floods, urgent = Floods(), UpTopic("gw-loud", Lane.SOS)
    assert sum(second(floods, 0, *[NOISE] * 1000)) == UNREADABLE_AT_ONCE
    assert floods.begun("gw-loud") == T0
    taken = second(floods, 0, *[NOISE] * 1000, topic=urgent)
    assert all(taken[: int(UNREADABLE_AT_ONCE)])
    assert not any(taken[int(UNREADABLE_AT_ONCE) :])
    assert all(second(floods, 0, *[SOS] * 100, topic=urgent)), "its own SOS is not touched"
    assert second(floods, 1, NOISE, NOISE, topic=urgent) == [True, False]
    assert second(floods, 1, NOISE, topic=UpTopic("gw-quiet", Lane.SOS)) == [True]
    floods.begin(T0 + timedelta(seconds=50))
    assert floods.over() == [], "its noise was too much a moment ago"


def test_what_waited_through_an_outage_is_no_flood_and_has_its_turn() -> None:
    floods, old = Floods(), Event("e-3", "gw-loud", "pir", "motion", T0 - 2 * LATE, Motion())
    taken = sum(sum(second(floods, at_s, *[old] * 2000)) for at_s in range(60))
    assert taken == LATE_AT_ONCE + 59 * LATE_PER_S
    assert floods.begun("gw-loud") is None
    assert second(floods, 60, motion()) == [True], "what is said now does not wait behind it"


def test_a_flood_is_said_once_and_ends_by_itself() -> None:
    floods = Floods()
    second(floods, 0, *[motion()] * 501)
    assert floods.begun("gw-loud") == T0
    assert floods.begun("gw-loud") is None
    second(floods, 5, *[motion()] * 400)
    assert (floods.begun("gw-loud"), floods.over()) == (None, [])
    second(floods, 14, motion())
    assert floods.over() == []
    second(floods, 25)
    assert floods.over() == [("gw-loud", T0)]
    assert floods.over() == []


def test_what_nobody_can_read_floods_sooner() -> None:
    floods = Floods()
    assert sum(second(floods, 0, *[NOISE] * 500)) == UNREADABLE_AT_ONCE
    assert second(floods, 0, motion()) == [True], "what can be read is still taken in"


def test_a_round_that_came_to_nothing_is_no_flood() -> None:
    floods = Floods()
    second(floods, 0, *[motion()] * 600)
    floods.undo()
    assert floods.begun("gw-loud") is None
    assert all(second(floods, 0, *[motion()] * 500))
    floods.keep()
    floods.undo()
    assert second(floods, 0, motion()) == [False], "what was committed was spent"
