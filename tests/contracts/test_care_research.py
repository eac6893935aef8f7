"""Data for research on both databases: two people stand for it, and whoever holds it finds nobody in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.cli.everything import app
from care import research
from care.anonymous import band
from care.research_files import COLUMNS, as_csv, prepared
from care.research_rows import rows
from core.care import Refused, city_of
from store.care_tables import care_log, consents, episodes, persons
from store.database import Database
from store.migrate import migrate
from store.outcome_tables import research_exports
from store.tables import cases
from tests.care_history import Somebody, member, put, study
from tests.conftest import on_sqlite_first
from tests.serving import City

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def day(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=SEOUL)


def crowd(seed: int, many: int, year: int = 2026) -> list[Somebody]:
    """People as a city has them: some groups large, some of a single person."""
    draw = random.Random(seed)
    return [
        Somebody(
            birth_year=draw.choices([1936, 1948, 1951, 1990], [30, 40, 28, 0.3])[0] + draw.randrange(3),
            gender=draw.choices(["female", "male"], [3, 1])[0],
            gu=draw.choices(["gwangju/nam-gu", "gwangju/buk-gu"], [2, 1])[0],
            income=draw.choices(["low", "middle"], [97.8, 2.2])[0],
            level=draw.choice(["severe", "moderate", "slight"]),
            closed_at=datetime(year, 1, 5, tzinfo=UTC) + timedelta(days=draw.randrange(80)),
            weeks=tuple(draw.randrange(9) for _ in range(5)),
            services=draw.randrange(4),
        )
        for _ in range(many)
    ]


def staffed(db: Database) -> City:
    city = City(db)
    with db.write() as tx:
        member(tx, "lee", "supervisor")
        member(tx, "choi", "supervisor")
        member(tx, "left", "supervisor", active=False)
    return city


def allowed(db: Database, since: datetime, until: datetime) -> int:
    with db.write() as tx:
        asked = research.ask(tx, "lee", "a study", since, until, SEOUL, NOW)
        assert isinstance(asked, research.Export), asked
        given = research.allow(tx, asked.id, "choi", NOW)
    assert isinstance(given, research.Export), given
    return given.id


def made(db: Database, id: int) -> research.Made | Refused:
    with db.write() as tx:
        return research.make(tx, id, SEOUL, NOW)


@pytest.fixture
def door(db: Database) -> Iterator[httpx.Client]:
    with staffed(db).serve() as client:
        yield client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]["code"]


def test_two_people_stand_for_an_export(db: Database, door: httpx.Client) -> None:
    ask = {
        "by": "lee",
        "purpose": "a study",
        "since": "2026-01-01T00:00:00+09:00",
        "until": "2026-04-01T00:00:00+09:00",
    }
    url = "/api/care/research"
    assert code(door.post(url, json=ask | {"by": "left"})) == (404, "unknown_member")
    assert code(door.post(url, json=ask | {"by": "nobody"})) == (404, "unknown_member")
    for odd in ({"since": "2026-01-02T00:00:00+09:00"}, {"since": "2026-04-01T00:00:00+09:00"}):
        assert code(door.post(url, json=ask | odd)) == (409, "quarters")
    open_one = {"since": "2026-10-01T00:00:00+09:00", "until": "2027-01-01T00:00:00+09:00"}
    assert code(door.post(url, json=ask | open_one)) == (409, "period_open")
    assert door.post(url, json=ask | {"purpose": " "}).status_code == 422
    assert door.post(url, json=ask | {"columns": "all"}).status_code == 422
    key = {"Idempotency-Key": "ask-1"}
    first, second = (door.post(url, json=ask, headers=key) for _ in range(2))
    assert first.json() == second.json()
    id = first.json()["id"]
    assert (first.json()["state"], first.json()["manifest"]) == ("asked", None)
    allow = f"{url}/{id}/allow"
    for by, answer in (
        *(("lee", (409, "same_person")), ("kim", (409, "not_supervisor"))),
        *(("nobody", (404, "unknown_member")), ("left", (404, "unknown_member"))),
    ):
        assert code(door.post(allow, json={"by": by})) == answer
    assert code(door.post(f"{url}/99/allow", json={"by": "choi"})) == (404, "unknown_research")
    assert code(door.get(f"{url}/99")) == (404, "unknown_research")
    assert isinstance(made(db, id), Refused), "nobody has allowed it"
    assert [door.post(allow, json={"by": "choi"}).json()["state"] for _ in range(2)] == ["allowed"] * 2
    assert door.get(f"{url}/{id}").json()["allowed_by"] == "choi"
    no = door.post(f"{url}/{id}/refuse", json={"by": "choi"}).json()
    assert (no["state"], no["why"]["code"]) == ("refused", "turned_down")
    assert code(door.post(allow, json={"by": "choi"})) == (409, "decided")
    refused = made(db, id)
    assert refused == Refused("decided", {"state": "refused"})
    assert [one["id"] for one in door.get(url).json()] == [id]
    with db.read() as tx:
        lines = tx.scalars(sa.select(care_log.c.what).order_by(care_log.c.id)).all()
    assert lines == [f"care.log.research_{what}" for what in ("asked", "allowed", "refused")]


def test_two_names_that_look_alike_are_one_person(db: Database) -> None:
    staffed(db)
    with db.write() as tx:
        member(tx, "ＬＥＥ", "supervisor")
        asked = research.ask(tx, "lee", "a study", day(2026, 1), day(2026, 4), SEOUL, NOW)
        assert isinstance(asked, research.Export)
        assert research.allow(tx, asked.id, "ＬＥＥ", NOW) == Refused("same_person")


def fits(one: Somebody, record: dict[str, str]) -> bool:
    """Whether a record can be that person's, for somebody who knows all about them that one can know from outside."""
    closed = one.closed_at.astimezone(SEOUL)
    age, quarter = closed.year - one.birth_year, f"{closed.year}-Q{(closed.month + 2) // 3}"
    return (
        record["age"] in (band(age, 10), band(age, 20), "any")
        and record["gender"] in (one.gender, "any")
        and record["area"] in (one.gu, city_of(one.gu), "any")
        and record["income"] in (one.income, "any")
        and record["quarter"] in (quarter, quarter[:4], "any")
    )


def read(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


@on_sqlite_first
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_is_found_by_who_knows_everybody(db: Database, seed: int) -> None:
    staffed(db)
    everybody = crowd(seed, 260)
    with db.write() as tx:
        study(tx, everybody)
    given = made(db, allowed(db, day(2026, 1), day(2026, 4)))
    assert isinstance(given, research.Made), given
    records = read(as_csv(given.table))
    assert len(records) == given.manifest["rows"] >= 0.95 * 260
    assert given.manifest["k"] >= 11
    assert given.manifest["l"] >= 2
    for record in {tuple(list(it.items())[:5]): it for it in records}.values():
        assert sum(fits(one, record) for one in everybody) >= 11
    for one in everybody:
        theirs = [record for record in records if fits(one, record)]
        assert len(theirs) == 0 or len(theirs) >= 11
        assert len(theirs) == 0 or len({record["level"] for record in theirs}) >= 2
    text = as_csv(given.table).decode() + json.dumps(given.manifest)
    assert "somebody" not in text
    assert "person 1" not in text


@on_sqlite_first
def test_who_holds_two_exports_learns_no_more_than_from_each(db: Database) -> None:
    """The attack: subtract one table from another of an overlapping period, and the few who differ stand alone."""
    staffed(db)
    with db.write() as tx:
        study(tx, crowd(4, 120))
        study(tx, crowd(5, 120, year=2025), first=121)
    first = allowed(db, day(2026, 1), day(2026, 4))
    overtaken = allowed(db, day(2025, 1), day(2026, 4))
    assert isinstance(made(db, first), research.Made)
    for since, until in ((day(2025, 1), day(2026, 4)), (day(2026, 1), day(2026, 7)), (day(2026, 1), day(2026, 4))):
        with db.write() as tx:
            assert research.ask(tx, "lee", "again", since, until, SEOUL, NOW) == Refused("overlap", {"id": first})
    assert made(db, overtaken) == Refused("overtaken", {"k": 11, "l": 2, "least": 11})
    with db.read() as tx:
        kept = research.export(tx, overtaken)
    assert isinstance(kept, research.Export)
    assert (kept.state, kept.reason, kept.manifest) == ("refused", "overtaken", None)
    beside = made(db, allowed(db, day(2025, 1), day(2026, 1)))
    assert isinstance(beside, research.Made), "periods that touch have nobody's episode in common"
    # The same one again: the same bytes while nothing has changed; when one has withdrawn, it would name them.
    again = made(db, first)
    assert isinstance(again, research.Made)
    with db.write() as tx:
        tx.execute(sa.update(consents).where(consents.c.person == "p-somebody-000001").values(state="withdrawn"))
    assert made(db, first) == Refused("changed")


def test_who_is_to_be_left_out_is(db: Database) -> None:
    staffed(db)
    usual = [Somebody(level=level) for level in ("severe", "slight") * 10]
    out = [
        *(Somebody(exercise=True), Somebody(gone=True), Somebody(level=None)),
        *(Somebody(consent=state) for state in ("asked", "refused", "withdrawn", "lapsed")),
        Somebody(closed_at=datetime(2026, 3, 31, 15, tzinfo=UTC)),
        Somebody(closed_at=datetime(2025, 12, 31, 14, 59, tzinfo=UTC)),
    ]
    with db.write() as tx:
        study(tx, usual + out)
        # One has said no to research, one has taken that back.
        said = {"purpose": "research", "asked_at": NOW, "decided_at": NOW}
        put(tx, consents, said | {"person": "p-somebody-000001", "state": "refused"})
        put(tx, consents, said | {"person": "p-somebody-000002", "state": "refused"})
        put(tx, consents, said | {"person": "p-somebody-000002", "state": "given", "decided_at": NOW + timedelta(1)})
        found = rows(tx, day(2026, 1), day(2026, 4), SEOUL)
    assert len(found) == 19
    given = made(db, allowed(db, day(2026, 1), day(2026, 4)))
    assert isinstance(given, research.Made)
    assert given.manifest["rows"] == 19
    record = read(as_csv(given.table))[0]
    weeks = {"weeks_intake": "1", "weeks_assessment": "1", "weeks_plan": "1", "weeks_linkage": "2"}
    assert record == weeks | {
        "age": "80-89",
        "gender": "female",
        "area": "gwangju/nam-gu",
        "income": "low",
        "quarter": "2026-Q1",
        "level": "severe",
        "weeks_evaluation": "8",
        "services": "2",
        "change": "20",
    }


def test_somebody_with_two_episodes_hides_nobody_twice(db: Database) -> None:
    staffed(db)
    with db.write() as tx:
        study(tx, [Somebody(level=level) for level in ("severe", "slight") * 5])
        # An eleventh record, and no eleventh person.
        row = dict(tx.execute(sa.select(episodes).where(episodes.c.id == 1)).mappings().one())
        case = dict(tx.execute(sa.select(cases).where(cases.c.id == 1)).mappings().one())
        put(tx, cases, case | {"id": 500})
        put(tx, episodes, row | {"id": 500, "application": "another-one", "case_id": 500})
    refused = made(db, allowed(db, day(2026, 1), day(2026, 4)))
    assert refused == Refused("too_few", {"k": 11, "l": 2, "least": 11})


def test_what_can_be_made_anonymous_in_no_way_is_refused_for_good(db: Database) -> None:
    staffed(db)
    with db.write() as tx:
        study(tx, [Somebody() for _ in range(40)])
    id = allowed(db, day(2026, 1), day(2026, 4))
    refused = made(db, id)
    assert isinstance(refused, Refused)
    assert refused.code == "not_anonymous", "all have one level"
    with db.read() as tx:
        row = tx.execute(sa.select(research_exports).where(research_exports.c.id == id)).one()
    assert (row.state, row.reason, row.manifest) == ("refused", "not_anonymous", None)
    assert made(db, id) == Refused("decided", {"state": "refused"})


def test_text_that_is_no_word_of_ours_does_not_leave(db: Database) -> None:
    staffed(db)
    odd = ["=cmd|' /C calc'!A0", "김순자", "a,b", "-1", "", None, 7, ["low"], "x" * 50]
    with db.write() as tx:
        study(tx, [Somebody(level=lv, income=text, gender=text) for text in odd for lv in ("severe", "slight")])
        found = rows(tx, day(2026, 1), day(2026, 4), SEOUL)
    assert Counter((row.income, row.gender) for row in found) == {("unknown", "unknown"): 18}


def test_files_come_all_at_once_or_not_at_all(db: Database, tmp_path: Path) -> None:
    staffed(db)
    with db.write() as tx:
        study(tx, crowd(6, 60))
    given = made(db, allowed(db, day(2026, 1), day(2026, 4)))
    assert isinstance(given, research.Made)
    folder = tmp_path / "study"
    with prepared(folder, given.table, given.manifest) as beside:
        assert not folder.exists()
        assert {file.name for file in beside.iterdir()} == {"records.csv", "records.parquet", "manifest.json"}
    assert list(tmp_path.glob("*study*")) == [] == list(tmp_path.glob(".study*")), "nobody has taken it"
    folder.mkdir()
    with pytest.raises(FileExistsError), prepared(folder, given.table, given.manifest):
        pass


def test_the_command_line_asks_allows_and_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANBU_DATABASE_URL", f"sqlite:///{tmp_path / 'anbu.db'}")
    monkeypatch.setenv("ANBU_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(database)
    staffed(database)
    with database.write() as tx:
        study(tx, crowd(7, 80, year=2025))
    run = CliRunner()

    def said(*words: str) -> Any:
        return run.invoke(app, ["research", *words])

    asked = said("ask", "2025-01-01", "2025-04-01", "--by", "lee", "--purpose", "a study")
    assert (asked.exit_code, asked.stdout) == (0, "1\n")
    folder = tmp_path / "study"
    early = said("export", "1", str(folder), "--language", "en")
    assert early.exit_code == 1
    assert "Nobody has allowed it yet." in early.output
    assert said("allow", "1", "--by", "lee").exit_code == 1
    assert said("allow", "1", "--by", "choi").exit_code == 0
    written = said("export", "1", str(folder))
    assert written.exit_code == 0, written.output
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert manifest["columns"] == list(COLUMNS)
    assert (manifest["asked_by"], manifest["allowed_by"], manifest["purpose"]) == ("lee", "choi", "a study")
    assert len(read((folder / "records.csv").read_bytes())) == manifest["rows"]
    assert said("export", "1", str(folder)).exit_code != 0, "nothing is written over"
    twice = tmp_path / "twice"
    assert said("export", "1", str(twice)).exit_code == 0
    assert (twice / "records.csv").read_bytes() == (folder / "records.csv").read_bytes()
    assert "made" in said("list").stdout
    with database.write() as tx:
        tx.execute(sa.update(persons).where(persons.c.id == "p-somebody-000001").values(gone_at=NOW))
    assert said("export", "1", str(tmp_path / "later")).exit_code == 1
    assert not (tmp_path / "later").exists()
    assert not list(tmp_path.glob(".*.part"))
    database.close()
