"""More than was planned for: ten times the load, storms of duplicates, old backlogs, a million malformed payloads."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random

import sqlalchemy as sa
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from core.clock import sleep_s, stopwatch_s, wall_now
from core.events import Event, Lane, Motion
from store.tables import cases
from tests.faults import malformed
from tests.faults.city import City, city
from tests.faults.nursery import ROOT
from tests.faults.table import Figure, Skipped, quantile, row
from wire.codec import encode
from wire.session import Session
from wire.topics import up

BASE = 100
"""Events a second of ten thousand homes on an ordinary day: each 300 of people, 600 of gateway and thermometers."""
OLD = timedelta(hours=25)


class Crowd:
    """Homes that talk at a rate, out of order, each word so often."""

    def __init__(self, place: City, gateways: list[str]) -> None:
        self._session = Session(place.broker.url, "a-crowd", persistent=False)
        self._gateways, self._random, self._boot, self._seq = gateways, Random(6), f"c{int(stopwatch_s())}", 0
        self._over = threading.Event()
        self.sent = 0

    @contextmanager
    def talking(self, rate: float, times: int = 1) -> Iterator[None]:
        """`rate` messages a second, of which each event is `times`."""
        self._over.clear()
        thread = threading.Thread(target=self._talk, args=(rate, times), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(10)

    def _talk(self, rate: float, times: int) -> None:
        began_s, sent = stopwatch_s(), 0
        while not self._over.is_set():
            self._session.poll(0.005)
            due = int((stopwatch_s() - began_s) * rate) - sent
            batch = [self._event() for _ in range(max(1, due // times))] * times if due >= times else []
            self._random.shuffle(batch)
            for event in batch:
                self._session.publish(up(event.gateway, Lane.EVENT), encode(event), 1)
            sent += len(batch)
        self.sent += sent
        self._session.poll(0.2)

    def _event(self) -> Event:
        self._seq += 1
        gateway = self._random.choice(self._gateways)
        at = wall_now() - timedelta(seconds=self._random.uniform(0, 60))
        return Event(
            f"{self._boot}-{self._seq}", gateway, "a-motion", "motion", at, Motion("kitchen"), self._boot, self._seq
        )


def memory_mb(place: City) -> float:
    """What all workers hold in memory."""
    pages = sum(
        int(Path(f"/proc/{one.pid}/statm").read_text().split()[1]) for one in place.workers.values() if one.alive
    )
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def presses(place: City, seconds: float, every_s: float = 0.5) -> list[float]:
    """Seconds from each press to its case, while homes press one after the other."""
    homes: list[str] = []
    until_s = stopwatch_s() + seconds
    while stopwatch_s() < until_s:
        homes += place.press(1)
        sleep_s(every_s)
    place.expect_cases(homes, 60)
    took_s = place.latencies(homes)
    for case in place.of(homes):
        place.acknowledge(case.id)
    return took_s


@row(
    "load",
    "ten times the load for 60 s; duplicate storm x100; reorder; 24 h old backlog",
    f"{BASE} events/s, then {10 * BASE} out of order by up to 60 s, then each event a hundred times, then 50 homes "
    "with a backlog of a day; homes press every half second",
    "SOS p99 at most 2 s, memory at most +50 %, urgent shed 0; nothing stale opens an emergency",
)
def load(folder: Path, full: bool) -> Figure:
    seconds, old = (60.0, 50) if full else (4.0, 5)
    told, p99_s, grown = [], 0.0, 0.0
    with city(folder, int(seconds) * 8 + 200 + old) as place:
        place.start_all()
        crowd = Crowd(place, [place.fresh_home().gateway for _ in range(200)])
        late = [place.fresh_home() for _ in range(old)]
        with crowd.talking(BASE):
            took_s = presses(place, seconds)
        told.append(f"base {quantile(took_s, 0.99):.2f} s")
        before = memory_mb(place)
        for name, rate, times in (("tenfold", 10 * BASE, 1), ("duplicates", 10 * BASE, 100)):
            with crowd.talking(rate, times):
                took_s = presses(place, seconds)
                grown = max(grown, memory_mb(place) / before - 1)
            told.append(f"{name} {quantile(took_s, 0.99):.2f} s")
            p99_s = max(p99_s, quantile(took_s, 0.99))
        with crowd.talking(BASE):
            for home in late:
                place.homes.bring(home.gateway, OLD, 100)
            took_s = presses(place, seconds)
        told.append(f"backlog {quantile(took_s, 0.99):.2f} s")
        p99_s = max(p99_s, quantile(took_s, 0.99))
        grown = max(grown, memory_mb(place) / before - 1)
        place.expect_receipts(30)
        place.verdict(everything=False)
        with place.db.read() as tx:
            theirs = sa.select(cases.c.concern).where(cases.c.home.in_([home.id for home in late]))
            stale = sorted(tx.execute(theirs).scalars())
    assert stale == ["late_report"] * old, f"what presses of yesterday opened: {stale}"
    assert p99_s <= 2.0, f"SOS p99 {p99_s:.2f} s: {', '.join(told)}"
    assert grown <= 0.5, f"memory grew by {grown:.0%}"
    return Figure(
        4, f"SOS p99: {', '.join(told)}; memory {grown:+.0%}; {len(stale)} presses of yesterday opened a report each"
    )


@row(
    "malformed",
    "1,000,000 malformed payloads",
    "real messages damaged by seed, hypothesis' text and JSON, atheris; to codec, receipts, all dialects, topics",
    "0 crashes, 0 hangs over 50 ms, memory flat",
)
def malformed_payloads(folder: Path, full: bool) -> Figure:
    many, examples, runs = (780_000, 20_000, 200_000) if full else (20_000, 200, 0)
    slowest_s, tenth_kb = 0.0, 0
    for n, payload in enumerate(malformed.damaged(1, many)):
        slowest_s = max(slowest_s, malformed.hear(payload))
        if n == many // 10:
            tenth_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / tenth_kb - 1
    json_like = st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    )

    @seed(1)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=400) | json_like.map(lambda value: repr(value).encode("utf-8", "replace")))
    def invented(payload: bytes) -> None:
        nonlocal slowest_s
        slowest_s = max(slowest_s, malformed.hear(payload))

    invented()
    told = "atheris not run"
    if runs:
        if find_spec("atheris") is None:
            raise Skipped("atheris is not installed (pip install atheris)")
        command = [sys.executable, "-m", "tests.faults.malformed", str(runs)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"atheris found: {done.stderr[-400:]}"
        told = f"{runs} by atheris"
    assert slowest_s <= malformed.HANG_S, f"a payload took {slowest_s * 1000:.0f} ms"
    assert more <= 0.05, f"memory grew by {more:.0%}"
    return Figure(
        many + examples + runs,
        f"{many} damaged, {examples} by hypothesis, {told}; 0 crashes, slowest {slowest_s * 1000:.1f} ms of processor "
        f"time, memory {more:+.1%} from the first tenth to the end",
    )
