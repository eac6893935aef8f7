"""`anbu research`: data for researchers that leads back to nobody, asked for by one and allowed by another."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.city import City
from app.cli.options import Language
from app.settings import load
from care import research as exports
from care.research_files import prepared
from core.care import Refused
from core.words import say

research = typer.Typer(help="Data for research, k-anonymous or not at all.", no_args_is_help=True)
Done = TypeVar("Done")
By = Annotated[str, typer.Option("--by", help="The id of the member who does it.")]
Number = Annotated[int, typer.Argument(help="The export's number.", min=1, max=2**63 - 1)]


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(research, name="research")


@research.command("ask")
def ask(
    since: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="A quarter's first day.")],
    until: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="A later quarter's first day: not in it.")],
    by: By,
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    language: Language = "ko",
) -> None:
    """Ask for the episodes that were closed in a period; another person must allow it."""
    city = City(load())
    zone = ZoneInfo(city.policy.rota.calendar.timezone)
    if not purpose.strip() or len(purpose) > 2000:
        raise typer.BadParameter("say what it is for, in 2000 characters at most", param_hint="--purpose")
    with city.db.write() as tx:
        start, end = since.replace(tzinfo=zone), until.replace(tzinfo=zone)
        done = exports.ask(tx, by, purpose.strip(), start, end, zone, city.clock.now())
    sys.stdout.write(f"{_told(done, language).id}\n")


@research.command("allow")
def allow(id: Number, by: By, language: Language = "ko") -> None:
    """Allow an export, as a supervisor who has not asked for it."""
    city = City(load())
    with city.db.write() as tx:
        done = exports.allow(tx, id, by, city.clock.now())
    _told(done, language)


@research.command("export")
def export(
    id: Number,
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    language: Language = "ko",
) -> None:
    """Write records.csv, records.parquet and manifest.json, or refuse for good what would lead back to somebody."""
    city = City(load())
    with ExitStack() as leaving:
        with city.db.write() as tx:
            made = exports.make(tx, id, ZoneInfo(city.policy.rota.calendar.timezone), city.clock.now())
            if isinstance(made, exports.Made):
                beside = leaving.enter_context(prepared(folder, made.table, made.manifest))
        done = _told(made, language)
        # In the other order a crash could leave files abroad that no table knows of.
        beside.rename(folder)
    said = done.manifest
    sys.stdout.write(f"{folder}: {said['rows']} rows, k={said['k']}, l={said['l']}, {said['left_out']} left out\n")


@research.command("list")
def list_exports(language: Language = "ko") -> None:
    """List what was asked for, the newest first."""
    city = City(load())
    with city.db.read() as tx:
        found = exports.select(tx, 200)
    table = Table("#", "asked by", "period", "allowed by", "state", "purpose")
    local = city.policy.rota.calendar.local
    for it in found:
        period = f"{local(it.since):%Y-%m-%d} – {local(it.until):%Y-%m-%d}"
        why = say(f"care.refused.{it.why.code}", language, it.why.numbers) if it.why else ""
        row = (str(it.id), it.asked_by, period, it.allowed_by or "", f"{it.state} {why}".strip(), it.purpose)
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def _told(done: Done | Refused, language: str) -> Done:
    """What was done; else says why not, in one line, and ends the command with 1."""
    if isinstance(done, Refused):
        sys.stderr.write(say(f"care.refused.{done.code}", language, done.numbers) + "\n")
        raise typer.Exit(1)
    return done
