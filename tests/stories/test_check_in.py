"""The scheduled check-in call: asked on time, once; answered it troubles nobody, and missed it climbs."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from core.people import Role
from tests.conftest import on_sqlite_first
from tests.stories.town import Gateway, Town
from tests.typed import Done, anbu
from tests.waiting import wait_until

TEN_PAST = {"agenda": [{"clock": "10:10", "days": ["thu", "fri"]}]}  # the stories begin on a Thursday at ten


def planned(city: Town, **more: Any) -> Gateway:
    """A home that is called ten minutes from now, and is heard."""
    home = city.home(**more)
    answer = city.api.put(f"/api/homes/{home.home.id}/check-ins", json=TEN_PAST)
    assert answer.status_code == 200, answer.text
    home.say("heartbeat", "gateway", every_s=28_800.0)
    return home


def put(home: Gateway) -> int:
    """How often a scheduled call was put."""
    return sum(ask["ask"].startswith("check-in-") for ask in home.asked)


def calls(city: Town) -> list[dict[str, Any]]:
    """What has become of them, the newest first."""
    found: list[dict[str, Any]] = city.api.get("/api/homes/home-1/check-ins").json()["calls"]
    return found


@on_sqlite_first
def test_a_missed_call_is_put_again_and_then_climbs(city: Town) -> None:
    home = planned(city)
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    city.forward(9)
    assert home.asked == []
    city.forward(2)
    assert put(home) == 1
    home.answer(result="silence")
    city.forward(20)
    assert put(home) == 2
    home.answer(text="오늘의 날씨를 전해 드립니다")
    city.forward(20)
    assert put(home) == 3
    assert city.cases() == []
    city.forward(5)
    case = city.the_case()
    assert (case["concern"], case["urgency"], case["state"]) == ("missed_check_in", "routine", "alerting")
    assert "10:10" in case["why"]["ko"]
    assert city.phones.calls() == ["kim"]
    city.forward(11)
    assert city.phones.calls() == ["kim", "lee"]
    (call,) = calls(city)
    assert (call["state"], call["asks"], call["case"]) == ("missed", 3, case["id"])
    refused = city.act(case["id"], "close", by="lee", outcome="safe")
    assert refused.status_code == 409, "nobody has seen or heard the resident"


@on_sqlite_first
def test_an_answered_call_is_no_case_and_is_counted(city: Town) -> None:
    home = planned(city)
    city.member("kim")
    city.forward(11)
    home.answer(text="네, 괜찮아요")
    city.forward(60)
    assert (put(home), city.cases(), city.phones.rang) == (1, [], [])
    told = city.api.get("/api/homes/home-1/check-ins").json()
    (week,) = told["weeks"]
    assert (week["asked"], week["ok"], week["missed"]) == (1, 1, 0)
    assert told["next_at"] == "2026-11-20T01:10:00Z"
    (row,) = city.api.get("/api/check-ins", params={"area": "gwangju/nam-gu"}).json()
    assert (row["home"], row["weeks"]) == ("home-1", [week])
    assert city.api.get("/api/check-ins", params={"area": "seoul"}).json() == []


def test_who_needs_help_is_an_emergency_at_once(village: Town) -> None:
    home = planned(village)
    village.member("kim")
    village.forward(11)
    home.answer(text="도와줘, 넘어졌어")
    assert (village.the_case()["concern"], village.the_case()["urgency"]) == ("distress", "immediate")
    village.forward(60)
    assert calls(village)[0]["state"] == "not_ok"
    assert put(home) == 1


@on_sqlite_first
def test_restarts_lose_no_call_and_put_none_twice(city: Town) -> None:
    home = planned(city)
    city.api.put(
        "/api/homes/home-1/check-ins", json={"agenda": [*TEN_PAST["agenda"], {"clock": "13:00", "days": ["thu"]}]}
    )
    city.restart()
    city.forward(11)
    assert put(home) == 1
    for _ in range(3):
        city.restart()
        city.forward(1)
    assert put(home) == 1
    city.forward(30)
    assert put(home) == 2, "the silence was noticed all the same"
    home.answer(text="괜찮아")
    city.end()
    city.jump(145)
    city.begin()
    city.settle()
    assert [call["state"] for call in calls(city)] == ["asking", "ok"], "that of one o'clock, a little late"
    assert put(home) == 3
    city.end()
    city.jump(7 * 24 * 60)
    city.begin()
    city.settle()
    states = [(call["day"], call["state"]) for call in calls(city)]
    assert ("2026-11-26", "not_possible") in states, "a week without a city: too late to ask, and it is said"


def test_a_home_that_is_empty_or_dark_is_not_asked(village: Town) -> None:
    home = planned(village)
    until = village.clock.now() + timedelta(hours=2)
    village.api.post("/api/homes/home-1/absence", json={"until": until.isoformat(), "by": "kim"})
    village.forward(15)
    assert put(home) == 0
    assert (calls(village)[0]["state"], calls(village)[0]["reason"]["code"]) == ("not_possible", "absent")
    home.say("heartbeat", "gateway", every_s=60.0)
    village.jump(24 * 60 - 8)
    village.forward(4)
    assert put(home) == 0
    assert (calls(village)[0]["state"], calls(village)[0]["reason"]["code"]) == ("not_possible", "dark")


def test_what_the_home_itself_says_of_its_being_empty_counts(village: Town) -> None:
    home = planned(village)
    home.say("absence", "away-button", away=True)
    ledger = village.city.ledger()
    ledger.step()
    village.forward(15)
    assert calls(village)[0]["reason"]["code"] == "absent"
    home.say("absence", "away-button", away=False)
    ledger.step()
    assert village.api.get("/api/homes/home-1").json()["absence"] is None


def test_a_missed_call_joins_the_worry_that_lives_and_none_is_put_beside_it(village: Town) -> None:
    home = planned(village)
    village.member("kim")
    village.forward(11)
    village.forward(45)
    missed = village.the_case()
    assert missed["concern"] == "missed_check_in"
    home.say("sos", "button")
    assert (village.the_case()["id"], village.the_case()["concern"]) == (missed["id"], "sos")
    village.jump(24 * 60 - 48)
    village.forward(4)
    assert calls(village)[0]["reason"]["code"] == "case", "people are on it: nobody is asked by a machine"
    assert len(village.cases()) == 1


def test_a_home_that_moves_to_another_zone_is_called_by_its_new_clock(village: Town) -> None:
    planned(village)
    village.home(timezone="America/New_York")
    assert village.api.get("/api/homes/home-1/check-ins").json()["next_at"] == "2026-11-19T15:10:00Z"


def test_a_home_that_is_changed_while_its_call_is_due_is_called_all_the_same(village: Town) -> None:
    home = planned(village)
    village.jump(11)
    changed = {"id": "home-1", "gateway": home.home.gateway, "area": home.home.area, "ask_by": "voice"}
    assert village.api.post("/api/homes", json=changed).json()["imported"] == 1
    assert village.api.put("/api/homes/home-1/check-ins", json=TEN_PAST).status_code == 200
    village.settle()
    assert put(home) == 1


def test_a_question_that_the_broker_does_not_take_counts_as_offline(village: Town) -> None:
    home = planned(village)
    village.caller.close()
    village.caller = village.city.caller(lambda _topic, _body: False)
    village.forward(11)
    wait_until(lambda: village.caller.step() < 0 or village.caller.idle)
    assert put(home) == 0
    (call,) = calls(village)
    assert (call["state"], call["reason"]["code"]) == ("waiting", "offline")


def test_what_is_no_agenda_is_refused(village: Town) -> None:
    village.home()
    for agenda in (
        [{"clock": "25:00", "days": ["mon"]}],
        [{"clock": "09:00", "days": []}],
        [{"clock": "09:00", "days": ["mon"]}, {"clock": "09:00", "days": ["tue"]}],
        [{"clock": f"{hour:02}:00", "days": ["mon"]} for hour in range(12)],
    ):
        assert village.api.put("/api/homes/home-1/check-ins", json={"agenda": agenda}).status_code == 422
    assert village.api.put("/api/homes/nobody-1/check-ins", json={"agenda": []}).status_code == 404


def test_the_command_line_plans_calls_and_says_what_came_of_them(village: Town) -> None:
    home = planned(village)
    village.forward(11)
    home.answer(text="괜찮아요")
    environment = os.environ | village.settings.environment()

    def check_ins(*more: str) -> Done:
        return anbu("homes", "check-ins", "home-1", *more, environ=environment)

    shown = check_ins("--language", "en")
    assert "thu,fri 10:10" in shown.out, shown.err
    assert "2026-11-19 10:10  all is well" in shown.out
    assert check_ins("--set", "sat,SUN 08:00").code == 0
    assert village.api.get("/api/homes/home-1/check-ins").json()["agenda"] == [
        {"clock": "08:00", "days": ["sat", "sun"]}
    ]
    assert check_ins("--set", "someday 08:00").code == 2
    assert check_ins("--none").code == 0
    assert village.api.get("/api/homes/home-1/check-ins").json()["agenda"] == []
