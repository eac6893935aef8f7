"""Delivery on both databases: retries, the next channel, the next person, and nothing that is no longer wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import NoReturn

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from alerts.channels import Answer, Failed, Message, Retry, Sent
from alerts.letters import to_member
from alerts.outbox import CLAIM_S, Outbox
from core.people import Member, Reach, Role
from core.signals import Concern
from store import people
from store.database import Database
from store.tables import outbox
from tests.contracts.city import HOME, T0, City


class Stuck:
    """A provider that takes the call and never says anything, until the test lets it go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.taken = 0

    def send(self, message: Message) -> Answer:
        self.taken += 1
        self.let_go.wait(30)
        return Sent()


class Wrong:
    def send(self, message: Message) -> Answer:
        raise RuntimeError("a mistake in the channel itself")


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    made = Stuck()
    yield made
    made.let_go.set()


@pytest.fixture
def city(db: Database, stuck: Stuck) -> Iterator[City]:
    made = City(db, more={"stuck": stuck, "wrong": Wrong()})
    yield made
    stuck.let_go.set()
    made.outbox.close()


def reach(city: City, name: str, *ways: str) -> None:
    """Give the manager these channels, each with an address of its own."""
    manager = Member(
        name, name, Role.MANAGER, "gwangju/nam-gu", reach=tuple(Reach(way, f"{name}-{way}") for way in ways)
    )
    with city.db.write() as tx:
        people.put_member(tx, city.db.backend, manager)


def states(city: City) -> list[tuple[str, str]]:
    query = sa.select(outbox.c.key, outbox.c.state).where(outbox.c.member.is_not(None)).order_by(outbox.c.id)
    return [(row.key.split("/", 2)[2], row.state) for row in city.rows(query)]


def test_a_refusal_goes_to_the_next_channel_at_once(city: City) -> None:
    reach(city, "kim", "phone", "mail")
    city.lines["phone"].answers["kim-phone"] = Failed("HTTP 404")
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    assert city.lines["mail"].told() == ["kim:call"]
    assert states(city) == [("kim/phone", "failed"), ("kim/mail.0", "delivered")]
    assert "Could not send to kim by phone: HTTP 404" in city.story(case)


def test_a_second_telephone_is_another_way(city: City) -> None:
    both = Member("kim", "kim", Role.MANAGER, "gwangju/nam-gu", reach=(Reach("phone", "old"), Reach("phone", "new")))
    with city.db.write() as tx:
        people.put_member(tx, city.db.backend, both)
    city.lines["phone"].answers["old"] = Failed("HTTP 410")
    city.say(Concern.SOS)
    city.settle()
    assert [m.address for m in city.lines["phone"].messages] == ["old", "new"]


def test_a_channel_that_is_down_is_tried_again_and_left_within_ten_seconds(city: City) -> None:
    reach(city, "kim", "phone", "mail")
    city.lines["phone"].answers["kim-phone"] = Retry("HTTP 503")
    city.say(Concern.SOS)
    city.settle()
    assert city.lines["mail"].messages == []
    city.run(10)
    assert len(city.lines["phone"].messages) > 2
    assert {m.key for m in city.lines["phone"].messages} == {"case-1-20261121T050000/call-1/kim/phone"}, (
        "always under the same key"
    )
    assert city.lines["mail"].told() == ["kim:call"]


def test_a_provider_that_asks_for_more_time_than_there_is_is_left_at_once(city: City) -> None:
    reach(city, "kim", "phone", "mail")
    city.lines["phone"].answers["kim-phone"] = Retry("HTTP 429", after_s=60)
    city.say(Concern.SOS)
    city.settle()
    assert city.lines["mail"].told() == ["kim:call"]


def test_a_person_without_a_working_channel_is_passed_within_thirty_seconds(city: City) -> None:
    reach(city, "kim", "phone", "mail", "text", "console", "speaker")
    for name, line in city.lines.items():
        line.answers[f"kim-{name}"] = Retry("down")
    case = city.say(Concern.SOS)
    assert case is not None
    city.run(30)
    assert "lee:call" in city.lines["phone"].told()
    assert city.view(case).rung == 1
    assert "kim can't be reached in any way." in city.story(case)


def test_a_colleague_on_the_same_rung_keeps_it(city: City) -> None:
    reach(city, "kim", "phone")
    reach(city, "choi", "phone")
    city.lines["phone"].answers["kim-phone"] = Failed("HTTP 410")
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    assert city.view(case).rung == 0
    assert city.view(case).called == ["choi"]


def test_a_channel_nobody_installed_and_one_with_a_mistake_are_dead_channels(city: City) -> None:
    reach(city, "kim", "pigeon", "wrong", "mail")
    city.say(Concern.SOS)
    city.settle()
    assert states(city) == [("kim/pigeon", "failed"), ("kim/wrong.1", "failed"), ("kim/mail.0", "delivered")]


def test_what_the_case_no_longer_wants_is_not_sent(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.act(case, "ack", "lee")
    city.settle()
    assert city.lines["phone"].messages == []
    assert states(city) == [("kim/phone", "dropped")]


def test_a_question_is_not_asked_once_somebody_has_the_case(city: City) -> None:
    city.lines["speaker"].answers[HOME.gateway] = Retry("the broker did not take it")
    case = city.say(Concern.INACTIVITY)
    assert case is not None
    city.settle()
    city.act(case, "ack", "kim")
    city.run(5)
    assert len(city.lines["speaker"].messages) == 1


def test_an_owner_hears_nothing_more_of_a_case_that_is_closed(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.act(case, "ack", "kim")
    city.clock.advance(61)
    city.say(Concern.SOS)
    city.act(case, "close", "kim", outcome="true_emergency")
    city.settle()
    assert city.lines["phone"].messages == []


def test_a_rung_names_the_channels_to_be_tried_first() -> None:
    member = Member("kim", "김", Role.MANAGER, "", reach=(Reach("mail"), Reach("text"), Reach("phone"), Reach("chat")))
    letter = to_member("call", 1, member, how=("phone", "text"))
    assert [way.channel for way in letter.reach] == ["phone", "text", "mail", "chat"]


def test_a_provider_that_hangs_delays_no_other_channel(city: City, stuck: Stuck) -> None:
    reach(city, "kim", "stuck")
    reach(city, "choi", "mail")
    city.say(Concern.SOS)
    assert city.outbox.step(0.5) > 0
    assert stuck.taken == 1
    assert city.lines["mail"].told() == ["choi:call"]
    assert not city.outbox.idle
    stuck.let_go.set()
    city.settle()
    assert ("kim/stuck", "accepted") in states(city)


def test_a_channel_whose_workers_are_all_busy_does_not_fill_the_batch(
    city: City, stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.outbox.WORKERS", 1)
    monkeypatch.setattr("alerts.outbox.BATCH", 2)
    for name in ("kim", "choi", "jung", "han"):
        reach(city, name, "stuck")
    reach(city, "yoon", "mail")
    city.say(Concern.SOS)
    for _ in range(3):
        city.outbox.step(0.2)
    assert stuck.taken == 1
    assert city.lines["mail"].told() == ["yoon:call"]


def test_who_is_being_called_this_moment_hears_that_somebody_else_took_it(city: City, stuck: Stuck) -> None:
    reach(city, "kim", "stuck")
    case = city.say(Concern.SOS)
    assert case is not None
    city.outbox.step(0.2)
    city.act(case, "ack", "lee")
    assert ("kim/stuck", "queued") in states(city)
    stuck.let_go.set()
    city.settle()
    assert states(city) == [("kim/stuck", "accepted"), ("kim/stuck", "accepted")]


def test_a_send_that_takes_too_long_is_one_that_failed(
    city: City, stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.outbox.SEND_S", 0.05)
    reach(city, "kim", "stuck", "mail")
    city.say(Concern.SOS)
    city.run(10)
    assert city.lines["mail"].told() == ["kim:call"]


def test_a_fast_clock_makes_no_sender_send_twice(city: City, stuck: Stuck) -> None:
    reach(city, "kim", "stuck")
    city.say(Concern.SOS)
    for _ in range(3):
        city.outbox.step(0.1)
        city.clock.advance(CLAIM_S + 1)
    assert stuck.taken == 1


def test_a_clock_that_goes_back_keeps_no_message_waiting(city: City) -> None:
    """A retry, and a channel's ten seconds, stand in the row as times: neither may wait for the clock to come back."""
    reach(city, "kim", "phone", "mail")
    city.lines["phone"].answers["kim-phone"] = Retry("HTTP 503")
    city.say(Concern.SOS)
    city.settle()
    before = len(city.lines["phone"].messages)
    city.clock.set(T0 - timedelta(days=1))
    city.settle()
    assert len(city.lines["phone"].messages) == before + 1
    city.run(10)
    assert city.lines["mail"].told() == ["kim:call"]


def test_a_claim_from_a_future_that_the_clock_took_back_does_not_hold(city: City, stuck: Stuck) -> None:
    reach(city, "kim", "stuck")
    city.clock.set(T0 + timedelta(days=1))
    city.say(Concern.SOS)
    city.outbox.step(0.0)
    another = Outbox(city.db, city.desk, dict(city.lines) | {"stuck": city.lines["phone"]}, city.clock)
    with city.db.write() as tx:
        tx.execute(sa.update(outbox).values(due_at=T0))
    city.clock.set(T0)
    another.step(1.0)
    assert "kim:call" in city.lines["phone"].told()
    another.close()


def test_an_answer_that_comes_while_the_database_is_away_is_noted_when_it_is_back(
    city: City, stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> NoReturn:
        raise OperationalError("BEGIN", {}, ConnectionError("the database is restarting"))

    reach(city, "kim", "stuck")
    city.say(Concern.SOS)
    city.outbox.step(0.1)
    stuck.let_go.set()
    with monkeypatch.context() as outage:
        outage.setattr(city.db, "write", away)
        with pytest.raises(OperationalError):
            city.settle()
    city.settle()
    assert ("kim/stuck", "accepted") in states(city)
    assert stuck.taken == 1


def test_a_sender_that_died_lets_its_rows_go(city: City, stuck: Stuck) -> None:
    reach(city, "kim", "stuck")
    city.say(Concern.SOS)
    city.outbox.step(0.0)
    another = Outbox(city.db, city.desk, dict(city.lines) | {"stuck": city.lines["phone"]}, city.clock)
    another.step(1.0)
    assert city.lines["phone"].messages == []
    city.clock.advance(CLAIM_S)
    another.step(1.0)
    assert city.lines["phone"].told() == ["kim:call"]
    another.close()


def test_an_emergency_overtakes_everything_less_urgent(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.outbox.WORKERS", 1)
    leak, sos = city.say(Concern.LEAK), city.say(Concern.SOS)
    city.outbox.step(5.0)
    assert [m.case for m in city.lines["phone"].messages] == [sos]
    city.settle()
    assert [m.case for m in city.lines["phone"].messages] == [sos, leak]


def test_delivered_and_seen_are_the_providers_word_and_only_go_forward(city: City) -> None:
    city.lines["phone"].answers["tel"] = Sent()
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    key = "case-1-20261121T050000/call-1/kim/phone"
    with city.db.write() as tx:
        now = T0 + timedelta(seconds=5)
        assert city.outbox.report(tx, key, "seen", now)
        assert not city.outbox.report(tx, key, "delivered", now)
        assert not city.outbox.report(tx, key, "acknowledged", now), "only a person acknowledges"
        assert not city.outbox.report(tx, "case-1/call-9/kim/phone", "seen", now)
    assert states(city) == [("kim/phone", "seen")]
    assert city.keys(case)[-1] == "seen"
    assert city.view(case).state == "alerting", "seen stops no clock"


def test_a_stand_down_that_came_too_late_is_not_sent(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    city.act(case, "ack", "lee")
    with city.db.write() as tx:
        city.desk.unreachable(tx, case, "lee", city.clock.now())
    city.settle()
    assert "kim:stand_down" not in city.lines["phone"].told()
    assert HOME.id not in str(city.lines["phone"].messages)
