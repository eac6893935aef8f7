"""A small city in which people ask for care, for tests of the first steps of the care chain."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.chain import hands
from care.episodes import Hands
from core.people import Home, Member, Reach, Role
from store import people
from store.database import Database
from store.pack_tables import services
from tests.serving import HOME, T0, City

DONG = HOME.area
OTHER = Home("home-0002", "gw-0002", "gwangju/seo-gu/chipyeong-dong", "박영희")
SERVICES = [f"service-{n}" for n in range(7)]
LEE = Member("lee", "이수진", Role.MANAGER, "gwangju/seo-gu", reach=(Reach("console"),))
WORKER = Member("worker-1", "최일꾼", Role.WORKER, "gwangju", reach=(Reach("console"),))
AWAY = Member("away", "한휴직", Role.MANAGER, "gwangju", active=False)
_ids = count(1)


class Applying(City):
    """`City` with two homes, seven services, a second manager, a worker, and one who is not active."""

    def __init__(self, db: Database, **settings: Any) -> None:
        super().__init__(db, **settings)
        self.hands: Hands = hands(self.desk)
        with db.write() as tx:
            people.put_home(tx, db.backend, OTHER, T0)
            for member in (LEE, WORKER, AWAY):
                people.put_member(tx, db.backend, member)
            for code in SERVICES:
                tx.execute(sa.insert(services).values(service(code)))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def close_case(self, case: int, outcome: str, by: str = "kim") -> None:
        """Somebody takes a Care Call, goes there and closes it."""
        with self.db.write() as tx:
            for verb in ("ack", "arrive"):
                self.desk.act(tx, case, verb, by, self.now)
            self.desk.act(tx, case, "close", by, self.now, outcome=outcome)


def service(code: str, city: str = "gwangju") -> dict[str, Any]:
    """A row of `services`."""
    return {
        "city": city, "code": code, "name_ko": code, "name_en": code, "unit": "visit", "price_won": 10_000,
        "by": "private", "hours": "any", "most_units": 30, "active": True,
    }  # fmt: skip


def application(**said: Any) -> dict[str, Any]:
    """A request's body with an id of its own; for somebody new, unless it says for whom."""
    body = {"id": f"tablet-{next(_ids):06}", "origin": "operator", "priority": "routine", "by": "kim"}
    whom = {} if {"home", "person", "name", "area"} & said.keys() else {"name": "정말순", "area": DONG}
    return {**body, **whom, **said}


def rows(tx: Connection, table: sa.Table) -> list[dict[str, Any]]:
    """All rows of a table."""
    return [dict(row) for row in tx.execute(sa.select(table)).mappings()]
