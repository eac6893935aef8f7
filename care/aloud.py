"""What is read aloud to 119 about a person, in the order in which its operators ask: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.words import LANGUAGES, say


class Told(msgspec.Struct, frozen=True):
    """Everything that may be said. `place`, `why` by language, "" or empty: not known; `facts` are those that the
    reader may read. `residents` 0: nobody knows how many. `over`: there is no need any more.
    """

    name: str
    place: Mapping[str, str]
    facts: Mapping[str, Any]
    residents: int
    language: str
    year: int
    why: Mapping[str, str] = {}
    exercise: bool = False
    over: bool = False


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
    if why := it.why.get(language):
        lines.append(t("aloud.why", why=why))
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
    return lines
