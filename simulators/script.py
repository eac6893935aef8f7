"""The grammar of a scenario file: who lives where, what happens, who answers, and what the city must do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from random import Random

import msgspec

from core.people import AskBy, Home, Risk
from simulators.chain import CareScript
from simulators.incidents import Incident
from simulators.ladder import Expected, Limits
from simulators.routine import Habits
from simulators.speaker import Manner
from simulators.staff import Person


class FaultKind(StrEnum):
    BATTERY = "battery"
    GATEWAY_POWER = "gateway_power"
    POWER_CUT = "power_cut"
    BROKER = "broker"


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something technical from `minute` on, for `minutes`.

    `battery`: `device` of `home` reports `percent`. `gateway_power`: the mains of `home` fail, its gateway lives
    `battery_min` longer and then hears and says nothing. `power_cut`: every gateway of `area` loses its line at once
    without a word, hears its devices on its battery, and brings the backlog later: routers take up to `spread_s` to
    come back. `broker`: the broker is away.
    """

    kind: FaultKind
    minute: float
    minutes: float = 30.0
    home: str = ""
    area: str = ""
    device: str = "kitchen-pir"
    percent: float = 9.0
    battery_min: float = 20.0
    spread_s: float = 120.0


class HomeSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One home. `habits` are the resident's, `others` those of who else lives there. `speaker` is how the resident
    answers, asked by `ask_by`; `warm_up_h` overrides the scenario's; `firmware` is what its gateway says that it runs.
    """

    id: str
    area: str
    resident: str = ""
    risk: Risk = Risk.NORMAL
    language: str = "ko"
    wandering: bool = False
    silence_ceiling_h: float | None = None
    speaker: Manner | None = Manner.OK
    ask_by: AskBy | None = None
    wording: str = ""
    warm_up_h: float | None = None
    habits: Habits = Habits()
    others: tuple[Habits, ...] = ()
    firmware: str = ""

    def home(self, timezone: str) -> Home:
        """As the city knows it."""
        ceiling_s = None if self.silence_ceiling_h is None else self.silence_ceiling_h * 3600
        return Home(
            self.id, f"gw-{self.id}", self.area, self.resident, self.risk, self.language, timezone,
            1 + len(self.others), speaker=self.speaker is not None, wandering=self.wandering,
            silence_ceiling_s=ceiling_s, ask_by=self.ask_by, wording=self.wording,
        )  # fmt: skip


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many homes at once: their areas in turn, their habits drawn around `habits` by the scenario's seed."""

    count: int
    areas: tuple[str, ...]
    prefix: str = "home"
    high_risk: float = 0.2
    pets: float = 0.1
    speaker: Manner | None = Manner.OK
    warm_up_h: float | None = None
    habits: Habits = Habits()

    def homes(self, seed: int) -> Iterator[HomeSpec]:
        for number in range(1, self.count + 1):
            rng = Random(f"{seed}/{self.prefix}/{number}")
            habits = msgspec.structs.replace(
                self.habits,
                wake_h=self.habits.wake_h + rng.uniform(-0.8, 0.8),
                sleep_h=self.habits.sleep_h + rng.uniform(-0.6, 0.6),
                pets=int(rng.random() < self.pets),
            )
            yield HomeSpec(
                f"{self.prefix}-{number:03d}",
                self.areas[(number - 1) % len(self.areas)],
                risk=Risk.HIGH if rng.random() < self.high_risk else Risk.NORMAL,
                speaker=self.speaker,
                warm_up_h=self.warm_up_h,
                habits=habits,
            )


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `start` is local in `timezone`; minutes everywhere count from it, in simulated time."""

    title: str
    start: datetime
    minutes: float
    title_ko: str = ""
    timezone: str = "Asia/Seoul"
    speed: float = 60.0
    seed: int = 1
    warm_up_h: float = 0.0
    heartbeat_s: float = 300.0
    telemetry_s: float = 600.0
    home: tuple[HomeSpec, ...] = ()
    population: tuple[Population, ...] = ()
    incident: tuple[Incident, ...] = ()
    member: tuple[Person, ...] = ()
    fault: tuple[Fault, ...] = ()
    expect: tuple[Expected, ...] = ()
    limits: Limits = Limits()
    care: CareScript | None = None
