"""What a cry for help is in English, and what makes a story of it."""

from __future__ import annotations

from anomaly.speech.data import either, read

_WORDS = read("english")
DISTRESS, DESPAIR = either(_WORDS["distress"]), either(_WORDS["despair"])
ASKED = either(_WORDS["asked"])
TOLD, DENIED = either(_WORDS["told"]), either(_WORDS["denied"])
