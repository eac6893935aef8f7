"""The same day said in each dialect, to a real broker in the home, leads to the same cases at the same times."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from heapq import merge
from pathlib import Path

import pytest

from anomaly.acts import state_of
from core.clock import ManualClock
from core.events import EMERGENCY_KINDS, Heartbeat, LogRow, Motion, Smoke
from gateway.intake import Hour
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from simulators.dialects import WRITERS, Message, place_of
from simulators.home import Said
from simulators.incidents import Incident, Trouble
from simulators.routine import Habits
from simulators.scenario import Scenario
from simulators.script import HomeSpec, Script
from store import log
from store.people import put_home
from tests.stories.town import AREA, Town, town
from tests.waiting import wait_until
from wire.mosquitto import MOSQUITTO, Mosquitto
from wire.session import Session

HOME = "home-1"
START = datetime(2026, 11, 19, 6, 0)  # noqa: DTZ001 - a scenario's start is local
_TICK = timedelta(seconds=60)
Case = tuple[str, str, float]
"""(home, concern, minutes after the start)"""
Day = tuple[list[Case], Counter[str]]
"""The cases, and how many events of each kind were news"""


def day(minutes: float, *incidents: Incident) -> Scenario:
    """One home and what happens in it, from six in the morning on."""
    habits = Habits(wake_h=6.6, sleep_h=22.0, outings=0.0, visits=0.0)
    spec = HomeSpec(HOME, AREA, silence_ceiling_h=3.0, speaker=None, habits=habits)
    return Scenario("day", Script("day", START, minutes, home=(spec,), incident=incidents, telemetry_s=900.0, seed=5))


class Theatre:
    """A home's broker with devices of one dialect, the gateway's program, and a city; all by one clock."""

    def __init__(self, scenario: Scenario, dialect: str, home: Mosquitto, place: Town, folder: Path) -> None:
        self.scenario, self.place, self.clock = scenario, place, place.clock
        assert isinstance(self.clock, ManualClock)
        self._writer = WRITERS[dialect]()
        (self._home,) = scenario.homes()
        with place.city.db.write() as tx:
            put_home(tx, place.city.db.backend, self._home, self.clock.now())
        self._devices = Session(home.url, "devices", persistent=False)
        wait_until(lambda: bool(self._devices.poll(0.01)) or self._devices.connected)
        for message in self._writer.announce():
            self._publish(message)
        self._outbox = Outbox(folder / f"{dialect}.db", self._home.gateway, count_s=self._count_s, machine="a-box")
        self._gateway = HomeGateway(
            self._home.gateway, home.url, place.broker.homes_url, self._outbox, self.clock,
            version="test", heartbeat_s=1e9, resend_s=30.0, count_s=self._count_s,
        )  # fmt: skip
        wait_until(lambda: self._step() < 0 or (self._gateway.listening and self._gateway.uplink.connected))
        for _ in range(30):  # what the broker had kept
            self._step()

    def _count_s(self) -> float:
        return 1e6 + (self.clock.now() - self.scenario.start).total_seconds()

    def _step(self) -> int:
        return self._gateway.step(0.005)

    def _publish(self, message: Message) -> None:
        sent = self._devices.publish(message.topic, message.payload, 1, retain=message.retained)
        wait_until(lambda: bool(self._devices.poll(0.0)) or sent.is_published())

    def _arrived(self) -> bool:
        """Whether the city has everything that the home has said."""
        self._step()
        self.place.take(0.002)
        ingests = (self.place.sos, self.place.events)
        sent = self._gateway.uplink.sent
        return not self._gateway.uplink.busy and sum(one.committed + one.duplicates for one in ingests) >= sent

    def play(self) -> list[Case]:
        """The cases that were opened, in order of time."""
        streams = self.scenario.said(HOME)
        due = self.scenario.start
        for said in merge(*streams, key=lambda said: said.at):
            if said.at > self.scenario.end:
                break
            if isinstance(said.data, Heartbeat) or said.at < self.scenario.start:
                continue
            while said.at >= due + _TICK:
                due += _TICK
                self.clock.set(due)
                # The program looks who is silent every two real seconds, which are half an hour here.
                self._gateway.intake.call_the_roll(Hour(due, self._count_s(), None), listening=True)
                wait_until(self._arrived, 60)
                self.place.settle()
            self.clock.set(said.at)
            self._say(said)
        self.clock.set(self.scenario.end)
        wait_until(self._arrived, 60)
        self.place.settle()
        return sorted(
            ((case["home"], case["concern"], self._minutes(case["opened_at"])) for case in self.place.cases()),
            key=lambda case: case[2],
        )

    def _say(self, said: Said) -> None:
        messages = self._writer.say(said)
        for message in messages:
            self._publish(message)
        heard = 0

        def all_heard() -> bool:
            nonlocal heard
            heard += self._step()
            return heard >= len(messages)

        wait_until(all_heard, 30)
        if said.kind in EMERGENCY_KINDS:
            wait_until(self._arrived, 60)

    def _minutes(self, opened_at: str) -> float:
        return (datetime.fromisoformat(opened_at) - self.scenario.start).total_seconds() / 60

    def close(self) -> None:
        self._devices.disconnect()
        self._gateway.close()
        self._outbox.close()


def turns(rows: list[LogRow]) -> Counter[str]:
    """How many events of each kind were news: a device that is made for us may say a state again, and says the first
    one even where it is that of rest."""
    last: dict[tuple[str, str], bool] = {}
    found: Counter[str] = Counter()
    for row in rows:
        thing, on = state_of(row)
        if isinstance(row.data, Motion):
            thing, on = -1, row.data.on
        if isinstance(row.data, Smoke):
            thing, on = -1, row.data.alarm
        name = (f"{place_of(row.data)}{'' if thing < 0 else row.device}", row.kind)
        news = not thing or last.get(name, False) is not on
        found[row.kind] += news
        last[name] = on
    return found


def played(scenario: Scenario, dialect: str, folder: Path) -> Day:
    """The day in this dialect."""
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed (Debian: mosquitto)")
    (folder / dialect).mkdir()
    servers = []
    for name in ("home", "city"):
        (folder / dialect / name).mkdir()
        servers.append(Mosquitto(folder / dialect / name).start())
    try:
        url = f"sqlite:///{folder / dialect / 'city.db'}"
        with town(servers[1], url, folder / dialect / "data", scenario.start) as place:
            theatre = Theatre(scenario, dialect, servers[0], place, folder)
            try:
                cases = theatre.play()
            finally:
                theatre.close()
            with place.city.db.read() as tx:
                kinds = turns(log.read(tx, 0, 100_000))
        return cases, kinds
    finally:
        for server in servers:
            server.stop()


def same(expected: Day, found: Day) -> None:
    """The city is as well served by a dialect as by devices that are made for it."""
    assert [case[:2] for case in found[0]] == [case[:2] for case in expected[0]]
    apart = [abs(one[2] - other[2]) for one, other in zip(found[0], expected[0], strict=True)]
    assert max(apart) < 0.2, (found[0], expected[0])
    for kind in ("motion", "contact", "bed", "medication", "sos", "smoke", "fall", "appliance"):
        assert found[1][kind] == expected[1][kind], f"as many {kind}: nothing is lost, and nothing is said twice"


BRIEF = day(30, Incident(Trouble.SOS, HOME, 22, presses=2), Incident(Trouble.SMOKE, HOME, 25))
WHOLE = day(
    22 * 60,
    Incident(Trouble.SOS_BY_MISTAKE, HOME, 300, presses=3),
    Incident(Trouble.HEAT, HOME, 420, minutes=60),
    Incident(Trouble.SMOKE, HOME, 660),
    Incident(Trouble.FALL, HOME, 840),
)
VENDORS = [name for name in WRITERS if name != "native"]


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return played(BRIEF, "native", tmp_path_factory.mktemp("brief"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return played(WHOLE, "native", tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("dialect", VENDORS)
def test_half_an_hour_is_the_same_in_each_dialect(dialect: str, brief: Day, tmp_path: Path) -> None:
    assert [case[1] for case in brief[0]] == ["sos", "smoke"]
    same(brief, played(BRIEF, dialect, tmp_path))


@pytest.mark.long
@pytest.mark.parametrize("dialect", VENDORS)
def test_a_whole_day_is_the_same_in_each_dialect(dialect: str, whole: Day, tmp_path: Path) -> None:
    assert {"sos", "smoke", "heat"} <= {case[1] for case in whole[0]}
    same(whole, played(WHOLE, dialect, tmp_path))
