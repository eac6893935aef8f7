"""Brings a database to the newest schema; every start does it first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from store.database import Database

_HERE = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """Alembic's settings, bound to an open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(_HERE))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def is_current(tx: Connection) -> bool:
    """Whether this program can work here: the database stands at the newest revision it knows, or at a newer one.

    Migrations only add, so that while a city is renewed, worker by worker, those of the version before go on working.
    """
    known = ScriptDirectory.from_config(config(tx))
    standing = MigrationContext.configure(tx).get_current_revision()
    return standing == known.get_current_head() or _is_newer(known, standing)


def migrate(db: Database) -> None:
    """Upgrade to the newest revision in one transaction behind the writer lock: a second start waits, finds it done.

    A database at a revision that this program does not know is left as it is: a newer program has been here.
    """
    with db.write() as tx:
        if not is_current(tx):
            command.upgrade(config(tx), "head")


def _is_newer(known: ScriptDirectory, standing: str | None) -> bool:
    return standing is not None and standing not in {script.revision for script in known.walk_revisions()}
