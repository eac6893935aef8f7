"""The people's door of a small city, on a real server on loopback, for tests to knock at."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.engine import Connection

from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.policy import load
from api.app import create_app
from api.city import Homeward
from api.server import Server
from app import whatif
from app.chain import hands
from app.city import record_absence
from app.runs import Runs
from core.clock import ManualClock
from core.events import Lane
from core.people import Home, Member, Reach, Role
from core.signals import Concern, Evidence, Signal, Urgency
from ingest.post import Post
from store import people
from store.database import Database
from tests.waiting import wait_until
from wire.receipt import encode_receipt

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # Saturday, 14:00 in Seoul
HOME = Home("home-0001", "gw-0001", "gwangju/nam-gu/bongseon-1-dong", "김순자")
KIM = Member("kim", "김지민", Role.MANAGER, "gwangju", reach=(Reach("console"),))


class City:
    """A desk on `db` with one home and one manager; `serve()` opens its door."""

    def __init__(self, db: Database, **settings: Any) -> None:
        self.db, self.clock, self.desk = db, ManualClock(T0), Desk(load())
        self.lanes = {"sos": 0.5, "bulk": 1.5}
        self.absences: list[tuple[str, datetime | None]] = []
        self.homeward = homeward(db, self.desk, self.clock)
        self.simulations = Runs(Path(gettempdir()) / f"anbu-simulations-{os.getpid()}")
        self._settings = settings
        self._signals = count(1)
        with db.write() as tx:
            people.put_home(tx, db.backend, HOME, T0)
            people.put_member(tx, db.backend, KIM)

    def app(self) -> FastAPI:
        """Its door's application, on no server yet."""
        return create_app(
            db=self.db,
            desk=self.desk,
            clock=self.clock,
            record_absence=self._record,
            lanes=lambda tx: self.lanes,
            report=Outbox(self.db, self.desk, {}, self.clock).report,
            homeward=self.homeward,
            hands=hands(self.desk),
            replay=partial(whatif.told, self.db, self.desk.policy),
            simulations=self.simulations,
            **self._settings,
        )

    @contextmanager
    def serve(self) -> Iterator[httpx.Client]:
        """A client of the running server; it must be able to stop within its patience."""
        server = Server(self.app(), "127.0.0.1", 0)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            wait_until(lambda: server.started)
            port = server.servers[0].sockets[0].getsockname()[1]
            # Plain HTTP: no authorities need to be read for it, which would be most of many a test.
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, verify=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(8)
        assert not thread.is_alive(), "the server did not stop"

    def _record(self, tx: Connection, home: Home, until: datetime | None, now: datetime) -> None:
        record_absence(tx, home, until, now)
        self.absences.append((home.id, until))

    def signal(self, concern: Concern, urgency: Urgency, *evidence: Evidence, home: Home = HOME) -> int:
        """A signal about `home`; the id of its case."""
        raised = Signal(f"test/{next(self._signals)}", concern, urgency, self.clock.now(), evidence, "test", home.id)
        with self.db.write() as tx:
            case = self.desk.signal(tx, raised, home, self.clock.now())
        assert case is not None
        return case

    def press(self, home: Home = HOME) -> int:
        """Somebody presses SOS; the id of the case."""
        return self.signal(Concern.SOS, Urgency.IMMEDIATE, Evidence("evidence.sos", {"device": "pendant"}), home=home)

    def fall_silent(self) -> int:
        """The home falls silent; the id of the case."""
        return self.signal(Concern.INACTIVITY, Urgency.URGENT, Evidence("evidence.ceiling.usual", {"limit": 43200}))

    def note(self, case: int, text: str) -> None:
        """One more line in the case's log."""
        with self.db.write() as tx:
            self.desk.act(tx, case, "note", "kim", self.clock.now(), note=text)


def homeward(db: Database, desk: Desk, clock: ManualClock) -> Homeward:
    """For gateways that come over HTTPS, at a broker that lets everybody in."""
    post = Post(db, desk, clock)
    return Homeward(
        take_in=lambda gateway, lane, body: encode_receipt(post.take(gateway, Lane(lane), body)),
        admit=lambda gateway, secret: True,
        broker="mqtts://broker.example:8883",
        authority="",
        public_url="https://city.example",
    )
