"""The fold that turns the event log into signals: a pure function of the log and the last time it was told."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from anomaly import life, sight
from anomaly.detector import Detector, Heard, Looker, Surveyor
from anomaly.detectors import ALL, ceiling, habit
from anomaly.rows import Rows
from anomaly.snapshot import FORMAT, Snapshot, SnapshotMismatch, log_row, plain, read, write
from anomaly.time import moment, zone
from core.events import KINDS, LogRow
from core.people import Home
from core.signals import Signal

AHEAD_S = 120.0
"""A home's clock may be this far ahead of the city's and is still believed."""
IMPLAUSIBLE_S = 3652 * 86400.0
RETRY_S = 3600.0
"""A detector that failed on a home does not look at it again sooner."""
FAULTS_KEPT = 1000

Key = tuple[float, str, str, str, float]
Judge = Callable[..., Sequence[Signal]]


class Engine:
    """Rows in, signals out.

    Events wait until the watermark (newest arrival minus `lateness_s`) has passed them and are then heard in the order
    of their time, between ticks on a grid of `tick_s`; an event older than the watermark is heard at once, as late.

    Laws: the signals and the state depend on the log and the last `advance` only, not on how rows were batched, not on
    restarts from a snapshot, not on the order of events within the lateness, not on repeated events.
    Signals come in the order of the steps (an event, a tick) that found them; within a step by time, place, concern,
    key.
    """

    def __init__(
        self,
        homes: Iterable[Home] = (),
        detectors: Sequence[Detector] = ALL,
        *,
        lateness_s: float = 120.0,
        tick_s: float = 60.0,
    ) -> None:
        self.lateness_s, self.tick_s = lateness_s, tick_s
        self.detectors = tuple(detectors)
        self.watermark = -math.inf
        self.faults: list[tuple[str, str | None, str]] = []
        """(detector, home or None, what happened) of what failed since the caller last emptied it."""
        self.fault_count = self.skewed = self.strangers = 0
        """Failures; events whose clock was not believed; events of homes that are unknown or not to be watched."""
        fields = (
            life.FIELDS
            | sight.FIELDS
            | {f"{detector.name}.{field}": dtype for detector in detectors for field, dtype in detector.fields.items()}
        )
        self._eyes: list[tuple[str, Judge | None, Judge | None]] = [
            (
                detector.name,
                detector.look if isinstance(detector, Looker) else None,
                detector.survey if isinstance(detector, Surveyor) else None,
            )
            for detector in detectors
            if isinstance(detector, Looker | Surveyor)
        ]
        self.rows = Rows(fields, [name for name, _, _ in self._eyes])
        self._ears: dict[str, list[Detector]] = {
            kind: [d for d in detectors if d.kinds is None or kind in d.kinds] for kind in KINDS
        }
        self._heap: list[tuple[Key, LogRow, float]] = []
        self._waiting: set[tuple[str, str, str, float]] = set()
        for home in homes:
            self.set_home(home)

    def set_home(self, home: Home) -> None:
        """Watch a home, or take over what has changed about it; what was learned of it stays.

        A home without the resident's consent is neither heard nor looked at.
        """
        i = self.rows.index.get(home.id)
        if i is not None and self.rows.homes[i] == home:
            return
        self.rows.put(home)
        if zone(home.timezone) is None:
            self._fault("engine", home.id, f"nobody knows the time zone {home.timezone!r}; UTC is used")

    def feed(self, rows: Sequence[LogRow]) -> list[Signal]:
        """Take in log rows, in log order."""
        found: list[Signal] = []
        for row in rows:
            seen = row.seen_at.timestamp()
            self._run_to(seen - self.lateness_s, found)
            self._take(row, seen, found)
        return found

    def advance(self, now: datetime) -> list[Signal]:
        """Let time pass to `now`, the city's clock: silence is evidence too."""
        found: list[Signal] = []
        self._run_to(now.timestamp() - self.lateness_s, found)
        return found

    def _take(self, row: LogRow, seen: float, found: list[Signal]) -> None:
        i = self.rows.index.get(row.home)
        if i is None or not self.rows.homes[i].consent:
            self.strangers += 1
            return
        t = at = row.at.timestamp()
        believed = seen - IMPLAUSIBLE_S <= at <= seen + AHEAD_S
        if not believed:
            t = seen
        if t <= self.watermark:
            self._hear(row, t, seen, True, found)
            return
        name = (row.home, row.device, row.event_id, at)
        if name in self._waiting:
            return
        self.skewed += not believed
        self._waiting.add(name)
        heapq.heappush(self._heap, ((t, *name), row, seen))

    def _run_to(self, watermark: float, found: list[Signal]) -> None:
        if watermark <= self.watermark:
            return
        if self.watermark == -math.inf:
            self.watermark = watermark
            return
        cursor = self.watermark
        while True:
            event_t = self._heap[0][0][0] if self._heap else math.inf
            tick_t = self._next_tick(cursor)
            if tick_t <= event_t:
                if tick_t > watermark:
                    break
                cursor = tick_t
                self._tick(tick_t, found)
            else:
                if event_t > watermark:
                    break
                cursor = event_t
                key, row, seen = heapq.heappop(self._heap)
                self._waiting.remove(key[1:])
                self._hear(row, event_t, seen, False, found)
        self.watermark = watermark

    def _next_tick(self, cursor: float) -> float:
        """The first tick after `cursor` at which anything is due: empty stretches cost nothing."""
        due = self.rows.next_due
        if due == math.inf:
            return math.inf
        step = self.tick_s
        return max((cursor // step + 1) * step, math.ceil(due / step) * step if due > cursor else 0.0)

    def _hear(self, row: LogRow, t: float, seen: float, late: bool, found: list[Signal]) -> None:
        i = self.rows.index[row.home]
        heard = Heard(t, seen, late, life.human(row), life.traffic(row), row)
        life.note(self.rows, i, heard)
        step: list[Signal] = []
        for detector in self._ears.get(row.kind, ()):
            self._ask(detector.name, i, step, detector.hear, i, heard)
        if step:
            found += sorted(step, key=_canonical)

    def _tick(self, now: float, found: list[Signal]) -> None:
        rows = self.rows
        step: list[Signal] = []
        for name, look, survey in self._eyes:
            who = [i for i in rows.take_due(name, now) if rows.homes[i].consent]
            if survey and who and not self._ask(name, None, step, survey, who, now):
                rows.wake(who[0], name, now + RETRY_S)
            for i in who:
                if look and not self._ask(name, i, step, look, i, now):
                    rows.wake(i, name, now + RETRY_S)
        rows.settle()
        found += sorted(step, key=_canonical)

    def _ask(self, name: str, i: int | None, step: list[Signal], judge: Judge, *about: Any) -> bool:
        try:
            step += judge(self.rows, *about)
        except Exception as failure:  # noqa: BLE001 - one detector's bug must not silence the others
            home = None if i is None else self.rows.homes[i].id
            self._fault(name, home, f"{type(failure).__name__}: {failure}")
            return False
        return True

    def _fault(self, detector: str, home: str | None, text: str) -> None:
        self.fault_count += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append((detector, home, text))

    def _shape(self) -> list[str]:
        return [
            f"format {FORMAT}",
            *(f"{detector.name} {detector.version}" for detector in self.detectors),
            *(f"{name}:{kind}" for name, kind, *_ in self.rows.dtype.descr),
        ]

    def snapshot(self) -> bytes:
        """The whole state. The caller keeps its log cursor beside it."""
        homes, table = self.rows.dump()
        return write(
            Snapshot(
                shape=self._shape(),
                lateness_s=self.lateness_s,
                tick_s=self.tick_s,
                watermark=self.watermark,
                counts={"faults": self.fault_count, "skewed": self.skewed, "strangers": self.strangers},
                homes=homes,
                table=table,
                areas=self.rows.areas,
                waiting=[(plain(row), key[0], seen) for key, row, seen in sorted(self._heap, key=lambda item: item[0])],
            )
        )

    @classmethod
    def restore(cls, data: bytes, detectors: Sequence[Detector] = ALL) -> Engine:
        """The engine that `snapshot` saw. Raises SnapshotMismatch if `data` is of other detectors or another version.

        Homes come back as they were configured then: call `set_home` for each as it is configured now.
        """
        engine = cls((), detectors)
        was = read(data, engine._shape())
        engine.lateness_s, engine.tick_s, engine.watermark = was.lateness_s, was.tick_s, was.watermark
        engine.fault_count, engine.skewed, engine.strangers = (was.counts[n] for n in ("faults", "skewed", "strangers"))
        try:
            engine.rows.load(was.homes, was.table)
        except ValueError as problem:
            raise SnapshotMismatch(str(problem)) from problem
        engine.rows.areas = was.areas
        for members, t, seen in was.waiting:
            row = log_row(members)
            name = (row.home, row.device, row.event_id, row.at.timestamp())
            engine._waiting.add(name)
            engine._heap.append(((t, *name), row, seen))
        return engine

    def view(self, home: str) -> dict[str, datetime | bool | None]:
        """What a person wants to know of a home now. Raises KeyError for a home that is not watched.

        `next_alarm_at` is when a silence alarm is due if nobody moves; None while away, unseen or raised.
        """
        i, col = self.rows.index[home], self.rows.col

        def time(field: str) -> datetime | None:
            t = float(col[field][i])
            return moment(t) if t else None

        watching = [d.deadline for d in (ceiling, habit) if "ceiling.told" in col and "habit.told" in col]
        alarms = [next_alarm(self.rows, i) for next_alarm in watching]
        alarm = min((t for t in alarms if t is not None), default=None)
        return {
            "last_seen": time("life.any"),
            "last_human": time("life.human"),
            "away_until": time("life.away_until"),
            "dark": bool(time("sight.dark")),
            "next_alarm_at": moment(alarm) if alarm else None,
        }


def _canonical(found: Signal) -> tuple[datetime, str, str, str, str]:
    return found.at, found.home or "", found.area or "", found.concern.value, found.key
