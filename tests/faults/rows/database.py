"""PostgreSQL that crashes, is away, loses its connections in the middle of a COMMIT, or holds a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from core.clock import sleep_s, stopwatch_s, wall_now
from tests.faults.city import City, city, expect
from tests.faults.cutter import Cutter
from tests.faults.table import Figure, Skipped, quantile, row
from tests.servers import POSTGRES, Postgres

PRESSES = 4
HEAL_S = 5.0


@contextmanager
def server(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL for one row."""
    if POSTGRES is None:
        raise Skipped("PostgreSQL is not installed (Debian: postgresql)")
    (folder / "postgresql").mkdir()
    running = Postgres(folder / "postgresql").start()
    try:
        yield running
    finally:
        running.stop("immediate")


def take(place: City, homes: list[str]) -> None:
    """Every other case is taken at once, the others by the second who is called."""
    found = place.of(homes)
    for case in found[::2]:
        place.acknowledge(case.id)
    left = [case.id for case in found[1::2]]
    expect(lambda: all(map(place.climbed, left)), 15, "who does not take a case is followed by the next")
    for case in left:
        place.acknowledge(case)


def healed(place: City, homes: list[str], limit_s: float = HEAL_S, *, since: datetime | None = None) -> float:
    """The database is there again, `since` then: seconds until each of the homes has its case and its receipt."""
    began_s = stopwatch_s()
    place.rang_again.append(since or wall_now())
    place.expect_cases(homes, limit_s)
    place.expect_receipts(max(0.0, limit_s - (stopwatch_s() - began_s)))
    return stopwatch_s() - began_s


def _ready_at(folder: Path) -> datetime:
    """When PostgreSQL came back, by its own log: a bell may have rung before `pg_ctl` has said so."""
    lines = (folder / "postgresql" / "log").read_text(encoding="utf-8").splitlines()
    newest = [line for line in lines if "ready to accept connections" in line][-1]
    return datetime.strptime(newest[:23], "%Y-%m-%d %H:%M:%S.%f").astimezone(UTC)  # in the machine's own zone


@row(
    "postgres-restart",
    "PostgreSQL crashes and is started again",
    "`pg_ctl stop -m immediate` between two rounds of presses, then start",
    "20 times; 0 lost, 0 twice; every case is there within 5 s",
)
def postgres_restart(folder: Path, full: bool) -> Figure:
    times = 20 if full else 2
    healed_s, before = [], list[str]()
    with server(folder) as postgres, city(folder, times * 2 * PRESSES, database_url=postgres.database()) as place:
        place.start_all()
        for _ in range(times):
            homes = place.press(PRESSES)
            postgres.stop("immediate")
            homes += place.press(PRESSES)
            sleep_s(0.5)
            postgres.start()
            healed_s.append(healed(place, homes, since=_ready_at(folder)))
            take(place, before)
            before = homes
        take(place, before)
        said = place.verdict()
    return Figure(times, f"{said['pressed']} pressed, {said['cases']} cases; healed in {max(healed_s):.1f} s at most")


@row(
    "postgres-away",
    "PostgreSQL is away for 10 min",
    "`pg_ctl stop -m fast`, presses all the while, then start; a sample is away for 10 s",
    "0 lost, 0 twice; the last SOS is a case within 5 s; the city says that it is not ready",
)
def postgres_away(folder: Path, full: bool) -> Figure:
    away_s, presses = (600.0, 120) if full else (10.0, 10)
    with server(folder) as postgres, city(folder, presses + PRESSES, database_url=postgres.database()) as place:
        place.start_all()
        homes = place.press(PRESSES)
        place.expect_cases(homes, HEAL_S)
        postgres.stop()
        for _ in range(presses):
            homes += place.press()
            sleep_s(away_s / presses)
        assert not place.ready(), "ready without a database"
        assert place.homes.waiting() >= presses, "a receipt for what no database holds"
        postgres.start()
        healed_s = healed(place, homes, since=_ready_at(folder))
        take(place, homes)
        ready_s = place.expect_ready(10)
        said = place.verdict()
    return Figure(
        1,
        f"away {away_s:.0f} s; {said['pressed']} pressed, {said['cases']} cases, the last after {healed_s:.1f} s; "
        f"ready {ready_s:.1f} s later",
    )


@row(
    "postgres-commit-cut",
    "a connection is cut inside COMMIT",
    "a proxy cuts it at the COMMIT: in turns before PostgreSQL hears it, and before the city hears the answer",
    "1,000 cuts; 0 lost, 0 twice; every case is there within 5 s of the last cut",
)
def postgres_commit_cut(folder: Path, full: bool) -> Figure:
    cuts, together = (1000, 10) if full else (20, 10)
    rounds = cuts // together
    took_s = []
    with server(folder) as postgres:
        cutter = Cutter(postgres.port)
        url = postgres.database().replace(f":{postgres.port}/", f":{cutter.port}/")
        with city(folder, cuts * 5, database_url=url) as place:
            place.start_all()
            for _ in range(rounds):
                cutter.cut(together)
                homes: list[str] = []
                while cutter.wanted:
                    if place.homes.waiting() < 4 * PRESSES:
                        homes += place.press(1)
                    sleep_s(0.1)
                took_s.append(healed(place, homes))
                take(place, homes)
            said = place.verdict()
        cutter.close()
    return Figure(
        cutter.cuts,
        f"{cutter.before} before and {cutter.after} after PostgreSQL had heard it; {said['pressed']} pressed, "
        f"{said['cases']} cases; there {quantile(took_s, 0.5):.1f} s after the last cut, at most {max(took_s):.1f} s",
    )


@row(
    "postgres-table-locked",
    "a table is locked",
    "`LOCK TABLE … IN ACCESS EXCLUSIVE MODE` for 30 s, presses meanwhile; for a sample 3 s",
    "cases, events and outbox; 0 lost, 0 twice; every case is there within 5 s",
)
def postgres_table_locked(folder: Path, full: bool) -> Figure:
    held_s, tables = 30.0 if full else 3.0, ("cases", "events", "outbox")
    healed_s = []
    with server(folder) as postgres, city(folder, len(tables) * PRESSES, database_url=postgres.database()) as place:
        place.start_all()
        aside = sa.create_engine(place.settings.database.replace("postgresql:", "postgresql+psycopg:"))
        for table in tables:
            with aside.begin() as tx:
                tx.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                homes = place.press(PRESSES)
                sleep_s(held_s)
                since = wall_now()
            healed_s.append(healed(place, homes, since=since))
            take(place, homes)
        aside.dispose()
        said = place.verdict()
    return Figure(
        len(tables),
        f"{', '.join(tables)} for {held_s:.0f} s each; {said['pressed']} pressed, {said['cases']} cases, "
        f"there in {max(healed_s):.1f} s at most",
    )
