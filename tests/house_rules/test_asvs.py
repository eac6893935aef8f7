"""docs/asvs.csv names a test that exists, or says why there is none: nobody has to believe it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS = ["id", "level", "chapter", "requirement", "status", "how", "test"]
REVIEWED = "by design"
"""No test can show it; whoever reads the code can."""
ROWS = list(csv.DictReader((ROOT / "docs" / "asvs.csv").open(encoding="utf-8")))


def test_its_rows_are_well_formed_and_each_stands_once() -> None:
    assert list(ROWS[0]) == COLUMNS
    ids = [row["id"] for row in ROWS]
    assert len(ids) == len(set(ids))
    for row in ROWS:
        assert re.fullmatch(r"\d+\.\d+\.\d+", row["id"]), row
        assert row["level"] in ("1", "2", "3"), row
        assert row["chapter"].startswith(f"V{row['id'].split('.')[0]} "), row
        assert row["status"] in ("holds", "open", "does not apply"), row
        assert row["requirement"], row
        assert row["how"], row
        assert bool(row["test"]) or row["status"] != "holds", f"{row['id']} holds by nothing"


def test_every_chapter_is_spoken_of() -> None:
    assert {int(row["id"].split(".")[0]) for row in ROWS} == set(range(1, 18))


def test_each_test_that_it_names_exists() -> None:
    for row in ROWS:
        if row["test"] in ("", REVIEWED):
            continue
        path, _, name = row["test"].partition("::")
        file = ROOT / path
        assert file.is_file(), row
        assert not name or f"def {name}(" in file.read_text(encoding="utf-8"), row
