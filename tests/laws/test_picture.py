"""The picture of a day: what counts as somebody's doing, what is usual, and what nobody can know."""

from __future__ import annotations

import random
from datetime import timedelta

from anomaly.picture import Picture, picture
from core.events import Contact, Heartbeat, LogRow, Motion
from tests.checks import START, at, beats, every, log, row

ZONE = "Asia/Seoul"  # START is 09:00 there
HOME = "home-a"
DAYS = 10


def lived() -> list[LogRow]:
    """Ten days: in the kitchen from 09:00 to 12:00, in the bedroom at 21:15, with heartbeats; then only those."""
    return log(
        *(every(20, day * 24, day * 24 + 3, lambda h: row(HOME, h, Motion("kitchen"))) for day in range(DAYS)),
        *([row(HOME, day * 24 + 12.25, Motion("bedroom"))] for day in range(DAYS)),
        beats(HOME, 0, (DAYS + 1) * 24),
    )


def drawn(rows: list[LogRow], end_h: float = (DAYS + 1) * 24, **more: object) -> Picture:
    return picture(rows, at(end_h - 24), at(end_h), ZONE, **more)  # type: ignore[arg-type]


def test_a_silence_stands_beside_what_is_usual() -> None:
    seen = drawn(lived())
    assert seen.rooms == {}
    assert seen.days == DAYS
    # Slots of the local day: 09:00 is 18.
    assert set(seen.usual["kitchen"][18:24]) == {1.0}
    assert seen.usual["bedroom"][42] == 1.0
    assert sum(seen.anywhere) == 7.0
    assert (seen.unheard, seen.door) == ((), ())
    assert seen.last == at((DAYS - 1) * 24 + 12.25)


def test_a_day_that_is_told_is_not_taken_for_usual() -> None:
    seen = drawn(lived(), DAYS * 24.0)
    assert len(seen.rooms["kitchen"]) == 9
    assert seen.rooms["bedroom"] == (at((DAYS - 1) * 24 + 12.25).replace(second=0, microsecond=0),)
    assert seen.days == DAYS - 1


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = lived()
    shuffled = list(rows)
    random.Random(7).shuffle(shuffled)
    assert drawn(shuffled) == drawn(rows)


def test_a_state_that_is_said_again_shows_nobody() -> None:
    says = [True, True, False, False, True]
    rows = log(*(row(HOME, n / 2, Contact("fridge", on), device="fridge") for n, on in enumerate(says)))
    seen = picture(rows, at(0), at(3), ZONE)
    assert seen.rooms == {"fridge": (at(1), at(2))}


def test_days_on_which_the_home_was_said_to_be_empty_are_nobodys_habit() -> None:
    away = ((at(24), at(49)),)
    assert drawn(lived(), absences=away).days == DAYS - 2


def test_what_nobody_heard_is_not_a_silence() -> None:
    rows = [r for r in lived() if not at(246) <= r.at < at(250)]
    (gap,) = drawn(rows).unheard
    assert at(245.9) < gap[0] < at(246)
    assert at(250) <= gap[1] < at(250.1)
    assert drawn([r for r in rows if r.at < at(200)]).unheard == ((at(240), at(264)),)
    # Three heartbeats that say when the next one is due bound what is no gap.
    seldom = log(*(row(HOME, 240 + n, Heartbeat(3600)) for n in range(24)))
    assert drawn(seldom).unheard == ()


def test_who_goes_through_the_door_and_is_not_seen_again_may_be_out() -> None:
    def shut(hours: float) -> list[LogRow]:
        return [
            row(HOME, hours, Contact("front door", True, True), device="door"),
            row(HOME, hours + 0.01, Contact("front door", False, True), device="door"),
        ]

    inside = [row(HOME, h, Motion("kitchen")) for h in (241, 243.5, 244.2)]
    rows = log(beats(HOME, 240, 264), inside, shut(242), shut(244), shut(250))
    away, now = drawn(rows).door
    assert away == (at(242.01), at(243.5)), "the door at 244 was somebody who came in again"
    assert now == (at(250.01), at(264))


def test_a_home_that_never_said_a_word_is_drawn_too() -> None:
    seen = picture([], START, START + timedelta(days=1), ZONE)
    assert (seen.rooms, seen.days, seen.last) == ({}, 0, None)
    assert seen.unheard == ((START, START + timedelta(days=1)),)
