"""A Mosquitto process of our own on a free port of loopback: for benchmarks, tests and drills against a real broker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from core.clock import sleep_s, stopwatch_s
from wire.broker import free_port
from wire.session import BrokerError
from wire.url import BrokerUrl

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
"""The program, or None where it is not installed."""


class Mosquitto:
    """A Mosquitto that is ours: it could bind the port, so whoever answers there is this process."""

    def __init__(self, folder: Path, *, more: str = "", whole: Callable[[int], str] | None = None) -> None:
        """`more` is added to a plain configuration; `whole`, given the port, is one in its place."""
        self.folder, self.port = folder, free_port()
        self.url = self.homes_url = BrokerUrl("127.0.0.1", self.port)
        self._config = folder / "mosquitto.conf"
        # As root it would become a user that may not write into our folder.
        user = "user root\n" if os.geteuid() == 0 else ""
        plain = (
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nlog_dest stderr\nmax_queued_messages 0\n"
        )
        self._config.write_text(f"{whole(self.port) if whole else plain}{user}{more}")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        """Listen; raises BrokerError with the broker's own words where it cannot."""
        if MOSQUITTO is None:
            raise BrokerError("Mosquitto is not installed (Debian: mosquitto)")
        logfile = self.folder / "mosquitto.log"
        with logfile.open("wb") as out:
            self.process = subprocess.Popen(
                [MOSQUITTO, "-c", str(self._config)], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
        until_s = stopwatch_s() + 10
        while stopwatch_s() < until_s:
            text = logfile.read_text(errors="replace")
            if self.process.poll() is not None:
                raise BrokerError(f"mosquitto ended: {text}")
            if f"listen socket on port {self.port}" in text and "running" in text:
                return self
            sleep_s(0.02)
        raise BrokerError(f"mosquitto does not listen: {text}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it; SIGKILL is a power cut."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(10)
