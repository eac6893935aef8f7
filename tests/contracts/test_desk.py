"""The desk, the bell and the outbox on both databases, with people who answer, sleep, or can't be reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.bell import Bell
from alerts.case import Case, Refused
from alerts.channels import Retry
from alerts.desk import Desk
from alerts.policy import load
from alerts.views import CaseView
from core.events import Checked
from core.people import Cover, Member, Role
from core.signals import Concern, Sense, Signal, Urgency
from store import people
from store.database import Database
from store.log import read
from store.tables import cases, members, outbox, signals
from tests.contracts.city import PHONE, T0, City


@pytest.fixture
def city(db: Database) -> Iterator[City]:
    made = City(db)
    yield made
    made.outbox.close()


def test_an_sos_calls_a_manager_at_once_and_comforts_the_resident(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    assert city.lines["phone"].told() == ["kim:call"]
    assert city.lines["speaker"].messages[0].ask is not None
    assert city.lines["speaker"].messages[0].ask.kind == "reassure"
    view = city.view(case)
    assert (view.state, view.concern, view.urgency, view.rung) == ("alerting", "sos", "immediate", 0)
    assert view.due_at == T0 + timedelta(minutes=3)


def test_it_climbs_step_by_step_and_repeats_the_last(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.run(3 * 60 * 5 + 5 * 60, step_s=30)
    told = [name for line in ("phone", "mail") for name in city.lines[line].told()]
    assert told == ["kim:call", "lee:call", "park:call"]
    assert city.lines["console"].told() == ["city-duty-desk:call", "119-hand-off:call", "119-hand-off:call"]
    assert city.view(case).round == 2
    city.act(case, "ack", "kim")
    assert city.view(case).state == "acknowledged"


def test_who_gives_it_back_is_not_waited_for_and_may_take_it_again(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    city.act(case, "ack", "kim")
    assert city.act(case, "release", "lee") == Refused("not_yours")
    city.act(case, "release", "kim")
    city.settle()
    view = city.view(case)
    assert (view.state, view.owner, view.rung) == ("alerting", None, 1), "kim was alone on the first rung"
    told = [name for line in ("phone", "mail") for name in city.lines[line].told()]
    assert told == ["kim:call", "lee:call"], "and is not called for what they have just given back"
    assert "given_back" in city.keys(case)
    assert "김매니저 can't do it after all: calling starts again." in city.story(case)
    city.act(case, "release", "kim")
    assert city.lines["phone"].told().count("lee:call") == 1, "said twice it is one"
    city.act(case, "ack", "kim")
    assert city.view(case).owner == "kim"


def test_ten_deliveries_of_one_sos_are_one_case_with_one_call(city: City) -> None:
    assert len({city.say(Concern.SOS, key="same") for _ in range(10)}) == 1
    city.settle()
    assert city.lines["phone"].told() == ["kim:call"]
    assert len(city.rows(sa.select(cases.c.id))) == len(city.rows(sa.select(signals.c.id))) == 1


def test_texts_for_lock_screens_say_nothing_about_the_resident(city: City) -> None:
    city.say(Concern.SOS)
    city.run(600, step_s=60)
    texts = [m.text for line in ("phone", "mail", "console") for m in city.lines[line].messages]
    assert "돌봄콜 #1 긴급 확인 필요" in texts
    assert "Care Call #1 needs you now" in texts
    assert not any(word in text for text in texts for word in ("home-0001", "SOS", "bongseon"))


def test_a_check_in_that_is_answered_closes_and_nobody_is_called(city: City) -> None:
    case = city.say(Concern.INACTIVITY)
    assert case is not None
    city.settle()
    (question,) = city.lines["speaker"].messages
    assert question.ask is not None
    assert (question.address, question.purpose) == ("gw-0001", "check_in")
    assert city.answer(question.ask.id, "ok") == case
    city.run(1200, step_s=60)
    assert city.view(case).outcome == "safe"
    assert city.lines["phone"].messages == []


@pytest.mark.parametrize(
    ("said", "looked_in"),
    [
        ([(Concern.INACTIVITY, Sense.RAISE)], True),
        ([(Concern.OVERDUE, Sense.RAISE)], True),
        ([(Concern.SOS, Sense.RAISE), (Concern.INACTIVITY, Sense.RAISE)], True),
        ([(Concern.INACTIVITY, Sense.RAISE), (Concern.INACTIVITY, Sense.CLEAR)], False),
        ([(Concern.SOS, Sense.RAISE)], False),
        ([(Concern.HOME_DARK, Sense.RAISE)], False),
    ],
)
def test_who_closes_a_case_of_a_silence_that_goes_on_has_looked_in(
    city: City, said: list[tuple[Concern, Sense]], looked_in: bool
) -> None:
    case, *_ = [city.say(concern, sense=sense) for concern, sense in said]
    assert case is not None
    city.act(case, "ack", "kim")
    city.act(case, "close", "kim", outcome="safe", contact="visit")
    city.act(case, "close", "kim", outcome="safe", contact="visit")
    with city.db.read() as tx:
        found = [row for row in read(tx, 0, 10) if row.kind == "checked"]
    assert [(row.home, row.at, row.data) for row in found] == [("home-0001", T0, Checked(case))] * looked_in


def test_a_check_in_that_is_not_answered_climbs(city: City) -> None:
    case = city.say(Concern.INACTIVITY)
    assert case is not None
    city.run(299, step_s=299)
    assert city.lines["phone"].messages == []
    city.run(1)
    assert city.lines["phone"].told() == ["kim:call"]
    assert "no_answer" in city.keys(case)


def test_a_speaker_that_cannot_be_reached_does_not_hold_people_back(city: City) -> None:
    city.lines["speaker"].answers["gw-0001"] = Retry("the broker did not take it")
    city.say(Concern.INACTIVITY)
    city.run(10)
    assert city.lines["phone"].told() == ["kim:call"]


def test_not_ok_to_a_question_of_yesterday_opens_a_case(city: City) -> None:
    city.say(Concern.INACTIVITY)
    city.settle()
    question = city.lines["speaker"].messages[0].ask
    assert question is not None
    city.answer(question.id, "ok")
    case = city.answer(question.id, "not_ok")
    assert case is not None
    assert (city.view(case).concern, city.view(case).state) == ("distress", "alerting")
    assert city.answer(question.id, "not_ok") == case, "the same answer is heard once"


def test_an_sos_joins_the_open_case_raises_it_and_calls(city: City) -> None:
    case = city.say(Concern.INACTIVITY)
    city.settle()
    assert city.say(Concern.SOS) == case
    city.settle()
    assert case is not None
    assert (city.view(case).concern, city.view(case).state) == ("sos", "alerting")
    assert city.lines["phone"].told() == ["kim:call"]
    city.say(Concern.INACTIVITY)
    assert city.view(case).concern == "sos"


def test_an_empty_rung_is_passed_at_once_and_the_log_says_why(city: City) -> None:
    with city.db.write() as tx:
        people.put_cover(tx, Cover("kim", T0 - timedelta(days=1), T0 + timedelta(days=1)))
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    assert city.lines["phone"].told() == ["lee:call"]
    assert "care manager: nobody can be called now." in city.story(case)
    assert "김매니저 is away, and nobody stands in." in city.story(case)


def test_who_is_away_while_a_colleague_is_there_is_named_too(city: City) -> None:
    with city.db.write() as tx:
        people.put_member(tx, city.db.backend, Member("choi", "최매니저", Role.MANAGER, "gwangju", reach=PHONE))
        people.put_cover(tx, Cover("kim", T0 - timedelta(days=1), T0 + timedelta(days=1)))
    case = city.say(Concern.SOS)
    assert case is not None
    assert city.view(case).called == ["최매니저"]
    assert "김매니저 is away, and nobody stands in." in city.story(case)


def test_with_no_members_at_all_the_duty_desk_is_called(city: City) -> None:
    with city.db.write() as tx:
        tx.execute(sa.update(members).values(active=False))
    city.say(Concern.SOS)
    city.settle()
    assert city.lines["console"].told() == ["city-duty-desk:call"]


def test_a_gateway_nobody_enrolled_is_heard_at_the_duty_desk(city: City) -> None:
    signal = Signal("u1", Concern.UNREADABLE_SOS, Urgency.IMMEDIATE, T0, (), "ingest")
    with city.db.write() as tx:
        case = city.desk.signal(tx, signal, None, T0, gateway="gw-9999")
    city.settle()
    assert case is not None
    assert (city.view(case).home, city.view(case).area) == (None, "")
    assert city.lines["console"].told() == ["city-duty-desk:call"]


def test_an_area_has_one_case_and_its_end_closes_it(city: City) -> None:
    def outage(key: str, sense: Sense) -> int | None:
        signal = Signal(key, Concern.AREA_OUTAGE, Urgency.URGENT, T0, (), "outage", area="gwangju/nam-gu", sense=sense)
        with city.db.write() as tx:
            return city.desk.signal(tx, signal, None, T0)

    case = outage("a", Sense.RAISE)
    assert case is not None
    city.settle()
    assert city.lines["mail"].told() == ["park:call"]
    assert outage("b", Sense.CLEAR) == case
    city.settle()
    assert (city.view(case).state, city.view(case).outcome) == ("closed", "technical")
    assert city.lines["mail"].told() == ["park:call", "park:closed"]
    assert outage("c", Sense.CLEAR) is None
    assert outage("d", Sense.RAISE) != case


def test_who_was_called_hears_that_somebody_else_has_it(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.run(180, step_s=20)
    city.act(case, "ack", "lee")
    city.settle()
    assert city.lines["phone"].told() == ["kim:call", "lee:call", "kim:stand_down"]
    states = city.rows(sa.select(outbox.c.member, outbox.c.state).where(outbox.c.purpose == "call"))
    assert sorted(map(tuple, states)) == [("kim", "delivered"), ("lee", "acknowledged")]


def test_acknowledged_and_forgotten_comes_back(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.act(case, "ack", "kim")
    city.run(599, step_s=599)
    assert city.view(case).state == "acknowledged"
    city.run(1)
    assert (city.view(case).state, city.view(case).owner) == ("alerting", None)
    assert sorted(city.lines["phone"].told()) == ["kim:owner", "lee:call"]


def test_an_owner_who_is_also_next_on_the_ladder_is_called_once(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.act(case, "ack", "lee")
    city.run(600, step_s=600)
    assert city.lines["phone"].told() == ["lee:call"]


def test_what_people_do_is_refused_with_a_reason_or_done_once(city: City) -> None:
    case = city.say(Concern.INACTIVITY)
    assert case is not None
    assert city.act(999, "ack", "kim") is None
    with pytest.raises(ValueError, match="not 'sing'"):
        city.act(case, "sing", "kim")
    first = city.act(case, "ack", "kim")
    assert city.act(case, "ack", "kim") == first
    assert city.act(case, "close", "kim", outcome="safe") == Refused("no_contact")
    city.act(case, "note", "kim", note="called the daughter")
    shut = city.act(case, "close", "kim", outcome="safe", contact="phone", note="she slept")
    assert isinstance(shut, CaseView)
    assert (shut.state, shut.outcome, shut.due_at, shut.next_action) == ("closed", "safe", None, None)
    assert city.act(case, "ack", "lee") == Refused("closed")
    assert city.keys(case)[-4:] == ["acknowledged", "noted", "closed", "noted"]


def test_every_line_reads_in_both_languages_and_the_stream_misses_none(city: City) -> None:
    case = city.say(Concern.INACTIVITY)
    assert case is not None
    city.run(1800, step_s=60)
    city.act(case, "arrive", "kim")
    korean, english = city.story(case, "ko"), city.story(case, "en")
    assert "care manager: nobody can be called now." not in english
    assert "발송: 김매니저 (phone)" in korean
    assert "Sent to 김매니저 (phone)." in english
    assert all(a != b for a, b in zip(korean, english, strict=True))
    with city.db.read() as tx:
        everything = city.desk.log_since(tx, 0)
        pieces, after = [], 0
        while piece := city.desk.log_since(tx, after, 3):
            pieces += piece
            after = piece[-1].id
    assert pieces == everything
    assert [entry.id for entry in everything] == sorted(entry.id for entry in everything)


def test_the_list_puts_first_what_is_due_first(city: City) -> None:
    inactivity, smoke = city.say(Concern.INACTIVITY), city.say(Concern.SMOKE)
    with city.db.read() as tx:
        assert [c.id for c in city.desk.list(tx, "open")] == [smoke, inactivity]
        assert [c.id for c in city.desk.list(tx, "verifying")] == [inactivity]
        assert city.desk.list(tx, "closed") == []


def test_a_restart_in_the_middle_of_a_call_loses_and_repeats_nothing(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    city.clock.advance(3 * 3600)  # down for three hours: one overdue bell, not sixty
    again = Desk(load())
    bell = Bell(city.db, again, city.clock)
    assert (bell.step(), bell.step()) == (1, 0)
    assert city.view(case).rung == 1


def test_a_clock_set_back_by_a_day_does_not_silence_a_case(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    city.clock.set(T0 - timedelta(days=1))
    city.run(180, step_s=20)
    assert city.lines["phone"].told() == ["kim:call", "lee:call"]
    assert "clock_back" in city.keys(case)


def test_one_broken_case_is_reported_and_the_others_ring(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = city.say(Concern.SOS), city.say(Concern.SMOKE)
    assert whole is not None
    ring = Desk.ring

    def mistaken(desk: Desk, tx: sa.Connection, case_id: int, now: datetime) -> bool:
        if case_id == broken:
            raise LookupError("a mistake of ours")
        return ring(desk, tx, case_id, now)

    monkeypatch.setattr(Desk, "ring", mistaken)
    city.clock.advance(180)
    assert city.bell.step() == 1
    assert city.bell.failed == 1
    assert city.view(whole).rung == 1


class LateDesk(Desk):
    """A desk that looked before another one's commit: only the unique index can tell it of the open case."""

    looked = False

    def _live(self, *about: Any) -> tuple[int, Case] | None:
        looked, self.looked = self.looked, True
        return super()._live(*about) if looked else None


def test_two_transactions_that_open_the_same_case_end_in_one(city: City) -> None:
    first = city.say(Concern.SOS)
    city.desk = LateDesk(city.desk.policy)
    assert city.say(Concern.SOS) == first
    assert len(city.rows(sa.select(cases.c.id))) == 1
