"""`anbu replay`: recorded homes through a broker, as their gateways would have sent them."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import recorded
from app.place import AlreadyRunning, Place
from app.settings import load
from core.clock import sleep_s, stopwatch_s, wall_now
from gateway.fleet import Fleet, receipts_of_all
from gateway.recorded import RecordingError, home_of, homes, read
from store.database import Database
from wire.broker import EmbeddedBroker
from wire.session import Session

# The workers of a killed replay hold the lock for the moment they take to notice.
_LOCK_S = 5.0


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(replay)


def replay(
    files: Annotated[list[Path], typer.Argument(help="CSV files, also .gz, with the columns time,home,location.")],
    speed: Annotated[str, typer.Option(help="How much faster than recorded, or max.")] = "max",
    batch: Annotated[str, typer.Option(help="Messages in a transaction and rows in an engine's step, or all.")] = "500",
    timezone: Annotated[str, typer.Option(help="The wall clock of times without an offset.")] = "Europe/London",
    signals: Annotated[
        Path | None, typer.Option(help="Where the engine's signals go; default: in the data folder.")
    ] = None,
) -> None:
    """Send recorded homes through the broker, and fold what arrives into the engine.

    Where this city runs already, the homes are only sent to it. Otherwise a city in recorded time runs for as long as
    the replay does: it writes the log and the signals and opens no case. Killed and started again, it goes on.
    """
    settings = msgspec.structs.replace(load(), batch=_batch(batch))
    factor = _speed(speed)
    names = homes(files)
    if not names:
        raise RecordingError(f"{files[0]}: there is no event in it")
    enrolled = [home_of(name, timezone) for name in names]
    total = sum(1 for _ in read(files, timezone))
    place, screen = Place(settings), Console(soft_wrap=True)
    try:
        lock: int | None = place.lock(_LOCK_S)
    except AlreadyRunning:
        lock = None
        recorded.enrol(settings, enrolled)
        screen.print(f"A city runs in {place.folder}: the homes are sent to it.")
    broker, workers = None, []
    db = Database(settings.database)
    started_s = stopwatch_s()
    try:
        if lock is not None:
            recorded.prepare(settings, enrolled)
            if not settings.broker_url:
                broker = EmbeddedBroker(place.broker.port, place.broker_password, place.city_id)
                broker.start()
            spawned_at = wall_now()
            workers = recorded.spawn(settings, lock)
            while not recorded.listening(db, spawned_at):
                _look_after(workers)
                sleep_s(0.1)
        started_s = stopwatch_s()
        fleet = _send(place, files, timezone, factor, total, workers, screen)
        sent_s = stopwatch_s() - started_s
        while lock is not None and not recorded.caught_up(db):
            _look_after(workers)
            sleep_s(0.1)
    finally:
        _end(workers)
        if broker is not None:
            broker.stop()
        if lock is not None:
            os.close(lock)
    took_s = stopwatch_s() - started_s
    left = recorded.outcome(db, signals or place.folder / "signals.jsonl")
    db.close()
    peak_mb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    screen.print(
        f"{total} events of {len(names)} homes: {fleet.sent} sent, {fleet.spared} known already, "
        f"{fleet.resent} sent again; {left.in_log} in the log, {left.in_log - left.distinct} twice."
    )
    screen.print(
        f"{total / took_s:,.0f} events/s through the whole path ({total / sent_s:,.0f}/s until the last receipt), "
        f"batch {batch}; peak memory of the largest process {peak_mb:,.0f} MB."
    )
    screen.print(f"{left.signals} signals, sha256 {left.digest}")
    raise typer.Exit(0 if left.in_log == left.distinct == total else 1)


def _send(
    place: Place,
    files: list[Path],
    timezone: str,
    speed: float | None,
    total: int,
    workers: list[subprocess.Popen[bytes]],
    screen: Console,
) -> Fleet:
    session = Session(
        place.broker,
        f"anbu-{place.city_id}-fleet",
        subscribe=[receipts_of_all()],
        persistent=False,
        identity=place.identity,
    )
    fleet = Fleet(session)
    columns = (TextColumn("replay"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("replay", total=total)
        shown_s = 0.0

        def show(done: int) -> None:
            nonlocal shown_s
            if stopwatch_s() - shown_s > 0.2:
                shown_s = stopwatch_s()
                progress.update(task, completed=done)
                _look_after(workers)

        fleet.send(read(files, timezone), speed=speed, progress=show)
    session.disconnect()
    return fleet


def _look_after(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        if worker.poll() is not None:
            raise OSError(f"a worker of the replay ended with {worker.returncode}; its words stand above")


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait()


def _batch(text: str) -> int:
    if text == "all":
        return 0
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise typer.BadParameter(f"a number from 1, or all, not {text!r}", param_hint="--batch")


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if factor <= 0:
        raise typer.BadParameter(f"a number above 0, or max, not {text!r}", param_hint="--speed")
    return factor
