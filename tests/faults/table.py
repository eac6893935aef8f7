"""The rows of the fault table: what is injected, how, and what came of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import sqlalchemy as sa

from core.clock import stopwatch_s

BROKEN = (AssertionError, RuntimeError, OSError, httpx.HTTPError, sa.exc.SQLAlchemyError)

Play = Callable[[Path, bool], "Figure"]


class Figure(msgspec.Struct, frozen=True):
    """What a row has measured: how often the fault was injected, and the figure that the table shows."""

    runs: int
    text: str


class Skipped(Exception):
    """The row needs what this machine does not have; the text says what."""


class Row(msgspec.Struct, frozen=True):
    """A row: `play(folder, full)` injects the fault as often as the table asks (a sample, where not `full`).

    It raises AssertionError where something does not hold that must.
    """

    name: str
    fault: str
    how: str
    bar: str
    play: Play


class Result(msgspec.Struct, frozen=True):
    """What a row came to."""

    name: str
    verdict: str
    """`holds`, `broken` or `skipped`."""
    runs: int
    text: str
    full: bool
    seconds: float
    commit: str = ""
    day: str = ""


ROWS: dict[str, Row] = {}


def row(name: str, fault: str, how: str, bar: str) -> Callable[[Play], Play]:
    """Enter the function below into the table."""

    def enter(play: Play) -> Play:
        assert name not in ROWS, name
        ROWS[name] = Row(name, fault, how, bar, play)
        return play

    return enter


def played(row: Row, folder: Path, full: bool) -> Result:
    """Play a row to its end, whatever it is."""
    began_s = stopwatch_s()

    def result(verdict: str, runs: int, text: str) -> Result:
        return Result(row.name, verdict, runs, text, full, round(stopwatch_s() - began_s, 1))

    try:
        figure = row.play(folder, full)
    except Skipped as why:
        return result("skipped", 0, str(why))
    except BROKEN as error:  # the others are played all the same
        (folder / "error.txt").write_text(traceback.format_exc())
        return result("broken", 0, f"{type(error).__name__}: {error}"[:600])
    return result("holds", figure.runs, figure.text)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
