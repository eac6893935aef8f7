"""`python -m tests.faults [ROW…]`: plays rows of the fault table, and writes what they came to into docs/faults.md."""

from __future__ import annotations

import argparse
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

import tests.faults.rows  # noqa: F401  # fills the table
from core.clock import wall_now
from tests.faults.nursery import ROOT
from tests.faults.report import page
from tests.faults.table import ROWS, Result, played

RESULTS = ROOT / "docs" / "faults.json"
PAGE = ROOT / "docs" / "faults.md"


def main() -> int:
    """Exit code 1 where a row does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of: {', '.join(ROWS)}; default: all")
    parser.add_argument("--sample", action="store_true", help="inject each fault a few times only")
    parser.add_argument("--write", action="store_true", help="write the results into docs/faults.md")
    parser.add_argument("--page", action="store_true", help="play nothing, write the page of the results that are kept")
    said = parser.parse_args()
    logging.basicConfig(level="CRITICAL")  # what breaks on purpose would fill the screen
    if unknown := sorted(set(said.rows) - set(ROWS)):
        parser.error(f"there is no row {unknown[0]!r}")
    kept = (
        {one.name: one for one in msgspec.json.decode(RESULTS.read_bytes(), type=list[Result])}
        if RESULTS.exists()
        else {}
    )
    broken = 0
    for name in () if said.page else said.rows or ROWS:
        folder = Path(tempfile.mkdtemp(prefix=f"anbu-{name}-"))
        result = played(ROWS[name], folder, not said.sample)
        broken += result.verdict == "broken"
        kept[name] = msgspec.structs.replace(result, commit=_commit(), day=f"{wall_now():%Y-%m-%d}")
        print(f"{result.verdict:8} {name:18} {result.runs:6} {result.seconds:7.1f} s  {result.text}", flush=True)
        if result.verdict == "broken":
            print(f"         its folder: {folder}", flush=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        if said.write:
            RESULTS.write_bytes(
                msgspec.json.format(msgspec.json.encode([kept[n] for n in ROWS if n in kept]), indent=1)
            )
            PAGE.write_text(page(kept), encoding="utf-8")
    if said.page:
        PAGE.write_text(page(kept), encoding="utf-8")
    return int(broken > 0)


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
