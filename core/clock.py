"""The only file that reads a clock, so that time is an argument everywhere else and a test can jump it."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

_ASK_S = 5.0
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """The kernel's struct timex: `modes` 0 only asks, and nothing of the answer but its state is wanted."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 508))


class Clock(Protocol):
    """What the roof hands to every loop: the time it is, and how long a wait on this clock really takes."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def real_s(self, wait_s: float) -> float:
        """Real seconds that pass while this clock advances by `wait_s` seconds."""
        ...


class SystemClock:
    """Wall time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def real_s(self, wait_s: float) -> float:
        return wait_s


class Anchor(NamedTuple):
    """One moment by two clocks: the wall's, and the count of seconds since this machine was started."""

    boot: str
    """The machine's word for this start of its own."""
    since_boot_s: float
    utc: datetime
    trusted: bool
    """Whether the kernel was told at that moment that the wall's clock is synchronised."""


class SteadyClock:
    """Wall time from `anchor` on by counting seconds, so that a jump of the system's clock moves no deadline.

    `anchor` is asked again every few seconds, for another process may have made a better one.
    """

    def __init__(self, anchor: Callable[[], Anchor]) -> None:
        self._ask, self._anchor, self._asked_s = anchor, anchor(), since_boot_s()

    def now(self) -> datetime:
        now_s = since_boot_s()
        if now_s - self._asked_s > _ASK_S:
            self._anchor, self._asked_s = self._ask(), now_s
        return self._anchor.utc + timedelta(seconds=now_s - self._anchor.since_boot_s)

    def real_s(self, wait_s: float) -> float:
        return wait_s


class ScaledClock:
    """Wall time run `speed` times as fast from `origin`, which is read at the real moment `real_origin`.

    Two processes with the same three numbers read the same time: the demo's simulators and its city agree.
    """

    def __init__(self, origin: datetime, real_origin: datetime, speed: float) -> None:
        if speed <= 0:
            raise ValueError(f"the speed of a clock must be above 0, not {speed}")
        self.origin, self.real_origin, self.speed = origin, real_origin, speed

    def now(self) -> datetime:
        return self.origin + (datetime.now(UTC) - self.real_origin) * self.speed

    def real_s(self, wait_s: float) -> float:
        return wait_s / self.speed


class CuedClock:
    """A scaled clock that stands at `origin` until `cue` names the real moment at which it begins to run.

    So that a story starts when everything that plays in it is up, however slow the machine.
    """

    def __init__(self, origin: datetime, speed: float, cue: Callable[[], datetime | None]) -> None:
        self.origin, self.speed = origin, speed
        self._cue = cue
        self._running: ScaledClock | None = None

    def now(self) -> datetime:
        if self._running is None and (begun := self._cue()) is not None:
            self._running = ScaledClock(self.origin, begun, self.speed)
        return self._running.now() if self._running is not None else self.origin

    def real_s(self, wait_s: float) -> float:
        return wait_s / self.speed


class ManualClock:
    """A clock that moves only when told to: for stories with jumped time. Safe to share between threads."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def real_s(self, wait_s: float) -> float:
        return min(wait_s, 0.01)

    def set(self, at: datetime) -> None:
        """Jump to `at`, forwards or backwards: a server's clock does both."""
        with self._lock:
            self._at = at

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self.set(self.now() + timedelta(seconds=seconds))


class EventClock(ManualClock):
    """Time as recorded events tell it: the newest time seen so far, and it never goes back."""

    def observe(self, at: datetime) -> None:
        """Take note of an event's time."""
        with self._lock:
            if at > self._at:
                self._at = at


def wall_now() -> datetime:
    """Real wall time in UTC, for measurements and for stamping a scaled clock's start."""
    return datetime.now(UTC)


def wall_anchor() -> Anchor:
    """This moment, by the system's clock."""
    return Anchor(_boot(), since_boot_s(), datetime.now(UTC), bool(synchronised()))


def since_boot_s() -> float:
    """Seconds since this machine was started, its sleep included; the same in every process."""
    return time.clock_gettime(_SINCE_BOOT)


def synchronised() -> bool | None:
    """Whether the kernel was told that the system's clock is right (adjtimex(2): by chrony, ntpd, systemd-timesyncd);
    None: it does not say. Somebody who sets the clock by hand takes that back.
    """
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(_Timex()))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else bool(state != _TIME_ERROR)


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def stopwatch_s() -> float:
    """A monotonic reading in seconds; only differences mean something."""
    return time.perf_counter()


def sleep_s(real_s: float) -> None:
    """Wait for `real_s` real seconds."""
    time.sleep(real_s)
