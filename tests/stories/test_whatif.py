"""`anbu what-if` and `anbu tunings` as an operator types them: a home's own past, and what outcomes have changed."""

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
from store.tunings import Tuning, put_tuning
from tests.stories.test_commands import HOMES, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A city with two homes; the first has moved every half hour for ten days, but for an hour and a half once."""
    shell = Shell(tmp_path, COLUMNS="200")
    (tmp_path / "homes.csv").write_text(HOMES, encoding="utf-8")
    shell.say("homes", "import", "homes.csv")
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
    out = shell.say(*words, "--set", "alarm_budget=0.1", "--language", "en", "--json", "found.json")
    assert "5 days replayed" in out
    assert "Only 5.0 days could be replayed" in out
    assert "The limit set for this home is 1 h." in out
    found = json.loads((shell.folder / "found.json").read_text())
    assert found["changed"] == {"silence_ceiling_h": "1", "risk": "normal", "alarm_budget": "0.1"}
    assert found["after"]["delay_p95_h"] <= 1.0 < found["before"]["delay_p95_h"]
    assert (found["sooner"], len(found["added"]), found["removed"]) == (0, 1, [])
    assert found["before"]["visits"] is None
    assert "다시 돌려 보았습니다" in shell.say(*words)
    db = Database(f"sqlite:///{shell.folder / 'data' / 'anbu.db'}")
    with db.read() as tx:
        kept = home(tx, "home-1")
    db.close()
    assert kept is not None
    assert (kept.silence_ceiling_s, kept.alarm_budget, kept.risk) == (None, None, "high")


def test_a_home_that_was_heard_only_now_has_nothing_to_replay(shell: Shell) -> None:
    db = Database(f"sqlite:///{shell.folder / 'data' / 'anbu.db'}")
    at = wall_now()
    with db.write() as tx:
        log.append(tx, [log.Entry(Event("f-0", "gw-0002", "pir", "motion", at, Motion("hall"), "b1", 0), "home-2", at)])
    db.close()
    assert "the log holds nothing" in shell.say(
        "what-if", "--home", "home-2", "--set", "risk=low", "--language", "en", code=2
    )


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
    out = shell.say("what-if", *words, "--language", "en", code=2)
    assert said in out
    assert len(out.strip().splitlines()) == 1


def test_what_outcomes_have_changed_is_listed_with_its_reason(shell: Shell) -> None:
    assert "No outcome has changed a budget" in shell.say("tunings", "--language", "en")
    numbers: dict[str, str | int | float] = {"days": 90, "true": 3, "false": 1, "allowed": 8.9}
    replay = {
        "days": 30.0, "learned_days": 60.0, "added": 2, "removed": 0,
        "delay_p50_h": [4.04, 3.0], "delay_p95_h": [None, 7.25],
    }  # fmt: skip
    db = Database(f"sqlite:///{shell.folder / 'data' / 'anbu.db'}")
    with db.write() as tx:
        put_tuning(tx, Tuning("home-1", wall_now(), 3.0, 4.8, 1.6, "tuning.more", numbers, replay))
    db.close()
    english = shell.say("tunings", "--home", "home-1", "--language", "en")
    assert "3.00 → 4.80" in english
    assert "In 90 days help was needed 3 times (all was well 1 times)" in english
    assert "2 alarms added, 0 removed" in english
    assert "4.0 / – become 3.0 / 7.2" in english
    assert "도움이 필요했던 일이 3번" in shell.say("tunings")
    (one,) = json.loads(shell.say("tunings", "--json"))
    assert (one["home"], one["factor"], one["replay"]["added"]) == ("home-1", 1.6, 2)
    assert "No outcome" in shell.say("tunings", "--home", "home-2", "--language", "en")
    assert "home-9" in shell.say("tunings", "--home", "home-9", code=2)
