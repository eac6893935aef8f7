"""What a resident or a relative is told of a Care Call: neither a colleague's free words, nor what leads to anybody's
telephone."""

from __future__ import annotations

from collections.abc import Sequence

from access.actor import Actor
from access.roles import REACH, By
from api.shapes import Entry, Sentence

# A care manager's note may be about anybody; a provider's error may hold the number that was dialled.
KEPT_BACK = {
    "case.log.noted": "access.kin.noted",
    "case.log.channel_failed": "access.kin.failed",
    "case.log.speaker_failed": "case.log.ask_failed",
}


def kin(actor: Actor) -> bool:
    """Whether somebody asks about their own home, or a relative's."""
    return REACH[actor.role] is By.HOME


def kept_back(entries: Sequence[Entry]) -> list[Entry]:
    """The same history, as the home's own are told it."""
    return [_kept_back(one) for one in entries]


def _kept_back(it: Entry) -> Entry:
    if it.key not in KEPT_BACK:
        return it
    key = KEPT_BACK[it.key]
    return it.model_copy(update={"key": key, "what": Sentence.words(key), "channel": None})
