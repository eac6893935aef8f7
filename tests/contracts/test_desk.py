"""The desk, the bell and the outbox on both databases, with people who answer, sleep, or can't be reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.bell import Bell
from alerts.case import Refused
from alerts.channels import Answer, Channel, Message, Sent
from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.policy import load
from alerts.views import CaseView
from core.clock import ManualClock
from core.people import Home, Member, Reach, Role
from core.signals import Concern, Evidence, Signal, Urgency
from store import people
from store.database import Database
from store.tables import cases, signals

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # Saturday, 14:00 in Seoul
HOME = Home("home-0001", "gw-0001", "gwangju/nam-gu/bongseon-1-dong")
PHONE = (Reach("phone", "tel"),)


class Line:
    """A channel whose far end answers as the test says, address by address."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answers: dict[str, Answer] = {}

    def send(self, message: Message) -> Answer:
        self.messages.append(message)
        return self.answers.get(message.address, Sent(delivered=True))

    def told(self) -> list[str]:
        """To whom each message went, and what for."""
        return [f"{m.member or m.address}:{m.purpose}" for m in self.messages]


class City:
    """A desk, a bell and an outbox on one database and one clock."""

    def __init__(self, db: Database, policy: Path | None = None) -> None:
        self.db, self.clock = db, ManualClock(T0)
        self.desk = Desk(load(policy))
        self.lines = {name: Line() for name in ("phone", "mail", "speaker", "console")}
        channels: dict[str, Channel] = dict(self.lines)
        self.outbox = Outbox(db, self.desk, channels, self.clock)
        self.bell = Bell(db, self.desk, self.clock)
        self.presses = 0
        with db.write() as tx:
            people.put_home(tx, db.backend, HOME, T0)
            for member in (
                Member("kim", "김매니저", Role.MANAGER, "gwangju/nam-gu", reach=PHONE),
                Member(
                    "lee", "이책임", Role.SUPERVISOR, "gwangju", reach=(Reach("phone", "lee"), Reach("mail", "lee"))
                ),
                Member("park", "박당직", Role.DUTY, "gwangju", language="en", reach=(Reach("mail", "park"),)),
            ):
                people.put_member(tx, db.backend, member)

    def say(self, concern: Concern, key: str = "", **more: Any) -> int | None:
        self.presses += 1
        urgency = Urgency.IMMEDIATE if concern is Concern.SOS else Urgency.ROUTINE
        evidence = (Evidence("evidence.sos", {"device": "button"}),)
        signal = Signal(
            key or f"s{self.presses}", concern, urgency, self.clock.now(), evidence, "test", HOME.id, **more
        )
        with self.db.write() as tx:
            return self.desk.signal(tx, signal, HOME, self.clock.now())

    def act(self, case_id: int, verb: str, by: str, **more: Any) -> CaseView | Refused | None:
        with self.db.write() as tx:
            return self.desk.act(tx, case_id, verb, by, self.clock.now(), **more)

    def answer(self, ask: str, result: str) -> int | None:
        with self.db.write() as tx:
            return self.desk.answered(tx, HOME.id, ask, result, self.clock.now())

    def run(self, seconds: float, step_s: float = 1.0) -> None:
        """Let time pass in small steps, as the loops of a running city do."""
        self.settle()
        for _ in range(int(seconds / step_s)):
            self.clock.advance(step_s)
            self.settle()

    def settle(self) -> None:
        while self.bell.step() + self.outbox.step(5.0) or not self.outbox.idle:
            pass

    def view(self, case_id: int) -> CaseView:
        with self.db.read() as tx:
            found = self.desk.view(tx, case_id)
        assert found is not None
        return found

    def story(self, case_id: int, language: str = "en") -> list[str]:
        with self.db.read() as tx:
            return [entry.what for entry in self.desk.timeline(tx, case_id, language)]

    def keys(self, case_id: int) -> list[str]:
        with self.db.read() as tx:
            return [entry.key.removeprefix("case.log.") for entry in self.desk.timeline(tx, case_id)]

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.db.read() as tx:
            return list(tx.execute(query).all())


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
