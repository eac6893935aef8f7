"""Runs seeds: all of them clean, and each planted bug until it is caught."""

from __future__ import annotations

import atexit
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from tests.simulation.bugs import BUGS
from tests.simulation.disks import ShakyDatabase
from tests.simulation.world import Result, World

_MEMORY = Path("/dev/shm")
_bench: Bench | None = None  # of a process that plays some of the seeds


class Bench:
    """A folder in memory and one database, which every seed begins anew."""

    def __enter__(self) -> Bench:
        self._end = ExitStack()
        memory = str(_MEMORY) if _MEMORY.is_dir() else None
        self._folder = Path(self._end.enter_context(tempfile.TemporaryDirectory(prefix="anbu-", dir=memory)))
        self._db = ShakyDatabase(self._folder)
        self._end.callback(self._db.close)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end.close()

    def run(self, seed: int, bug: str | None = None) -> Result:
        """One seed, with or without a mistake in the code."""
        with ExitStack() as end:
            schema: tuple[str, ...] = ()
            if bug is not None:
                end.enter_context(BUGS[bug].plant())
                schema = BUGS[bug].schema
            result = World(seed, self._db, self._folder, schema).run()
        for file in self._folder.glob("gw-*"):
            file.unlink()
        return result

    def caught(self, bug: str, seeds: Iterable[int]) -> Result | None:
        """The first of these seeds that finds the mistake."""
        return next((found for seed in seeds if (found := self.run(seed, bug)).broken), None)


class Benches:
    """Some benches, each in a process of its own."""

    def __init__(self, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _sit_down)

    def __enter__(self) -> Benches:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def run(self, seeds: Iterable[int]) -> Iterator[Result]:
        """Each of them without a mistake in the code, in order."""
        return self._pool.map(_play, seeds, chunksize=5)

    def caught(self, bugs: Iterable[str], seeds: Iterable[int]) -> dict[str, Result | None]:
        """For each mistake the first of these seeds that finds it."""
        told = {bug: self._pool.submit(_hunt, bug, [*seeds]) for bug in bugs}
        return {bug: found.result() for bug, found in told.items()}


def _sit_down() -> None:
    global _bench
    _bench = Bench()
    atexit.register(_bench.__enter__().__exit__, None, None, None)


def _play(seed: int) -> Result:
    assert _bench is not None
    result = _bench.run(seed)
    return result if result.broken else result._replace(lines=[])


def _hunt(bug: str, seeds: list[int]) -> Result | None:
    assert _bench is not None
    return _bench.caught(bug, seeds)


class Tally:
    """What many seeds came to."""

    def __init__(self) -> None:
        self.seeds = self.presses = self.cases = 0
        self.faults: Counter[str] = Counter()
        self.broken: list[Result] = []

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.presses += result.presses
        self.cases += result.cases
        self.faults += result.faults
        if result.broken:
            self.broken.append(result)


def again(result: Result, last: int = 0) -> str:
    """What went wrong with a seed, and how to see it again; with the `last` lines of what happened."""
    told = f"seed {result.seed}: {result.broken}\nagain: python -m tests.simulation --seed {result.seed} --trace"
    return "\n".join([told, *result.lines[-last:]]) if last else told
