"""Every sentence a person reads or hears, in Korean and in English, so that none exists in one language only."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

from core.words import (
    access,
    asks,
    board,
    care,
    care_assess,
    care_exchange,
    care_intake,
    care_linkage,
    care_money,
    care_packs,
    care_reports,
    care_visits,
    cases,
    check_in,
    commands,
    console,
    enrol,
    evidence,
    home,
    simulation,
    web,
)

WORDS: dict[str, tuple[str, str]] = {
    **access.WORDS,
    **asks.WORDS,
    **board.WORDS,
    **care.WORDS,
    **care_assess.WORDS,
    **care_exchange.WORDS,
    **care_intake.WORDS,
    **care_linkage.WORDS,
    **care_money.WORDS,
    **care_packs.WORDS,
    **care_reports.WORDS,
    **care_visits.WORDS,
    **cases.WORDS,
    **check_in.WORDS,
    **commands.WORDS,
    **console.WORDS,
    **enrol.WORDS,
    **evidence.WORDS,
    **home.WORDS,
    **simulation.WORDS,
    **web.WORDS,
}
"""Key -> (Korean, English). Fields are `str.format` fields; `{x:dur}` shows seconds as a duration, and
`{x:dur은}` with that Korean particle as it sounds after it. `{place}`, and `{x:room}`, with a particle or without, is
called as people call it (`room`)."""

LANGUAGES = ("ko", "en")


def duration(seconds: float, language: str) -> str:
    """A length of time as people say it: two units at most, from seconds to days."""
    total = round(abs(seconds))
    units = ((86400, "일", "d"), (3600, "시간", "h"), (60, "분", "min"), (1, "초", "s"))
    parts: list[str] = []
    for size, korean, english in units:
        count, total = divmod(total, size)
        if count:
            parts.append(f"{count}{korean}" if language == "ko" else f"{count} {english}")
        if len(parts) == 2 or (parts and not count):
            break
    return " ".join(parts) or ("0초" if language == "ko" else "0 s")


_AFTER_A_VOWEL = {"은": "는", "을": "를", "이": "가", "과": "와", "이었": "였", "": ""}
_FIRST, _LAST, _FINALS = 0xAC00, 0xD7A3, 28  # the syllables, in the order of their finals


def particle(word: str, after: str) -> str:
    """The Korean particle `after`, given as it is behind a consonant ("은"), as it sounds behind `word`."""
    code = ord(word[-1:] or " ")
    ends_in_vowel = _FIRST <= code <= _LAST and (code - _FIRST) % _FINALS == 0
    return _AFTER_A_VOWEL[after] if ends_in_vowel else after


def room(name: str) -> tuple[str, str]:
    """A room or a thing in a home, in Korean and in English, if it is called as most gateways call it; else `name`."""
    return WORDS.get(f"room.{name.lower().replace(' ', '_').replace('-', '_')}", (name, name))


class _Sentence(string.Formatter):
    def __init__(self, language: str) -> None:
        self.language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        return room(value)[self.language != "ko"] if key == "place" and isinstance(value, str) else value

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("dur"):
            said = duration(float(value), self.language)
            return said + particle(said, format_spec[3:])
        if format_spec.startswith("room"):
            said = room(str(value))[self.language != "ko"]
            return said + particle(said, format_spec[4:])
        return str(super().format_field(value, format_spec))


def say(key: str, language: str = "ko", numbers: Mapping[str, str | int | float] | None = None) -> str:
    """The sentence `key` in `language` ("ko" or "en"; anything else reads English), its fields filled from `numbers`.

    What another version of the program has written down and this one does not know reads as its key: a missing word
    must never hide a case from the people who look for it.
    """
    pair = WORDS.get(key)
    if pair is None:
        return key
    try:
        return _Sentence(language).vformat(pair[0] if language == "ko" else pair[1], (), numbers or {})
    except (LookupError, ValueError, TypeError):
        return f"{key} {dict(numbers or {})}"
