"""The parent of a running city: a process for each worker, the fallen started anew, all of them ended in order."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from app.place import Place
from app.settings import Settings
from app.systemd import Systemd
from app.worker import FATAL
from core.clock import sleep_s, stopwatch_s
from wire.broker import EmbeddedBroker
from wire.session import BrokerError

log = logging.getLogger(__name__)

ROLES: dict[str, tuple[str, ...]] = {
    # The sos lane has a process of its own: nothing that happens elsewhere takes its interpreter.
    "ingest": ("sos", "events"),
    "watch": ("watch", "tuner"),
    # Nor what goes wrong with a planned call: it cannot take the bell with it.
    "alerts": ("alerts", "caller", "keeper"),
    "api": ("api",),
    "canary": ("canary",),
}
_BACKOFF_S = (0.5, 10.0)
_GRACE_S = 8.0


class _Child:
    def __init__(self, name: str, settings: Settings, keep: Sequence[int]) -> None:
        self.name, self._settings, self._keep = name, settings, keep
        self._backoff_s = _BACKOFF_S[0]
        self._started_s = self._again_s = 0.0
        self._pulse: int | None = None
        self.heard = False
        """Whether its pulse has beaten since it was started."""
        self._heard_s = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._started_s = stopwatch_s()
        self.let_go()
        self._pulse, theirs = os.pipe()
        for end in (self._pulse, theirs):
            os.set_blocking(end, False)
        # Ctrl-C reaches the whole process group, and a child that still imports would answer with a traceback.
        ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.worker", self.name, str(theirs)],
                env={**os.environ, **self._settings.environment()},
                pass_fds=(*self._keep, theirs),
                stdin=subprocess.DEVNULL,
            )
        finally:
            signal.signal(signal.SIGINT, ours)
            os.close(theirs)

    def goes_round(self, limit_s: float) -> bool:
        """Whether every loop of it has done a round in the last `limit_s`, or it is being started anew."""
        return self.process is None or stopwatch_s() - max(self._started_s, self._heard_s) <= limit_s

    def let_go(self) -> None:
        """Listen to it no more."""
        if self._pulse is not None:
            os.close(self._pulse)
        self._pulse, self.heard = None, False

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            if self._pulse is not None and os.read(self._pulse, 4096):
                self.heard, self._heard_s = True, stopwatch_s()

    def check(self) -> int | None:
        """Hear its pulse, start it anew when its time has come; the exit code of one that must not be."""
        self._listen()
        if self.process is None:
            if stopwatch_s() >= self._again_s:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        if code == FATAL:
            return code
        if stopwatch_s() - self._started_s > 30:
            self._backoff_s = _BACKOFF_S[0]
        log.error("worker %s ended with %s and is started anew in %.1f s", self.name, code, self._backoff_s)
        self._again_s = stopwatch_s() + self._backoff_s
        self._backoff_s = min(self._backoff_s * 2, _BACKOFF_S[1])
        self.process = None
        return None


class Supervisor:
    """A running city. `start`, then `watch` until it returns, then `stop`."""

    def __init__(self, settings: Settings, roles: Sequence[str] = tuple(ROLES)) -> None:
        self.settings, self.place = settings, Place(settings)
        self._lock: int | None = None
        self._broker: EmbeddedBroker | None = None
        self._roles = roles
        self._children: list[_Child] = []

    def start(self) -> None:
        """Take the city's lock, start the embedded broker where no other is set, and the workers.

        Raises AlreadyRunning and BrokerError.
        """
        whole = set(self._roles) == set(ROLES)
        self._lock = self.place.lock(5.0) if whole else None  # parts of a city run side by side
        if not self.settings.broker_url and "ingest" in self._roles:
            url = self.place.broker
            self._broker = EmbeddedBroker(url.port, self.place.broker_password, self.place.city_id)
            self._broker.start()
        keep = [] if self._lock is None else [self._lock]
        roles = [role for role in self._roles if role != "canary" or self.settings.canary_s]
        self._children = [_Child(name, self.settings, keep) for role in roles for name in ROLES[role]]
        for child in self._children:
            child.start()

    def check(self) -> int | None:
        """Look after the workers once; an exit code where the city cannot go on."""
        for child in self._children:
            if (code := child.check()) is not None:
                return code
        return None

    def pids(self) -> dict[str, int]:
        """The workers' process ids."""
        return {child.name: child.process.pid for child in self._children if child.process is not None}

    @property
    def started(self) -> bool:
        """Whether every worker has gone round once."""
        return all(child.heard for child in self._children)

    def goes_round(self, limit_s: float) -> bool:
        """Whether every loop of every worker has done a round in the last `limit_s` real seconds.

        One that fell and is started anew is in our care, and counts as well: the others must not fall with it.
        """
        return all(child.goes_round(limit_s) for child in self._children)

    def stop(self) -> None:
        """End the workers in order of the message's way, then the broker."""
        running = [child.process for child in self._children if child.process and child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        until_s = stopwatch_s() + _GRACE_S
        for process in running:
            try:
                process.wait(max(0.1, until_s - stopwatch_s()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self._children:
            child.let_go()
        if self._broker is not None:
            self._broker.stop()
        if self._lock is not None:
            os.close(self._lock)


def supervise(supervisor: Supervisor, asked_to_stop: Sequence[bool]) -> int:
    """Keep the city running until `asked_to_stop` has an element or a worker must not be started again.

    systemd's watchdog is fed by the workers' loops: while one of them hangs, it is not.
    """
    systemd = Systemd()
    try:
        while not asked_to_stop:
            code = supervisor.check()
            if code is not None:
                return code
            if supervisor.started:
                systemd.ready()
            systemd.alive(supervisor.goes_round)
            sleep_s(0.2)
    except BrokerError as error:
        log.critical("%s", error)
        return FATAL
    finally:
        systemd.stopping()
    return 0
