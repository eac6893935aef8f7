"""Clocks that jump."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

from core.clock import sleep_s
from tests.faults.city import City, city
from tests.faults.outside import expect
from tests.faults.table import Figure, Skipped, row

COMPILER = shutil.which("cc")
SOURCE = Path(__file__).parents[1] / "jump.c"
JUMPS = (7200, -86400, 0, 94608000, -86400, 7200)
"""Seconds by which the server's clock is wrong, one after the other; the fourth are three years."""


@row(
    "server-clock",
    "server clock +2 h, -24 h, three years ahead, and back",
    "a library under all workers moves their system clock while cases climb; every second time alerts is killed and "
    "started under the wrong clock",
    "no timer off by more than 5 s",
)
def server_clock(folder: Path, full: bool) -> Figure:
    if COMPILER is None:
        raise Skipped("there is no C compiler (Debian: gcc)")
    wrong, library = folder / "wrong", folder / "jump.so"
    wrong.write_bytes(struct.pack("q", 0))
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    jumps = JUMPS * 5 if full else JUMPS[:2]
    env = {"LD_PRELOAD": str(library), "JUMP_FILE": str(wrong)}
    with city(folder, 4 * len(jumps), env=env) as place:
        place.start_all()
        for n, jump in enumerate(jumps):
            homes = place.press(2)
            place.expect_cases(homes, 10)
            with wrong.open("r+b") as file:  # in place: the processes have it mapped
                file.write(struct.pack("q", jump))
            if n % 2:
                place.workers["alerts"].kill()
                place.start("alerts")
            homes += place.press(2)
            place.expect_cases(homes, 10)
            expect(lambda homes=homes: all(place.climbed(case.id) for case in place.of(homes)), 10, "all have climbed")
            for case in place.of(homes):
                place.acknowledge(case.id)
        assert _jumped(place), "no worker has seen its clock jump: the library did nothing"
        place.expect_receipts(10)
        said = place.verdict()
    return Figure(
        len(jumps), f"{said['cases']} cases; {len(place.late_s)} timers, at most {max(place.late_s):.1f} s late"
    )


def _jumped(place: City) -> bool:
    sleep_s(6.0)
    return "has jumped" in place.nursery.log("alerts").read_text()
