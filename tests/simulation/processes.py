"""The programs that live and die in the simulation: each is the real one, its sessions and disks are the world's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.bell import Bell
from alerts.outbox import Outbox as Sender
from core.clock import stopwatch_s
from core.events import Lane as Topic
from core.people import Home
from gateway.dialects import dialects
from gateway.program import HomeGateway
from ingest.loop import Ingest
from tests.simulation.broker import FakeBroker, FakeSession, connector
from tests.simulation.disks import DiskFates, ShakyOutbox
from tests.simulation.people import AtOnce, Calling, Provider, Workers
from tests.simulation.timeline import WallClock
from wire.topics import subscriptions
from wire.url import BrokerUrl

if TYPE_CHECKING:
    from tests.simulation.world import World

CITY = BrokerUrl("city", 1883)
LANES = {"sos": (Topic.SOS,), "events": (Topic.EVENT, Topic.BULK, Topic.STATUS)}
IDLE_S = (10.0, 40.0)
_BUSY_S = (0.1, 1.0)
_SENDING_S = (1.0, 5.0)


class Lane:
    """One lane group of the city."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self.name = world, name

    def start(self) -> None:
        world = self._world
        self._session = FakeSession(
            world, self.name, world.brokers["city"], f"anbu-{self.name}", subscribe=subscriptions(*LANES[self.name])
        )
        self._ingest = Ingest(
            world.db, self._session, world.desk, world.clock,  # type: ignore[arg-type]  # as a session is
            prompt=self.name == "sos", syncer=AtOnce(),
        )  # fmt: skip

    def step(self) -> tuple[float, float]:
        return _BUSY_S if self._ingest.step(0.0) or self._ingest.waiting else IDLE_S

    def die(self) -> None:
        self._session.kill()


class Alerts:
    """Bell and outbox, in whichever order their threads come."""

    def __init__(self, world: World, name: str, providers: Sequence[Provider]) -> None:
        self._world, self.name, self._providers = world, name, providers

    def start(self) -> None:
        world = self._world
        channels = {provider.channel: Calling(provider) for provider in self._providers}
        self._bell = Bell(world.db, world.desk, world.clock)
        self._sender = Sender(
            world.db, world.desk, channels, world.clock, workers=lambda _channel: Workers(world, self.name)
        )

    def step(self) -> tuple[float, float]:
        turns = [self._bell.step, lambda: self._sender.step(0.0)]
        if self._world.random.random() < 0.5:
            turns.reverse()
        if sum(turn() for turn in turns):
            return _BUSY_S
        return _SENDING_S if self._world.oracle.queued() else IDLE_S

    def die(self) -> None:
        self._sender.close()


class Box:
    """A home: its own broker, which forgets nothing, and the program on the box beside it."""

    def __init__(self, world: World, home: Home, folder: Path, fates: DiskFates) -> None:
        self._world, self.home, self._folder, self._fates = world, home, folder, fates
        self.name = home.gateway
        self.clock = WallClock(world.timeline)
        self.broker = FakeBroker(world, home.id, forgets=False)
        world.brokers[home.id] = self.broker
        self.words: set[str] = set()
        self.waiting_presses: set[str] = set()
        self.sent: set[str] = set()
        self._disk = 0
        self._sessions: list[FakeSession] = []

    def start(self) -> None:
        world = self._world
        path = self._folder / f"{self.name}-{self._disk}.db"
        self._outbox = ShakyOutbox(path, self.name, count_s=stopwatch_s, machine="simulated")
        self._outbox.fates = self._fates
        dial = connector(world, self.name, world.brokers)

        def connect(*where: object, **how: object) -> FakeSession:
            self._sessions.append(dial(*where, **how))
            return self._sessions[-1]

        self._gateway = HomeGateway(
            self.name, BrokerUrl(self.home.id, 1883), CITY, self._outbox, self.clock,
            version="simulated", heartbeat_s=1e9, hears=dialects()[:1], connect=connect,
            count_s=stopwatch_s,
        )  # fmt: skip

    def step(self) -> tuple[float, float]:
        return _BUSY_S if self._gateway.step(0.0) or self._gateway.uplink.busy else IDLE_S

    def die(self) -> None:
        for session in self._sessions:
            session.kill()
        self._sessions.clear()
        self._outbox.close()

    def cut(self) -> None:
        """The line to the city breaks."""
        for session in self._sessions:
            if session.broker.name == "city":
                session.kill()

    def new_disk(self) -> None:
        """A new box, after `die`: outbox and the home's broker begin anew."""
        self._disk += 1
        self.waiting_presses.clear()
        self.broker.forget()

    @property
    def owes(self) -> int:
        """Events that are on its disk."""
        return self._outbox.waiting()
