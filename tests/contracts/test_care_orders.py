"""Orders over HTTP on both databases: offered, answered or not, and back at the gu-office."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from care import episodes, linkage
from care.order import Order
from core.signals import Concern
from core.words import WORDS
from store.care_tables import care_log, orders, persons, plans
from store.database import Database
from store.pack_tables import providers, services
from tests.linked import END, SECOND, Linked, at, post, record_of, taken
from tests.serving import T0


def chore(city: Linked) -> int:
    with city.db.write() as tx:
        return linkage.chore(tx, city.hands, city.clock.now())


def test_an_item_is_offered_once_at_the_price_of_that_day(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        waiting = door.get("/api/care/unplaced", params={"area": "gwangju/nam-gu"}).json()
        assert [(one["item"], one["owner"], one["last"]) for one in waiting] == [
            (city.item, "office:gwangju/nam-gu", None)
        ]
        assert door.get("/api/care/unplaced", params={"area": "gwangju/nam"}).json() == []
        made = post(door, "orders", item=city.item, provider="meals-1", by="kim")
        assert (made["state"], made["owner"], made["price_won"]) == ("offered", "provider:meals-1", 9000)
        assert made["due_at"] == at(24).isoformat().replace("+00:00", "Z")
        with db.write() as tx:
            tx.execute(sa.update(services).values(price_won=9900))
        assert post(door, "orders", 409, item=city.item, provider="meals-2", by="kim") == "order_live"
        assert post(door, f"orders/{made['id']}/accept", by="kim")["price_won"] == 9000
        assert door.get("/api/care/unplaced").json() == []
        listed = door.get("/api/care/orders", params={"provider": "meals-1", "state": "accepted", "area": "gwangju"})
        assert [one["id"] for one in listed.json()] == [made["id"]]
        assert door.get("/api/care/orders", params={"provider": "meals-2"}).json() == []
        assert door.get("/api/care/orders", params={"area": "gwangju/nam-gu/bong"}).json() == []
        assert door.get(f"/api/care/orders/{made['id']}").json()["due_at"] is not None
        assert door.get("/api/care/orders/999").status_code == 404


def test_the_same_key_offers_once(db: Database) -> None:
    city = Linked(db)
    body, key = {"item": city.item, "provider": "meals-1", "by": "kim"}, {"Idempotency-Key": "offer-1"}
    with city.serve() as door:
        answers = [door.post("/api/care/orders", json=body, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert [answer.status_code for answer in answers] == [200, 200]


def test_what_cannot_be_offered(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:

        def refused(status: int = 409, item: int = city.item, provider: str = "meals-1", by: str = "kim") -> str:
            return str(post(door, "orders", status, item=item, provider=provider, by=by))

        assert refused(404, item=999) == "unknown_item"
        assert refused(404, provider="nobody") == "unknown_provider"
        assert door.post("/api/care/orders", json={"item": 1, "provider": "x", "by": "\u200b"}).status_code == 422
        with db.write() as tx:
            plan = tx.scalar(sa.select(plans.c.id))
            assert plan is not None
        assert refused(404, item=city.add_item(plan, "massage")) == "unknown_service"
        changes = [
            (sa.update(providers).values(areas=["gwangju/nam-gu/bong"]), "order_area", 409),
            (sa.update(providers).values(city="daejeon", areas=["gwangju"]), "order_service", 409),
            (sa.update(providers).values(active=False), "unknown_provider", 404),
            (sa.update(services).values(active=False), "unknown_service", 404),
            (sa.update(plans).values(state="replaced"), "plan_not_agreed", 409),
            (sa.update(persons).values(gone_at=T0), "order_person_gone", 409),
        ]
        for change, code, status in changes:
            with db.write() as tx:
                tx.execute(change)
            assert refused(status) == code
        assert door.get("/api/care/unplaced").json() == [], "nothing is planned for who is gone"


@pytest.mark.parametrize("stage", ["plan", "evaluation", "closed"])
def test_another_stage_offers_nothing(db: Database, stage: str) -> None:
    city = Linked(db, stage=stage)
    with city.serve() as door:
        assert post(door, "orders", 409, item=city.item, provider="meals-1", by="kim") == "not_linkage"


@pytest.mark.parametrize(("priority", "hours"), [("soon", 24), ("urgent", 2)])
def test_a_silent_provider_goes_back_to_the_gu(db: Database, priority: str, hours: int) -> None:
    city = Linked(db, priority=priority)
    with city.serve() as door:
        id = post(door, "orders", item=city.item, provider="meals-1", by="kim")["id"]
        city.clock.set(at(hours - 0.1))
        assert chore(city) == 0
        city.clock.set(at(hours))
        assert chore(city) == 1
        assert chore(city) == 0
        lapsed = door.get(f"/api/care/orders/{id}").json()
        assert (lapsed["state"], lapsed["owner"], lapsed["due_at"]) == ("lapsed", "office:gwangju/nam-gu", None)
        (back,) = door.get("/api/care/unplaced", params={"area": "gwangju/nam-gu"}).json()
        assert (back["item"], back["last"], back["owner"]) == (city.item, "lapsed", "office:gwangju/nam-gu")
        assert back["due_at"] == at(hours + 24).isoformat().replace("+00:00", "Z")
        (case,) = city.cases(Concern.CARE_OVERDUE)
        assert case.home == "home-0001"
        assert post(door, f"orders/{id}/accept", 409, by="kim") == "order_state", "it is too late"
        city.clock.set(at(hours + 24))
        assert chore(city) == 1, "and nobody else was asked"
        assert chore(city) == 0
        taken(door, city.item, "meals-2")
        assert door.get("/api/care/unplaced").json() == []


def test_what_is_declined_goes_back_and_what_is_cancelled_stays_so(db: Database) -> None:
    city = Linked(db, exercise=True)
    with city.serve() as door:
        first = post(door, "orders", item=city.item, provider="meals-1", by="kim")
        assert first["exercise"] is True
        assert door.post(f"/api/care/orders/{first['id']}/decline", json={"by": "kim"}).status_code == 422
        gone = post(door, f"orders/{first['id']}/decline", by="kim", reason="no driver")
        assert (gone["state"], gone["owner"], gone["reason"]) == ("declined", "office:gwangju/nam-gu", "no driver")
        (back,) = door.get("/api/care/unplaced").json()
        assert (back["last"], back["exercise"]) == ("declined", True)
        second = taken(door, city.item, "meals-2")
        assert post(door, f"orders/{second}/cancel", by="kim", reason="hospital")["state"] == "cancelled"
        assert post(door, f"orders/{second}/cancel", by="kim", reason="other")["reason"] == "hospital"
        for verb, said in (("accept", {}), ("decline", {"reason": "x"}), ("finish", {"reason": "x"})):
            assert post(door, f"orders/{second}/{verb}", 409, by="kim", **said) == "order_state"
        for verb in ("accept", "finish"):
            assert post(door, f"orders/999/{verb}", 404, by="kim") == "unknown_order"


def test_when_all_is_done_the_episode_goes_on(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        id = taken(door, city.item)
        assert post(door, f"orders/{id}/finish", 409, by="kim", reason="early") == "order_unfinished"
        city.clock.set(END + timedelta(days=2))
        assert chore(city) == 1, "its time is over, and units are missing"
        assert city.order(id).owner == "office:gwangju/nam-gu"
        assert chore(city) == 0
        assert post(door, f"orders/{id}/finish", 409, by="kim") == "order_unfinished"
        assert post(door, f"orders/{id}/finish", by="kim", reason="moved to a hospital")["state"] == "done"
        assert city.log("moved")[-1].numbers["to"] == "evaluation"


def test_with_its_last_unit_recorded_the_episode_goes_on(db: Database) -> None:
    city = Linked(db)
    with db.write() as tx:
        plan = tx.scalar(sa.select(plans.c.id)) or 0
    second = city.add_item(plan)
    with city.serve() as door:
        for n, item in enumerate((city.item, second)):
            assert not city.log("moved"), "not before everything is delivered"
            id = taken(door, item)
            answer = door.put(f"/api/care/records/phone-000{n}", json=record_of(id, hours=-1, units=10))
            assert answer.status_code == 200, answer.text
            assert city.order(id).state == "done"
        assert city.log("moved")[-1].numbers["to"] == "evaluation"


def test_a_stage_lasts_as_long_as_the_services_that_are_placed(db: Database) -> None:
    place = Linked(db)
    with db.write() as tx:
        made = linkage.offer(tx, place.item, "meals-1", "kim", T0)
        assert isinstance(made, Order)
        before = episodes.episode(tx, place.episode)
        linkage.accept(tx, made.id, "worker-1", T0)
        after = episodes.episode(tx, place.episode)
        # An order that ends before the stage would leaves the deadline alone; a longer one takes it along.
        assert before is not None
        assert after is not None
        assert after.due_at == before.due_at
        tx.execute(sa.update(orders).where(orders.c.id == made.id).values(end=T0 + timedelta(days=60), state="offered"))
        linkage.accept(tx, made.id, "worker-1", T0)
        longer = episodes.episode(tx, place.episode)
        assert longer is not None
        assert longer.due_at == T0 + timedelta(days=61)


def test_nobody_is_told_of_what_was_cancelled(db: Database) -> None:
    city = Linked(db)
    with city.serve() as door:
        id = taken(door, city.item)
        post(door, f"orders/{id}/cancel", by="kim", reason="their daughter cooks")
        assert [one["last"] for one in door.get("/api/care/unplaced").json()] == ["cancelled"]
    city.clock.set(at(100))
    assert chore(city) == 0


def test_pages_hold_what_they_should(db: Database) -> None:
    city = Linked(db)
    _, other = city.planned(SECOND)
    with city.serve() as door:
        ids = [taken(door, item) for item in (city.item, other)]
        pages = [door.get("/api/care/orders", params={"limit": 1, "offset": n}).json() for n in (0, 1, 2)]
        assert sorted(one["id"] for page in pages for one in page) == ids
        assert door.get("/api/care/orders", params={"limit": 201}).status_code == 422
    with db.read() as tx:
        for line in tx.execute(sa.select(care_log)):
            assert line.what in WORDS
            assert WORDS[line.what][0].format(**line.numbers)
