"""Presses SOS where nobody lives, again and again, to know that a press still reaches whoever is on call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.structs import replace

from alerts.case import Outcome
from alerts.desk import Desk
from alerts.letters import CANARY as CHANNEL
from anomaly.reflexes import reflex
from core.clock import Clock
from core.events import Event, Lane, SosPressed
from core.people import CANARY, Home, Member, Reach, Role
from core.signals import Concern, Evidence, Sense, Signal, Urgency
from store.canary import Trial, alarm_lives, areas, delivered_at, forget, is_case
from store.database import Database
from store.figures import living_cases_of
from store.people import home as stored_home
from store.people import put_member, store_home
from wire.codec import encode
from wire.topics import up

log = logging.getLogger(__name__)

WITHIN = timedelta(seconds=10)
"""A press that takes longer to its member has failed."""
START = timedelta(seconds=60)
"""A city that has just started is given so long: its workers may not all be up."""
AGAIN = timedelta(seconds=10)
KEPT = timedelta(hours=1)
Publish = Callable[[str, bytes], bool]
"""(topic, payload): hands an event to the city's broker as a gateway does."""


class Press(msgspec.Struct, frozen=True):
    """One SOS on its way: the key of the signal it is to become, and when it is sent again, after how long."""

    event: Event
    key: str
    at: datetime
    again_at: datetime
    wait: timedelta = AGAIN


class Canary:
    """The canaries of one city: a home and a member in each gu in which people live. Call `step` often.

    A press goes every way that a person's goes: broker, ingest, case, ladder, outbox, a channel; its member takes and
    closes the case. Law: no person is called for it (`alerts.plan.SYNTHETIC`, `alerts.letters.rows`).
    """

    def __init__(
        self, db: Database, desk: Desk, publish: Publish, clock: Clock, *, boot: str, every_s: float = 120.0
    ) -> None:
        self._db, self._desk, self._publish, self._clock = db, desk, publish, clock
        self._boot, self._every = boot, timedelta(seconds=every_s)
        self._seq = 0
        self._now = self._look_at = clock.now()
        self._judged_from = clock.now() + START
        self._birds: dict[str, _Bird] = {}
        self._told: bool | None = None
        """Whether people have a case about failing canaries; None: not known yet."""

    def step(self) -> int:
        """Press what is due, see what has arrived, say what fails; how many presses left or arrived."""
        now = self._clock.now()
        if now < self._now:  # the clock went back: what was to come a day from now comes now
            self._look_at = now
            for bird in self._birds.values():
                bird.press, bird.due_at = None, now
        self._now = now
        if now >= self._look_at:
            self._look_round(now)
        done = sum(self._turn(bird, now) for bird in self._birds.values())
        self._tell(now)
        return done

    def detail(self) -> Mapping[str, Any]:
        """How each canary fares, for `store.canary.trials`."""
        return {"trials": msgspec.to_builtins([bird.trial for bird in self._birds.values()])}

    # --- the homes

    def _look_round(self, now: datetime) -> None:
        with self._db.read() as tx:
            wanted = areas(tx)
        for area in wanted:
            bird = self._birds.get(area) or _Bird(area, now)
            with self._db.write() as tx:
                if stored_home(tx, bird.home.id) != bird.home:
                    store_home(tx, self._db.backend, bird.home, now)
                    put_member(tx, self._db.backend, bird.member)
                forget(tx, bird.home.id, now - KEPT, self._boot)
            self._birds[area] = bird
        for area in self._birds.keys() - set(wanted):
            self._close_cases(self._birds.pop(area), now)
        self._look_at = now + self._every

    # --- one press

    def _turn(self, bird: _Bird, now: datetime) -> int:
        press = bird.press
        if press is None:
            if now < bird.due_at:
                return 0
            self._press(bird, now)
            return 1
        with self._db.read() as tx:
            arrived_at = delivered_at(tx, press.key)
        if arrived_at is not None:
            self._receive(bird, press, arrived_at, now)
            return 1
        if now - press.at > WITHIN and now >= self._judged_from and bird.trial.failing_since is None:
            log.error("the canary of %s has not arrived within %d s", bird.trial.area, WITHIN.total_seconds())
            bird.trial = replace(bird.trial, failing_since=press.at)
        if now >= press.again_at:
            self._again(bird, press, now)
            return 1
        return 0

    def _press(self, bird: _Bird, now: datetime, wait: timedelta = AGAIN) -> None:
        self._close_cases(bird, now)
        self._seq += 1
        gateway, id = bird.home.gateway, f"{self._boot}-{self._seq}"
        event = Event(id, gateway, "button", "sos", now, SosPressed(), self._boot, self._seq)
        signal = reflex(event, bird.home, now)
        assert signal is not None  # an SOS always is one
        bird.press = Press(event, signal.key, now, now + wait, wait)
        self._send(event)

    def _again(self, bird: _Bird, press: Press, now: datetime) -> None:
        """As a gateway does, ever more seldom: what is not committed is sent again. What is, and called nobody, has
        failed for good: another press."""
        wait = min(press.wait * 2, max(self._every, AGAIN)) if now >= self._judged_from else AGAIN
        with self._db.read() as tx:
            committed = is_case(tx, press.key)
        if committed:
            self._press(bird, now, wait)
        else:
            bird.press = replace(press, again_at=now + wait, wait=wait)
            self._send(press.event)

    def _send(self, event: Event) -> None:
        self._publish(up(event.gateway, Lane.SOS), encode(event))

    def _receive(self, bird: _Bird, press: Press, arrived_at: datetime, now: datetime) -> None:
        self._close_cases(bird, now)
        took = max(arrived_at - press.at, timedelta())
        bird.press = None
        if took <= WITHIN:
            bird.due_at = press.at + self._every
            bird.trial = Trial(bird.trial.area, arrived_at, took.total_seconds())
            return
        bird.due_at = now  # whether the next one is in time tells whether it is over
        if now >= self._judged_from:
            failing_since = bird.trial.failing_since or press.at
            bird.trial = Trial(bird.trial.area, arrived_at, took.total_seconds(), failing_since)

    def _close_cases(self, bird: _Bird, now: datetime) -> None:
        with self._db.read() as tx:
            if not living_cases_of(tx, bird.home.id):
                return
        with self._db.write() as tx:
            for case in living_cases_of(tx, bird.home.id):
                self._desk.act(tx, case, "ack", bird.member.id, now)
                self._desk.act(tx, case, "close", bird.member.id, now, outcome=Outcome.EXERCISE)

    # --- what people hear of it

    def _tell(self, now: datetime) -> None:
        """One case while any canary fails, cleared when all arrive: who fails is in /readyz, which changes."""
        every = [bird.trial for bird in self._birds.values()]
        failing = [trial.area for trial in every if trial.failing_since is not None]
        if self._told is None:
            with self._db.read() as tx:
                self._told = alarm_lives(tx)
        if failing and not self._told:
            why = Evidence("evidence.canary", {"areas": ", ".join(failing), "limit": WITHIN.total_seconds()})
            self._say(Sense.RAISE, why, now)
        elif self._told and not failing and all(trial.arrived_at is not None for trial in every):
            self._say(Sense.CLEAR, Evidence("evidence.canary.over"), now)

    def _say(self, sense: Sense, why: Evidence, now: datetime) -> None:
        signal = Signal(
            key=f"canary/{self._boot}/{now:%Y%m%dT%H%M%S}/{sense}",
            concern=Concern.CANARY,
            urgency=Urgency.URGENT,
            at=now,
            evidence=(why,),
            source="canary",
            area="",
            sense=sense,
        )
        with self._db.write() as tx:
            self._desk.signal(tx, signal, None, now)
        self._told = sense is Sense.RAISE


class _Bird:
    """The canary of one area, and its press that is on its way."""

    def __init__(self, area: str, now: datetime) -> None:
        name = CANARY + area.replace("/", "-")
        if len(name) > 60:  # an id has 64 characters, an area may have more
            name = CANARY + sha256(area.encode()).hexdigest()[:16]
        self.home = Home(id=name, gateway=name, area=area, speaker=False)
        self.member = Member(name, name, Role.CANARY, area, reach=(Reach(CHANNEL, name),))
        self.trial = Trial(area)
        self.press: Press | None = None
        self.due_at = now
