"""Laws of the detection benchmark: what is a cut, what is a false alarm, and what stands between two settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from anomaly.prior import shipped
from app.bench.detection import NothingToJudge, protocol
from app.bench.detection.baselines import ALL
from app.bench.detection.ours import learned, prior_of
from app.bench.detection.plots import delay_against_fa
from app.bench.detection.report import OURS, measure
from app.bench.detection.streams import Stream, load
from app.cli.everything import app

HOUR = 3600.0


def stream(t: list[float], exits: list[bool] | None = None) -> Stream:
    away = np.array(exits or [False] * len(t))
    times = np.array(t, float)
    return Stream("h", times, times, np.array(["kitchen"] * len(t)), away, away)


def lived(seed: int, days: int) -> Stream:
    """Somebody who moves by day and sleeps."""
    random = np.random.default_rng(seed)
    t = np.sort(np.concatenate([d * 24 * HOUR + random.uniform(7 * HOUR, 23 * HOUR, 60) for d in range(days)]))
    places = np.array(["bedroom", "kitchen", "bathroom"])[random.integers(0, 3, len(t))]
    never = np.zeros(len(t), bool)
    return Stream(f"h{seed}", t, t, places, never, never)


@given(st.lists(st.tuples(st.integers(0, 4 * 86400), st.booleans()), min_size=2, max_size=8), st.floats(0.2, 30))
def test_a_cut_is_every_five_minutes_of_a_silence_and_a_false_alarm_a_silence_that_outlasts_its_deadline(
    events: list[tuple[int, bool]], hours: float
) -> None:
    home = stream([t for t, _ in sorted(events)], [away for _, away in sorted(events)])
    deadline_s = np.full(len(home.t), hours * HOUR)
    delays, late, alarms = [], 0, 0
    for k in range(len(home.t) - 1):
        silent = home.t[k + 1] - home.t[k]
        alarms += int(not home.exit[k] and silent > deadline_s[k])
        for tick in np.arange(0, 5 * 86400, 300.0):
            if home.t[k] <= tick < home.t[k + 1] and not home.exit[k]:
                delay = deadline_s[k] / HOUR - (tick - home.t[k]) / HOUR
                late += int(delay < 0)
                delays += [min(48.0, delay)] * int(delay >= 0)
    result = protocol.score(protocol.cut(home), deadline_s)
    assert (result.home, result.late, int(result.delays.sum())) == (alarms, late, len(delays))
    if delays:
        assert protocol.figures([result])["mean"] == pytest.approx(np.mean(delays), abs=1.1 / 60)


def test_a_silence_behind_an_exit_door_is_no_alarm_of_the_home() -> None:
    home = stream([0.0, 30 * HOUR, 31 * HOUR], [True, False, False])
    result = protocol.score(protocol.cut(home), np.full(3, 24 * HOUR))
    assert (result.home, result.overdue) == (0, 1)


def test_between_two_settings_the_figures_lie_between() -> None:
    points = [{"fa": 4.0, "mean": 2.0}, {"fa": 1.0, "mean": 6.0}, {"fa": 1.0, "mean": 5.0}]
    assert protocol.at(points, 2.5) == {"fa": 2.5, "mean": 3.5}
    assert protocol.at(points, 1.0) == {"fa": 1.0, "mean": 5.0}
    assert protocol.at(points, 0.5) is None


def test_ours_knows_nothing_of_what_comes() -> None:
    home = lived(1, 12)
    whole = learned(home, shipped(), (0.5, 3.0))
    for n in (2, 300, 555):
        assert (learned(home.upto(n), shipped(), (0.5, 3.0)) == whole[:, :n]).all()


def test_one_home_and_many_are_judged_without_any_option(tmp_path: Path) -> None:
    wanted = {
        "homes", "home_months", "detectors", "ours", "hindsight", "calibration", "first_week", "two_stage",
        "fleet_dark", "per_home", "spread",
    }  # fmt: skip
    alone = measure({"h1": lived(1, 12)}, (), "Europe/London", lambda _: None)
    assert set(alone) == wanted
    json.dumps(alone)
    several = measure({f"h{k}": lived(k, 10) for k in range(3)}, ("h2",), "Europe/London", lambda _: None)
    assert [home["home"] for home in several["per_home"]] == ["h2"]
    with pytest.raises(NothingToJudge, match="h9"):
        measure({"h1": lived(1, 12)}, ("h9",), "Europe/London", lambda _: None)


def test_no_two_detectors_are_drawn_in_one_colour(tmp_path: Path) -> None:
    points = {"points": [{"fa": 1.0, "mean": 5.0}, {"fa": 2.0, "mean": 4.0}]}
    names = [*(one.name for one in ALL), OURS.name]
    delay_against_fa({"ours": OURS.name, "detectors": dict.fromkeys(names, points)}, tmp_path / "a.svg")
    lines = re.findall(
        r"stroke: (#\w+)(?:; stroke-width: 3)?; stroke-linecap: square", (tmp_path / "a.svg").read_text()
    )
    assert len(lines) == 2 * len(names), "a curve and a line of the legend each"
    assert len(set(lines)) == len(names)


def test_the_command_says_what_is_wrong_with_a_folder(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["bench", "detection", "--data", str(tmp_path)])
    assert shown.exit_code != 0
    (tmp_path / "activity.csv").write_text("time,home,location\n2020-01-01 10:00:00,a,kitchen\n")
    shown = CliRunner().invoke(app, ["bench", "detection", "--data", str(tmp_path)])
    assert shown.exit_code != 0
    assert "three days" in str(shown.exception)


@pytest.mark.recorded
@pytest.mark.long
def test_three_recorded_homes_are_judged_as_they_were(tihm: Path) -> None:
    """A regression with tolerances: ours around two false alarms a month, the prior from other homes."""
    streams = load([tihm / "activity.csv.gz"], "Europe/London")
    chosen, budgets = ("8a835", "93c14", "c8574"), (4.0, 2.0, 1.0, 0.5)
    prior = prior_of([s for name, s in streams.items() if name not in chosen])
    deadlines = [learned(streams[name], prior, budgets) for name in chosen]
    cuts = [protocol.cut(streams[name]) for name in chosen]
    points = [
        protocol.figures([protocol.score(c, d[k]) for c, d in zip(cuts, deadlines, strict=True)])
        for k in range(len(budgets))
    ]
    at_two = protocol.table(points)["at"]["2"]
    assert at_two is not None
    assert at_two["mean"] == pytest.approx(4.6, rel=0.15)
    assert at_two["p50"] == pytest.approx(3.7, rel=0.15)
    assert at_two["p95"] == pytest.approx(9.1, rel=0.15)
