"""Whether a clause is a cry for help or of despair: its core by a template, and what stands around it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain, repeat
from operator import add
from typing import Literal, NamedTuple

import msgspec

from anomaly.speech import english, korean
from anomaly.speech.misheard import ONLY_SOUNDS, Lexicon, sound

Kind = Literal["distress", "despair"]

GATE, LIKELY = 0.4, 2.5
"""Weight of hints without which no template is tried, and from which on a cry may stand behind a misheard word."""
LEFT = 5
"""Syllables that may stand behind a core that was misheard: an ending."""
LAST_WORDS = 3
"""Syllables of an ending behind a cry that counts as last words, whatever stands before it."""
JOINT, ODD = 3, 8
"""Syllables of an ending between two cries; and the longest unknown word before one."""


class Cry(NamedTuple):
    """What is cried, and which templates say so. `sure`: people are called before anybody is asked."""

    kind: Kind
    reason: str
    sure: bool = False
    misheard: bool = False


class _Found(NamedTuple):
    cry: Cry
    start: int
    end: int
    retold: bool


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


def _by_first(them: Mapping[str, Sequence[str]], *, sounding: bool = False) -> Mapping[str, re.Pattern[str]]:
    """One pattern for each syllable that a cry begins with; its groups are the templates' names."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, each in them.items():
        for template in each:
            for first in korean.firsts(template):
                heard = (sound(first), sound(template)) if sounding else (first, template)
                known = found[heard[0]].setdefault(name, [])
                if heard[1] not in known:
                    known.append(heard[1])
    return {
        first: re.compile("|".join(f"(?P<{name}>{'|'.join(each)})" for name, each in named.items()))
        for first, named in found.items()
    }


_BEFORE = frozenset(map(sound, korean.BEFORE))
_LENGTHS = range(1, max(map(len, _BEFORE)) + 1)
_SENTENCE_END = re.compile(r"(?:[어여요네야줘소쇼잉께]|[졌났었았했없랐겠렸쳤]다) ")
_CLAUSE_END = re.compile(r"(?:[가-힣]다|데이|심더|다가|[은는인]데|고) | (?=(?:나|난|나는|내가|저|저는|제가) )")
_NO = frozenset("안못않")
_WORDS = Lexicon(word for word in _BEFORE if len(word) > 2)


HINTS: Mapping[str, float] = msgspec.json.decode(
    files("anomaly.speech").joinpath("hints.json").read_bytes(), type=dict[str, float]
)
"""How much a pair of syllables says for a cry: never against it, so that no further word can silence one.

Made by `anbu bench speech --learn` from the templates and everyday talk.
"""


@cache
def _patterns() -> list[tuple[Kind, bool, Mapping[str, re.Pattern[str]]]]:
    return [(kind, strong, _by_first(them)) for kind, strong, them in _ALL]


@cache
def _sounding() -> list[tuple[Kind, Mapping[str, re.Pattern[str]]]]:
    return [(kind, _by_first(them, sounding=True)) for kind, _, them in _ALL]


@cache
def _lexicon() -> tuple[Lexicon, dict[str, tuple[Kind, str]]]:
    cores: dict[str, tuple[Kind, str]] = {}
    for kind, name, template in templates():
        for core in korean.expanded(template):
            if len(core) >= 3:
                cores.setdefault(sound(core), (kind, name))
    return Lexicon(cores), cores


def ready() -> None:
    """Make the tables now, so that no cry waits for them. Most processes hear nobody, and start without them."""
    _patterns()
    _sounding()
    _lexicon()


def weight(said: str) -> float:
    """How much of a cry a text may hold; it rises with every hint. A pair that comes twice counts twice."""
    return sum(map(_HINT, chain(map(add, said, said[1:]), map(add, said, said[2:])), _NOTHING))


_HINT, _NOTHING = HINTS.get, repeat(0.0)


def possible(text: str) -> bool:
    """Whether a text in small letters may hold a Korean cry; most of what is said ends here."""
    return weight(text.translate(ONLY_SOUNDS)) >= GATE


def korean_cry(clause: str) -> Cry | None:
    """What a Korean clause (no punctuation, single spaces) cries, if anything."""
    text = clause.replace(" ", "")
    said = sound(text)
    likely = weight(said)
    if likely < GATE:
        return None
    known = _reached({0}, said)
    begins = _reached({0, *_behind(_SENTENCE_END, clause)}, said)
    clauses = _behind(_CLAUSE_END, clause)
    found = _said(text, said, known, _reached({*begins, *clauses}, said) if clauses else begins, likely)
    told = korean.TOLD.search(text) is not None and korean.NOW.search(text) is None
    if not found:
        return None if told or korean.EVERYDAY.search(text) else _misheard_cry(text, said, begins, likely)
    best = min(found, key=lambda one: (not one.cry.sure, one.retold))
    together = any(
        one.cry.reason != best.cry.reason and _apart(one, best) and not (one.retold or best.retold) for one in found
    )
    sure = best.cry.sure or together
    if told and not sure and best.cry.kind == "distress" and best.cry.reason not in korean.LAST:
        return None
    # A story may be told beside a cry: it is asked about, and never passed over.
    return best.cry._replace(sure=sure and not told)


def _apart(a: _Found, b: _Found) -> bool:
    return a.end <= b.start or b.end <= a.start


def _behind(end: re.Pattern[str], clause: str) -> list[int]:
    """Where something begins behind such an end that no punctuation parts, with spaces left out."""
    ends = (match.end() for match in end.finditer(clause))
    return [at - clause.count(" ", 0, at) for at in ends]


def _reached(begins: set[int], said: str) -> set[int]:
    """`begins`, and every place to which nothing but known words leads from one of them."""
    for at in range(len(said)):
        if at in begins:
            begins.update([at + n for n in _LENGTHS if said[at : at + n] in _BEFORE])
    return begins


def _said(text: str, said: str, known: set[int], begins: set[int], likely: float) -> list[_Found]:
    """Every cry that is said in just these letters; those of despair first."""
    found: list[_Found] = []
    for kind, strong, patterns in _patterns():
        for at in range(len(text)) if strong or likely >= LIKELY else sorted(begins):
            pattern = patterns.get(text[at : at + 1])
            match = pattern.match(text, at) if pattern else None
            if match is None or _turned(text, at, match.end()):
                continue
            name = str(match.lastgroup)
            last = name in korean.LAST and len(text) - match.end() <= LAST_WORDS
            follows = any(0 <= at - one.end <= JOINT for one in found)
            if strong or last or at in begins or follows or _nearly_known(said[:at]):
                retold = _retold(text, match.end(), kind)
                sure = at in known and name not in korean.ASKED and not retold
                found.append(_Found(Cry(kind, name, sure), at, match.end(), retold))
    return found


def _turned(text: str, start: int, end: int) -> bool:
    return bool(korean.TURNED.search(text[end:]) or korean.DENIED.search(text[:start]))


def _retold(text: str, end: int, kind: Kind) -> bool:
    """Whether a cry that ends there is told of, or read as news: it is asked about, and never passed over."""
    reported = kind == "distress" and korean.REPORTED.search(text[end - 1 :])
    return bool(reported or korean.RETOLD.search(text[end:]))


def _nearly_known(before: str) -> bool:
    """Whether all of it is known but one word, in which one letter is wrong or a syllable lost."""
    from_left = _reached({0}, before)
    from_right = {len(before)}
    for end in range(len(before), 0, -1):
        if end in from_right:
            from_right.update([end - n for n in _LENGTHS if n <= end and before[end - n : end] in _BEFORE])
    for start in from_left:
        for end in from_right:
            odd = end - start
            if (odd == 1 and len(before) <= 3) or (2 <= odd <= ODD and _WORDS.nearly(before[start:end]) is not None):
                return True
    return False


def _misheard_cry(text: str, said: str, begins: set[int], likely: float) -> Cry | None:
    starts = sorted(at for at in begins if at < len(text))
    for kind, patterns in _sounding():
        for at in range(len(text)) if likely >= LIKELY else starts:
            pattern = patterns.get(said[at])
            match = pattern.match(said, at) if pattern else None
            if match is None or match.end() - at <= 2 or not _alone(text, at, match.end()):
                continue
            if at in begins or _nearly_known(said[:at]):
                return Cry(kind, str(match.lastgroup), misheard=True)
    lexicon, cores = _lexicon()
    for start in starts:
        for end in range(len(said), max(start + 2, len(said) - LEFT) - 1, -1):
            word = lexicon.nearly(said[start:end])
            if word is not None and _alone(text, start, end):
                return Cry(*cores[word], misheard=True)
    return None


def _alone(text: str, start: int, end: int) -> bool:
    """Whether nothing but an ending stands behind it."""
    return (
        len(text) - end <= LEFT
        and text[end : end + 1] not in _NO
        and not (_turned(text, start, end) or korean.RETOLD.search(text[end:]))
    )


def english_cry(clause: str) -> Cry | None:
    """What an English clause in small letters cries, if anything."""
    told = english.TOLD.search(clause) is not None
    for kind, pattern in _ENGLISH:
        said = [it for it in pattern.finditer(clause) if not english.DENIED.search(clause[: it.start()].rstrip())]
        if said:
            called = kind == "despair" or any(not english.ASKED.search(match[0]) for match in said)
            mine = any(_MINE.search(clause, max(0, match.start() - 4), match.end()) for match in said)
            return Cry(kind, "english", sure=called and not told) if called or mine or not told else None
    return None


_MINE = re.compile(r"\b(i|my)\b")
_ENGLISH: tuple[tuple[Kind, re.Pattern[str]], ...] = (("despair", english.DESPAIR), ("distress", english.DISTRESS))
