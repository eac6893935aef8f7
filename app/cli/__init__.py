"""The command line: `anbu …`, one file for each family of commands."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys

import typer

from app.settings import SettingsError, unknown_variables
from gateway.claim import CannotEnrol
from wire.session import BrokerError


def main() -> None:
    """Run one command. Exit codes: 0 done, 1 it found something wrong, 2 it could not be done."""
    logging.basicConfig(level="WARNING", format="%(levelname)s %(message)s")
    for name in unknown_variables(os.environ):
        print(f"anbu: {name} sets nothing; docs/settings.md lists every setting", file=sys.stderr)
    line, spoken = _line(sys.argv[1:2] == ["gateway"])
    try:
        line()
    except spoken as error:
        text = str(getattr(error, "orig", error)).strip()
        print(f"anbu: {text}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _line(at_home: bool) -> tuple[typer.Typer, tuple[type[Exception], ...]]:
    """The commands, and what a person can mend of what they fail with. The box in a home has no room for the city's."""
    if not at_home:
        from app.cli.everything import SPOKEN, app  # three times the memory

        return app, SPOKEN
    from app.cli import gateway

    app = typer.Typer(pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})
    app.callback()(lambda: None)  # else a lone command has no name
    gateway.register(app)
    return app, (SettingsError, BrokerError, CannotEnrol, sqlite3.Error, OSError)
