"""`anbu cases` and `anbu why`: the Care Calls of this city, read from its database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from alerts.case import State
from anomaly.engine import Engine
from anomaly.snapshot import SnapshotMismatch
from anomaly.time import moment
from app.city import City
from app.cli.options import Language, one_of
from app.settings import load
from core.signals import Sense
from core.words import WORDS, say
from ingest.watch import FOLD
from store.log import signals_of_case, snapshot

STATES = (*State, "open", "all")
COLOURS = {"immediate": "bold red", "urgent": "red", "soon": "yellow", "routine": "cyan"}


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("cases")(list_cases)
    app.command("why")(why)


def list_cases(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array instead of a table.")] = False,
    state: Annotated[
        str, typer.Option(help=f"One of {', '.join(STATES)}.", callback=lambda value: one_of(value, STATES))
    ] = "all",
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Also those of homes where nobody lives.")] = False,
    language: Language = "ko",
) -> None:
    """List Care Calls, what is due first on top."""
    city = City(load())
    with city.db.read() as tx:
        found = city.desk.list(tx, None if state == "all" else state, synthetic=synthetic)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        return
    table = Table("#", "home", "concern", "state", "opened", "next", "rung", "owner", "outcome")
    local = city.policy.rota.calendar.local
    for case in found:
        table.add_row(
            str(case.id),
            case.home or case.area,
            f"[{COLOURS[case.urgency]}]{case.concern}[/]",
            case.state,
            f"{local(case.opened_at):%m-%d %H:%M:%S}",
            case.next_action[language] if case.next_action else "",
            f"{case.rung + 1}/{case.rungs} {case.rung_name[language]}",
            case.owner_name or "",
            case.outcome or "",
        )
    Console().print(table)


def why(
    case: Annotated[int, typer.Argument(help="The case's number.", min=1, max=2**63 - 1)],
    language: Language = "ko",
) -> None:
    """Say why a case was opened, what its alarms rest on, what clears them, and everything that has happened to it."""
    city = City(load())
    with city.db.read() as tx:
        view = city.desk.view(tx, case)
        lines = city.desk.timeline(tx, case, language)
        found, kept = signals_of_case(tx, case), snapshot(tx, FOLD)
    if view is None:
        raise typer.BadParameter(f"there is no case {case}")
    screen, local = Console(soft_wrap=True), city.policy.rota.calendar.local
    where = view.home or view.area
    screen.print(
        f"[bold]#{view.id}[/] [{COLOURS[view.urgency]}]{view.concern}[/] {where}: {view.state} {view.outcome or ''}"
    )
    for reason in view.why:
        screen.print(f"  · {reason[language]}", markup=False)
    for signal in found:
        head = f"{local(signal.at):%m-%d %H:%M:%S}  {signal.source} v{signal.version}"
        screen.print(f"[bold]{head}[/] {say(f'concern.{signal.concern}', language)} ({signal.sense})", highlight=False)
        for evidence in signal.evidence:
            screen.print(f"    {say(evidence.key, language, evidence.numbers)}", markup=False, highlight=False)
        if signal.sense is Sense.RAISE:
            key = f"clears.{signal.concern}"
            screen.print(f"    {say(key if key in WORDS else 'clears.never', language)}", markup=False)
    if view.state != "closed" and view.home is not None and kept is not None:
        screen.print(_next_alarm(kept[1], view.home, language, local), end="", markup=False, highlight=False)
    if view.next_action is not None and view.due_at is not None:
        screen.print(f"  → {local(view.due_at):%m-%d %H:%M:%S} {view.next_action[language]}", markup=False)
    for line in lines:
        screen.print(f"{local(line.at):%m-%d %H:%M:%S}  {line.what}", markup=False)


def _next_alarm(body: bytes, home: str, language: str, local: Callable[[datetime], datetime]) -> str:
    """When the engine, as it was last kept, would alarm next; "" if it waits for nothing there."""
    try:
        engine = Engine.restore(body)
        due = engine.view(home)["next_alarm_at"]
    except (SnapshotMismatch, KeyError):
        return ""
    if not isinstance(due, datetime):
        return ""
    kept_at = local(moment(engine.watermark))
    numbers = {"when": f"{local(due):%m-%d %H:%M}", "at": f"{kept_at:%m-%d %H:%M}"}
    return f"  → {say('why.next_alarm', language, numbers)}\n"
