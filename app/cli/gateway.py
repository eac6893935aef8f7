"""`anbu gateway`: the program in the home, and how it gets its key."""

from __future__ import annotations

import logging
import signal
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from app.cli.options import Language
from app.cli.pair import pair
from app.settings import Settings, load, make_clock
from app.systemd import Systemd
from core.clock import Clock, SteadyClock, synchronised
from core.words import say
from gateway import claim as claims
from gateway.byway import Byway
from gateway.dialects import Bases, dialects
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from wire.url import BrokerUrl

Data = Annotated[Path | None, typer.Option(help="The folder of outbox and key; default: ANBU_DATA_DIR.")]
gateways = typer.Typer(invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    gateways.command()(pair)
    app.add_typer(gateways, name="gateway")


@gateways.callback()
def run(
    context: typer.Context,
    id: Annotated[str, typer.Option(help="This gateway's id, where it has no key; default: ANBU_GATEWAY_ID.")] = "",
    local: Annotated[str, typer.Option(help="The home's own broker; default: ANBU_GATEWAY_LOCAL.")] = "",
    city: Annotated[str, typer.Option(help="The city's broker, without a key; default: ANBU_BROKER_URL.")] = "",
    data: Data = None,
) -> None:
    """Run in a home until Ctrl-C: the local broker's messages become care events, kept until the city's receipt.

    Who it is and where its city is it knows from its key (`anbu gateway claim`), or is told by --id and --city.
    """
    if context.invoked_subcommand is not None:
        return
    given = {"gateway_id": id, "gateway_local": local, "broker_url": city, "data_dir": str(data or "")}
    settings = msgspec.structs.replace(load(), **{name: value for name, value in given.items() if value})
    key = None if id or city else claims.load(settings.data)
    if key is not None:
        settings = msgspec.structs.replace(settings, gateway_id=key.gateway)
    if not settings.gateway_id:
        raise typer.BadParameter("which gateway is this?", param_hint="--id")
    if key is None and not settings.broker_url:
        raise typer.BadParameter("where is the city's broker?", param_hint="--city")
    logging.getLogger().setLevel(settings.log_level)
    stop: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    path = settings.data / "gateway.db"
    outbox = Outbox(path, settings.gateway_id, room_bytes=round(settings.gateway_room_mb * 1_000_000))
    program = _program(settings, outbox, key)
    keyring = None if key is None else claims.Keyring(settings.data, key)
    counted = ", ".join(f"{what} {n}" for what, n in outbox.counts().items())
    Console(stderr=True, soft_wrap=True).print(
        f"[bold]Anbu[/] gateway {settings.gateway_id} keeps {outbox.waiting()} events in {path}, boot {outbox.boot}"
        f"{'; so far ' + counted if counted else ''}; Ctrl-C ends it."
    )
    systemd = Systemd()
    systemd.ready()
    try:
        while not stop:
            program.step()
            systemd.alive()
            fresh = None if keyring is None else keyring.turn(program.uplink.connected)
            if fresh is not None:
                there = claims.broker_of(settings.data, fresh)
                program.go_to(there, _byway(settings, there, fresh))
    finally:
        systemd.stopping()
        program.close()
        outbox.close()
        if keyring is not None:
            keyring.close()


@gateways.command()
def claim(
    link: Annotated[str, typer.Argument(help="What the QR code says; in place of --city, --serial and --code.")] = "",
    city: Annotated[str, typer.Option(help="The city's API, https://…")] = "",
    serial: Annotated[str, typer.Option(help="The number on the box.")] = "",
    code: Annotated[str, typer.Option(help="The claim code that an operator was given.")] = "",
    ca: Annotated[Path | None, typer.Option(help="An authority (PEM) to trust beside the system's.")] = None,
    data: Data = None,
    language: Language = "ko",
) -> None:
    """Make this box's own key and claim its place in the city with the code of an operator."""
    linked = claims.read_link(link)
    city, serial, code = city or linked[0], serial or linked[1], code or linked[2]
    for name, value in (("--city", city), ("--serial", serial), ("--code", code)):
        if not value:
            raise typer.BadParameter("it is needed to claim", param_hint=name)
    folder = data or load().data
    key = claims.claim(folder, city, serial, code, ca.read_text() if ca else "")
    numbers = {"gateway": key.gateway, "file": str(folder / claims.FILE)}
    Console(soft_wrap=True).print(say("enrol.claimed", language, numbers), markup=False, highlight=False)


def _program(settings: Settings, outbox: Outbox, key: claims.Credential | None) -> HomeGateway:
    city = (
        BrokerUrl.parse(settings.broker_url, settings.broker_ca)
        if key is None
        else claims.broker_of(settings.data, key)
    )
    clock = make_clock(settings.clock, settings.data)
    return HomeGateway(
        settings.gateway_id,
        BrokerUrl.parse(settings.gateway_local),
        city,
        outbox,
        clock,
        version=f"anbu-gateway {version('anbu')}"[:64],
        identity=settings.broker_id or None,
        heartbeat_s=settings.gateway_heartbeat_s,
        hears=dialects(
            Bases(
                settings.gateway_zigbee2mqtt,
                settings.gateway_homeassistant,
                settings.gateway_tasmota,
                settings.gateway_shelly,
            )
        ),
        right=lambda: _right(clock),
        byway=_byway(settings, city, key),
        language=settings.gateway_language,
        command=settings.gateway_reflex_command,
        shown=settings.gateway_homeassistant.split(),
        supplies=Path(settings.gateway_supplies) if settings.gateway_supplies else None,
    )


def _right(clock: Clock) -> bool | None:
    """Whether the clock counts from a moment at which it was synchronised; None: nobody says."""
    if not isinstance(clock, SteadyClock):
        return None
    return True if clock.trusted else None if synchronised() is None else False


def _byway(settings: Settings, city: BrokerUrl, key: claims.Credential | None) -> Byway | None:
    """Who has a key knows the other way from it."""
    api, authority = (key.city, key.authority) if key is not None else (settings.gateway_api, "")
    if not api:
        return None
    return Byway(api, city.username or settings.gateway_id, city.password or "", authority)
