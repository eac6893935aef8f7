"""Korean words that were misheard: how they sound, and how far in letters a text is from what may have been said."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from operator import add

_LEADS = dict(zip("ᄁᄏᄄᄐᄈᄑᄊᄍᄎᄒ", "ᄀᄀᄃᄃᄇᄇᄉᄌᄌᄋ", strict=True))
_VOWELS = dict(zip("ᅢᅤᅨᅬᅰᅴᅣᅧᅩᅭᅲᅳ", "ᅦᅦᅦᅫᅫᅵᅡᅥᅥᅥᅮᅮ", strict=True))
_TAILS = dict(zip("ᆩᆪᆿᆰᆬᆭᆺᆻᆽᆾᇀᆲᆳᆴᆶᆹᇁᆵᆱ", "ᆨᆨᆨᆨᆫᆫᆮᆮᆮᆮᆮᆯᆯᆯᆯᆸᆸᆸᆷ", strict=True))
_ALIKE = str.maketrans({**_LEADS, **_VOWELS, **_TAILS, "ᇂ": None})
_FIRST, _LAST = 0xAC00, 0xD7A3


def _sounds(syllable: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", syllable).translate(_ALIKE))


_SOUND: dict[int, str | None] = {code: _sounds(chr(code)) for code in range(_FIRST, _LAST + 1)}


class _Only(dict[int, str | None]):
    def __missing__(self, code: int) -> None:
        return None


ONLY_SOUNDS = _Only({**_SOUND, **{code: chr(code) for code in range(ord("0"), ord("9") + 1)}})
"""The same for `str.translate`, with all that is no syllable or digit left out."""
_LEAD: dict[int, str | None] = {code: chr(0x1100 + (code - _FIRST) // 588) for code in range(_FIRST, _LAST + 1)}


def sound(text: str) -> str:
    """A Korean text as it sounds to a careless ear: letters that are easily confused are one. As long as the text."""
    return text.translate(_SOUND)


def letters(text: str) -> str:
    """The letters (jamo) of a text."""
    return unicodedata.normalize("NFD", text)


def pairs(text: str) -> list[str]:
    """Neighbouring syllables, and those with one between them."""
    return [*map(add, text, text[1:]), *map(add, text, text[2:])]


@lru_cache(maxsize=1 << 16)
def letters_apart(a: str, b: str) -> int:
    """How many letters of two syllables differ; a final consonant too many is one."""
    x, y = letters(a), letters(b)
    return sum(p != q for p, q in zip(x, y, strict=False)) + abs(len(x) - len(y))


class Lexicon:
    """Words that are found although letters of theirs were misheard, or a syllable was lost."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words` as they sound. Of a word of three syllables or less none may be lost."""
        near: defaultdict[str, list[str]] = defaultdict(list)
        lost: dict[str, str] = {}
        words = list(dict.fromkeys(words))
        for word in words:
            key = _key(word)
            for k in range(len(word)):
                near[_without(key, k)].append(word)
                if len(word) >= LOSABLE:
                    lost.setdefault(word[:k] + word[k + 1 :], word)
        self._near, self._lost = dict(near), lost
        self._halves = {half for word in words for half in _halves(_key(word))}

    def nearly(self, said: str) -> str | None:
        """The word that `said` may be: a letter of it differs (of a long word, two or three), or a syllable is lost."""
        if len(said) >= LOSABLE - 1 and (word := self._lost.get(said)) is not None and _same_no(said, word):
            return word
        n, key = len(said), _key(said)
        most = 1 if n < LONG else 2 if n < LONGER else 3
        first, last = _halves(key)
        suspects = [*(range(n // 2, n) if first in self._halves else ())]
        suspects += range(n // 2) if last in self._halves else ()
        for k in suspects:
            for word in self._near.get(_without(key, k), ()):
                if _apart(said, word) <= most and _same_no(said, word) and (n > 3 or _rhymes(said[k], word[k])):
                    return word
        return None


LOSABLE, LONG, LONGER = 4, 5, 8
_NO = sound("안못몬없말")


def _key(word: str) -> str:
    """What must be right in all but one syllable: of a long word no more than the consonants it begins with."""
    return word if len(word) < LONG else word.translate(_LEAD)


def _halves(key: str) -> tuple[tuple[int, str], tuple[int, str]]:
    """Of two halves one must be right."""
    n = len(key)
    return (n, key[: n // 2]), (-n, key[n // 2 :])


def _without(word: str, k: int) -> str:
    return f"{word[:k]}_{word[k + 1 :]}"


def _apart(said: str, word: str) -> int:
    return sum([letters_apart(a, b) for a, b in zip(said, word, strict=True) if a != b])


def _rhymes(a: str, b: str) -> bool:
    """Whether two syllables differ in the consonant that they begin with, at most."""
    return letters(a)[1:] == letters(b)[1:]


def _same_no(said: str, word: str) -> bool:
    """Whether both say "no" alike: a cry may hang on it."""
    return all(said.count(no) == word.count(no) for no in _NO)
