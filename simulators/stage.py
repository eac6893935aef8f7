"""The stage: plays a scenario against a real city, over MQTT and HTTP alone, as fast as its clock runs."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

import msgspec

from core.clock import Clock, sleep_s, wall_now
from core.events import Battery, Event, Mains
from core.people import within
from simulators.chain import Chain
from simulators.gateway import VirtualGateway
from simulators.home import Said
from simulators.scenario import Scenario
from simulators.script import Fault, FaultKind
from simulators.speaker import read_ask, reply
from simulators.staff import Staff
from wire.url import BrokerUrl

_TURN_S = 0.02


class Press(msgspec.Struct, frozen=True):
    """An SOS button was pressed; `id` is the event's."""

    home: str
    at: datetime
    id: str


class Asked(msgspec.Struct, frozen=True):
    """A question reached a speaker."""

    home: str
    ask: str
    at: datetime
    kind: str


class Answered(msgspec.Struct, frozen=True):
    """A speaker answered; `result` None: the city judges the text."""

    home: str
    ask: str
    at: datetime
    result: str | None


class Progress(msgspec.Struct, frozen=True):
    """How far the play is: `share` of it from 0 to 1, messages sent, events without a receipt."""

    now: datetime
    share: float
    sent: int
    waiting: int


class Stage:
    """One thread calls `step`, or `run`, which does so until the end.

    The clock begins at `scenario.start`. What happened in the warm-up before is told at once, as a gateway's backlog.
    `broker_away(True)` is asked to take the broker away, `broker_away(False)` to bring it back.
    `run` names this performance in the gateways' boots; two against one city must differ, so it comes from the wall.
    """

    def __init__(
        self,
        scenario: Scenario,
        clock: Clock,
        broker: BrokerUrl,
        api: str,
        token: str,
        identity: str | None = None,
        *,
        broker_away: Callable[[bool], None] | None = None,
        run: str | None = None,
        webhook_port: int = 0,
        at_once: int | None = 1,
    ) -> None:
        """`at_once`: so many homes may be connecting at a time, for a small broker stumbles; None: any number."""
        self.scenario = scenario
        self.pressed: list[Press] = []
        self.asked: list[Asked] = []
        self.answered: list[Answered] = []
        self._clock = clock
        self._broker_away = broker_away
        self._at_once = at_once
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        run = run or f"{int(wall_now().timestamp() * 1000):x}"
        care = scenario.script.care
        self.chain = Chain(care, scenario.staff, scenario.start, api, token, run) if care else None
        on_task = self.chain.rang if self.chain else lambda _worker: None
        self.staff = Staff(scenario.staff, api, token, run, clock.now, scenario.truth, webhook_port, on_task)
        self._gateways = {home.id: VirtualGateway(home.gateway, broker, run, identity) for home in scenario.homes()}
        self._staff_thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._turn = threading.RLock()
        self._heard: set[str] = set()
        for home in self._gateways:
            for stream in scenario.said(home):
                self._follow(home, stream)
        for fault in scenario.faults:
            self._plan_fault(fault)

    @property
    def webhook_base(self) -> str:
        """What `Scenario.members` needs: where the staff's phones ring."""
        return self.staff.address

    @property
    def waiting(self) -> int:
        """Events that the city has not receipted."""
        return sum(gateway.waiting for gateway in self._gateways.values())

    @property
    def connected(self) -> bool:
        """Whether every gateway that has a line is connected."""
        return all(gateway.connected or gateway.dark for gateway in self._gateways.values())

    def counted(self) -> dict[str, int]:
        """How many events each home's gateway has numbered."""
        return {home: gateway.said for home, gateway in self._gateways.items()}

    def start(self) -> None:
        """Switch the phones on."""
        self.staff.start()

    def step(self) -> None:
        """Do everything that is due at the clock's time. Raises BrokerError."""
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()
        knocking = sum(gateway.knocking for gateway in self._gateways.values())
        for home, gateway in self._gateways.items():
            if gateway.opening:
                if self._at_once is not None and knocking >= self._at_once:
                    continue
                knocking += 1
            for payload in gateway.turn(now):
                self._hear(home, payload, now)
        if self._staff_thread is None:
            self._act(now)

    def run(self, until: datetime | None = None, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Play to `until` (the scenario's end). The staff acts in a thread of its own: a slow API holds up no home."""
        end = until or self.scenario.end
        self._staff_thread = threading.Thread(target=self._staff_loop, name="staff", daemon=True)
        self._staff_thread.start()
        while self._clock.now() < end:
            with self._turn:
                if self._stopping.is_set():
                    return
                self.step()
            if on_progress is not None:
                on_progress(self.progress(end))
            sleep_s(_TURN_S)

    def progress(self, end: datetime | None = None) -> Progress:
        """How far the play is."""
        now, begin = self._clock.now(), self.scenario.start
        share = (now - begin) / ((end or self.scenario.end) - begin)
        sent = sum(gateway.sent for gateway in self._gateways.values())
        return Progress(now, min(1.0, max(0.0, share)), sent, self.waiting)

    def stop(self) -> None:
        """End the play, from any thread, and leave in good order. Calling it twice does no harm."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._staff_thread is not None and self._staff_thread.is_alive():  # one that starts just now ends by itself
            self._staff_thread.join(5)
        with self._turn:
            for gateway in self._gateways.values():
                gateway.close()
        self.staff.stop()
        if self.chain is not None:
            self.chain.close()

    def _staff_loop(self) -> None:
        while not self._stopping.wait(0.05):
            self._act(self._clock.now())

    def _act(self, now: datetime) -> None:
        self.staff.step(now)
        if self.chain is not None:
            self.chain.step(now)

    # --- homes

    def _at(self, at: datetime, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), do))

    def _follow(self, home: str, stream: Iterator[Said]) -> None:
        """Say the stream's words one after the other, each at its time."""
        said = next(stream, None)
        if said is None:
            return

        def speak() -> None:
            self._say(home, said)
            self._follow(home, stream)

        self._at(said.at, speak)

    def _say(self, home: str, said: Said) -> Event | None:
        gateway = self._gateways[home]
        if gateway.deaf or (gateway.dark and said.kind == "heartbeat"):
            return None
        event = gateway.say(said)
        if said.kind == "sos":
            self.pressed.append(Press(home, said.at, event.id))
        return event

    def _hear(self, home: str, payload: bytes, now: datetime) -> None:
        ask = read_ask(payload)
        if ask is None or ask.ask in self._heard:
            return
        self._heard.add(ask.ask)
        self.asked.append(Asked(home, ask.ask, now, ask.kind))
        manner = self.scenario.manner(home, now)
        given = reply(ask, manner, Random(f"{self.scenario.script.seed}/{ask.ask}"))
        if given is None:
            return
        at = now + timedelta(seconds=given.after_s)

        def answer() -> None:
            self._say(home, Said(at, given.device, "answer", given.answer))
            self.answered.append(Answered(home, ask.ask, at, given.answer.result))

        self._at(at, answer)

    # --- faults

    def _plan_fault(self, fault: Fault) -> None:
        begin = self.scenario.start + timedelta(minutes=fault.minute)
        end = begin + timedelta(minutes=fault.minutes)
        match fault.kind:
            case FaultKind.BATTERY:
                low = Said(begin, fault.device, "battery", Battery(fault.percent))
                self._at(begin, lambda: self._tell(fault.home, low))
            case FaultKind.GATEWAY_POWER:
                self._plan_power(fault, begin, end)
            case FaultKind.POWER_CUT:
                self._plan_cut(fault, begin, end)
            case FaultKind.BROKER:
                self._at(begin, lambda: self._take_broker(True))
                self._at(end, lambda: self._take_broker(False))

    def _tell(self, home: str, said: Said) -> None:
        self._say(home, said)

    def _plan_power(self, fault: Fault, begin: datetime, end: datetime) -> None:
        gateway = self._gateways[fault.home]
        empty = begin + timedelta(minutes=fault.battery_min)

        def back() -> None:
            if gateway.deaf:
                gateway.power_on()
            self._tell(fault.home, Said(end, "gateway", "mains", Mains(True)))

        self._at(begin, lambda: self._tell(fault.home, Said(begin, "gateway", "mains", Mains(False))))
        if empty < end:
            self._at(empty, gateway.power_off)
        self._at(end, back)

    def _plan_cut(self, fault: Fault, begin: datetime, end: datetime) -> None:
        for spec in self.scenario.specs.values():
            if within(spec.area, fault.area):
                delay_s = Random(f"{self.scenario.script.seed}/{spec.id}/cut").uniform(0, fault.spread_s)
                self._cut(spec.id, begin, end + timedelta(seconds=delay_s))

    def _cut(self, home: str, begin: datetime, end: datetime) -> None:
        gateway = self._gateways[home]

        def dark() -> None:
            gateway.cut()
            self._tell(home, Said(begin, "gateway", "mains", Mains(False)))

        def back() -> None:
            gateway.restore()
            self._tell(home, Said(end, "gateway", "mains", Mains(True)))

        self._at(begin, dark)
        self._at(end, back)

    def _take_broker(self, away: bool) -> None:
        if self._broker_away is not None:
            self._broker_away(away)
