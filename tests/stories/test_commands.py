"""The commands as an operator types them: real processes, a real Mosquitto, wall time."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.clock import sleep_s
from tests.typed import anbu
from tests.waiting import wait_until
from wire.broker import free_port
from wire.mosquitto import Mosquitto

TOKEN = "an-operators-token"
HOMES = """home,gateway,area,resident,risk,language,timezone,residents
home-1,gw-0001,gwangju/nam-gu/bongseon-1-dong,김영순,high,ko,Asia/Seoul,1
home-2,gw-0002,gwangju/nam-gu/wolsan-dong,박정자,normal,ko,Asia/Seoul,2
"""


class Shell:
    """An operator's shell, with the settings of one city."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.http = f"127.0.0.1:{free_port()}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ANBU_")}
        self.environ = {
            **clean, "ANBU_DATA_DIR": str(folder / "data"), "ANBU_HTTP": self.http, "ANBU_API_TOKEN": TOKEN,
            "ANBU_BROKER_PORT": str(free_port()), **settings,
        }  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from app.cli import main; main()", *words]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environ, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str, code: int = 0, limit_s: float = 300) -> str:
        process = self.start(*words)
        try:
            out, _ = process.communicate(timeout=limit_s)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == code, out
        return out

    def say(self, *words: str, code: int = 0) -> str:
        """`run`, in this process."""
        done = anbu(*words, environ=self.environ, folder=self.folder)
        assert done.code == code, done
        return done.out + done.err

    def get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"http://{self.http}{path}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10, verify=False
        )

    def cases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/api/cases").json()
        return found

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except httpx.HTTPError:
            sleep_s(0.1)
            return False


@pytest.fixture
def shell(mosquitto: Mosquitto, tmp_path: Path) -> Shell:
    return Shell(tmp_path, ANBU_BROKER_URL=f"mqtt://127.0.0.1:{mosquitto.port}")


def workers(shell: Shell) -> dict[str, int]:
    """The worker processes of this city, by name."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            environ = (folder / "environ").read_text()
        except OSError:
            continue
        if "app.worker" in words and shell.environ["ANBU_DATA_DIR"] in environ:
            found[words[words.index("app.worker") + 1]] = int(folder.name)
    return found


def test_what_is_wrong_is_said_in_one_line(shell: Shell) -> None:
    assert "there is no scenario nowhere" in shell.run("simulate", "nowhere", code=2)
    shell.environ["ANBU_BROKER_URL"] = "localhost"
    out = shell.run("run", code=2)
    assert out.strip().startswith("anbu: ANBU_BROKER_URL")
    assert len(out.strip().splitlines()) == 1
    shell.environ["ANBU_BROKER_URL"] = ""
    shell.environ["ANBU_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    assert "anbu: " in shell.run("cases", code=2)
    shell.environ |= {"ANBU_DATABASE_URL": "", "ANBU_HTTP": "0.0.0.0:8080", "ANBU_API_TOKEN": ""}
    assert "loopback only" in shell.run("run", code=2)


def test_a_taken_port_ends_the_city_with_a_sentence(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        shell.environ["ANBU_HTTP"] = f"127.0.0.1:{other.getsockname()[1]}"
        out = shell.run("run", "--only", "api", code=2, limit_s=60)
    assert "cannot listen" in out
    assert "Traceback" not in out


@pytest.mark.long
def test_a_backup_of_a_running_city_is_restored_once_it_has_ended(shell: Shell) -> None:
    (shell.folder / "homes.csv").write_text(HOMES, encoding="utf-8")
    shell.run("homes", "import", "homes.csv")
    city = shell.start("run")
    wait_until(shell.is_ready, 180)
    assert "MB in" in shell.run("backup", "city.backup")
    assert "runs already" in shell.run("restore", "city.backup", code=2)
    city.send_signal(signal.SIGINT)
    assert city.wait(30) == 0
    assert "the former database is kept as" in shell.run("restore", "city.backup")
    assert "no backup" in shell.run("restore", "homes.csv", code=2)
    assert "homes" in shell.run("check", code=1), "nothing runs"
    city = shell.start("run")
    wait_until(shell.is_ready, 180)
    city.send_signal(signal.SIGINT)
    assert city.wait(30) == 0


def test_the_demo_once(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.run("demo", "--once", "--json", "ledger.json", limit_s=300)
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    assert ledger["sos_pressed"] == ledger["sos_cases"] >= 1
    assert (ledger["duplicates"], ledger["open_without_deadline"]) == (0, 0)
    for concern in ("sos", "inactivity"):
        taken = [case for case in ledger["cases"] if case["concern"] == concern and case["acknowledged_at"]]
        called = [[line["who"] for line in case["timeline"] if line["what"] == "called"] for case in taken]
        assert max(map(len, called)) >= 2, f"a {concern} case has climbed"
    care = ledger["care"]
    assert {episode["origin"] for episode in care["episodes"]} >= {"operator", "button"}
    assert (care["balance"], care["ownerless"]) == (0, 0)
    assert care["records"] >= 1
    assert not list((tmp_path / "data").glob("demo-*")), "nothing is left behind"


# --- recorded homes


@pytest.fixture
def some_days(tihm: Path, tmp_path: Path) -> Path:
    """The first 12,000 events of the recorded homes."""
    path = tmp_path / "days.csv"
    with gzip.open(tihm / "activity.csv.gz", "rt", newline="") as source, path.open("w", newline="") as target:
        rows = csv.reader(source)
        csv.writer(target).writerows(row for row, _ in zip(rows, range(12_001), strict=False))
    return path


def replay(shell: Shell, path: Path, name: str, *words: str) -> bytes:
    """The signals of one replay into a city of its own."""
    shell.environ["ANBU_DATA_DIR"] = str(shell.folder / name)
    out = shell.run("replay", str(path), "--speed", "max", *words, limit_s=1500)
    assert "0 twice" in out
    assert "events/s" in out
    assert "peak memory" in out
    return (shell.folder / name / "signals.jsonl").read_bytes()


def killed(shell: Shell, path: Path, name: str, after_s: float) -> None:
    """The same, killed with all its processes in the middle."""
    shell.environ["ANBU_DATA_DIR"] = str(shell.folder / name)
    process = shell.start("replay", str(path), "--speed", "max")
    sleep_s(after_s)
    assert process.poll() is None, "it was over before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.long
def test_a_replay_has_the_same_signals_in_any_batch_and_after_a_kill(shell: Shell, some_days: Path) -> None:
    whole = replay(shell, some_days, "whole", "--batch", "500")
    assert whole.count(b"\n") >= 1
    assert replay(shell, some_days, "single", "--batch", "1") == whole
    assert replay(shell, some_days, "all", "--batch", "all") == whole
    killed(shell, some_days, "killed", 5.0)
    assert replay(shell, some_days, "killed") == whole


@pytest.mark.long
def test_the_whole_recording(shell: Shell, tihm: Path) -> None:
    path = tihm / "activity.csv.gz"
    whole = replay(shell, path, "whole")
    assert replay(shell, path, "single", "--batch", "1") == whole
    assert replay(shell, path, "all", "--batch", "all") == whole
    killed(shell, path, "killed", 30.0)
    assert replay(shell, path, "killed") == whole


def test_a_recording_never_goes_into_a_living_citys_database(shell: Shell, some_days: Path) -> None:
    (shell.folder / "homes.csv").write_text(HOMES, encoding="utf-8")
    shell.run("homes", "import", "homes.csv")
    assert "living city" in shell.run("replay", str(some_days), code=2)
