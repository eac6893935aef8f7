"""Worker processes by the hundred: forked from one parent that has imported everything, so that a start costs 0.1 s.

What runs in them is what `python -m app.worker ROLE` and `anbu gateway` run. `strace` can be made to kill one at its
n-th fsync, write or send.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app.settings import Settings
from core.clock import sleep_s, stopwatch_s

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
GATEWAY = "gateway"


class Process:
    """A worker, by its process id; it is the nursery's child, not ours."""

    def __init__(self, role: str, pid: int) -> None:
        self.role, self.pid = role, pid
        self._handle: int | None = os.pidfd_open(pid)
        self._tracer: subprocess.Popen[str] | None = None

    @property
    def alive(self) -> bool:
        return not self.wait(0)

    def signal(self, number: int) -> None:
        """Send a signal; to one that is dead, nothing."""
        if self.alive and self._handle is not None:
            signal.pidfd_send_signal(self._handle, number)

    def wait(self, limit_s: float) -> bool:
        """Whether it is dead within `limit_s`."""
        if self._handle is None:
            return True
        ends = select.poll()  # `select` knows no file behind the 1024th
        ends.register(self._handle, select.POLLIN)
        return bool(ends.poll(max(limit_s, 0.0) * 1000))

    def kill(self) -> None:
        """As a loss of power does."""
        self.signal(signal.SIGKILL)
        assert self.wait(10), f"{self.role} ({self.pid}) does not die"
        if self._tracer is not None:
            self._tracer.wait(10)
            self._let_go()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def inject(self, what: str) -> None:
        """Let strace do to its system calls what `what` says (`-e inject=`), from now on."""
        assert STRACE is not None
        call = what.partition(":")[0]
        self._tracer = subprocess.Popen(
            [STRACE, "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={what}", "-p", str(self.pid)],
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._tracer.stderr is not None
        for line in self._tracer.stderr:
            if "attached" in line:
                return
        raise RuntimeError(f"strace did not attach to {self.role}: {self._tracer.wait()}")

    def release(self) -> None:
        """Take the tracer away."""
        if self._tracer is not None and self._tracer.poll() is None:
            self._tracer.terminate()
            self._tracer.wait(10)
            self._let_go()

    def _let_go(self) -> None:
        if self._tracer is not None and self._tracer.stderr is not None:
            self._tracer.stderr.close()


class Nursery:
    """Starts workers; whatever still lives is killed with it."""

    def __init__(self, logs: Path, env: Mapping[str, str] | None = None) -> None:
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **(env or {})}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
        )  # fmt: skip
        self._born: list[Process] = []

    def start(
        self, role: str, settings: Settings, *, inject: str = "", name: str = "", env: Mapping[str, str] | None = None
    ) -> Process:
        """A new process of `role`; with `inject` it is born stopped, and goes on under strace."""
        order = {
            "role": role,
            "env": {**settings.environment(), **(env or {})},
            "log": str(self.log(name or role)),
            "stopped": bool(inject),
        }
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(json.dumps(order), file=self._parent.stdin, flush=True)
        process = Process(role, int(self._parent.stdout.readline()))
        self._born.append(process)
        if inject:
            _wait_until_stopped(process.pid)
            process.inject(inject)
            process.signal(signal.SIGCONT)
        return process

    def log(self, name: str) -> Path:
        """What a worker has printed."""
        path = self.logs / f"{name}.log"
        path.touch()
        return path

    def close(self) -> None:
        """Kill all that was born here."""
        for process in self._born:
            process.signal(signal.SIGCONT)
            process.kill()
            process.release()
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(10)


def _wait_until_stopped(pid: int) -> None:
    until_s = stopwatch_s() + 10
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert stopwatch_s() < until_s, f"process {pid} does not stop"
        sleep_s(0.002)


def _child(order: dict[str, object]) -> int:
    os.setsid()
    os.environ.update(order["env"])  # type: ignore[arg-type]  # it was JSON a moment ago
    out = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if order["stopped"]:
        os.kill(os.getpid(), signal.SIGSTOP)
    if order["role"] == GATEWAY:
        from app.cli import main

        sys.argv = ["anbu", "gateway"]
        main()
        return 0
    from app import worker

    return worker.main(str(order["role"]))


def _nurse() -> None:
    for module in ("api.app", "api.server", "app.city", "app.cli", "app.recorded", "app.worker"):
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.exit(_child(order))
        print(pid, flush=True)


if __name__ == "__main__":
    _nurse()
