"""Whether what somebody says is sad or glad, by its words alone: enough to count a day, never enough to act upon."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from anomaly.speech import korean
from anomaly.speech.answers import invented
from anomaly.speech.data import either, read

Mood = Literal[-1, 0, 1]

_WORDS = read("mood")
_LOW, _HIGH, _TURNED = (either(_WORDS[name]) for name in ("low", "high", "turned"))
_DENIED = either(_WORDS["denied"])
_PIECE = re.compile(r"[^.,!?;:…~\n]+\??")


def mood(text: str) -> Mood:
    """-1: sad, lonely, afraid or worn out; 1: glad; 0: neither, a question, a story or a recogniser's invention."""
    clean = unicodedata.normalize("NFC", text).replace("’", "'").lower()
    if invented(clean):
        return 0
    clauses = [
        piece.strip() if piece.isascii() else re.sub(r"\s", "", piece)
        for piece in _PIECE.findall(clean)
        if not piece.endswith("?")
    ]
    clauses = [clause for clause in clauses if not korean.TOLD.search(clause)]
    if any(_says(_LOW, clause) for clause in clauses):
        return -1
    return 1 if any(_says(_HIGH, clause) for clause in clauses) else 0


def _says(words: re.Pattern[str], clause: str) -> bool:
    return any(
        not (_DENIED.search(clause[: match.start()]) or _TURNED.search(clause[match.end() :]))
        for match in words.finditer(clause)
    )
