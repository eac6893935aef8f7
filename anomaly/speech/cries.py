"""Whether a clause is a cry for help or of despair: its core by a template, and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from anomaly.speech import english, korean
from anomaly.speech.misheard import Lexicon, pairs, sound

Kind = Literal["distress", "despair"]

GATE, LIKELY = 0.4, 1.5
"""Weight of hints without which no template is tried, and from which on a cry may stand behind a misheard word."""
LEFT = 5
"""Syllables that may stand behind a core that was misheard: an ending."""


class Cry(NamedTuple):
    """What is cried, and which templates say so."""

    kind: Kind
    reason: str
    misheard: bool = False


def templates() -> Iterator[tuple[Kind, str, str]]:
    """(kind, name, template) of all."""
    for kind, _, them in _ALL:
        for name, each in them.items():
            for template in each:
                yield kind, name, template


_ALL: tuple[tuple[Kind, bool, Mapping[str, Sequence[str]]], ...] = (
    ("despair", True, korean.DESPAIR),
    ("distress", True, korean.STRONG),
    ("distress", False, korean.PLAIN),
)


def _either(them: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{'|'.join(each)})" for name, each in them.items()))


def _sounding(them: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    return {name: [sound(template) for template in each] for name, each in them.items()}


_SAID = [(kind, strong, _either(them)) for kind, strong, them in _ALL]
_HEARD = [(kind, _either(_sounding(them))) for kind, _, them in _ALL]
_BEFORE_WORDS = list(dict.fromkeys(map(sound, korean.BEFORE)))
_BEFORE = re.compile(f"(?:{'|'.join(_BEFORE_WORDS)})*")
_BEHIND = re.compile(f"(?:{'|'.join(word[::-1] for word in _BEFORE_WORDS)})*")
_SENTENCE_END = re.compile(r"(?:[어여요네야줘소쇼잉께]|[졌났었았했없랐겠렸쳤]다) ")
_NO = frozenset("안못않")
_WORDS = Lexicon(word for word in _BEFORE_WORDS if len(word) > 2)


HINTS: Mapping[str, float] = msgspec.json.decode(
    files("anomaly.speech").joinpath("hints.json").read_bytes(), type=dict[str, float]
)
"""How much a pair of syllables says for a cry: never against it, so that no further word can silence one.

Made by `anbu bench speech --learn` from the templates and everyday talk.
"""


@cache
def _lexicon() -> tuple[Lexicon, dict[str, tuple[Kind, str]]]:
    cores: dict[str, tuple[Kind, str]] = {}
    for kind, name, template in templates():
        for core in korean.expanded(template):
            if len(core) >= 3:
                cores.setdefault(sound(core), (kind, name))
    return Lexicon(cores), cores


def ready() -> None:
    """Make the tables now (some 0.5 s and 30 MB), so that no cry waits for them."""
    _lexicon()


def weight(said: str) -> float:
    """How much of a cry a text may hold; it rises with every hint."""
    return sum([HINTS[pair] for pair in {*pairs(said)} & HINTS.keys()])


def korean_cry(clause: str) -> Cry | None:
    """What a Korean clause (no punctuation, single spaces) cries, if anything."""
    text = clause.replace(" ", "")
    said = sound(text)
    likely = weight(said)
    if likely < GATE or korean.TOLD.search(text):
        return None
    begins = _begins(clause, said)
    for kind, strong, pattern in _SAID:
        matches = pattern.finditer(text) if strong or likely >= LIKELY else (pattern.match(text, at) for at in begins)
        for match in matches:
            if match is not None and not _turned(text, *match.span()):
                start = match.start()
                if strong or start in begins or _nearly_known(said[:start]):
                    return Cry(kind, str(match.lastgroup))
    return None if korean.EVERYDAY.search(text) else _misheard_cry(text, said, begins, likely)


def _turned(text: str, start: int, end: int) -> bool:
    return bool(korean.TURNED.search(text[end:]) or korean.DENIED.search(text[:start]))


def _begins(clause: str, said: str) -> Sequence[int]:
    """Where a plain cry may begin: nothing but known words stands between there and the beginning of a sentence."""
    ends = (match.end() for match in _SENTENCE_END.finditer(clause))
    froms = [0, *(end - clause.count(" ", 0, end) for end in ends)]
    found = list(froms)
    for begin in froms:
        longest = _BEFORE.match(said, begin)
        most = longest.end() if longest else begin
        found += [at for at in range(begin + 1, most + 1) if _BEFORE.fullmatch(said, begin, at)]
    return found


def _nearly_known(before: str) -> bool:
    """Whether all of it is known but one word, in which one letter is wrong or a syllable lost."""
    known = _BEFORE.match(before)
    rest = before[known.end() if known else 0 :]
    behind = _BEHIND.match(rest[::-1])
    odd = rest[: len(rest) - (behind.end() if behind else 0)]
    return (len(odd) == 1 and len(before) <= 3) or (len(odd) >= 2 and _WORDS.nearly(odd) is not None)


def _misheard_cry(text: str, said: str, begins: Sequence[int], likely: float) -> Cry | None:
    for kind, pattern in _HEARD:
        matches = pattern.finditer(said) if likely >= LIKELY else (pattern.match(said, at) for at in begins)
        for match in matches:
            if match is not None and match.end() - match.start() > 2 and _alone(text, match.start(), match.end()):
                start = match.start()
                if start in begins or _nearly_known(said[:start]):
                    return Cry(kind, str(match.lastgroup), misheard=True)
    lexicon, cores = _lexicon()
    for start in begins:
        for end in range(len(said), max(start + 2, len(said) - LEFT) - 1, -1):
            word = lexicon.nearly(said[start:end])
            if word is not None and _alone(text, start, end):
                kind, name = cores[word]
                return Cry(kind, name, misheard=True)
    return None


def _alone(text: str, start: int, end: int) -> bool:
    """Whether nothing but an ending stands behind it."""
    return len(text) - end <= LEFT and text[end : end + 1] not in _NO and not _turned(text, start, end)


def english_cry(clause: str) -> Cry | None:
    """What an English clause in small letters cries, if anything."""
    for kind, pattern in _ENGLISH:
        if pattern.search(clause) and not english.TOLD.search(clause) and not english.DENIED.search(clause):
            return Cry(kind, "english")
    return None


_ENGLISH: tuple[tuple[Kind, re.Pattern[str]], ...] = (("despair", english.DESPAIR), ("distress", english.DISTRESS))
