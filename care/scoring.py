"""What a questionnaire is, and what its answers come to: pure, so that a score can be worked out again by anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from core.care import Refused

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")
Kind = Literal["care_level", "quality_of_life", "satisfaction"]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer that is offered; its points name it."""

    points: int
    ko: str
    en: str


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question."""

    code: str
    ko: str
    en: str
    choices: tuple[Choice, ...]


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"at_least": "from"}):
    """What a score means, from `at_least` (in a file: `from`) up to the next level."""

    code: str
    ko: str
    en: str
    at_least: float


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A questionnaire. Its score is the sum of the points × `factor`, and more is better.

    Raises ValueError (msgspec.ValidationError where it is read from a file) where it could not be scored without doubt.
    """

    code: str
    version: str
    kind: Kind
    ko: str
    en: str
    source: str
    items: tuple[Item, ...]
    factor: int = 1
    levels: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        codes = [self.code, *(item.code for item in self.items), *(level.code for level in self.levels)]
        for code in codes:
            if not CODE.fullmatch(code):
                raise ValueError(f"{code!r} is no code")
        if not VERSION.fullmatch(self.version):
            raise ValueError(f"{self.version!r} is no version: numbers with points between them")
        if not self.items or self.factor < 1:
            raise ValueError("there is a question at least, and the factor is 1 or more")
        _each_once("question", [item.code for item in self.items])
        _each_once("level", [level.code for level in self.levels])
        for item in self.items:
            if len(item.choices) < 2:
                raise ValueError(f"{item.code}: there are two answers at least")
            _each_once(f"{item.code}: answer", [choice.points for choice in item.choices])
        starts = [level.at_least for level in self.levels]
        if starts and (starts != sorted(set(starts)) or starts[0] > self.lowest):
            raise ValueError("the levels rise, and the first holds the lowest score")
        if self.kind == "care_level" and not self.levels:
            raise ValueError("what gives a level of care needs levels")

    @property
    def lowest(self) -> float:
        """The lowest score that there is."""
        return float(self.factor * sum(min(choice.points for choice in item.choices) for item in self.items))

    @property
    def highest(self) -> float:
        """The highest."""
        return float(self.factor * sum(max(choice.points for choice in item.choices) for item in self.items))

    def level_of(self, score: float) -> str:
        """The code of the level that a score lies in; "" where there are no levels."""
        return next((level.code for level in reversed(self.levels) if score >= level.at_least), "")

    def told(self) -> dict[str, str]:
        """Which one it is, for a sentence."""
        return {"code": self.code, "version": self.version}


class Scored(msgspec.Struct, frozen=True):
    """A score from `lowest` to `highest`, and the level it lies in."""

    score: float
    level: str


def score(instrument: Instrument, answers: Mapping[str, int]) -> Scored | Refused:
    """What the answers (question -> points of the answer) come to. Every question is answered, with what is offered.

    Law: one answer that is worth more never makes a lower score.
    """
    for code in answers:
        if all(item.code != code for item in instrument.items):
            return Refused("not_asked", {"item": code[:40]})
    total = 0
    for item in instrument.items:
        if item.code not in answers:
            return Refused("unanswered", {"item": item.code})
        points = answers[item.code]
        if all(choice.points != points for choice in item.choices):
            return Refused("not_offered", {"item": item.code})
        total += points
    amount = float(total * instrument.factor)
    return Scored(amount, instrument.level_of(amount))


def age(version: str) -> tuple[int, ...]:
    """How versions are ordered: "2" before "10"."""
    return tuple(int(part) for part in version.split("."))


def _each_once(what: str, named: list[str] | list[int]) -> None:
    if len(set(named)) < len(named):
        raise ValueError(f"a {what} stands twice")
