"""The vocabulary of the care chain: how care is asked for, its stages, and what can become of it."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,99}")
"""An id that a telephone or a tablet has made by itself: sent again, it is the same thing."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
ABOUT = "person:"
"""How the subject of a Care Call begins that is about somebody of no watched home."""
MOST_SERVICES = 5
"""In one application."""
MOST_WON = 10**13


class Origin(StrEnum):
    """Through which door somebody's need was heard. Each is as good as any other."""

    OPERATOR = "operator"  # the Care Call line
    BUTTON = "button"
    SPEAKER = "speaker"
    ANOMALY = "anomaly"
    REFERRAL = "referral"  # a partner's: hospital, school, utility
    COMPULSORY_VISIT = "compulsory_visit"
    SELF = "self"
    NEIGHBOUR = "neighbour"


CONSENT_LATER = frozenset({Origin.REFERRAL, Origin.NEIGHBOUR, Origin.ANOMALY, Origin.COMPULSORY_VISIT})
"""Valid without the person's own application; their consent is asked for later, by a deadline."""


class Stage(StrEnum):
    """The five stages of an episode, in order, and its end."""

    INTAKE = "intake"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    LINKAGE = "linkage"
    EVALUATION = "evaluation"
    CLOSED = "closed"


class Ended(StrEnum):
    """Why an episode was closed."""

    COMPLETED = "completed"
    DECLINED = "declined"  # the person wants none
    NOT_NEEDED = "not_needed"
    MOVED = "moved"
    DIED = "died"
    EXERCISE = "exercise"


class Priority(StrEnum):
    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class Refused(msgspec.Struct, frozen=True):
    """Why something was not done: `care.refused.CODE` in words, and the numbers that fill it."""

    code: str
    numbers: dict[str, str | int] = {}


# Of Unicode's Default_Ignorable_Code_Point those that are letters or marks, and the blank of Braille.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def _shows(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "CZ"


def who(name: str) -> str:
    """A person's name as it is compared: two that look alike are one, and invisible characters are none."""
    shown = _UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    seen = "".join("-" if unicodedata.category(c) == "Pd" or c == "\u2212" else c for c in shown if _shows(c))
    # What an invisible character has kept apart is one letter without it.
    return unicodedata.normalize("NFKC", seen).casefold()


def gu_of(area: str) -> str:
    """The district that an area lies in: its first two steps. An area above it is itself."""
    return "/".join(area.split("/")[:2])


def city_of(area: str) -> str:
    """An area's first step."""
    return area.partition("/")[0]
