"""`anbu enrol` and `anbu broker init`: which gateways may speak, and the accounts of the broker they speak to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.console import Console

from app.city import City
from app.cli.options import Language
from app.settings import SettingsError, load
from core.signals import Evidence
from core.words import LANGUAGES, say
from store import gateways
from wire import dynsec

broker = typer.Typer(help="The broker's own lock.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(enrol)
    app.add_typer(broker, name="broker")


def enrol(
    gateway: Annotated[str, typer.Argument(help="The gateway's id; without one, every gateway is listed.")] = "",
    serial: Annotated[str, typer.Option(help="The number on the box; default: the id.")] = "",
    again: Annotated[bool, typer.Option("--again", help="A new claim code for a gateway that is registered.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Its key is worth nothing from now on.")] = False,
    by: Annotated[str, typer.Option(help="Who does this.")] = "operator",
    language: Language = "ko",
) -> None:
    """Register a gateway and print its claim code, good once, as text and as a QR code."""
    settings = load()
    city = City(settings)
    screen, now = Console(soft_wrap=True), city.clock.now()
    if not gateway:
        _list(city, screen, language)
        return
    with city.db.write() as tx:
        done: str | Evidence | None
        if revoke:
            done = gateways.revoke(tx, gateway, by, now)
        elif again:
            done = gateways.new_code(tx, gateway, by, now)
        else:
            done = gateways.register(tx, gateway, serial, by, now)
        row = gateways.gateway(tx, gateway)
    if isinstance(done, Evidence) or row is None:
        assert isinstance(done, Evidence)
        words = [say(done.key, language, done.numbers) for language in LANGUAGES]
        raise typer.BadParameter(" / ".join(words), param_hint="GATEWAY")
    if done is None:
        screen.print(say("enrol.revoked", language, {"id": gateway}), markup=False, highlight=False)
        return
    until = city.policy.rota.calendar.local(row.code_expires_at or now)
    numbers = {"id": row.id, "serial": row.serial, "code": done, "until": f"{until:%Y-%m-%d %H:%M}"}
    screen.print(say("enrol.code", language, numbers), markup=False, highlight=False)
    link = gateways.claim_link(settings.public_url or settings.api_url, row.serial, done)
    screen.print(link, markup=False, highlight=False)
    segno.make(link, micro=False).terminal(compact=True)


def _list(city: City, screen: Console, language: str) -> None:
    with city.db.read() as tx:
        known = gateways.all_gateways(tx)
        told = {gateway.id: gateways.history(tx, gateway.id) for gateway in known}
    local = city.policy.rota.calendar.local
    for gateway in known:
        state = "revoked" if gateway.revoked_at else "admitted" if gateway.admitted else "waiting"
        screen.print(f"{gateway.id} ({gateway.serial}): {say(f'enrol.state.{state}', language)}", markup=False)
        for change in told[gateway.id]:
            what = say(f"enrol.log.{change.what}", language)
            screen.print(f"  {local(change.at):%Y-%m-%d %H:%M} {what} ({change.who})", markup=False, highlight=False)
    if not known:
        screen.print(say("enrol.none", language))


@broker.command("init")
def init_broker(
    file: Annotated[Path, typer.Argument(help="dynamic-security.json, where the broker's configuration names it.")],
    replace: Annotated[bool, typer.Option("--replace", help="Although the file exists.")] = False,
) -> None:
    """Write the accounts of a Mosquitto that has none, or has lost them: the city's, and every admitted gateway's.

    The city's password is the one in ANBU_BROKER_URL. Stop the broker first: it reads the file at its start.
    """
    city = City(load())
    url = city.place.broker
    if url.username != dynsec.CITY or not url.password:
        raise SettingsError(f"ANBU_BROKER_URL names the city's account: mqtts://{dynsec.CITY}:password@host")
    if file.exists() and not replace:
        raise FileExistsError(f"{file} exists; --replace writes it anew")
    with city.db.read() as tx:
        admitted = {gateway.id: gateway.secret for gateway in gateways.all_gateways(tx) if gateway.admitted}
    body = dynsec.first_file(
        gateways.hash_secret(url.password), {id: secret for id, secret in admitted.items() if secret is not None}
    )
    fresh = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(body)
    fresh.replace(file)
    Console().print(f"{file}: the account {dynsec.CITY} and {len(admitted)} gateways. It must belong to the broker.")
