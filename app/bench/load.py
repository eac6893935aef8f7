"""`anbu bench load`: the whole path beside the bare receiver, and an SOS beside the bulk, on one broker in one run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from app.bench import bare, publisher
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
    bares, wholes = [], []
    for number in range(rounds):
        step(f"bare, round {number + 1}")
        bares.append(events / _bare(broker, f"bare-{number}", events))
        step(f"whole path, round {number + 1}")
        with _city(broker, folder / f"city-{number}", 0) as bench:
            wholes.append(events / bench.drain(events))
    with _city(broker, folder / "city-sos", 2 * presses) as bench:
        step("SOS, idle")
        idle = bench.press(presses, first=0)
        step("SOS, under full bulk load")
        loaded, covered = bench.press_under_load(presses, first=presses)
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
        first_s = self._wait(lambda head: head > 0)
        self._wait(lambda head: head >= events)
        committed_s = stopwatch_s()
        while True:
            with self._db.read() as tx:
                beat = log.all_beats(tx).get("watch")
            if beat is not None and beat[1]["position"] >= events:
                return max(committed_s, float(beat[1]["reached_s"])) - first_s
            sleep_s(0.05)

    def press(self, presses: int, first: int) -> list[float]:
        """Seconds from each press to its receipt, which follows the commit of its case."""
        if not self.supervisor.pids():
            self.supervisor.start()
        return self._press(presses, first)

    def press_under_load(self, presses: int, first: int) -> tuple[list[float], int]:
        """The same while the events lane drains a backlog; with it, how many presses the backlog outlasted."""
        source = subprocess.Popen(
            [sys.executable, "-m", publisher.__name__, str(self._broker.url)], stdin=subprocess.DEVNULL
        )
        try:
            self._wait(lambda head: head > presses + 1000)
            with self._db.read() as tx:
                before = log.head(tx)
            times = self._press(presses, first)
            running = source.poll() is None
            with self._db.read() as tx:
                flowed = log.head(tx) - before
        finally:
            source.kill()
            source.wait()
        return times, presses if running and flowed > 0 else 0

    def _press(self, presses: int, first: int) -> list[float]:
        session = Session(
            self._broker.url, f"bench-presser-{first}", persistent=False,
            subscribe=[down(home("sos", n).gateway, Down.RECEIPT) for n in range(first, first + presses)],
        )  # fmt: skip
        until(lambda: bool(session.poll(0.05)) or session.connected)
        pressed: dict[str, float] = {}
        times: list[float] = []
        for number in range(first, first + presses + 1):
            until_s = stopwatch_s() + (_GAP_S if number < first + presses else 10.0)
            if number < first + presses:
                gateway = home("sos", number).gateway
                event = Event("s-1", gateway, "button", "sos", wall_now(), SosPressed(), "b1", 1)
                pressed[down(gateway, Down.RECEIPT)] = stopwatch_s()
                session.publish(up(gateway, Lane.SOS), encode(event), 1)
            while (left := until_s - stopwatch_s()) > 0 and len(times) < presses:
                for delivery in session.poll(min(left, 0.005)):
                    receipt = decode_receipt(delivery.payload)
                    if receipt is not None and receipt.covers("b1", 1) and delivery.topic in pressed:
                        times.append(stopwatch_s() - pressed.pop(delivery.topic))
        session.disconnect()
        if pressed:
            raise RuntimeError(f"{len(pressed)} presses of {presses} have no receipt")
        return times

    def _wait(self, reached: Callable[[int], bool]) -> float:
        until_s = stopwatch_s() + _PATIENCE_S
        while stopwatch_s() < until_s:
            with self._db.read() as tx:
                head = log.head(tx)
            if reached(head):
                return stopwatch_s()
            self.supervisor.check()
            sleep_s(0.01)
        raise RuntimeError(f"the city has not got there in {_PATIENCE_S:g} s")


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
