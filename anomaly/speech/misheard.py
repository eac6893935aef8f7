"""Korean words that were misheard: how they sound, and how far in letters a text is from what may have been said."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple

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
    near = [a + b for a, b in zip(text, text[1:], strict=False)]
    return near + [a + b for a, b in zip(text, text[2:], strict=False)]


class Found(NamedTuple):
    """A word that nearly stands in a text: its distance in letters, and the syllable behind it."""

    word: str
    distance: int
    end: int


class Lexicon:
    """Words that are to be found although they were misheard. `weight` tells which pairs of syllables say most."""

    def __init__(self, words: Iterable[str], weight: Mapping[str, float]) -> None:
        self._masks: dict[str, dict[str, int]] = {}
        self._length: dict[str, int] = {}
        self._whole: dict[str, float] = {}
        self._weight = weight
        index: defaultdict[str, list[str]] = defaultdict(list)
        for word in dict.fromkeys(words):
            own = letters(word)
            masks: dict[str, int] = {}
            for i, letter in enumerate(own):
                masks[letter] = masks.get(letter, 0) | 1 << i
            known = {pair for pair in pairs(word) if pair in weight}
            if not known:
                continue
            self._masks[word], self._length[word] = masks, len(own)
            self._whole[word] = sum(weight[pair] for pair in known)
            for pair in known:
                index[pair].append(word)
        self._index = dict(index)

    def nearest(self, text: str, share: float, most: int) -> Sequence[Found]:
        """The `most` likely words with `share` of the weight of their pairs in `text`, the nearest first.

        Distance: Levenshtein's to any part of the text, by Myers' bit vectors (1999).
        """
        shared: defaultdict[str, float] = defaultdict(float)
        for pair in set(pairs(text)):
            if pair in self._index:
                for word in self._index[pair]:
                    shared[word] += self._weight[pair]
        enough = [(n * n / self._whole[word], word) for word, n in shared.items() if n >= share * self._whole[word]]
        spelt = [letters(syllable) for syllable in text]
        found = [Found(word, *self._distance(word, spelt)) for _, word in nlargest(most, enough)]
        return sorted(found, key=lambda it: it.distance / self._length[it.word])

    def _distance(self, word: str, spelt: Sequence[str]) -> tuple[int, int]:
        masks, m = self._masks[word], self._length[word]
        whole, top = (1 << m) - 1, 1 << (m - 1)
        up, down, score = whole, 0, m
        best, end = m, 0
        for place, syllable in enumerate(spelt, 1):
            for letter in syllable:
                eq = masks.get(letter, 0)
                cross = eq | down
                level = (((eq & up) + up) ^ up) | eq
                rise = down | ~(level | up) & whole
                fall = up & level
                score += bool(rise & top) - bool(fall & top)
                rise, fall = rise << 1 & whole, fall << 1 & whole
                up, down = fall | ~(cross | rise) & whole, rise & cross
            if score < best:
                best, end = score, place
        return best, end
