"""One simulator run in a process of its own, which gives way to everything else; `app.runs` starts it."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from api.runs import Progress, Run, RunState
from app.runs import CITY, END_S, PROGRESS, START_S, STOP, end, read_run, write
from core.clock import stopwatch_s

TOLD_S = 0.5
LOOK_S = 1.0
log = logging.getLogger(__name__)


class Rehearsal:
    """Plays the run of `folder`, and writes down how far it is and what came of it."""

    def __init__(self, folder: Path, parent: int, limit_s: float, room_mb: int) -> None:
        self._folder, self._parent, self._room_mb = folder, parent, room_mb
        self._until_s = stopwatch_s() + limit_s
        self._next_look_s = self._next_word_s = 0.0
        self._ended: list[bool] = []
        self._cases: set[int] = set()
        self._share = 0.0
        self._why = ""

    def play(self, run: Run) -> None:
        """The whole of it. Raises what a city may raise; what is written then is that it has failed."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.append(True))
        # Should even our own end hang, the kernel ends us.
        signal.alarm(ceil(self._until_s - stopwatch_s() + END_S))
        record: Mapping[str, Any] | None = None
        told: dict[str, Any]
        differences: list[dict[str, str]] = []
        try:
            record, differences = self._perform(run)
        finally:
            figures = _figures(record) if record else {}
            match self._why:
                case "stopped":
                    state, told = RunState.STOPPED, {"stopped_by": self._stopped_by()}
                case "" if record is not None:
                    state = RunState.OTHERWISE if differences else RunState.AS_EXPECTED
                    told = {"differences": tuple(differences)}
                case why:
                    state, told = RunState.BROKEN_OFF, {"why": why or "failed"}
            end(self._folder, run, state, figures=figures, **told)

    def _perform(self, run: Run) -> tuple[Mapping[str, Any], list[dict[str, str]]]:
        from app.theatre import Theatre  # the whole city: after we have given way
        from simulators.scenario import load
        from wire.broker import free_port

        scenario = load(run.scenario)
        http = f"127.0.0.1:{free_port()}"
        theatre = Theatre(scenario, self._folder / CITY, http=http, speed=run.speed, guarded=True, ready_s=START_S)
        try:
            theatre.play(
                stop=self._must_end,
                line=lambda entry: self._cases.add(entry.case),
                share=lambda share: self._tell(Progress(share, theatre.clock.now(), len(self._cases))),
            )
            record = theatre.ledger()
            if not self._why:
                self._tell(Progress(1.0, scenario.end, len(record["cases"])), at_once=True)
            return record, scenario.check(record)
        finally:
            theatre.city.close()

    def _tell(self, progress: Progress, at_once: bool = False) -> None:
        if at_once or stopwatch_s() >= self._next_word_s:
            self._next_word_s = stopwatch_s() + TOLD_S
            with contextlib.suppress(OSError):  # a full disk: whoever looks sees the last that could be written
                write(self._folder / PROGRESS, progress, synced=False)

    def _must_end(self) -> bool:
        """Whether, and it is noted why."""
        if not self._why:
            self._why = self._reason()
        return bool(self._why)

    def _reason(self) -> str:
        if (self._folder / STOP).exists():
            return "stopped"
        if self._ended or os.getppid() != self._parent:
            return "ended"
        if stopwatch_s() > self._until_s:
            return "too_long"
        if stopwatch_s() >= self._next_look_s:
            self._next_look_s = stopwatch_s() + LOOK_S
            if shutil.disk_usage(self._folder).free // 2**20 < self._room_mb:
                return "room"
        return ""

    def _stopped_by(self) -> str:
        try:
            return msgspec.json.decode((self._folder / STOP).read_bytes(), type=str)
        except (OSError, msgspec.DecodeError):
            return ""


def _figures(record: Mapping[str, Any]) -> dict[str, int]:
    cases = record["cases"]
    return {
        "cases": len(cases),
        "taken": sum(case["acknowledged_at"] is not None for case in cases),
        "closed": sum(case["state"] == "closed" for case in cases),
        "sos_pressed": record["sos_pressed"],
        "sos_cases": record["sos_cases"],
        "duplicates": record["duplicates"],
        "open_without_deadline": record["open_without_deadline"],
    }


def main(folder: str, lock: str, parent: str, limit_s: str, room_mb: str, nice: str) -> None:
    """Play the run of `folder`. The lock is held until the process ends, and is nobody's who is started here."""
    os.nice(int(nice))  # before anything else is loaded
    os.set_inheritable(int(lock), False)
    logging.basicConfig(level="ERROR", format="%(levelname)s %(message)s")
    run = read_run(Path(folder))
    if run is not None:
        Rehearsal(Path(folder), int(parent), float(limit_s), int(room_mb)).play(run)


if __name__ == "__main__":
    main(*sys.argv[1:])
