"""What a guarded read costs beside a bare one, in a city of 7,000 homes: `python bench/guard.py`; ratios count."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from access import audit
from access.actor import Actor
from access.roles import Role
from access.visible import Kind, find, only
from core.clock import stopwatch_s
from core.people import Home
from store import people
from store.care_tables import persons
from store.database import Database
from store.migrate import migrate
from store.tables import cases, homes

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HOMES, CASES, DONGS, ROUNDS = 7000, 300, 97, 300


def fill(db: Database) -> None:
    """Homes over 97 dong of five gu, a person in each, and a Care Call in some."""
    with db.write() as tx:
        for n in range(HOMES):
            area = f"gwangju/gu-{n % 5}/dong-{n % DONGS}"
            people.put_home(tx, db.backend, Home(f"home-{n:05}", f"gw-{n:05}", area, "김순자"), T0)
            row = {"id": f"h-home-{n:05}", "home": f"home-{n:05}", "name": "김순자", "area": area, "risk": "normal"}
            tx.execute(sa.insert(persons).values(**row, exercise=False, contact_at=T0, created_at=T0))
        for n in range(CASES):
            home, area = f"home-{n:05}", f"gwangju/gu-{n % 5}/dong-{n % DONGS}"
            row = {"subject": f"home:{home}", "home": home, "area": area, "group": "sos", "concern": "sos"}
            tx.execute(
                sa.insert(cases).values(**row, urgency=3, state="alerting", opened_at=T0, exercise=False, body={})
            )


def timed(db: Database, deed: object) -> float:
    """Microseconds of one read."""
    took = []
    for _ in range(ROUNDS):
        with db.read() as tx:
            began = stopwatch_s()
            deed(tx)  # type: ignore[operator]  # a function
            took.append(stopwatch_s() - began)
    return median(took) * 1e6


def main(url: str) -> None:
    """Fill a database and print the table."""
    db = Database(url)
    migrate(db)
    fill(db)
    dong = Actor("u-1", "x", Role.MANAGER, ("gwangju/gu-1/dong-1",))
    city = Actor("u-2", "x", Role.DUTY, ("gwangju",))
    bare = timed(db, lambda tx: tx.execute(sa.select(homes).where(homes.c.id == "home-00001")).one())
    one = timed(db, lambda tx: find(tx, dong, Kind.HOME, "home-00001"))
    print(f"a home, bare: {bare:.0f} us; the check before it: {one / bare:.2f} times that")
    every = timed(db, lambda tx: tx.execute(sa.select(cases)).all())
    for name, actor in (("of a dong", dong), ("of the city", city)):
        mine = only(actor, Kind.CASE, cases.c.id)
        took = timed(db, lambda tx, mine=mine: tx.execute(sa.select(cases).where(mine)).all())
        print(f"cases {name}: {took / every:.2f} times all {CASES} without a clause ({every:.0f} us)")
    every = timed(db, lambda tx: tx.execute(sa.select(persons).order_by(persons.c.id).limit(200)).all())
    for name, actor in (("of a dong", dong), ("of the city", city)):
        mine = only(actor, Kind.PERSON, persons.c.id)
        page = sa.select(persons).where(mine).order_by(persons.c.id).limit(200)
        took = timed(db, lambda tx, page=page: tx.execute(page).all())
        print(f"a page of persons {name}: {took / every:.2f} times one without a clause ({every:.0f} us)")
    began = stopwatch_s()
    for n in range(ROUNDS):
        with db.write() as tx:
            audit.note(tx, dong, "home.read", "home", f"home-{n}", now=T0)
    print(f"an audit row with its commit: {(stopwatch_s() - began) / ROUNDS * 1e6 / bare:.0f} times the bare home")
    if db.backend == "sqlite":
        with db.read() as tx:
            for kind, table in ((Kind.CASE, cases), (Kind.PERSON, persons), (Kind.HOME, homes)):
                text = sa.select(table.c.id).where(only(dong, kind, table.c.id)).order_by(table.c.id)
                plan = str(text.compile(db.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
                print(kind, [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {plan}")])
    db.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'anbu.db'}")
