"""systemd hears from a city while every loop of every worker goes round, and not a moment longer."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.systemd import Systemd
from app.worker import Loop, Pulse, run
from core.clock import sleep_s, stopwatch_s
from store.database import Database
from tests.stories.test_commands import Shell, workers
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto

UNITS = sorted((Path(__file__).parents[2] / "deploy" / "systemd").glob("*.service"))
WATCHDOG_S = 6.0


class Manager:
    """The service manager's end of the line."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(self.address)
        self._line.setblocking(False)
        self.words: list[str] = []

    def hears(self, word: str) -> bool:
        """Whether it has heard `word` since it last asked."""
        try:
            while True:
                self.words.append(self._line.recv(100).decode())
        except BlockingIOError:
            heard, self.words = word in self.words, []
            return heard

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path)
    yield manager
    manager.close()


def test_a_worker_that_hangs_is_not_covered_for(mosquitto: Mosquitto, manager: Manager, tmp_path: Path) -> None:
    shell = Shell(
        tmp_path, ANBU_BROKER_URL=f"mqtt://127.0.0.1:{mosquitto.port}", NOTIFY_SOCKET=manager.address,
        WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)),
    )  # fmt: skip
    city = shell.start("run", "--only", "ingest,watch")
    try:
        wait_until(lambda: manager.hears("READY=1"), 180)
        wait_until(lambda: manager.hears("WATCHDOG=1"), 60)
        for name in ("tuner", "sos"):
            pid = workers(shell)[name]
            os.kill(pid, signal.SIGSTOP)
            silent_since_s = stopwatch_s()

            def silent() -> bool:
                nonlocal silent_since_s
                if manager.hears("WATCHDOG=1"):
                    silent_since_s = stopwatch_s()
                return stopwatch_s() - silent_since_s > WATCHDOG_S

            wait_until(silent, 60)
            os.kill(pid, signal.SIGCONT)
            wait_until(lambda: manager.hears("WATCHDOG=1"), 60)
        os.kill(workers(shell)["watch"], signal.SIGKILL)
        for _ in range(2):
            wait_until(lambda: manager.hears("WATCHDOG=1"), 60)
    finally:
        city.send_signal(signal.SIGINT)
        out, _ = city.communicate(timeout=30)
    assert city.returncode == 0, out
    assert manager.hears("STOPPING=1")


def test_a_loop_that_hangs_stops_the_pulse_and_a_database_that_is_away_does_not(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    stop, hangs, over = threading.Event(), threading.Event(), threading.Event()
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")

    def work() -> int:
        if hangs.is_set():
            over.wait(30)
        return 0

    def write() -> int:
        with nowhere.write():
            return 1

    def beats() -> bool:
        try:
            return bool(os.read(ours, 4096))
        except BlockingIOError:
            return False

    loops = [Loop("work", work, 0.05, within_s=0.5), Loop("write", write)]
    thread = threading.Thread(target=run, args=(loops, stop, Pulse(theirs)))
    thread.start()
    wait_until(beats)
    wait_until(beats)
    hangs.set()
    sleep_s(1.5)
    beats()
    sleep_s(1.5)
    assert not beats()
    over.set()
    hangs.clear()
    wait_until(beats)
    stop.set()
    thread.join()
    for end in (ours, theirs):
        os.close(end)


def test_without_systemd_nobody_is_told() -> None:
    alone = Systemd({})
    alone.ready()
    alone.alive()
    alone.stopping()


def test_a_watchdog_that_is_anothers_is_not_fed(manager: Manager) -> None:
    environ = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}
    Systemd(environ).alive()
    assert not manager.hears("WATCHDOG=1")
    Systemd(environ | {"WATCHDOG_PID": str(os.getpid())}).alive()
    assert manager.hears("WATCHDOG=1")


def test_an_abstract_socket_is_one_too() -> None:
    name = f"anbu-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(f"\0{name}")
        Systemd({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert line.recv(100) == b"READY=1"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_the_units(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed (Debian: systemd)")
    # Its program and its user are made by whoever installs it.
    text = unit.read_text(encoding="utf-8").replace("/opt/anbu/.venv/bin/anbu", "/bin/true")
    copy = tmp_path / unit.name
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run([program, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if unit.name in line]
    assert done.returncode == 0, done.stderr
    assert not told


def test_a_gateway_feeds_it_too(mosquitto: Mosquitto, manager: Manager, tmp_path: Path) -> None:
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    shell = Shell(
        tmp_path, ANBU_BROKER_URL=url, ANBU_GATEWAY_LOCAL=url, ANBU_GATEWAY_ID="gw-0001", NOTIFY_SOCKET=manager.address,
        WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)),
    )  # fmt: skip
    gateway = shell.start("gateway")
    wait_until(lambda: manager.hears("READY=1"), 180)
    wait_until(lambda: manager.hears("WATCHDOG=1"), 60)
    gateway.send_signal(signal.SIGINT)
    gateway.communicate(timeout=30)
    assert gateway.returncode == 0
