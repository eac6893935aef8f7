"""A city in processes of its own, with a real Mosquitto and by the wall's clock: one for all of these tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.clock import sleep_s, stopwatch_s, wall_now
from tests.stories.test_commands import HOMES, Shell, workers
from tests.waiting import wait_until
from wire.mosquitto import MOSQUITTO, Mosquitto


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A running Mosquitto of our own."""
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed (Debian: mosquitto)")
    server = Mosquitto(tmp_path_factory.mktemp("mosquitto")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def monitor() -> Iterator[tuple[str, list[str]]]:
    """The address of a monitor outside of the city, and what was asked of it."""
    asked: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Monitor)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping/7", asked
    server.shutdown()


@pytest.fixture(scope="module")
def running(
    mosquitto: Mosquitto, monitor: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shell]:
    shell = Shell(
        tmp_path_factory.mktemp("city"),
        ANBU_BROKER_URL=f"mqtt://127.0.0.1:{mosquitto.port}",
        ANBU_HEARTBEAT_URL=monitor[0],
    )
    (shell.folder / "homes.csv").write_text(HOMES, encoding="utf-8")
    assert "2 homes imported, 0 refused" in shell.run("homes", "import", "homes.csv")
    city = shell.start("run")
    wait_until(shell.is_ready, 180)
    yield shell
    city.send_signal(signal.SIGINT)
    out, _ = city.communicate(timeout=30)
    assert city.returncode == 0, out
    assert "Traceback" not in out, out


def test_an_sos_by_mosquitto_pub_is_one_case_within_two_seconds(running: Shell, mosquitto: Mosquitto) -> None:
    program = shutil.which("mosquitto_pub")
    if program is None:
        pytest.skip("mosquitto_pub is not installed (Debian: mosquitto-clients)")
    heard = subprocess.Popen(
        ["mosquitto_sub", "-p", str(mosquitto.port), "-t", "care/v1/gw-0001/down/receipt", "-C", "1", "-W", "20"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    message = json.dumps(
        {
            "specversion": "1.0", "id": "b7-000123", "source": "gw-0001/button", "type": "care.sos",
            "time": wall_now().isoformat(), "boot": "b7", "seq": 123, "data": {},
        }
    )  # fmt: skip
    sleep_s(0.5)
    press = [program, "-p", str(mosquitto.port), "-q", "1", "-t", "care/v1/gw-0001/up/sos", "-m", message]
    subprocess.run(press, check=True)
    pressed_s = stopwatch_s()
    wait_until(lambda: bool(running.cases()) or bool(sleep_s(0.02)))
    assert stopwatch_s() - pressed_s < 2
    for _ in range(9):
        subprocess.run(press, check=True)
    sleep_s(1)
    (case,) = running.cases()
    assert (case["home"], case["concern"], case["state"]) == ("home-1", "sos", "alerting")
    receipt = json.loads(heard.communicate(timeout=30)[0])
    assert receipt.pop("epoch")
    assert receipt == {"boot": "b7", "from": 123, "seq": 123}
    listed = json.loads(running.run("cases", "--json"))
    assert [one["id"] for one in listed] == [case["id"]]
    told = running.run("why", str(case["id"]), "--language", "en")
    assert "SOS" in told
    assert "Only a person can clear it." in told


def test_the_canary_of_a_running_city_arrives_and_the_monitor_outside_hears_of_it(
    running: Shell, monitor: tuple[str, list[str]]
) -> None:
    wait_until(lambda: bool(monitor[1]), 90)
    assert set(monitor[1]) == {"/ping/7"}
    assert running.get("/readyz").json()["failing"] == []
    assert 'anbu_canary_failing{area="gwangju/nam-gu"} 0.0' in running.get("/metrics").text
    assert [case["home"] for case in running.cases()] in ([], ["home-1"]), "none of a canary is among people's"
    assert len(json.loads(running.run("cases", "--json", "--synthetic"))) >= 1


def test_a_city_that_does_not_hear_its_broker_is_not_ready(running: Shell, mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    wait_until(lambda: running.get("/readyz").json()["late"] == ["events", "sos"], 30)
    assert running.get("/readyz").status_code == 503
    mosquitto.start()
    wait_until(running.is_ready, 60)


def test_a_city_runs_once(running: Shell) -> None:
    assert "runs already" in running.run("run", code=2)


def test_a_worker_that_is_killed_is_started_anew(running: Shell, mosquitto: Mosquitto) -> None:
    before = workers(running)
    assert {"sos", "events", "watch", "tuner", "alerts", "caller", "keeper", "api", "canary"} == set(before)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def anew() -> bool:
        now = workers(running)
        return set(now) == set(before) and not set(now.values()) & set(before.values()) and running.is_ready()

    wait_until(anew, 60)
