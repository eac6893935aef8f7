"""The sums behind the reports, beside other people's: quantiles, intervals, and what a hidden number may reveal."""

from __future__ import annotations

import csv
import io
import statistics

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from care.report_figures import Paired, age_band, defused, paired, percent, quantiles, shown
from care.report_files import as_csv, as_parquet
from care.report_scope import NUMBER, REAL, TEXT, Report
from core.care import Refused

FLOOR = 11


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=50))
def test_a_median_is_everybody_elses(values: list[float | None]) -> None:
    known = [v for v in values if v is not None]
    it = quantiles(values, 60.0)
    assert it.n == len(known)
    if not known:
        assert (it.median, it.p90) == (None, None)
        return
    assert it.median == pytest.approx(statistics.median(known) / 60, abs=0.006)
    assert min(known) / 60 - 0.01 <= it.median <= it.p90 <= max(known) / 60 + 0.01


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=60))
def test_a_change_is_scipys_and_never_told_of_few(pairs: list[tuple[int, int]]) -> None:
    change = [after - before for before, after in pairs]
    found = paired(len(change), sum(change), sum(c * c for c in change), sum(c > 0 for c in change), FLOOR)
    if len(pairs) < FLOOR:
        assert found == Refused("below_floor", {"floor": FLOOR})
        return
    assert isinstance(found, Paired)
    assert found.mean == pytest.approx(statistics.mean(change), abs=0.006)
    assert found.improved == pytest.approx(100 * sum(c > 0 for c in change) / len(change), abs=0.06)
    if len(set(change)) > 1:
        low, high = stats.ttest_1samp(change, 0).confidence_interval(0.95)
        assert (found.low, found.high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 60), max_size=8))
def test_what_is_hidden_does_not_follow_from_the_sum(counts: dict[str, int]) -> None:
    seen = shown(counts, FLOOR)
    assert all(n is None or n == counts[group] for group, n in seen.items())
    assert not any(n is not None and 0 < n < FLOOR for n in seen.values())
    hidden = [counts[group] for group, n in seen.items() if n is None]
    if hidden and len(hidden) < sum(n > 0 for n in counts.values()):
        assert len(hidden) > 1, "the sum less the others is the hidden one"
        assert sum(hidden) >= FLOOR
    if all(n == 0 or n >= FLOOR for n in counts.values()):
        assert not hidden, "nothing is hidden without a reason"


@given(st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert text in (defused(text), defused(text)[1:])


def test_ages_and_shares() -> None:
    ages = [age_band(born, 2023) for born in (1923, 1934, 1943, 1944, 1964, 1990)]
    assert ages == ["90-", "80-89", "80-89", "70-79", "0-59", "0-59"]
    assert (percent(1, 3), percent(1, 0)) == (33.3, None)


def test_files_say_the_same() -> None:
    rows = [("=cmd|' /C calc'!A0", 3, -1.5), ("가", None, None)]
    report = Report("x", {"who": TEXT, "n": NUMBER, "mean": REAL}, rows)
    lines = list(csv.reader(io.StringIO(as_csv(report).decode("utf-8-sig"))))
    assert lines == [["who", "n", "mean"], ["'=cmd|' /C calc'!A0", "3", "-1.5"], ["가", "", ""]]
    read = pq.read_table(io.BytesIO(as_parquet(report)))
    assert [tuple(row.values()) for row in read.to_pylist()] == rows
    assert [str(kind) for kind in read.schema.types] == ["string", "int64", "double"]
