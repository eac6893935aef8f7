"""Puts a backup in a city's place: never under a city that runs."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from app.place import AlreadyRunning, Place
from app.settings import Settings
from core.clock import sleep_s, wall_now
from store import backup
from store.database import Database
from store.log import all_beats

_HEARD_S = 15.0
_LISTEN_S = 5.0


def restore(settings: Settings, file: Path) -> backup.Restored:
    """Restore this city's database from `file`.

    Raises AlreadyRunning and BackupError.
    """
    lock = Place(settings).lock()  # held to the end: no city starts on half a database
    try:
        _nobody_works(settings.database)
        return backup.restore(settings.database, file, wall_now())
    finally:
        os.close(lock)


def _nobody_works(url: str) -> None:
    """Parts of a city hold no lock, and may run on another machine: but each worker says in the database that it lives.

    One that was heard a moment ago may have ended since, so it is listened to once more.
    """
    path = backup.file_of(url)
    if path is not None and not path.exists():
        return
    before = _beats(url)
    if not before or (wall_now() - max(before.values())).total_seconds() > _HEARD_S:
        return
    sleep_s(_LISTEN_S)
    after = _beats(url)
    if alive := sorted(worker for worker in after if after[worker] != before.get(worker)):
        raise AlreadyRunning(f"this city runs: end its workers first ({', '.join(alive)})")


def _beats(url: str) -> dict[str, datetime]:
    db = Database(url)
    try:
        with db.read() as tx:
            return {worker: at for worker, (at, _) in all_beats(tx).items()}
    except sa.exc.DBAPIError:
        return {}  # gone or damaged: that is why it is restored
    finally:
        db.close()
