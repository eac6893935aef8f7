"""`anbu demo` and `anbu simulate`: virtual homes in front of a real city."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from alerts.views import LogEntry
from app.care_ledger import show
from app.guests import Guest, invite
from app.settings import load
from app.theatre import Theatre, own_folder, write_json
from core.words import say
from simulators.scenario import Scenario, shipped
from simulators.scenario import load as load_scenario
from simulators.script import Population
from wire.broker import free_port


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(demo)
    app.command()(simulate)


def demo(
    homes: Annotated[int, typer.Option(help="How many virtual homes; the story itself needs 8.", min=1)] = 8,
    speed: Annotated[float | None, typer.Option(help="Simulated seconds for a real one.", min=1, max=2000)] = None,
    once: Annotated[bool, typer.Option("--once", help="End by itself when the story is over.")] = False,
    file: Annotated[Path | None, typer.Option("--json", help="Write the ledger here at the end.")] = None,
    language: Annotated[str, typer.Option(help="ko or en; default: your locale's.")] = "",
) -> None:
    """Run a city with simulated homes, residents, speakers and care managers, and show what it does."""
    _perform(_crowd(load_scenario("demo"), homes), speed, not once, file, language or _locale(), judge=False)


def simulate(
    scenario: Annotated[str, typer.Argument(help=f"One of {', '.join(shipped())}, or a TOML file.")],
    speed: Annotated[float | None, typer.Option(help="Simulated seconds for a real one.", min=1, max=2000)] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the ledger here.")] = None,
    language: Annotated[str, typer.Option(help="ko or en; default: your locale's.")] = "",
) -> None:
    """Play a scenario against a city of its own and compare with its expected ladder. Exit code 1 where they differ."""
    _perform(load_scenario(scenario), speed, False, file, language or _locale(), judge=True)


def _crowd(scenario: Scenario, homes: int) -> Scenario:
    """The scenario with everyday homes added, up to `homes` in all."""
    own = scenario.homes()
    if homes <= len(own):
        return scenario
    more = Population(homes - len(own), tuple(dict.fromkeys(home.area for home in own)), high_risk=0.0)
    return Scenario(scenario.name, replace(scenario.script, population=(*scenario.script.population, more)))


def _perform(
    scenario: Scenario, speed: float | None, endless: bool, file: Path | None, language: str, *, judge: bool
) -> None:
    settings = load()
    screen = Console(soft_wrap=True)
    asked_to_stop: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.append(True))
    http = _free(_here(settings.http))
    with own_folder(settings.data) as folder:
        # Its own broker and database, whatever is set: simulated homes must never reach a real city.
        theatre = Theatre(scenario, folder, http=http, speed=speed, guarded=endless)
        screen.print(
            f"[bold]Anbu[/] · {scenario.title.get(language, scenario.script.title)}: {len(scenario.homes())} homes, "
            f"{len(scenario.staff)} care managers, {theatre.speed:g} times as fast as life"
        )
        screen.print("The city starts. Ctrl-C ends it.")
        guests = invite(theatre.city.db, scenario.members(""), scenario.homes(), scenario.start) if endless else ()
        narrator = _Narrator(screen, theatre, language)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
            task = progress.add_task("the city starts", total=1.0)

            def share(part: float) -> None:
                local = theatre.city.policy.rota.calendar.local(theatre.clock.now())
                progress.update(task, completed=part, description=f"{local:%a %H:%M}")

            def ready() -> None:
                screen.print(f"Console: [bold]http://{http}/[/]")
                _tell_guests(screen, guests, language)
                screen.print(f"In another terminal, here: [bold]ANBU_DATA_DIR={folder} anbu why 1[/]", highlight=False)

            theatre.play(
                endless=endless, stop=lambda: bool(asked_to_stop), line=narrator.tell, share=share, ready=ready
            )
        record = theatre.ledger()
        if file is not None:
            write_json(file, record)
        _sum_up(screen, record)
        if "care" in record:
            show(screen, record["care"])
        problems = scenario.check(record) if judge and not asked_to_stop else []
        theatre.city.close()
    for problem in problems:
        told = problem.get(language, problem["en"])
        screen.print(f"[red]otherwise than expected:[/] {told}")
    wrong = problems or record["duplicates"] or record["open_without_deadline"]
    raise typer.Exit(1 if wrong else 0)


def _tell_guests(screen: Console, guests: Sequence[Guest], language: str) -> None:
    """Whom one can be in the console."""
    table = Table("log-in", "who", "reaches", "password", box=None)
    for guest in guests:
        it = guest.account
        reaches = it.area or it.provider or " ".join(it.homes)
        table.add_row(it.login, say(f"access.role.{it.role}", language), reaches, guest.password)
    if guests:
        screen.print(table, highlight=False)


class _Narrator:
    """Tells each line of the case log as it is written."""

    def __init__(self, screen: Console, theatre: Theatre, language: str) -> None:
        self._screen, self._city, self._language = screen, theatre.city, language

    def tell(self, entry: LogEntry) -> None:
        with self._city.db.read() as tx:
            view = self._city.desk.view(tx, entry.case)
            lines = self._city.desk.timeline(tx, entry.case, self._language)
        said = next((line.what for line in lines if line.id == entry.id), entry.key)
        local = self._city.policy.rota.calendar.local(entry.at)
        where = (view.home or view.area) if view is not None else ""
        self._screen.print(f"{local:%H:%M:%S}  #{entry.case} {where:<13} {said}", markup=False, highlight=False)


def _sum_up(screen: Console, record: dict[str, Any]) -> None:
    cases = record["cases"]
    taken = sum(case["acknowledged_at"] is not None for case in cases)
    screen.print(
        f"[bold]{len(cases)} Care Calls[/]: {taken} taken by a person, "
        f"{sum(case['state'] == 'closed' for case in cases)} closed; SOS pressed {record['sos_pressed']}, "
        f"SOS cases {record['sos_cases']}, duplicates {record['duplicates']}, "
        f"open without a deadline {record['open_without_deadline']}."
    )


def _free(http: str) -> str:
    """`http`, or another port of it where somebody else listens."""
    host, _, port = http.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError:
            return f"{host}:{free_port()}"
    return http


def _here(http: str) -> str:
    """The same port of this machine alone: a demo's passwords stand on a screen."""
    return f"127.0.0.1:{http.rpartition(':')[2]}"


def _locale() -> str:
    return "ko" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("ko") else "en"
