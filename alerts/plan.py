"""What the policy promised a case when it opened: pinned, so that a changed policy never changes a running call."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.people import AskBy, Role
from core.signals import Evidence, Urgency


class Rung(msgspec.Struct, frozen=True):
    """One step of a ladder.

    `who` is a role (`manager`, `supervisor`, `duty`) or, with `post` True, the name of a place that is always staffed.
    `how` names channels in order of preference; a person's other channels follow. `wait_s`: until the next rung.
    """

    who: str
    wait_s: float
    post: bool = False
    how: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """Ladder and times of one case; `reasons` says at which branch of the policy each was found.

    `asks` check-ins of `ask_wait_s` each come before people are called (0: none), put by `ask_by`; `speaker` says that
    the home has something that can put them.
    An owner has `act_within_s` to arrive or close, and `close_within_s` from arriving to closing. Nobody is called
    before `hold_until`, unless the matter is urgent.
    """

    urgency: Urgency
    ladder: str
    rungs: tuple[Rung, ...]
    act_within_s: float
    close_within_s: float
    asks: int = 0
    ask_wait_s: float = 300.0
    speaker: bool = False
    ask_by: AskBy = AskBy.VOICE
    hold_until: datetime | None = None
    reasons: tuple[Evidence, ...] = ()

    @property
    def last(self) -> int:
        """Index of the rung that repeats until a person answers."""
        return len(self.rungs) - 1


SYNTHETIC = Plan(
    urgency=Urgency.IMMEDIATE,
    ladder="canary",
    rungs=(Rung(Role.CANARY, 30.0),),
    act_within_s=60.0,
    close_within_s=60.0,
    reasons=(Evidence("route.synthetic"),),
)
"""What every case of a synthetic home is promised, whatever the policy says: no rung of it has a person or a post."""
