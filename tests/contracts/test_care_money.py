"""Claims, the ledger and the budget over HTTP, on both databases: judged by two, paid once, accounted for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from care import claims as chain
from care.claim import Act
from care.sent import kept
from store.care_tables import care_log, claim_items, entries
from store.database import Database, insert_new
from store.pack_tables import provider_staff
from store.tables import members
from tests.billing import Billing
from tests.serving import T0, City

CITY = {"city": "daejeon", "year": 2026}


@dataclass
class Till:
    """The open door of a city, and what its providers have done."""

    city: City
    door: httpx.Client
    town: Billing
    keys: int = 0

    def done(self, *units: int, price: int = 10_000, ordered: int = 100, **of: Any) -> list[str]:
        """Records of one order."""
        with self.city.db.write() as tx:
            order = self.town.order(tx, units=ordered, price=price, **of)
            return [self.town.record(tx, order, each) for each in units]

    def post(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
        answer = self.door.post(f"/api/care/{path}", json=body, headers=headers)
        return answer.status_code, answer.json()

    def submit(self, records: list[str], by: str = "박청구", key: str = "", provider: int = 0) -> tuple[int, Any]:
        self.keys += 1
        self.employ(by, self.town.providers[provider])
        body = {"key": key or f"key-{self.keys:06}", "provider": self.town.providers[provider], "records": records}
        return self.post("claims", {**body, "by": by})

    def employ(self, id: str, provider: str) -> None:
        """Somebody is of a provider's staff."""
        with self.city.db.write() as tx:
            backend = tx.dialect.name
            worker = {"id": id, "name": id, "role": "worker", "area": "daejeon", "language": "ko"}
            tx.execute(insert_new(members, backend).values(**worker, reach=[], active=True))
            tx.execute(insert_new(provider_staff, backend).values(member=id, provider=provider))

    def sign(self, id: int, verb: str, who: str, **more: Any) -> tuple[int, Any]:
        return self.post(f"claims/{id}/{verb}", {"by": self.town.id(who), **more})

    def paid(self, id: int) -> Any:
        for verb, who in (("verify", "kim"), ("approve", "lee")):
            assert self.sign(id, verb, who)[0] == 200
        return self.sign(id, "pay", "kim")

    def get(self, path: str, **query: Any) -> Any:
        answer = self.door.get(f"/api/care/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def till(db: Database) -> Iterator[Till]:
    city = City(db)
    with db.write() as tx:
        town = Billing(tx, "daejeon", T0, budget=100_000)
    with city.serve() as door:
        yield Till(city, door, town)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["detail"]["code"]


def test_a_claim_goes_from_work_to_money_and_the_books_show_it(till: Till) -> None:
    records = till.done(1, 2, price=3_333)
    listed = till.get("claimable", provider=till.town.providers[0])
    assert [(line["record"], line["won"]) for line in listed] == [(records[0], 3_333), (records[1], 6_666)]
    status, claim = till.submit(records)
    assert (status, claim["won"], claim["owner"], claim["gu"]) == (200, 9_999, "office:daejeon/a-gu", "daejeon/a-gu")
    assert claim["due_at"] == "2026-12-01T05:00:00Z"
    assert claim["says"] == {"ko": "청구됨", "en": "Submitted"}
    assert till.get("claimable", provider=till.town.providers[0]) == []
    assert till.sign(claim["id"], "verify", "kim")[1]["due_at"] == "2026-11-26T05:00:00Z"
    assert till.get("budget", **CITY)["verified"] == 9_999
    assert till.sign(claim["id"], "approve", "park")[1]["state"] == "approved"
    assert (till.get("budget", **CITY)["approved"], till.get("budget", **CITY)["paid"]) == (9_999, 0)
    status, claim = till.sign(claim["id"], "pay", "kim")
    assert (status, claim["state"], claim["due_at"], claim["paid_by"]) == (200, "paid", None, "daejeon-kim")
    assert claim["records"] == [{"record": records[0], "won": 3_333}, {"record": records[1], "won": 6_666}]
    book = till.get("ledger", **CITY)
    sums = {line["account"]: line["won"] for line in book["accounts"]}
    assert sums == {"provider:daejeon-meals": 9_999, "city:daejeon": -7_499, "gu:daejeon/a-gu": -2_500}
    assert (book["balance"], book["count"], book["entries"][0]["claim"]) == (0, 1, claim["id"])
    budget = till.get("budget", **CITY)
    assert (budget["paid"], budget["approved"], budget["remaining"]) == (9_999, 0, 90_001)
    assert (budget["city"], set(budget["scope"])) == ("daejeon", {"ko", "en"}), "all of it is the whole city's"
    sheet = till.door.get("/api/care/ledger.csv", params=CITY)
    assert sheet.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert sorted(int(row["won"]) for row in rows) == [-7_499, -2_500, 9_999]
    assert {row["claim"] for row in rows} == {str(claim["id"])}
    assert till.get("ledger", city="daejeon", year=2025)["count"] == 0
    assert till.door.get("/api/care/budget", params={"city": "daejeon", "year": 2025}).status_code == 404


def test_sent_twice_is_one_claim_and_anything_else_under_its_key_is_kept_beside_it(till: Till) -> None:
    one, two = till.done(1, 1)
    _, claim = till.submit([one, two], key="the-key-1")
    assert till.submit([two, one], key="the-key-1") == (200, claim), "in whatever order"
    for _ in range(2):
        assert code(till.submit([one], key="the-key-1")) == (409, "id_taken")
    assert till.get(f"claims/{claim['id']}") == claim
    with till.city.db.read() as tx:
        provider = till.town.providers[0]
        assert kept(tx, "claim:the-key-1") == [{"provider": provider, "records": [one], "by": "박청구"}]
    assert till.sign(claim["id"], "return", "kim", reason="방문 하나는 없었다")[0] == 200
    assert till.post(f"claims/{claim['id']}/resubmit", {"records": [one], "by": "박청구"})[0] == 200
    again = till.submit([one, two], key="the-key-1")[1]
    assert (again["id"], again["won"], again["state"]) == (claim["id"], 10_000, "submitted"), "as it stands now"


def test_each_refusal_of_a_record_names_it(till: Till) -> None:
    one, nothing = till.done(1, 0)
    (elsewhere,), (drill,), (foreign,) = (
        till.done(1, gu=till.town.b),
        till.done(1, exercise=True),
        till.done(1, provider=1),
    )
    with till.city.db.write() as tx:
        closed_door = till.town.record(tx, till.town.order(tx, units=5, price=1), 1, "closed_door")
    for records, why, named in (
        ([one, "no-such-record"], "unknown_record", "no-such-record"),
        ([one, one], "record_twice", one),
        ([one, foreign], "record_of_another", foreign),
        ([one, nothing], "record_not_done", nothing),
        ([one, closed_door], "record_not_done", closed_door),
        ([one, elsewhere], "record_elsewhere", elsewhere),
        ([one, drill], "record_exercise", drill),
    ):
        status, body = till.submit(records)
        assert (status, body["detail"]["code"]) == (404 if why.startswith("unknown_") else 409, why)
        assert named in body["detail"]["ko"]
        assert named in body["detail"]["en"]
    assert till.submit([one])[0] == 200
    assert code(till.submit([one])) == (409, "record_claimed")
    assert code(till.post("claims", {"key": "key-none", "provider": "nobody", "records": [one], "by": "x"})) == (
        404,
        "unknown_provider",
    )
    assert till.submit([f"record-{n:05}" for n in range(501)])[0] == 422


def test_no_more_units_are_paid_than_were_ordered(till: Till) -> None:
    one, two, three = till.done(3, 2, 1, ordered=5)
    assert till.submit([one])[0] == 200
    status, body = till.submit([two, three])
    assert (status, body["detail"]["code"]) == (409, "claim_beyond_order")
    assert till.submit([two])[0] == 200
    assert code(till.submit([three])) == (409, "claim_beyond_order")


def test_four_eyes_of_the_right_office(till: Till) -> None:
    (record,), (other,) = till.done(1), till.done(1)
    id = till.submit([record], by="김 지민\u200b")[1]["id"]
    assert code(till.sign(id, "verify", "kim")) == (409, "own_claim"), "by whatever name"
    for who, why in (
        ("nobody", (404, "unknown_member")),
        ("gone", (404, "unknown_member")),
        ("seo", (409, "not_theirs")),
        ("hand", (409, "not_theirs")),
        ("both", (409, "own_provider")),
    ):
        assert code(till.sign(id, "verify", who)) == why
        assert code(till.sign(id, "return", who, reason="까닭")) == why
    assert code(till.sign(id, "approve", "lee")) == (409, "claim_state")
    assert code(till.sign(id, "pay", "lee")) == (409, "claim_state")
    assert till.sign(id, "verify", "lee")[0] == 200
    assert code(till.sign(id, "approve", "lee")) == (409, "four_eyes")
    assert code(till.sign(id, "approve", "kim")) == (409, "own_claim")
    assert till.sign(id, "approve", "duty")[0] == 200
    assert code(till.sign(id, "pay", "kim")) == (409, "own_claim")
    assert till.sign(id, "pay", "lee")[0] == 200
    assert code(till.sign(id, "pay", "lee")) == (409, "closed")
    second = till.submit([other], by=till.town.id("lee"))[1]["id"]
    assert till.sign(second, "return", "duty", reason="다시")[0] == 200
    till.employ("박청구", till.town.providers[0])
    assert till.post(f"claims/{second}/resubmit", {"records": [other], "by": "박청구"})[0] == 200
    assert code(till.sign(second, "verify", "lee")) == (409, "own_claim"), "also who handed it in before"
    assert code(till.sign(999_999, "verify", "lee")) == (404, "unknown_claim")


def test_returned_is_corrected_or_withdrawn_and_what_is_free_can_be_claimed_again(till: Till) -> None:
    one, two = till.done(1, 2)
    id = till.submit([one, two])[1]["id"]
    assert code(till.post(f"claims/{id}/withdraw", {"by": "박청구"})) == (409, "claim_state")
    assert till.sign(id, "verify", "kim")[0] == 200
    assert till.sign(id, "return", "lee", reason="  ")[0] == 422
    returned = till.sign(id, "return", "lee", reason="두 번째 기록의 시간이 다릅니다")[1]
    assert (returned["owner"], returned["verified_by"]) == ("provider:daejeon-meals", None)
    assert returned["due_at"] == "2026-11-28T05:00:00Z"
    assert code(till.post(f"claims/{id}/resubmit", {"records": [one, "another-one"], "by": "박청구"})) == (
        409,
        "not_of_claim",
    )
    again = till.post(f"claims/{id}/resubmit", {"records": [one], "by": "박청구"})[1]
    assert (again["won"], again["state"], again["reason"]) == (10_000, "submitted", "두 번째 기록의 시간이 다릅니다")
    assert [line["record"] for line in till.get("claimable", provider=till.town.providers[0])] == [two]
    assert till.sign(id, "return", "lee", reason="모두 다시")[0] == 200
    gone = till.post(f"claims/{id}/withdraw", {"by": "박청구"})[1]
    assert (gone["state"], gone["records"], gone["due_at"]) == ("withdrawn", [], None)
    assert code(till.post(f"claims/{id}/resubmit", {"records": [one], "by": "박청구"})) == (409, "closed")
    assert code(till.sign(id, "verify", "kim")) == (409, "closed")
    assert till.submit([one, two])[1]["won"] == 30_000
    with till.city.db.read() as tx:
        lines = [row.what.removeprefix("care.log.claim_") for row in tx.execute(sa.select(care_log))]
    told = ["submitted", "verified", "returned", "resubmitted", "returned", "withdrawn", "submitted"]
    assert lines == told


def test_nothing_is_paid_beyond_the_budget_without_a_decision(till: Till) -> None:
    big, small = till.done(11, 2)
    id = till.submit([big])[1]["id"]
    status, body = till.paid(id)
    assert (status, body["detail"]["code"]) == (409, "beyond_budget")
    assert "10000" in body["detail"]["en"]
    assert till.paid(till.submit([small])[1]["id"])[0] == 200, "what fits is paid meanwhile"
    decision = {**CITY, "id": "decision-1", "won": 30_000, "reason": "추경", "by": till.town.id("park")}
    for by, why in (("kim", (409, "not_theirs")), ("nobody", (404, "unknown_member"))):
        assert code(till.post("budget/decisions", {**decision, "by": till.town.id(by)})) == why
    assert code(till.post("budget/decisions", {**decision, "year": 2031})) == (404, "unknown_budget")
    for _ in range(2):
        status, budget = till.post("budget/decisions", decision)
        assert (status, budget["decided"], budget["remaining"]) == (200, 30_000, 110_000)
    assert code(till.post("budget/decisions", {**decision, "won": 60_000})) == (409, "id_taken")
    with till.city.db.read() as tx:
        assert [body["won"] for body in kept(tx, "decision:decision-1")] == [60_000]
    assert till.sign(id, "pay", "duty")[0] == 200
    assert till.get("budget", **CITY)["remaining"] == 0


def test_a_payment_counts_in_the_year_in_which_it_is_made_by_the_citys_calendar(till: Till) -> None:
    (record,) = till.done(1)
    id = till.submit([record])[1]["id"]
    till.city.clock.advance(
        timedelta(days=40, hours=10).total_seconds()
    )  # 31 December, 15:00 UTC: the new year in Daejeon
    assert code(till.paid(id)) == (409, "beyond_budget"), "the old year's money is the old year's"
    assert till.get("budget", **CITY)["remaining"] == 100_000


def test_an_exercise_runs_the_whole_chain_and_moves_no_money(till: Till) -> None:
    records = till.done(50, price=1_000_000, exercise=True)
    id = till.submit(records)[1]["id"]
    status, claim = till.paid(id)
    assert (status, claim["state"], claim["exercise"]) == (200, "paid", True)
    budget = till.get("budget", **CITY)
    assert (budget["paid"], budget["approved"], budget["remaining"]) == (0, 0, 100_000)
    with till.city.db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(entries)) == 0
    assert till.get("claims") == []
    assert [one["id"] for one in till.get("claims", exercise=True)] == [id]


def test_lists_are_of_whom_one_asks_for_and_what_is_overdue(till: Till) -> None:
    (a,), (b,), (c,) = till.done(1), till.done(1, gu=till.town.b), till.done(1, provider=1)
    first, second = till.submit([a])[1]["id"], till.submit([b])[1]["id"]
    third = till.submit([c], provider=1)[1]["id"]
    assert till.sign(third, "verify", "kim")[0] == 200
    assert [one["id"] for one in till.get("claims")] == [third, second, first], "what is due first on top"
    assert [one["id"] for one in till.get("claims", limit=1, offset=1)] == [second]
    assert [one["id"] for one in till.get("claims", gu="daejeon/b-gu")] == [second]
    assert till.get("claims", gu="daejeon/b") == []
    assert [one["id"] for one in till.get("claims", provider=till.town.providers[1])] == [third]
    assert [one["id"] for one in till.get("claims", state="verified")] == [third]
    assert till.get("claims", overdue=True) == []
    till.city.clock.advance(timedelta(days=6).total_seconds())
    assert [one["id"] for one in till.get("claims", overdue=True)] == [third]
    with till.city.db.read() as tx:
        assert [it.id for it in chain.overdue(tx, "daejeon", till.city.clock.now())] == [third]
        assert chain.overdue(tx, "daejeon/b-gu", till.city.clock.now()) == []
    assert till.sign(third, "approve", "lee")[0] == 200
    assert till.sign(third, "pay", "lee")[0] == 200
    assert {one["id"] for one in till.get("claims", state="open")} == {first, second}
    assert till.door.get("/api/care/claims", params={"gu": "a\x00b"}).status_code == 422


def test_the_same_key_acts_once_and_the_provider_is_told(till: Till) -> None:
    (record,) = till.done(1)
    id = till.submit([record])[1]["id"]
    body = {"by": till.town.id("kim")}
    first = till.post(f"claims/{id}/verify", body, **{"Idempotency-Key": "tablet-1"})
    assert till.post(f"claims/{id}/verify", body, **{"Idempotency-Key": "tablet-1"}) == first
    assert code(till.post(f"claims/{id}/verify", body)) == (409, "claim_state")
    told: list[tuple[Any, ...]] = []
    now = till.city.clock.now()
    with till.city.db.write() as tx:
        for act, who in ((Act.APPROVE, "lee"), (Act.PAY, "kim")):
            chain.act(tx, id, act, till.town.id(who), now, tell=lambda _, *what: told.append(what))
    data = {"claim": id, "key": first[1]["key"], "state": "paid", "won": 10_000, "exercise": False}
    assert told == [("daejeon-meals", "claim.paid", str(id), data, now)]
    with till.city.db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(claim_items)) == 1
