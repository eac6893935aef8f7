"""`anbu cases` and `anbu why`: the Care Calls of this city, read from its database."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from app.city import City
from app.settings import load

COLOURS = {"immediate": "bold red", "urgent": "red", "soon": "yellow", "routine": "cyan"}


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("cases")(list_cases)
    app.command("why")(why)


def list_cases(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array instead of a table.")] = False,
    state: Annotated[
        str, typer.Option(help="verifying, alerting, acknowledged, arrived, closed, open, or all.")
    ] = "all",
    language: Annotated[str, typer.Option(help="ko or en.")] = "ko",
) -> None:
    """List Care Calls, what is due first on top."""
    city = City(load())
    with city.db.read() as tx:
        found = city.desk.list(tx, None if state == "all" else state)
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
    case: Annotated[int, typer.Argument(help="The case's number.")],
    language: Annotated[str, typer.Option(help="ko or en.")] = "ko",
) -> None:
    """Say why a case was opened, and everything that has happened to it."""
    city = City(load())
    with city.db.read() as tx:
        view = city.desk.view(tx, case)
        lines = city.desk.timeline(tx, case, language)
    if view is None:
        raise typer.BadParameter(f"there is no case {case}")
    screen, local = Console(soft_wrap=True), city.policy.rota.calendar.local
    where = view.home or view.area
    screen.print(
        f"[bold]#{view.id}[/] [{COLOURS[view.urgency]}]{view.concern}[/] {where}: {view.state} {view.outcome or ''}"
    )
    for reason in view.why:
        screen.print(f"  · {reason[language]}", markup=False)
    if view.next_action is not None and view.due_at is not None:
        screen.print(f"  → {local(view.due_at):%m-%d %H:%M:%S} {view.next_action[language]}", markup=False)
    for line in lines:
        screen.print(f"{local(line.at):%m-%d %H:%M:%S}  {line.what}", markup=False)
