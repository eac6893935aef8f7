"""Laws of the policy: what a city writes is what a case gets, and a mistake in it is one sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.policy import DEFAULT, PACKS, City, PolicyError, Quiet, Step, load, route_report
from alerts.rota import Calendar, Post, Shift
from alerts.routing import Match, Settings, Verify
from core.people import Home, Member, Reach, Risk, Role
from core.signals import Concern, Evidence, Urgency
from core.words import LANGUAGES, say

GWANGJU = load()
YEAR = datetime(2026, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
TIMES = st.datetimes(YEAR, YEAR.replace(year=2028), timezones=st.just(UTC))
HOMES = st.builds(
    Home,
    id=st.just("home-0001"),
    gateway=st.just("gw-0001"),
    area=st.sampled_from(["gwangju/nam-gu/bongseon-1-dong", "daejeon/daedeok-gu", "seoul"]),
    risk=st.sampled_from(Risk),
    speaker=st.booleans(),
)
FRIDAY_NIGHT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)  # 23:00 in Seoul
MONDAY_NINE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
HOME = Home("home-0001", "gw-0001", "gwangju/nam-gu/bongseon-1-dong")


def reads(*reasons: Evidence) -> bool:
    return all(say(reason.key, language, reason.numbers) for reason in reasons for language in LANGUAGES)


@pytest.mark.parametrize("pack", sorted(PACKS.glob("*.toml")), ids=lambda p: p.stem)
@given(home=st.none() | HOMES, concern=st.sampled_from(Concern), urgency=st.sampled_from(Urgency), now=TIMES)
def test_every_case_gets_a_plan_that_ends_at_a_post(
    pack: Path, home: Home | None, concern: Concern, urgency: Urgency, now: datetime
) -> None:
    plan = load(pack).plan(home, concern, urgency, now)
    assert plan.urgency >= urgency
    assert plan.rungs[-1].post
    assert all(rung.wait_s > 0 for rung in plan.rungs)
    assert plan.reasons
    assert reads(*plan.reasons)
    if plan.urgency >= Urgency.URGENT:
        assert plan.hold_until is None, "nothing urgent waits for the office"
    if plan.urgency is Urgency.IMMEDIATE or home is None or not home.speaker:
        assert plan.asks == 0
    if plan.hold_until is not None:
        local = load(pack).rota.calendar.local(plan.hold_until)
        assert plan.hold_until > now
        assert (local.hour, local.minute) == (9, 0)
        assert load(pack).rota.calendar.is_workday(local.date())


@pytest.mark.parametrize("pack", sorted(PACKS.glob("*.toml")), ids=lambda p: p.stem)
@pytest.mark.parametrize(
    "concern",
    [Concern.SOS, Concern.UNREADABLE_SOS, Concern.FALL, Concern.DISTRESS, Concern.SMOKE, Concern.GAS, Concern.CO],
)
def test_danger_is_immediate_in_every_pack(pack: Path, concern: Concern) -> None:
    assert load(pack).plan(HOME, concern, Urgency.ROUTINE, FRIDAY_NIGHT).urgency is Urgency.IMMEDIATE


def test_what_can_wait_waits_over_the_weekend() -> None:
    assert GWANGJU.plan(HOME, Concern.DEVICE, Urgency.ROUTINE, FRIDAY_NIGHT).hold_until == MONDAY_NINE
    assert GWANGJU.plan(HOME, Concern.DEVICE, Urgency.ROUTINE, MONDAY_NINE).hold_until is None
    assert GWANGJU.plan(HOME, Concern.DEVICE, Urgency.ROUTINE, MONDAY_NINE - timedelta(microseconds=1)).hold_until


def test_a_branch_inherits_what_it_does_not_say() -> None:
    normal = GWANGJU.plan(HOME, Concern.OVERDUE, Urgency.SOON, MONDAY_NINE)
    frail = Home("home-0002", "gw-0002", HOME.area, risk=Risk.HIGH)
    high = GWANGJU.plan(frail, Concern.OVERDUE, Urgency.SOON, MONDAY_NINE)
    assert (normal.urgency, normal.act_within_s) == (Urgency.SOON, 1800)
    assert (high.urgency, high.act_within_s, high.ask_wait_s) == (Urgency.URGENT, 1200, 180)
    assert (high.ladder, high.close_within_s) == (normal.ladder, normal.close_within_s)
    assert [r.numbers["branch"] for r in high.reasons if r.key == "route.branch"] == [
        "high risk",
        "high risk: silent or late home",
    ]


def test_a_home_nobody_enrolled_goes_to_the_duty_desk() -> None:
    plan = GWANGJU.plan(None, Concern.UNREADABLE_SOS, Urgency.IMMEDIATE, FRIDAY_NIGHT)
    assert [rung.who for rung in plan.rungs] == ["city-duty-desk"]


def test_an_outage_of_everything_is_no_home_nobody_enrolled() -> None:
    plan = GWANGJU.plan(None, Concern.AREA_OUTAGE, Urgency.URGENT, FRIDAY_NIGHT, area="")
    assert (plan.ladder, plan.asks) == ("outage", 0)


def test_the_report_says_who_would_be_called_when() -> None:
    kim = Member("kim", "김", Role.MANAGER, "gwangju/nam-gu", reach=(Reach("phone", "1"),))
    plan, rungs = route_report(GWANGJU, HOME, Concern.INACTIVITY, Urgency.URGENT, FRIDAY_NIGHT, [kim], [])
    assert plan.asks == 2
    assert [r.rung.who for r in rungs] == ["manager", "supervisor", "duty", "city-duty-desk"]
    assert [int((r.at - FRIDAY_NIGHT).total_seconds()) for r in rungs] == [300, 900, 900, 900]
    assert [[m.id for m in r.roster.on] for r in rungs] == [["kim"], [], [], ["city-duty-desk"]]
    assert reads(*rungs[1].roster.off)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'urgency = "soon"\nladder',
            'urgency = "asap"\nladder',
            "defaults.urgency: expected immediate, routine, soon, urgent, not 'asap'",
        ),
        ('act_within = "30m"', 'act_within = "30 minutes"', "defaults.act_within: expected a length of time"),
        ('office = "09:00-18:00"', 'office = "9 to 6"', "city.office: expected hours such as"),
        ('timezone = "Asia/Seoul"', 'timezone = "Seoul"', "calendar: expected an IANA time zone"),
        ('holidays = "KR"', 'holidays = "Narnia"', "calendar: expected a country's code"),
        ('ladder = "outage"', 'ladder = "outrage"', "concerns.area_outage.ladder: expected one of emergency, care"),
        ("[concerns.leak]", "[concerns.leek]", "concerns.leek: expected a concern: sos"),
        ('{ who = "supervisor", wait = "3m" }', '{ who = "boss", wait = "3m" }', "ladders.emergency[1].who: expected"),
        ('{ who = "119-hand-off", wait = "5m" },', "", ""),
        ('desk = [{ who = "city-duty-desk", wait = "3m" }]', "desk = []", "ladders.desk: expected a post as the last"),
        (
            'urgencies = ["routine", "soon"]',
            'urgencies = ["urgent"]',
            "quiet.urgencies[0]: expected routine, soon, not 'urgent'",
        ),
        ('when = { risk = "high", group', 'when = { risk = "high", grup', "routes[1].when: object contains unknown"),
        (
            'when = { risk = "high", group',
            'when = { risk = "tall", group',
            "routes[1].when.risk: expected low, normal, high",
        ),
        ("verify = { asks = 2", "verify = { asks = 9", "concerns.inactivity.verify.asks: expected 0, 1, 2, 3, not 9"),
        ("[posts.gu-office]", "[posts.duty]", "posts.duty: expected another name"),
        ("[quiet]", "[queit]", "queit: expected one of city"),
        ("[city]", "[city", "is not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence_with_its_key(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "city.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if not sentence:
        assert load(path).ladders["emergency"][-1].who == "city-duty-desk"
        return
    with pytest.raises(PolicyError) as caught:
        load(path)
    assert "city.toml: " in str(caught.value)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_key_of_the_file_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    for table in (City, Calendar, Quiet, Settings, Verify, Step, Post, Shift, Match, Reach):
        for field in msgspec.structs.fields(table):
            assert re.search(rf"`[^`\n]*\b{field.name}\b", page), f"{table.__name__}.{field.name}"


def test_a_policy_that_is_not_there_or_not_text_says_so(tmp_path: Path) -> None:
    korean = tmp_path / "korean.toml"
    korean.write_bytes("# 광주".encode("euc-kr"))
    with pytest.raises(PolicyError, match="is not UTF-8 text"):
        load(korean)
    with pytest.raises(PolicyError, match="can't be read: No such file"):
        load(tmp_path / "none.toml")
