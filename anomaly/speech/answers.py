"""What an answer to "are you all right?" says, and which text a recogniser made up when nobody spoke."""

from __future__ import annotations

from typing import Literal

from anomaly.speech.data import either, read

Reply = Literal["ok", "not_ok", "unclear"]


_WORDS = read("answers")
_OK, _NOT_OK, _PAINLESS, _DOUBT, _INVENTED = (
    either(_WORDS[name]) for name in ("ok", "not_ok", "painless", "doubt", "invented")
)


def invented(text: str) -> bool:
    """Whether a recogniser made this text (in small letters) up out of silence, or heard a television."""
    return _INVENTED.search(text) is not None


def reply(clauses: list[str]) -> Reply:
    """What an answer without a cry says. One bad clause outweighs any good one; "yes" alone is unclear, for it also
    answers a television."""
    good = False
    for clause in clauses:
        if _NOT_OK.search(_PAINLESS.sub(" ", clause)):
            return "unclear" if _DOUBT.search(clause) else "not_ok"
        good |= bool(_OK.search(clause) or _PAINLESS.search(clause)) and not _DOUBT.search(clause)
    return "ok" if good else "unclear"
