"""`anbu policy check` and `anbu route test`: what the city's policy would do, asked without doing it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from alerts.gaps import gaps
from alerts.policy import route_report
from app.city import City
from app.settings import load
from core.signals import Concern, Evidence, Urgency
from core.words import LANGUAGES
from store.people import all_covers, all_homes, all_members, home

policies = typer.Typer(help="The city's policy.", no_args_is_help=True)
routes = typer.Typer(help="Whom a case would call.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(policies, name="policy")
    app.add_typer(routes, name="route")


def _both(city: City, said: Evidence) -> str:
    return " / ".join(city.desk.views.sentence(said, language) for language in LANGUAGES)


@routes.command("test")
def route_test(
    home_id: Annotated[str, typer.Option("--home", help="A home that is enrolled.")],
    concern: Annotated[Concern, typer.Option("--concern", help="What would have been noticed.")],
    at: Annotated[str, typer.Option("--at", help="When, in the city's time: 2026-12-25T03:00.")] = "",
) -> None:
    """Print the ladder that a case would climb if nobody answered, with the reason at each branch."""
    city = City(load())
    calendar = city.policy.rota.calendar
    try:
        when = datetime.fromisoformat(at) if at else city.clock.now()
    except ValueError as error:
        raise typer.BadParameter(f"{at!r} is not a time such as 2026-12-25T03:00", param_hint="--at") from error
    when = when if when.tzinfo else when.replace(tzinfo=calendar.local(city.clock.now()).tzinfo)
    with city.db.read() as tx:
        found = home(tx, home_id)
        members, covers = all_members(tx), all_covers(tx)
    if found is None:
        raise typer.BadParameter(f"no home {home_id!r} is enrolled", param_hint="--home")
    plan, rungs = route_report(city.policy, found, concern, Urgency.ROUTINE, when, members, covers)
    screen = Console(soft_wrap=True)
    screen.print(
        f"[bold]{concern}[/] in {found.id} ({found.area}, risk {found.risk}) at {calendar.local(when):%Y-%m-%d %H:%M}"
    )
    for reason in plan.reasons:
        screen.print(f"  · {_both(city, reason)}", markup=False)
    for number, report in enumerate(rungs, 1):
        who = ", ".join(f"{m.name} ({', '.join(r.channel for r in m.reach) or '-'})" for m in report.roster.on) or "-"
        screen.print(f"{number}. {calendar.local(report.at):%a %H:%M:%S} {report.rung.who}: {who}", markup=False)
        for reason in report.roster.off:
            screen.print(f"     · {_both(city, reason)}", markup=False)


@policies.command("check")
def check_policy(days: Annotated[int, typer.Option(help="How far to look ahead.")] = 30) -> None:
    """Find times at which a rung would have nobody to call. Exit code 1 where there is one."""
    city = City(load())
    with city.db.read() as tx:
        areas = sorted({found.area for found in all_homes(tx)})
        members, covers = all_members(tx), all_covers(tx)
    found = gaps(city.policy, members, covers, areas, city.clock.now(), days)
    screen, local = Console(soft_wrap=True), city.policy.rota.calendar.local
    for gap in found:
        screen.print(
            f"{gap.area} {gap.who}: {local(gap.start):%m-%d %H:%M} - {local(gap.end):%m-%d %H:%M}", markup=False
        )
    screen.print(f"{city.policy.file}: {len(areas)} areas, {len(members)} members, {len(found)} gaps in {days} days.")
    raise typer.Exit(1 if found else 0)
