"""`anbu audit`: whether the books are as they were written, the month's access report, and a copy to take away."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from access import audit, books
from access.actor import SYSTEM
from app.city import City
from app.cli.options import Language
from app.settings import load
from core.clock import wall_now
from core.words import say

commands = typer.Typer(help="The audit: who saw or changed what.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(commands, name="audit")


@commands.command()
def verify(
    head: Annotated[
        str, typer.Option(help="NUMBER:HASH as an earlier run has said it: what it covers still stands.")
    ] = "",
    language: Language = "ko",
) -> None:
    """Read the whole chain; the first record that was changed or is missing is named, with exit code 1."""
    number, colon, hash = head.partition(":")
    if head and not (colon and number.isascii() and number.isdigit() and hash):
        raise typer.BadParameter("NUMBER:HASH", param_hint="--head")
    city = City(load())
    with city.db.read() as tx:
        found = audit.verify(tx)
        known = not head or audit.holds(tx, int(number), hash)
    if found.broken is not None:
        sys.stderr.write(say("access.audit.broken", language, {"record": found.broken}) + "\n")
    elif not known:
        sys.stderr.write(say("access.audit.other_head", language, {"record": int(number)}) + "\n")
    if found.broken is not None or not known:
        raise typer.Exit(1)
    sys.stderr.write(say("access.audit.whole", language, {"records": found.records}) + "\n")
    sys.stdout.write(f"{found.records}:{found.head}\n")


@commands.command()
def report(
    month: Annotated[str, typer.Option(help="Like 2026-11; else the last one that is over.")] = "",
    language: Language = "ko",
) -> None:
    """Who did what in a month, how often, and to how many people or homes."""
    city = City(load())
    zone = ZoneInfo(city.policy.rota.calendar.timezone)
    last = wall_now().astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone) if month else last.replace(day=1, hour=0)
    except ValueError:
        raise typer.BadParameter(say("access.refused.audit_month", language), param_hint="--month") from None
    with city.db.write() as tx:
        audit.note(tx, SYSTEM, "audit", request="anbu audit report", reason=f"{start:%Y-%m}", now=wall_now())
    end = (start + timedelta(days=32)).replace(day=1)
    with city.db.read() as tx:
        found = books.uses(tx, books.told(SYSTEM), start, end)
    table = Table("account", "name", "role", "action", "times", "people", title=f"{start:%Y-%m}")
    for one in found:
        row = (one.account or "-", one.name or "", one.role or "-", one.action, one.times, one.about)
        table.add_row(*(escape(str(cell)) for cell in row))
    Console().print(table)


@commands.command()
def export(
    after: Annotated[int, typer.Option(help="Only what comes behind this record.", min=0)] = 0,
) -> None:
    """Every record as a line of JSON on standard output, the oldest first: to be kept where this city can't write."""
    city = City(load())
    with city.db.write() as tx:
        audit.note(tx, SYSTEM, "audit", request="anbu audit export", reason=f"after={after}", now=wall_now())
    with city.db.read() as tx:
        for one in books.everything(tx, after):
            sys.stdout.buffer.write(msgspec.json.encode(one) + b"\n")
