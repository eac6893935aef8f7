"""One worker process: loops in threads that live and die together; `python -m app.worker NAME` runs one."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

import msgspec

from core.clock import sleep_s, stopwatch_s
from store.database import Unavailable
from wire.session import BrokerError

log = logging.getLogger(__name__)

FATAL = 2
CRASHED = 1
Step = Callable[[], int]


class Fatal(Exception):
    """Starting anew would not help; the text says what a person must mend."""


class Loop(msgspec.Struct, frozen=True):
    """`step` does what there is to do and says how much; after nothing, the loop rests for `idle_s` real seconds.

    A step that takes longer than `within_s` hangs.
    """

    name: str
    step: Step
    idle_s: float = 0.0
    within_s: float = 60.0


class Pulse:
    """A pipe to the supervisor: a byte says that every loop goes round. Not through the database, which may be away."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def beat(self) -> None:
        """Say so. A supervisor that does not listen is no matter."""
        if self._handle is not None:
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                os.write(self._handle, b".")


class Turns:
    """A step, and others that follow it in the same thread when their real time has come again.

    A thread that holds the writers' lock and waits for a busy one of its own process makes the whole city wait. And a
    beat in the loop's own thread says that the loop goes round, not only that its process lives.
    """

    def __init__(self, main: Step, *others: tuple[Step, float]) -> None:
        """`others`: (step, seconds from one turn to the next); one that has more to do comes again at once."""
        self._main = main
        self._others = [(step, every_s, [0.0]) for step, every_s in others]

    def step(self) -> int:
        """What the main step has done."""
        done = self._main()
        for other, every_s, due_s in self._others:
            if stopwatch_s() >= due_s[0]:
                due_s[0] = stopwatch_s() + every_s  # also where it fails: the main step has its turn first
                if other():
                    due_s[0] = 0.0
        return done


def run(loops: list[Loop], stop: threading.Event, pulse: Pulse | None = None) -> int:
    """Run the loops until `stop` is set, the parent is gone or one of them fails; the process's exit code.

    `pulse` beats while no loop hangs. A database that is away is waited for. BrokerError and Fatal end the city. Any
    other error is a bug of ours: the process ends, and the supervisor starts it anew.
    """
    code = 0
    lock = threading.Lock()
    since_s: dict[str, float] = {}
    """When each loop that is in its step began it."""

    def end(with_code: int) -> None:
        nonlocal code
        with lock:
            code = max(code, with_code)
        stop.set()

    def drive(loop: Loop) -> None:
        finished = False
        try:
            while not stop.is_set():
                turn(loop)
            finished = True
        finally:
            if not finished:  # the thread's own hook prints the error
                end(CRASHED)

    def turn(loop: Loop) -> None:
        since_s[loop.name] = stopwatch_s()
        try:
            done = loop.step()
        except Unavailable as error:
            del since_s[loop.name]
            log.error("%s: the database is away: %s", loop.name, error.orig)
            stop.wait(0.5)
        except (BrokerError, Fatal) as error:
            log.critical("%s: %s", loop.name, error)
            end(FATAL)
        else:
            del since_s[loop.name]
            if not done and loop.idle_s:
                stop.wait(loop.idle_s)

    threads = [threading.Thread(target=drive, args=(loop,), name=loop.name, daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    parent = os.getppid()
    while not stop.wait(0.5):
        if os.getppid() != parent:  # nobody would ever end an orphan
            stop.set()
        now_s = stopwatch_s()
        if pulse is not None and all(now_s - since_s.get(loop.name, now_s) <= loop.within_s for loop in loops):
            pulse.beat()
    for thread in threads:
        thread.join(10)
    return code


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM sets. Ctrl-C reaches the whole process group: only the parent acts on it."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return stop


def main(name: str, handle: int | None = None) -> int:
    """The worker `name` of the city that the environment describes; `handle`: where its pulse beats."""
    from app import recorded
    from app.city import City  # the widest import there is: the supervisor shares this file and needs none of it
    from app.settings import load

    stop, pulse = stop_on_signals(), Pulse(handle)
    settings = load()
    logging.basicConfig(level=settings.log_level, format=f"%(asctime)s {name:<6} %(levelname)-7s %(message)s")
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    while not stop.is_set():
        try:
            made = (
                recorded.loops(name, settings)
                if name in recorded.WORKERS
                else City(settings, newest=False).loops(name, stop)
            )
            # What is there now stays: looking through it again and again takes 50-130 ms each, and an SOS waits.
            gc.collect()
            gc.freeze()
            return run(made, stop, pulse)
        except Unavailable as error:
            log.error("the database is away: %s", error.orig)
            pulse.beat()
            sleep_s(0.5)
    return 0


if __name__ == "__main__":
    # As `__main__` this file is not `app.worker`: its Fatal would be another class than the one that is raised.
    from app.worker import main as entry

    sys.exit(entry(sys.argv[1], *map(int, sys.argv[2:])))
