"""What an answer to "are you all right?" says, and which text a recogniser made up when nobody spoke."""

from __future__ import annotations

from typing import Literal

from anomaly.speech.data import either, read

Reply = Literal["ok", "not_ok", "unclear"]


_WORDS = read("answers")
_OK, _NOT_OK, _PAINLESS, _DOUBT, _CONTRAST, _INVENTED = (
    either(_WORDS[name]) for name in ("ok", "not_ok", "painless", "doubt", "contrast", "invented")
)


def invented(text: str) -> bool:
    """Whether a recogniser made this text (in small letters) up out of silence, or heard a television."""
    return _INVENTED.search(text) is not None


def left_of(text: str) -> str:
    """What remains of a text without what was made up."""
    return " ".join(_INVENTED.sub(" ", text).split())


def reply(clauses: list[str]) -> Reply:
    """What an answer without a cry says. One bad clause outweighs any good one; "yes" alone is unclear, for it also
    answers a television."""
    good = limited = False
    for clause in clauses:
        rest = _PAINLESS.sub(" ", clause)
        if _NOT_OK.search(rest):
            return "unclear" if _DOUBT.search(clause) else "not_ok"
        good |= (rest != clause or bool(_OK.search(clause))) and not _DOUBT.search(clause)
        limited |= bool(_CONTRAST.search(rest))
    return "ok" if good and not limited else "unclear"
