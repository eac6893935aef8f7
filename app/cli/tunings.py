"""`anbu tunings`: how the outcomes of cases have changed the budgets of homes."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from app.city import City
from app.cli.options import Language
from app.settings import load
from core.words import say
from store.people import home as enrolled
from store.tunings import Tuning, all_tunings


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command("tunings")(list_tunings)


def list_tunings(
    home: Annotated[str, typer.Option(help="One home only.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array instead of text.")] = False,
    language: Language = "ko",
) -> None:
    """List how outcomes have changed budgets of false alarms, the oldest change first, each with its reason."""
    city = City(load())
    with city.db.read() as tx:
        if home and enrolled(tx, home) is None:
            raise typer.BadParameter(say("whatif.no_home", language, {"home": home[:40]}), param_hint="--home")
        found = all_tunings(tx, home or None)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        return
    screen, local = Console(soft_wrap=True), city.policy.rota.calendar.local
    for tuning in found:
        screen.print(
            f"[bold]{tuning.home}[/] {local(tuning.at):%Y-%m-%d %H:%M} {tuning.before:.2f} → {tuning.after:.2f}"
        )
        screen.print(f"  · {say(tuning.reason, language, tuning.numbers)}", markup=False, highlight=False)
        screen.print(f"  · {_replayed(tuning, language)}", markup=False, highlight=False)
    if not found:
        screen.print(say("tuning.none", language))


def _replayed(tuning: Tuning, language: str) -> str:
    tried = tuning.replay
    numbers = {
        f"{name}_{side}": "–" if hours is None else f"{hours:.1f}"
        for name in ("p50", "p95")
        for side, hours in zip(("before", "after"), tried[f"delay_{name}_h"], strict=True)
    }
    counts = {"days": round(tried["days"]), "added": tried["added"], "removed": tried["removed"]}
    return say("tuning.replay", language, {**counts, **numbers})
