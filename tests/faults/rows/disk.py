"""A disk that is full, and one whose sync fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from core.clock import sleep_s, stopwatch_s, wall_now
from tests.faults.city import City, city, expect
from tests.faults.nursery import STRACE
from tests.faults.rows.database import HEAL_S, healed, take
from tests.faults.table import Figure, Skipped, row

PRESSES = 4
SEEN_S = 10.0
ROOM_MB = 16
WRITERS = ("sos", "events", "watch", "alerts", "api")


@contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    """A disk of `ROOM_MB` at that folder."""
    at.mkdir(parents=True)
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", str(at)]
    if os.geteuid() or subprocess.run(mounted, check=False, capture_output=True).returncode:
        raise Skipped("a disk of its own needs root and a mount")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def fill(disk: Path) -> Path:
    """Write until nothing more goes in."""
    file = disk / "filler"
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"\0" * 4096):
            pass
    return file


def trouble(place: City) -> str:
    """What the city says is wrong; empty: nothing."""
    try:
        said = place.api.get("/readyz")
    except httpx.HTTPError as error:
        return str(error)
    body = said.json()
    return "" if said.status_code == 200 else str(body["trouble"] or body["late"] or "not ready")


@row(
    "disk-full",
    "the disk of the city's database is full",
    "the data folder is a tmpfs of its own that a file fills; presses; the file goes",
    "no receipt for what is not written; visible within 10 s; every case within 5 s of the room's return",
)
def disk_full(folder: Path, full: bool) -> Figure:
    times = 10 if full else 2
    seen_s, healed_s, why = [], [], ""
    with small_disk(folder / "data") as disk, city(folder, times * 40) as place:
        place.start_all()
        for _ in range(times):
            with place.db.engine.connect() as connection:  # the log would reuse its own room for a while
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            filler = fill(disk)
            homes: list[str] = []
            began_s = stopwatch_s()
            while not (why := trouble(place)):
                assert stopwatch_s() - began_s < SEEN_S, "a full disk that nobody sees"
                homes += place.press(1) if len(homes) < 30 else []
                sleep_s(0.2)
            seen_s.append(stopwatch_s() - began_s)
            refused = place.press(PRESSES)
            sleep_s(2)
            assert place.homes.waiting(), "receipts from a full disk"
            since = wall_now()
            filler.unlink()
            healed_s.append(healed(place, homes + refused, since=since))
            take(place, homes + refused)
            place.expect_ready(HEAL_S)
        said = place.verdict()
    return Figure(
        times,
        f"seen after {max(seen_s):.1f} s ({why}); {said['pressed']} pressed, {said['cases']} cases, "
        f"there {max(healed_s):.1f} s after the room was",
    )


@row(
    "disk-sync-error",
    "the disk refuses a sync (EIO)",
    "strace makes each fdatasync of one worker fail, once and for a second, presses meanwhile; each of the workers",
    "never acknowledged; the worker ends, and who comes next writes the log anew; 0 lost, 0 twice",
)
def disk_sync_error(folder: Path, full: bool) -> Figure:
    if STRACE is None:
        raise Skipped("strace is not installed (Debian: strace)")
    times = 10 if full else 1
    struck, ended_s, healed_s = 0, [], []
    with city(folder, 10_000 if full else 400) as place:
        place.start_all()
        for worker in WRITERS * times:
            place.workers[worker].inject("fdatasync:error=EIO")
            struck += 1
            began_s = stopwatch_s()
            homes: list[str] = []
            while not place.workers[worker].wait(0.2):
                homes += place.press(1)
                for case in place.of(homes[-3:-2]):
                    with suppress(httpx.HTTPError):
                        place.api.post(f"/api/cases/{case.id}/ack", json={"by": "kim"})
                assert stopwatch_s() - began_s < SEEN_S, f"{worker} goes on without its disk"
            ended_s.append(stopwatch_s() - began_s)
            place.workers[worker].kill()
            place.start(worker)
            homes += place.press(PRESSES)
            healed_s.append(healed(place, homes))
            place.expect_ready(HEAL_S)
            expect(lambda homes=homes: _taken(place, homes), 20, "every case is taken")
        said = place.verdict()
    return Figure(
        struck,
        f"each worker ended within {max(ended_s):.1f} s; {said['pressed']} pressed, {said['cases']} cases, "
        f"there {max(healed_s):.1f} s after its start at most",
    )


def _taken(place: City, homes: list[str]) -> bool:
    for case in place.of(homes):
        if case.state == "alerting":
            place.acknowledge(case.id)
    return all(case.state != "alerting" for case in place.of(homes))
