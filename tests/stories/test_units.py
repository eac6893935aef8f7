"""The systemd units let the programs do what they do: else systemd would refuse it to them, or kill them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.clock import sleep_s, stopwatch_s
from wire.broker import free_port

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
STRACE, ANALYZE = shutil.which("strace"), shutil.which("systemd-analyze")
ANBU = str(Path(sys.executable).with_name("anbu"))


def words(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(encoding="utf-8"), re.MULTILINE)


def calls(names: list[str]) -> set[str]:
    """The system calls of these sets, as systemd itself expands them."""
    found: set[str] = set()
    for name in names:
        if name.startswith("@"):
            said = subprocess.run([str(ANALYZE), "syscall-filter", name], capture_output=True, text=True, check=True)
            found |= calls([line.strip() for line in said.stdout.splitlines()[1:] if line.strip()[:1] not in ("", "#")])
        else:
            found.add(name)
    return found


@pytest.mark.skipif(
    STRACE is None or ANALYZE is None, reason="needs strace and systemd-analyze (Debian: strace, systemd)"
)
@pytest.mark.parametrize(
    ("unit", "program", "until"),
    [
        pytest.param("anbu-gateway.service", ["gateway"], "does not answer", id="gateway"),
        pytest.param("anbu.service", ["run"], "api", id="city", marks=pytest.mark.long),
    ],
)
def test_a_unit_allows_every_system_call_that_its_program_makes(
    unit: str, program: list[str], until: str, tmp_path: Path
) -> None:
    nowhere = f"mqtt://127.0.0.1:{free_port()}"
    env = os.environ | {
        "ANBU_DATA_DIR": str(tmp_path / "data"), "ANBU_HTTP": f"127.0.0.1:{free_port()}",
        "ANBU_BROKER_PORT": str(free_port()),
    }  # fmt: skip
    if program == ["gateway"]:
        program = ["gateway", "--local", nowhere, "--city", nowhere, "--id", "gw-0001"]
    trace, said = tmp_path / "trace", tmp_path / "said"
    with said.open("wb") as out:
        running = subprocess.Popen(
            [str(STRACE), "-f", "-qq", "-o", str(trace), ANBU, *program],
            env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            until_s = stopwatch_s() + 120
            while until not in said.read_text(errors="replace"):
                assert running.poll() is None, said.read_text()
                assert stopwatch_s() < until_s, said.read_text()
                sleep_s(0.1)
            sleep_s(2.0)
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGTERM)
                running.wait(30)
    made = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
    assert "clock_adjtime" in made, "it asks whether the clock is right"
    assert made - calls(" ".join(words(unit, "SystemCallFilter")).split()) <= {"seccomp"}
    assert words(unit, "SystemCallErrorNumber") == ["EPERM"], "what a later version asks for is refused, not deadly"
    assert not words(unit, "ProtectClock"), "it forbids to read the clock's state as well"
