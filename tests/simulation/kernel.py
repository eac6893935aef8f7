"""Who runs when: processes that wake, stand still, die and are started again, as the lot has it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from functools import partial
from random import Random
from typing import Protocol

from store.database import Unavailable
from tests.simulation.oracle import Oracle
from tests.simulation.timeline import Timeline, WallClock


class Died(BaseException):
    """A process ended here. No `except Exception` may hold it."""


class Process(Protocol):
    """`start` brings it to life, `step` is a round of its loop, `die` takes all it had in its hands.

    A step says between which seconds the next one comes if nothing comes for it before: a loop that has nothing to do
    looks far less often than the real one, because a look that finds nothing is no news.
    """

    name: str

    def start(self) -> None: ...

    def step(self) -> tuple[float, float]: ...

    def die(self) -> None: ...


class Kernel:
    """The machines' scheduler. Everything in it follows from the seed."""

    oracle: Oracle

    def __init__(self, seed: int) -> None:
        self.seed, self.random = seed, Random(seed)
        self.timeline = Timeline()
        self.clock = WallClock(self.timeline)
        self.lines: list[str] = []
        self.faulty = True
        self.faults: Counter[str] = Counter()
        self.processes: dict[str, Process] = {}
        self.at_work = "nobody"
        self.down: set[str] = set()
        self._still: set[str] = set()
        self._wakes: dict[str, float] = {}
        self._lives: Counter[str] = Counter()
        self._rates = {
            "dies": self.random.choice((0.0, 0.0, 0.002, 0.01)),
            "lost": self.random.choice((0.0, 0.02, 0.1)),
            "unknown": self.random.choice((0.0, 0.02, 0.1)),
            "repeats": self.random.choice((0.0, 0.1)),
            "stands still": self.random.choice((0.0, 0.02, 0.1)),
            "provider": self.random.choice((0.0, 0.3, 0.8)),
        }

    def chance(self, of: str) -> bool:
        """Whether a fault of this kind happens here."""
        return self.faulty and self.random.random() < self._rates[of]

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def breathe(self, process: str, where: str) -> None:
        if process == self.at_work and self.chance("dies"):
            self.faults["died at a step"] += 1
            raise Died(where)

    def trace(self, text: str) -> None:
        self.lines.append(f"{self.timeline.now_s:10.3f} {text}")

    # --- processes

    def nudge(self, process: str) -> None:
        """Something came for a process that waits."""
        self.wake(process, self.random.uniform(0.0, 0.1))

    def wake(self, name: str, wait_s: float) -> None:
        """Let a process have its turn in so many seconds, if it has none before."""
        at_s = self.timeline.now_s + wait_s
        if name not in self.processes or name in self.down or self._wakes.get(name, float("inf")) <= at_s:
            return
        self._wakes[name] = at_s
        self.timeline.after(wait_s, partial(self._turn, name, at_s))

    def _turn(self, name: str, at_s: float) -> None:
        if self._wakes.get(name) != at_s or name in self.down:
            return  # it has woken earlier, or died
        del self._wakes[name]
        if name in self._still:
            return
        self.at_work, life = name, self._lives[name]
        try:
            pause_s = self.processes[name].step()
        except Died as where:
            if life == self._lives[name]:
                self.dies(name, f"at its {where}")
        except Unavailable:
            self.wake(name, 0.5)
        except sqlite3.Error as error:
            self.dies(name, f"of its disk: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            self.oracle.must(False, f"{name} fell over: {error!r}")
        else:
            self.wake(name, self.between(*pause_s))
        finally:
            self.at_work = "nobody"

    def dies(self, name: str, how: str) -> None:
        """A process dies, and somebody starts it again."""
        if name in self.down:
            return
        self.trace(f"{name} dies {how}")
        self.processes[name].die()
        self.down.add(name)
        self._still.discard(name)
        self._lives[name] += 1
        self._wakes.pop(name, None)
        self.timeline.after(self.between(0.1, 30.0), partial(self._starts, name))

    def _starts(self, name: str) -> None:
        self.down.discard(name)
        self.trace(f"{name} starts")
        self.processes[name].start()
        self.wake(name, 0.0)

    def may_stand_still(self) -> None:
        """The process at work may stand still here, and all else goes on meanwhile."""
        name = self.at_work
        if len(self._still) > 1 or name in self._still or not self.chance("stands still"):
            return
        self.faults["stood still"] += 1
        until_s, life = self.timeline.now_s + self.between(0.1, 60.0), self._lives[name]
        self.trace(f"{name} stands still until {until_s:.3f}")
        self._still.add(name)
        while self.timeline.now_s < until_s and self.faulty and self.oracle.broken is None:
            self.timeline.turn()
        if life != self._lives[name]:
            raise Died("standing still")
        self.trace(f"{name} goes on")
        self._still.discard(name)
        self.at_work = name
