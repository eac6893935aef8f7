"""Which state of a provider's claim may follow which, who may bring it there, and how its money is split: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from care.rules import Deadlines
from core.care import Refused

MOST_RECORDS = 500
"""In one claim."""


class State(StrEnum):
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    APPROVED = "approved"
    PAID = "paid"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What is done to a claim after it was submitted."""

    VERIFY = "verify"
    RETURN = "return"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    PAY = "pay"


TABLE: dict[tuple[State, Act], State] = {
    (State.SUBMITTED, Act.VERIFY): State.VERIFIED,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.VERIFIED, Act.RETURN): State.RETURNED,
    (State.VERIFIED, Act.APPROVE): State.APPROVED,
    (State.APPROVED, Act.PAY): State.PAID,
    (State.RETURNED, Act.RESUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.WITHDRAW): State.WITHDRAWN,
}
"""Everything else is refused."""
CLOSED = frozenset({State.PAID, State.WITHDRAWN})
OFFICE = frozenset({Act.VERIFY, Act.RETURN, Act.APPROVE, Act.PAY})
"""What the gu-office alone does; the provider does the rest."""


class Person(msgspec.Struct, frozen=True):
    """Somebody who signs: their id, and every name they go by, each as `core.care.who` compares it."""

    id: str
    names: frozenset[str]

    def is_(self, other: Person) -> bool:
        return bool(self.names & other.names)


class Standing(msgspec.Struct, frozen=True):
    """Where a claim stands. `submitters`: whoever has handed it in, the first time or again."""

    state: State
    provider: str
    gu: str
    submitters: tuple[Person, ...]
    verifier: Person | None = None


class Step(msgspec.Struct, frozen=True):
    """What a claim becomes. A closed one has an owner and no deadline."""

    state: State
    owner: str
    due_at: datetime | None


def owner_of(state: State, provider: str, gu: str) -> str:
    """Who has to do something next, or has done the last thing."""
    theirs = state in (State.RETURNED, State.WITHDRAWN)
    return f"provider:{provider}" if theirs else f"office:{gu}"


def due(state: State, within: Deadlines, now: datetime) -> datetime | None:
    """Until when something must have been done."""
    hours = {
        State.SUBMITTED: within.verify,
        State.VERIFIED: within.approve,
        State.APPROVED: within.pay,
        State.RETURNED: within.correct,
    }.get(state)
    return None if hours is None else now + timedelta(hours=hours)


def decide(it: Standing, act: Act, by: Person, staff: bool, within: Deadlines, now: datetime) -> Step | Refused:
    """The next state. `staff`: `by` delivers for the provider.

    Nobody passes judgement on what they handed in, or on their own provider's claim; and whoever approves is another
    than who verified.
    """
    if it.state in CLOSED:
        return Refused("closed")
    to = TABLE.get((it.state, act))
    if to is None:
        return Refused("claim_state", {"state": it.state.value, "act": act.value})
    if act in OFFICE:
        if any(by.is_(one) for one in it.submitters):
            return Refused("own_claim", {"id": by.id})
        if staff:
            return Refused("own_provider", {"id": by.id})
    if act is Act.APPROVE and (it.verifier is None or by.is_(it.verifier)):
        return Refused("four_eyes", {"id": by.id})
    return Step(to, owner_of(to, it.provider, it.gu), due(to, within, now))


def split(won: int, percent: int) -> tuple[int, int]:
    """What the city and what the gu pays of `won` >= 0: together all of it, the city's `percent` rounded half up."""
    city = (won * percent + 50) // 100
    return city, won - city
