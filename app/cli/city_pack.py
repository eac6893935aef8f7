"""`anbu city`: what a city offers, brought in from its pack."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from app.city import City
from app.cli.options import Language
from app.settings import load
from app.townsfolk import staff, townsfolk
from care import catalogue
from care.arrangements import set_staff, staff_of
from care.pack import load_pack, shipped
from core.care import Refused
from core.words import say
from store.people import put_member

cities = typer.Typer(help="What a city offers: its areas, services, providers, money and rules.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(cities, name="city")


@cities.callback()
def _named() -> None:
    pass  # else a lone command has no name


@cities.command("load")
def load_city(
    pack: Annotated[str, typer.Argument(help=f"A shipped pack ({', '.join(shipped())}), or a TOML file.")],
    people: Annotated[
        bool, typer.Option("--people", help="Also make up people for it: simulated ones, for a look at it.")
    ] = False,
    language: Language = "ko",
) -> None:
    """Load a city's pack, or bring a loaded one up to date. Twice is once; a bad pack changes nothing."""
    found, screen = load_pack(pack), Console(soft_wrap=True, highlight=False)
    city = City(load())
    with city.db.write() as tx:
        now = city.clock.now()
        done = catalogue.load(tx, found, now)
        made = 0
        if people and not isinstance(done, Refused):
            for member in townsfolk(found):
                put_member(tx, city.db.backend, member)
                made += 1
            for provider, workers in staff(found).items():
                for worker in workers:
                    put_member(tx, city.db.backend, worker)
                    made += 1
                there = [one.id for one in staff_of(tx, provider)]
                everybody = [*there, *(worker.id for worker in workers)]
                set_staff(tx, provider, everybody, "operator", now, trusted=there)
    if isinstance(done, Refused):
        Console(stderr=True, soft_wrap=True).print(
            say(f"care.refused.{done.code}", language, done.numbers), markup=False, highlight=False
        )
        raise typer.Exit(1)
    named = {"city": found.city.code, "version": found.city.version}
    counts = {name: getattr(done, name) for name in done.__struct_fields__}
    screen.print(say("care.pack.loaded", language, {**named, **counts}), markup=False)
    if made:
        screen.print(say("care.pack.people", language, {"members": made}), markup=False)
    at = 0 if language == "ko" else 1
    for area, code in found.uncovered():
        service = (found.services[code].ko, found.services[code].en)[at]
        screen.print(say("care.pack.uncovered", language, {"area": found.areas[area][at], "service": service}))
