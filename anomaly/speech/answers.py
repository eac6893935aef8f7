"""What an answer to "are you all right?" says, and which text a recogniser made up when nobody spoke."""

from __future__ import annotations

import re
from typing import Literal

from anomaly.speech.data import either, read

Reply = Literal["ok", "not_ok", "unclear"]


_WORDS = read("answers")
_END = f"({'|'.join(_WORDS['end'])})(?![가-힣])"
_OK = either(each.replace("{end}", _END) for each in _WORDS["ok"])
_PAINLESS = either(each.replace("{end}", _END) for each in _WORDS["painless"])
_NOT_OK, _DOUBT, _INVENTED = (either(_WORDS[name]) for name in ("not_ok", "doubt", "invented"))
_BESIDE = re.compile(rf"(?<!\S)(?:{'|'.join(_WORDS['beside'])})(?!\S)")


def invented(text: str) -> bool:
    """Whether a recogniser made this text (in small letters) up out of silence, or heard a television."""
    return _INVENTED.search(text) is not None


def left_of(text: str) -> str:
    """What remains of a text without what was made up."""
    return " ".join(_INVENTED.sub(" ", text).split())


def reply(clauses: list[str]) -> Reply:
    """What an answer without a cry says. One bad clause outweighs any good one, and good words are "ok" only if nothing
    but words that are known to be harmless stands beside them. "Yes" alone is unclear: it also answers a television.
    """
    good = limited = False
    for clause in clauses:
        rest = _PAINLESS.sub(" ", clause)
        if _NOT_OK.search(rest):
            return "unclear" if _DOUBT.search(clause) else "not_ok"
        left = _OK.sub(" ", rest)
        if left == clause:
            limited |= not _harmless(clause)
        else:
            good = True
            limited |= not _harmless(left) or _DOUBT.search(clause) is not None
    return "ok" if good and not limited else "unclear"


def _harmless(words: str) -> bool:
    return not _BESIDE.sub("", words).strip()
