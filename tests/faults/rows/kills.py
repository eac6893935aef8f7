"""Processes that die, at every place where dying hurts; that are stopped and wake; that start in any order."""

from __future__ import annotations

import itertools
from pathlib import Path

from core.clock import sleep_s, stopwatch_s
from tests.faults.city import ROLES, City, city, expect
from tests.faults.nursery import STRACE
from tests.faults.table import Figure, Skipped, row

# What reaches the disk or leaves the process: fsync of a commit, a write of its pages, a packet.
CALLS = ("fdatasync", "pwrite64", "sendto")
PRESSES = 4
PATIENCE_S = 3.0


def doomed(place: City, role: str, call: str, n: int) -> bool:
    """The worker is born to die at its n-th `call`; homes press; it is started anew. Whether `strace` killed it."""
    place.workers[role].kill()
    condemned = place.start(role, f"{call}:signal=SIGKILL:when={n}")
    homes = place.press(PRESSES)
    if role != "api":
        _take_some(place, homes, PATIENCE_S)
    struck = condemned.wait(PATIENCE_S)
    condemned.kill()
    place.start(role)
    return struck


def _take_some(place: City, homes: list[str], limit_s: float) -> None:
    """A manager takes every other case as soon as it is there."""
    until_s = stopwatch_s() + limit_s
    left = set(homes[::2])
    while left and stopwatch_s() < until_s:
        for case in place.of(sorted(left)):
            place.acknowledge(case.id)
            left.discard(case.home)
        sleep_s(0.02)


@row(
    "kill-workers",
    "kill -9 of ingest (sos, events), watch, alerts, api",
    "strace sends SIGKILL at the n-th fdatasync, pwrite64 or sendto of the process, n from 1 up; homes press meanwhile",
    "at least 500 points with the gateway's, at least 2,000 SOS; 0 lost, 0 twice; overdue timers once, within 5 s",
)
def kill_workers(folder: Path, full: bool) -> Figure:
    if STRACE is None:
        raise Skipped("strace is not installed (Debian: strace)")
    depth = 30 if full else 2
    points = [*itertools.product(range(1, depth + 1), ROLES, CALLS)]
    if not full:
        points = points[::3]
    struck = 0
    with city(folder, len(points) * PRESSES) as place:
        place.start_all()
        for n, role, call in points:
            struck += doomed(place, role, call, n)
            place.expect_receipts(15)
            homes = sorted(f"home-{gateway.removeprefix('gw-')}" for gateway in place.homes.pressed)[-PRESSES:]
            place.expect_cases(homes, 15)
            left = [case.id for case in place.of(homes) if case.state == "alerting"]
            expect(
                lambda left=left: all(map(place.climbed, left)), 15, "who did not take a case is followed by the next"
            )
            for case in left:
                place.acknowledge(case)
        said = place.verdict()
        late_s = place.late_s
    return Figure(
        len(points),
        f"{struck} killed at the n-th call, {len(points) - struck} after {PATIENCE_S:g} s; {said['pressed']} pressed, "
        f"{said['cases']} cases, 0 twice; {len(late_s)} timers, each once, at most {max(late_s):.1f} s late",
    )
