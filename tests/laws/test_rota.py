"""Laws of the rota: nights, weekends, holidays and cover; the gap finder agrees with what a case would find."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.gaps import gaps
from alerts.plan import Rung
from alerts.policy import PACKS, load
from alerts.rota import Calendar, Hours, Post, Rota, Shift, on_call
from core.people import Cover, Member, Reach, Role

YEAR = datetime(2026, 1, 1)  # noqa: DTZ001 - wall clocks of the city, or hypothesis adds the zone
SEOUL = ZoneInfo("Asia/Seoul")
CALENDAR = Calendar()
AREA = "daejeon/daedeok-gu/songchon-dong"
REACH = (Reach("phone", "1"),)
MANAGER = Rung("manager", 60)
PEOPLE = [
    Member("kim", "김", Role.MANAGER, "daejeon/daedeok-gu", reach=REACH),
    Member("lee", "이", Role.MANAGER, "daejeon", reach=REACH),
    Member("far", "박", Role.MANAGER, "daejeon/seo-gu", reach=REACH),
    Member("duty", "최", Role.DUTY, "daejeon", reach=REACH),
]


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)


def names(rota: Rota, now: datetime, members: list[Member] = PEOPLE, covers: list[Cover] | None = None) -> list[str]:
    return [m.id for m in on_call(MANAGER, AREA, members, covers or [], rota, now).on]


@pytest.mark.parametrize(
    ("day", "workday"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),  # Saturday
        ("2026-08-17", False),  # the substitute for Liberation Day, a Saturday
        ("2026-09-25", False),  # Chuseok
        ("2026-09-28", True),
        ("2026-10-05", False),  # the substitute for National Foundation Day
    ],
)
def test_korean_workdays(day: str, workday: bool) -> None:
    assert CALENDAR.is_workday(date.fromisoformat(day)) is workday


def test_a_holiday_declared_late_is_one() -> None:
    day = date(2026, 11, 20)
    assert not Calendar(extra=(day,)).is_workday(day)


@given(st.integers(0, 1439), st.integers(0, 1439), st.datetimes(YEAR, YEAR.replace(year=2027)))
def test_a_stretch_of_hours_belongs_to_the_day_it_began(start: int, end: int, local: datetime) -> None:
    hours = Hours(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}")
    began = hours.started(local)
    length = (end - start) % 1440 or 1440
    since = (local.hour * 60 + local.minute - start) % 1440
    assert (began is not None) == (since < length)
    if began is not None:
        assert began == (local - timedelta(minutes=since)).date()


def test_friday_night_ends_on_saturday_morning_and_saturday_has_none() -> None:
    rota = Rota(CALENDAR, (Shift("night", Role.MANAGER, Hours("18:00-09:00"), days=("fri",), members=("kim",)),))
    assert names(rota, seoul("2026-11-20T17:59")) == []
    assert names(rota, seoul("2026-11-20T18:00")) == ["kim"]
    assert names(rota, seoul("2026-11-21T08:59")) == ["kim"]
    assert names(rota, seoul("2026-11-21T09:00")) == []
    assert names(rota, seoul("2026-11-21T18:00")) == []


def test_days_off_are_weekends_and_holidays() -> None:
    off = Shift("off", Role.MANAGER, Hours("00:00-24:00"), days=("dayoff",), members=("kim",))
    rota = Rota(CALENDAR, (off,))
    assert names(rota, seoul("2026-10-05T12:00")) == ["kim"]
    assert names(rota, seoul("2026-10-06T12:00")) == []


@given(st.datetimes(YEAR, YEAR.replace(year=2027), timezones=st.just(UTC)))
def test_without_a_written_shift_everybody_of_the_role_and_area_is_on_call_always(now: datetime) -> None:
    assert names(Rota(CALENDAR), now) == ["kim", "lee"]


def test_a_shift_of_another_area_or_role_writes_nothing_for_this_one() -> None:
    elsewhere = Shift("x", Role.MANAGER, Hours("00:00-00:01"), area="daejeon/seo-gu")
    duty = Shift("y", Role.DUTY, Hours("00:00-00:01"))
    assert names(Rota(CALENDAR, (elsewhere, duty)), seoul("2026-11-20T12:00")) == ["kim", "lee"]


def test_cover_is_followed_as_far_as_it_goes_and_says_where_it_ends() -> None:
    now = seoul("2026-11-20T12:00")
    day = timedelta(days=1)
    away = [Cover("kim", now - day, now + day, "lee"), Cover("lee", now - day, now + day, "duty")]
    assert names(Rota(CALENDAR), now, covers=away) == ["duty"]
    round_trip = [*away, Cover("duty", now - day, now + day, "kim")]
    found = on_call(MANAGER, AREA, PEOPLE, round_trip, Rota(CALENDAR), now)
    assert found.on == ()
    assert {reason.key for reason in found.off} == {"rota.off.away"}
    assert names(Rota(CALENDAR), now + day, covers=away) == ["kim", "lee"], "cover ends when it says"
    agreed_later = [Cover("kim", now - day, now + day, None), Cover("kim", now - day, now + day, "duty")]
    assert names(Rota(CALENDAR), now, covers=agreed_later) == ["duty", "lee"]


def test_who_has_left_or_has_no_telephone_is_passed_over_and_named() -> None:
    left = [replace(PEOPLE[0], active=False), replace(PEOPLE[1], reach=())]
    rota = Rota(CALENDAR, (Shift("all", Role.MANAGER, Hours("00:00-24:00"), members=("kim", "lee", "ghost")),))
    found = on_call(MANAGER, AREA, left, [], rota, seoul("2026-11-20T12:00"))
    assert found.on == ()
    assert [r.key for r in found.off] == ["rota.off.inactive", "rota.off.no_reach", "rota.off.unknown"]


def test_a_post_is_always_there_even_one_the_policy_has_forgotten() -> None:
    desk = Post(ko="당직실", en="desk", reach=(Reach("webhook", "http://x"),))
    rota = Rota(CALENDAR, (), {"desk": desk})
    for name in ("desk", "gone"):
        (member,) = on_call(Rung(name, 60, post=True), AREA, [], [], rota, seoul("2026-01-01T03:00")).on
        assert member.reach[-1].channel == "console"


@given(st.lists(st.tuples(st.integers(0, 239), st.integers(1, 60)), max_size=4), st.integers(0, 10 * 24 * 4 - 1))
def test_a_gap_is_exactly_where_a_case_would_find_nobody(trips: list[tuple[int, int]], quarter: int) -> None:
    policy = load(PACKS / "daedeok.toml")
    start = seoul("2026-09-21T00:00")  # the week of Chuseok
    policy = replace(policy, rota=replace(policy.rota, shifts=policy.rota.shifts[:1]))
    hour = timedelta(hours=1)
    covers = [Cover("kim", start + hour * a, start + hour * (a + n)) for a, n in trips]
    found = gaps(policy, PEOPLE[:1], covers, [AREA], start, days=10)
    now = start + timedelta(minutes=15 * quarter)
    inside = [g for g in found if g.who == "manager" and g.start <= now < g.end]
    assert bool(inside) == (not on_call(MANAGER, AREA, PEOPLE[:1], covers, policy.rota, now).on)
    assert all(a.end < b.start for a, b in itertools.pairwise(found) if a.who == b.who)
