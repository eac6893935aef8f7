"""What needs no model and no waiting: a cry for help, a fall, fire, gas or water becomes a signal on arrival."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from anomaly.speech import Result, Understanding, judge, understand
from anomaly.speech.mood import mood
from anomaly.time import wall
from core.events import LOW_BATTERY, Answer, Event, SosPressed, Utterance
from core.people import AskBy, Home
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
}


def reflex(event: Event, home: Home, seen_at: datetime) -> Signal | None:
    """The signal an event is by itself, or None.

    Its key comes from the event alone, so a repeated delivery is the same signal. An event that took over two minutes
    says so; one over 24 hours old is no emergency any more but a report that somebody has to read (LATE_REPORT).
    """
    found = _alarm(event)
    if found is None:
        return None
    concern, urgency = found
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


def _alarm(event: Event) -> tuple[Concern, Urgency] | None:
    match event.data:
        case Utterance() as heard:
            return _cried(_understood(heard))
        case Answer(text=text):  # what else an answer says is the case's to judge
            words = understand(text, asked=True)
            return _cried(words) if words.intent == "despair" else None
    if getattr(event.data, "alarm", True):
        return _REFLEX.get(event.kind)
    return None


def _cried(words: Understanding) -> tuple[Concern, Urgency] | None:
    match words.intent:
        case "distress" | "despair" if words.urgency < Urgency.IMMEDIATE:
            return Concern.MISHEARD, words.urgency
        case "distress":
            return Concern.DISTRESS, words.urgency
        case "despair":
            return Concern.DESPAIR, words.urgency
    return None


def _understood(heard: Utterance) -> Understanding:
    return understand(heard.text, language=heard.language, confidence=heard.confidence, energy_db=heard.energy_db)


def answered(answer: Answer, home: Home) -> Result:
    """What a resident's answer says. Where nothing was said aloud a voice may be the television's: then its own words
    have to be positive and specific, whatever the speaker makes of them.
    """
    heard_alone = home.asked_by is AskBy.LIGHT and answer.result == "ok" and bool(answer.text.strip())
    return judge(replace(answer, result=None) if heard_alone else answer)


def kept(event: Event, home: Home) -> Event:
    """The event as it may be written down: what was said has become what it means, and only a cry keeps its words."""
    match event.data:
        case Utterance() as heard:
            words, sad = _understood(heard), mood(heard.text)
            cry = words.intent in ("distress", "despair")
            intent = "invented" if words.reason == "invented" else words.intent
            return replace(event, data=replace(heard, intent=intent, mood=sad, text=heard.text if cry else ""))
        case Answer() as answer:
            return replace(event, data=replace(answer, result=answered(answer, home), mood=mood(answer.text), text=""))
    return event
