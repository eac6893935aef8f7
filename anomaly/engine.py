"""The fold that turns the event log into signals: a pure function of the log and the last time it was told."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import numpy as np

from anomaly import acts, life, sight
from anomaly.batch import Batch, Positions, merge
from anomaly.detector import Detector, Heard, HearsMany, Looker, LooksMany, Surveyor
from anomaly.detectors import ALL, ceiling, habit
from anomaly.intake import consents, of_rows, watched
from anomaly.rounds import Round, rounds
from anomaly.rows import Column, Rows, Who
from anomaly.snapshot import FORMAT, Snapshot, SnapshotMismatch, log_row, plain, read, write
from anomaly.time import moment, zone
from anomaly.waiting import Waiting, by_hear, by_home
from core.events import LOG_KINDS, LogRow
from core.people import Home
from core.signals import Signal

RETRY_S = 3600.0
"""A detector that failed on a home does not look at it again sooner."""
FAULTS_KEPT = 1000

ROUND = 2
"""Fewer events, or homes that are due, are taken one by one: who watches one home alone needs nothing compiled."""

Judge = Callable[..., Sequence[Signal]]
T = TypeVar("T")


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
        least: int = ROUND,
    ) -> None:
        self.lateness_s, self.tick_s = lateness_s, tick_s
        self._least = least
        self.detectors = tuple(detectors)
        self.watermark = -math.inf
        self.faults: list[tuple[str, str | None, str]] = []
        """(detector, home or None, what happened) of what failed since the caller last emptied it."""
        self.fault_count = self.skewed = self.strangers = 0
        """Failures; events whose clock was not believed; events of homes that are unknown or not to be watched."""
        fields = (
            life.FIELDS
            | sight.FIELDS
            | dict(acts.FIELDS)
            | {f"{detector.name}.{field}": dtype for detector in detectors for field, dtype in detector.fields.items()}
        )
        self._look = {d.name: d.look for d in detectors if isinstance(d, Looker)}
        self._survey = {d.name: d.survey for d in detectors if isinstance(d, Surveyor)}
        self._eyes = [d.name for d in detectors if d.name in self._look.keys() | self._survey.keys()]
        self.rows = Rows(fields, self._eyes)
        self._ears: dict[str, list[Detector]] = {
            kind: [d for d in detectors if d.kinds is None or kind in d.kinds] for kind in LOG_KINDS
        }
        self._hear_many = {d.name: d.hear_many for d in detectors if isinstance(d, HearsMany)}
        self._look_many = {d.name: d.look_many for d in detectors if isinstance(d, LooksMany)}
        self._waiting = Waiting()
        self._odd: dict[tuple[str, str, str, float], float] = {}  # waiting events whose clock was not believed
        self._arrived = 0
        homes = list(homes)
        self.rows.reserve(len(homes))
        for home in homes:
            self.set_home(home)

    def ready(self) -> None:
        """Load what hears rounds, or compile it, which takes half a minute: else the first events wait for that."""
        nothing, nowhere = merge([]), np.empty(0, np.intp)
        list(rounds(nothing, nowhere, 0))
        self._hear_round(nothing, Round(nothing.events, nowhere, (0.0, 0.0)), {})

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
        return self.feed_batch(of_rows(rows, self.rows)) if rows else []

    def feed_batch(self, batch: Batch) -> list[Signal]:
        """The same for events that are columns already (see `anomaly.batch`)."""
        found: list[Signal] = []
        if not len(batch):
            return found
        passed = np.maximum(np.maximum.accumulate(batch.events["seen"]) - self.lateness_s, self.watermark)
        self._begin(float(passed[0]))
        batch, strangers, skewed = watched(batch, passed, self.rows, self._odd, self._arrived)
        self._arrived += len(batch)
        self.strangers += strangers
        self.skewed += skewed
        self._waiting.push(batch)
        self._run_to(float(passed[-1]), found)
        if self.rows.places.crowded or self.rows.firmwares.crowded:
            self.rows.tidy(*self._waiting.names())
        return found

    @property
    def settled(self) -> bool:
        """Whether no event waits to be heard."""
        return not self._waiting

    def advance(self, now: datetime) -> list[Signal]:
        """Let time pass to `now`, the city's clock: silence is evidence too."""
        found: list[Signal] = []
        watermark = now.timestamp() - self.lateness_s
        self._begin(watermark)
        self._run_to(max(watermark, self.watermark), found)
        return found

    def _begin(self, watermark: float) -> None:
        if self.watermark == -math.inf:
            self.watermark = watermark

    def _run_to(self, watermark: float, found: list[Signal]) -> None:
        """Hear what waits and tick, in the order of time. Nothing ticks between two points of the grid, so the events
        there are heard together."""
        some = self._waiting.release(watermark)
        order = by_hear(some)
        hear = some.events["hear"][order]
        cursor, begin = self.watermark, 0
        while True:
            event_t = float(hear[begin]) if begin < len(hear) else math.inf
            tick_t = self._next_tick(cursor)
            if event_t < tick_t:
                end = int(np.searchsorted(hear, (event_t // self.tick_s + 1) * self.tick_s))
                self._hear(some, order[begin:end], found)
                cursor, begin = float(hear[end - 1]), end
            elif tick_t <= watermark:
                cursor = tick_t
                self._tick(tick_t, found)
            else:
                break
        self.watermark = watermark
        if self._odd:
            self._odd = {name: hear for name, hear in self._odd.items() if hear > watermark}

    def _next_tick(self, cursor: float) -> float:
        """The first tick after `cursor` at which anything is due: empty stretches cost nothing."""
        due = self.rows.next_due
        if due == math.inf:
            return math.inf
        step = self.tick_s
        return max((cursor // step + 1) * step, math.ceil(due / step) * step if due > cursor else 0.0)

    def _hear(self, batch: Batch, order: Positions, found: list[Signal]) -> None:
        """Hear events between which nothing ticks. What one home says changes nothing in another, so each home's first
        event is heard with the others' first, and so on; what they found is put into the order of the events."""
        steps: dict[int, list[Signal]] = defaultdict(list)
        for some in rounds(batch, by_home(batch, order), self._least):
            if isinstance(some, Round):
                self._hear_round(batch, some, steps)
            else:
                for j in some.tolist():
                    self._hear_one(batch, j, steps)
        if steps:
            for j in sorted(steps, key=lambda j: _turn(batch, j)):
                found += sorted(steps[j], key=_canonical)

    def _hear_one(self, batch: Batch, j: int, steps: dict[int, list[Signal]]) -> None:
        i, heard = _heard(batch, j, acts.shows(self.rows, batch.events[j]))
        life.note(self.rows, i, heard)
        step: list[Signal] = []
        for detector in self._ears[heard.event.kind]:
            self._ask(detector.name, i, step, detector.hear, i, heard)
        if step:
            steps[j] = step

    def _hear_round(self, batch: Batch, some: Round, steps: dict[int, list[Signal]]) -> None:
        acts.sort_out(self.rows, some)
        life.note_many(self.rows, some)
        events: dict[int, tuple[int, Heard]] = {}
        for detector in self.detectors:
            for k in self._left(detector, some).tolist():
                j = int(some.at[k])
                if j not in events:
                    events[j] = _heard(batch, j, bool(some.events[k]["human"]))
                step: list[Signal] = []
                self._ask(detector.name, events[j][0], step, detector.hear, *events[j])
                if step:
                    steps[j] += step

    def _left(self, detector: Detector, some: Round) -> Positions:
        """Which events of a round are for `hear`."""
        hear_many = self._hear_many.get(detector.name)
        if hear_many is None:
            return some.among(detector.kinds)
        left = self._call(detector.name, None, np.asarray, hear_many, some)
        return np.empty(0, np.intp) if left is None else left

    def _tick(self, now: float, found: list[Signal]) -> None:
        rows = self.rows
        step: list[Signal] = []
        for name in self._eyes:
            who = rows.take_due(name, now)
            who = who[rows.trait(consents, "?")[who]] if who.size else who
            if not who.size:
                continue
            survey, look = self._survey.get(name), self._look.get(name)
            if survey and not self._ask(name, None, step, survey, who.tolist(), now):
                rows.wake(int(who[0]), name, now + RETRY_S)
            for i in self._unseen(name, who, now).tolist() if look else ():
                if look and not self._ask(name, i, step, look, i, now):
                    rows.wake(i, name, now + RETRY_S)
        rows.settle()
        found += sorted(step, key=_canonical)

    def _unseen(self, name: str, who: Who, now: float) -> Who:
        """Which homes are for `look`."""
        look_many = self._look_many.get(name)
        if look_many is None or len(who) < self._least:
            return who
        left = self._call(name, None, np.asarray, look_many, who, now)
        return who if left is None else left

    def _ask(self, name: str, i: int | None, step: list[Signal], judge: Judge, *about: Any) -> bool:
        found = self._call(name, i, list, judge, *about)
        if found is None:
            return False
        step += found
        return True

    def _call(
        self, name: str, i: int | None, made: Callable[[Any], T], judge: Callable[..., Any], *about: Any
    ) -> T | None:
        """What a detector says, as `made` reads it; None if it failed, which is noted."""
        try:
            return made(judge(self.rows, *about))
        except Exception as failure:  # noqa: BLE001 - one detector's bug must not silence the others
            home = None if i is None else self.rows.homes[i].id
            self._fault(name, home, f"{type(failure).__name__}: {failure}")
            return None

    def _fault(self, detector: str, home: str | None, text: str) -> None:
        self.fault_count += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append((detector, home, text))

    def _shape(self) -> list[str]:
        return [
            f"format {FORMAT}",
            *(f"{detector.name} {detector.version}" for detector in self.detectors),
            *(f"{name}:{kind}" for name, kind in self.rows.fields.items()),
        ]

    def snapshot(self) -> bytes:
        """The whole state. The caller keeps its log cursor beside it."""
        homes, columns, names = self.rows.dump()
        waiting = self._waiting.all()
        return write(
            Snapshot(
                shape=self._shape(),
                lateness_s=self.lateness_s,
                tick_s=self.tick_s,
                watermark=self.watermark,
                counts={"faults": self.fault_count, "skewed": self.skewed, "strangers": self.strangers},
                homes=homes,
                columns=columns,
                names=names,
                areas=self.rows.areas,
                waiting=[
                    (plain(waiting.row(j)), float(waiting.events["t"][j]), float(waiting.events["seen"][j]))
                    for j in range(len(waiting))
                ],
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
            engine.rows.load(was.homes, was.columns, was.names)
        except ValueError as problem:
            raise SnapshotMismatch(str(problem)) from problem
        engine.rows.areas = was.areas
        rows = [log_row(members) for members, _, _ in was.waiting]
        if rows:
            waiting = of_rows(rows, engine.rows)
            waiting.events["no"] = np.arange(len(rows))
            waiting.events["t"] = waiting.events["hear"] = [t for _, t, _ in was.waiting]
            waiting.events["seen"] = [seen for _, _, seen in was.waiting]
            engine._waiting.push(waiting)
            odd = np.flatnonzero(waiting.events["t"] != waiting.events["at"])
            engine._odd = {waiting.name(j): float(waiting.events["t"][j]) for j in odd.tolist()}
            engine._arrived = len(rows)
        return engine

    def heard(self) -> Column:
        """(homes,): when each one's newest word arrived, in seconds since 1970, waiting ones included; 0: none did."""
        heard: Column = self.rows.col["life.any"][: len(self.rows.homes)].copy()
        waiting = self._waiting.all().events
        words = waiting[waiting["traffic"]]
        np.maximum.at(heard, words["home"], words["seen"])
        return heard

    def view(self, home: str) -> dict[str, datetime | bool | None]:
        """What a person wants to know of a home now. Raises KeyError for a home that is not watched.

        `next_alarm_at` is when an alarm is due if nobody moves: of silence, or, while they are out, that they are
        overdue; None while unseen or raised.
        """
        i, col = self.rows.index[home], self.rows.col

        def time(field: str) -> datetime | None:
            t = float(col[field][i])
            return moment(t) if t else None

        watching = {"ceiling.told": ceiling.deadline, "habit.told": habit.deadline}
        alarms = [next_alarm(self.rows, i) for field, next_alarm in watching.items() if field in col]
        if "absence.told" in col:
            alarms.append(float(col["life.away_until"][i]) or None)
        if "outage.prove_by" in col:
            alarms.append(float(col["outage.prove_by"][i]) or None)
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


def _heard(batch: Batch, j: int, human: bool) -> tuple[int, Heard]:
    event = batch.events[j]
    seen, t, late, traffic = (event[name].item() for name in ("seen", "t", "late", "traffic"))
    return event["home"].item(), Heard(t, seen, late, human, traffic, batch.row(j))


def _turn(batch: Batch, j: int) -> tuple[Any, ...]:
    """Where event `j` stands among all homes' events."""
    hear, late, no = (batch.events[name][j] for name in ("hear", "late", "no"))
    return (hear, True, no) if late else (hear, False, *batch.name(j))
