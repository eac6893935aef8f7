"""Drift: are steps in a recorded home's days found within two weeks, and how often is one found where none was put?

From a random day on, a recording is changed: 40 % of the kitchen's events are left out, night visits to the bathroom
come twice, 35 % of all events are left out. Days and baseline are the engine's own (`anomaly.daily`,
`anomaly.detectors.drift`); every rival gets the same z of a day and the same new usual after its alarm. Settings of
each are chosen on one half of the homes, by the most steps found with at most 0.1 false alarms a feature-month; the
other half is read with these alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from statistics import NormalDist
from typing import Any, Protocol
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt
from river.drift import ADWIN, KSWIN, PageHinkley

from anomaly import daily
from anomaly.daily import BATHROOM, DOOR, FEATURES, FRIDGE, KITCHEN, Flags, Reals
from anomaly.detectors import drift
from anomaly.rows import blank
from app.bench.detection.streams import Stream

WITHIN_DAYS = 14
SEEDS = 6
BUDGET = 0.1
MONTH_DAYS = 30.44
UTC = "UTC"  # recordings are read by the clock on their wall
STEPS: Mapping[str, tuple[int, int]] = {
    "kitchen -40 %": (FEATURES.index("kitchen"), -1),
    "night bathroom +100 %": (FEATURES.index("bath_night"), 1),
    "total -35 %": (FEATURES.index("total"), -1),
}
"""What is injected: the feature that must find it, and in which direction."""
PAIRS = (("night", "bath_night"), ("kitchen", "total"))
Events = tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]


class Series(msgspec.Struct, frozen=True):
    """A home's days: `y` (days, 9), `usable` (days,); `step` is the day on which `kind` was injected, "" for none."""

    home: str
    y: Reals
    usable: Flags
    kind: str = ""
    step: int = 0


class Alarms(msgspec.Struct, frozen=True):
    """`raised` (series, days, columns): -1 down, 1 up, 0 none; `watched`, the same shape: could have been raised."""

    raised: npt.NDArray[np.int8]
    watched: Flags


class Changing(Protocol):
    """What river's detectors of change share."""

    @property
    def drift_detected(self) -> bool: ...
    def update(self, x: float) -> Any: ...


def days(events: Events) -> tuple[float, Reals, Flags]:
    """The closed days of one home as the engine would count them: when the first began (wall clock), y and usable."""
    col, here = blank(1, "drift", drift.Drift.fields), np.array([0])
    found: list[tuple[float, Reals, bool]] = []
    ends = 0.0
    for t, place in zip(events[0].tolist(), events[1].tolist(), strict=True):
        while ends and t > ends:
            y, usable = daily.close(col, here)
            found.append((float(col["drift.opened"][0]), y[0], bool(usable[0])))
            daily.go_on(col, 0, UTC)
            ends = float(col["drift.ends"][0])
        if not ends:
            daily.begin(col, 0, t, UTC)
            ends = float(col["drift.ends"][0])
        daily.count(col, 0, t, place)
    first = found[0][0] if found else 0.0
    size = round((found[-1][0] - first) / daily.DAY_S) + 1 if found else 0
    table, known = np.full((size, len(FEATURES)), np.nan), np.zeros(size, bool)
    for opened, features, fit in found:
        day = round((opened - first) / daily.DAY_S)
        table[day], known[day] = features, fit
    return first, table, known


def events_of(stream: Stream) -> Events:
    """Wall clock seconds and `daily.PLACES` of a home's events."""
    names, which = np.unique(stream.place, return_inverse=True)
    place = np.array([daily.place_class(str(name)) for name in names], np.intp)[which]
    return stream.local, np.where(stream.door, DOOR, place)


def inject(events: Events, kind: str, begin: float, rng: np.random.Generator) -> Events:
    """The same events with a step from `begin` on."""
    t, place = events
    if kind == "night bathroom +100 %":
        return _twice(events, begin, rng)
    share, places = (0.35, range(len(daily.PLACES))) if kind == "total -35 %" else (0.4, (KITCHEN, FRIDGE))
    kept = ~((t >= begin) & np.isin(place, list(places)) & (rng.random(len(t)) < share))
    return t[kept], place[kept]


def _twice(events: Events, begin: float, rng: np.random.Generator) -> Events:
    """Each night visit to the bathroom once more, at any other time of the same part of the night."""
    t, place = events
    since = (t - daily.CUT_H * 3600) % daily.DAY_S
    early = since < daily.MORNING_S
    some = np.flatnonzero((t >= begin) & (place == BATHROOM) & (early | (since >= daily.EVENING_S)))
    if not some.size:
        return events
    begins = np.diff(t[some], prepend=-np.inf) > daily.VISIT_S
    first = some[begins]
    low = np.where(early[first], 0.0, daily.EVENING_S)
    high = np.where(early[first], daily.MORNING_S, daily.DAY_S)
    moved = low + rng.random(len(first)) * (high - low) - since[first]
    times = np.concatenate([t, t[some] + moved[np.cumsum(begins) - 1]])
    order = np.argsort(times, kind="stable")
    return times[order], np.concatenate([place, place[some]])[order]


def series(streams: Mapping[str, Stream], seed: int) -> list[Series]:
    """Every home as it was, and with each step on SEEDS random days that have a warm-up before and two weeks after."""
    found: list[Series] = []
    for home, stream in streams.items():
        events = events_of(stream)
        first, y, usable = days(events)
        if usable.sum() <= drift.WARM_DAYS:
            continue
        found.append(Series(home, y, usable))
        warm = np.cumsum(usable) - usable >= drift.WARM_DAYS
        fit = np.flatnonzero(warm & (np.arange(len(usable)) + WITHIN_DAYS <= len(usable)))
        visits = np.array([daily.plain("bath_night", v) for v in y[usable, FEATURES.index("bath_night")]])
        rng = np.random.default_rng([seed, crc32(home.encode())])
        for kind in STEPS:
            if not fit.size or (kind == "night bathroom +100 %" and visits[: drift.WARM_DAYS].mean() < 0.5):
                continue  # nothing to double
            for step in rng.choice(fit, SEEDS).tolist():
                opened = first + step * daily.DAY_S
                _, changed, still = days(inject(events, kind, opened, rng))
                found.append(Series(home, _like(changed, y, np.nan), _like(still, usable, False), kind, step))
    return found


def _like(rows: npt.NDArray[Any], other: npt.NDArray[Any], empty: float | bool) -> npt.NDArray[Any]:
    """`rows` cut or filled to as many days as `other` has."""
    full = np.full(other.shape, empty, other.dtype)
    full[: len(rows)] = rows[: len(full)]
    return full


class _Days:
    """All series side by side, one day after the other, with the engine's baseline of each."""

    def __init__(self, some: Sequence[Series]) -> None:
        self.some, self.who = some, np.arange(len(some))
        self.size = max((len(one.usable) for one in some), default=0)
        self.col = blank(len(some), "drift", drift.Drift.fields)
        self.raised = np.zeros((len(some), self.size, len(FEATURES)), np.int8)
        self.watched = np.zeros(self.raised.shape, bool)

    def each(self, h: float) -> Iterable[tuple[int, Reals, Flags]]:
        """Day, z and which sums are over `h`."""
        y, usable = np.full(self.raised.shape, np.nan), np.zeros(self.raised.shape[:2], bool)
        for n, one in enumerate(self.some):
            y[n, : len(one.usable)], usable[n, : len(one.usable)] = one.y, one.usable
        for day in range(self.size):
            z, over = drift.learn(self.col, self.who, y[:, day], usable[:, day], h)
            self.watched[:, day] = np.isfinite(z)
            yield day, z, over

    def alarm(self, n: int, day: int, k: int, way: int, level: float) -> bool:
        """Take `level` as the new usual; whether it counts, as it does only when it goes (`way`) where people worry."""
        drift.settle(self.col, n, k, level)
        counts = drift.worrying(k, way)
        self.raised[n, day, k] = (1, -1)[way] if counts else 0
        return counts

    @property
    def alarms(self) -> Alarms:
        return Alarms(self.raised, self.watched)


def cusum(some: Sequence[Series], h: float) -> Alarms:
    """An alarm as soon as a sum is over `h`."""
    run = _Days(some)
    for day, _, over in run.each(h):
        for n, k in np.argwhere(over).tolist():
            way, level = drift.now(run.col, n, k)
            run.alarm(n, day, k, way, level)
    return run.alarms


def engine(some: Sequence[Series], h: float) -> Alarms:
    """What the engine tells a person: on two days or in two features, at most once a week a home."""
    run, told = _Days(some), np.full(len(some), -np.inf)
    for day, _, _ in run.each(h):
        sure = drift.sure(run.col, run.who) & (day - told >= 7)[:, None]
        for n, k in np.argwhere(sure).tolist():
            way, level = drift.now(run.col, n, k)
            if run.alarm(n, day, k, way, level):
                told[n] = day
    return run.alarms


def rival(some: Sequence[Series], make: Callable[[], Changing]) -> Alarms:
    """A detector of river's on each z, after a fortnight of usual ones.

    Its direction and the new usual come from the last seven days before its alarm. A changed recording is read for the
    step's own feature only.
    """
    run = _Days(some)
    scores = [NormalDist().inv_cdf((n + 0.5) / drift.WARM_DAYS) for n in range(drift.WARM_DAYS)]
    usual = np.random.default_rng(7).permutation(scores).tolist()

    def primed() -> Changing:
        ear = make()
        for z in usual:
            ear.update(z)
        return ear

    on = [range(len(FEATURES)) if not one.kind else (STEPS[one.kind][0],) for one in some]
    ears = [{k: primed() for k in features} for features in on]
    last: list[dict[int, deque[float]]] = [{k: deque(maxlen=7) for k in features} for features in on]
    for day, z, _ in run.each(drift.H):
        for n, features in enumerate(on):
            for k in features:
                if not np.isfinite(z[n, k]):
                    continue
                last[n][k].append(float(z[n, k]))
                ears[n][k].update(float(z[n, k]))
                if ears[n][k].drift_detected:
                    mean = float(np.mean(last[n][k]))
                    level = float(run.col["drift.mean"][n, k] + mean * np.sqrt(run.col["drift.var"][n, k]))
                    run.alarm(n, day, k, int(mean < 0), level)
    return run.alarms


def pairs(some: Sequence[Series], h: float) -> Alarms:
    """A sum over two related features, z = (a + b)/√2; an alarm of a pair stands in the columns of both."""
    run = _Days(some)
    which = [[FEATURES.index(name) for name in pair] for pair in PAIRS]
    sums = np.zeros((2, len(some), len(PAIRS)))
    lasts = np.zeros((2, len(some), len(PAIRS)))
    for day, z, _ in run.each(drift.H):
        both = np.stack([z[:, pair].sum(axis=1) / np.sqrt(2) for pair in which], axis=1)
        for way, sign in enumerate((1, -1)):
            sums[way] = np.where(np.isfinite(both), np.maximum(0.0, sums[way] + sign * both - drift.K), sums[way])
            lasts[way] = np.where(sums[way] > 0, lasts[way] + np.isfinite(both), 0)
        for n, p in np.argwhere(sums.max(axis=0) > h).tolist():
            way = int(sums[1, n, p] > sums[0, n, p])
            far = (1, -1)[way] * (drift.K + sums[way, n, p] / max(1.0, lasts[way, n, p])) / np.sqrt(2)
            for k in which[p]:
                level = float(run.col["drift.mean"][n, k] + far * np.sqrt(run.col["drift.var"][n, k]))
                run.alarm(n, day, k, way, level)
            sums[:, n, p] = 0.0
    only = np.isin(np.arange(len(FEATURES)), list(chain.from_iterable(which)))
    return Alarms(run.raised, run.watched & only)


_Adwin: Callable[..., Changing] = ADWIN  # its own signature has no types
Detect = Callable[[Sequence[Series]], Alarms]


def _page_hinkley(threshold: float, delta: float = 0.25) -> Detect:
    return lambda some: rival(some, lambda: PageHinkley(min_instances=3, delta=delta, threshold=threshold))


def _adwin(delta: float) -> Detect:
    return lambda some: rival(some, lambda: _Adwin(delta=delta, clock=1, grace_period=7, min_window_length=3))


def _kswin(alpha: float) -> Detect:
    return lambda some: rival(some, lambda: KSWIN(alpha=alpha, window_size=21, stat_size=7, seed=7))


ENGINE = "engine: CUSUM, two days or two features"
FAMILIES: Mapping[str, Mapping[str, Detect]] = {
    ENGINE: {f"h={drift.H:g}": partial(engine, h=drift.H)},
    "CUSUM, first crossing": {f"h={h:g}": partial(cusum, h=h) for h in (4, 5, 5.5, 6, 7, 8)},
    "CUSUM of two related features": {f"h={h:g}": partial(pairs, h=h) for h in (4, 5, 6, 8, 10, 12)},
    "river PageHinkley(delta=.25, threshold=12)": {"as found": _page_hinkley(12)},
    "river PageHinkley(delta=.25)": {f"threshold={h}": _page_hinkley(h) for h in (4, 5, 6, 7, 8, 10)},
    "river ADWIN at defaults": {"defaults": partial(rival, make=_Adwin)},
    "river ADWIN(clock=1)": {f"delta={d}": _adwin(d) for d in (0.002, 0.01, 0.05, 0.2, 0.4)},
    "river KSWIN(window_size=21, stat_size=7)": {f"alpha={a}": _kswin(a) for a in (0.0005, 0.002, 0.005, 0.01)},
}


def score(some: Sequence[Series], alarms: Alarms, homes: set[str]) -> dict[str, Any]:
    """Found within two weeks in the right direction, and alarms a feature-month of recordings as they were."""
    found: dict[str, float | None] = {}
    delays: list[int] = []
    for kind, (k, way) in STEPS.items():
        hits = []
        for n, one in enumerate(some):
            if one.kind == kind and one.home in homes:
                on = np.flatnonzero(alarms.raised[n, one.step : one.step + WITHIN_DAYS, k] == way)
                hits.append(on.size > 0)
                delays += on[:1].tolist()
        found[kind] = round(float(np.mean(hits)), 3) if hits else None
    plain = [n for n, one in enumerate(some) if not one.kind and one.home in homes]
    months = float(alarms.watched[plain].sum()) / MONTH_DAYS
    told = alarms.raised[plain].any(axis=2).sum()
    known = [share for share in found.values() if share is not None]
    return {
        "found": found,
        "mean": round(float(np.mean(known)), 3) if known else None,
        "median_days": float(np.median(delays)) + 1 if delays else None,
        "fa_feature_month": round(float((alarms.raised[plain] != 0).sum()) / months, 3) if months else None,
        "feature_months": round(months, 1),
        "told_home_month": round(float(told) / (months / alarms.watched.any(axis=(0, 1)).sum()), 3) if months else None,
    }


def measure(streams: dict[str, Stream], seed: int = 7) -> dict[str, Any]:
    """The whole table; see the module. Homes with fewer than 15 comparable days are left out."""
    some = series(streams, seed)
    names = sorted({one.home for one in some}, key=lambda home: crc32(home.encode()))
    tuning, test = set(names[::2]), set(names[1::2])
    detectors: dict[str, Any] = {}
    for family, settings in FAMILIES.items():
        results = {setting: detect(some) for setting, detect in settings.items()}
        scores = {setting: score(some, alarms, tuning) for setting, alarms in results.items()}
        best = max(scores, key=lambda setting: _worth(scores[setting]))
        detectors[family] = {
            "setting": best,
            "tuning": scores[best],
            "test": score(some, results[best], test),
            "sweep": {setting: [one["mean"], one["fa_feature_month"]] for setting, one in scores.items()},
        }
    plain = [one for one in some if not one.kind]
    return {
        "seed": seed,
        "engine": ENGINE,
        "tuning_homes": sorted(tuning),
        "test_homes": sorted(test),
        "days": {one.home: [len(one.usable), int(one.usable.sum())] for one in plain},
        "injected": {kind: sum(one.kind == kind for one in some) for kind in STEPS},
        "detectors": detectors,
    }


def _worth(scored: Mapping[str, Any]) -> tuple[bool, float]:
    """Within the budget the most found; if none is, the fewest false alarms."""
    fa = scored["fa_feature_month"] or 0.0
    return fa <= BUDGET, (scored["mean"] or 0.0) if fa <= BUDGET else -fa


def table(measured: Mapping[str, Any]) -> str:
    """The result as people read it."""
    lines = [
        f"{'':56} tuning homes  | test homes, found within {WITHIN_DAYS} days: {', '.join(STEPS)}",
        f"{'':56}  found     FA |                              mean     FA  days  told",
    ]
    for family, one in measured["detectors"].items():
        tuned, read = one["tuning"], one["test"]
        cells = [read["found"][kind] for kind in STEPS] + [read["mean"], read["fa_feature_month"]]
        cells += [read["median_days"], read["told_home_month"]]
        lines.append(
            f"{family:42}{one['setting']:>14} {tuned['mean']!s:>6} {tuned['fa_feature_month']!s:>6} |"
            + " ".join(f"{cell!s:>7}" for cell in cells)
        )
    return "\n".join(lines)
