"""A report as a file: CSV that no spreadsheet executes, and Parquet."""

from __future__ import annotations

import csv
import io

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from care.report_figures import defused
from care.report_scope import NUMBER, REAL, TEXT, Report

_TYPES = {TEXT: pa.string(), NUMBER: pa.int64(), REAL: pa.float64()}


def as_csv(report: Report) -> bytes:
    """UTF-8 with its mark, so that a spreadsheet reads Korean; what is not known is an empty cell."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(report.columns)
    for row in report.rows:
        lines.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_parquet(report: Report) -> bytes:
    """The same columns with their types; what is not known is null. A text is as it is: nothing here executes it."""
    columns = {
        name: pa.array([row[place] for row in report.rows], _TYPES[kind])
        for place, (name, kind) in enumerate(report.columns.items())
    }
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()
