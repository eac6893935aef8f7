"""A home's own link is learned, and nobody is asked before what they did can have arrived by it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import lateness
from anomaly.detectors.ceiling import CEILING_S
from anomaly.engine import Engine
from core.events import LogRow, Motion
from core.people import Home
from core.signals import Concern, Signal
from tests.checks import at, beats, log, raised, row, run
from tests.laws.test_engine_rounds import NEVER, heard

HOME = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon")
OTHER = Home("home-2", "gw-2", "gwangju/nam-gu/bongseon")
DAYS = 10
NOON = DAYS * 24 + 3.0
"""In Seoul."""


def moved(hours: float, delay_s: float) -> LogRow:
    return row("home-1", hours, Motion("kitchen"), seen=hours + delay_s / 3600)


def days(slow: float, seed: int = 7) -> list[LogRow]:
    """Somebody who moves every ten minutes or so from 7 to 23 in Seoul; the share `slow` of it is 4 to 8 min late."""
    rng = Random(seed)
    hours = [h + rng.uniform(0, 0.1) for h in np.arange(0, NOON, 1 / 6).tolist() if not 14 <= h % 24 < 22]
    return [moved(h, rng.uniform(240, 480) if rng.random() < slow else 1.0) for h in hours if h < NOON]


def asked(found: Sequence[Signal]) -> list[Signal]:
    return [s for s in raised(found, Concern.INACTIVITY) if s.source == "habit" and s.at >= at(NOON)]


def lone(home: list[LogRow], end: float) -> list[LogRow]:
    return log(home, beats("home-1", 0, end, 900), beats("home-2", 0, end, 300))


def due(engine: Engine) -> float:
    when = engine.view("home-1")["next_alarm_at"]
    assert not isinstance(when, bool | None)
    return (when - at(0)).total_seconds() / 3600


@pytest.mark.parametrize("slow", [pytest.param(0.1, marks=pytest.mark.long), 0.6])
def test_who_moved_in_time_is_not_asked_because_the_link_is_slow(slow: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last movement before the deadline comes eight minutes late; without learning it is asked about."""
    usual = days(slow)
    _, engine = run(lone(usual, NOON + 0.2), homes=[HOME, OTHER])
    assert lateness.slack_s(engine.rows.col, 0) == 480
    assert lateness.slack_s(engine.rows.col, 1) == 0
    told_at = due(engine)
    just_in_time = moved(told_at - 490 / 3600, 470)
    rows = lone([*usual, just_in_time], told_at + 0.3)
    assert not asked(run(rows, told_at + 0.3, homes=[HOME, OTHER])[0])
    still, _ = run(lone(usual, told_at + 0.3), told_at + 0.3, homes=[HOME, OTHER])
    assert [s.at for s in asked(still)] == [at(told_at)], "who does not move is asked"
    monkeypatch.setattr(lateness, "slack_s", lambda col, who: np.zeros(len(col["habit.heard"]))[who])
    assert asked(run(rows, told_at + 0.3, homes=[HOME, OTHER])[0])


def test_the_hard_limit_waits_for_no_link() -> None:
    usual = days(0.6)
    found, _ = run(lone(usual, NOON + 14), NOON + 14, homes=[HOME, OTHER])
    last = max(r.at for r in usual)
    (ceiling,) = (s for s in raised(found) if s.source == "ceiling" and s.at >= at(NOON))
    assert (ceiling.at - last).total_seconds() == CEILING_S


def columns(homes: int = 1) -> dict[str, np.ndarray]:
    rows = np.zeros(homes, np.dtype([(f"habit.{name}", kind) for name, kind in lateness.FIELDS.items()]))
    return {name: rows[name] for name in rows.dtype.names or ()}


@given(st.lists(st.integers(0, 5000), min_size=5, max_size=5))
def test_the_slack_is_the_edge_that_at_most_one_in_a_thousand_comes_beyond(counts: list[int]) -> None:
    col = columns()
    col["habit.delays"][0] = counts
    slack_s = float(lateness.slack_s(col, 0))
    k = int(np.searchsorted(lateness.EDGES_S, slack_s + 120))
    assert sum(counts[k + 1 :]) <= max(0.001 * sum(counts), 2)
    assert k == 0 or sum(counts[k:]) > max(0.001 * sum(counts), 2)


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(121, 700)), max_size=40), st.data())
def test_a_late_event_that_comes_again_counts_once(late: list[tuple[int, int]], data: st.DataObject) -> None:
    """By the same times it comes again at any later place of the log."""
    late = sorted(late, key=lambda one: one[0])
    once, twice = columns(), columns()
    for seen, delay in late:
        lateness.count_late(once, 0, float(seen * 60 - delay), float(seen * 60))
    for n, (seen, delay) in enumerate(late):
        lateness.count_late(twice, 0, float(seen * 60 - delay), float(seen * 60))
        again = data.draw(st.integers(0, n))
        lateness.count_late(twice, 0, float(late[again][0] * 60 - late[again][1]), float(late[again][0] * 60))
    assert once["habit.delays"].tobytes() == twice["habit.delays"].tobytes()


def test_a_backlog_says_nothing_of_the_link_and_a_link_that_is_quick_again_is_believed() -> None:
    col = columns()
    for n in range(100):
        lateness.count_late(col, 0, n * 600.0, n * 600.0 + 601)
    assert not col["habit.delays"].any()
    for n in range(100, 140):
        lateness.count_late(col, 0, n * 600.0, n * 600.0 + 400)
    assert lateness.slack_s(col, 0) == 330
    days = 0
    while lateness.slack_s(col, 0):
        lateness.fade(col, np.array([0]))
        col["habit.delays"][0, 0] += 200
        days += 1
    assert 14 < days < 60


@pytest.mark.parametrize("slow", [pytest.param(0.1, marks=pytest.mark.long), 1.0])
def test_arrays_learn_a_link_as_a_loop_does(slow: float) -> None:
    rows = lone(days(slow), NOON + 6)
    one, alone = heard(rows, NOON + 7, NEVER, (HOME, OTHER))
    many, engine = heard(rows, NOON + 7, 0, (HOME, OTHER), step=500)
    assert many == one
    assert engine.snapshot() == alone.snapshot()
    doubled = log(r for r in rows for _ in range(2))
    assert run(doubled, NOON + 7, homes=(HOME, OTHER))[1].snapshot() == alone.snapshot()
    assert alone.rows.col["habit.known"][0] >= DAYS - 2, "what is always late is learned from all the same"
