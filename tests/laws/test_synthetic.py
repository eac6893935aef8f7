"""Nobody is called for a home where nobody lives, and no program for a home where somebody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.case import Case, State
from alerts.letters import CANARY, Letter, rows
from alerts.plan import Rung
from alerts.policy import DEFAULT, PACKS, Policy, PolicyError, load
from alerts.rota import Calendar, Hours, Post, Rota, Shift, on_call
from core.people import CALLED, Cover, Home, Member, Reach, Risk, Role
from core.signals import GROUP, Concern, Urgency, group_of

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
BIRD = Home("canary-gwangju-nam-gu", "canary-gwangju-nam-gu", "gwangju/nam-gu", speaker=False)
POLICIES = [load(pack) for pack in sorted(PACKS.glob("*.toml"))]
IDS = st.sampled_from(["kim", "lee", "park", "canary-gwangju-nam-gu", "canary-gwangju-buk-gu"])
REACHES = st.lists(st.sampled_from([Reach("console"), Reach(CANARY, "x"), Reach("webhook", "y")]), max_size=3)
MEMBERS = st.lists(
    st.builds(Member, IDS, st.just("n"), st.sampled_from(Role), st.just("gwangju"), reach=REACHES.map(tuple)),
    max_size=5, unique_by=lambda member: member.id,
)  # fmt: skip
COVERS = st.lists(
    st.builds(Cover, IDS, st.just(NOW - timedelta(hours=1)), st.just(NOW + timedelta(hours=1)), st.none() | IDS),
    max_size=4,
)
SHIFTS = st.lists(
    st.builds(
        Shift, st.just("s"), st.sampled_from(Role), st.just(Hours("00:00-00:00")),
        members=st.lists(IDS, max_size=3).map(tuple),
    ),
    max_size=3,
)  # fmt: skip


@given(st.sampled_from(POLICIES), st.sampled_from(Concern), st.sampled_from(Urgency), st.sampled_from(Risk))
def test_no_policy_gives_it_a_person_or_a_post(policy: Policy, concern: Concern, urgency: Urgency, risk: Risk) -> None:
    plan = policy.plan(replace(BIRD, risk=risk), concern, urgency, NOW)
    assert {(rung.who, rung.post) for rung in plan.rungs} == {(Role.CANARY, False)}
    assert (plan.asks, plan.speaker, plan.hold_until) == (0, False, None)


@given(MEMBERS, COVERS, SHIFTS, st.sampled_from(Role))
def test_no_shift_and_no_cover_mixes_people_and_programs(
    members: list[Member], covers: list[Cover], shifts: list[Shift], who: Role
) -> None:
    rota = Rota(Calendar(), tuple(shifts), {"canary": Post("ko", "en")})
    for member in on_call(Rung(who, 60.0), "gwangju/nam-gu", members, covers, rota, NOW).on:
        assert (member.role is Role.CANARY) == (who is Role.CANARY)


LETTERS = st.lists(
    st.builds(Letter, st.sampled_from(["call", "owner", "stand_down"]), st.integers(1, 9), st.just("ko"),
              REACHES.map(tuple), IDS),
    max_size=5,
)  # fmt: skip


@given(LETTERS, st.sampled_from([BIRD.id, "home-1", None]), st.sampled_from(Concern))
def test_what_is_sent_for_it_goes_by_its_own_channel_alone(
    letters: list[Letter], home: str | None, concern: Concern
) -> None:
    case = Case(
        subject="s", area="gwangju", group=group_of(concern), concern=concern, urgency=Urgency.URGENT,
        state=State.ALERTING, opened_at=NOW, plan=POLICIES[0].plan(None, concern, Urgency.URGENT, NOW, "gwangju"),
        standing={concern: 1}, why=(), home=home,
    )  # fmt: skip
    for row in rows(1, case, letters, NOW):
        channels = {row["channel"], *(channel for channel, _ in row["payload"]["then"])}
        assert (channels == {CANARY}) if home == BIRD.id else (CANARY not in channels)


def test_no_policy_can_name_it(tmp_path: Path) -> None:
    assert Role.CANARY not in CALLED
    assert set(GROUP) == set(Concern)
    text = DEFAULT.read_text(encoding="utf-8")
    for wrong in (
        text.replace('{ who = "manager", wait = "3m" }', '{ who = "canary", wait = "3m" }'),
        text.replace("[posts.gu-office]", "[posts.canary]"),
    ):
        assert wrong != text
        path = tmp_path / "city.toml"
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(PolicyError):
            load(path)
