"""The deterministic simulation: more faults in a minute than a machine sees in years."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.faults.nursery import ROOT
from tests.faults.table import Figure, row

MINUTE_S = 60.0


@row(
    "simulation",
    "all of these and worse, drawn by seeds, on a virtual clock",
    "the own code of city and gateway, a broker that forgets, commits of unknown outcome, managers who behave badly; "
    "then bugs are planted",
    "no law broken; 300 seeds in a minute; each planted bug is caught within 300 seeds",
)
def simulation(folder: Path, full: bool) -> Figure:
    seeds, file = 300 if full else 10, folder / "figures.json"
    words = [sys.executable, "-m", "tests.simulation", "--seeds", str(seeds), "--json", str(file)]
    words += [] if full else ["--no-bugs"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]
    told = json.loads(file.read_text())
    assert not full or told["seconds"] <= MINUTE_S, f"{seeds} seeds took {told['seconds']:.0f} s"
    bugs = f"; {len(told['bugs'])} planted bugs caught, the last at seed {max(told['bugs'].values())}" if full else ""
    faults = sum(told["faults"].values())
    return Figure(
        seeds,
        f"{seeds} seeds in {told['seconds']:.0f} s: {told['presses']} presses, {faults} faults, no law broken{bugs}",
    )
