"""A town whose providers have done work, for tests of claims and money: orders and records by SQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.people import Member, Role
from store import people
from store.care_tables import episodes, orders, persons, plan_items, plans, records
from store.pack_tables import budgets, provider_staff, providers
from store.tables import cases


class Billing:
    """A city `code` with the districts `CODE/a-gu` and `CODE/b-gu`, members of its offices and two providers.

    Its people's ids begin with the code, so that many towns fit into one database.
    """

    def __init__(self, tx: Connection, code: str, at: datetime, *, budget: int | None = None) -> None:
        self.at, self.code = at, code
        self.a, self.b = f"{code}/a-gu", f"{code}/b-gu"
        self.providers = (f"{code}-meals", f"{code}-home")
        for id in self.providers:
            row = {"id": id, "city": code, "name_ko": id, "name_en": id, "kind": "private", "areas": [code]}
            tx.execute(sa.insert(providers).values(**row, active=True, hook_url=None, hook_secret=None))
        self.member(tx, "kim", Role.MANAGER, self.a, called="김지민")
        self.member(tx, "lee", Role.MANAGER, self.a)
        self.member(tx, "seo", Role.MANAGER, self.b)
        self.member(tx, "park", Role.SUPERVISOR, code)
        self.member(tx, "duty", Role.DUTY, code)
        self.member(tx, "both", Role.MANAGER, code)
        self.member(tx, "gone", Role.MANAGER, code, active=False)
        self.member(tx, "hand", Role.WORKER, code)
        for staff in ("both", "hand"):
            row = {"member": self.id(staff), "provider": self.providers[0]}
            tx.execute(sa.insert(provider_staff).values(row))
        if budget is not None:
            tx.execute(sa.insert(budgets).values(city=code, year=at.year, won=budget))
        self._people = {real: self._episode(tx, real, at) for real in (True, False)}
        self._records = 0

    def id(self, name: str) -> str:
        return f"{self.code}-{name}"

    def member(
        self, tx: Connection, name: str, role: Role, area: str, *, active: bool = True, called: str = ""
    ) -> None:
        """A member whose id is `CODE-NAME`."""
        id = self.id(name)
        people.put_member(tx, tx.dialect.name, Member(id, called or id, role, area, active=active))

    def _episode(self, tx: Connection, real: bool, at: datetime) -> tuple[str, int, int]:
        person, exercise = f"p-{self.code}-{real}", not real
        row = {"id": person, "name": "순자", "area": self.a, "risk": "normal", "exercise": exercise}
        tx.execute(sa.insert(persons).values(**row, contact_at=at, created_at=at))
        case = {"subject": f"person:{person}", "area": self.a, "group": "care", "concern": "application", "urgency": 1}
        case |= {"state": "closed", "opened_at": at, "exercise": exercise, "body": {}}
        case_id = tx.execute(sa.insert(cases).values(case).returning(cases.c.id)).scalar_one()
        about = {"application": person, "person": person, "area": self.a, "origin": "self", "priority": "routine"}
        about |= {"case_id": case_id, "stage": "linkage", "stage_since": at, "owner": "x", "opened_at": at, "note": ""}
        about |= {"requested": [], "by": "x", "exercise": exercise}
        episode = tx.execute(sa.insert(episodes).values(about).returning(episodes.c.id)).scalar_one()
        drawn = {"episode": episode, "state": "agreed", "goals": "", "by": "x", "at": at, "agreed_at": at}
        return person, episode, tx.execute(sa.insert(plans).values(drawn).returning(plans.c.id)).scalar_one()

    def order(
        self, tx: Connection, *, units: int, price: int, provider: int = 0, gu: str = "", exercise: bool = False
    ) -> int:
        """An accepted order; its id."""
        (person, episode, plan), at = self._people[not exercise], self.at
        span = {"start": at, "end": at + timedelta(days=90)}
        item = sa.insert(plan_items).values(plan=plan, service="meals", units=units, **span)
        row = {"item": tx.execute(item.returning(plan_items.c.id)).scalar_one(), "episode": episode, "person": person}
        row |= {"area": f"{gu or self.a}/one-dong", "service": "meals", "provider": self.providers[provider]}
        row |= {"units": units, "price_won": price, **span, "state": "accepted", "owner": "x", "offered_at": at}
        row |= {"exercise": exercise}
        return int(tx.execute(sa.insert(orders).values(row).returning(orders.c.id)).scalar_one())

    def record(self, tx: Connection, order: int, units: int, outcome: str = "done") -> str:
        """Something done for an order; its id."""
        self._records += 1
        id, at = f"{self.code}-record-{self._records:04}", self.at + timedelta(hours=self._records)
        provider = tx.scalar(sa.select(orders.c.provider).where(orders.c.id == order))
        row = {"id": id, "order": order, "provider": provider, "worker": self.id("hand"), "start": at, "end": at}
        row |= {"outcome": outcome, "units": units, "note": "", "digest": id, "received_at": at}
        tx.execute(sa.insert(records).values(row))
        return id
