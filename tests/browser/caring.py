"""A city with its pack: offices and providers by their names, and people on their way through the care chain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.roles import Role
from app.chain import cast, hands
from care import catalogue, episodes, instruments, intake, linkage, planning, work
from care.assess import record_assessment
from care.episodes import Episode
from care.instruments import load_shipped
from care.intake import Application
from care.order import Outcome, Sent
from care.planning import Want
from core.care import Origin, Priority, Refused
from core.people import Member, Reach
from core.people import Role as MemberRole
from store import people
from store.pack_tables import provider_staff
from tests.accounts import account
from tests.browser.conftest import BONGSEON, Place

GU = "gwangju/nam-gu"


def episode(tx: Connection, id: int) -> Episode:
    found = episodes.episode(tx, id)
    assert found is not None
    return found


class Caring(Place):
    """The city with its pack loaded, a second supervisor, and the worker of one of its providers."""

    def __init__(self, place: Place) -> None:
        self.__dict__ = place.__dict__
        self.hands = hands(self.desk)
        now = self.clock.now()
        shin = Member("shin", "신동엽", MemberRole.SUPERVISOR, GU, reach=(Reach("console"),))
        with self.db.write() as tx:
            load_shipped(tx, now)
            cast(tx, self.db.backend, "gwangju", "http://127.0.0.1:9", now)
            people.put_member(tx, self.db.backend, shin)
            staff = sa.select(provider_staff.c.member, provider_staff.c.provider)
            able = {one.provider: one.member for one in tx.execute(staff)}
        self.provider = next(id for id in sorted(able) if self._serves(id))
        self.worker = able[self.provider]
        account(self.db, "shin", Role.SUPERVISOR, GU, member="shin", name="신동엽")
        account(self.db, "worker", Role.WORKER, member=self.worker, provider=self.provider, name="제공 인력")
        account(self.db, "audit", Role.AUDITOR, "gwangju", name="감사 담당")

    def _serves(self, provider: str) -> bool:
        with self.db.read() as tx:
            found = catalogue.providers(tx, "gwangju", "meals", BONGSEON)
        return provider in [one.id for one in found]

    def asked(self, name: str, *services: str) -> int:
        """The episode of somebody who has asked for care themselves."""
        said = Application(
            f"asked-{uuid4().hex}", Origin.SELF, Priority.SOON, "kim", "", services, name=name, area=BONGSEON
        )
        return int(self.done(lambda tx, now: intake.apply(tx, said, self.hands, now)).id)

    def delivered(self, name: str) -> int:
        """The episode of somebody who has received a meal, which nobody has claimed."""
        id = self.asked(name, "meals")
        now = self.clock.now()
        self.done(lambda tx, at: episodes.take(tx, episode(tx, id), "kim", at))
        self.done(lambda tx, at: intake.by_phone(tx, episode(tx, id), "kim", self.hands, at))
        with self.db.read() as tx:
            it = instruments.offered(tx, "care_level", 9, 0)[0]
        answers = {item.code: item.choices[0].points for item in it.items}
        self.done(lambda tx, at: record_assessment(tx, f"assessed-{id:08d}", id, answers, "kim", at, self.hands))
        want = Want("meals", 1, now - timedelta(days=1), now + timedelta(days=30))
        plan = self.done(lambda tx, at: planning.draft(tx, id, "", [want], "kim", at))
        self.done(lambda tx, at: planning.agree(tx, plan.id, "kim", self.hands, at))
        order = self.done(lambda tx, at: linkage.offer(tx, plan.items[0].id, self.provider, "kim", at))
        self.done(lambda tx, at: linkage.accept(tx, order.id, self.worker, at))
        hour = timedelta(hours=1)
        sent = Sent(f"record-{id:08d}", order.id, None, self.worker, now - 2 * hour, now - hour, Outcome.DONE, 1)
        self.done(lambda tx, at: work.record(tx, sent, self.hands, at))
        return id

    def done(self, act: Any) -> Any:
        """What the city does now; it must not refuse."""
        with self.db.write() as tx:
            done = act(tx, self.clock.now())
        assert not isinstance(done, Refused), done
        return done
