"""docs/faults.md: the fault table as it was last measured."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.table import ROWS, Result

_HEAD = """# The fault table

What happens when things break: each fault is injected into a running city (real broker, real database, a process for
each worker, homes that keep each word until its receipt), and what must hold is checked. After every fault: as many
cases as presses, none twice, no illegal history, every event in the log once, no timer early by more than 1 s or late
by more than 5 s after whoever rings is there again, and all of it without a hand.

`make faults` plays every row and writes this page; `python -m tests.faults ROW` plays one, `--sample` a few times only.
`make test` plays a sample of some rows, `make sweep` of the others. A row says `skipped` where the machine lacks what
it needs. What is simulated instead, with a virtual clock and planted bugs: [simulation](simulation.md).

| row | fault | how it is injected | must hold | runs | figure | verdict |
|---|---|---|---|---|---|---|
"""


def page(kept: Mapping[str, Result]) -> str:
    """The Markdown of the table; rows that were never played say so."""
    lines = []
    for name, row in ROWS.items():
        result = kept.get(name)
        told = ["-", "not played yet", "-"] if result is None else [str(result.runs), result.text, _verdict(result)]
        cells = [f"`{name}`", row.fault, row.how, row.bar, *told]
        lines.append("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |\n")
    return _HEAD + "".join(lines)


def _verdict(result: Result) -> str:
    sample = "" if result.full else ", a sample"
    return f"**{result.verdict}**{sample} ({result.seconds:,.0f} s, {result.day}, {result.commit})"
