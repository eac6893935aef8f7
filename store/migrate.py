"""Brings a database to the newest schema; every start does it first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
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


def migrate(db: Database) -> None:
    """Upgrade to the newest revision in one transaction behind the writer lock: a second start waits, finds it done."""
    with db.write() as tx:
        command.upgrade(config(tx), "head")
