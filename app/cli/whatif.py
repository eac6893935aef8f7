"""`anbu what-if`: what other settings would have meant for a home, told from its own past."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from anomaly.time import local
from anomaly.whatif import ENOUGH_DAYS, UNANSWERED, Comparison, Side
from app.city import City
from app.cli.options import Language
from app.settings import load
from app.theatre import write_json
from app.whatif import SETTINGS, CannotTell, ask, settings_of
from core.people import Home
from core.words import say
from store.people import home as enrolled


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command("what-if")(what_if)


def what_if(
    home: Annotated[str, typer.Option(help="A home that is enrolled.")],
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help=f"name=value, again and again; the name is one of {', '.join(SETTINGS)}."),
    ] = None,
    days: Annotated[int, typer.Option(help="How many days to replay.", min=1, max=3650)] = 90,
    language: Language = "ko",
    file: Annotated[Path | None, typer.Option("--json", help="Write the comparison here.")] = None,
) -> None:
    """Replay a home's own past as it is configured and as it might be, and compare. Nothing is changed."""
    city = City(load())
    screen = Console(soft_wrap=True)
    try:
        cells = settings_of(change or [])
        with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
            task = progress.add_task(home, total=1.0)
            found = ask(city.db, city.policy, home, cells, days, lambda done: progress.update(task, completed=done))
    except CannotTell as cannot:
        Console(stderr=True, soft_wrap=True).print(
            f"anbu: {say(cannot.why.key, language, cannot.why.numbers)}", markup=False, highlight=False
        )
        raise typer.Exit(2) from None
    with city.db.read() as tx:
        known = enrolled(tx, home)
    assert known is not None
    show(screen, found, known, cells, language)
    if file is not None:
        write_json(file, {"changed": cells, **asdict(found)})


def show(screen: Console, found: Comparison, home: Home, cells: dict[str, str], language: str) -> None:
    """The comparison, for people."""

    def tell(key: str, **numbers: str | int | float) -> str:
        return say(f"whatif.{key}", language, numbers)

    day = "%Y-%m-%d"
    span = {
        "since": f"{local(found.since.timestamp(), home.timezone):{day}}",
        "until": f"{local(found.until.timestamp(), home.timezone):{day}}",
        "days": f"{found.days:.0f}",
        "learned": f"{found.learned_days:.0f}",
    }
    screen.print(tell("replayed", home=found.home, **span), markup=False, highlight=False)
    if found.days < ENOUGH_DAYS:
        screen.print(tell("too_few", days=f"{found.days:.1f}", enough=ENOUGH_DAYS), markup=False, highlight=False)
    table = Table("", tell("before"), tell("after"))
    share = round(100 * UNANSWERED)
    lines: list[tuple[str, Callable[[Side], str]]] = [
        (tell("alarms"), lambda side: str(side.alarms)),
        (tell("questions"), lambda side: _rate(side.questions)),
        (tell("calls"), lambda side: _rate(side.calls)),
        (tell("visits", share=share), lambda side: _rate(side.visits)),
        (tell("delay"), lambda side: f"{_hours(side.delay_p50_h)} / {_hours(side.delay_p95_h)}"),
        (tell("told"), lambda side: f"{100 * side.told_share:.1f}%"),
    ]
    for words, figure in lines:
        table.add_row(words, figure(found.before), figure(found.after))
    screen.print(table)
    for key, alarms in (("added", found.added), ("removed", found.removed)):
        screen.print(tell(key, count=len(alarms)), markup=False, highlight=False)
        for alarm in alarms:
            when = f"{local(alarm.at.timestamp(), home.timezone):{day} %H:%M}"
            first = tell("asks" if alarm.asks else "people")
            screen.print(f"  {when} [{first}] {alarm.why[language]}", markup=False, highlight=False)
    screen.print(tell("shifted", sooner=found.sooner, later=found.later), markup=False, highlight=False)


def _rate(a_month: float | None) -> str:
    return "–" if a_month is None else f"{a_month:.2f}"


def _hours(hours: float | None) -> str:
    return "–" if hours is None else f"{hours:.1f}"
