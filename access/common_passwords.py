"""What the most common passwords are made of: words, walks over the keyboard, and digits that everybody adds."""

from __future__ import annotations

import re

_WORDS = (
    # As they are typed, and in Korean on an English keyboard (안녕하세요, 비밀번호, 사랑해, 대한민국, 광주).
    "1q2w3e4r5t6y7u8i9o0p 1q2w3e4r5t6y 1q2w3e4r5t 1q2w3e4r 1q2w3e 1qaz 2wsx 3edc zaq1 xsw2 cde3 "
    "password passwort passwd pass word welcome letmein login logon admin administrator root user guest master "
    "changeme change secret default test temp hello iloveyou love you baby princess sunshine football baseball "
    "basketball soccer monkey dragon shadow superman batman starwars pokemon michael jordan jennifer daniel "
    "charlie summer winter spring autumn computer internet google samsung naver kakao korea seoul gwangju busan "
    "trustno whatever mypassword mynewpassword correcthorsebatterystaple qwerty qwertyuiop asdf asdfgh "
    "asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc edcrfv qweasd qweasdzxc asdzxc qwe asd zxc qaz wsx edc abc abcd "
    "abcde abcdef abcdefg "
    "dkssud dkssudgktpdy qlalfqjsgh tkfkdgo tkfkd eogksalsrnr rhkdwn dksqn dkdlel rlaclWk "
    "anbu care carecall manager welfare office city hall gu dong "
    "january february march april june july august september october november december monday friday"
)
WORDS = tuple(sorted({word.casefold() for word in _WORDS.split()}, key=len, reverse=True))
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_LEFT = 5
"""What must be left of a password without its common words, in characters that are not all one run."""


def is_common(password: str) -> bool:
    """Whether little is left of a password without common words, runs and repetitions; upper or lower case is one."""
    plain = password.casefold()
    return any(len(set(_rest(text))) < _LEFT for text in (plain, plain.translate(_LEET))) or _is_run(plain)


def _rest(text: str) -> str:
    for word in WORDS:
        # Short words are parts of many others, and stand for themselves only at an end or beside digits.
        pattern = re.escape(word) if len(word) > 4 else rf"(?<![a-z]){re.escape(word)}(?![a-z])"
        text = re.sub(pattern, " ", text)
    # A year, a birthday, a telephone number: what digits alone add.
    text = re.sub(r"(19|20)\d\d([01]?\d[0-3]?\d)?|01[016789]-?\d{3,4}-?\d{4}", " ", text)
    return re.sub(r"(.+?)\1{2,}|[\W_]", "", _without_runs(text))


def _without_runs(text: str) -> str:
    kept, at = [], 0
    while at < len(text):
        length = max(_run(text, at, step) for step in (-1, 0, 1))
        if length < 3:
            kept.append(text[at])
            length = 1
        at += length
    return "".join(kept)


def _run(text: str, at: int, step: int) -> int:
    length = 1
    while at + length < len(text) and ord(text[at + length]) - ord(text[at + length - 1]) == step:
        length += 1
    return length


def _is_run(text: str) -> bool:
    """Whether one piece is said again and again."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))
