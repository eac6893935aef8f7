"""What a recogniser and a dialect do to a sentence: a lost syllable, a wrong letter, no spaces, another ending."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_BASE, _VOWELS, _ENDS = 0xAC00, 21, 28
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MIDDLES = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_ALIKE = (
    "ㄱㄲㅋ",
    "ㄷㄸㅌ",
    "ㅂㅃㅍ",
    "ㅅㅆ",
    "ㅈㅉㅊ",
    "ㅇㅎ",
    "ㄴㄹ",
    "ㅐㅔ",
    "ㅙㅚㅞ",
    "ㅓㅗ",
    "ㅡㅜ",
    "ㅕㅓ",
    "ㅏㅑ",
    "ㅢㅣ",
)
_TAILS_ALIKE = (" ㅎㄱ", "ㄱㄲㅋ", "ㄷㅅㅆㅈㅊㅌ", "ㅂㅍㅄ", "ㄴㅁㅇ", "ㄹㅀㄴ", "ㄶㄴ")
LIKELY = 0.7
"""A wrong letter is one that sounds alike this often, else any."""

_ENDINGS: tuple[tuple[str, str, str], ...] = (  # standard, Jeolla, Gyeongsang
    (r"주세요$", "주쇼잉", "주이소"),
    (r"줘요?$", "주랑께", "도고"),
    (r"겠어요?$", "겄어라", "겠심더"),
    (r"겠네$", "겄네", "겠데이"),
    (r"([았었했났됐렸졌쳤췄]|혔)어요?$", r"\1당께", r"\1다 아이가"),
    (r"아파요?$", "아프당께", "아푸다"),
    (r"같아요?$", "같어라", "같다"),
    (r"없어요?$", "없당께", "없데이"),
    (r"해요?$", "하당께", "한데이"),
    (r"([가-힣])요$", r"\1라", r"\1예"),
    (r"([가-힣])$", r"\1잉", r"\1카이"),
)


def _is_syllable(letter: str) -> bool:
    return "가" <= letter <= "힣"


def dropped(text: str, chance: random.Random) -> str:
    """One syllable is lost, where there are at least four."""
    places = [i for i, letter in enumerate(text) if _is_syllable(letter)]
    if len(places) < 4:
        return text
    i = chance.choice(places)
    return text[:i] + text[i + 1 :]


def misheard(text: str, chance: random.Random) -> str:
    """One letter in each six syllables, one at least, is heard as another."""
    letters = list(text)
    places = [i for i, letter in enumerate(letters) if _is_syllable(letter)]
    for i in chance.sample(places, min(len(places), 1 + len(places) // 7)):
        letters[i] = _wrong(letters[i], chance)
    return "".join(letters)


def _wrong(syllable: str, chance: random.Random) -> str:
    code = ord(syllable) - _BASE
    parts = [code // (_VOWELS * _ENDS), code // _ENDS % _VOWELS, code % _ENDS]
    which = chance.choice((0, 1, 2) if parts[2] else (0, 1))
    letters, alike = ((_LEADS, _ALIKE), (_MIDDLES, _ALIKE), (_TAILS, _TAILS_ALIKE))[which]
    here = letters[parts[which]]
    near = [other for group in alike if here in group for other in group if other != here and other in letters]
    others = near if near and chance.random() < LIKELY else [other for other in letters if other != here]
    parts[which] = letters.index(chance.choice(others))
    return chr(_BASE + (parts[0] * _VOWELS + parts[1]) * _ENDS + parts[2])


def run_together(text: str, chance: random.Random) -> str:
    """No spaces."""
    return text.replace(" ", "")


def dialect(text: str, chance: random.Random) -> str:
    """The ending that it has in Jeolla or in Gyeongsang."""
    for ending, jeolla, gyeongsang in _ENDINGS:
        if re.search(ending, text):
            return re.sub(ending, chance.choice((jeolla, gyeongsang)), text)
    return text


def several(text: str, chance: random.Random) -> str:
    """No spaces, and a lost syllable or a wrong letter."""
    return chance.choice((dropped, misheard))(run_together(text, chance), chance)


KINDS: Sequence[Callable[[str, random.Random], str]] = (dropped, misheard, run_together, dialect, several)


def noisy(text: str, seed: int) -> Sequence[tuple[str, str]]:
    """(kind, what is heard) for each kind of noise; the same for a seed and a text."""
    return [(kind.__name__, kind(text, random.Random(f"{seed}/{kind.__name__}/{text}"))) for kind in KINDS]
