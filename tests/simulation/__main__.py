"""`python -m tests.simulation --seeds 300`: the sweep, with its figures; `--seed 1234 --trace`: one seed, told."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from core.clock import stopwatch_s
from tests.simulation.bugs import BUGS
from tests.simulation.sweep import Bench, Benches, Tally, again


def main() -> int:
    """1: a law was broken, or a planted bug was not caught."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    options.add_argument("--seed", type=int, help="run this one alone")
    options.add_argument("--first", type=int, default=0, help="the first seed of the sweep")
    options.add_argument("--seeds", type=int, default=300, help="how many; a planted bug must be caught within as many")
    options.add_argument("--bug", choices=sorted(BUGS), help="plant this one in --seed")
    options.add_argument("--no-bugs", action="store_true", help="plant none after the sweep")
    options.add_argument("--trace", action="store_true", help="say what happened")
    options.add_argument("--json", type=Path, help="write the figures here")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes; default: one a core")
    asked = options.parse_args()
    if asked.seed is None:
        with Benches(asked.jobs) as benches:
            return _sweep(benches, range(asked.first, asked.first + asked.seeds), not asked.no_bugs, asked.json)
    with Bench() as bench:
        result = bench.run(asked.seed, asked.bug)
    print("\n".join(result.lines) if asked.trace else "", result.broken or "all laws held", sep="\n")
    return int(result.broken is not None)


def _sweep(benches: Benches, seeds: range, plant: bool, file: Path | None) -> int:
    tally, began_s = Tally(), stopwatch_s()
    for result in benches.run(seeds):
        tally.add(result)
    clean_s = stopwatch_s() - began_s
    for result in tally.broken:
        print(again(result))
    caught: dict[str, int | None] = {}
    for name, found in benches.caught(BUGS if plant else (), seeds).items():
        caught[name] = None if found is None else found.seed
        print(f"{name}: {'NOT CAUGHT' if found is None else f'seed {found.seed}: {found.broken}'}", file=sys.stderr)
    missed = [name for name, seed in caught.items() if seed is None]
    bugs = f", {len(caught) - len(missed)} of {len(caught)} planted bugs caught" if plant else ""
    print(
        f"{tally.seeds} seeds in {clean_s:.0f} s: {tally.presses} presses, {tally.cases} cases, "
        f"{tally.faults.total()} faults, {len(tally.broken)} laws broken{bugs}"
    )
    if file is not None:
        figures = {
            "seeds": tally.seeds, "seconds": round(clean_s, 1), "presses": tally.presses, "cases": tally.cases,
            "faults": dict(tally.faults), "broken": {r.seed: r.broken for r in tally.broken}, "bugs": caught,
        }  # fmt: skip
        file.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(bool(tally.broken or missed))


if __name__ == "__main__":
    sys.exit(main())
