"""A city in which one person's plan is agreed, with a provider and its workers, for tests of what comes after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from app.chain import hands
from care import episodes, persons
from core.people import Home, Member, Reach, Role
from core.signals import Concern, Evidence, Urgency
from store import people
from store.care_tables import care_log, orders, plan_items, plans
from store.database import Database
from store.pack_tables import provider_services, provider_staff, providers, services
from store.tables import cases, outbox
from tests.serving import HOME, T0, City

WORKERS = ("worker-1", "worker-2")
END = T0 + timedelta(days=10)
SECOND = Home("home-0002", "gw-0002", "gwangju/nam-gu/bongseon-1-dong", "이복순")


class Linked(City):
    """One episode at the stage of linkage; `item` is ten units of meals."""

    def __init__(self, db: Database, *, stage: str = "linkage", exercise: bool = False, priority: str = "soon") -> None:
        super().__init__(db)
        self.hands = hands(self.desk)
        self.stage, self.exercise, self.priority = stage, exercise, priority
        with db.write() as tx:
            for code, hours in (("meal", "any"), ("office", "office"), ("night", "off_hours")):
                row = {"code": code, "name_ko": code, "name_en": code, "unit": "visit", "price_won": 9000, "by": "any"}
                full = {**row, "city": "gwangju", "hours": hours, "most_units": 99, "active": True}
                tx.execute(sa.insert(services).values(full))
            for id in ("meals-1", "meals-2"):
                named = {"id": id, "city": "gwangju", "name_ko": id, "name_en": id, "kind": "company"}
                tx.execute(sa.insert(providers).values(**named, areas=["gwangju/nam-gu"], active=True))
                for code in ("meal", "office", "night"):
                    tx.execute(sa.insert(provider_services).values(provider=id, service=code))
            for id in WORKERS:
                worker = Member(id, id, Role.WORKER, "gwangju", reach=(Reach("console", id),))
                people.put_member(tx, db.backend, worker)
                tx.execute(sa.insert(provider_staff).values(member=id, provider="meals-1"))
        self.episode, self.item = self.planned(HOME)

    def planned(self, home: Home, *, service: str = "meal", units: int = 10) -> tuple[int, int]:
        """Another person's episode with an agreed plan of one item: the ids of both."""
        with self.db.write() as tx:
            people.put_home(tx, self.db.backend, home, T0)
            person = persons.of_home(tx, home, T0, exercise=self.exercise)
        case = self.signal(Concern.APPLICATION, Urgency.SOON, Evidence("evidence.sos", {"device": "x"}), home=home)
        row = {
            "application": f"app-{home.id}", "person": person.id, "area": home.area, "origin": "self",
            "priority": self.priority, "case_id": case, "stage": self.stage, "stage_since": T0, "owner": "kim",
            "due_at": T0 + timedelta(days=14), "opened_at": T0, "requested": [], "note": "", "by": "kim",
            "exercise": self.exercise,
        }  # fmt: skip
        with self.db.write() as tx:
            id = episodes.put(tx, row, T0, "kim")
            plan = {"episode": id, "state": "agreed", "goals": "", "by": "kim", "at": T0, "agreed_at": T0}
            number = tx.execute(sa.insert(plans).values(plan).returning(plans.c.id)).scalar_one()
        return id, self.add_item(number, service, units)

    def add_item(self, plan: int, service: str = "meal", units: int = 10) -> int:
        item = {"plan": plan, "service": service, "units": units, "start": T0, "end": END}
        with self.db.write() as tx:
            return int(tx.execute(sa.insert(plan_items).values(item).returning(plan_items.c.id)).scalar_one())

    # --- what is in the database

    def log(self, what: str) -> list[Any]:
        with self.db.read() as tx:
            mine = care_log.c.what == f"care.log.{what}"
            return list(tx.execute(sa.select(care_log).where(mine).order_by(care_log.c.id)))

    def order(self, id: int) -> Any:
        with self.db.read() as tx:
            return tx.execute(sa.select(orders).where(orders.c.id == id)).one()

    def cases(self, concern: Concern) -> list[Any]:
        with self.db.read() as tx:
            return list(tx.execute(sa.select(cases).where(cases.c.concern == concern)))

    def notices(self, purpose: str) -> list[Any]:
        with self.db.read() as tx:
            return list(tx.execute(sa.select(outbox).where(outbox.c.purpose == purpose).order_by(outbox.c.id)))


def post(door: httpx.Client, path: str, status: int = 200, **body: Any) -> Any:
    """The answer's body; of a refusal, its code."""
    answer = door.post(f"/api/care/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if status == 200 else answer.json()["detail"]["code"]


def taken(door: httpx.Client, item: int, provider: str = "meals-1") -> int:
    """An accepted order's id."""
    id = int(post(door, "orders", item=item, provider=provider, by="kim")["id"])
    assert post(door, f"orders/{id}/accept", by="kim")["state"] == "accepted"
    return id


def record_of(order: int | None, *, hours: float = 0, units: int = 1, **other: Any) -> dict[str, Any]:
    """A record's body: an hour of work that began `hours` after T0."""
    start = T0 + timedelta(hours=hours)
    times = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    return {"order": order, "worker": "worker-1", "outcome": "done", "units": units, **times, **other}


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)
