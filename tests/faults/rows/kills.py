"""Processes that die, at every place where dying hurts; that are stopped and wake; that start in any order."""

from __future__ import annotations

import itertools
import random
import signal
from pathlib import Path

from core.clock import sleep_s, stopwatch_s
from tests.faults.city import ROLES, City, city
from tests.faults.nursery import GATEWAY, STRACE
from tests.faults.outside import Button, expect, home_of, homes_broker
from tests.faults.table import Figure, Skipped, quantile, row

# What reaches the disk or leaves the process: fsync of a commit, a write of its pages, a packet.
CALLS = ("fdatasync", "pwrite64", "sendto")
PRESSES = 5
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
    "kill -9 of ingest (sos, events), watch, alerts, caller, api",
    "strace sends SIGKILL at the n-th fdatasync, pwrite64 or sendto of the process, n from 1 up; homes press meanwhile",
    "at least 500 points with the gateway's, at least 2,000 SOS; 0 lost, 0 twice; overdue timers once, within 5 s",
)
def kill_workers(folder: Path, full: bool) -> Figure:
    if STRACE is None:
        raise Skipped("strace is not installed (Debian: strace)")
    depth = 30 if full else 2
    points = [*itertools.product(range(1, depth + 1), ROLES, CALLS)]
    if not full:
        points = points[::5]
    struck = 0
    with city(folder, len(points) * PRESSES) as place:
        place.start_all()
        for n, role, call in points:
            struck += doomed(place, role, call, n)
            place.expect_receipts(15)
            homes = sorted(map(home_of, place.homes.pressed))[-PRESSES:]
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


@row(
    "kill-gateway",
    "kill -9 of the program in the home",
    "as above; presses go to the home's own broker, one at a time, each case is taken and closed before the next press",
    "each press is one case",
)
def kill_gateway(folder: Path, full: bool) -> Figure:
    if STRACE is None:
        raise Skipped("strace is not installed (Debian: strace)")
    points = [*itertools.product(range(1, 25 if full else 4), CALLS)]
    struck = 0
    with city(folder, 1) as place, homes_broker(folder) as local:
        place.start_all()
        home = place.fresh_home()
        button = Button(local.url)
        program = place.gateway(local.url, home.gateway)
        took_s: list[float] = []
        # From its first connection on the home's broker keeps for it what it has not heard.
        log = place.nursery.log(GATEWAY)
        expect(lambda: "with " + str(local.url) in log.read_text(), 20, "the program has been at the home's broker")
        for done, (n, call) in enumerate(points):
            program.kill()
            program = place.gateway(local.url, home.gateway, f"{call}:signal=SIGKILL:when={n}")
            began_s = stopwatch_s()
            button.press()
            struck += program.wait(PATIENCE_S / 2)
            program.kill()
            program = place.gateway(local.url, home.gateway)
            expect(lambda done=done: len(place.of([home.id])) > done, 20, f"press {done + 1} is a case")
            took_s.append(stopwatch_s() - began_s)
            case = place.of([home.id])[-1].id
            place.acknowledge(case)
            # What was sent again after its case was closed must not open another.
            place.close_case(case)
        sleep_s(2.0)
        cases = len(place.of([home.id]))
        button.leave()
    assert cases == len(points), f"{len(points)} presses, {cases} cases"
    return Figure(
        len(points),
        f"{struck} killed at the n-th call; {len(points)} presses, {cases} cases; from press to case, a death and a "
        f"restart between, {_spread(took_s)}",
    )


@row(
    "stopped",
    "SIGSTOP for 60 s with a second instance running",
    "two processes of alerts; one is stopped at random moments while cases climb, and wakes after 60 s",
    "the one that wakes never escalates twice",
)
def stopped(folder: Path, full: bool) -> Figure:
    rounds, asleep_s, drawn = (10, 60.0, random.Random(4)) if full else (2, 4.0, random.Random(4))
    with city(folder, 6 * rounds) as place:
        place.start_all()
        twins = {role: (place.workers[role], place.start(role, name=f"{role}-twin")) for role in ("alerts",)}
        for n in range(rounds):
            homes = place.press(6)
            sleeper = twins["alerts"][n % 2]
            sleep_s(drawn.uniform(0.0, 2.5))
            sleeper.signal(signal.SIGSTOP)
            sleep_s(asleep_s)
            place.expect_cases(homes, 10)
            expect(lambda homes=homes: all(place.climbed(case.id) for case in place.of(homes)), 10, "all have climbed")
            sleeper.signal(signal.SIGCONT)
            sleep_s(1.0)
            for case in place.of(homes):
                place.acknowledge(case.id)
        place.expect_receipts(10)
        said = place.verdict()
        late_s = place.late_s
    return Figure(
        rounds,
        f"{said['cases']} cases, each climbed once; {said['same key again']} calls came again, under the same key; "
        f"timers at most {max(late_s):.1f} s late",
    )


@row(
    "start-order",
    "everything killed and started in random order",
    "broker and all workers killed with SIGKILL while homes press, then started in a random order, 0-1 s apart",
    "no start-order dependency: 24 orders",
)
def start_order(folder: Path, full: bool) -> Figure:
    orders, drawn = 24 if full else 2, random.Random(24)
    well_s: list[float] = []
    with city(folder, 4 * orders) as place:
        place.start_all()
        for _ in range(orders):
            homes = place.press(2)
            parts = [*ROLES, "broker"]
            for part in drawn.sample(parts, len(parts)):
                place.broker.stop(signal.SIGKILL) if part == "broker" else place.workers[part].kill()
            homes += place.press(2)
            began_s = stopwatch_s()
            for part in drawn.sample(parts, len(parts)):
                place.broker.start() if part == "broker" else place.start(part)
                sleep_s(drawn.uniform(0.0, 1.0))
            place.expect_ready()
            place.expect_cases(homes, 20)
            place.expect_receipts(20)
            well_s.append(stopwatch_s() - began_s)
            for case in place.of(homes):
                place.acknowledge(case.id)
        said = place.verdict()
    return Figure(orders, f"{said['pressed']} pressed, {said['cases']} cases; all well after {_spread(well_s)}")


def _spread(values: list[float]) -> str:
    return f"p50 {quantile(values, 0.5):.1f} s, most {max(values):.1f} s"
