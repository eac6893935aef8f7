"""`anbu homes import`: the homes that an operator enrols."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from app.city import City
from app.settings import load
from core.people import Home
from core.words import say
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
