"""A city in recorded time: ingest and watch as always, a clock that the events themselves move, and no cases."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.place import Place
from app.settings import Settings
from app.worker import Loop, Turns
from core.clock import EventClock, wall_now
from core.events import Lane
from core.people import Home
from core.signals import Signal
from gateway.recorded import BOOT
from ingest.loop import Ingest
from ingest.watch import Watch
from store import log
from store.database import Database
from store.migrate import migrate
from store.people import all_homes, put_home
from store.tables import events
from wire.session import Session
from wire.topics import subscriptions

WORKERS = ("recorded-events", "recorded-watch")
_BEAT_S = 0.5
_DAWN = datetime(1970, 1, 1, tzinfo=UTC)


class NotEmpty(RuntimeError):
    """The database is a living city's."""


class Outcome(msgspec.Struct, frozen=True):
    """What a replay left behind: events and distinct events in the log, signals, and the digest of all of them."""

    in_log: int
    distinct: int
    signals: int
    digest: str


def prepare(settings: Settings, homes: list[Home]) -> None:
    """Enrol the recorded homes in an empty database, or find them there from before. Raises NotEmpty."""
    db = Database(settings.database)
    migrate(db)
    with db.read() as tx:
        strangers = {home.id for home in all_homes(tx)} - {home.id for home in homes}
    db.close()
    if strangers:
        raise NotEmpty(
            f"{settings.database} is a living city's ({len(strangers)} other homes): "
            "set ANBU_DATA_DIR or ANBU_DATABASE_URL to an empty one"
        )
    enrol(settings, homes)


def enrol(settings: Settings, homes: list[Home]) -> None:
    """Take in the recorded homes that are not there yet."""
    db = Database(settings.database)
    with db.write() as tx:
        known = {home.id for home in all_homes(tx)}
        for home in homes:
            if home.id not in known:
                put_home(tx, db.backend, home, wall_now())
    db.close()


def loops(worker: str, settings: Settings) -> list[Loop]:
    """The loops of one of `WORKERS`."""
    place, db = Place(settings), Database(settings.database)
    with db.read() as tx:
        clock = EventClock(log.newest_seen(tx) or _DAWN)
    if worker == "recorded-events":
        session = Session(
            place.broker, f"anbu-{place.city_id}-recorded",
            subscribe=subscriptions(Lane.EVENT, Lane.BULK, Lane.STATUS), identity=place.identity,
        )  # fmt: skip

        def stamp(at: datetime) -> datetime:
            clock.observe(at)
            return clock.now()

        ingest = Ingest(db, session, None, clock, batch=settings.batch_limit, prompt=False, stamp=stamp)

        def step() -> int:
            return ingest.step()

        def detail() -> dict[str, int]:
            return {"connected": ingest.connected}
    else:

        def sink(tx: Connection, signal: Signal, _home: Home | None, _now: datetime) -> None:
            log.put_signal(tx, signal)

        watch = Watch(db, sink, clock, batch=settings.batch_limit)

        def step() -> int:
            return watch.step(advance=False)

        def detail() -> dict[str, int]:
            return {"position": watch.position}

    def beat() -> int:
        with db.write(synced=False) as tx:
            log.beat(tx, worker, wall_now(), detail())
        return 0

    return [Loop(worker, Turns(step, (beat, _BEAT_S)).step, 0.05), Loop("checkpoint", db.checkpoint, 1.0)]


def spawn(settings: Settings, keep: int) -> list[subprocess.Popen[bytes]]:
    """Start the workers; they inherit the city's lock."""
    return [
        subprocess.Popen(
            [sys.executable, "-m", "app.worker", name], env={**os.environ, **settings.environment()},
            pass_fds=[keep], stdin=subprocess.DEVNULL,
        )
        for name in WORKERS
    ]  # fmt: skip


def listening(db: Database, since: datetime) -> bool:
    """Whether the ingest worker that was started at `since` hears the broker: what is sent before is sent again."""
    with db.read() as tx:
        at, detail = log.all_beats(tx).get("recorded-events", (_DAWN, {}))
    return at >= since and bool(detail["connected"])


def caught_up(db: Database) -> bool:
    """Whether the watch has folded the whole log in."""
    with db.read() as tx:
        beats = log.all_beats(tx)
        return "recorded-watch" in beats and beats["recorded-watch"][1]["position"] >= log.head(tx)


def outcome(db: Database, signals_file: Path) -> Outcome:
    """Count what is in the log, and write every signal, one JSON object a line, in canonical order."""
    ours = events.c.boot == BOOT
    pair = sa.select(events.c.gateway, events.c.seq).where(ours).distinct().subquery()
    with db.read() as tx:
        in_log = tx.scalar(sa.select(sa.func.count()).where(ours)) or 0
        distinct = tx.scalar(sa.select(sa.func.count()).select_from(pair)) or 0
        found = log.signals_in_order(tx)
    text = b"".join(msgspec.json.encode(body, order="sorted") + b"\n" for body in found)
    signals_file.write_bytes(text)
    return Outcome(in_log, distinct, len(found), sha256(text).hexdigest())
