"""The simulated year obeys the care chain's rules: money, records, deadlines, stages, visits."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from alerts.case import Case, State
from app.bench.year_build import END, TABLES, build
from app.bench.year_person import SEOUL
from care.rules import Rules
from care.stages import NEXT
from core.care import Stage
from core.people import Risk
from store.database import Database
from store.migrate import migrate
from store.pack_tables import budgets
from tests.conftest import on_sqlite_first

Tables = dict[str, list[dict[str, Any]]]


def read(db: Database) -> Tables:
    with db.read() as tx:
        return {t.name: [dict(row) for row in tx.execute(sa.select(t)).mappings()] for t in (*TABLES, budgets)}


@pytest.fixture
def year(db: Database) -> Tables:
    with db.write() as tx:
        build(tx, 0.01)
    return read(db)


def by(rows: list[dict[str, Any]], key: str) -> dict[Any, list[dict[str, Any]]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


@on_sqlite_first
def test_a_year_obeys_the_rules(year: Tables) -> None:
    money(year)
    work(year)
    deadlines(year)
    history(year)
    rounds(year)


def money(year: Tables) -> None:
    claims = {row["id"]: row for row in year["claims"]}
    records, orders = ({row["id"]: row for row in year[name]} for name in ("records", "orders"))
    entries, postings = {row["claim"]: row for row in year["entries"]}, by(year["postings"], "entry")
    real = {id for id, claim in claims.items() if claim["state"] == "paid" and not claim["exercise"]}
    assert set(entries) == real, "each paid claim has its entry; an exercise has none"
    assert len(real) < len(claims)
    for id, entry in entries.items():
        accounts = {row["account"].partition(":")[0]: row["won"] for row in postings[entry["id"]]}
        won = claims[id]["won"]
        assert accounts == {"provider": won, "city": -((3 * won + 2) // 4), "gu": -(won - (3 * won + 2) // 4)}
    items = by(year["claim_items"], "claim")
    for id, claim in claims.items():
        assert claim["won"] == sum(item["won"] for item in items[id]) > 0
        names = [claim[f"{step}_by"] for step in ("submitted", "verified", "approved", "paid")]
        known = [name for name in names if name]
        assert len(set(known)) == len(known), "nobody judges what they have done"
        for item in items[id]:
            record = records[item["record"]]
            order = orders[record["order"]]
            assert record["outcome"] == "done"
            assert record["provider"] == claim["provider"] == order["provider"]
            assert (order["exercise"], item["won"]) == (claim["exercise"], record["units"] * order["price_won"])
            assert order["area"].startswith(claim["gu"] + "/")
    assert sum(claims[id]["won"] for id in real) <= year["budgets"][0]["won"]


def work(year: Tables) -> None:
    orders, tasks = {row["id"]: row for row in year["orders"]}, {row["id"]: row for row in year["tasks"]}
    done: dict[int, int] = defaultdict(int)
    for record in year["records"]:
        order, task = orders[record["order"]], tasks[record["task"]]
        assert (task["state"], task["worker"]) == ("done", record["worker"])
        assert order["start"] <= record["start"] < record["end"] <= min(END, order["end"])
        done[order["id"]] += record["units"]
    assert all(done[id] <= order["units"] for id, order in orders.items())
    assert len({row["task"] for row in year["records"]}) == len(year["records"])
    for worker, mine in by(year["tasks"], "worker").items():
        starts = [row["planned_at"] for row in mine]
        assert len(set(starts)) == len(starts), f"{worker} is in two places"
    for task in year["tasks"]:
        local = task["planned_at"].astimezone(SEOUL)
        if orders[task["order"]]["service"] == "housekeeping":
            assert local.weekday() < 5
            assert 9 <= local.hour < 18


def deadlines(year: Tables) -> None:
    living = {
        "episodes": lambda row: row["stage"] != "closed",
        "visits": lambda row: row["state"] == "planned",
        "orders": lambda row: row["state"] == "accepted",
        "claims": lambda row: row["state"] != "paid",
    }
    for name, lives in living.items():
        assert any(lives(row) for row in year[name]), f"some {name} are open"
        for row in year[name]:
            assert row["owner"]
            if lives(row) or name == "visits":
                assert row["due_at"] is not None, row
            else:
                assert row["due_at"] is None, row
    for task in year["tasks"]:
        assert (task["due_at"] is not None) == (task["state"] == "assigned")
    for row in year["follow_ups"]:
        assert (row["state"], bool(row["owner"])) == ("open" if row["done_at"] is None else "done", True)
    assert any(row["due_at"] and row["due_at"] < END for row in year["episodes"]), "some are overdue"


def history(year: Tables) -> None:
    logs, cases = by(year["care_log"], "episode"), {row["id"]: row for row in year["cases"]}
    consents, plans = by(year["consents"], "episode"), by(year["plans"], "episode")
    asked, answered = by(year["follow_ups"], "episode"), by(year["evaluations"], "episode")
    for it in year["episodes"]:
        stage = Stage.INTAKE
        for line in logs[it["id"]]:
            if line["what"] == "care.log.moved":
                assert (line["numbers"]["from"], line["numbers"]["to"]) == (stage, NEXT[stage])
                stage = NEXT[stage] or stage
        times = [line["at"] for line in sorted(logs[it["id"]], key=lambda line: line["id"])]
        assert times == sorted(times)
        assert it["stage"] == ("closed" if it["ended"] else stage)
        if it["ended"] == "completed":
            assert stage is Stage.EVALUATION
            assert len(answered[it["id"]]) == len(asked[it["id"]]) == 3
        for plan in plans[it["id"]]:
            assert any(c["state"] == "given" and c["decided_at"] <= plan["agreed_at"] for c in consents[it["id"]])
        case = cases[it["case_id"]]
        body = msgspec.convert(case["body"], Case, strict=False)
        assert (body.state, body.area, body.opened_at) == (case["state"], it["area"], it["opened_at"])
        assert (body.state is State.CLOSED) == (it["stage"] != "intake")
    assert len(cases) == len(year["episodes"])


def rounds(year: Tables) -> None:
    """Nobody is left without a contact for longer than the rules allow, unless a visit stands open for it."""
    visits, rules = by(year["visits"], "person"), Rules().visits
    for person in year["persons"]:
        if person["exercise"]:
            assert not any(visit["kind"] == "compulsory" for visit in visits[person["id"]])
            continue
        met = [visit["finished_at"] for visit in visits[person["id"]] if visit["state"] == "finished"]
        if met:
            assert max(met) <= person["contact_at"]
        if person["contact_at"] + rules.interval(Risk(person["risk"])) - timedelta(days=rules.lead_days) <= END:
            assert any(visit["state"] == "planned" for visit in visits[person["id"]])


@on_sqlite_first
def test_the_same_seed_is_the_same_year(db: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    migrate(other)
    for each in (db, other):
        with each.write() as tx:
            build(tx, 0.002)
    first, second = read(db), read(other)
    other.close()
    for name in ("persons", "episodes", "records", "claims", "postings", "evaluations"):
        assert sorted(map(str, first[name])) == sorted(map(str, second[name])), name
