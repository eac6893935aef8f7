"""`anbu bench load`: the whole path beside the bare receiver, and an SOS beside the bulk, on one broker in one run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from app.bench import bare
from app.bench.publisher import BULK_HOMES, home, publish, until
from app.city import LANES, append_homes
from app.place import Place
from app.settings import Settings
from app.supervisor import Supervisor
from core.clock import sleep_s, stopwatch_s, wall_now
from core.events import Event, Lane, SosPressed
from store import log
from store.database import Database
from store.migrate import migrate
from wire.broker import free_port
from wire.codec import encode
from wire.mosquitto import Mosquitto
from wire.receipt import decode_receipt
from wire.session import Session
from wire.topics import Down, down, subscriptions, up

_GAP_S = 0.02
_PATIENCE_S = 120.0
Step = Callable[[str], None]


def measure(events: int, presses: int, rounds: int, step: Step) -> dict[str, Any]:
    """The figures of one run: rates in events/s (median of the rounds), latencies in ms."""
    with tempfile.TemporaryDirectory(prefix="anbu-bench-", ignore_cleanup_errors=True) as name:
        broker = Mosquitto(Path(name)).start()
        try:
            return _measure(broker, Path(name), events, presses, rounds, step)
        finally:
            broker.stop()


def _measure(broker: Mosquitto, folder: Path, events: int, presses: int, rounds: int, step: Step) -> dict[str, Any]:
    bares: list[float] = []
    wholes: list[float] = []
    idle: list[float] = []
    loaded: list[float] = []
    covered = 0
    # All four in each round: what the machine does meanwhile, its disk above all, then falls on each alike.
    for number in range(1, rounds + 1):
        step(f"bare, round {number}")
        bares.append(events / _bare(broker, f"bare-{number}", events))
        step(f"whole path, round {number}")
        with _city(broker, folder / f"city-{number}", 0) as bench:
            wholes.append(events / bench.drain(events))
        step(f"SOS idle, round {number}")
        with _city(broker, folder / f"idle-{number}", presses) as bench:
            idle += bench.press(presses, backlog=0)[0]
        step(f"SOS under full bulk load, round {number}")
        with _city(broker, folder / f"loaded-{number}", presses) as bench:
            times, within = bench.press(presses, backlog=3 * events)
        loaded += times
        covered += within
    return {
        "events": events,
        "bare_events_s": round(median(bares)),
        "whole_events_s": round(median(wholes)),
        "ratio": round(median(wholes) / median(bares), 3),
        "rounds": {"bare": [round(x) for x in bares], "whole": [round(x) for x in wholes]},
        "sos_idle_ms": _quantiles(idle),
        "sos_loaded_ms": _quantiles(loaded),
        "sos_p99_ratio": round(_quantiles(loaded)["p99"] / _quantiles(idle)["p99"], 2),
        "presses_within_load": covered,
    }


class _Bench:
    """A city in front of a broker, and the other side of it."""

    def __init__(self, broker: Mosquitto, settings: Settings, sos_homes: int) -> None:
        self._broker, self._settings = broker, settings
        self._db = Database(settings.database)
        migrate(self._db)
        now = wall_now()
        homes = [home("bulk", n) for n in range(BULK_HOMES)] + [home("sos", n) for n in range(sos_homes)]
        append_homes(self._db, homes, now)
        self._events_id = f"anbu-{Place(settings).city_id}-events"
        self.supervisor = Supervisor(settings, ("ingest", "watch"))

    def close(self) -> None:
        self.supervisor.stop()
        self._db.close()

    def drain(self, events: int) -> float:
        """Seconds from the first committed event to the last one folded into the engine."""
        _subscribe(self._broker, self._events_id, subscriptions(*LANES["events"]))
        publish(self._broker.url, events)
        self.supervisor.start()
        until(partial(self._folded, events), _PATIENCE_S)
        with self._db.read() as tx:
            first, last = log.read(tx, 0, 1)[0].seen_at, log.newest_seen(tx)
            folded = datetime.fromisoformat(log.all_beats(tx)["watch"][1]["reached_at"])
        assert last is not None
        return (max(last, folded) - first).total_seconds()

    def _folded(self, events: int) -> bool:
        # Rarely: who measures uses the same two cores.
        sleep_s(0.3)
        self.supervisor.check()
        with self._db.read() as tx:
            beat = log.all_beats(tx).get("watch")
        return beat is not None and int(beat[1]["position"]) >= events

    def press(self, presses: int, backlog: int) -> tuple[list[float], int]:
        """Seconds from each press to its receipt, which follows the commit of its case, while the events lane drains
        `backlog` messages as fast as it can; with it, `presses` where that backlog outlasted them all, else 0.
        """
        _subscribe(self._broker, self._events_id, subscriptions(*LANES["events"]))
        publish(self._broker.url, backlog)
        self.supervisor.start()
        until(self._hears, 60.0)
        drained = partial(self._drained, backlog)
        return self._press(presses, drained)

    def _drained(self, backlog: int) -> bool:
        with self._db.read() as tx:
            return log.head(tx) >= backlog

    def _hears(self) -> bool:
        with self._db.read() as tx:
            beats = log.all_beats(tx)
        sleep_s(0.1)
        # All have started: that takes more of the processor than anything that is measured here.
        return "watch" in beats and all(name in beats and beats[name][1]["connected"] for name in LANES)

    def _press(self, presses: int, drained: Callable[[], bool]) -> tuple[list[float], int]:
        gateways = [home("sos", number).gateway for number in range(presses)]
        session = Session(
            self._broker.url, "bench-presser", persistent=False, subscribe=[down(g, Down.RECEIPT) for g in gateways]
        )
        until(lambda: bool(session.poll(0.05)) or session.connected)
        pressed: dict[str, float] = {}
        times: list[float] = []

        def listen(until_s: float) -> None:
            while (left := until_s - stopwatch_s()) > 0 and (pressed or left < _GAP_S):
                for delivery in session.poll(min(left, _GAP_S)):
                    receipt = decode_receipt(delivery.payload)
                    if receipt is not None and receipt.covers("b1", 1) and delivery.topic in pressed:
                        times.append(stopwatch_s() - pressed.pop(delivery.topic))

        for gateway in gateways:
            event = Event("s-1", gateway, "button", "sos", wall_now(), SosPressed(), "b1", 1)
            next_s = stopwatch_s() + _GAP_S
            pressed[down(gateway, Down.RECEIPT)] = stopwatch_s()
            session.publish(up(gateway, Lane.SOS), encode(event), 1)
            listen(next_s)
        covered = presses if not drained() else 0
        listen(stopwatch_s() + 10.0)
        session.disconnect()
        if pressed:
            raise RuntimeError(f"{len(pressed)} presses of {presses} have no receipt")
        return times, covered


@contextmanager
def _city(broker: Mosquitto, folder: Path, sos_homes: int) -> Iterator[_Bench]:
    settings = Settings(
        broker_url=f"mqtt://127.0.0.1:{broker.port}", data_dir=str(folder), http=f"127.0.0.1:{free_port()}",
        log_level="WARNING",
    )  # fmt: skip
    bench = _Bench(broker, settings, sos_homes)
    try:
        yield bench
    finally:
        bench.close()


def _bare(broker: Mosquitto, client_id: str, events: int) -> float:
    _subscribe(broker, client_id, subscriptions(*LANES["events"]))
    publish(broker.url, events)
    command = [sys.executable, "-m", bare.__name__, f"mqtt://127.0.0.1:{broker.port}", client_id, str(events)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE_S)
    forget = Session(broker.url, client_id, persistent=False)  # or the broker would queue for it for ever
    until(lambda: bool(forget.poll(0.05)) or forget.connected)
    forget.disconnect()
    return float(done.stdout)


def _subscribe(broker: Mosquitto, client_id: str, topics: list[str]) -> None:
    session = Session(broker.url, client_id, subscribe=topics)
    until(lambda: bool(session.poll(0.05)) or session.connected)
    session.poll(0.1)
    session.disconnect()


def _quantiles(times_s: list[float]) -> dict[str, float]:
    ordered = sorted(times_s)
    last = len(ordered) - 1
    named = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(1000 * ordered[min(last, int(q * len(ordered)))], 2) for name, q in named.items()}


def table(figures: dict[str, Any]) -> Table:
    """The figures for a person."""
    shown = Table("figure", "measured", title="anbu bench load")
    shown.add_row("bare paho receive", f"{figures['bare_events_s']:,} events/s")
    shown.add_row("whole path, single-event messages", f"{figures['whole_events_s']:,} events/s")
    shown.add_row("whole / bare", f"{figures['ratio']:.0%}")
    for key, name in (("sos_idle_ms", "idle"), ("sos_loaded_ms", "under full bulk load")):
        q = figures[key]
        shown.add_row(f"SOS to committed case, {name}", f"p50 {q['p50']} ms, p99 {q['p99']} ms")
    shown.add_row("p99 loaded / idle", f"{figures['sos_p99_ratio']}")
    shown.add_row("presses while the load ran", str(figures["presses_within_load"]))
    return shown
