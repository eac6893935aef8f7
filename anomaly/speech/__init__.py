"""What a few words from a home mean: a cry for help, despair, an answer, or a recogniser's invention.

A lexicon of templates (`korean`, `english`), with what must not stand around them, and a second look at Korean that was
misheard (`misheard`). Text that it does not know means nothing; as an answer it is "unclear", which climbs. How well it
does on text that nobody tuned on: docs/speech.md.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import msgspec

from anomaly.speech.answers import invented, left_of, reply
from anomaly.speech.cries import Cry, english_cry, korean_cry, possible, ready
from core.events import Answer
from core.signals import Urgency

__all__ = ["Intent", "Result", "Understanding", "judge", "ready", "spoken", "understand"]

Intent = Literal["distress", "despair", "ok", "not_ok", "unclear", "none"]
Result = Literal["ok", "not_ok", "unclear", "silence", "offline"]

SURE = 0.5
"""A recogniser less sure than this clears nothing."""
FAINT_DB = -60.0
"""Sound below this (dB relative to full scale) is a room in which nobody speaks: such words clear nothing."""

_PIECE = re.compile(r"[^.,!?;:…~\n]+\??")
_LATIN = re.compile("[a-z]")
_HANGUL = re.compile("[가-힣]")
_KOREAN = re.compile("[가-힣]|11[29]")
_WORDS = re.compile("[a-z0-9']+")
_MARKS = str.maketrans({"’": "'", "‘": "'", "`": "'", "—": ".", "–": ".", "\t": " "})
_ODD = re.compile(r"[^\w\s.,!?;:…~'%&-]|(?<=[가-힣])-(?=[가-힣])")
END = 300
"""Characters of either end of a longer text that are judged: no recogniser hears more in one breath."""


class Understanding(msgspec.Struct, frozen=True):
    """What words mean, how urgent that is, and why: the name of what was found, or of what was missing.

    A cry is immediate; one that was only heard nearly is urgent: the resident is asked first.
    """

    intent: Intent
    urgency: Urgency = Urgency.ROUTINE
    reason: str = ""


def understand(
    text: str,
    *,
    language: str | None = None,
    confidence: float | None = None,
    energy_db: float | None = None,
    asked: bool = False,
) -> Understanding:
    """What `text` means; `ok`, `not_ok` and `unclear` only if the resident was `asked`.

    `language` (as "ko-KR"), `confidence` (0 to 1) and `energy_db` (dB relative to full scale) are the recogniser's;
    None: it does not say. They can keep words from being "ok", and never a cry from being one: doubt is never silence.
    """
    unknown = Understanding("unclear" if asked else "none", reason="unknown")
    clean = _plain(text)
    if not asked and not possible(clean) and not _LATIN.search(clean):
        return Understanding("none", reason="invented") if invented(clean) else unknown
    clauses = [" ".join(piece.split()) for piece in _PIECE.findall(clean)]
    made_up = invented(clean)
    cries = _cries(tuple(clauses), made_up)
    if cries:
        first = max(cries, key=lambda cry: cry.sure)
        # Who cries in answer to a question has been asked already; and who states two things calls for help.
        sure = asked or first.sure or len({cry.reason for cry in cries if not cry.misheard}) > 1
        return Understanding(first.kind, Urgency.IMMEDIATE if sure else Urgency.URGENT, first.reason)
    if made_up:
        return Understanding(unknown.intent, reason="invented")
    if not asked:
        return unknown
    said = reply(clauses)
    if said == "not_ok":
        return Understanding("not_ok", Urgency.IMMEDIATE, "answer")
    if said == "unclear":
        return unknown
    missing = _missing(clean, language, confidence, energy_db)
    return Understanding("unclear", reason=missing) if missing else Understanding("ok", reason="answer")


@lru_cache(maxsize=8)  # what is heard is judged for the signal, for the log and for the case, one after the other
def _cries(clauses: tuple[str, ...], made_up: bool) -> list[Cry]:
    return [cry for clause in clauses if (cry := _beside(clause) if made_up else _cry(clause)) is not None]


def _beside(clause: str) -> Cry | None:
    """A cry in a clause of a text that was partly made up: what only sounds like one there is the television's."""
    rest = left_of(clause)
    cry = _cry(rest)
    return None if cry is None or cry.misheard else cry._replace(sure=cry.sure and rest == clause)


def _cry(clause: str) -> Cry | None:
    cry = korean_cry(clause) if _KOREAN.search(clause) else None
    latin = " ".join(_WORDS.findall(clause))
    return cry or (english_cry(latin) if _LATIN.search(latin) else None)


def _plain(text: str) -> str:
    """Small letters, digits and the marks that part clauses; of a very long text both ends."""
    if len(text) > 2 * END:
        text = f"{text[:END]}\n{text[-END:]}"
    return _ODD.sub("", unicodedata.normalize("NFKC", text).translate(_MARKS).lower())


def spoken(confidence: float | None, energy_db: float | None) -> bool:
    """Whether somebody spoke, as far as the recogniser's confidence and the loudness tell."""
    return not _missing("", None, confidence, energy_db)


def _missing(clean: str, language: str | None, confidence: float | None, energy_db: float | None) -> str:
    """What keeps good words from clearing anything; empty: nothing does."""
    if confidence is not None and not confidence >= SURE:
        return "low confidence"
    if energy_db is not None and not energy_db >= FAINT_DB:
        return "no energy"
    if language is not None and (language.lower()[:2] == "ko") != bool(_HANGUL.search(clean)):
        return "another language"
    return ""


def judge(answer: Answer) -> Result:
    """An answer as the case needs it. The speaker's own "ok" stands only if nothing that came with it speaks against
    it; its other verdicts stand, unless the words are worse."""
    words = understand(answer.text, confidence=answer.confidence, energy_db=answer.energy_db, asked=True)
    if words.intent in ("distress", "despair", "not_ok"):
        return "not_ok"
    match answer.result:
        case "not_ok" | "unclear" | "silence" | "offline":
            return answer.result
        case "ok":
            doubt = _missing(answer.text, None, answer.confidence, answer.energy_db)
            spoken_well = words.intent == "ok" or not answer.text.strip()
            return "ok" if spoken_well and not doubt else "unclear"
        case None if not answer.text.strip():
            return "silence"
        case None:
            return "ok" if words.intent == "ok" else "unclear"
    return "unclear"
