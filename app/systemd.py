"""Tells systemd that a service has started and goes round (sd_notify(3)); without systemd it tells nobody."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping

from core.clock import stopwatch_s


class Systemd:
    """The service manager that has started this process, if one has."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._address = environ.get("NOTIFY_SOCKET", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._watchdog_s = int(environ.get("WATCHDOG_USEC", "0")) / 1e6 if ours else 0.0
        self._next_s = stopwatch_s()
        self._is_ready = False

    def ready(self) -> None:
        """The service has started. Said once."""
        if not self._is_ready:
            self._is_ready = True
            self._say("READY=1")

    def alive(self, goes_round: Callable[[float], bool] = lambda limit_s: True) -> None:
        """Feed the watchdog, if it is time and `goes_round(s)`: everything has done a round in the last `s` seconds."""
        if not self._watchdog_s or stopwatch_s() < self._next_s:
            return
        self._next_s = stopwatch_s() + self._watchdog_s / 4
        if goes_round(self._watchdog_s / 2):
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The service ends."""
        self._say("STOPPING=1")

    def _say(self, word: str) -> None:
        if not self._address:
            return
        # A name that begins with @ is an abstract one, which the kernel writes with a NUL.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(word.encode(), address)
