"""A home's past replayed under other settings: what is counted, and what a setting can and can't change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from anomaly.engine import Engine
from anomaly.whatif import UNANSWERED, Comparison, what_if
from core.events import Contact, LogRow, Motion
from core.people import Home
from core.signals import Concern, Sense, Signal
from tests.checks import at, beats, every, log, row
from tests.laws.test_habit import HOME, days, moved

DAYS = 20


def asks(home: Home, signal: Signal) -> bool:
    return home.speaker


def lived() -> list[LogRow]:
    """Twenty days with a still afternoon of five hours on some of them."""
    still = [r for r in days(0, DAYS * 24) if not (_day(r) in (13, 16, 18) and 3 <= _hour(r) < 8)]
    return log(still, beats("home-1", 0, DAYS * 24, 900))


def _hour(one: LogRow) -> float:
    return (one.at - at(0)).total_seconds() / 3600 % 24


def _day(one: LogRow) -> int:
    return int((one.at - at(0)).total_seconds() // 86400)


LIVED = lived()


def tried(home: Home = HOME, since: float = 8 * 24, **settings: Any) -> Comparison:
    return what_if(LIVED, home, replace(home, **settings), at(since), at(DAYS * 24), asks)


def test_what_is_not_changed_changes_nothing() -> None:
    found = tried()
    assert (found.added, found.removed, found.sooner, found.later) == ((), (), 0, 0)
    assert found.before == found.after
    assert found.before.alarms >= 1
    assert found.learned_days == pytest.approx(8, abs=0.1)
    assert found.days == 12


@pytest.mark.parametrize("home", [HOME, pytest.param(replace(HOME, speaker=False), marks=pytest.mark.long)])
def test_a_larger_budget_asks_sooner_and_more_often(home: Home) -> None:
    found = tried(replace(home, alarm_budget=0.1), alarm_budget=20.0)
    assert found.after.alarms > found.before.alarms
    assert (found.after.delay_p50_h or 0) < (found.before.delay_p50_h or 0)
    assert (found.after.delay_p95_h or 0) <= (found.before.delay_p95_h or 0)
    assert len(found.added) - len(found.removed) == found.after.alarms - found.before.alarms
    back = tried(replace(home, alarm_budget=20.0), alarm_budget=0.1)
    assert (back.added, back.removed) == (found.removed, found.added)
    assert (back.sooner, back.later) == (found.later, found.sooner)


def test_without_a_speaker_every_alarm_is_a_call() -> None:
    found = tried(speaker=False, alarm_budget=3.0)
    assert found.added == found.removed == (), "the same silences are told"
    month = found.days / 30.44
    assert found.before.calls == 0
    assert found.before.questions == pytest.approx(found.before.alarms / month)
    assert found.before.visits == pytest.approx(UNANSWERED * found.before.alarms / month)
    assert found.after.questions == 0
    assert found.after.visits == found.after.calls == pytest.approx(found.after.alarms / month)


def test_a_shorter_ceiling_bounds_every_delay_and_what_it_adds_says_why() -> None:
    found = tried(silence_ceiling_s=7200.0)
    assert (found.after.delay_p95_h or 9) <= 2
    assert found.sooner + len(found.added) > 0
    for alarm in found.added:
        assert alarm.source == "ceiling"
        assert "2 h" in alarm.why["en"]
        assert "2시간" in alarm.why["ko"]


def test_the_delay_of_a_moment_is_what_is_left_until_the_deadline() -> None:
    """Moved at each full hour, two hours allowed: cut at the full hour 2 h are left, at the half hour 1.5 h."""
    home = replace(HOME, silence_ceiling_s=7200.0, alarm_budget=0.1)
    rows = log(every(60, 0, 48, moved))
    found = what_if(rows, home, home, at(0), at(48), asks).before
    assert (found.delay_p50_h, found.delay_p95_h) == (pytest.approx(1.75, abs=0.26), 2.0)
    assert found.told_share == found.alarms == 0


@pytest.mark.parametrize("leaves", [False, True])
def test_moments_at_which_nobody_is_in_or_somebody_has_been_asked_are_no_delays(leaves: bool) -> None:
    home = replace(HOME, silence_ceiling_s=7200.0, alarm_budget=0.1)
    door = [row("home-1", 24.01, Contact("front door", None), device="door")] if leaves else []
    rows = log(every(30, 0, 24, moved), door, beats("home-1", 0, 34, 900), moved(34, "hall"))
    found = what_if(rows, home, home, at(12), at(34), asks).before
    if leaves:
        assert (found.alarms, found.told_share) == (0, 0)
        assert found.delay_p95_h is not None
        assert found.delay_p95_h > 1.4, "ages of half an hour and less are all there is"
    else:
        assert found.alarms == 1
        assert 0.3 < found.told_share < 0.5


def test_a_log_shorter_than_asked_for_is_judged_as_far_as_it_goes() -> None:
    some = [r for r in LIVED if r.seen_at < at(72)]
    found = what_if(some, HOME, HOME, at(-1000), at(72), asks)
    assert found.learned_days == 0
    assert found.days == pytest.approx(3, abs=0.1)
    assert found.since == LIVED[0].seen_at


@pytest.mark.parametrize(("hours", "enough"), [(7 * 24 - 1, False), (7 * 24, True)])
def test_less_than_a_week_says_nothing_of_a_month(hours: int, enough: bool) -> None:
    some = [r for r in LIVED if r.seen_at >= at((DAYS - 8) * 24)]
    found = what_if(some, HOME, HOME, at(DAYS * 24 - hours), at(DAYS * 24), asks).before
    assert [rate is not None for rate in (found.questions, found.calls, found.visits)] == [enough] * 3


def test_the_progress_rises_to_the_whole() -> None:
    heard: list[float] = []
    rows = [r for r in LIVED if r.seen_at < at(60)]
    what_if(rows, HOME, HOME, at(24), at(60), asks, heard.append)
    assert heard == sorted(heard)
    assert 0.99 < heard[-1] <= 1.0


def test_late_rows_are_told_as_the_engine_tells_them() -> None:
    """The replay's alarms are those of one engine that is fed the whole log at once."""
    shuffled = [
        LogRow(r.position, r.home, r.device, r.kind, r.at - timedelta(minutes=n % 7), r.seen_at, r.event_id, r.data)
        if isinstance(r.data, Motion)
        else r
        for n, r in enumerate(LIVED)
    ]
    engine = Engine([HOME])
    whole = [*engine.feed(shuffled), *engine.advance(at(DAYS * 24))]
    told = {s.at for s in whole if s.concern is Concern.INACTIVITY and s.sense is Sense.RAISE and s.source == "habit"}
    replayed = what_if(shuffled, HOME, replace(HOME, alarm_budget=0.1), at(0), at(DAYS * 24), asks)
    sooner = {a.at for a in replayed.removed if a.source == "habit"}
    assert sooner
    assert sooner <= told
