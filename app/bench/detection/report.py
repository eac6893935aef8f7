"""`anbu bench detection`: every detector on the same events, and ours in the questions that are its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from anomaly.deadlines import QUESTIONS
from app.bench.detection import NothingToJudge, protocol
from app.bench.detection.baselines import ALL, Baseline
from app.bench.detection.dark import fleet_dark
from app.bench.detection.ours import Hazard, in_hindsight, learned, prior_or_shipped
from app.bench.detection.protocol import Cuts, Score, cut, figures, score
from app.bench.detection.streams import Array, Stream

OURS = Hazard()
ASKED = (0.25, 0.5, 1.0, 2.0, 4.0)
ANSWERING = 0.9
_WEEK_S = 7 * 86400.0
_ENOUGH_S = 3 * 86400.0

Step = Callable[[str], None]


def measure(streams: dict[str, Stream], tests: Sequence[str], timezone: str, step: Step) -> dict[str, Any]:
    """The whole protocol. `tests`: the homes that are judged (none: all); each may learn from all other homes, or with
    `tests` from the homes that are not among them. Raises NothingToJudge.
    """
    known = {
        name: stream for name, stream in streams.items() if len(stream.t) and stream.t[-1] - stream.t[0] >= _ENOUGH_S
    }
    if missing := sorted(set(tests) - set(known)):
        raise NothingToJudge(f"no such home, or one of less than three days: {', '.join(missing)}")
    names = sorted(tests or known)
    if not names:
        raise NothingToJudge("the recording has no home of three days or more")
    others = {n: [s for m, s in sorted(known.items()) if m != n and (not tests or m not in tests)] for n in names}
    judged = [known[n] for n in names]
    cuts = [cut(stream) for stream in judged]
    detectors: dict[str, Any] = {}
    for baseline in ALL:
        step(baseline.name)
        settings = _settings(baseline, judged, others)
        detectors[baseline.name] = protocol.table(_points(settings, cuts))
    step(OURS.name)
    ours = [_ours(s, others[s.home], (*OURS.points, QUESTIONS)) for s in judged]
    settings = [[each[k] for each in ours] for k in range(len(OURS.points))]
    points = _points(settings, cuts)
    detectors[OURS.name] = protocol.table(points)
    hindsight = [in_hindsight(s, prior_or_shipped(others[s.home]), OURS.points) for s in judged]
    by_budget = {f"{budget:g}": point for budget, point in zip(OURS.points, points, strict=True)}
    per_home = _per_home(judged, cuts, settings)
    questions = figures([score(c, each[-1]) for c, each in zip(cuts, ours, strict=True)])
    return {
        "homes": len(judged),
        "home_months": round(sum(s.months for s in judged), 2),
        "detectors": detectors,
        "ours": OURS.name,
        "hindsight": protocol.table(_points([[each[k] for each in hindsight] for k in range(len(OURS.points))], cuts)),
        "calibration": {f"{asked:g}": by_budget[f"{asked:g}"]["fa"] for asked in ASKED},
        "first_week": _first_week(judged, settings),
        "two_stage": {
            "asked": QUESTIONS,
            "question_fa": questions["fa"],
            "first_question_p50": questions["p50"],
            "answering": ANSWERING,
            # Who is well and does not answer is called upon; who does not move and does not answer too.
            "human_fa": questions["fa"] * (1 - ANSWERING),
        },
        "fleet_dark": fleet_dark(sorted(known.values(), key=lambda s: s.home), timezone),
        "per_home": per_home,
        "spread": spread(per_home),
    }


def _ours(stream: Stream, others: Sequence[Stream], budgets: tuple[float, ...]) -> Array:
    return learned(stream, prior_or_shipped(others), budgets)


def _settings(baseline: Baseline, judged: Sequence[Stream], others: dict[str, list[Stream]]) -> list[list[Array]]:
    found = [baseline.deadlines(stream, others[stream.home]) for stream in judged]
    return [[each[k] for each in found] for k in range(len(baseline.points))]


def _points(settings: Sequence[Sequence[Array]], cuts: Sequence[Cuts]) -> list[dict[str, float]]:
    return [figures([score(c, d) for c, d in zip(cuts, deadlines, strict=True)]) for deadlines in settings]


def _first_week(judged: Sequence[Stream], settings: Sequence[Sequence[Array]]) -> dict[str, Any]:
    """Ours on each home's first seven days."""
    ends = [float(stream.t[0]) + _WEEK_S for stream in judged]
    cuts = [cut(stream, until=end) for stream, end in zip(judged, ends, strict=True)]
    points = []
    for deadlines in settings:
        scores = [score(c, d, until=end) for c, d, end in zip(cuts, deadlines, ends, strict=True)]
        points.append(figures(scores))
    return protocol.table(points)


def _per_home(
    judged: Sequence[Stream], cuts: Sequence[Cuts], settings: Sequence[Sequence[Array]]
) -> list[dict[str, Any]]:
    """Each home at the budget of one false alarm a month."""
    one = OURS.points.index(1.0)
    found = []
    for stream, its_cuts, deadline_s in zip(judged, cuts, settings[one], strict=True):
        result: Score = score(its_cuts, deadline_s)
        alone = figures([result])
        shown = {name: round(alone[name], 3) for name in ("fa", "mean", "p50", "p95", "day_p50", "night_p50")}
        found.append({"home": stream.home, "months": round(stream.months, 2), "events": len(stream.t), **shown})
    return found


def spread(per_home: Sequence[dict[str, Any]], seed: int = 7, draws: int = 1000) -> dict[str, tuple[float, float]]:
    """A 95 % interval of FA and mean delay over homes at one false alarm a month, by drawing homes with replacement."""
    random = np.random.default_rng(seed)
    found = {}
    for name in ("fa", "mean"):
        values = np.array([home[name] for home in per_home])
        weights = np.array([home["months"] for home in per_home])
        drawn = random.integers(0, len(values), (draws, len(values)))
        means = (values[drawn] * weights[drawn]).sum(1) / weights[drawn].sum(1)
        found[name] = (float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975)))
    return found


def shown(figures: dict[str, Any]) -> Table:
    """The design's table for a person: mean / median / p95 delay at each rate of false alarms."""
    found = Table(
        "delay in h: mean / p50 / p95", *(f"FA {t:g}" for t in protocol.TARGETS), title="anbu bench detection"
    )
    for name, detector in figures["detectors"].items():
        found.add_row(name, *_cells(detector), style="bold" if name == figures["ours"] else "")
    found.add_row(f"{figures['ours']}, had it known the whole recording", *_cells(figures["hindsight"]), style="dim")
    return found


def _cells(detector: dict[str, Any]) -> list[str]:
    cells = [detector["at"][f"{target:g}"] for target in protocol.TARGETS]
    return ["-" if c is None else f"{c['mean']:.1f} / {c['p50']:.1f} / {c['p95']:.1f}" for c in cells]


def example(streams: dict[str, Stream], tests: Sequence[str]) -> tuple[Stream, Array]:
    """A home and our deadlines for it at one false alarm a month, for a picture."""
    name = sorted(tests or streams)[0]
    others = [s for n, s in sorted(streams.items()) if n != name and n not in tests]
    return streams[name], _ours(streams[name], others, (1.0,))[0]
