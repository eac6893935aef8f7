"""A sample of the rows of the fault table; `make faults` plays all of them whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import tests.faults.rows  # noqa: F401  # fills the table
from tests.faults.report import page
from tests.faults.table import ROWS, Result, Row, Skipped
from wire.mosquitto import MOSQUITTO

ALWAYS = ("kill-workers", "kill-gateway", "malformed")
"""A sample of the others is part of `make sweep`: some count seconds that a busy machine does not keep."""


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=name, marks=() if name in ALWAYS else pytest.mark.long) for name, row in ROWS.items()]
)
def test_what_must_hold_holds(row: Row, tmp_path: Path) -> None:
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed (Debian: mosquitto)")
    try:
        figure = row.play(tmp_path, False)
    except Skipped as why:
        pytest.skip(str(why))
    assert figure.runs > 0


def test_the_page_has_a_line_for_each_row() -> None:
    result = Result("kill-workers", "holds", 3, "a | b", False, 1.0, "abc", "2026-11-21")
    text = page({"kill-workers": result})
    assert all(f"| `{name}` |" in text for name in ROWS)
    assert "a / b" in text
    assert "**holds**, a sample" in text
