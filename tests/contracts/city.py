"""A city on one database and one clock, for tests: a desk, a bell, an outbox, and lines whose far end we hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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

    def __init__(self, db: Database, policy: Path | None = None, more: Mapping[str, Channel] | None = None) -> None:
        self.db, self.clock = db, ManualClock(T0)
        self.desk = Desk(load(policy))
        self.lines = {name: Line() for name in ("phone", "mail", "text", "speaker", "console")}
        channels: dict[str, Channel] = {**self.lines, **(more or {})}
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
        while self.bell.step() + self.outbox.step(0.2) or not self.outbox.idle:
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
