"""`anbu bench engine`: events a second through all detectors, and what a home costs, beside river in one run."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
from rich.table import Table

from anomaly.batch import Batch
from anomaly.engine import Engine
from app.bench.fleet import START_S, Fleet, cpu_s
from core.clock import stopwatch_s

Step = Callable[[str], None]
EVENTS = 5_000_000
"""So many events are measured, an hour's at least and a day's at most."""
MORNING = 8 * 60
"""The minute at which the city begins: by night nobody moves, and no home would be known well enough."""
REFRESH_HOMES, REFRESH_DAYS = 500, 2
SECONDS_MINUTES, ROW_EVENTS, ROW_BATCH = 5, 50_000, 500
RIVER_HOMES, RIVER_EVENTS = 20, 20_000


def measure(homes: int, warm_h: int, seed: int, step: Step) -> dict[str, Any]:
    """The figures of one city. Rates are events a second of processor time, on one core; durations are wall seconds."""
    fleet = Fleet(homes, seed)
    engine = Engine(fleet.homes)
    minutes = MORNING + warm_h * 60
    slowest = _play(engine, fleet, MORNING, minutes, lambda m: step(f"{homes:,} homes, warm-up, hour {m // 60}"))[2]
    hours = min(24, max(1, math.ceil(EVENTS * 24 / (homes * 880))))
    most = minutes + hours * 60
    heard, spent, _ = _play(engine, fleet, minutes, most, lambda m: step(f"{homes:,} homes, measured"))
    step(f"{homes:,} homes, second by second")
    by_second = [_by_seconds(engine, fleet, fleet.minute(most + m, engine.rows.places)) for m in range(SECONDS_MINUTES)]
    step(f"{homes:,} homes, log rows")
    rows_s = _rows(engine, fleet, most + SECONDS_MINUTES)
    step(f"{homes:,} homes, snapshot")
    begun = stopwatch_s()
    data = engine.snapshot()
    snapshot_s = stopwatch_s() - begun
    row_bytes = sum(column.nbytes // len(column) for column in engine.rows.col.values())
    faults = engine.fault_count
    del engine
    begun = stopwatch_s()
    again = Engine.restore(data)
    restore_s = stopwatch_s() - begun
    step("river")
    river_s = _river(fleet, again.rows.places, most)
    step("refresh")
    refresh_s = _refresh(seed)
    rate = heard / spent
    return {
        "homes": homes,
        "warm_h": warm_h,
        "seed": seed,
        "events": heard,
        "events_s": round(rate),
        "events_s_by_second": round(sum(n for n, _ in by_second) / sum(s for _, s in by_second)),
        "events_s_log_rows": round(rows_s),
        "slowest_minute_s": round(slowest, 2),
        "refresh_ms_a_home": round(refresh_s * 1000, 2),
        "bytes_a_home": row_bytes,
        "snapshot_bytes_a_home": round(len(data) / homes),
        "snapshot_s": round(snapshot_s, 2),
        "restore_s": round(restore_s, 2),
        "peak_mb": round(getrusage(RUSAGE_SELF).ru_maxrss / 1024),
        "river_events_s": round(river_s),
        "times_river": round(rate / river_s, 1),
        "faults": faults,
    }


def _timed(engine: Engine, fleet: Fleet, batch: Batch) -> float:
    """Seconds in the engine; log rows that it asks for are made by the fleet, elsewhere they are there already."""
    begun, made_s = cpu_s(), fleet.rows_s
    engine.feed_batch(batch)
    return cpu_s() - begun - (fleet.rows_s - made_s)


def _play(engine: Engine, fleet: Fleet, begin: int, end: int, step: Callable[[int], None]) -> tuple[int, float, float]:
    """Events, seconds in the engine, and the most that one minute took."""
    heard, spent, slowest = 0, 0.0, 0.0
    for minute in range(begin, end):
        if minute % 60 == 0:
            step(minute)
        batch = fleet.minute(minute, engine.rows.places)
        took = _timed(engine, fleet, batch)
        heard, spent, slowest = heard + len(batch), spent + took, max(slowest, took)
    return heard, spent, slowest


def _refresh(seed: int) -> float:
    """Seconds of processor time that a home's night costs: its day is taken in, its deadlines are made anew.

    Nobody speaks in that night, so that nothing else is measured but the looks at all homes, minute after minute.
    """
    fleet = Fleet(REFRESH_HOMES, seed)
    engine = Engine(fleet.homes)
    midnight = REFRESH_DAYS * 24 * 60
    _play(engine, fleet, MORNING, midnight, lambda _: None)
    begun = cpu_s()
    for minute in range(60, 7 * 60, 10):
        engine.advance(datetime.fromtimestamp(START_S + (midnight + minute) * 60, UTC))
    return (cpu_s() - begun) / REFRESH_HOMES


def _by_seconds(engine: Engine, fleet: Fleet, batch: Batch) -> tuple[int, float]:
    seen = batch.events["seen"]
    cuts = np.searchsorted(seen, np.arange(math.floor(seen[0]), math.ceil(seen[-1]) + 1))
    parts = [batch.take(np.arange(begin, end)) for begin, end in pairwise(cuts)]
    return len(batch), sum(_timed(engine, fleet, part) for part in parts)


def _rows(engine: Engine, fleet: Fleet, minute: int) -> float:
    heard, spent = 0, 0.0
    while heard < ROW_EVENTS:
        batch = fleet.minute(minute, engine.rows.places)
        rows = [batch.row(j) for j in range(min(len(batch), ROW_EVENTS))]
        begun = cpu_s()
        for begin in range(0, len(rows), ROW_BATCH):
            engine.feed(rows[begin : begin + ROW_BATCH])
        spent += cpu_s() - begun
        heard, minute = heard + len(rows), minute + 1
    return heard / spent


def _river(fleet: Fleet, places: Any, minute: int) -> float:
    """Learn and score per event of river's HalfSpaceTrees, one for each of a few homes, on what its people do."""
    from river.anomaly import HalfSpaceTrees  # it takes seconds to load

    trees = [HalfSpaceTrees(n_trees=10, height=8, window_size=1000, seed=7) for _ in range(RIVER_HOMES)]
    last = [0.0] * RIVER_HOMES
    heard: list[tuple[float, int]] = []
    while len(heard) < RIVER_EVENTS:
        events = fleet.minute(minute, places).events
        heard += zip(events["at"].tolist(), events["place"].tolist(), strict=True)
        minute += 1
    begun = cpu_s()
    for n, (t, place) in enumerate(heard[:RIVER_EVENTS]):
        k = n % RIVER_HOMES
        x = {"gap": math.log1p(abs(t - last[k])) / 20, "clock": t % 86400 / 86400, "context": place / 16}
        last[k] = t
        trees[k].score_one(x)  # type: ignore[no-untyped-call]  # river leaves it so
        trees[k].learn_one(x)  # type: ignore[no-untyped-call]  # as above
    return RIVER_EVENTS / (cpu_s() - begun)


def table(figures: list[dict[str, Any]]) -> Table:
    """The figures for a person, a column for each size."""
    shown = Table("figure", *(f"{one['homes']:,} homes" for one in figures), title="anbu bench engine")
    lines = {
        "events/s a core, columns, a minute at a time": "events_s",
        "the same, a second at a time": "events_s_by_second",
        "the same, log rows, 500 at a time": "events_s_log_rows",
        "river HalfSpaceTrees a home, events/s": "river_events_s",
        "engine / river": "times_river",
        "slowest minute of the warm-up, s": "slowest_minute_s",
        "a home's night, ms": "refresh_ms_a_home",
        "bytes a home": "bytes_a_home",
        "snapshot, bytes a home": "snapshot_bytes_a_home",
        "snapshot, s": "snapshot_s",
        "restore, s": "restore_s",
        "peak memory, MB": "peak_mb",
    }
    for name, key in lines.items():
        shown.add_row(name, *(f"{one[key]:,}" for one in figures))
    return shown
