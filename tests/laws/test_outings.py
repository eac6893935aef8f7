"""When somebody who went out is overdue: by the home's own outings, within hard limits."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import outings
from core.events import Absence, Contact, LogRow, Motion
from core.people import Home
from core.signals import Concern, Signal
from tests.checks import at, beats, every, log, raised, row, run, told
from tests.laws.test_engine_rounds import NEVER, heard

HOME = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon")
DAYS = 30
LAST = DAYS * 24.0


def out(start: float, length_h: float | None) -> list[LogRow]:
    """Somebody leaves through the door and is back after so many hours; None: never."""
    gone = [
        row("home-1", start - 0.01, Motion("hall")),
        row("home-1", start, Contact("front door", None), device="door"),
    ]
    return gone if length_h is None else [*gone, row("home-1", start + length_h, Motion("hall"))]


def usual(days: int = DAYS, longest_h: float = 2.0, seed: int = 3) -> list[LogRow]:
    """Two outings a day, from 10 and from 14 in Seoul; one where they are long."""
    rng = Random(seed)
    return [
        r
        for d in range(days)
        for h in ((1, 5) if longest_h < 4 else (1,))
        for r in out(d * 24 + h, rng.uniform(0.3, longest_h))
    ]


def overdue(rows: Sequence[LogRow], until: float, dark: tuple[float, float] | None = None) -> list[Signal]:
    heartbeats = beats("home-1", 0, until, 900) if not dark else [
        *beats("home-1", 0, dark[0], 900), *beats("home-1", dark[1], until, 900)
    ]  # fmt: skip
    found, engine = run(log(rows, heartbeats), until, homes=[HOME])
    assert not engine.faults
    return raised(found, Concern.OVERDUE)


def hours(signal: Signal, since: float) -> float:
    return (signal.at - at(since)).total_seconds() / 3600


def test_who_is_out_for_short_times_is_missed_sooner_and_the_reason_is_told() -> None:
    (signal,) = overdue([*usual(), *out(LAST + 1, None)], LAST + 14)
    assert 3 <= hours(signal, LAST + 1) < 6
    assert "Nine in ten" in told(signal)
    numbers = signal.evidence[1].numbers
    assert 3600 < float(numbers["usual"]) < 2.6 * 3600
    assert float(numbers["rarity"]) > 100
    assert numbers["days"] == DAYS


@pytest.mark.parametrize(("days", "longest_h"), [(10, 2.0), (DAYS, 11.5)])
def test_who_is_not_known_or_out_for_long_is_missed_after_twelve_hours(days: int, longest_h: float) -> None:
    (signal,) = overdue([*usual(days, longest_h), *out(days * 24 + 1, None)], days * 24 + 16)
    assert hours(signal, days * 24 + 1) == pytest.approx(12)
    assert ("Nine in ten" in told(signal)) is (days == DAYS)


def test_a_note_keeps_its_own_time() -> None:
    until = at(LAST + 9.5)
    note = LogRow(0, "home-1", "office", "absence", at(LAST + 0.5), at(LAST + 0.5), "n1", Absence(True, until))
    (signal,) = overdue([*usual(), note, *out(LAST + 1, None)], LAST + 14)
    assert signal.at == until
    assert "Nine in ten" not in told(signal)


def test_who_begins_to_work_is_asked_after_twice_and_then_left_alone() -> None:
    """From the 31st day on away for eight hours on every weekday, for six weeks."""
    work = [r for d in range(42) if d % 7 < 5 for r in out(LAST + d * 24 + 1, 8 + d % 3 / 4)]
    found = overdue([*usual(), *work], LAST + 42 * 24)
    assert 1 <= len(found) <= 5
    assert found[-1].at < at(LAST + 21 * 24)
    assert overdue([*usual(), *work, *out(LAST + 42 * 24 + 1, None)], LAST + 43 * 24)[-1].at <= at(LAST + 42 * 24 + 13)


@pytest.mark.parametrize("why", ["dark", "note", "a week away"])
def test_what_was_not_seen_or_was_told_of_is_not_learned(why: str) -> None:
    start = LAST + 1
    said = at(start + 0.5)
    note = LogRow(0, "home-1", "office", "absence", said, said, "n1", Absence(True, at(start + 9)))
    strange: list[LogRow] = [*out(start, 7 * 24.0 if why == "a week away" else 8.0), *([note] if why == "note" else ())]
    dark = (start + 2, start + 7) if why == "dark" else None
    after = LAST + 10 * 24 + 1
    found = overdue([*usual(), *strange, *out(after, None)], after + 14, dark)
    assert hours(found[-1], after) < 6
    if why == "dark":
        assert hours(overdue([*usual(), *strange, *out(after, None)], after + 14)[-1], after) > 7, "seen it is learned"


@pytest.mark.parametrize(("length_h", "weight"), [(1.0, 1.0), (8.0, 0.25), (30.0, 0.0)])
def test_who_was_missed_and_came_back_counts_a_quarter(length_h: float, weight: float) -> None:
    """From the 31st day's morning on: an outing that nobody asked about, one that was overdue, one of more than a day.
    One late return is no habit."""
    rows = log(usual(), out(LAST + 1, length_h), beats("home-1", 0, LAST + 40, 900))
    learned = []
    for hours in (LAST + 1 + length_h - 0.05, LAST + 1 + length_h + 0.05):
        found, engine = run([r for r in rows if r.seen_at <= at(hours)], hours + 0.04, homes=[HOME])
        learned.append(float(engine.rows.col["absence.outings"][0].sum()))
    assert len(raised(found, Concern.OVERDUE)) == (weight < 1)
    assert learned[1] - learned[0] == pytest.approx(weight, abs=1e-3)


def columns() -> dict[str, np.ndarray]:
    rows = np.zeros(1, np.dtype([(f"absence.{name}", kind) for name, kind in outings.FIELDS.items()]))
    return {name: rows[name] for name in rows.dtype.names or ()}


@given(st.lists(st.tuples(st.integers(0, 20000), st.floats(0, 48)), max_size=60))
def test_the_limit_stays_between_three_and_twelve_hours_and_within_the_budget(some: list[tuple[int, float]]) -> None:
    col, who = columns(), np.array([0])
    for minutes, length_h in sorted(some):
        outings.learn(col, who, np.array([1e9 + minutes * 600.0]), np.array([length_h * 3600]))
    limit_s = outings.limits_s(col, who)[0]
    assert 3 * 3600 <= limit_s <= 12 * 3600
    if not outings.known(col, who)[0]:
        assert limit_s == 12 * 3600
    elif limit_s < 12 * 3600:
        months = float(col["absence.days"][0]) / 30.44
        beyond = float(col["absence.outings"][0, int(np.searchsorted(outings.EDGES_S, limit_s * 1.0001)) :].sum())
        assert beyond / months <= outings.ALARMS * 1.5 + 1e-6
    assert float(col["absence.days"][0]) <= 66


def test_arrays_learn_outings_as_a_loop_does() -> None:
    homes = [HOME, *(Home(f"home-{n}", f"gw-{n}", HOME.area, residents=1 + n % 2) for n in range(2, 6))]
    rows = log(
        (moved_to(home.id, r) for n, home in enumerate(homes) for r in usual(20, 3 + 2 * n, n)),
        *(beats(home.id, 0, (250, 480)[n % 2], 900) for n, home in enumerate(homes)),
        *(beats(home.id, 253, 480, 900) for home in homes[::2]),
        every(50, 0, 480, lambda h: row("home-3", h, Motion("hall"))),
    )
    one, alone = heard(rows, 490, NEVER, homes)
    many, engine = heard(rows, 490, 0, homes, step=700)
    assert many == one
    assert engine.snapshot() == alone.snapshot()
    assert alone.rows.col["absence.outings"][:5].sum() > 50


def moved_to(home: str, one: LogRow) -> LogRow:
    return LogRow(0, home, one.device, one.kind, one.at, one.seen_at, one.event_id, one.data)
