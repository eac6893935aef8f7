"""`anbu what-if` as an operator types it: a home's own past, asked about other settings."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import wall_now
from core.events import Event, Motion
from store import log
from store.database import Database
from store.people import home
from tests.stories.test_commands import HOMES, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A city with two homes; the first has moved every half hour for ten days, but for an hour and a half once."""
    shell = Shell(tmp_path, COLUMNS="200")
    (tmp_path / "homes.csv").write_text(HOMES, encoding="utf-8")
    shell.run("homes", "import", "homes.csv")
    began = wall_now() - timedelta(days=10)
    db = Database(f"sqlite:///{tmp_path / 'data' / 'anbu.db'}")
    steps = [began + timedelta(minutes=30 * n) for n in range(10 * 48)]
    entries = [
        log.Entry(Event(f"e-{n}", "gw-0001", "pir", "motion", at, Motion("kitchen"), "b1", n), "home-1", at)
        for n, at in enumerate(steps)
        if not timedelta(days=9.5) <= at - began < timedelta(days=9.5, hours=1)
    ]
    with db.write() as tx:
        log.append(tx, entries)
    db.close()
    return shell


def test_it_tells_which_alarms_come_and_go_and_changes_nothing(shell: Shell) -> None:
    words = ("what-if", "--home", "home-1", "--days", "5", "--set", "silence_ceiling_h=1", "--set", "risk=normal")
    out = shell.run(*words, "--set", "alarm_budget=0.1", "--language", "en", "--json", "found.json")
    assert "5 days replayed" in out
    assert "The limit set for this home is 1 h." in out
    found = json.loads((shell.folder / "found.json").read_text())
    assert found["changed"] == {"silence_ceiling_h": "1", "risk": "normal", "alarm_budget": "0.1"}
    assert found["after"]["delay_p95_h"] <= 1.0 < found["before"]["delay_p95_h"]
    assert (found["sooner"], len(found["added"]), found["removed"]) == (0, 1, [])
    assert "다시 돌려 보았습니다" in shell.run(*words)
    db = Database(f"sqlite:///{shell.folder / 'data' / 'anbu.db'}")
    with db.read() as tx:
        kept = home(tx, "home-1")
    db.close()
    assert kept is not None
    assert (kept.silence_ceiling_s, kept.alarm_budget, kept.risk) == (None, None, "high")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--home", "home-9", "--set", "risk=low"), "No home 'home-9' is enrolled"),
        (("--home", "home-2", "--set", "risk=low"), "the log holds nothing"),
        (("--home", "home-1", "--set", "colour=red"), "'colour=red' cannot be tried"),
        (("--home", "home-1", "--set", "gateway=gw-0009"), "cannot be tried"),
        (("--home", "home-1", "--set", "risk"), "write name=value"),
        (("--home", "home-1", "--set", "alarm_budget=99"), "from 0.1 to 20"),
        (("--home", "home-1", "--set", "silence_ceiling_h=soon"), "at most 72 hours"),
        (("--home", "home-1"), "Say what to change"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(shell: Shell, words: tuple[str, ...], said: str) -> None:
    out = shell.run("what-if", *words, "--language", "en", code=2)
    assert said in out
    assert len(out.strip().splitlines()) == 1
