"""Simulator runs over HTTP, really played: how far one is, what came of it, and what is told when it dies halfway."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from access.roles import Role
from api.runs import Run, RunState
from app.runs import CITY, KEPT, NICE, RUN, Runs, write
from core.clock import sleep_s, wall_now
from core.signals import Evidence
from store.account_tables import audit
from store.database import Database
from store.migrate import migrate
from store.tables import cases
from tests.accounts import account, browser
from tests.serving import City
from tests.waiting import wait_until

OPERATOR = "oper"
FAST = {"scenario": "smoke", "speed": 200}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "simulations"


@pytest.fixture
def runs(folder: Path) -> Iterator[Runs]:
    """As the city's, but they give way to nobody: other tests keep the machine busy."""
    yield from ended(Runs(folder, nice=0), folder)


def ended(it: Runs, folder: Path) -> Iterator[Runs]:
    yield it
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes(folder))


@pytest.fixture
def city(tmp_path: Path, runs: Runs) -> Iterator[City]:
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    city = City(db)
    city.simulations = runs
    account(db, OPERATOR, Role.OPERATOR, "gwangju", name="운영자")
    yield city
    db.close()


@pytest.fixture
def page(city: City) -> Iterator[httpx.Client]:
    with city.serve() as door:
        client = browser(door, OPERATOR)
        yield client
        client.close()


def processes(folder: Path) -> list[int]:
    """Everything that plays in this folder: the runs, and the workers of their cities."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            told = (one / "cmdline").read_bytes() + (one / "environ").read_bytes()
        except OSError:
            continue
        if f"{folder}/".encode() in told and int(one.name) != os.getpid():
            found.append(int(one.name))
    return found


def gives_way(pid: int) -> bool:
    return os.getpriority(os.PRIO_PROCESS, pid) == NICE == 19


def begun(runs: Runs, speed: float = 200) -> Run:
    run = runs.begin("smoke", speed, "test")
    assert isinstance(run, Run), run
    return run


def over(runs: Runs, id: str, patience_s: float = 60) -> Run:
    wait_until(lambda: (run := runs.find(id)) is not None and run.state is not RunState.RUNNING, patience_s)
    run = runs.find(id)
    assert run is not None
    return run


def test_a_scenario_is_played_and_judged(city: City, page: httpx.Client, folder: Path) -> None:
    offers = {one["name"]: one for one in page.get("/api/simulations/scenarios").json()}
    assert offers["smoke"]["title"] == {"ko": "부엌의 연기", "en": "Smoke in a kitchen"}
    assert (offers["smoke"]["minutes"], offers["smoke"]["speed"], offers["smoke"]["homes"]) == (60, 60, 2)
    answer = page.post("/api/simulations", json=FAST)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert (run["state"], run["share"], run["by"]) == ("running", 0, "운영자 (oper)")
    busy = page.post("/api/simulations", json=FAST)
    assert (busy.status_code, busy.json()["detail"]["code"]) == (409, "busy")
    seen: list[dict[str, Any]] = []

    def at_its_end() -> bool:
        seen.append(page.get(f"/api/simulations/{run['id']}").json())
        sleep_s(0.2)
        return bool(seen[-1]["state"] != "running")

    wait_until(at_its_end, 400)
    last, shares = seen[-1], [one["share"] for one in seen]
    # Whether a busy machine keeps up with this speed is not the question here, but that the two agree.
    assert last["state"] == ("otherwise" if last["differences"] else "as_expected"), last
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert any(0 < share < 1 for share in shares), "nobody could see how far it was"
    assert last["cases"] == last["figures"]["cases"] >= 1
    assert all(one["ko"] and one["en"] for one in last["differences"])
    assert [one["id"] for one in page.get("/api/simulations").json()] == [run["id"]]
    assert not (folder / run["id"] / CITY).exists()
    wait_until(lambda: not processes(folder), 30)
    with city.db.read() as tx:
        noted = [row.request for row in tx.execute(audit.select()) if row.action == "simulation.run"]
        assert tx.scalar(sa.select(sa.func.count()).select_from(cases)) == 0, "it has come into the real city"
    assert noted == ["POST /api/simulations"] * 2


def test_who_is_killed_is_told_to_have_broken_off(folder: Path) -> None:
    for runs in ended(Runs(folder), folder):
        run = begun(runs)
        wait_until(lambda: bool(processes(folder)))
        pid = processes(folder)[0]
        wait_until(partial(gives_way, pid))
        assert os.getsid(pid) == os.getsid(0), "a session of its own would weigh as much as all of the city"
        os.kill(pid, signal.SIGKILL)
        found = over(runs, run.id)
        assert (found.state, found.why) == (RunState.BROKEN_OFF, "fell")
        assert found.ended_at is not None
        assert runs.stop(found, "late") is False
        assert isinstance(runs.begin("smoke", 200, "next"), Run), "the way is not free again"


def test_one_is_stopped_by_whoever_may(page: httpx.Client, folder: Path) -> None:
    run = page.post("/api/simulations", json=FAST).json()
    assert page.delete(f"/api/simulations/{run['id']}").status_code == 204
    assert page.delete(f"/api/simulations/{run['id']}").status_code == 204

    def state() -> dict[str, Any]:
        found: dict[str, Any] = page.get(f"/api/simulations/{run['id']}").json()
        return found

    wait_until(lambda: state()["state"] != "running", 60)
    assert (state()["state"], state()["stopped_by"]) == ("stopped", "운영자 (oper)")
    wait_until(lambda: not processes(folder), 30)
    assert not (folder / run["id"] / CITY).exists()


def test_of_many_at_once_one_is_played(runs: Runs) -> None:
    gate, found = threading.Barrier(8), []

    def ask() -> None:
        gate.wait()
        found.append(runs.begin("smoke", 200, "test"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Run) for one in found) == 1
    assert {one.key for one in found if isinstance(one, Evidence)} == {"simulation.refused.busy"}
    assert len(runs.all()) == 1


def test_a_run_ends_with_the_server_that_began_it(folder: Path, runs: Runs) -> None:
    text = "import sys; from pathlib import Path; from app.runs import Runs; Runs(Path(sys.argv[1]), nice=0).begin"
    text += "('smoke', 200, 'test'); print('begun', flush=True); sys.stdin.read()"
    server = subprocess.Popen(
        [sys.executable, "-c", text, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"begun\n"
    (run,) = runs.all()
    assert run.state is RunState.RUNNING, "another process of the api sees another thing"
    wait_until(lambda: any((folder / run.id).glob(f"{CITY}/anbu.db")), 60)
    server.kill()
    server.communicate()
    found = over(runs, run.id)
    assert (found.state, found.why) == (RunState.BROKEN_OFF, "ended")
    wait_until(lambda: not processes(folder), 30)


def left(folder: Path, number: int, state: RunState = RunState.AS_EXPECTED) -> Run:
    """What a process has left that is no more."""
    at = wall_now() - timedelta(hours=number)
    id = f"{at:%Y%m%d-%H%M%S}-{number:06x}"
    title = {"ko": "연기", "en": "Smoke"}
    run = Run(id=id, scenario="smoke", title=title, speed=1, minutes=1, by="x", started_at=at, state=state)
    (folder / id / CITY).mkdir(parents=True)
    write(folder / id / RUN, run)
    return run


@contextmanager
def full() -> Iterator[None]:
    """No file of this process, or of one that is begun here, takes another byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_written_is_true_all_the_same(folder: Path, runs: Runs) -> None:
    run = left(folder, 1, RunState.RUNNING)
    with full():
        found = runs.find(run.id)
        assert b'"running"' in (folder / run.id / RUN).read_bytes()
        refused = runs.begin("smoke", 200, "test")
    assert found is not None
    assert (found.state, found.why) == (RunState.BROKEN_OFF, "fell")
    assert isinstance(refused, Evidence)
    assert refused.key == "simulation.refused.not_started"
    assert len(runs.all()) == 1, "what was not begun is told"
    again = runs.find(run.id)
    assert again is not None
    assert again.state is RunState.BROKEN_OFF


def test_a_disk_that_fills_up_breaks_it_off(folder: Path, tmp_path: Path) -> None:
    free_mb = shutil.disk_usage(tmp_path).free // 2**20
    refused = Runs(folder, room_mb=free_mb + 100_000).begin("smoke", 200, "test")
    assert isinstance(refused, Evidence)
    assert refused.key == "simulation.refused.no_room"
    for runs in ended(Runs(folder, room_mb=free_mb - 500, nice=0), folder):
        run = begun(runs)
        with (tmp_path / "else").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 1000 * 2**20)
            found = over(runs, run.id)
        (tmp_path / "else").unlink()
        assert (found.state, found.why) == (RunState.BROKEN_OFF, "room")


def test_the_last_twenty_are_kept(folder: Path, runs: Runs) -> None:
    before = [left(folder, number) for number in range(1, KEPT + 6)]
    (folder / "20200101-000000-abcdef").mkdir()  # begun, and the power failed
    run = begun(runs)
    kept = [one.id for one in runs.all()]
    assert kept == [run.id, *(one.id for one in before[: KEPT - 1])]
    assert sorted(one.name for one in folder.iterdir()) == sorted([*kept, "lock"])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"scenario": "nowhere"}, "unknown_scenario"),
        ({"scenario": "../simulators/scenarios/smoke"}, "unknown_scenario"),
        ({"scenario": "namgu_2020", "speed": 1}, "too_long"),
    ],
)
def test_what_cannot_be_played_is_said(page: httpx.Client, sent: dict[str, Any], code: str) -> None:
    answer = page.post("/api/simulations", json=sent)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (422, code)
    assert page.get("/api/simulations").json() == []


@pytest.mark.parametrize("id", ["20261121-050000-0123ab", "..%2F..%2Fetc", "lock", "%00"])
def test_what_is_not_there_is_not_found(page: httpx.Client, folder: Path, id: str) -> None:
    folder.mkdir()
    (folder / "lock").touch()
    for answer in (page.get(f"/api/simulations/{id}"), page.delete(f"/api/simulations/{id}")):
        assert answer.status_code in (404, 405), answer.text
