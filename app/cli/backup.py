"""`anbu backup` and `anbu restore`: a city's database in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.restore import restore as restore_city
from app.settings import load
from core.clock import stopwatch_s
from store import backup as database


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(backup)
    app.command()(restore)


def backup(file: Annotated[Path, typer.Argument(help="Where to; a file that stands there is replaced.")]) -> None:
    """Copy this city's database as it is at one moment into a file; the city goes on meanwhile."""
    began_s = stopwatch_s()
    database.backup(load().database, file)
    size_mb = file.stat().st_size / 1e6
    Console(soft_wrap=True).print(f"{file}: {size_mb:.1f} MB in {stopwatch_s() - began_s:.1f} s")


def restore(file: Annotated[Path, typer.Argument(help="What `anbu backup` wrote.")]) -> None:
    """Put a backup in the place of this city's database, which is kept; the city must not run.

    Homes send again what they still keep at the city's next receipt.
    """
    began_s = stopwatch_s()
    kept, keys = restore_city(load(), file)
    former = f"; the former database is kept as {kept}" if kept else ""
    former += "" if keys else "; gateways' keys are those of the backup: revoke again what was revoked since"
    Console(soft_wrap=True).print(f"restored from {file} in {stopwatch_s() - began_s:.1f} s{former}")
