"""Migrations that die half-way, and programs of two versions side by side on one database."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store.database import Database
from store.migrate import is_current, migrate
from store.tables import metadata
from tests.faults.city import ROLES, city
from tests.faults.rows.database import HEAL_S, healed, server, take
from tests.faults.table import Figure, row
from tests.servers import POSTGRES

PRESSES = 4
# What a later version may do: tests/house_rules holds migrations to it.
LATER = (
    "CREATE TABLE later (id INTEGER PRIMARY KEY, what TEXT NOT NULL)",
    *(f"ALTER TABLE {table} ADD COLUMN later TEXT" for table in ("homes", "events", "signals", "outbox", "members")),
    *(
        f"ALTER TABLE {table} ADD COLUMN later2 INTEGER DEFAULT 7"
        for table in ("cases", "case_log", "receipts", "beats")
    ),
    "CREATE INDEX ix_events_later ON events (later)",
    "UPDATE alembic_version SET version_num = 'of a later version'",
)


def _migrate_until(url: str, n: int) -> None:
    """Die before the n-th statement; a commit is one, too."""
    db = Database(url)
    left = [n]

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(db.engine, "before_cursor_execute", count)
    sa.event.listen(db.engine, "commit", count)
    migrate(db)


@row(
    "migration-killed",
    "a migration is killed at each of its statements",
    "SIGKILL before its n-th statement or commit, n from 1 up, on an empty SQLite and PostgreSQL; then once to its end",
    "each time it is whole or not there; in the end the schema is the one the program expects",
)
def migration_killed(folder: Path, full: bool) -> Figure:
    step = 1 if full else 12
    born = multiprocessing.get_context("forkserver")
    born.set_forkserver_preload([__name__])
    killed = []
    with ExitStack() as stack:
        urls = [f"sqlite:///{folder / 'anbu.db'}"]
        if POSTGRES:
            urls.append(stack.enter_context(server(folder)).database())
        for url in urls:
            n, code = 1, -signal.SIGKILL
            while code == -signal.SIGKILL:
                doomed = born.Process(target=_migrate_until, args=(url, n))
                doomed.start()
                doomed.join(60)
                code = doomed.exitcode
                db = Database(url)
                with db.read() as tx:
                    tables = set(sa.inspect(tx).get_table_names()) - {"alembic_version"}
                    assert code == 0 or not tables, f"killed at {n}: there are {len(tables)} tables"
                db.close()
                n += step
            assert code == 0, f"the migration ended with {code}"
            killed.append((n - 1) // step - 1)
            db = Database(url)
            migrate(db)
            with db.read() as tx:
                assert is_current(tx)
                differences = compare_metadata(MigrationContext.configure(tx), metadata)
            db.close()
            assert not differences, differences
    return Figure(sum(killed), f"killed {' and '.join(map(str, killed))} times; nothing half done, the schema is right")


@row(
    "versions-side-by-side",
    "a newer version has migrated the database, and workers of this one go on, and start anew",
    "a running city; columns, a table and an index of a later version come, and its revision; presses; restarts",
    "0 lost, 0 twice, ready",
)
def versions_side_by_side(folder: Path, full: bool) -> Figure:
    waited_s = []
    with ExitStack() as stack:
        url = stack.enter_context(server(folder)).database() if POSTGRES and full else ""
        place = stack.enter_context(city(folder, 3 * PRESSES, database_url=url)).start_all()
        homes = place.press(PRESSES)
        with place.db.write() as tx:
            for statement in LATER:
                tx.exec_driver_sql(statement)
        homes += place.press(PRESSES)
        waited_s.append(healed(place, homes))
        for role in ROLES:
            place.workers[role].kill()
            place.start(role)
        migrate(place.db)
        more = place.press(PRESSES)
        waited_s.append(healed(place, more, 2 * HEAL_S))
        place.expect_ready()
        take(place, homes + more)
        said = place.verdict()
    return Figure(1, f"{said['pressed']} pressed, {said['cases']} cases, there {max(waited_s):.1f} s later at most")
