"""A research export as files: CSV, Parquet and the manifest that says what they are, all in place at once or none."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from care.anonymous import LEAST_K, LEAST_L, QUASI, Record, Table
from care.research_rows import STAGES

COLUMNS = (*QUASI, "level", *(f"weeks_{stage.value}" for stage in STAGES), "services", "change")
SOFTWARE = ("anbu", "pycanon", "pyarrow")


class Leak(Exception):
    """The independent count found fewer people or levels than we had: nothing may be written."""


def values(record: Record) -> list[Any]:
    return [*record.coarse, record.level, *record.weeks, record.services, record.change]


def as_csv(table: Table) -> bytes:
    """UTF-8 with a header; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(values(record) for record in table.records)
    return text.getvalue().encode()


def as_parquet(table: Table) -> bytes:
    """The same rows and columns."""
    # It takes a second to load, and nothing but an export needs it.
    import pyarrow  # type: ignore[import-untyped]  # it ships no types
    import pyarrow.parquet  # type: ignore[import-untyped]  # as above

    text = pyarrow.string()
    kinds = [text if name in (*QUASI, "level") else pyarrow.int32() for name in COLUMNS]
    columns = zip(*(values(record) for record in table.records), strict=True)
    arrays = [pyarrow.array(list(column), kind) for column, kind in zip(columns, kinds, strict=True)]
    body = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays, names=list(COLUMNS)), body)
    return body.getvalue()


def counted(table: Table) -> tuple[int, int]:
    """k and l as pycanon counts them from the CSV that would leave: another's program, and the very bytes."""
    # As above.
    import pandas  # type: ignore[import-untyped]  # it ships no types
    from pycanon import anonymity  # type: ignore[import-untyped]  # as above

    read = pandas.read_csv(io.BytesIO(as_csv(table)), dtype=str, keep_default_na=False)
    k = anonymity.k_anonymity(read, list(QUASI))
    return int(k), int(anonymity.l_diversity(read, list(QUASI), ["level"]))


def manifest(
    table: Table, since: datetime, until: datetime, purpose: str, asked_by: str, allowed_by: str
) -> dict[str, Any]:
    """What the files are and who stands for them. Raises Leak where pycanon counts less than there must be."""
    k, l = counted(table)  # noqa: E741 - the measure has this name everywhere
    if (k, l) != (table.k, table.l) or k < LEAST_K or l < LEAST_L:
        raise Leak(f"k={k}, l={l}, and we had counted k={table.k}, l={table.l}")
    files = {"records.csv": as_csv(table), "records.parquet": as_parquet(table)}
    return {
        "rows": len(table.records),
        "columns": list(COLUMNS),
        "quasi_identifiers": list(QUASI),
        "sensitive": ["level"],
        "k": k,
        "l": l,
        "left_out": table.left_out,
        "levels": msgspec.to_builtins(table.levels),
        "period": {"since": since.isoformat(), "until": until.isoformat()},
        "purpose": purpose,
        "asked_by": asked_by,
        "allowed_by": allowed_by,
        "sha256": {name: hashlib.sha256(body).hexdigest() for name, body in files.items()},
        "software": {name: version(name) for name in SOFTWARE},
    }


@contextmanager
def prepared(folder: Path, table: Table, said: dict[str, Any]) -> Iterator[Path]:
    """The three files in a folder beside `folder`, on the disk for certain; whoever leaves it there renames it.

    Raises FileExistsError where `folder` is there already: nothing is written over.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already")
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    try:
        text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
        bodies = {"records.csv": as_csv(table), "records.parquet": as_parquet(table), "manifest.json": text.encode()}
        for name, body in bodies.items():
            with (beside / name).open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)
