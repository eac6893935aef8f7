"""`anbu bench …`: how fast, measured, as ratios in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from app.bench.load import measure, table
from app.theatre import write_json

benches = typer.Typer(help="Benchmarks; compare their ratios, machines are noisy.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(benches, name="bench")


@benches.callback()
def _benches() -> None:
    """Keeps `bench load` a command of its own while it is the only one."""


@benches.command()
def load(
    events: Annotated[int, typer.Option(help="Single-event messages a round.", min=1000)] = 40_000,
    presses: Annotated[int, typer.Option(help="SOS presses, idle and again under load.", min=20)] = 300,
    rounds: Annotated[int, typer.Option(help="Rounds, bare and whole in turn; the median counts.", min=1)] = 3,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Events a second through the whole path beside paho's bare rate, and SOS to committed case, idle and loaded.

    Starts a Mosquitto of its own, and a city on SQLite in a folder of its own.
    """
    screen = Console()
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("bench", total=2 * rounds + 2)
        figures = measure(events, presses, rounds, step=lambda what: progress.update(task, advance=1, description=what))
    screen.print(table(figures))
    if file is not None:
        write_json(file, figures)
