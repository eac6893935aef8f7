"""What a detector is: it hears events, looks at homes when it asked to, and owns no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from anomaly.batch import Positions
from anomaly.rounds import Round
from anomaly.rows import Rows, Who
from anomaly.time import moment
from core.events import LogRow
from core.signals import Concern, Evidence, Sense, Signal, Urgency

STALE_S = 1800.0


class Heard(msgspec.Struct, frozen=True, gc=False):
    """An event as a detector hears it; times are UTC seconds.

    `t` is when it happened (implausible clocks corrected), `seen` when the city got it. `late`: the watermark had
    passed; such an event may come twice and out of order, so it may move a state forward but is never counted.
    `human`: it shows that a person is active. `traffic`: it was sent by the home itself.
    """

    t: float
    seen: float
    late: bool
    human: bool
    traffic: bool
    event: LogRow

    @property
    def arrival(self) -> float:
        """When the home proved that it can be heard: a backlog proves it on arrival."""
        return self.seen if self.late else self.t

    @property
    def stale(self) -> bool:
        """Too old on arrival to raise anything."""
        return self.late and self.seen - self.t > STALE_S


class Detector(Protocol):
    """What all detectors share; one that needs nothing more judges on events alone.

    `fields` are the detector's columns (name -> numpy dtype), kept as `{detector}.{name}`; `kinds` the events it wants
    to hear (None: all). `version` rises when its meaning changes: an older snapshot is then refused.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, str]: ...
    @property
    def kinds(self) -> frozenset[str] | None: ...

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        """Take in one event of home `i`."""
        ...


@runtime_checkable
class Looker(Detector, Protocol):
    """Judges each home by itself."""

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        """Judge home `i` at tick `now` and `rows.wake` oneself for the next time.

        It may be called without having asked; with nothing due it changes nothing.
        """
        ...


@runtime_checkable
class Surveyor(Detector, Protocol):
    """Judges homes together."""

    def survey(self, rows: Rows, who: Sequence[int], now: float) -> Sequence[Signal]:
        """The same for all homes that are due at this tick."""
        ...


@runtime_checkable
class HearsMany(Detector, Protocol):
    """Has arrays for what happens all the time; `hear` stays the definition of what it does."""

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        """Take in the ordinary events of a round exactly as `hear` would. Gives the positions of those that it left
        untouched, for `hear`."""
        ...


@runtime_checkable
class LooksMany(Looker, Protocol):
    """The same for looking."""

    def look_many(self, rows: Rows, who: Who, now: float) -> Who:
        """Judge the homes of `who` with nothing to tell exactly as `look` would. Gives the others, for `look`."""
        ...


def because(key: str, **numbers: str | int | float) -> Evidence:
    """One reason; `key` without its `evidence.`."""
    return Evidence(f"evidence.{key}", numbers)


def signal(
    detector: Detector,
    concern: Concern,
    urgency: Urgency,
    at: float,
    *evidence: Evidence,
    home: str | None = None,
    area: str | None = None,
    episode: str,
    sense: Sense = Sense.RAISE,
) -> Signal:
    """A detector's conclusion; its key names who (detector), where, and which episode, so a replay raises the same."""
    place = home if home is not None else f"area:{area}"
    clear = "/clear" if sense is Sense.CLEAR else ""
    return Signal(
        key=f"{detector.name}/{place}/{episode}{clear}",
        concern=concern,
        urgency=urgency,
        at=moment(at),
        evidence=evidence,
        source=detector.name,
        home=home,
        area=area,
        sense=sense,
        version=detector.version,
    )
