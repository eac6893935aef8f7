"""`anbu bench year`: a simulated year of a whole city, built, and each report of it over HTTP, against the clock."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import sqlalchemy as sa
from rich.table import Table

from alerts.desk import Desk
from alerts.policy import load
from api.app import create_app
from api.city import Homeward
from api.server import Server
from app import whatif
from app.bench.publisher import until
from app.bench.year_build import END, START, build
from app.bench.year_place import CITY, MAIN
from app.chain import hands
from app.recorded import NotEmpty
from app.runs import Runs
from care.reports import Name
from core.clock import ManualClock, stopwatch_s
from store.care_tables import persons
from store.database import Database
from store.migrate import migrate

WHOLE_S, EACH_MS = 60.0, 300.0
AREAS = (CITY, f"{CITY}/nam-gu")
Step = Callable[[str], None]


def measure(url: str | None, scale: float, seed: int, times: int, step: Step) -> dict[str, Any]:
    """Build the year and read every report of it; seconds and milliseconds, and what the reports say.

    Without a `url` in an SQLite of its own. Raises NotEmpty where people stand in the database already.
    """
    with tempfile.TemporaryDirectory(prefix="anbu-bench-", ignore_cleanup_errors=True) as folder:
        db = Database(url or f"sqlite:///{Path(folder) / 'year.db'}")
        try:
            return _measure(db, scale, seed, times, step)
        finally:
            db.close()


def _measure(db: Database, scale: float, seed: int, times: int, step: Step) -> dict[str, Any]:
    migrate(db)
    with db.read() as tx:
        if tx.scalar(sa.select(persons.c.id).limit(1)) is not None:
            raise NotEmpty("people stand in this database already: a simulated year needs one of its own")
    step("the year")
    began = stopwatch_s()
    with db.write() as tx:
        rows = build(tx, scale, seed)
    db.checkpoint()
    built = stopwatch_s()
    with serve(db) as door:
        reports = {f"{name.value} {area}": _read(door, name, area, times, step) for area in AREAS for name in Name}
        whole = stopwatch_s() - began
        indicators = _indicators(door)
    slow = sorted(name for name, ms in reports.items() if ms["worst"] > EACH_MS)
    return {
        "backend": db.backend,
        "scale": scale,
        "rows": sum(rows.values()),
        "tables": rows,
        "build_s": round(built - began, 2),
        "whole_s": round(whole, 2),
        "reports_ms": reports,
        "indicators": indicators,
        "slow": slow,
        "within": whole <= WHOLE_S and not slow,
    }


@contextmanager
def serve(db: Database) -> Iterator[httpx.Client]:
    """The people's door of that year's end, on loopback, with nobody behind it."""
    desk = Desk(load())
    app = create_app(
        db=db,
        desk=desk,
        clock=ManualClock(END),
        record_absence=lambda tx, home, until, now: None,
        lanes=lambda tx: {},
        report=lambda tx, key, state, now: False,
        homeward=Homeward(lambda gateway, lane, body: b"", None, "", "", ""),
        hands=hands(desk),
        replay=partial(whatif.told, db, desk.policy),
        simulations=Runs(Path(tempfile.gettempdir()) / "anbu-year-simulations"),
    )
    server = Server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: bool(server.started), 20.0)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            client.get("/readyz")  # whoever sends people to a server has asked it first whether it is ready
            yield client
    finally:
        server.should_exit = True
        thread.join(20)


def _read(door: httpx.Client, name: Name, area: str, times: int, step: Step) -> dict[str, float]:
    step(f"{name.value}, {area}")
    took = []
    for _ in range(times):
        began = stopwatch_s()
        _get(door, name, area)
        took.append((stopwatch_s() - began) * 1000)
    return {"first": round(took[0], 1), "median": round(median(took), 1), "worst": round(max(took), 1)}


def _get(door: httpx.Client, name: Name, area: str = CITY) -> list[dict[str, Any]]:
    asked = {"area": area, "since": START.isoformat(), "until": END.isoformat()}
    answer = door.get(f"/api/care/reports/{name.value}", params=asked)
    # In so small a year, or so small a district, a report may have too few people to be given.
    if answer.status_code == 409:
        return []
    rows: list[dict[str, Any]] = answer.raise_for_status().json()["rows"]
    return rows


def _indicators(door: httpx.Client) -> dict[str, Any]:
    """The programme's own figures, read from the reports."""
    services, outcomes, money = (_get(door, name) for name in (Name.SERVICES, Name.OUTCOMES, Name.BUDGET))
    users = {row["service"]: row["users"] for row in services if row["part"] == "service"}
    shares = {row["measure"]: row["percent"] for row in outcomes if row["part"] == "all"}
    won = {row["part"]: row["won"] for row in money if row["part"] in ("budget", "paid", "remaining")}
    return {
        "users": next((row["users"] for row in services if row["part"] == "all"), 0),
        "providers": len({row["provider"] for row in services if row["part"] == "provider"}),
        **{f"users_{code}": users.get(code, 0) for code in MAIN},
        **{f"{name}_percent": shares.get(name) for name in ("low_income", "improved", "satisfied")},
        **{f"{part}_won": amount for part, amount in won.items()},
    }


def table(figures: dict[str, Any]) -> Table:
    """The figures as people read them."""
    shown = Table(title=f"A year of care, {figures['rows']:,} rows on {figures['backend']}")
    for heading in ("report", "first ms", "median ms", "worst ms"):
        shown.add_column(heading, justify="left" if heading == "report" else "right")
    for name, ms in figures["reports_ms"].items():
        shown.add_row(name, *(f"{ms[key]:.0f}" for key in ("first", "median", "worst")))
    shown.add_section()
    shown.add_row("built, s", "", "", f"{figures['build_s']:.1f}")
    shown.add_row("with all reports, s", "", "", f"{figures['whole_s']:.1f}")
    shown.add_section()
    for name, value in figures["indicators"].items():
        shown.add_row(name, "", "", f"{value:,}" if isinstance(value, int) else str(value))
    return shown
