"""What who goes out has before them, for tests of their pages: a visit to make, a service to deliver."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page

from access.roles import Role
from app.chain import hands
from care import episodes, facts, linkage, persons, visits, work
from care.order import Order
from care.visit import Kind, Visit
from core.people import Member, Reach
from core.people import Role as MemberRole
from core.signals import Concern, Urgency
from store import people
from store.care_tables import plan_items, plans, records, visit_versions
from store.pack_tables import provider_services, provider_staff, providers, services
from tests.accounts import account
from tests.browser.conftest import Place
from tests.serving import HOME

SECRET = "4711#"
NOTE = "무릎이 많이 아프다고 하심"


def visit(place: Place, id: str = "visit-0001", owner: str = "kim", due_h: float = 3) -> str:
    """A visit to the one resident, whose door opens by `SECRET`."""
    now = place.clock.now()
    with place.db.write() as tx:
        them = persons.of_home(tx, HOME, now)
        for field, value in (("address", "봉선로 12, 301호"), ("key_safe", SECRET), ("phone", "062-000-0000")):
            facts.put_fact(tx, them.id, field, value, "kim", now)
        due_at = now + timedelta(hours=due_h)
        made = visits.plan_visit(
            tx, id=id, person=them.id, kind=Kind.FOLLOW_UP, owner=owner, due_at=due_at, planned_at=None,
            episode=None, by="kim", now=now,
        )  # fmt: skip
    assert isinstance(made, Visit), made
    return made.id


def forms(place: Place, id: str = "visit-0001") -> list[Any]:
    """Every form of a visit that the city has."""
    with place.db.read() as tx:
        return list(tx.execute(sa.select(visit_versions).where(visit_versions.c.visit == id)))


def provider(place: Place, *, accepted: bool = True) -> int:
    """A provider with one worker, `mina`, and an order of ten meals for the resident; its id."""
    now = place.clock.now()
    case = place.signal(Concern.APPLICATION, Urgency.SOON)
    with place.db.write() as tx:
        service = {"code": "meal", "name_ko": "식사 지원", "name_en": "Meals", "unit": "visit", "price_won": 9000}
        rest = {"by": "any", "city": "gwangju", "hours": "any", "most_units": 99, "active": True}
        tx.execute(sa.insert(services).values(**service, **rest))
        named = {"id": "meals", "city": "gwangju", "name_ko": "밥상", "name_en": "Table", "kind": "company"}
        tx.execute(sa.insert(providers).values(**named, areas=["gwangju/nam-gu"], active=True))
        tx.execute(sa.insert(provider_services).values(provider="meals", service="meal"))
        worker = Member("mina", "오미나", MemberRole.WORKER, "gwangju", reach=(Reach("console", "mina"),))
        people.put_member(tx, place.db.backend, worker)
        tx.execute(sa.insert(provider_staff).values(member="mina", provider="meals"))
        them = persons.of_home(tx, HOME, now)
        facts.put_fact(tx, them.id, "key_safe", SECRET, "kim", now)
        row = {
            "application": "app-00001", "person": them.id, "area": HOME.area, "origin": "self", "priority": "soon",
            "case_id": case, "stage": "linkage", "stage_since": now, "owner": "kim", "due_at": now + timedelta(days=9),
            "opened_at": now, "requested": [], "note": "", "by": "kim", "exercise": False,
        }  # fmt: skip
        episode = episodes.put(tx, row, now, "kim")
        plan = {"episode": episode, "state": "agreed", "goals": "", "by": "kim", "at": now, "agreed_at": now}
        number = tx.execute(sa.insert(plans).values(plan).returning(plans.c.id)).scalar_one()
        item = {"plan": number, "service": "meal", "units": 10, "start": now, "end": now + timedelta(days=10)}
        wanted = int(tx.execute(sa.insert(plan_items).values(item).returning(plan_items.c.id)).scalar_one())
        order = linkage.offer(tx, wanted, "meals", "kim", now)
        assert isinstance(order, Order), order
        if accepted:
            linkage.accept(tx, order.id, "mina", now)
    account(place.db, "mina", Role.WORKER, provider="meals", member="mina", name="오미나")
    return order.id


def task(place: Place, order: int, key: str = "task-0001") -> int:
    """Two of the meals, today, for `mina`."""
    now = place.clock.now()
    with place.db.write() as tx:
        done = work.assign(
            tx, order, key, "mina", now + timedelta(minutes=1), 2, "mina", lambda at: False, hands(place.desk), now
        )
    assert isinstance(done, tuple), done
    return done[0].id


def recorded(place: Place) -> list[Any]:
    """Every record that the city has."""
    with place.db.read() as tx:
        return list(tx.execute(sa.select(records)))


def taken_along(page: Page) -> None:
    """Wait until the console could start again without reception."""
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.match('/').then(Boolean)")
    page.wait_for_function("window.navigator.serviceWorker.controller !== null")
    # Who they are, and their day.
    page.wait_for_function(
        """async () => {
          if (!(await indexedDB.databases()).some((one) => one.name === "anbu")) return false;
          const db = await new Promise((found, not) => {
            const asked = indexedDB.open("anbu");
            asked.onsuccess = () => found(asked.result);
            asked.onerror = not;
          });
          const names = await new Promise((found) => {
            const asked = db.transaction("day").objectStore("day").getAllKeys();
            asked.onsuccess = () => found(asked.result);
          });
          db.close();
          return names.includes("me") && names.length > 1;
        }"""
    )


def kept(page: Page) -> str:
    """Everything that IndexedDB holds, bytes as the letters that they would be."""
    text: str = page.evaluate(
        """async () => {
          const said = [];
          const seen = (value) => {
            if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
              const bytes = new Uint8Array(value instanceof ArrayBuffer ? value : value.buffer);
              return new TextDecoder().decode(bytes);
            }
            if (value instanceof CryptoKey) return `key, extractable ${value.extractable}`;
            if (value && typeof value === "object") {
              return Object.entries(value).map(([name, one]) => `${name}=${seen(one)}`).join();
            }
            return String(value);
          };
          for (const { name } of await indexedDB.databases()) {
            const db = await new Promise((done, no) => {
              const asked = indexedDB.open(name);
              asked.onsuccess = () => done(asked.result);
              asked.onerror = no;
            });
            for (const store of db.objectStoreNames) {
              const all = await new Promise((done) => {
                const asked = db.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => done(asked.result);
              });
              for (const one of all) said.push(`${store}: ${seen(one)}`);
            }
            db.close();
          }
          return said.join("\\n");
        }"""
    )
    return text


def on_the_device(page: Page) -> None:
    """Waits until the last stroke is written down: a page that is closed within its millisecond loses it."""
    page.wait_for_timeout(250)
    seen = kept(page)
    while (page.wait_for_timeout(250) or kept(page)) != seen:
        seen = kept(page)
