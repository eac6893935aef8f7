"""`anbu homes`: the homes that an operator enrols, and when each is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import track

from app.city import City
from app.cli.options import Language
from app.settings import load
from core.people import Home
from core.week import Weekly, weekly
from core.words import say
from store import check_ins, people
from store.check_ins import MOST_TIMES
from store.enrol import COLUMNS, read_homes_csv
from store.people import take_in

homes = typer.Typer(help="The homes this city watches.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(homes, name="homes")


@homes.command("import")
def import_homes(
    file: Annotated[Path, typer.Argument(help=f"A CSV file with the columns {','.join(COLUMNS)}.")],
) -> None:
    """Enrol the homes of a file, or change those enrolled. A bad line is named, and the others go in."""
    screen = Console(stderr=True)
    try:
        lines = read_homes_csv(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise OSError(f"{file} is not UTF-8: {error.reason} at byte {error.start}") from error
    city = City(load())
    refused = 0
    for line in track(
        take_in(city.db, lines, city.clock.now()), "Homes", total=len(lines), console=screen, transient=True
    ):
        if not isinstance(line.read, Home):
            refused += 1
            why = [say(line.read.key, language, line.read.numbers) for language in ("ko", "en")]
            screen.print(f"{file}:{line.number}: {' / '.join(why)}", markup=False, soft_wrap=True)
    Console().print(f"{len(lines) - refused} homes imported, {refused} refused.")
    raise typer.Exit(1 if refused else 0)


@homes.command("check-ins")
def check_ins_of(
    home: Annotated[str, typer.Argument(help="The home's id.")],
    times: Annotated[
        list[str] | None, typer.Option("--set", help='Call it then and at no other time, such as "mon,wed,fri 09:30".')
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Call it no more.")] = False,
    language: Language = "ko",
) -> None:
    """When a home is called to ask how its resident is, and what came of the last calls."""
    city, screen = City(load()), Console()
    agenda = [_weekly(text, language) for text in times or ()]
    if len(agenda) > MOST_TIMES or len({week.clock for week in agenda}) < len(agenda):
        raise typer.BadParameter(say("checkins.too_many", language, {"most": MOST_TIMES}), param_hint="--set")
    with city.db.write() as tx:
        known = people.home(tx, home)
        if known is None:
            raise typer.BadParameter(say("api.no_home", language, {"home": home}), param_hint="HOME")
        if times or none:
            check_ins.put_agenda(tx, home, known.timezone, agenda, city.clock.now())
        now, coming = check_ins.agenda_of(tx, home), check_ins.next_call_at(tx, home)
        calls = check_ins.last_calls(tx, home, 10)
    if coming is None:
        screen.print(say("checkins.none", language))
    for week in now:
        screen.print(f"{','.join(week.days)} {week.clock}", highlight=False)
    if coming is not None:
        local = coming.astimezone(ZoneInfo(known.timezone))
        screen.print(say("checkins.next", language, {"when": f"{local:%Y-%m-%d %H:%M}"}), highlight=False)
    for call in calls:
        screen.print(f"{call.day} {call.clock}  {say(f'checkins.state.{call.state}', language)}", highlight=False)


def _weekly(text: str, language: str) -> Weekly:
    days, _, clock = text.strip().rpartition(" ")
    found = weekly(clock, tuple(day.strip() for day in days.lower().split(",")))
    if found is None:
        raise typer.BadParameter(say("checkins.bad_time", language, {"text": text}), param_hint="--set")
    return found
