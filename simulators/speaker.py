"""The speaker, light and tablet in a virtual home, and the resident who answers them, or does not."""

from __future__ import annotations

from enum import StrEnum
from random import Random
from typing import NamedTuple

import msgspec

from core.events import Answer


class Manner(StrEnum):
    """How a resident answers a check-in. `offline` speakers hear nothing; the mistaken also answer a reassurance; the
    deaf are well and hear no voice.
    """

    OK = "ok"
    SILENCE = "silence"
    UNCLEAR = "unclear"
    NOT_OK = "not_ok"
    OFFLINE = "offline"
    MISTAKEN = "mistaken"
    DEAF = "deaf"


class Ask(msgspec.Struct, frozen=True):
    """What the city publishes on `down/ask`; unknown members are for other speakers."""

    ask: str
    text: str = ""
    language: str = "ko"
    wait_s: float = 300.0
    kind: str = "check_in"
    ways: tuple[str, ...] = ("voice",)


class Reply(NamedTuple):
    """An answer, the seconds that pass before it is given, and the device that tells it."""

    after_s: float
    answer: Answer
    device: str = "speaker"


_WORDS = {
    "ok": (("네, 괜찮아요", "응, 나 잘 있어요", "괜찮습니다"), ("Yes, I am fine", "I'm okay, thank you")),
    "not_ok": (("아니, 너무 아파요", "도와줘요"), ("No, I am in pain", "Please help me")),
    # What a microphone makes of a television.
    "unclear": (("오늘의 날씨를 전해 드립니다", "다음 소식입니다"), ("and now the weather", "after the break")),
}

_decoder = msgspec.json.Decoder(Ask)


def read_ask(payload: bytes) -> Ask | None:
    """A question, or None where the bytes are none."""
    try:
        return _decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError):
        return None


def reply(ask: Ask, manner: Manner, rng: Random) -> Reply | None:
    """What the resident says to `ask`; None: the city hears nothing at all."""
    if manner is Manner.OFFLINE or (ask.kind != "check_in" and manner is not Manner.MISTAKEN):
        return None
    aloud = "voice" in ask.ways
    device = "speaker" if aloud else "tablet"
    # Who leans on a button without a word for it presses neither: only what is said can be unclear.
    silent = {Manner.SILENCE, Manner.DEAF} if aloud else {Manner.SILENCE, Manner.UNCLEAR}
    if manner in silent:
        # The question takes its time too, and the city waits no longer than it said.
        return Reply(0.8 * ask.wait_s, Answer(ask.ask, "silence"), device)
    after_s = rng.uniform(5.0, 25.0)
    if not aloud:
        return Reply(after_s, Answer(ask.ask, "not_ok" if manner is Manner.NOT_OK else "ok"), "button")
    if manner is Manner.UNCLEAR:
        return Reply(after_s, Answer(ask.ask, None, _words("unclear", ask.language, rng), 0.4))
    result = "not_ok" if manner is Manner.NOT_OK else "ok"
    return Reply(after_s, Answer(ask.ask, result, _words(result, ask.language, rng), 0.95))


def _words(meaning: str, language: str, rng: Random) -> str:
    return rng.choice(_WORDS[meaning][0 if language == "ko" else 1])
