"""The command line: `anbu …`, one file for each family of commands."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys

import typer

from alerts.policy import PolicyError
from app.bench.detection import NothingToJudge
from app.cli import backup, bench, cases, city, demo, enrol, gateway, homes, policy, replay, tunings, whatif
from app.place import AlreadyRunning
from app.recorded import NotEmpty
from app.settings import SettingsError, unknown_variables
from gateway.claim import CannotEnrol
from gateway.recorded import RecordingError
from simulators.scenario import ScenarioError
from store.backup import BackupError
from store.database import Unavailable
from wire.session import BrokerError

app = typer.Typer(
    help="Anbu (안부) watches over people who live alone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (city, backup, demo, homes, enrol, cases, whatif, tunings, policy, gateway, replay, bench):
    commands.register(app)

# What a person can mend, said in one line.
_SPOKEN = (
    SettingsError,
    PolicyError,
    ScenarioError,
    RecordingError,
    NothingToJudge,
    BrokerError,
    AlreadyRunning,
    CannotEnrol,
    NotEmpty,
    BackupError,
    *Unavailable,
    sqlite3.Error,
    OSError,
)


def main() -> None:
    """Run one command. Exit codes: 0 done, 1 it found something wrong, 2 it could not be done."""
    logging.basicConfig(level="WARNING", format="%(levelname)s %(message)s")
    for name in unknown_variables(os.environ):
        print(f"anbu: {name} sets nothing; docs/settings.md lists every setting", file=sys.stderr)
    try:
        app()
    except _SPOKEN as error:
        text = str(error.orig if isinstance(error, Unavailable) else error).strip()
        print(f"anbu: {text}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
