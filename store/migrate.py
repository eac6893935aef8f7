"""Brings a database to the newest schema; every start does it first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from store.database import Database

if TYPE_CHECKING:  # alembic is large, and most of a city's processes bring no database anywhere
    from alembic.config import Config

_HERE = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, bound to an open connection."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_HERE))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def is_current(tx: Connection) -> bool:
    """Whether this program can work here: the database stands at the newest revision it knows, or at a newer one.

    Migrations only add, so that while a city is renewed, worker by worker, those of the version before go on working.
    """
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(tx).get_current_revision() not in (None, *_revisions()[1:])


def migrate(db: Database) -> None:
    """Upgrade to the newest revision in one transaction behind the writer lock: a second start waits, finds it done.

    A database at a revision that this program does not know is left as it is: a newer program has been here.
    """
    with db.write() as tx:
        if not is_current(tx):
            from alembic import command

            command.upgrade(config(tx), "head")


@cache
def _revisions() -> tuple[str, ...]:
    """All that this program knows, the newest first."""
    from alembic.script import ScriptDirectory

    return tuple(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())
