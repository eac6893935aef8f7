"""One seed: a city and its homes, first with faults, then without; in the end each press must be one closed case."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from alerts.case import Refused
from alerts.channels import Message
from alerts.desk import Desk
from alerts.policy import Policy, load
from core.clock import stopwatch_by
from core.events import Event
from store.database import Unavailable
from tests.simulation.broker import FakeBroker, FakeSession
from tests.simulation.disks import HOMES, ShakyDatabase, away
from tests.simulation.kernel import Died, Kernel, Process
from tests.simulation.oracle import Oracle
from tests.simulation.people import Person, Provider, Style
from tests.simulation.processes import Alerts, Box, Lane
from tests.simulation.story import story
from wire.codec import decode
from wire.line import Delivery
from wire.receipt import decode_receipt
from wire.topics import parse_up

LIVE_S = 6 * 3600.0
_DATA = {"battery": b'{"percent": 50}'}


@cache
def _policy() -> Policy:
    return load(None)


class Result(NamedTuple):
    """What one seed came to; `broken` is the first law that was, `lines` what happened."""

    seed: int
    presses: int
    cases: int
    faults: Counter[str]
    broken: str | None
    lines: list[str]


class World(Kernel):
    """What happens, and who dies when. All of it follows from the seed."""

    def __init__(self, seed: int, db: ShakyDatabase, folder: Path, schema: Sequence[str] = ()) -> None:
        super().__init__(seed)
        self.db, self.desk = db, Desk(_policy())
        db.renew(schema)
        self.oracle = Oracle(folder / "city.db", self.timeline, self.clock, self.trace)
        self.brokers = {"city": FakeBroker(self, "city", forgets=True)}
        self.people: dict[str, Person] = {}
        self._rang: Counter[tuple[int, str | None, str, str]] = Counter()
        self._away_until_s = 0.0
        self._dark: dict[str, float] = {}
        self._expected: set[str] = set()
        self._presses = 0
        self._slow_s = self.random.choice((0.02, 0.3, 2.0))
        homes = HOMES[: self.random.choice((1, 2, 3))]
        self.boxes = [Box(self, home, folder, _HomeDisk(self)) for home in homes]
        honest = {"console": True, "phone": False, "mail": False, "speaker": False}
        providers = [Provider(self, channel, is_honest) for channel, is_honest in honest.items()]
        self.city: list[Process] = [Lane(self, "sos"), Lane(self, "events"), Alerts(self, "alerts", providers)]
        if self.random.random() < 0.3:  # somebody believed the first to be dead
            self.city.append(Alerts(self, "alerts-2", providers))
        self.processes |= {process.name: process for process in (*self.boxes, *self.city)}

    # --- the two phases

    def run(self) -> Result:
        """Safety, then liveness."""
        with ExitStack() as end:
            end.enter_context(stopwatch_by(self.timeline.read_s))
            end.enter_context(mock.patch.object(secrets, "token_hex", lambda n: f"{self.random.getrandbits(8 * n):x}"))
            end.callback(logging.disable, logging.root.manager.disable)
            logging.disable()
            end.callback(self._end)
            self.db.fates = _CityDisk(self)
            self._play()
        cases = len(self.oracle.cases)
        return Result(self.seed, self._presses, cases, self.faults, self.oracle.broken, self.lines)

    def _play(self) -> None:
        for process in self.processes.values():
            process.start()
            self.wake(process.name, 0.0)
        span_s = self.between(300.0, 900.0)
        story(self, span_s)
        until_s = self.timeline.now_s + span_s
        while self.timeline.now_s < until_s and self.oracle.broken is None:
            self.timeline.turn()
        self._calm()
        until_s = self.timeline.now_s + LIVE_S
        while self.oracle.broken is None and not self._settled():
            self.timeline.turn()
            if self.timeline.now_s > until_s:
                self.oracle.must(False, f"not over after {LIVE_S / 3600:.0f} h without a fault: {self._left()}")
        if self.oracle.broken is None:
            self._ends_well()

    def _calm(self) -> None:
        self.trace("-- no faults from here on --")
        self.faulty = False
        self._away_until_s = 0.0
        self._dark.clear()
        for broker in self.brokers.values():
            broker.start()
        for name in self.processes:
            self.nudge(name)

    def _settled(self) -> bool:
        return not self._left()

    def _left(self) -> str:
        """What is not as it should end."""
        oracle = self.oracle
        if missing := self._expected - oracle.words.keys():
            return f"never arrived: {sorted(missing)}"
        if alive := {case: seen.state for case, seen in oracle.cases.items() if seen.state != "closed"}:
            return f"cases alive: {alive}"
        if self.down:
            return f"down: {self.down}"
        if owing := [box.name for box in self.boxes if box.owes]:
            return f"no receipt for what these keep: {owing}"
        return f"messages queued: {queued}" if (queued := oracle.queued()) else ""

    def _ends_well(self) -> None:
        must, oracle = self.oracle.must, self.oracle
        pressed = {word for word in self._expected if word.startswith("button")}
        must(pressed <= oracle.presses.keys(), f"pressed, and no case: {pressed - oracle.presses.keys()}")
        for case in oracle.cases:
            acknowledged_at, closed_by = oracle.ended(case)
            must(acknowledged_at is not None, f"case {case} was never acknowledged")
            must(closed_by in self.people, f"case {case} was closed by {closed_by}")

    def _end(self) -> None:
        self.db.fates = None
        for name, process in self.processes.items():
            if name not in self.down:
                process.die()
        self.oracle.close()

    # --- the city's database, and lines

    def reachable(self, process: str, broker: str) -> bool:
        return broker != "city" or self._dark.get(process, 0.0) <= self.timeline.now_s

    def latency_s(self) -> float:
        return self.random.uniform(0.001, self._slow_s)

    def reach(self, of: str) -> None:
        """Before a commit of the city."""
        if self.timeline.now_s < self._away_until_s:
            raise away("the database is away")
        self.breathe(self.at_work, f"commit of {of}")
        if self.chance("lost"):
            self.faults["commit lost"] += 1
            self.trace(f"{self.at_work}: the commit is lost")
            raise away("the connection was lost before the commit")

    def committed(self) -> None:
        """After a commit of the city."""
        self.oracle.look(synced=self.db.all_synced)
        for wait_s in self.oracle.begun:
            for name in ("alerts", "alerts-2"):
                self.nudge(name)
                self.timeline.after(self.between(0.0, 2.0) + wait_s, partial(self.nudge, name))
        self.breathe(self.at_work, "return from a commit")
        if self.chance("unknown"):
            self.faults["commit unknown"] += 1
            self.trace(f"{self.at_work}: committed, and it does not know")
            raise away("the connection was lost after the commit")

    # --- what sessions and providers tell

    def said(self, session: FakeSession, topic: str, payload: bytes) -> None:
        if topic.endswith("/receipt"):
            receipt = decode_receipt(payload)
            assert receipt is not None
            if receipt.boot is not None and receipt.from_ is not None and receipt.seq is not None:
                for low, high in ((receipt.from_, receipt.seq), *receipt.also):
                    self.oracle.receipt(topic.split("/")[2], receipt.boot, low, high)
        elif (up := parse_up(topic)) is not None:
            box = next(box for box in self.boxes if box.name == session.process)
            devices = {item.device for item in decode(up, payload)}
            self.trace(f"{box.name} sends {topic.rpartition('/')[2]}: {', '.join(sorted(devices))}")
            box.waiting_presses -= devices
            box.sent |= devices
            if up.lane != "sos":
                self.oracle.must(not box.waiting_presses, f"{up.lane} leaves before {box.waiting_presses}")

    def acked(self, session: FakeSession, delivery: Delivery) -> None:
        if delivery.topic.startswith("anbu/"):
            _, device, kind = delivery.topic.split("/")
            box = next(box for box in self.boxes if box.name == session.process)
            if kind == "sos" and device not in box.sent:
                box.waiting_presses.add(device)
        up = parse_up(delivery.topic)
        if up is None:
            return
        for item in decode(up, delivery.payload):
            if isinstance(item, Event) and item.boot is not None:
                held = (item.gateway, item.boot, item.seq) in self.oracle.held
                self.oracle.must(held, f"{session.process} acknowledges before the commit: {item.device}")

    def leaves(self, message: Message) -> None:
        """A message is handed to its provider."""
        found = self.oracle.message(message.key)
        self.oracle.must(found == ("queued", True), f"sent and not claimed: {message.key} {found}")
        if message.purpose == "call":
            state = self.oracle.cases[message.case].state
            self.oracle.must(state == "alerting", f"{message.member} is called, and case {message.case} is {state}")

    def rings(self, channel: str, message: Message) -> None:
        """A message has reached somebody."""
        what = (message.case, message.member, message.purpose, channel)
        self._rang[what] += 1
        most = self.oracle.wanted(*what)
        self.oracle.must(self._rang[what] <= most, f"rang {self._rang[what]} times for {most} messages: {message.key}")
        if message.member is not None and message.purpose in ("call", "owner"):
            if message.member not in self.people:
                self.people[message.member] = Person(self, message.member, self.random.choice(list(Style)))
            self.people[message.member].rung(message.case)

    def act(self, case: int, verb: str, by: str) -> bool | None:
        """What a person does through the API: whether it was done; None: they saw an error."""
        how = {"outcome": "true_emergency", "contact": "visit"} if verb == "close" else {}
        self.at_work = "api"
        try:
            with self.db.write() as tx:
                done = self.desk.act(tx, case, verb, by, self.clock.now(), **how)
        except (*Unavailable, Died):
            return None
        finally:
            self.at_work = "nobody"
        self.trace(f"{by}: {verb} case {case}{' is refused' if isinstance(done, Refused) else ''}")
        return not isinstance(done, Refused)

    # --- homes

    def say(self, box: Box, kind: str, device: str) -> None:
        """A device says something on its home's broker."""
        if not box.broker.publish(f"anbu/{device}/{kind}", _DATA.get(kind, b"{}")):
            return  # a new box, on which the program has never run yet
        self.trace(f"{box.home.id}: {device} {kind}")
        box.words.add(device)
        self._expected.add(device)
        self._presses += kind == "sos"

    def new_box(self, box: Box) -> None:
        """All that no receipt covers is gone with the old one; some of it may have arrived."""
        self.dies(box.name, "with its disk")
        kept = {self.oracle.names[key] for key in self.oracle.receipted}
        self._expected -= box.words - kept
        box.new_disk()

    def power_cut(self) -> None:
        """Of the city: all its processes, and what its disk had not got yet."""
        for process in self.city:
            self.dies(process.name, "without power")
        self.oracle.close()
        self.db.lose_power()
        self.oracle.open()

    def stop_broker(self, *, killed: bool) -> None:
        self.brokers["city"].stop(killed=killed)
        self.timeline.after(self.between(0.5, 60.0), self.brokers["city"].start)

    def cut(self, box: Box, seconds: float) -> None:
        self._dark[box.name] = self.timeline.now_s + seconds
        box.cut()

    def database_away(self, seconds: float) -> None:
        self._away_until_s = self.timeline.now_s + seconds


class _CityDisk:
    """The faults of the city's database."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self) -> None:
        self._world.may_stand_still()

    def reach(self) -> None:
        self._world.reach("the city")

    def committed(self) -> None:
        self._world.committed()

    def synced(self) -> None:
        self._world.oracle.synced()


class _HomeDisk:
    """The faults of a home's disk: full for a moment, or the box dies."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self) -> None:
        pass

    def reach(self) -> None:
        self._world.breathe(self._world.at_work, "commit at home")
        if self._world.chance("lost"):
            self._world.faults["home's disk"] += 1
            raise sqlite3.OperationalError("database or disk is full")

    def committed(self) -> None:
        self._world.breathe(self._world.at_work, "return from a commit at home")

    def synced(self) -> None:
        pass
