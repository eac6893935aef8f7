"""A resident is asked in the way that reaches them, in words that they know, and answers as they can."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from core.clock import SystemClock, wall_now
from core.people import AskBy, Home
from core.signals import Concern, Signal, Urgency
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from simulators.speaker import Manner, read_ask, reply
from store.people import put_home
from tests.conftest import on_sqlite_first
from tests.stories.test_silence import quiet_home, until_asked
from tests.stories.town import AREA, Gateway, Town, town
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto
from wire.session import Session


def answer_as(home: Gateway, manner: Manner) -> str:
    """The virtual resident answers the last question with what the virtual home has; the device that told it."""
    ask = read_ask(msgspec.json.encode(home.asked[-1]))
    assert ask is not None
    given = reply(ask, manner, Random(1))
    assert given is not None
    home.say("answer", given.device, **msgspec.to_builtins(given.answer))
    return given.device


@on_sqlite_first
def test_who_hears_badly_is_asked_by_light_and_answers_by_button(city: Town) -> None:
    home = quiet_home(city, speaker=False, ask_by=AskBy.LIGHT)
    city.member("kim")
    until_asked(city, home)
    assert [ask["ways"] for ask in home.asked] == [["light", "tablet"]], "nobody speaks"
    assert "단추" in home.asked[0]["text"]
    assert answer_as(home, Manner.DEAF) == "button"
    case = city.the_case()
    assert (case["state"], case["outcome"], case["contact"]) == ("closed", "safe", "button")
    assert "case.log.asked_shown" in city.timeline(case["id"])
    city.forward(30)
    assert city.phones.rang == [], "no human being was troubled"


def test_who_hears_badly_and_is_asked_by_voice_does_not_answer(village: Town) -> None:
    home = quiet_home(village)
    village.member("kim")
    until_asked(village, home)
    assert answer_as(home, Manner.DEAF) == "speaker"
    village.forward(12)
    assert village.phones.calls() == ["kim"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"result": "ok", "text": "오늘의 날씨를 전해 드립니다"}, "verifying"),
        ({"result": "ok", "text": "응"}, "verifying"),
        ({"result": "ok", "text": "나 괜찮아"}, "closed"),
        ({"result": "not_ok", "text": ""}, "alerting"),
        ({"result": "not_ok", "text": "오늘의 날씨를 전해 드립니다"}, "alerting"),
    ],
)
def test_a_voice_where_nobody_was_asked_aloud_must_be_specific(village: Town, said: dict[str, str], state: str) -> None:
    home = quiet_home(village, ask_by=AskBy.LIGHT)
    until_asked(village, home)
    home.answer(**said)
    assert village.the_case()["state"] == state


def test_the_question_is_put_in_the_caregivers_own_words_each_time(village: Town) -> None:
    words = "순자 언니, 나 미영이에요. 잘 계시면 괜찮아 하고 말해 줘요."
    home = quiet_home(village, wording=words)
    until_asked(village, home)
    home.answer(text="음… 뭐라고?")
    village.forward(1)
    assert [ask["text"] for ask in home.asked] == [words, words]


def test_a_home_that_must_not_be_asked_is_not(village: Town) -> None:
    home = quiet_home(village, ask_by=AskBy.NONE)
    village.member("kim")
    village.forward(64)
    assert (home.check_ins(), village.phones.calls()) == (0, ["kim"])


def fallen_silent(place: Town, home: Home) -> None:
    """The city asks the resident how they are."""
    raised = Signal("s-1", Concern.INACTIVITY, Urgency.URGENT, wall_now(), (), "story", home.id)
    with place.city.db.write() as tx:
        assert put_home(tx, place.city.db.backend, home, wall_now()) is None
        place.city.desk.signal(tx, raised, home, place.clock.now())


def test_a_tablet_in_the_home_shows_the_question_and_its_button_answers(
    brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path
) -> None:
    at_home, at_city = brokers
    home = Home("home-1", "gw-0001", AREA, ask_by=AskBy.LIGHT)
    shown: list[dict[str, object]] = []
    tablet = Session(at_home.url, "tablet", subscribe=["anbu/gateway/ask"], persistent=False)
    outbox = Outbox(tmp_path / "gateway.db", home.gateway, room_bytes=10**8)
    with town(at_city, f"sqlite:///{tmp_path / 'city.db'}", tmp_path / "data", wall_now()) as place:
        gateway = HomeGateway(home.gateway, at_home.url, at_city.url, outbox, SystemClock(), version="story")

        def until(done: Callable[[], bool]) -> None:
            def turn() -> bool:
                gateway.step(0.005)
                place.settle()
                heard = tablet.poll(0.005)
                shown.extend(json.loads(delivery.payload) for delivery in heard)
                tablet.ack(heard)
                return done()

            wait_until(turn)

        until(lambda: gateway.listening and gateway.uplink.connected and tablet.connected)
        fallen_silent(place, home)
        until(lambda: bool(shown))
        assert (shown[0]["ways"], shown[0]["kind"]) == (["light", "tablet"], "check_in")
        press = {"ask": shown[0]["ask"], "result": "ok"}
        tablet.publish("anbu/tablet/answer", json.dumps(press).encode(), 1)
        until(lambda: place.take() < 0 or place.the_case()["state"] == "closed")
        assert place.the_case()["contact"] == "button"
        assert len(shown) == 1
        gateway.close()
    outbox.close()
    tablet.disconnect()


def test_a_home_whose_own_broker_is_away_answers_offline_and_people_are_called(
    brokers: tuple[Mosquitto, Mosquitto], tmp_path: Path
) -> None:
    at_home, at_city = brokers
    home = Home("home-1", "gw-0001", AREA)
    outbox = Outbox(tmp_path / "gateway.db", home.gateway, room_bytes=10**8)
    with town(at_city, f"sqlite:///{tmp_path / 'city.db'}", tmp_path / "data", wall_now()) as place:
        place.member("kim")
        gateway = HomeGateway(home.gateway, at_home.url, at_city.url, outbox, SystemClock(), version="story")

        def until(done: Callable[[], bool]) -> None:
            wait_until(lambda: gateway.step(0.005) < 0 or place.settle() is not None or done())

        until(lambda: gateway.listening and gateway.uplink.connected)
        at_home.stop()
        until(lambda: not gateway.listening)
        fallen_silent(place, home)
        until(lambda: place.take() < 0 or place.phones.calls() == ["kim"])
        case = place.the_case()
        assert "case.log.answered_badly" in place.timeline(case["id"])
        at_home.start()
        gateway.close()
    outbox.close()
