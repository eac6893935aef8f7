"""`anbu gateway`: the program in the home."""

from __future__ import annotations

import logging
import signal
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from app.settings import Settings, load, make_clock
from core.clock import Clock, SteadyClock, synchronised
from gateway.byway import Byway
from gateway.intake import dialects
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from wire.url import BrokerUrl


def register(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(gateway)


def gateway(
    id: Annotated[str, typer.Option(help="This gateway's id, as the city enrolled it; default: ANBU_GATEWAY_ID.")] = "",
    local: Annotated[str, typer.Option(help="The home's own broker; default: ANBU_GATEWAY_LOCAL.")] = "",
    city: Annotated[str, typer.Option(help="The city's broker; default: ANBU_BROKER_URL.")] = "",
    data: Annotated[Path | None, typer.Option(help="The folder of the outbox; default: ANBU_DATA_DIR.")] = None,
) -> None:
    """Run in a home until Ctrl-C: the local broker's messages become care events, kept until the city's receipt."""
    given = {"gateway_id": id, "gateway_local": local, "broker_url": city, "data_dir": str(data or "")}
    settings = msgspec.structs.replace(load(), **{name: value for name, value in given.items() if value})
    if not settings.gateway_id:
        raise typer.BadParameter("which gateway is this?", param_hint="--id")
    if not settings.broker_url:
        raise typer.BadParameter("where is the city's broker?", param_hint="--city")
    logging.getLogger().setLevel(settings.log_level)
    stop: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    path = settings.data / "gateway.db"
    outbox = Outbox(path, settings.gateway_id, room_bytes=round(settings.gateway_room_mb * 1_000_000))
    program = _program(settings, outbox)
    counted = ", ".join(f"{what} {n}" for what, n in outbox.counts().items())
    Console(stderr=True, soft_wrap=True).print(
        f"[bold]Anbu[/] gateway {settings.gateway_id} keeps {outbox.waiting()} events in {path}, boot {outbox.boot}"
        f"{'; so far ' + counted if counted else ''}; Ctrl-C ends it."
    )
    try:
        while not stop:
            program.step()
    finally:
        program.close()
        outbox.close()


def _program(settings: Settings, outbox: Outbox) -> HomeGateway:
    clock, city = make_clock(settings.clock, settings.data), BrokerUrl.parse(settings.broker_url)
    return HomeGateway(
        settings.gateway_id,
        BrokerUrl.parse(settings.gateway_local),
        city,
        outbox,
        clock,
        version=f"anbu-gateway {version('anbu')}"[:64],
        identity=settings.broker_id or None,
        heartbeat_s=settings.gateway_heartbeat_s,
        hears=dialects(settings.gateway_zigbee2mqtt),
        right=lambda: _right(clock),
        byway=_byway(settings, city),
        language=settings.gateway_language,
        command=settings.gateway_reflex_command,
        supplies=Path(settings.gateway_supplies) if settings.gateway_supplies else None,
    )


def _right(clock: Clock) -> bool | None:
    """Whether the clock counts from a moment at which it was synchronised; None: nobody says."""
    if not isinstance(clock, SteadyClock):
        return None
    return True if clock.trusted else None if synchronised() is None else False


def _byway(settings: Settings, city: BrokerUrl) -> Byway | None:
    if not settings.gateway_api:
        return None
    return Byway(settings.gateway_api, city.username or settings.gateway_id, city.password or "")
