"""Every detector x every check, and the rules of each that the checks don't reach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector import Detector
from anomaly.detectors import ALL
from anomaly.time import after_awake, awake_between
from core.events import Absence, Battery, Checked, Climate, Contact, LogRow, Lost, Mains, Motion
from core.people import Home, Risk
from core.signals import Concern, Sense, Urgency
from tests.checks import CHECKS, at, beats, every, living, log, raised, row, run, told
from tests.invariants import INVARIANTS

AREA = "gwangju/nam-gu/bongseon"
HOME = Home("home-1", "gw-1", AREA)
DONG = [Home(f"home-{n}", f"gw-{n}", AREA) for n in range(1, 11)]


@pytest.mark.parametrize("check", [*CHECKS, *INVARIANTS], ids=lambda check: check.__name__)
@pytest.mark.parametrize("detector", ALL, ids=lambda detector: detector.name)
def test_check(detector: Detector, check: Callable[[Detector], None]) -> None:
    check(detector)


def moved(hours: float, room: str = "kitchen", home: str = "home-1") -> LogRow:
    return row(home, hours, Motion(room), device=f"{room}-pir")


def door(hours: float, place: str = "front door", home: str = "home-1") -> LogRow:
    return row(home, hours, Contact(place, None), device="door")


# Ceiling


@pytest.mark.parametrize(
    ("home", "last", "due"),
    [
        (Home("home-1", "gw-1", AREA), 3.0, 15.0),
        (Home("home-1", "gw-1", AREA, risk=Risk.LOW), 3.0, 15.0),
        (Home("home-1", "gw-1", AREA, risk=Risk.HIGH), 3.0, 7.0),
        (Home("home-1", "gw-1", AREA, risk=Risk.HIGH), 11.0, 24.0),  # 20:00 local: two hours awake, then from 07:00
        (Home("home-1", "gw-1", AREA, risk=Risk.HIGH, silence_ceiling_s=1800), 11.0, 11.5),
    ],
)
def test_the_ceiling_is_reached_to_the_second(home: Home, last: float, due: float) -> None:
    found, _ = run(log(moved(last), beats("home-1", last, 40)), homes=[home])
    (signal,) = raised(found)
    assert (signal.concern, signal.at) == (Concern.INACTIVITY, at(due))
    assert "kitchen" in told(signal)


def test_the_next_alarm_is_known_beforehand() -> None:
    _, engine = run(log(moved(3), beats("home-1", 0, 4)), homes=[HOME])
    assert engine.view("home-1") == {
        "last_seen": engine.view("home-1")["last_seen"],
        "last_human": at(3),
        "away_until": None,
        "dark": False,
        "next_alarm_at": at(15),
    }


@pytest.mark.parametrize("day", [datetime(2026, 3, 29), datetime(2026, 7, 1), datetime(2026, 10, 25)])  # noqa: DTZ001
def test_waking_hours_follow_the_wall_clock_through_both_switches(day: datetime) -> None:
    """London's days of 23, 24 and 25 hours have fifteen waking hours each, from seven by the clock on the wall."""
    here = day.replace(tzinfo=ZoneInfo("Europe/London"))
    midnight, seven, next_midnight = (t.timestamp() for t in (here, here.replace(hour=7), here + timedelta(days=1)))
    assert awake_between(midnight, next_midnight, "Europe/London") == 15 * 3600
    assert after_awake(midnight, 60, "Europe/London") == seven + 60
    assert after_awake(midnight, 15 * 3600 + 60, "Europe/London") == after_awake(next_midnight, 60, "Europe/London")


@given(st.floats(1.77e9, 1.80e9), st.floats(0, 3e5), st.sampled_from(["Europe/London", "Asia/Seoul", "UTC"]))
def test_waking_time_adds_up(start: float, need_s: float, timezone: str) -> None:
    end = after_awake(start, need_s, timezone)
    assert awake_between(start, end, timezone) == pytest.approx(need_s, abs=1e-3)


def test_a_home_that_speaks_but_never_moves_is_not_left_alone() -> None:
    found, _ = run(log(beats("home-1", 0, 16)), homes=[HOME])
    (signal,) = raised(found, Concern.INACTIVITY)
    assert "ever" in told(signal)


def test_the_other_resident_may_hide_the_silence_and_the_evidence_says_so() -> None:
    two = Home("home-1", "gw-1", AREA, residents=2)
    found, _ = run(log(moved(1), beats("home-1", 0, 16)), homes=[two])
    assert "2 people" in told(raised(found, Concern.INACTIVITY)[0])


def test_silence_is_not_counted_while_the_home_cannot_be_seen() -> None:
    """Moved at 1 h, dark from 2 h to 20 h: eleven hours of silence are left when it is back."""
    found, _ = run(log(moved(1), beats("home-1", 0, 2), beats("home-1", 20, 40)), homes=[HOME])
    (signal,) = raised(found, Concern.INACTIVITY)
    assert at(30.9) < signal.at < at(31.1)
    assert "not counted" in told(signal)


@pytest.mark.parametrize(("risk", "due"), [(Risk.NORMAL, (15.0, 28.0)), (Risk.HIGH, (7.0, 26.0))])
def test_a_silence_whose_case_was_closed_is_counted_anew_from_then(risk: Risk, due: tuple[float, float]) -> None:
    """Told, closed at 16 h, told, closed at 30 h, and then somebody moves. High risk: 01:00 local, so from 07:00."""
    home = Home("home-1", "gw-1", AREA, risk=risk)
    words = moved(3), beats("home-1", 3, 32), *(row("home-1", h, Checked(n)) for n, h in enumerate((16.0, 30.0)))
    found, engine = run(log(*words, moved(31)), homes=[home])
    first, again = raised(found)
    assert (first.at, again.at) == tuple(map(at, due))
    assert first.key != again.key
    assert "closed at 03-03 01:00" in told(again)
    assert "closed" not in told(first)
    assert "not counted" not in told(again)
    assert engine.view("home-1")["next_alarm_at"] == at(31) + timedelta(hours=12 if risk is Risk.NORMAL else 4)


def test_a_closing_says_nothing_of_a_silence_that_was_not_told() -> None:
    found, _ = run(log(moved(3), beats("home-1", 3, 20), row("home-1", 9, Checked(1))), homes=[HOME])
    assert [one.at for one in raised(found)] == [at(15)]


def test_a_silence_that_was_told_is_not_told_again_while_its_case_lives() -> None:
    found, _ = run(log(moved(3), beats("home-1", 3, 60)), homes=[HOME])
    assert len(raised(found)) == 1


# Absence


def test_a_door_and_quiet_is_out_and_motion_inside_is_in() -> None:
    out, engine = run(log(moved(1), door(1.01), beats("home-1", 0, 3)), homes=[HOME])
    assert engine.view("home-1")["away_until"] == at(13.01)
    assert engine.view("home-1")["next_alarm_at"] == at(13.01)
    _, engine = run(log(moved(1), door(1.01), moved(1.02), beats("home-1", 0, 3)), homes=[HOME])
    assert engine.view("home-1")["away_until"] is None
    back, engine = run(log(moved(1), door(1.01), beats("home-1", 0, 9), moved(8)), homes=[HOME])
    assert engine.view("home-1")["away_until"] is None
    assert not raised(out)
    assert not raised(back)


@pytest.mark.parametrize(("place", "leaves"), [("현관", True), ("back-door", True), ("fridge-door", False)])
def test_one_leaves_through_some_doors_only(place: str, leaves: bool) -> None:
    _, engine = run(log(moved(1), door(1.01, place), beats("home-1", 0, 3)), homes=[HOME])
    assert (engine.view("home-1")["away_until"] is not None) is leaves


def test_with_two_residents_one_going_out_is_not_everybody() -> None:
    two = Home("home-1", "gw-1", AREA, residents=2)
    found, engine = run(log(moved(1), door(1.01), beats("home-1", 0, 16)), homes=[two])
    assert engine.view("home-1")["away_until"] is None
    assert raised(found, Concern.INACTIVITY)


def test_an_absence_said_ends_when_it_was_said_and_then_the_ceiling_counts_again() -> None:
    note = LogRow(0, "home-1", "office", "absence", at(2), at(2), "n1", Absence(True, at(30)))
    found, _ = run(log(moved(1), note, beats("home-1", 0, 50)), 50, homes=[HOME])
    overdue, silent = raised(found)
    assert (overdue.concern, overdue.urgency, overdue.at) == (Concern.OVERDUE, Urgency.SOON, at(30))
    assert (silent.concern, silent.at) == (Concern.INACTIVITY, at(42))


def test_nobody_is_away_for_ever() -> None:
    note = LogRow(0, "home-1", "office", "absence", at(2), at(2), "n1", Absence(True, at(2000)))
    found, _ = run(log(moved(1), note, beats("home-1", 0, 80)), 80, homes=[HOME])
    assert raised(found, Concern.OVERDUE)[0].at == at(74)


def test_a_return_clears_overdue() -> None:
    found, _ = run(log(moved(1), door(1.01), beats("home-1", 0, 15), moved(14)), homes=[HOME])
    assert [(s.concern, s.sense) for s in found] == [
        (Concern.OVERDUE, Sense.RAISE),
        (Concern.OVERDUE, Sense.CLEAR),
    ]


@pytest.mark.parametrize(("light", "home", "overdue"), [(16, 16.5, None), (16, None, 17.02), (40, None, 25.02)])
def test_who_went_out_is_not_overdue_while_nobody_could_see_them_come_back(
    light: float, home: float | None, overdue: float | None
) -> None:
    """Out at 1.02 h, to be back at 13.02 h, and from 3 h on the home is dark."""
    back = [] if home is None else [moved(home)]
    rows = log(moved(1), door(1.02), beats("home-1", 0, 3), beats("home-1", light, 42), back)
    found, engine = run(rows, 42, homes=[HOME])
    told_at = [s.at for s in raised(found, Concern.OVERDUE)]
    if overdue is None:
        assert told_at == []
        assert engine.view("home-1")["away_until"] is None
    else:
        (when,) = told_at
        assert at(overdue - 0.1) < when < at(overdue + 0.1), "it ends, however long the home is dark"


# Dark


def test_a_last_will_is_held_for_two_minutes_and_a_reconnect_forgives_it() -> None:
    will = row("home-1", 2, Lost(), device="gateway")
    gone, _ = run(log(living("home-1", 0, 2), will), 3, homes=[HOME])
    (signal,) = raised(gone)
    assert (signal.concern, signal.at) == (Concern.HOME_DARK, at(2 + 120 / 3600))
    back, _ = run(log(living("home-1", 0, 2), will, living("home-1", 2.02, 4)), 4, homes=[HOME])
    assert not raised(back)


@pytest.mark.parametrize(("out", "urgency"), [(False, Urgency.URGENT), (True, Urgency.SOON)])
def test_darkness_is_urgent_when_somebody_is_in(out: bool, urgency: Urgency) -> None:
    left = [door(1.95)] if out else []
    found, _ = run(log(living("home-1", 0, 1.9), left, beats("home-1", 1.9, 4)), 6, homes=[HOME])
    (signal,) = raised(found, Concern.HOME_DARK)
    assert signal.urgency is urgency


def test_dark_and_back_is_raised_and_cleared_once() -> None:
    found, engine = run(log(living("home-1", 0, 2), living("home-1", 5, 7)), 7, homes=[HOME])
    assert [(s.concern, s.sense) for s in found] == [
        (Concern.HOME_DARK, Sense.RAISE),
        (Concern.HOME_DARK, Sense.CLEAR),
    ]
    assert engine.view("home-1")["dark"] is False


def test_a_home_that_was_never_heard_is_told_after_a_day() -> None:
    found, _ = run([], 30, homes=[HOME])
    (signal,) = raised(found)
    assert (signal.concern, signal.key) == (Concern.HOME_DARK, "dark/home-1/never")


def test_a_recorded_home_without_heartbeats_is_not_dark_within_a_day() -> None:
    found, _ = run(log(moved(1)), 20, homes=[HOME])
    assert [s.concern for s in raised(found)] == [Concern.INACTIVITY]
    found, _ = run(log(moved(1)), 26, homes=[HOME])
    assert [s.concern for s in raised(found)] == [Concern.INACTIVITY, Concern.HOME_DARK]


def test_lost_mains_is_told_and_cleared() -> None:
    power = [row("home-1", 1, Mains(False)), row("home-1", 1.5, Mains(True))]
    found, _ = run(log(living("home-1", 0, 3), power), homes=[HOME])
    assert [(s.concern, s.urgency, s.sense) for s in found] == [
        (Concern.HOME_DARK, Urgency.SOON, Sense.RAISE),
        (Concern.HOME_DARK, Urgency.ROUTINE, Sense.CLEAR),
    ]


# Outage


def test_an_outage_is_one_incident_of_the_narrowest_area_that_covers_it() -> None:
    elsewhere = [Home(f"far-{n}", f"gw-far-{n}", "gwangju/buk-gu/munheung") for n in range(10)]
    rows = log(*(living(h.id, 0, 3) for h in DONG), *(living(h.id, 0, 7) for h in elsewhere))
    found, _ = run(rows, 7, homes=[*DONG, *elsewhere])
    (signal,) = raised(found)
    assert (signal.concern, signal.area, signal.home) == (Concern.AREA_OUTAGE, AREA, None)


def test_a_whole_district_is_one_incident_not_one_a_dong() -> None:
    other = [Home(f"far-{n}", f"gw-far-{n}", "gwangju/nam-gu/juwol") for n in range(10)]
    found, _ = run(log(*(living(h.id, 0, 3) for h in [*DONG, *other])), 7, homes=[*DONG, *other])
    (signal,) = raised(found)
    assert signal.area == "gwangju/nam-gu"


def test_a_power_cut_on_batteries_is_one_incident() -> None:
    rows = log(*(living(h.id, 0, 4) for h in DONG), (row(h.id, 3, Mains(False)) for h in DONG))
    found, _ = run(rows, 4, homes=DONG)
    assert [s.concern for s in raised(found)] == [Concern.AREA_OUTAGE]


def test_after_an_outage_each_home_proves_life_or_gets_its_own_case() -> None:
    """Ten homes are back at 5 h; in home-1 nobody moves, home-2 stays dark."""
    quiet = [*living("home-1", 0, 3), *beats("home-1", 5, 8)]
    others = [r for h in DONG[2:] for r in (*living(h.id, 0, 3), *living(h.id, 5, 8))]
    found, _ = run(log(quiet, living("home-2", 0, 3), others), 8, homes=DONG)
    seen = {(s.concern, s.home) for s in raised(found)}
    assert seen == {
        (Concern.AREA_OUTAGE, None),
        (Concern.INACTIVITY, "home-1"),
        (Concern.HOME_DARK, "home-2"),
    }
    (over,) = (s for s in found if s.concern is Concern.AREA_OUTAGE and s.sense is Sense.CLEAR)
    assert at(5) < over.at < at(5.5)
    (life,) = (s for s in raised(found) if s.concern is Concern.INACTIVITY)
    assert at(6) <= life.at < at(6.2)


def test_when_half_of_an_area_is_back_the_rest_get_their_own_cases() -> None:
    back = [r for h in DONG[:6] for r in (*living(h.id, 0, 3), *living(h.id, 5, 8))]
    found, _ = run(log(back, *(living(h.id, 0, 3) for h in DONG[6:])), 8, homes=DONG)
    assert {s.home for s in raised(found, Concern.HOME_DARK)} == {h.id for h in DONG[6:]}
    (over,) = (s for s in found if s.concern is Concern.AREA_OUTAGE and s.sense is Sense.CLEAR)
    assert at(5.25) <= over.at < at(5.5)


def test_an_outage_that_grows_becomes_one_wider_incident() -> None:
    """One dong goes, then its neighbour; all but home-1 come back."""
    other = [Home(f"far-{n}", f"gw-far-{n}", "gwangju/nam-gu/juwol") for n in range(10)]
    before = [*(living(h.id, 0, 3) for h in DONG), *(living(h.id, 0, 3.3) for h in other)]
    found, _ = run(log(*before, *(living(h.id, 5, 8) for h in [*DONG[1:], *other])), 8, homes=[*DONG, *other])
    areas = [s for s in found if s.concern is Concern.AREA_OUTAGE]
    assert [(s.area, s.sense) for s in areas] == [
        (AREA, Sense.RAISE),
        ("gwangju/nam-gu", Sense.RAISE),
        (AREA, Sense.CLEAR),
        ("gwangju/nam-gu", Sense.CLEAR),
    ]
    assert areas[-1].evidence[0].numbers["homes"] == 20
    assert [s.home for s in raised(found, Concern.HOME_DARK)] == ["home-1"]


def test_four_homes_are_no_outage() -> None:
    found, _ = run(log(*(living(h.id, 0, 3) for h in DONG[:4])), 7, homes=DONG[:4])
    assert [s.concern for s in raised(found)] == [Concern.HOME_DARK] * 4


def test_homes_that_fail_one_after_another_are_no_outage() -> None:
    rows = log(*(living(h.id, 0, 1 + n) for n, h in enumerate(DONG)))
    found, _ = run(rows, 9, homes=DONG)
    assert Concern.AREA_OUTAGE not in {s.concern for s in raised(found)}


def test_a_fleet_without_heartbeats_is_dark_when_it_should_have_spoken() -> None:
    """Ten homes that move every ten minutes for eight days, then nothing at all for three hours."""
    days = 8 * 24
    rows = log(
        *(every(10, n / 60, days, lambda h, home=h0.id: moved(h, home=home)) for n, h0 in enumerate(DONG)),
        *(
            every(10, days + 3 + n / 60, days + 8, lambda h, home=h0.id: moved(h, home=home))
            for n, h0 in enumerate(DONG)
        ),
    )
    found, _ = run(rows, days + 8, homes=DONG)
    (signal,) = raised(found)
    assert signal.concern is Concern.AREA_OUTAGE
    assert at(days) < signal.at < at(days + 1)
    assert [s.sense for s in found] == [Sense.RAISE, Sense.CLEAR]


# Wandering, devices


@pytest.mark.parametrize(
    ("home", "opened", "rest", "raises"),
    [
        (Home("home-1", "gw-1", AREA, wandering=True), 16.0, [], True),  # 01:00 local
        (Home("home-1", "gw-1", AREA, wandering=True), 16.0, [moved(16.05)], False),
        (Home("home-1", "gw-1", AREA, wandering=True), 4.0, [], False),  # 13:00 local
        (Home("home-1", "gw-1", AREA), 16.0, [], False),
    ],
)
def test_wandering(home: Home, opened: float, rest: list[LogRow], raises: bool) -> None:
    found, _ = run(log(moved(opened - 0.1), door(opened), rest, beats("home-1", 0, opened + 1)), homes=[home])
    assert [s.at for s in raised(found, Concern.WANDERING)] == ([at(opened + 300 / 3600)] if raises else [])


def test_devices_that_fail_are_told_once() -> None:
    rows = log(
        living("home-1", 0, 50),
        [row("home-1", 1 + n, Battery(p), device="door") for n, p in enumerate((15, 12, 20, 90, 10))],
        [row("home-1", 3 + n / 3600, Motion("hall"), device="hall-pir") for n in range(500)],
        every(60, 0, 30, lambda h: row("home-1", h, Climate("방", 21.5), device="frozen")),
        [row("home-1", 4, Climate("방", 85.0), device="mad")],
        [row("home-1", 5, Lost("silent"), device="pendant"), row("home-1", 6, Lost("silent"), device="pendant")],
    )
    found, _ = run(rows, homes=[HOME])
    told_of = [e.key.removeprefix("evidence.device.") for s in found for e in s.evidence]
    assert sorted(told_of) == ["battery", "battery", "battery.over", "chatter", "impossible", "lost", "stuck"]
    assert {s.urgency for s in found} == {Urgency.ROUTINE}


@pytest.mark.parametrize(("events", "chatters"), [(200, False), (201, True)])
def test_two_hundred_events_in_ten_minutes_are_not_chatter(events: int, chatters: bool) -> None:
    rows = [row("home-1", 3 + n * 2.9 / 3600, Motion("hall"), device="hall-pir") for n in range(events)]
    found, _ = run(log(living("home-1", 0, 4), rows), homes=[HOME])
    assert [e.key for s in raised(found) for e in s.evidence] == ["evidence.device.chatter"] * chatters


def test_events_that_come_late_and_again_do_not_chatter() -> None:
    again = [
        LogRow(0, "home-1", "hall-pir", "motion", at(1), at(3 + n / 3600), "one", Motion("hall")) for n in range(500)
    ]
    found, _ = run(log(living("home-1", 0, 4), again), homes=[HOME])
    assert not raised(found)
