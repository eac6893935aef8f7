"""The wiring: the only place where the rooms are joined into a running city."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property, partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from access.sessions import Life
from alerts import policy as policies
from alerts.bell import Bell
from alerts.caller import Caller
from alerts.channels import Channel
from alerts.channels.apprise import Apprise
from alerts.channels.canary import Canary as CanaryLine
from alerts.channels.cloud import Cloud
from alerts.channels.console import Console
from alerts.channels.speaker import Speaker
from alerts.channels.webhook import Webhook
from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.pushes import PUSH
from anomaly.engine import Engine
from anomaly.snapshot import SnapshotMismatch
from anomaly.time import moment
from app import whatif
from app.chain import hands
from app.clouds import addresses, load_clouds, sources
from app.place import Place
from app.runs import Runs
from app.settings import Settings, make_clock
from app.switch import Switch, troubles
from app.worker import Fatal, Loop, Step, Turns
from care.hooks import Hooks
from care.keeper import CHORES, Keeper
from core.clock import Clock, wall_now
from core.events import Absence, Event, Lane
from core.people import Home
from core.signals import Evidence, Signal
from ingest.canary import Canary, Publish
from ingest.cloud import Clouds
from ingest.floods import Floods
from ingest.forgetting import Forgetting
from ingest.ledger import Ledger
from ingest.locks import Locks
from ingest.loop import Ingest
from ingest.post import Post
from ingest.standing import Standings
from ingest.tuner import Tuner
from ingest.watch import FOLD, Watch
from store import log, people
from store.canary import WORKER as CANARY
from store.canary import Trial, trials
from store.database import Database
from store.migrate import migrate
from store.telemetry import SqlTelemetry
from wire.client import Publisher
from wire.dynsec import RESPONSE, Dynsec
from wire.receipt import encode_receipt
from wire.session import Session
from wire.topics import Down, down, subscriptions

if TYPE_CHECKING:
    from fastapi import FastAPI

    from access.oidc import Oidc
    from api.city import Homeward

Detail = Callable[[], Mapping[str, Any]]
BEAT_S = 2.0
LEDGER_S = 2.0
IDLE_S = {"watch": 0.25, "alerts": 0.2, "caller": 0.5, "keeper": 2.0, CANARY: 0.25}  # a lane waits in its own session
CHECKPOINT_S = 5.0
TUNE_S = 900.0
FORGET_S = 3600.0
STANDINGS_S = 1.0
LATE_S = 30.0
LOOK_S = 5.0
LOCKS_S = 0.5  # of the five seconds in which who is revoked is out
LANES: dict[str, tuple[Lane, ...]] = {
    "sos": (Lane.SOS,),
    "events": (Lane.EVENT, Lane.BULK, Lane.STATUS),
}
WORKERS = (*LANES, "watch", "alerts", "caller", "keeper", "api")
"""Without these a press becomes no call, a call that was planned is not made, or a step of care is forgotten."""
NOTICING = (*LANES, "watch", "alerts")
"""Without these nobody would notice."""


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
        self.clouds = load_clouds(settings.clouds)
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
        return Ingest(
            self.db, self.session(name), self.desk, self.clock, batch=limit, prompt=prompt, floods=Floods()
        )  # fmt: skip

    @cached_property
    def locks(self) -> Locks | None:
        """What keeps the broker's accounts; None where that is not ours to do."""
        if not self.settings.broker_control:
            return None
        name = f"anbu-{self.place.city_id}-locks"
        return Locks(self.db, Dynsec(Session(self.place.broker, name, subscribe=[RESPONSE], persistent=False)))

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

    def standings(self, tell: Callable[[str, bytes], object]) -> Standings:
        """Tells homes how they stand; `tell` carries it."""
        return Standings(self.db, self.clock, tell, lambda tx: max(ages(tx, NOTICING).values()) < LATE_S)

    def bell(self) -> Bell:
        """Rings the cases whose time has come."""
        return Bell(self.db, self.desk, self.clock)

    def caller(self, publish: Callable[[str, bytes], bool]) -> Caller:
        """Makes the scheduled check-in calls; `publish` carries the questions."""
        return Caller(self.db, self.desk, self._homeward_channels(publish), self.clock)

    def _homeward_channels(self, publish: Callable[[str, bytes], bool]) -> dict[str, Channel]:
        """By which homes are asked."""
        return {
            "speaker": Speaker(publish, lambda gateway: down(gateway, Down.ASK)),
            "cloud": Cloud(addresses(self.clouds), wall_now),
        }

    def outbox(self, publish: Callable[[str, bytes], bool]) -> Outbox:
        """Sends what the desk has written; `publish` carries the questions to homes."""
        from alerts.channels.webpush import WebPush  # it and its ciphers are large: for those who push alone

        channels: dict[str, Channel] = {
            "console": Console(),
            "webhook": Webhook(self.settings.webhook_secret or self.place.webhook_secret, wall_now),
            "apprise": Apprise(),
            "canary": CanaryLine(),
            PUSH: WebPush(self.db, self.place.vapid_key, self.settings.push_subject, wall_now),
            **self._homeward_channels(publish),
        }
        return Outbox(self.db, self.desk, channels, self.clock)

    def keepers(self) -> dict[str, Keeper]:
        """What falls due by itself in the care chain, by name."""
        return {name: Keeper(self.db, hands(self.desk), self.clock, chore) for name, chore in CHORES.items()}

    def canary(self, publish: Publish) -> Canary:
        """Presses SOS where nobody lives."""
        # The broker's and the log's memory of an earlier run must not take a new press for an old one.
        boot = f"c{secrets.token_hex(6)}"
        return Canary(self.db, self.desk, publish, self.clock, boot=boot, every_s=self.settings.canary_s)

    def canaries(self, tx: Connection) -> list[Trial]:
        """How the canaries fare; none where there are none."""
        return trials(tx) if self.settings.canary_s else []

    def troubles(self, tx: Connection) -> list[Evidence]:
        """Why this city is not well, if it is not."""
        workers = (*WORKERS, CANARY) if self.settings.canary_s else WORKERS
        return troubles(tx, ages(tx, workers), self.canaries(tx), self.clock.now(), LATE_S)

    def api(self, outbox: Outbox) -> FastAPI:
        """The people's door."""
        from alerts.channels.webpush import public_key
        from api.app import create_app  # half of all the code there is: the lanes' processes start without it

        return create_app(
            db=self.db,
            desk=self.desk,
            clock=self.clock,
            token=self.settings.api_token or None,
            record_absence=record_absence,
            lanes=ages,
            lane_limit_s=LATE_S,
            canaries=self.canaries,
            troubles=self.troubles,
            report=outbox.report,
            homeward=self._homeward(),
            hands=hands(self.desk),
            push_key=public_key(self.place.vapid_key),
            replay=partial(whatif.told, self.db, self.policy),
            simulations=Runs(self.place.folder / "simulations"),
            next_alarm=self._next_alarm(),
            timezone=self.policy.rota.calendar.timezone,
            public_url=self.settings.public_url,
            oidc=self._oidc(),
            life=Life(timedelta(seconds=self.settings.session_idle_s), timedelta(seconds=self.settings.session_s)),
        )

    def _oidc(self) -> Oidc | None:
        from access.oidc import Oidc

        set_ = self.settings
        name = set_.oidc_name or urlsplit(set_.oidc_issuer).hostname or ""
        return Oidc(set_.oidc_issuer, set_.oidc_client_id, set_.oidc_client_secret, name) if set_.oidc_issuer else None

    def _homeward(self) -> Homeward:
        from api.city import Homeward

        post, settings = Post(self.db, self.desk, self.clock, Floods()), self.settings
        return Homeward(
            take_in=lambda gateway, lane, body: encode_receipt(post.take(gateway, Lane(lane), body)),
            admit=self.locks.admit if self.locks else None,
            broker=settings.broker_public_url or str(self.place.broker),
            authority=Path(settings.broker_ca).read_text() if settings.broker_ca else "",
            public_url=settings.public_url or settings.api_url,
            from_cloud=Clouds(self.db, post, sources(self.clouds), wall_now).take,
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
                forgetting = Forgetting(self.db, self.clock)
                publisher = Publisher(self.place.broker, f"anbu-{self.place.city_id}-standings")
                publisher.start()
                return [
                    Loop("tuner", self.tuner().step, TUNE_S, within_s=TUNE_S),
                    Loop("forgetting", forgetting.step, FORGET_S),
                    Loop("standings", partial(_rested, self.standings(publisher.tell)), STANDINGS_S),
                ]
            case "alerts":
                publisher = Publisher(self.place.broker, f"anbu-{self.place.city_id}-asks")
                publisher.start()
                outbox = self.outbox(publisher.publish)
                return [self._beating("alerts", self.bell().step, dict), Loop("outbox", outbox.step, 0.1)]
            case "caller":
                publisher = Publisher(self.place.broker, f"anbu-{self.place.city_id}-calls")
                publisher.start()
                return [self._beating("caller", self.caller(publisher.publish).step, dict)]
            case "keeper":
                chores = [Loop(name, keeper.step, IDLE_S["keeper"]) for name, keeper in self.keepers().items()]
                told = Loop("hooks", Hooks(self.db, self.clock).step, IDLE_S["keeper"])
                return [*chores, told, Loop("beat", partial(self._beat, "keeper", dict), BEAT_S)]
            case "canary":
                publisher = Publisher(self.place.broker, f"anbu-{self.place.city_id}-canary")
                publisher.start()
                canary, url = self.canary(publisher.publish), self.settings.heartbeat_url
                press = self._beating(CANARY, canary.step, canary.detail)
                return [press, *([Loop("switch", Switch(self.db, self.troubles, url).step, LOOK_S)] if url else [])]
            case "api":
                locks = [Loop("locks", self.locks.step, LOCKS_S)] if self.locks else []
                return [
                    Loop("api", self._serve(stop), within_s=inf),
                    Loop("beat", partial(self._beat, "api", dict), BEAT_S),
                    *locks,
                ]
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
        it = self.settings
        server = Server(app, it.http_host, it.http_port, it.http_certificate, it.http_key, it.proxies)

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
            try:
                if kept is None or kept[0] != found[0]:
                    kept = found[0], Engine.restore(found[1])
                at = kept[1].view(home)["next_alarm_at"]
            except (KeyError, SnapshotMismatch):
                return None
            return (at, moment(kept[1].watermark)) if isinstance(at, datetime) else None

        return next_alarm


def _rested(standings: Standings) -> int:
    """A turn, after which there is time for a rest, whatever it has done."""
    standings.step()
    return 0


def _state_of(ingest: Ingest) -> dict[str, Any]:
    return {"connected": ingest.connected, "waiting": ingest.waiting}


def _progress_of(watch: Watch) -> dict[str, Any]:
    return {"position": watch.position, "reached_at": watch.reached_at.isoformat()}


def record_absence(tx: Connection, home: Home, until: datetime | None, now: datetime) -> None:
    """Append a person's word that the home is empty until then, or (None) no more, to the log: the engine hears it."""
    event = Event(
        id=f"absence-{now:%Y%m%dT%H%M%S%f}", gateway=home.gateway, device="desk", kind="absence", at=now,
        data=Absence(away=until is not None, until=until),
    )  # fmt: skip
    log.append_one(tx, log.Entry(event, home.id, now))


def ages(tx: Connection, workers: Iterable[str] = WORKERS) -> dict[str, float]:
    """Each worker's age in real seconds since its last round; one that never ran, or hears no broker, has no end."""
    beats, now = log.all_beats(tx), wall_now()
    well = {worker for worker, (_, detail) in beats.items() if detail.get("connected", True)}
    return {w: (now - beats[w][0]).total_seconds() if w in well else float("inf") for w in workers}


def append_homes(db: Database, homes: list[Home], now: datetime) -> None:
    """Enrol homes, in one transaction."""
    with db.write() as tx:
        for home in homes:
            people.put_home(tx, db.backend, home, now)
