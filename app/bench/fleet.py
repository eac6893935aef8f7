"""A city in columns of events, for the engine's benchmark: made up, with the rates of recorded homes."""

from __future__ import annotations

from datetime import UTC, datetime
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.acts import thing_of
from anomaly.batch import EVENT, KIND_CODES, Batch, columns, mark_of
from anomaly.names import Names
from core.events import Battery, Bed, Climate, Contact, Heartbeat, LogRow, Motion, Payload
from core.people import Home, Risk

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

KINDS = list(KIND_CODES)
START_S = datetime(2026, 3, 1, 15, tzinfo=UTC).timestamp()
"""Midnight in Seoul."""
HUMAN_A_DAY = 300.0
BURST = 3.0
"""Events of one person come in bursts of so many, a few seconds apart."""
BY_HOUR = np.array([1, 0.6, 0.5, 0.5, 0.7, 1.5, 4, 6, 6, 5, 5, 5, 6, 5, 4.5, 4.5, 5, 6, 6, 5.5, 5, 4, 3, 1.7])
DEVICES = (  # kind, device, place, exit, and how much of what people do
    ("motion", "hall-pir", "hall", False, 0.22),
    ("motion", "kitchen-pir", "kitchen", False, 0.24),
    ("motion", "living-pir", "living room", False, 0.18),
    ("motion", "bath-pir", "bathroom", False, 0.12),
    ("motion", "bed-pir", "bedroom", False, 0.1),
    ("contact", "fridge", "fridge", False, 0.08),
    ("contact", "door", "front door", True, 0.04),
    ("bed", "mat", "", False, 0.02),
)
AIR = (1, 4)  # two of these also measure temperature
LATE, TWICE, DARK, UNBEATEN, FLAT = 0.001, 0.001, 0.002, 0.01, 0.003
"""Shares: events over two minutes late, events that come twice, homes that go dark, homes without a heartbeat, homes
with a low battery."""


def cpu_s() -> float:
    """Processor time of this process."""
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Fleet:
    """`homes` homes in areas of about 500."""

    def __init__(self, homes: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self.rows_s = 0.0
        """Processor time spent on making log rows of events of which the columns did not tell enough."""
        self.n = homes
        self.homes = [
            Home(
                f"home-{n:07d}",
                f"gw-{n:07d}",
                f"city/gu-{n // 10_000}/dong-{n // 500}",
                risk=Risk.HIGH if n % 10 == 0 else Risk.NORMAL,
                residents=2 if n % 12 == 0 else 1,
                wandering=n % 25 == 0,
            )
            for n in range(homes)
        ]
        random = self._random
        self._on_the_way = np.empty(0, EVENT)
        self._beat = np.where(random.random(homes) < UNBEATEN, -1, random.integers(0, 5, homes))
        self._air = random.integers(0, 10, (len(AIR), homes))
        self._battery = random.integers(0, 1440, homes)
        self._percent = np.where(random.random(homes) < FLAT, 9.0, 80.0)
        self._temp_c = random.normal(21, 1, (len(AIR), homes))
        self._dark = np.where(random.random(homes) < DARK, random.uniform(0, 86400, homes), np.inf) + START_S
        self._names = [*(device for _, device, *_ in DEVICES), "gateway"]
        self._marks = np.array([mark_of(name) for name in self._names], np.uint32)
        self._by_mark = {mark_of(name): name for name in self._names}
        self._places = {device: place for _, device, place, *_ in DEVICES}

    def minute(self, number: int, places: Names) -> Batch:
        """What the city sees in that minute since the start, in that order; minutes are asked for one after another."""
        begins, random = START_S + number * 60.0, self._random
        parts = [self._people(begins, places)]
        beating = np.flatnonzero(self._beat == number % 5)
        parts.append(
            self._events(beating, begins + random.random(len(beating)) * 5, "heartbeat", len(DEVICES), value=300.0)
        )
        for room in range(len(AIR)):
            homes = np.flatnonzero(self._air[room] == number % 10)
            self._temp_c[room, homes] += random.normal(0, 0.05, len(homes))
            temp_c = np.round(self._temp_c[room, homes], 2)
            parts.append(
                self._events(homes, begins + random.random(len(homes)) * 60, "climate", AIR[room], value=temp_c)
            )
        homes = np.flatnonzero(self._battery == number % 1440)
        parts.append(
            self._events(homes, begins + random.random(len(homes)) * 60, "battery", 0, value=self._percent[homes])
        )
        events = np.concatenate(parts)
        events = events[events["at"] < self._dark[events["home"]]]
        events = np.concatenate([events, random.choice(events, int(TWICE * len(events)))])
        delay = random.exponential(1.5, len(events))
        delay[random.random(len(events)) < LATE] += 300.0
        events["seen"] = events["at"] + delay
        events = np.concatenate([self._on_the_way, events])
        arrived = events["seen"] < begins + 60.0
        self._on_the_way, events = events[~arrived], events[arrived]
        return columns(events.take(np.argsort(events["seen"])), self._made)

    def _people(self, begins: float, places: Names) -> Any:
        random = self._random
        local = int((begins - START_S) // 3600 % 24)
        bursts = random.poisson(self.n * HUMAN_A_DAY / BURST / 1440 * BY_HOUR[local] / BY_HOUR.mean())
        size = random.geometric(1 / BURST, bursts)
        homes = np.repeat(random.integers(0, self.n, bursts), size)
        at = np.repeat(begins + random.random(bursts) * 60, size) + random.exponential(6, size.sum()).cumsum() % 45
        shares = np.array([share for *_, share in DEVICES])
        which = random.choice(len(DEVICES), len(homes), p=shares / shares.sum())
        events = self._events(homes, at, "motion", which, human=True)
        events["kind"] = np.array([KIND_CODES[kind] for kind, *_ in DEVICES])[which]
        named = np.array([places.code(place or device) for _, device, place, *_ in DEVICES])
        events["place"], events["exit"] = named[which], np.array([exit_ for *_, exit_, _ in DEVICES])[which]
        things = [0 if kind == "motion" else thing_of(device, kind, place) for kind, device, place, *_ in DEVICES]
        events["thing"], events["on"] = np.array(things, np.uint32)[which], random.random(len(homes)) < 0.5
        return events

    def _events(
        self,
        homes: Ints,
        at: Reals,
        kind: str,
        device: int | Ints,
        *,
        value: float | Reals = np.nan,
        human: bool = False,
    ) -> Any:
        events = np.zeros(len(homes), EVENT)
        events["home"], events["at"], events["kind"], events["value"] = homes, at, KIND_CODES[kind], value
        events["mark"], events["human"], events["traffic"] = self._marks[device], human, True
        return events

    def _made(self, event: Any) -> LogRow:
        begun = cpu_s()
        row = self.row(event)
        self.rows_s += cpu_s() - begun
        return row

    def row(self, event: Any) -> LogRow:
        """The log row of an event of `minute`."""
        at, seen, *_ = event.item()
        home = int(event["home"])
        kind, name, value = KINDS[int(event["kind"])], self._by_mark[int(event["mark"])], event["value"].item()
        data: Payload
        match kind:
            case "motion":
                data = Motion(self._places[name])
            case "contact":
                data = Contact(self._places[name], bool(event["on"]), bool(event["exit"]))
            case "bed":
                data = Bed(bool(event["on"]))
            case "climate":
                data = Climate("", value)
            case "battery":
                data = Battery(value)
            case _:
                data = Heartbeat(value)
        when, then = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(seen, UTC)
        return LogRow(0, self.homes[home].id, name, kind, when, then, f"{kind}-{at:.6f}", data)
