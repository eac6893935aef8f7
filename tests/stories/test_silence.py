"""A silence is first asked about, and only a person's own word, or a person at the door, ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.people import Role
from tests.conftest import on_sqlite_first
from tests.stories.town import Gateway, Town

HOURS = 3600.0


def quiet_home(city: Town, name: str = "home-1", **more: object) -> Gateway:
    """A home with a limit of one hour, whose resident was last seen a moment ago."""
    home = city.home(name, silence_ceiling_s=HOURS, **more)
    home.say("motion", room="living")
    return home


def until_asked(city: Town, home: Gateway) -> None:
    city.forward(64)
    assert home.check_ins() == 1
    assert city.the_case()["state"] == "verifying"


@on_sqlite_first
def test_an_answered_check_in_clears(city: Town) -> None:
    home = quiet_home(city)
    city.member("kim")
    until_asked(city, home)
    home.answer(text="네, 괜찮아요", energy_db=-31.5, confidence=0.9)
    case = city.the_case()
    assert (case["state"], case["outcome"], case["contact"]) == ("closed", "safe", "speaker")
    city.forward(30)
    assert city.phones.rang == [], "no human being was troubled"


@pytest.mark.parametrize(
    "answer",
    [
        {"result": "silence"},
        {"result": "offline"},
        {"text": "네"},
        {"text": "음… 뭐라고?"},
        {"text": "시청해주셔서 감사합니다"},
        {"text": "MBC 뉴스 이덕영입니다. 괜찮아요", "energy_db": -20.0},
        {"text": "괜찮아요", "energy_db": -96.0},
        {"text": "괜찮아요", "confidence": 0.2},
        {"result": "ok", "text": "Thank you for watching"},
    ],
)
def test_nothing_but_a_specific_answer_clears(village: Town, answer: dict[str, Any]) -> None:
    home = quiet_home(village)
    village.member("kim")
    until_asked(village, home)
    home.answer(**answer)
    village.forward(6)
    if village.the_case()["state"] == "verifying":  # what was not understood is asked once more
        home.answer(**answer)
        village.forward(6)
    assert village.the_case()["state"] == "alerting"
    assert village.phones.calls() == ["kim"]


@on_sqlite_first
def test_no_answer_climbs_and_motion_alone_does_not_clear(city: Town) -> None:
    home = quiet_home(city)
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    until_asked(city, home)
    home.say("motion", room="kitchen")
    city.forward(11)
    assert city.phones.calls() == ["kim"]
    city.forward(10)
    assert city.phones.calls() == ["kim", "lee"]
    case = city.the_case()
    assert city.act(case["id"], "ack", by="lee").status_code == 200
    refused = city.act(case["id"], "close", by="lee", outcome="safe")
    assert refused.status_code == 409, "nobody has seen or heard the resident"
    assert {"ko", "en"} <= refused.json().keys() or "ko" in refused.text
    assert city.act(case["id"], "close", by="lee", outcome="safe", contact="phone").status_code == 200


@on_sqlite_first
def test_a_silence_that_goes_on_after_its_case_was_closed_opens_another_one(city: Town) -> None:
    """Nobody lies unnoticed because somebody took it for a false alarm; a restart between changes nothing."""
    home = quiet_home(city, speaker=False)
    city.member("kim")
    city.forward(64)
    first = city.the_case()
    city.act(first["id"], "ack", by="kim")
    assert city.act(first["id"], "close", by="kim", outcome="safe", contact="phone").status_code == 200
    city.forward(30)
    city.restart()
    city.forward(25)
    assert len(city.cases()) == 1, "an hour from the closing, not from the movement"
    city.forward(9)
    second = city.cases()[1]
    assert (second["state"], second["concern"], second["urgency"]) == ("alerting", "inactivity", "urgent")
    assert "was closed at" in second["why"]["en"], second["why"]
    assert city.phones.calls() == ["kim", "kim"]
    city.act(second["id"], "ack", by="kim")
    home.say("motion", room="living")
    city.act(second["id"], "close", by="kim", outcome="safe", contact="visit")
    city.forward(50)
    assert len(city.cases()) == 2
    devices = city.api.get("/api/homes/home-1").json()["devices"]
    assert "desk" not in [device["device"] for device in devices], "what the city says is of no device"


def test_an_answer_that_calls_for_help_is_an_emergency(village: Town) -> None:
    home = quiet_home(village)
    village.member("kim")
    until_asked(village, home)
    home.answer(text="살려줘, 넘어졌어")
    case = village.the_case()
    assert (case["state"], case["urgency"]) == ("alerting", "immediate")
    assert village.phones.calls() == ["kim"]


@on_sqlite_first
def test_despair_reaches_a_human_at_once_and_is_spoken_of_with_care(city: Town) -> None:
    home = quiet_home(city)
    city.member("kim")
    home.say("utterance", "speaker", text="이제 그만 살고 싶어", confidence=0.4, energy_db=-70.0)
    case = city.the_case()
    assert (case["concern"], case["urgency"], case["state"]) == ("despair", "immediate", "alerting")
    assert city.phones.calls() == ["kim"], "no question by the speaker comes first"
    assert "listen" in case["why"]["en"]
    assert "109" in case["why"]["ko"]
    assert home.check_ins() == 0
    assert [ask["kind"] for ask in home.asked] == ["reassure"]
    assert "혼자가 아닙니다" in home.asked[0]["text"]
    assert "살고 싶어" not in str(city.phones.rang), "on no lock screen"


def test_despair_as_an_answer_is_no_answer_that_all_is_well(village: Town) -> None:
    home = quiet_home(village)
    village.member("kim")
    until_asked(village, home)
    home.answer(result="ok", text="괜찮아요, 이제 다 끝내고 싶어요")
    case = village.the_case()
    assert (case["concern"], case["urgency"], case["state"]) == ("despair", "immediate", "alerting")
    assert village.phones.calls() == ["kim"], "once"


def test_what_may_be_a_cry_is_asked_about_and_climbs_within_a_minute(village: Town) -> None:
    home = quiet_home(village)
    village.member("kim")
    home.say("utterance", "speaker", text="쌀려주세요")
    assert (village.the_case()["concern"], village.the_case()["state"]) == ("misheard", "verifying")
    assert home.check_ins() == 1
    village.forward(1.5)
    assert village.phones.calls() == ["kim"], "nobody answered"
    other = quiet_home(village, "home-2")
    other.say("utterance", "speaker", text="쌀려주세요")
    other.answer(text="괜찮아요")
    assert [case["state"] for case in village.cases()] == ["alerting", "closed"]
    assert village.phones.calls() == ["kim"]


def test_a_wake_word_is_a_human_act_and_an_invention_is_none(village: Town) -> None:
    home = quiet_home(village)
    village.forward(50)
    home.say("wake", "speaker")
    village.forward(50)
    home.say("utterance", "speaker", text="시청해주셔서 감사합니다")
    assert village.cases() == []
    village.forward(14)
    assert village.the_case()["concern"] == "inactivity"


@on_sqlite_first
def test_nobody_on_call_goes_to_the_next_rung_at_once_and_says_why(city: Town) -> None:
    home = quiet_home(city, speaker=False)
    city.member("lee", Role.SUPERVISOR)
    city.forward(64)
    assert city.phones.calls() == ["lee"], "there is no manager: the supervisor is called at once"
    assert "case.log.nobody_on_call" in city.timeline(city.the_case()["id"])
    assert home.check_ins() == 0


def test_a_person_without_a_working_phone_is_passed_within_half_a_minute(village: Town) -> None:
    quiet_home(village, speaker=False)
    village.member("kim")
    village.member("lee", Role.SUPERVISOR)
    village.phones.answers["kim"] = 404
    village.forward(64)
    opened = village.the_case()["opened_at"]
    village.forward(0.5)
    assert village.phones.calls() == ["lee"]
    timeline = village.api.get(f"/api/cases/{village.the_case()['id']}").json()["timeline"]
    assert any(entry["key"] == "case.log.channel_failed" for entry in timeline)
    assert village.the_case()["opened_at"] == opened


@on_sqlite_first
def test_acknowledged_and_forgotten_comes_back(city: Town) -> None:
    quiet_home(city, speaker=False)
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    city.forward(64)
    case = city.the_case()
    city.act(case["id"], "ack", by="kim")
    city.forward(45)
    back = city.the_case()
    assert back["state"] == "alerting"
    assert "case.log.forgotten" in city.timeline(case["id"])
    assert city.phones.calls() == ["kim", "lee"]
    assert city.phones.calls("owner") == ["kim"]


def test_two_residents_one_of_them_moving_says_nothing_of_the_other(village: Town) -> None:
    home = quiet_home(village, residents=2)
    village.member("kim")

    def one_moves() -> None:
        if village.clock.now().minute % 20 == 0 and village.clock.now().second == 0:
            home.say("motion", room="kitchen")

    village.forward(90, one_moves)
    assert village.cases() == [], "motion is motion: nobody can say whose"
    village.forward(64)
    case = village.the_case()
    assert "2" in case["why"]["en"], "the sentence says that two live there"
    home.say("motion", room="kitchen")
    village.forward(12)
    assert village.the_case()["state"] == "alerting", "the other one's motion clears nothing"


@on_sqlite_first
def test_an_absence_expires(city: Town) -> None:
    home = quiet_home(city)
    city.member("kim")
    until = city.clock.now() + timedelta(hours=3)
    answer = city.api.post(f"/api/homes/{home.home.id}/absence", json={"until": until.isoformat(), "by": "kim"})
    assert answer.status_code in (200, 201), answer.text
    city.forward(150)
    assert city.cases() == [], "away is away"
    city.forward(120)
    case = city.the_case()
    assert case["concern"] in ("overdue", "inactivity")


def test_door_then_quiet_is_out_and_door_then_motion_is_in(village: Town) -> None:
    out, back = quiet_home(village, "home-out"), quiet_home(village, "home-back")
    for state in (False, True):  # a door is known once it has said how it stands
        village.clock.advance(30)
        for home in (out, back):
            home.say("contact", place="front", open=state, exit=True)
    village.clock.advance(30)
    back.say("motion", room="living")
    village.forward(75)
    assert [(case["home"], case["concern"]) for case in village.cases()] == [("home-back", "inactivity")]


def test_duplicates_and_reordering_change_nothing(village: Town) -> None:
    home = quiet_home(village)
    village.forward(10)
    now = village.clock.now()
    events = [home.event("motion", at=now - timedelta(seconds=s), room="kitchen") for s in (50, 40, 30, 20, 10)]
    for event in [events[3], events[0], *events, events[4], events[1], events[2]]:
        home.send(event)
    village.settle()
    village.forward(57)
    assert village.cases() == []
    village.forward(8)
    assert village.the_case()["concern"] == "inactivity"
    metrics = village.api.get("/metrics").text
    assert any(line.startswith("anbu_duplicates_total") and line.endswith(" 5.0") for line in metrics.splitlines())


@on_sqlite_first
def test_late_data_after_a_day_never_opens_a_stale_emergency(city: Town) -> None:
    home = quiet_home(city, speaker=False)
    city.member("kim")
    old = city.clock.now() - timedelta(hours=25)
    home.say("fall", at=old, room="bath")
    home.say("smoke", at=old, room="kitchen")
    for case in city.cases():
        assert (case["concern"], case["urgency"]) == ("late_report", "soon"), "an old cry is looked into, not alarmed"
    assert len(city.cases()) <= 2
    for hours in range(30, 24, -1):
        home.say("motion", at=city.clock.now() - timedelta(hours=hours), room="kitchen")
        home.say("contact", at=city.clock.now() - timedelta(hours=hours), place="front", exit=True)
        home.say("climate", at=city.clock.now() - timedelta(hours=hours), room="kitchen", temp_c=41.0)
    city.forward(20)
    assert {case["concern"] for case in city.cases()} == {"late_report"}


def test_a_clock_of_1970_moves_no_deadline(village: Town) -> None:
    home = quiet_home(village)
    village.forward(30)
    home.say("motion", at=village.clock.now() + timedelta(days=1100), room="kitchen")
    village.forward(40)
    assert village.cases() == [], "motion that is heard now happened now, whatever its clock says"
    village.forward(25)
    assert village.the_case()["concern"] == "inactivity"
