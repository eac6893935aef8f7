"""The audit on both databases: it only grows, many writers keep one chain, and who may read it is written down."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from access import audit
from access.actor import SYSTEM
from access.roles import Role
from care import persons
from core.clock import wall_now
from core.people import Home
from store import people
from store.account_tables import audit as rows
from store.database import Database
from tests.accounts import account, browser
from tests.serving import HOME, T0, City
from tests.typed import Done, anbu

FAR = Home("home-0002", "gw-0002", "busan/jung-gu/bosu-dong", "정다른")
NOTE = (
    "import sys\nfrom access import audit\nfrom access.actor import SYSTEM\nfrom core.clock import wall_now\n"
    "from store.database import Database\ndb = Database(sys.argv[1])\n"
    "for n in range(40):\n    with db.write() as tx:\n        audit.note(tx, SYSTEM, 'x', now=wall_now())\n"
)


@pytest.mark.parametrize("deed", ["UPDATE audit SET account = 'u-other'", "DELETE FROM audit WHERE id = 1"])
def test_no_ordinary_statement_changes_it(db: Database, deed: str) -> None:
    with db.write() as tx:
        audit.note(tx, SYSTEM, "x", now=wall_now())
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), db.write() as tx:
        tx.exec_driver_sql(deed)
    with db.read() as tx:
        assert audit.verify(tx).broken is None


def test_whoever_gets_past_the_triggers_is_found(db: Database) -> None:
    with db.write() as tx:
        for n in range(5):
            audit.note(tx, SYSTEM, "home.read", about=f"home-{n}", now=wall_now())
    with db.write() as tx:
        if db.backend == "sqlite":
            tx.exec_driver_sql("DROP TRIGGER audit_no_update")
        else:
            tx.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        tx.exec_driver_sql("UPDATE audit SET about = 'home-9' WHERE id = 3")
    with db.read() as tx:
        found = audit.verify(tx)
    assert (found.records, found.broken) == (2, 3)


def test_threads_and_processes_write_one_chain(db: Database) -> None:
    def write() -> None:
        for _ in range(25):
            with db.write() as tx:
                audit.note(tx, SYSTEM, "thread", now=wall_now())

    others = [subprocess.Popen([sys.executable, "-c", NOTE, db.url]) for _ in range(2)]
    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(60) for other in others] == [0, 0]
    with db.read() as tx:
        found = audit.verify(tx)
    assert (found.records, found.broken) == (2 * 40 + 3 * 25, None)


def test_what_is_undone_leaves_no_record(db: Database) -> None:
    def fail() -> None:
        with db.write() as tx:
            audit.note(tx, SYSTEM, "x", now=wall_now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.read() as tx:
        assert audit.verify(tx).records == 0


@pytest.fixture
def door(db: Database) -> Iterator[httpx.Client]:
    city = City(db)
    with db.write() as tx:
        people.put_home(tx, db.backend, FAR, T0)
        persons.of_home(tx, HOME, T0)
    account(db, "kim", area=HOME.area, name="=김")
    account(db, "far", area=FAR.area)
    account(db, "eye", Role.AUDITOR, "gwangju")
    with city.serve() as client:
        yield client


def test_an_auditor_reads_their_citys_records_and_that_is_a_record(door: httpx.Client, db: Database) -> None:
    kim, far, eye = (browser(door, who) for who in ("kim", "far", "eye"))
    kim.get(f"/api/homes/{HOME.id}")
    far.get(f"/api/homes/{FAR.id}")
    far.get(f"/api/homes/{HOME.id}")
    told = eye.get("/api/audit").json()
    abouts = {one["about"] for one in told}
    assert HOME.id in abouts
    assert FAR.id not in abouts
    assert told[0]["action"] in ("audit", "audit.read"), "the look itself comes first"
    (one,) = eye.get("/api/audit", params={"about": HOME.id, "action": "home.read"}).json()
    assert (one["name"], one["object"], one["request"]) == ("=김", HOME.id, f"GET /api/homes/{HOME.id}")
    assert eye.get("/api/audit", params={"action": "audit"}).json()[1]["reason"] == "about=home-0001 action=home.read"
    older = eye.get("/api/audit", params={"before": one["id"], "limit": 1}).json()
    assert [it["id"] < one["id"] for it in older] == [True]
    for who in (kim, far):
        assert who.get("/api/audit").status_code == 403


def test_the_months_report_and_the_chain(door: httpx.Client, db: Database) -> None:
    kim, eye = browser(door, "kim"), browser(door, "eye")
    for _ in range(3):
        kim.get(f"/api/homes/{HOME.id}")
    month = f"{wall_now().astimezone(T0.tzinfo):%Y-%m}"
    uses = {(one["name"], one["action"]): one for one in eye.get("/api/audit/report", params={"month": month}).json()}
    assert (uses[("=김", "home.read")]["times"], uses[("=김", "home.read")]["about"]) == (3, 1)
    file = eye.get("/api/audit/report.csv", params={"month": month})
    assert file.text.startswith("\ufeffaccount,name,role,action,times,about")
    assert ",'=김,manager,home.read,3,1" in file.text, "no spreadsheet takes a name for a formula"
    assert eye.get("/api/audit/report", params={"month": "2026-13"}).status_code == 422
    verdict = eye.get("/api/audit/verify").json()
    assert verdict["broken"] is None
    with db.read() as tx:
        assert audit.holds(tx, verdict["records"], verdict["head"])


def test_a_person_is_told_who_has_looked(door: httpx.Client, db: Database) -> None:
    kim, far = browser(door, "kim"), browser(door, "far")
    kim.get(f"/api/homes/{HOME.id}")
    kim.get(f"/api/care/persons/h-{HOME.id}")
    far.get(f"/api/homes/{HOME.id}")
    path = f"/api/care/persons/h-{HOME.id}/seen-by"
    seen = {(one["name"], one["action"]): one["times"] for one in kim.get(path).json()}
    assert seen[("=김", "home.read")] == 1
    assert seen[("=김", "person.read")] == 1
    assert not [who for who, _ in seen if who == "far 씨"], "a refusal has shown nothing"
    assert far.get(path).status_code == 404


def typed(url: str, *said: str) -> Done:
    return anbu("audit", *said, environ={"ANBU_DATABASE_URL": url})


def test_the_command_names_the_first_broken_record(db: Database) -> None:
    with db.write() as tx:
        for _ in range(3):
            audit.note(tx, SYSTEM, "x", now=wall_now())
    whole = typed(db.url, "verify", "--language", "en")
    assert whole.code == 0, whole.err
    head = whole.out.strip()
    assert head.startswith("3:")
    assert typed(db.url, "verify", "--head", head).code == 0
    assert typed(db.url, "verify", "--head", "3:0000").code == 1
    assert len(typed(db.url, "export").out.splitlines()) == 4, "and that it was taken away"
    with db.write() as tx:
        off = "DROP TRIGGER audit_no_delete" if db.backend == "sqlite" else "ALTER TABLE audit DISABLE TRIGGER ALL"
        tx.exec_driver_sql(off)
        tx.execute(sa.delete(rows).where(rows.c.id == 2))
    broken = typed(db.url, "verify", "--language", "en")
    assert broken.code == 1
    assert "Record 2" in broken.err
