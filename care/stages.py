"""Which stage of an episode may follow which, and when each is due: pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from care.rules import Rules
from core.care import Ended, Origin, Priority, Refused, Stage

NEXT: dict[Stage, Stage | None] = {
    Stage.INTAKE: Stage.ASSESSMENT,
    Stage.ASSESSMENT: Stage.PLAN,
    Stage.PLAN: Stage.LINKAGE,
    Stage.LINKAGE: Stage.EVALUATION,
    Stage.EVALUATION: None,
    Stage.CLOSED: None,
}
"""No stage is skipped, and none comes back: a new plan is a new version within its stage."""


class Standing(msgspec.Struct, frozen=True):
    """Where an episode stands."""

    stage: Stage
    since: datetime
    due_at: datetime | None
    priority: Priority
    origin: Origin
    ended: Ended | None = None


def begin(priority: Priority, origin: Origin, rules: Rules, now: datetime) -> Standing:
    """The first stage; every origin has the same."""
    within = rules.stage_within(Stage.INTAKE, priority, origin)
    return Standing(Stage.INTAKE, now, now + within, priority, origin)


def advance(it: Standing, to: Stage, rules: Rules, now: datetime) -> Standing | Refused:
    """The next stage; only the next one."""
    if it.stage is Stage.CLOSED:
        return Refused("closed")
    if to is not NEXT[it.stage]:
        return Refused("stage", {"stage": it.stage.value, "to": to.value})
    within = rules.stage_within(to, it.priority, it.origin)
    return Standing(to, now, now + within, it.priority, it.origin)


def close(it: Standing, ended: Ended, now: datetime) -> Standing | Refused:
    """The end. "Completed" can be said after the evaluation alone; any other end at any stage."""
    if it.stage is Stage.CLOSED:
        return Refused("closed")
    if ended is Ended.COMPLETED and it.stage is not Stage.EVALUATION:
        return Refused("not_evaluated", {"stage": it.stage.value})
    return Standing(Stage.CLOSED, now, None, it.priority, it.origin, ended)
