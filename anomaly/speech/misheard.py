"""Korean words that were misheard: how they sound, and how far in letters a text is from what may have been said."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from operator import add

_LEADS = dict(zip("ᄁᄏᄄᄐᄈᄑᄊᄍᄎᄒ", "ᄀᄀᄃᄃᄇᄇᄉᄌᄌᄋ", strict=True))
_VOWELS = dict(zip("ᅢᅤᅨᅬᅰᅴᅣᅧᅩᅭᅲᅳ", "ᅦᅦᅦᅫᅫᅵᅡᅥᅥᅥᅮᅮ", strict=True))
_TAILS = dict(zip("ᆩᆪᆿᆰᆬᆭᆺᆻᆽᆾᇀᆲᆳᆴᆶᆹᇁᆵᆱ", "ᆨᆨᆨᆨᆫᆫᆮᆮᆮᆮᆮᆯᆯᆯᆯᆸᆸᆸᆷ", strict=True))
_ALIKE = str.maketrans({**_LEADS, **_VOWELS, **_TAILS, "ᇂ": None})
_FIRST, _LAST = 0xAC00, 0xD7A3


def _sounds(syllable: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", syllable).translate(_ALIKE))


_SOUND: dict[int, str | None] = {code: _sounds(chr(code)) for code in range(_FIRST, _LAST + 1)}


def sound(text: str) -> str:
    """A Korean text as it sounds to a careless ear: letters that are easily confused are one. As long as the text."""
    return text.translate(_SOUND)


def letters(text: str) -> str:
    """The letters (jamo) of a text."""
    return unicodedata.normalize("NFD", text)


def pairs(text: str) -> list[str]:
    """Neighbouring syllables, and those with one between them."""
    return [*map(add, text, text[1:]), *map(add, text, text[2:])]


def letters_apart(a: str, b: str) -> int:
    """How many letters of two syllables differ; a final consonant too many is one."""
    x, y = letters(a), letters(b)
    return sum(p != q for p, q in zip(x, y, strict=False)) + abs(len(x) - len(y))


class Lexicon:
    """Words that are found although a syllable of theirs was misheard or lost."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words` as they sound. Of a word of three syllables or less none may be lost."""
        replaced: defaultdict[str, list[str]] = defaultdict(list)
        lost: dict[str, str] = {}
        for word in dict.fromkeys(words):
            for k in range(len(word)):
                replaced[_without(word, k)].append(word)
                if len(word) >= LOSABLE:
                    lost.setdefault(word[:k] + word[k + 1 :], word)
        self._replaced, self._lost = dict(replaced), lost
        self._first, self._last = {word[:2] for word in replaced}, {word[-2:] for word in replaced}

    def nearly(self, said: str) -> str | None:
        """The word that `said` may be: one syllable of it differs in a letter (of a long word, in two), or is lost."""
        if len(said) >= LOSABLE - 1 and (word := self._lost.get(said)) is not None and _same_no(said, word):
            return word
        if len(said) > 3 and said[:2] not in self._first and said[-2:] not in self._last:
            return None
        for k, syllable in enumerate(said):
            for word in self._replaced.get(_without(said, k), ()):
                most = 2 if len(word) >= LONG else 1
                if letters_apart(syllable, word[k]) <= most and _same_no(said, word):
                    return word
        return None


LOSABLE, LONG = 4, 5
_NO = sound("안못몬없말")


def _without(word: str, k: int) -> str:
    return f"{word[:k]}_{word[k + 1 :]}"


def _same_no(said: str, word: str) -> bool:
    """Whether both say "no" alike: a cry may hang on it."""
    return all(said.count(no) == word.count(no) for no in _NO)
