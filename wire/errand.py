"""What may take long, done so that nobody waits: a call in a thread of its own, and the pauses between attempts."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Thread
from typing import Generic, TypeVar

from core.clock import stopwatch_s

Outcome = TypeVar("Outcome")


class Errand(Generic[Outcome]):
    """One call at a time, asked for by one thread. The thread that runs it holds up no exit of the program."""

    def __init__(self, call: Callable[[], Outcome], *, here: bool = False) -> None:
        """`here`: in the thread that asks, which waits for it."""
        self._call, self._here = call, here
        self._thread: Thread | None = None
        self._outcome: list[Outcome] = []

    def run(self, wait_s: float = 0.0) -> Outcome | None:
        """What the call returned; None: it still runs after `wait_s` real seconds."""
        if self._here:
            return self._call()
        if self._thread is None:
            self._thread = Thread(target=self._do, daemon=True)
            self._thread.start()
        self._thread.join(wait_s)
        if self._thread.is_alive():
            return None
        self._thread = None
        return self._outcome.pop()

    def _do(self) -> None:
        self._outcome.append(self._call())


class Pause:
    """How long to wait after a failure: twice as long after each, from `shortest_s` to `longest_s`, and jittered."""

    def __init__(self, shortest_s: float, longest_s: float, seed: str) -> None:
        self._shortest_s, self._longest_s, self._next_s = shortest_s, longest_s, shortest_s
        self._jitter = Random(seed)
        self._until_s = 0.0

    @property
    def left_s(self) -> float:
        """Real seconds until the next attempt may be made."""
        return max(self._until_s - stopwatch_s(), 0.0)

    def failed(self) -> None:
        """Wait now, and longer the next time."""
        self._until_s = stopwatch_s() + self._next_s * self._jitter.uniform(0.5, 1.5)
        self._next_s = min(self._next_s * 2, self._longest_s)

    def over(self) -> None:
        """The next attempt may be made at once."""
        self._until_s = 0.0

    def succeeded(self) -> None:
        """The next failure is the first one again."""
        self._next_s = self._shortest_s
