"""Lines between homes and city that lose, that are slow, that are cut one way and both ways."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.faults.nursery import ROOT
from tests.faults.table import Figure, Skipped, row

TOOLS = ("unshare", "nsenter", "ip", "tc", "nft")


@row(
    "line",
    "network cut one way and both ways for 60 s, 20 % loss, 32 kbit/s",
    "city and homes in network namespaces of their own, joined by a veth pair; nft loses packets, tc slows them; bad "
    "lines under `anbu gateway` without its other way, cuts under simulated homes",
    "SOS p99 at most 10 s on a bad line; after a cut each SOS arrives; no alarm of a cut of 60 s; a home with a "
    "heartbeat every 30 s is seen as lost 90-100 s after its last word",
)
def line(folder: Path, full: bool) -> Figure:
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise Skipped(f"{', '.join(missing)} not installed (Debian: util-linux, iproute2, nftables)")
    if os.geteuid() or subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        raise Skipped("network namespaces need root")
    words = ["unshare", "--net", sys.executable, "-m", "tests.faults.lines", str(folder), "full" if full else "sample"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    told = json.loads(done.stdout.splitlines()[-1])
    return Figure(told["runs"], told["text"])
