"""Simulator runs: one at a time, each a process with a city of its own; what is told of them is read from files."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec

from api.runs import Offer, Progress, Run, RunState
from core.clock import sleep_s, stopwatch_s, wall_now
from core.signals import Evidence

log = logging.getLogger(__name__)
KEPT = 20
LONGEST_S = 3600.0
"""Of a performance, real time."""
START_S, END_S = 300.0, 60.0
"""Beside the performance itself: until the curtain rises, which takes long where others are served first, and until
everything is cleaned up."""
NICE = 19
"""No alarm of the real city waits for a rehearsal: it has what nobody else wants of the processors."""
ROOM_MB = 1000
"""Less than this on the disk is the real city's alone."""
WORDS_SHOWN = 2000
ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
RUN, PROGRESS, STOP, WORDS, CITY = "run.json", "progress.json", "stop", "words.log", "city"
_ASK_S = 1.0


class Runs:
    """The runs in one folder. Whoever holds its lock plays; the lock goes with the process, however that ends."""

    def __init__(self, folder: Path, room_mb: int = ROOM_MB, nice: int = NICE) -> None:
        """`room_mb`: with less on its disk nothing is played. `nice`: how much it gives way."""
        self.folder, self._room_mb, self._nice = folder, room_mb, nice

    # --- what there is

    @cached_property
    def _offers(self) -> list[Offer]:
        from simulators.scenario import load, shipped  # for who simulates, alone

        loaded = [load(name) for name in shipped()]
        return [
            Offer(one.name, one.title, one.script.minutes, one.speed, len(one.specs), len(one.staff)) for one in loaded
        ]

    def offers(self) -> list[Offer]:
        """Every scenario that is shipped."""
        return self._offers

    def all(self) -> list[Run]:
        """What is running and what was, the newest first."""
        return [run for id in self._ids() if (run := self.find(id)) is not None]

    def find(self, id: str) -> Run | None:
        """One of them. What says that it runs, and does not, has broken off, whether or not that can be written."""
        if ID.fullmatch(id) is None or (run := read_run(self.folder / id)) is None:
            return None
        if run.state is not RunState.RUNNING:
            return run
        with self._locked() as lock:
            if lock is None:
                return run
            return self._broken_off(id)

    def progress(self, run: Run) -> Progress:
        """How far it is, or was when it ended."""
        try:
            return msgspec.json.decode((self.folder / run.id / PROGRESS).read_bytes(), type=Progress)
        except (OSError, msgspec.DecodeError):
            return Progress()

    def words(self, run: Run) -> str:
        """The end of what its programs have said."""
        try:
            with (self.folder / run.id / WORDS).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - WORDS_SHOWN))
                return file.read().decode(errors="replace").replace("\0", "\ufffd").strip()
        except OSError:
            return ""

    # --- what is done

    def begin(self, scenario: str, speed: float | None, by: str) -> Run | Evidence:
        """Play one in a process and a city of its own; an Evidence says why not."""
        offer = next((one for one in self.offers() if one.name == scenario), None)
        if offer is None:
            known = ", ".join(one.name for one in self.offers())
            return Evidence("simulation.refused.unknown_scenario", {"name": scenario, "known": known})
        speed = speed or offer.speed
        length_s = offer.minutes * 60 / speed
        if length_s > LONGEST_S:
            return Evidence("simulation.refused.too_long", {"length": length_s, "most": LONGEST_S})
        now = wall_now()
        run = Run(
            id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}", scenario=scenario, title=offer.title, speed=speed,
            minutes=offer.minutes, by=by, started_at=now,
        )  # fmt: skip
        try:
            return self._begin(run, length_s)
        except OSError as error:
            shutil.rmtree(self.folder / run.id, ignore_errors=True)
            return Evidence("simulation.refused.not_started", {"why": error.strerror or type(error).__name__})

    def _begin(self, run: Run, length_s: float) -> Run | Evidence:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(_ASK_S) as lock:
            if lock is None:
                return Evidence("simulation.refused.busy")
            self._forget()
            free_mb = shutil.disk_usage(self.folder).free // 2**20
            if free_mb < self._room_mb:
                return Evidence("simulation.refused.no_room", {"free": free_mb, "least": self._room_mb})
            folder = self.folder / run.id
            folder.mkdir(mode=0o700)
            write(folder / RUN, run)
            limit_s = START_S + length_s + END_S
            words = [str(folder), str(lock), str(os.getpid()), repr(limit_s), str(self._room_mb), str(self._nice)]
            # Nothing of the real city's settings, its secrets least of all, goes along.
            environ = {name: value for name, value in os.environ.items() if not name.startswith("ANBU_")}
            with (folder / WORDS).open("wb") as said:
                process = subprocess.Popen(
                    [sys.executable, "-m", "app.rehearsal", *words],
                    env=environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said, pass_fds=(lock,),
                    # A group, to be ended as one. Not a session: the kernel would weigh that like all that we do.
                    process_group=0,
                )  # fmt: skip
        threading.Thread(target=self._watch, args=(process, run.id, limit_s), name="simulation", daemon=True).start()
        return run

    def stop(self, run: Run, by: str) -> bool:
        """Ask it to end; False: it has ended."""
        if run.state is not RunState.RUNNING:
            return False
        if not (self.folder / run.id / STOP).exists():
            write(self.folder / run.id / STOP, by)
        return True

    # --- the lock, and what is left behind

    @contextlib.contextmanager
    def _locked(self, wait_s: float = 0.0) -> Iterator[int | None]:
        """The lock, for as long; None: somebody has it."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            until_s = stopwatch_s() + wait_s
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if stopwatch_s() >= until_s:
                        yield None
                        return
                    sleep_s(0.05)
            yield lock
        finally:
            os.close(lock)  # who was given it meanwhile still holds it

    def _ids(self) -> list[str]:
        try:
            return sorted((one.name for one in self.folder.iterdir() if ID.fullmatch(one.name)), reverse=True)
        except FileNotFoundError:
            return []

    def _broken_off(self, id: str) -> Run | None:
        """What it has become, now that we hold the lock and it does not."""
        run = read_run(self.folder / id)
        if run is None or run.state is not RunState.RUNNING:
            return run
        return end(self.folder / id, run, RunState.BROKEN_OFF, why="fell")

    def _forget(self) -> None:
        """Make room for one more."""
        for id in self._ids():
            self._broken_off(id)
            shutil.rmtree(self.folder / id / CITY, ignore_errors=True)
        readable = [id for id in self._ids() if read_run(self.folder / id) is not None]
        for id in set(self._ids()) - set(readable[: KEPT - 1]):
            shutil.rmtree(self.folder / id, ignore_errors=True)

    def _watch(self, process: subprocess.Popen[bytes], id: str, limit_s: float) -> None:
        """Wait for its end, and see to it that there is one."""
        began_s, group = stopwatch_s(), process.pid
        stopped_s: float | None = None
        while os.waitid(os.P_PID, group, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            now_s = stopwatch_s()
            if stopped_s is None and (self.folder / id / STOP).exists():
                stopped_s = now_s
            if now_s - began_s > limit_s + END_S or (stopped_s is not None and now_s - stopped_s > END_S):
                log.error("the simulation %s does not end by itself", id)
                break
            sleep_s(0.1)
        # Before its number is given back, so that it can't be anybody else's group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        process.wait()
        self.find(id)


def read_run(folder: Path) -> Run | None:
    """What is written of one; None: nothing that can be read."""
    try:
        return msgspec.json.decode((folder / RUN).read_bytes(), type=Run)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def end(folder: Path, run: Run, state: RunState, **told: object) -> Run:
    """Its end: its city goes first, so that there is room to write what came of it. What can't be written is told."""
    shutil.rmtree(folder / CITY, ignore_errors=True)
    run = msgspec.structs.replace(run, state=state, ended_at=wall_now(), **told)
    try:
        write(folder / RUN, run)
    except OSError as error:
        log.error("%s: the end of the simulation cannot be written: %s", folder.name, error)
    return run


def write(file: Path, what: object, *, synced: bool = True) -> None:
    """Whole or not at all."""
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as out:
        out.write(msgspec.json.encode(what))
        if synced:
            out.flush()
            os.fsync(out.fileno())
    fresh.replace(file)
