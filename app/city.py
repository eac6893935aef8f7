"""The wiring: the only place where the rooms are joined into a running city."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from alerts import policy as policies
from alerts.bell import Bell
from alerts.channels import Channel
from alerts.channels.apprise import Apprise
from alerts.channels.console import Console
from alerts.channels.speaker import Speaker
from alerts.channels.webhook import Webhook
from alerts.desk import Desk
from alerts.outbox import Outbox
from anomaly.engine import Engine
from anomaly.time import moment
from app.place import Place
from app.settings import Settings, make_clock
from app.worker import Fatal, Loop, Step, Turns
from core.clock import Clock, wall_now
from core.events import Absence, Event, Lane
from core.people import Home
from core.signals import Signal
from ingest.ledger import Ledger
from ingest.loop import Ingest
from ingest.tuner import Tuner
from ingest.watch import FOLD, Watch
from store import log, people
from store.database import Database
from store.migrate import migrate
from store.telemetry import SqlTelemetry
from wire.session import Publisher, Session
from wire.topics import Down, down, subscriptions

if TYPE_CHECKING:
    from fastapi import FastAPI

Detail = Callable[[], Mapping[str, Any]]
BEAT_S = 2.0
LEDGER_S = 2.0
IDLE_S = {"watch": 0.25, "alerts": 0.2}  # a lane waits in its own session
CHECKPOINT_S = 5.0
TUNE_S = 900.0
LATE_S = 30.0
LANES: dict[str, tuple[Lane, ...]] = {
    "sos": (Lane.SOS,),
    "events": (Lane.EVENT, Lane.BULK, Lane.STATUS),
}


class City:
    """One city's parts, each made when a worker asks for it; several processes may hold one each of the same city."""

    def __init__(self, settings: Settings, clock: Clock | None = None, *, newest: bool = True) -> None:
        """`newest`: bring the database to the newest schema first; a worker's parent has done it."""
        self.settings = settings
        self.place = Place(settings)
        self.clock = clock or make_clock(settings.clock, self.place.folder)
        self.db = Database(settings.database)
        if newest:
            migrate(self.db)
        self.policy = policies.load(Path(settings.policy) if settings.policy else None)
        self.desk = Desk(self.policy)

    def close(self) -> None:
        """Let the database go."""
        self.db.close()

    # --- the parts

    def session(self, name: str) -> Session:
        """The MQTT session of the lane group `name`; another city at the same broker has its own."""
        return Session(
            self.place.broker,
            f"anbu-{self.place.city_id}-{name}",
            subscribe=subscriptions(*LANES[name]),
            identity=self.place.identity,
        )

    def ingest(self, name: str) -> Ingest:
        """The worker of the lane group `name`."""
        limit, prompt = self.settings.batch_limit, name == "sos"
        return Ingest(self.db, self.session(name), self.desk, self.clock, batch=limit, prompt=prompt)

    def watch(self) -> Watch:
        """The engine's worker."""

        def sink(tx: Connection, signal: Signal, home: Home | None, now: datetime) -> None:
            self.desk.signal(tx, signal, home, now)

        return Watch(self.db, sink, self.clock)

    def ledger(self) -> Ledger:
        """The worker of measurements and devices."""
        return Ledger(self.db, SqlTelemetry(self.db))

    def tuner(self) -> Tuner:
        """The worker that lets outcomes tune the homes' budgets."""
        return Tuner(self.db, self.policy, self.clock)

    def bell(self) -> Bell:
        """Rings the cases whose time has come."""
        return Bell(self.db, self.desk, self.clock)

    def outbox(self, publish: Callable[[str, bytes], bool]) -> Outbox:
        """Sends what the desk has written; `publish` carries the speaker's questions."""
        channels: dict[str, Channel] = {
            "console": Console(),
            "webhook": Webhook(self.settings.webhook_secret or self.place.webhook_secret, wall_now),
            "apprise": Apprise(),
            "speaker": Speaker(publish, lambda gateway: down(gateway, Down.ASK)),
        }
        return Outbox(self.db, self.desk, channels, self.clock)

    def api(self, outbox: Outbox) -> FastAPI:
        """The people's door."""
        from api.app import create_app  # half of all the code there is: the lanes' processes start without it

        return create_app(
            db=self.db,
            desk=self.desk,
            clock=self.clock,
            token=self.settings.api_token or None,
            record_absence=record_absence,
            lanes=ages,
            lane_limit_s=LATE_S,
            report=outbox.report,
            next_alarm=self._next_alarm(),
            timezone=self.policy.rota.calendar.timezone,
        )

    # --- the workers

    def loops(self, worker: str, stop: threading.Event) -> list[Loop]:
        """The loops of one worker process: its own, and the beat that says that it lives."""
        match worker:
            case "sos" | "events":
                ingest = self.ingest(worker)
                return [self._beating(worker, ingest.step, partial(_state_of, ingest))]
            case "watch":
                watch = self.watch()
                turns = self._beating("watch", watch.step, partial(_progress_of, watch), (self.ledger().step, LEDGER_S))
                return [turns, Loop("checkpoint", self.db.checkpoint, CHECKPOINT_S)]
            case "tuner":  # a process of its own: a replay takes seconds, and no alarm waits for it
                return [Loop("tuner", self.tuner().step, TUNE_S)]
            case "alerts":
                publisher = Publisher(self.place.broker, f"anbu-{self.place.city_id}-asks")
                publisher.start()
                outbox = self.outbox(publisher.publish)
                return [self._beating("alerts", self.bell().step, dict), Loop("outbox", outbox.step, 0.1)]
            case "api":
                return [Loop("api", self._serve(stop)), Loop("beat", partial(self._beat, "api", dict), BEAT_S)]
            case _:
                raise ValueError(f"no such worker: {worker}")

    def _beating(self, worker: str, step: Step, detail: Detail, *others: tuple[Step, float]) -> Loop:
        beat = partial(self._beat, worker, detail), BEAT_S
        return Loop(worker, Turns(step, beat, *others).step, IDLE_S.get(worker, 0.0))

    def _beat(self, worker: str, detail: Detail) -> int:
        now, said = wall_now(), detail()
        with self.db.write(synced=False) as tx:  # it is worth nothing after a power cut
            log.beat(tx, worker, now, said)
        return 0

    def _serve(self, stop: threading.Event) -> Callable[[], int]:
        from api.server import Server

        app = self.api(self.outbox(lambda _topic, _body: False))
        server = Server(app, self.settings.http_host, self.settings.http_port)

        def end() -> None:
            stop.wait()
            server.should_exit = True

        def serve() -> int:
            family = socket.AF_INET6 if ":" in self.settings.http_host else socket.AF_INET
            try:
                listener = socket.create_server((self.settings.http_host, self.settings.http_port), family=family)
            except OSError as error:
                raise Fatal(f"cannot listen on http://{self.settings.http}: {error.strerror}") from error
            threading.Thread(target=end, daemon=True).start()
            server.run([listener])
            if not stop.is_set():
                raise RuntimeError("the web server has ended by itself")
            return 0

        return serve

    def _next_alarm(self) -> Callable[[str], tuple[datetime, datetime] | None]:
        kept: tuple[int, Engine] | None = None

        def next_alarm(home: str) -> tuple[datetime, datetime] | None:
            # The engine lives in another process: its last snapshot is some minutes behind.
            nonlocal kept
            with self.db.read() as tx:
                found = log.snapshot(tx, FOLD)
            if found is None:
                return None
            if kept is None or kept[0] != found[0]:
                kept = found[0], Engine.restore(found[1])
            try:
                at = kept[1].view(home)["next_alarm_at"]
            except KeyError:
                return None
            return (at, moment(kept[1].watermark)) if isinstance(at, datetime) else None

        return next_alarm


def _state_of(ingest: Ingest) -> dict[str, Any]:
    return {"connected": ingest.connected, "waiting": ingest.waiting}


def _progress_of(watch: Watch) -> dict[str, Any]:
    return {"position": watch.position, "reached_at": watch.reached_at.isoformat()}


def record_absence(tx: Connection, home: Home, until: datetime, now: datetime) -> None:
    """Append a person's word that the home is empty to the log, so that the engine hears it like any event."""
    event = Event(
        id=f"absence-{now:%Y%m%dT%H%M%S%f}", gateway=home.gateway, device="desk", kind="absence", at=now,
        data=Absence(away=True, until=until),
    )  # fmt: skip
    log.append_one(tx, log.Entry(event, home.id, now))


def ages(tx: Connection) -> dict[str, float]:
    """Each worker's age in real seconds since its last round; one that never ran, or hears no broker, has no end."""
    beats, now = log.all_beats(tx), wall_now()
    workers = (*LANES, "watch", "alerts", "api")
    well = {w for w in workers if w in beats and beats[w][1].get("connected", True)}
    return {w: (now - beats[w][0]).total_seconds() if w in well else float("inf") for w in workers}


def append_homes(db: Database, homes: list[Home], now: datetime) -> None:
    """Enrol homes, in one transaction."""
    with db.write() as tx:
        for home in homes:
            people.put_home(tx, db.backend, home, now)
