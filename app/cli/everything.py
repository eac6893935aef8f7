"""All commands, and what each may fail with."""

from __future__ import annotations

import sqlite3

import typer

from alerts.policy import PolicyError
from app.bench.detection import NothingToJudge
from app.cli import (
    audit,
    backup,
    bench,
    cases,
    city,
    city_pack,
    demo,
    enrol,
    gateway,
    homes,
    policy,
    replay,
    research,
    tunings,
    user,
    whatif,
)
from app.place import AlreadyRunning
from app.recorded import NotEmpty
from app.settings import SettingsError
from care.pack import PackError
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
for commands in (
    city, user, audit, city_pack, backup, demo,
    homes, enrol, cases, whatif, tunings, policy, gateway, replay, research, bench,
):  # fmt: skip
    commands.register(app)

SPOKEN: tuple[type[Exception], ...] = (
    SettingsError,
    PolicyError,
    PackError,
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
"""What a person can mend, said in one line."""
