"""What is read aloud to 119 about a person, in the order in which its operators ask: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec

from core.signals import Concern, Sense, Signal
from core.words import LANGUAGES, WORDS, say


class Told(msgspec.Struct, frozen=True):
    """Everything that may be said. `place`, `what` by language, "" or empty: not known; `facts` are those that the
    reader may read. `residents` 0: nobody knows how many. `case`: whom they may ask for. `over`: no need any more.
    """

    name: str
    place: Mapping[str, str]
    facts: Mapping[str, Any]
    residents: int
    language: str
    year: int
    what: Mapping[str, str] = {}
    case: int | None = None
    exercise: bool = False
    over: bool = False


def what(
    concern: Concern, signals: Sequence[Signal], opened_at: datetime, now: datetime, zone: tzinfo
) -> dict[str, str]:
    """What has happened and since when, in one sentence by language: never how a detector came to it."""
    signal = next((it for it in signals if it.concern is concern and it.sense is Sense.RAISE), None)
    since = signal.at if signal else opened_at
    for reason in signal.evidence if signal else ():
        if reason.key in ("evidence.silence", "evidence.silence.never"):
            since -= timedelta(seconds=float(reason.numbers.get("silent", 0.0)))
    key = f"aloud.what.{concern}" if f"aloud.what.{concern}" in WORDS else "aloud.what.other"
    then, today = since.astimezone(zone), now.astimezone(zone).date()
    clock = "aloud.minute" if then.minute else "aloud.hour"
    told: dict[str, str] = {}
    for language in LANGUAGES:
        numbers = {"month": then.month, "day": then.day, "hour": then.hour, "minute": then.minute}
        when, named = say(clock, language, numbers), say(f"concern.{concern}", language)
        if then.date() != today:
            when = say("aloud.day", language, {**numbers, "time": when})
        told[language] = say(key, language, {"when": when, "concern": named})
    return told


def hand_over(it: Told) -> dict[str, str]:
    """The text by language. What is not known is left out; a missing address is said."""
    return {language: " ".join(_lines(it, language)) for language in LANGUAGES}


def _lines(it: Told, language: str) -> Sequence[str]:
    def t(key: str, **numbers: str | int) -> str:
        return say(key, language, numbers)

    def named(group: str, code: Any) -> str:
        return say(f"{group}.{code}", language)

    facts, lines = it.facts, []
    if it.exercise:
        lines.append(t("exchange.cap.exercise"))
    lines.append(t("aloud.over" if it.over else "aloud.begin"))
    if address := facts.get("address"):
        lines.append(t("aloud.address", address=address))
    elif place := it.place.get(language):
        lines.append(t("aloud.place", place=place))
    else:
        lines.append(t("aloud.nowhere"))
    if what := it.what.get(language):
        lines.append(what)
    if it.name:
        lines.append(t("aloud.name", name=it.name))
    if born := facts.get("birth_year"):
        lines.append(t("aloud.age", year=str(born), age=it.year - born))
    if gender := facts.get("gender"):
        lines.append(f"{named('gender', gender)}.")
    if it.residents:
        lines.append(t("aloud.alone") if it.residents == 1 else t("aloud.together", count=it.residents))
    if health := facts.get("health"):
        lines.append(t("aloud.health", health=health))
    if (disability := facts.get("disability", "none")) != "none":
        lines.append(t("aloud.disability", disability=named("disability", disability)))
    if challenges := facts.get("challenges"):
        lines.append(t("aloud.challenges", challenges=", ".join(named("challenge", one) for one in challenges)))
    if it.language != "ko":
        lines.append(t("aloud.language", language=named("language", it.language)))
    if key_safe := facts.get("key_safe"):
        lines.append(t("aloud.key_safe", key_safe=key_safe))
    if facts.get("pets"):
        lines.append(t("aloud.pets"))
    if phone := facts.get("phone"):
        lines.append(t("aloud.phone", phone=phone))
    if contacts := facts.get("contacts"):
        lines.append(t("aloud.contacts", contacts=", ".join(contacts)))
    if it.case and not it.over:
        lines.append(t("aloud.call_back", case=it.case))
    return lines
