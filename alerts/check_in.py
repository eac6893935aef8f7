"""A scheduled check-in call: the one decision, made on plain values, of what follows from its clock or an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from alerts.happenings import Result
from alerts.moves import rings
from alerts.routing import Span

WITHIN = timedelta(hours=2)
"""What came of a call is known so long after its time, at the latest."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a call is put, how long each waits for its answer, and from one question to the next."""

    asks: Literal[1, 2, 3] = 3
    wait: Span = Span("5m")
    apart: Span = Span("20m")

    @property
    def longest_s(self) -> float:
        """From the first question to the end of the last one's wait, in seconds."""
        return (self.asks - 1) * self.apart.seconds + self.wait.seconds


class State(StrEnum):
    """waiting -> asking -> ok | not_ok, or again waiting -> … -> missed; waiting -> not_possible: it was never put."""

    WAITING = "waiting"
    ASKING = "asking"
    OK = "ok"
    NOT_OK = "not_ok"
    MISSED = "missed"
    NOT_POSSIBLE = "not_possible"


class Call(msgspec.Struct, frozen=True):
    """One appointment. While it lives it has a `due_at`, set at `set_at`: the next question, or the end of the wait.

    `reason`: why it was not possible (`checkins.why.REASON`), or what came of the last question (a `Result`).
    """

    planned_at: datetime
    state: State
    set_at: datetime | None
    due_at: datetime | None
    asks: int = 0
    reason: str = ""
    ended_at: datetime | None = None

    @property
    def asking(self) -> str:
        """What the ids of its questions start with: no two calls of a home share it."""
        return f"check-in-{self.planned_at:%Y%m%dT%H%M%S}-"

    @property
    def ask(self) -> str:
        """The id of the last question."""
        return f"{self.asking}{self.asks}"


def ring(call: Call, rule: Rule, hindered: str, now: datetime) -> Call:
    """The time for the next question has come, or nobody has answered the last one. The same call: it has not.

    `hindered`: why the home cannot be asked now, "": it can. Who was never asked has missed nothing; who was asked and
    cannot be asked again has: doubt is never silence.
    """
    if call.due_at is None or call.set_at is None or not rings(call.set_at, call.due_at, now):
        return call
    if call.state is State.ASKING:
        return _unanswered(call, rule, Result.SILENCE, now)
    if not hindered and now + timedelta(seconds=rule.wait.seconds) > call.planned_at + WITHIN:
        hindered = "late"
    if hindered:
        return _over(call, *((State.MISSED, call.reason) if call.asks else (State.NOT_POSSIBLE, hindered)), now)
    until = now + timedelta(seconds=rule.wait.seconds)
    return replace(call, state=State.ASKING, asks=call.asks + 1, set_at=now, due_at=until)


def answered(call: Call, ask: str, result: Result, rule: Rule, now: datetime) -> Call:
    """An answer to any of its questions: a word that somebody is well, or needs help, is one also when it comes late;
    of everything else only the question that waits is the matter.
    """
    if call.due_at is None or not ask.startswith(call.asking):
        return call
    if result in (Result.OK, Result.NOT_OK):
        return _over(call, State(result), result, now)
    return _unanswered(call, rule, result, now) if call.state is State.ASKING and ask == call.ask else call


def _unanswered(call: Call, rule: Rule, result: Result, now: datetime) -> Call:
    if call.asks >= rule.asks or call.set_at is None:
        return _over(call, State.MISSED, result, now)
    again = max(now, call.set_at + timedelta(seconds=rule.apart.seconds))
    return replace(call, state=State.WAITING, reason=result, set_at=now, due_at=again)


def _over(call: Call, state: State, reason: str, now: datetime) -> Call:
    return replace(call, state=state, reason=reason, set_at=None, due_at=None, ended_at=now)
