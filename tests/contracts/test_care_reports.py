"""The reports over HTTP, on both databases: their numbers counted anew from the tables, and who must not count."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from app.bench.year import serve
from app.bench.year_build import END, START, Lived, build, play
from app.bench.year_person import SEOUL
from care.reports import Name
from store.care_tables import persons
from store.database import Database
from store.tables import cases
from tests.conftest import on_sqlite_first
from tests.laws.test_care_year import Tables, by, read

CITY, GU = "gwangju", "gwangju/buk-gu"
Row = dict[str, Any]


def asked(door: httpx.Client, name: str, area: str = CITY, since: datetime = START, until: datetime = END) -> list[Row]:
    found = door.get(
        f"/api/care/reports/{name}", params={"area": area, "since": since.isoformat(), "until": until.isoformat()}
    )
    assert found.status_code == 200, found.text
    rows: list[Row] = found.json()["rows"]
    return rows


def everything(db: Database) -> dict[str, Any]:
    with serve(db) as door:
        return {name.value: asked(door, name.value) for name in Name}


def here(row: Row, area: str) -> bool:
    return (row["area"] + "/").startswith(area + "/")


def middle(values: list[float]) -> float | None:
    return pytest.approx(statistics.median(values), abs=0.006) if values else None


def test_reports_say_what_the_tables_say(db: Database) -> None:
    with db.write() as tx:
        build(tx, 0.012)
    year = read(db)
    half = START + timedelta(days=180)
    with serve(db) as door:
        for area in (CITY, GU):
            times(year, asked(door, "times", area), area)
            responses(year, asked(door, "responses", area), area)
            for until in (half, END):
                services(year, asked(door, "services", area, until=until), area, until)
            workload(year, asked(door, "workload", area), area)
            outcomes(year, asked(door, "outcomes", area), area)
            profile(year, asked(door, "profile", area), area)
            budget(year, asked(door, "budget", area), area)


def times(year: Tables, rows: list[Row], area: str) -> None:
    opened = {row["id"]: row["opened_at"] for row in year["cases"]}
    plans, orders, records = by(year["plans"], "episode"), by(year["orders"], "episode"), by(year["records"], "order")
    expected: dict[tuple[str, str], list[float]] = defaultdict(list)
    for it in year["episodes"]:
        if it["exercise"] or not here(it, area):
            continue
        done = [r["start"] for o in orders[it["id"]] for r in records[o["id"]] if r["outcome"] == "done"]
        for step, moments in (("plan", [p["agreed_at"] for p in plans[it["id"]]]), ("service", done)):
            for priority in ("all", it["priority"]):
                if moments:
                    hours = (min(moments) - opened[it["case_id"]]).total_seconds() / 3600
                    expected[step, priority].append(hours)
    found = {(row["step"], row["priority"]): row for row in rows}
    assert set(expected) <= set(found)
    for key, values in expected.items():
        assert (found[key]["n"], found[key]["median_h"]) == (len(values), middle(values))
        assert sorted(values)[math.floor(0.9 * (len(values) - 1))] - 0.01 <= found[key]["p90_h"] <= max(values) + 0.01


def responses(year: Tables, rows: list[Row], area: str) -> None:
    drills = {it["case_id"] for it in year["episodes"] if it["exercise"]}
    mine = [case for case in year["cases"] if case["id"] not in drills and here(case, area)]
    for row in rows:
        if row["urgency"] == "all":
            ends = [datetime.fromisoformat(case["body"][f"{row['step']}_at"] or "9999-01-01T00:00Z") for case in mine]
            took = [
                (end - case["opened_at"]).total_seconds() / 60
                for case, end in zip(mine, ends, strict=True)
                if end.year < 9999
            ]
            assert (row["calls"], row["n"], row["median_min"]) == (len(mine), len(took), middle(took))
    assert {"all", "soon"} <= {row["urgency"] for row in rows} <= {"all", "soon", "urgent"}


def received(year: Tables, area: str, until: datetime = END) -> list[tuple[Row, Row]]:
    orders = {row["id"]: row for row in year["orders"]}
    pairs = [(orders[record["order"]], record) for record in year["records"] if record["outcome"] == "done"]
    return [(o, r) for o, r in pairs if here(o, area) and not o["exercise"] and START <= r["start"] < until]


def services(year: Tables, rows: list[Row], area: str, until: datetime) -> None:
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for order, record in received(year, area, until):
        service, provider = order["service"], order["provider"]
        for key in {("", ""), (service, ""), ("", provider), (service, provider)}:
            people[key].add(order["person"])
            sums[key][0] += record["units"]
            sums[key][1] += record["units"] * order["price_won"]
    found = {(row["service"], row["provider"]): row for row in rows}
    assert len(found) == len(rows)
    assert {key: [row["users"], row["units"], row["won"]] for key, row in found.items()} == {
        key: [len(people[key]), *sums[key]] for key in people
    }


def workload(year: Tables, rows: list[Row], area: str) -> None:
    episodes = {it["id"]: it for it in year["episodes"]}
    expected: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def count(kind: str, row: Row, open_: bool, closed_at: datetime | None) -> None:
        mine = expected[row["owner"]]
        mine[f"{kind}_open"] += open_
        mine[f"{kind}_overdue"] += open_ and row["due_at"] < END
        mine[f"{kind}_closed"] += closed_at is not None and START <= closed_at < END

    for it in year["episodes"]:
        if here(it, area) and not it["exercise"]:
            count("episodes", it, it["stage"] != "closed", it["closed_at"])
    for visit in year["visits"]:
        if here(visit, area) and not visit["exercise"]:
            count("visits", visit, visit["state"] == "planned", visit["finished_at"])
    for row in year["follow_ups"]:
        if here(episodes[row["episode"]], area) and not episodes[row["episode"]]["exercise"]:
            count("follow_ups", row, row["state"] == "open", row["done_at"])
    kinds = [key for key in rows[0] if key != "owner"]
    assert {row["owner"]: [row[kind] for kind in kinds] for row in rows} == {
        owner: [numbers[kind] for kind in kinds] for owner, numbers in expected.items() if any(numbers.values())
    }


def outcomes(year: Tables, rows: list[Row], area: str) -> None:
    episodes = {it["id"]: it for it in year["episodes"]}
    real = [e for e in year["evaluations"] if here(it := episodes[e["episode"]], area) and not it["exercise"]]
    scores = {(e["episode"], e["instrument"], e["phase"]): e["score"] for e in real}
    change = [score - scores[id, kind, "first"] for (id, kind, phase), score in scores.items() if phase == "follow_up"]
    happy = [score >= 20 for (_, kind, _), score in scores.items() if kind == "satisfaction"]
    users = {order["person"] for order, _ in received(year, area)}
    bands = [f["value"] for f in year["person_facts"] if f["field"] == "income_band" and f["person"] in users]
    low = [band in ("basic_livelihood", "near_poverty") for band in bands]
    found = {row["measure"]: row for row in rows if row["part"] == "all"}
    assert (found["change"]["n"], found["satisfied"]["n"], found["low_income"]["n"]) == tuple(
        map(len, (change, happy, low))
    )
    assert found["change"]["mean"] == pytest.approx(statistics.mean(change), abs=0.006)
    for name, yes in (("improved", [c > 0 for c in change]), ("satisfied", happy), ("low_income", low)):
        assert found[name]["percent"] == pytest.approx(100 * sum(yes) / len(yes), abs=0.06)
    assert all(row["n"] is None or row["n"] >= 11 for row in rows)
    hidden = [row for row in rows if row["n"] is None]
    assert all(row[key] is None for row in hidden for key in ("mean", "low", "high", "percent"))


def profile(year: Tables, rows: list[Row], area: str) -> None:
    users = {order["person"] for order, _ in received(year, area)}
    women = [f for f in year["person_facts"] if f["person"] in users and f["value"] == "female"]
    found = {(row["part"], row["group"]): row["users"] for row in rows}
    assert found["all", ""] == len(users)
    assert found["gender", "female"] in (len(women), None)
    assert all(n is None or n == 0 or n >= 11 for n in found.values())
    ages = [n for (part, _), n in found.items() if part == "age"]
    assert None in ages, "in so small a city some are too few"
    assert sum(n for n in ages if n) < len(users)


def budget(year: Tables, rows: list[Row], area: str) -> None:
    claims = {claim["id"]: claim for claim in year["claims"]}
    paid = [(entry, claims[entry["claim"]]) for entry in year["entries"]]
    whole = sum(claim["won"] for _, claim in paid)
    found = {(row["part"], row["group"]): row["won"] for row in rows}
    assert (found["budget", ""], found["paid", ""]) == (10_103_796_000, whole)
    assert found["remaining", ""] == 10_103_796_000 - whole
    waiting = sum(claim["won"] for claim in claims.values() if claim["state"] != "paid" and not claim["exercise"])
    assert sum(won for (part, _), won in found.items() if part == "committed") == waiting > 0
    mine = [(entry, claim) for entry, claim in paid if area in (CITY, claim["gu"])]
    months: dict[str, int] = defaultdict(int)
    for entry, claim in mine:
        months[f"{entry['at'].astimezone(SEOUL):%Y-%m}"] += claim["won"]
    assert {group: won for (part, group), won in found.items() if part == "month"} == months
    assert sum(won for (part, _), won in found.items() if part == "gu") == sum(claim["won"] for _, claim in mine)
    assert all(row["won"] == row["city_won"] + row["gu_won"] for row in rows if row["part"] in ("month", "gu", "paid"))


@on_sqlite_first
def test_exercises_and_canaries_count_nowhere(db: Database) -> None:
    with db.write() as tx:
        build(tx, 0.004)
    before = everything(db)
    with db.write() as tx:
        drills = play(tx, [Lived(code, exercise=True) for code in ("meals", "companion")] * 4, 97, 3, first=50_000)
        assert drills["records"] > 20
        case = dict(tx.execute(sa.select(cases).limit(1)).mappings().one())
        del case["id"]
        tx.execute(sa.insert(cases).values(**case | {"subject": "home:canary-1", "home": "canary-1"}))
        nobody = tx.scalar(sa.select(persons.c.id).where(persons.c.exercise).limit(1))
        worry = case | {"subject": f"person:{nobody}", "group": "service", "concern": "service_worry"}
        tx.execute(sa.insert(cases).values(**worry))
    assert everything(db) == before
    with db.write() as tx:
        play(tx, [Lived("meals")], 97, 3, first=60_000)
    assert everything(db) != before, "whoever is real counts"


def test_a_report_is_a_file_too_and_refusals_are_told(db: Database) -> None:
    with db.write() as tx:
        build(tx, 0.006)
    with serve(db) as door:
        span = {"area": CITY, "since": START.isoformat(), "until": END.isoformat()}
        read = door.get("/api/care/reports/services", params=span).json()
        assert set(read["area_name"]) == {"ko", "en"}
        assert {"key": "won", "ko": "금액(원)", "en": "won"} in read["columns"]
        text = door.get("/api/care/reports/services.csv", params=span)
        assert text.headers["content-type"].startswith("text/csv")
        lines = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
        assert [int(line["won"]) for line in lines] == [row["won"] for row in read["rows"]]
        file = door.get("/api/care/reports/services.parquet", params=span)
        assert pq.read_table(io.BytesIO(file.content)).to_pylist() == read["rows"]

        def refused(name: str = "times", **other: str) -> tuple[int, str]:
            answer = door.get(f"/api/care/reports/{name}", params=span | other)
            detail = answer.json()["detail"]
            return answer.status_code, detail["code"] if isinstance(detail, dict) else ""

        assert refused(area="gwangju/nowhere") == (404, "unknown_area")
        assert refused(until=START.isoformat()) == (409, "no_time")
        few = END - timedelta(hours=1)
        assert refused("outcomes", since=few.isoformat()) == (409, "below_floor")
        for wrong in ({"area": "gwangju%"}, {"area": ""}, {"since": "2023-01-01"}, {"since": "9999-12-31T23:59:59Z"}):
            assert refused(**wrong)[0] == 422
        assert refused("nothing")[0] == 422
        assert door.get("/api/care/reports/times", params={"area": CITY}).status_code == 409, "a year that begins now"
