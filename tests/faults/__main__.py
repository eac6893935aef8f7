"""`python -m tests.faults [ROW…] [--sample]`: plays the rows of the fault table, and writes it into docs/faults.md."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import tests.faults.rows  # noqa: F401  # fills the table
from tests.faults.table import ROWS, played


def main() -> int:
    """Exit code 1 where a row does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of: {', '.join(ROWS)}")
    parser.add_argument("--sample", action="store_true", help="inject each fault a few times only")
    said = parser.parse_args()
    logging.basicConfig(level="CRITICAL")  # what breaks on purpose would fill the screen
    if unknown := sorted(set(said.rows) - set(ROWS)):
        parser.error(f"there is no row {unknown[0]!r}")
    broken = 0
    for name in said.rows or ROWS:
        folder = Path(tempfile.mkdtemp(prefix=f"anbu-{name}-"))
        result = played(ROWS[name], folder, not said.sample)
        broken += result.verdict == "broken"
        print(
            f"{result.verdict:8} {name:20} {result.runs:5} {result.seconds:7.1f} s  {result.text}  [{folder}]",
            flush=True,
        )
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
