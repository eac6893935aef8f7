"""What the roof tells of simulator runs, and is asked for: the doors know no scenario and start no process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from core.signals import Evidence


class RunState(StrEnum):
    RUNNING = "running"
    AS_EXPECTED = "as_expected"
    OTHERWISE = "otherwise"
    STOPPED = "stopped"
    BROKEN_OFF = "broken_off"


class Offer(msgspec.Struct, frozen=True):
    """A scenario that can be played; `speed` is its own, simulated seconds for a real one."""

    name: str
    title: dict[str, str]
    minutes: float
    speed: float
    homes: int
    members: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One performance. `why` names the sentence that says why it broke off; times are real."""

    id: str
    scenario: str
    title: dict[str, str]
    speed: float
    minutes: float
    by: str
    started_at: datetime
    state: RunState = RunState.RUNNING
    ended_at: datetime | None = None
    stopped_by: str = ""
    why: str = ""
    differences: tuple[dict[str, str], ...] = ()
    figures: dict[str, int] = {}


class Progress(msgspec.Struct, frozen=True):
    """How far one is: `share` of it from 0 to 1, the story's own time, its Care Calls so far."""

    share: float = 0.0
    at: datetime | None = None
    cases: int = 0


class Simulations(Protocol):
    """What the roof does for an operator."""

    def offers(self) -> Sequence[Offer]:
        """Every scenario that is shipped."""
        ...

    def begin(self, scenario: str, speed: float | None, by: str) -> Run | Evidence:
        """Play one in a process and a city of its own; an Evidence says why not."""
        ...

    def all(self) -> Sequence[Run]:
        """What is running and what was, the newest first."""
        ...

    def find(self, id: str) -> Run | None:
        """One of them."""
        ...

    def progress(self, run: Run) -> Progress:
        """How far it is, or was when it ended."""
        ...

    def words(self, run: Run) -> str:
        """The end of what its programs have said."""
        ...

    def stop(self, run: Run, by: str) -> bool:
        """Ask it to end; False: it has ended."""
        ...
