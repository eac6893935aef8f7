"""The program in the home: what devices say is on its own disk first, and then on its way to the city."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.clock import Clock, since_boot_s, stopwatch_s
from core.events import EMERGENCY_KINDS, Heartbeat, Mains
from gateway import shown as shown_as
from gateway.adapters import native
from gateway.adapters.said import SELF, Said
from gateway.asks import Asks
from gateway.byway import Byway
from gateway.commissioning import Commissioning
from gateway.dialects import Dialect, dialects
from gateway.disk import is_full
from gateway.intake import MOVED, Hour, Intake
from gateway.mains import on_mains
from gateway.outbox import Outbox
from gateway.reflex import Reflex
from gateway.shown import Shown
from gateway.standing import Told
from gateway.uplink import RESEND_S, Uplink
from wire.session import Session
from wire.url import BrokerUrl

HEARTBEAT_S = 60.0
BYWAY_S, REFLEX_S = 10.0, 30.0
"""How long the city's broker may leave an emergency without a receipt before the byway is taken; and all ways, before
the home says that nobody is reached."""
_IDLE_S, _BUSY_S = 0.1, 0.005
_BATCH = 200
_BACK_S = 5.0
_LOOK_S = 2.0
_SOUNDS = "reflex_"


class HomeGateway:
    """One home's gateway on one thread: call `step` often."""

    def __init__(
        self,
        gateway: str,
        local: BrokerUrl,
        city: BrokerUrl,
        outbox: Outbox,
        clock: Clock,
        *,
        version: str,
        identity: str | None = None,
        heartbeat_s: float = HEARTBEAT_S,
        resend_s: float = RESEND_S,
        hears: Sequence[Dialect] | None = None,
        connect: Callable[..., Session] = Session,
        right: Callable[[], bool | None] = lambda: None,
        count_s: Callable[[], float] = since_boot_s,
        byway: Byway | None = None,
        byway_s: float = BYWAY_S,
        reflex_s: float = REFLEX_S,
        language: str = "ko",
        command: str = "",
        supplies: Path | None = None,
        shown: Sequence[str] = (),
    ) -> None:
        """`right`: whether the clock is to be trusted, None: nobody says; `count_s` counts seconds since the machine's
        start, as the outbox does. `byway`: the other way to the city. `supplies`: where Linux says whether there is
        mains power. `shown`: the bases of Home Assistant's discovery, where it is shown how the home stands.
        """
        self._outbox, self._clock, self._version, self._heartbeat_s = outbox, clock, version, heartbeat_s
        self._right, self._count_s, self._dated = right, count_s, False
        hears = dialects() if hears is None else hears
        self._local = connect(
            local,
            f"{gateway}-local",
            subscribe=[topic for dialect in hears for topic in dialect.filters],
            kept=[topic for dialect in hears for topic in dialect.kept],
            background=True,
            **({"will": (shown_as.HERE, shown_as.OFF), "will_kept": True} if shown else {}),
        )
        self._told = Told()
        self.uplink = Uplink(
            outbox,
            gateway,
            city,
            identity=identity,
            resend_s=resend_s,
            count_s=count_s,
            connect=connect,
            asked=self._ask,
            told=lambda state: self._told.hear(state, count_s()),
        )
        self.intake = Intake(outbox, self.uplink, hears, count_s())
        self._commissioning = Commissioning(self.intake, self._local.publish)
        self._shown = Shown(self._keep_at_home, shown, gateway, version, language)
        self._byway, self._byway_s, self._reflex_s = byway, byway_s, reflex_s
        began = next((kind for kind in EMERGENCY_KINDS if self.intake.last(SELF, _SOUNDS + kind) is True), "")
        self._reflex = Reflex(self._order, self._note, began, language=language, command=command)
        self._asks = Asks(self._put)
        self._supplies = supplies
        self._followed = 0
        self._life = 0
        self._started_s = stopwatch_s()
        self._beat_s = self._started_s - heartbeat_s
        self._times_up = 1
        self._looked_s = self._started_s - _LOOK_S

    @property
    def listening(self) -> bool:
        """Whether messages flow from the home's devices."""
        return self._local.connected

    def step(self, wait_s: float = _IDLE_S) -> int:
        """Take in what the home says, send what is due; the number of messages heard.

        Raises BrokerError where the local broker refuses us, and sqlite3.Error where the disk is broken: nothing that
        is not kept is acknowledged, so whoever starts the program again loses nothing. A full disk is waited for.
        """
        deliveries = self._local.poll(_BUSY_S if self.uplink.busy else wait_s, _BATCH)
        hour = self._hour()
        if self._local.connected and self._local.life != self._life:
            self._life = self._local.life
            self.intake.begin(known=self._local.known)
        if done := self.intake.take(deliveries, hour):
            self._local.ack(done)
        for heard in deliveries:
            if not heard.retained:
                self._commissioning.hear(heard.topic, heard.payload, hour)
                self._shown.hear(heard.topic, heard.payload)
        if len(self.intake.follow) > self._followed:
            self._local.subscribe(self.intake.follow[self._followed :])
            self._followed = len(self.intake.follow)
        self._look(hour)
        self._beat(hour)
        self.uplink.turn(hour.now)
        self._reach()
        self._show(hour)
        return len(deliveries)

    def go_to(self, city: BrokerUrl, byway: Byway | None) -> None:
        """From now on the city is reached so: its broker or the key has changed."""
        self.uplink.go_to(city)
        self._byway = byway

    def close(self) -> None:
        """Leave both brokers in good order."""
        self._shown.leave()
        self._local.disconnect()
        self.uplink.close()

    def _hour(self) -> Hour:
        now = self._clock.now()
        right = self._right()
        if right is False:
            self._dated = False
        elif not self._dated:
            try:
                self._outbox.set_right(now)
                self._dated = True
            except sqlite3.OperationalError as error:
                if not is_full(error):
                    raise
        return Hour(now, self._count_s(), right)

    def _look(self, hour: Hour) -> None:
        """At what changes without a message: who is silent, and whether there is mains power."""
        now_s = stopwatch_s()
        due = now_s - self._looked_s >= _LOOK_S
        # At a start devices announce themselves, and are told of when all have.
        if self.intake.pairing.name or (due and now_s - self._started_s >= _LOOK_S):
            self._commissioning.turn(hour)
        if not due:
            return
        self._looked_s = now_s
        self.intake.call_the_roll(hour, listening=self.listening)
        on = None if self._supplies is None else on_mains(self._supplies)
        last = self.intake.last(SELF, "mains")
        if on is not None and on is not last:
            said = [] if on and last is None else [Said(SELF, "mains", Mains(on))]
            self.intake.say(said, hour, {(SELF, "mains"): on})

    def _beat(self, hour: Hour) -> None:
        now_s = stopwatch_s()
        # The broker has perhaps just said that we are gone: who is back says so, and does not wait for its next turn.
        back = self.uplink.times_up > self._times_up and now_s - self._beat_s >= _BACK_S
        if now_s - self._beat_s < self._heartbeat_s and not back:
            return
        self._beat_s, self._times_up = now_s, self.uplink.times_up
        beat = Heartbeat(
            self._heartbeat_s,
            now_s - self._started_s,
            self._version,
            clock_ok=hour.right,
            disk_ok=not (self.intake.full or self._outbox.damaged),
            waiting=self._outbox.waiting(),
            thinned=self.intake.counts("thinned"),
            rejected=self.intake.counts("rejected"),
            tell=self._shown.on,
        )
        self.intake.say([Said(SELF, "heartbeat", beat)], hour)

    def _show(self, hour: Hour) -> None:
        moved = self.intake.last(SELF, MOVED)
        moved_at = datetime.fromtimestamp(moved, UTC) if isinstance(moved, float) else None
        standing = self._told.now(hour.count_s, self.uplink.connected)
        self._shown.turn(self._local.life if self.listening else 0, standing, moved_at, hour.now, hour.count_s)

    def _order(self, order: bytes) -> Callable[[], bool] | None:
        if self._local.connected:
            sent = self._local.publish(f"{native.BASE}/{native.REFLEX}", order, 1)
            if self._local.connected:
                return sent.is_published
        return None  # nobody hears it; it is said again

    def _keep_at_home(self, topic: str, payload: bytes, qos: int) -> None:
        self._local.publish(topic, payload, qos, retain=True)

    def _note(self, kind: str) -> None:
        """Remember which reflex has begun, so that another start of the program ends it."""
        self.intake.say([], self._hour(), {(SELF, _SOUNDS + each): each == kind for each in EMERGENCY_KINDS})

    def _ask(self, ask: bytes) -> None:
        hour = self._hour()
        answer = self._asks.put(ask, None if hour.right is False else hour.now)
        if answer is not None:
            self.intake.say([Said(SELF, "answer", answer)], hour)

    def _put(self, ask: bytes) -> bool:
        if self._local.connected:
            self._local.publish(f"{native.BASE}/{native.ASK}", ask, 1)
        return self._local.connected

    def _reach(self) -> None:
        """By the other way, when the broker does not take an emergency; and when nobody does, the home helps itself."""
        if self._byway is not None:
            count_s = self._count_s()
            receipt = self._byway.turn([one.dated(count_s) for one in self.uplink.urgent(self._byway_s)])
            if receipt is not None:
                self.uplink.receive(receipt)
        self._reflex.turn(self.uplink.urgent(self._reflex_s), self.uplink.urgent(0.0), stopwatch_s())
