"""Whether a clause is a cry for help or of despair: its core by a template, and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from anomaly.speech import english, korean
from anomaly.speech.misheard import Found, Lexicon, letters, pairs, sound

Kind = Literal["distress", "despair"]

GATE = 0.4
"""Weight of hints without which no template is tried."""
SHARE, MOST = 0.1, 24
LEFT = 5
"""Syllables that may stand behind a core that was misheard: an ending."""


class Cry(NamedTuple):
    """What is cried, and which templates say so."""

    kind: Kind
    reason: str


@cache
def hints() -> dict[str, float]:
    """How much a pair of syllables says for a cry: never against it, so that no further word can silence one.

    Made by `anbu bench speech --learn` from the templates and everyday talk.
    """
    return msgspec.json.decode(files("anomaly.speech").joinpath("hints.json").read_bytes(), type=dict[str, float])


def templates() -> Iterator[tuple[Kind, str, str]]:
    """(kind, name, template) of all."""
    for kind, _, them in _ALL:
        for name, each in them.items():
            for template in each:
                yield kind, name, template


_ALL: tuple[tuple[Kind, bool, dict[str, Sequence[str]]], ...] = (
    ("despair", True, korean.DESPAIR),
    ("distress", True, korean.STRONG),
    ("distress", False, korean.PLAIN),
)


def _either(them: dict[str, Sequence[str]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{'|'.join(each)})" for name, each in them.items()))


def _sounding(them: dict[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: [sound(template) for template in each] for name, each in them.items()}


_SAID = [(kind, strong, _either(them)) for kind, strong, them in _ALL]
_HEARD = [(kind, _either(_sounding(them))) for kind, _, them in _ALL]
_BEFORE_WORDS = list(dict.fromkeys(map(sound, korean.BEFORE)))
_BEFORE = re.compile(f"(?:{'|'.join(_BEFORE_WORDS)})*")
_BEHIND = re.compile(f"(?:{'|'.join(word[::-1] for word in _BEFORE_WORDS)})*")
_SENTENCE_END = re.compile(r"(?:[어여요네야줘소쇼잉께]|[졌났었았했없랐겠렸쳤]다) ")
_ENDING = re.compile(sound(r"줘|주세|주이|주소|주쇼|어요?$|아요?$|[것거]같|잉$"))
_NO = sound("안못몬없말")


@cache
def _lexicon() -> tuple[Lexicon, dict[str, tuple[Kind, str]]]:
    cores: dict[str, tuple[Kind, str]] = {}
    for kind, name, template in templates():
        for core in korean.expanded(template):
            if len(letters(core)) >= 6:
                cores.setdefault(sound(core), (kind, name))
    return Lexicon(cores, hints()), cores


def weight(said: str) -> float:
    """How much of a cry a text may hold; it rises with every hint."""
    known = hints()
    return sum([known[pair] for pair in set(pairs(said)) if pair in known])


def korean_cry(clause: str, *, misheard: bool = True) -> Cry | None:
    """What a Korean clause (no punctuation, single spaces) cries, if anything."""
    text = clause.replace(" ", "")
    said = sound(text)
    if weight(said) < GATE or korean.TOLD.search(text):
        return None
    for kind, strong, pattern in _SAID:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not _turned(text, start, end) and (strong or _begins(clause, said, start)):
                return Cry(kind, str(match.lastgroup))
    if not misheard or korean.EVERYDAY.search(text):
        return None
    return _misheard_cry(clause, text, said)


def _turned(text: str, start: int, end: int) -> bool:
    return bool(korean.TURNED.search(text[end:]) or korean.DENIED.search(text[:start]))


def _begins(clause: str, said: str, start: int) -> bool:
    """Whether nothing foreign stands between the beginning of a sentence and `start`; one word may be misheard."""
    if _BEFORE.fullmatch(said, 0, start):
        return True
    for end in _SENTENCE_END.finditer(clause):
        begin = end.end() - clause.count(" ", 0, end.end())
        if begin <= start and _BEFORE.fullmatch(said, begin, start):
            return True
    return _nearly_known(said[:start])


def _nearly_known(before: str) -> bool:
    """Whether all of it is known but one word, in which one letter is wrong or a syllable lost."""
    known = _BEFORE.match(before)
    rest = before[known.end() if known else 0 :]
    behind = _BEHIND.match(rest[::-1])
    odd = rest[: len(rest) - (behind.end() if behind else 0)]
    return (len(odd) == 1 and len(before) <= 3) or any(_slip(odd, word) for word in _near_words(odd))


def _near_words(odd: str) -> Sequence[str]:
    if not 2 <= len(odd) <= 6:
        return ()
    return [word for word in _BEFORE_WORDS if 0 <= len(word) - len(odd) <= (len(word) > 3) and len(word) > 2]


def _slip(odd: str, word: str) -> bool:
    if len(word) > len(odd):
        return any(word[:k] + word[k + 1 :] == odd for k in range(len(word)))
    wrong = [(a, b) for a, b in zip(odd, word, strict=True) if a != b]
    return len(wrong) == 1 and _letters_apart(*wrong[0]) == 1


def _letters_apart(a: str, b: str) -> int:
    x, y = letters(a), letters(b)
    if len(x) != len(y):
        return 1 if x.startswith(y) or y.startswith(x) else 2
    return sum(p != q for p, q in zip(x, y, strict=True))


def _misheard_cry(clause: str, text: str, said: str) -> Cry | None:
    for kind, pattern in _HEARD:
        for match in pattern.finditer(said):
            start, end = match.span()
            if end - start > 2 and _alone(clause, text, said, start, end):
                return Cry(kind, f"{match.lastgroup}, misheard")
    lexicon, cores = _lexicon()
    for found in lexicon.nearest(said, SHARE, MOST):
        for start in _starts(said, found):
            if _alone(clause, text, said, start, found.end):
                kind, name = cores[found.word]
                return Cry(kind, f"{name}, misheard")
    return None


def _alone(clause: str, text: str, said: str, start: int, end: int) -> bool:
    """Whether nothing foreign stands before it, and nothing but an ending behind it."""
    return len(text) - end <= LEFT and not _turned(text, start, end) and _begins(clause, said, start)


def _starts(said: str, found: Found) -> list[int]:
    """Where the word begins, if it may be meant: a letter is wrong, two of a long one, or a syllable is lost that is
    not its last; whether it says no is heard."""
    long, word = len(found.word), found.word
    starts = []
    if found.distance <= (1 if long < 5 else 2):
        starts = [found.end - long]
    if long >= 4 and found.distance <= 3:
        if any(said.endswith(word[:k] + word[k + 1 :], 0, found.end) for k in range(long - 1)):
            starts.append(found.end - long + 1)
        elif said.endswith(word[:-1], 0, found.end) and _ENDING.match(said, found.end):
            starts.append(found.end - long + 1)
    nos = [word.count(no) for no in _NO]
    return [start for start in starts if start >= 0 and [said.count(no, start, found.end) for no in _NO] == nos]


def english_cry(clause: str) -> Cry | None:
    """What an English clause in small letters cries, if anything."""
    for kind, pattern in _ENGLISH:
        if pattern.search(clause) and not english.TOLD.search(clause) and not english.DENIED.search(clause):
            return Cry(kind, "english")
    return None


_ENGLISH: tuple[tuple[Kind, re.Pattern[str]], ...] = (("despair", english.DESPAIR), ("distress", english.DISTRESS))
