"""What a resident or a relative is told of a Care Call: what happened to their own and who answered, and of the staff's
work nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from access.actor import Actor
from access.roles import REACH, By
from api.cards import Card
from api.shapes import CaseOut, Entry, Sentence
from core.signals import GROUP, Concern, Group
from core.words import evidence

C = TypeVar("C", bound=CaseOut)

_LINES = (
    "opened joined raised repeated cleared resolved held released",
    "asked asked_shown sent_home ask_failed no_answer answered_ok answered_not_ok answered_badly answered_late",
    "acknowledged taken_over also arrived closed unreadable",
)
AS_IT_IS = frozenset(f"case.log.{line}" for lines in _LINES for line in lines.split())
"""The lines that kin read as they stand: what came of it, the question and its answer, and who answered."""

SENSED = evidence.WORDS.keys() | {"case.why.answered_ok", "case.why.answered_not_ok", "case.why.missed_check_in"}
"""So are a detector's reasons, and the resident's own word."""

IN_OTHER_WORDS = {
    # A care manager's note may be about anybody; a provider's error may hold the number that was dialled.
    "case.log.noted": "access.kin.noted",
    "case.log.speaker_failed": "case.log.ask_failed",
    # That somebody is being called is theirs to know, and not who.
    "case.log.called": "access.kin.called",
    "case.log.called_post": "access.kin.called",
    "case.log.given_back": "access.kin.again",
    "case.log.forgotten": "access.kin.again",
    "case.log.owner_unreachable": "access.kin.again",
}
"""The lines whose place another sentence takes. Whatever is in neither is not told: a new line is kept back until
somebody has decided that it is kin's."""

OF_THE_CHAIN = frozenset({Group.CARE, Group.SERVICE})
"""Cases about the care chain's own work: their reasons name services, visits and who delivers."""


def kin(actor: Actor) -> bool:
    """Whether somebody asks about their own home, or a relative's."""
    return REACH[actor.role] is By.HOME


def told_to_kin(entries: Sequence[Entry]) -> list[Entry]:
    """The same history, as the home's own are told it."""
    return [cut for one in entries if (cut := line_for_kin(one)) is not None]


def line_for_kin(it: Entry) -> Entry | None:
    """One line as the home's own are told it; None: they are not."""
    key = it.key if it.key in AS_IT_IS or it.key in SENSED else IN_OTHER_WORDS.get(it.key)
    if key is None:
        return None
    what = it.what if key == it.key else Sentence.words(key)
    return it.model_copy(update={"key": key, "what": what, "who": None, "channel": None})


def case_for_kin(it: C) -> C:
    """A case as the home's own are told it: who has taken it by name, and not who is called or will be."""
    cut: dict[str, object] = {
        "owner": None,
        "called": [],
        "next_action": None,
        "rung_name": Sentence.words("access.kin.staff"),
    }
    if of_the_chain(it.concern):
        why = Sentence.words(f"concern.{it.concern}")
        cut |= {"why": why, "reasons": [why]}
    if isinstance(it, Card):
        cut["episode"] = None
    return it.model_copy(update={name: value for name, value in cut.items() if name in type(it).model_fields})


def of_the_chain(concern: str) -> bool:
    """Whether a concern's reasons are facts of the care chain."""
    return GROUP[Concern(concern)] in OF_THE_CHAIN
