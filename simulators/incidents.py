"""What goes wrong in a home: what its devices say of it, whom they no longer see, and what was true in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from core.events import Bed, Contact, Fall, Motion, Smoke, SosPressed, Utterance
from simulators.home import DOOR, Said, Silence
from simulators.speaker import Manner


class Trouble(StrEnum):
    SOS = "sos"
    SOS_BY_MISTAKE = "sos_by_mistake"
    FALL = "fall"
    COLLAPSE = "collapse"
    NIGHT_WANDERING = "night_wandering"
    HEAT = "heat"
    SMOKE = "smoke"
    DISTRESS = "distress"
    SLEEPS = "sleeps"


class Incident(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`minute` counts from the scenario's start and may lie before it. `minutes` is how long it lasts: an outing at
    night, a sleep, a rise of temperature to `peak_c`. `presses` is how often SOS is pressed, 20 s apart.
    """

    kind: Trouble
    home: str
    minute: float
    minutes: float = 60.0
    person: int = 1
    presses: int = 1
    peak_c: float = 34.0

    def begin(self, start: datetime) -> datetime:
        return start + timedelta(minutes=self.minute)

    def end(self, start: datetime) -> datetime:
        return self.begin(start) + timedelta(minutes=self.minutes)

    @property
    def outcome(self) -> str:
        """The outcome code that a manager who has been there gives."""
        harmless = self.kind in (Trouble.SOS_BY_MISTAKE, Trouble.SLEEPS)
        return "safe" if harmless else "true_emergency"

    @property
    def manner(self) -> Manner | None:
        """How the resident answers the speaker because of it; None: as ever."""
        return _MANNERS.get(self.kind)

    def rules(self, now: datetime, start: datetime) -> bool:
        """Whether it has begun and, if it passes by itself, is not over."""
        return self.begin(start) <= now and (self.kind not in _PASSING or now < self.end(start))


_LASTING = {Trouble.COLLAPSE, Trouble.FALL}
_PASSING = {Trouble.SLEEPS, Trouble.NIGHT_WANDERING}
_MANNERS = {
    Trouble.COLLAPSE: Manner.SILENCE,
    Trouble.FALL: Manner.SILENCE,
    Trouble.NIGHT_WANDERING: Manner.SILENCE,
    Trouble.SOS: Manner.NOT_OK,
    Trouble.DISTRESS: Manner.NOT_OK,
    Trouble.SOS_BY_MISTAKE: Manner.MISTAKEN,
}


def silences(incidents: Sequence[Incident], start: datetime) -> list[Silence]:
    """Who is seen no more, and until when."""
    return [
        Silence(one.person, one.begin(start), one.end(start) if one.kind in _PASSING else None)
        for one in incidents
        if one.kind in _PASSING | _LASTING
    ]


def warmth(incidents: Sequence[Incident], start: datetime, indoor_c: float) -> Callable[[datetime], float]:
    """How many kelvin hotter than usual it is: a straight rise to the peak, which then stays."""
    heats = [one for one in incidents if one.kind is Trouble.HEAT]

    def at(moment: datetime) -> float:
        rises = (
            (one.peak_c - indoor_c) * min(1.0, max(0.0, (moment - one.begin(start)) / timedelta(minutes=one.minutes)))
            for one in heats
        )
        return max(rises, default=0.0)

    return at


def says(incident: Incident, start: datetime, language: str) -> Iterator[Said]:
    """What devices say of the incident itself, in order of time."""
    begin, end = incident.begin(start), incident.end(start)
    second = timedelta(seconds=1)
    match incident.kind:
        case Trouble.SOS | Trouble.SOS_BY_MISTAKE:
            for press in range(incident.presses):
                yield Said(begin + 20 * press * second, "sos-button", "sos", SosPressed("button"))
        case Trouble.FALL:
            yield Said(begin, "fall-radar", "fall", Fall("bathroom", 0.93))
        case Trouble.SMOKE:
            for minute in range(5):
                yield Said(begin + 60 * minute * second, "smoke-alarm", "smoke", Smoke("kitchen", True))
        case Trouble.DISTRESS:
            text = "살려주세요, 도와주세요" if language == "ko" else "Help me, please help me"
            yield Said(begin, "speaker", "utterance", Utterance(text, 0.9, language))
        case Trouble.NIGHT_WANDERING:
            yield Said(begin, "bed-mat", "bed", Bed(False))
            yield Said(begin + 40 * second, "living-pir", "motion", Motion("living", True))
            yield Said(begin + 60 * second, DOOR, "contact", Contact("front door", True, True))
            yield Said(begin + 75 * second, DOOR, "contact", Contact("front door", False, True))
            yield Said(end, DOOR, "contact", Contact("front door", True, True))
            yield Said(end + 10 * second, DOOR, "contact", Contact("front door", False, True))
            yield Said(end + 20 * second, "living-pir", "motion", Motion("living", True))
            yield Said(end + 120 * second, "bed-mat", "bed", Bed(True))
        case Trouble.COLLAPSE | Trouble.HEAT | Trouble.SLEEPS:
            return
