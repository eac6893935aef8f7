"""`anbu bench boards`: many boards open at once while Care Calls open and close, from the button to every screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table

from access import accounts, sessions
from access.accounts import Wanted
from access.roles import Role
from app.bench import boards_client
from app.bench.publisher import home, until
from app.city import append_homes
from app.settings import Settings
from app.supervisor import Supervisor
from core.care import Refused
from core.clock import sleep_s, stopwatch_s, wall_now
from core.events import Event, Lane, SosPressed
from core.people import Member, Reach
from core.people import Role as Called
from store.database import Database
from store.migrate import migrate
from store.people import put_area, put_member
from wire.broker import free_port
from wire.codec import encode
from wire.mosquitto import Mosquitto
from wire.session import Session
from wire.topics import up

CITY = "gwangju"
MEMBER = "bench-duty"
_OPEN_S = 3.0
_TOKEN = "bench"
_SETTLE_S = 5.0
Step = Callable[[str], None]


def measure(boards: int, cases: int, minutes: float, step: Step) -> dict[str, Any]:
    """Seconds from a press to each board, and what the API's process used. Everybody sees every case."""
    with tempfile.TemporaryDirectory(prefix="anbu-bench-", ignore_cleanup_errors=True) as name:
        broker = Mosquitto(Path(name)).start()
        try:
            settings = Settings(
                broker_url=f"mqtt://127.0.0.1:{broker.port}", data_dir=f"{name}/city",
                http=f"127.0.0.1:{free_port()}", api_token=_TOKEN, log_level="WARNING", canary_s=0.0,
            )  # fmt: skip
            presses = round(cases * minutes)
            cookies = _people(settings, boards, presses)
            step("the city starts")
            with _running(settings) as pid:
                step(f"{boards} boards open")
                return _measure(settings, broker, cookies, presses, 60.0 / cases, pid, step)
        finally:
            broker.stop()


def _people(settings: Settings, boards: int, presses: int) -> list[str]:
    """Homes, somebody to call, and as many accounts with a session each; their cookies."""
    db, now = Database(settings.database), wall_now()
    migrate(db)
    append_homes(db, [home("sos", number) for number in range(presses)], now)
    with db.write() as tx:
        put_area(tx, db.backend, CITY, "광주광역시", "Gwangju")
        put_member(tx, db.backend, Member(MEMBER, "당직", Called.DUTY, CITY, reach=(Reach("console"),)))
        cookies = []
        for number in range(boards):
            made = accounts.add(tx, Wanted(f"board-{number:03d}", f"board {number}", Role.DUTY, CITY), None, now)
            if isinstance(made, Refused):
                raise RuntimeError(f"no account: {made.code}")
            cookies.append(sessions.begin(tx, made.id, "password", "bench", now, sessions.Life()))
    db.close()
    return cookies


@contextmanager
def _running(settings: Settings) -> Iterator[int]:
    supervisor = Supervisor(settings)
    supervisor.start()
    try:
        until(lambda: _ready(supervisor, settings), 60.0)
        yield supervisor.pids()["api"]
    finally:
        supervisor.stop()


def _ready(supervisor: Supervisor, settings: Settings) -> bool:
    supervisor.check()
    sleep_s(0.2)
    try:
        return httpx.get(f"http://{settings.http}/readyz", timeout=2, verify=False).status_code == 200
    except httpx.HTTPError:
        return False


def _measure(
    settings: Settings, broker: Mosquitto, cookies: list[str], presses: int, gap_s: float, pid: int, step: Step
) -> dict[str, Any]:
    command = [sys.executable, "-m", boards_client.__name__, settings.http]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(json.dumps(cookies) + "\n")
    client.stdin.flush()
    if client.stdout.readline().strip() != "open":
        raise RuntimeError("not every board came in")
    step(f"{presses} presses")
    before, began_s = _cpu_s(pid), stopwatch_s()
    pressed = _press(settings, broker, presses, gap_s)
    used, took_s = _cpu_s(pid) - before, stopwatch_s() - began_s
    memory = _memory_mb(pid)
    seen: dict[str, list[float]] = json.loads(client.communicate("end\n", timeout=60)[0])
    times = sorted(at - pressed[id] for id, ats in seen.items() if id in pressed for at in ats)
    return {
        "boards": len(cookies),
        "cases": presses,
        "expected": presses * len(cookies),
        "seen": len(times),
        "p50_s": round(times[len(times) // 2], 3) if times else None,
        "p99_s": round(times[int(len(times) * 0.99)], 3) if times else None,
        "worst_s": round(times[-1], 3) if times else None,
        "api_cpu": round(used / took_s, 2),
        "api_memory_mb": memory,
        "minutes": round(took_s / 60, 2),
    }


def _press(settings: Settings, broker: Mosquitto, presses: int, gap_s: float) -> dict[str, float]:
    """Press one button after the other, and close each case after some seconds; when each was pressed."""
    session = Session(broker.url, "bench-boards", persistent=False)
    until(lambda: bool(session.poll(0.05)) or session.connected)
    pressed: dict[str, float] = {}
    closed: set[str] = set()
    with httpx.Client(base_url=f"http://{settings.http}", headers={"Authorization": f"Bearer {_TOKEN}"}) as desk:
        next_s = stopwatch_s()
        while len(pressed) < presses or len(closed) < presses:
            if len(pressed) < presses and stopwatch_s() >= next_s:
                it, next_s = home("sos", len(pressed)), next_s + gap_s
                event = Event("s-1", it.gateway, "button", "sos", wall_now(), SosPressed(), "b1", 1)
                pressed[it.id] = stopwatch_s()
                session.publish(up(it.gateway, Lane.SOS), encode(event), 1)
            elif due := [id for id, at in pressed.items() if id not in closed and stopwatch_s() - at > _OPEN_S]:
                closed |= _close(desk, due)
            session.poll(0.02)
    until_s = stopwatch_s() + _SETTLE_S
    while stopwatch_s() < until_s:
        session.poll(0.05)
    session.disconnect()
    return pressed


def _close(desk: httpx.Client, homes: list[str]) -> set[str]:
    said = {"by": MEMBER, "outcome": "safe", "contact": "phone"}
    found = {one["home"]: one["id"] for one in desk.get("/api/cases", params={"state": "open"}).json()}
    done = set()
    for id in homes:
        if id in found:
            desk.post(f"/api/cases/{found[id]}/close", json=said).raise_for_status()
            done.add(id)
    return done


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def table(figures: dict[str, Any]) -> Table:
    """The figures, to be read."""
    shown = Table("boards", "cases", "seen", "p50 s", "p99 s", "worst s", "API's cores", "API's memory MB")
    seen = f"{figures['seen']} of {figures['expected']}"
    names = ("p50_s", "p99_s", "worst_s", "api_cpu", "api_memory_mb")
    shown.add_row(str(figures["boards"]), str(figures["cases"]), seen, *(str(figures[name]) for name in names))
    return shown
