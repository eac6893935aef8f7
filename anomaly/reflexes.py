"""What needs no model and no waiting: a cry for help, a fall, fire, gas or water becomes a signal on arrival."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, cast

from anomaly import speech
from anomaly.time import wall
from core.events import LOW_BATTERY, Answer, Event, SosPressed, Utterance
from core.people import Home
from core.signals import Concern, Evidence, Signal, Urgency

AHEAD = timedelta(seconds=120)
"""A home's clock may be this far ahead of the city's and is still believed."""
IMPLAUSIBLE = timedelta(days=3652)
DELAYED = timedelta(minutes=2)
STALE = timedelta(hours=24)

_REFLEX: dict[str, tuple[Concern, Urgency]] = {
    "sos": (Concern.SOS, Urgency.IMMEDIATE),
    "fall": (Concern.FALL, Urgency.IMMEDIATE),
    "smoke": (Concern.SMOKE, Urgency.IMMEDIATE),
    "gas": (Concern.GAS, Urgency.IMMEDIATE),
    "co": (Concern.CO, Urgency.IMMEDIATE),
    "leak": (Concern.LEAK, Urgency.URGENT),
    "utterance": (Concern.DISTRESS, Urgency.IMMEDIATE),
}


def reflex(event: Event, home: Home, seen_at: datetime) -> Signal | None:
    """The signal an event is by itself, or None.

    Its key comes from the event alone, so a repeated delivery is the same signal. An event that took over two minutes
    says so; one over 24 hours old is no emergency any more but a report that somebody has to read (LATE_REPORT).
    """
    if not _alarming(event):
        return None
    concern, urgency = _REFLEX[event.kind]
    trusted = seen_at - IMPLAUSIBLE <= event.at <= seen_at + AHEAD
    at = event.at if trusted else seen_at
    age = seen_at - at
    place = str(getattr(event.data, "room", "")) or event.device
    when = wall(at.timestamp(), home.timezone)
    if age > STALE:
        what = Evidence(f"evidence.late.{concern.value}", {"place": place, "when": when, "age": age.total_seconds()})
        concern, urgency = Concern.LATE_REPORT, Urgency.SOON
    else:
        what = Evidence(f"evidence.{concern.value}", {"device": event.device, "place": place})
    evidence = [what]
    if isinstance(event.data, SosPressed) and event.data.how == LOW_BATTERY:
        evidence.append(Evidence("evidence.sos.battery", {"device": event.device}))
    if not trusted:
        evidence.append(Evidence("evidence.clock", {"device": event.device}))
    elif DELAYED < age <= STALE:
        evidence.append(Evidence("evidence.delayed", {"when": when, "age": age.total_seconds()}))
    number = f"{event.boot}-{event.seq}" if event.boot is not None and event.seq is not None else event.id
    return Signal(
        key=f"{concern.value}/{event.gateway}/{event.device}/{number}",
        concern=concern,
        urgency=urgency,
        at=at,
        evidence=tuple(evidence),
        source="reflex",
        home=home.id,
    )


def _alarming(event: Event) -> bool:
    match event.kind:
        case "sos" | "fall":
            return True
        case "smoke" | "gas" | "co" | "leak":
            return bool(getattr(event.data, "alarm", True))
        case "utterance":
            return speech.heard(cast(Utterance, event.data).text) == "distress"
    return False


def understand_answer(answer: Answer) -> Literal["ok", "not_ok", "unclear", "silence", "offline"]:
    """What a resident's answer to a check-in says; only a positive, specific word is "ok"."""
    return speech.understand(answer)
