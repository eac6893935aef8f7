"""`anbu run`, `anbu check`, `anbu member add`: an operator's own commands."""

from __future__ import annotations

import signal
import ssl
from typing import Annotated

import httpx
import msgspec
import typer
from rich.console import Console

from access import accounts
from alerts.gaps import gaps
from app.anchor import FILE, WORTH_TELLING_S, anchor, off_s
from app.city import City
from app.place import Place
from app.settings import load
from app.supervisor import ROLES, Supervisor, supervise
from core.clock import stopwatch_s, wall_anchor
from core.people import AREA, Member, Reach, Role, is_canary, valid_id
from store.people import all_covers, all_homes, all_members, put_member
from wire.session import Session

callees = typer.Typer(help="People who answer Care Calls.", no_args_is_help=True)
CHANNELS = ("console", "webhook", "apprise")


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(run)
    app.command()(check)
    app.add_typer(callees, name="member")


def run(only: Annotated[str, typer.Option(help="Some of: ingest,watch,alerts,api,canary.")] = "") -> None:
    """Run this city until Ctrl-C: ingest, watch, alerts, API and canary, each in processes of its own."""
    roles = [role.strip() for role in only.split(",") if role.strip()] or list(ROLES)
    if unknown := [role for role in roles if role not in ROLES]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(ROLES)}", param_hint="--only")
    settings = load()
    stop: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    city = City(settings)  # says at once what is wrong with database or policy
    with city.db.read() as tx:
        first = not settings.api_token and not accounts.any_at_all(tx)
    city.close()
    supervisor = Supervisor(settings, roles)
    screen = Console(stderr=True)
    try:
        supervisor.start()
        place = supervisor.place
        screen.print(
            f"[bold]Anbu[/] runs in {place.folder} ({', '.join(roles)}); broker {place.broker}; Ctrl-C ends it."
        )
        if not settings.broker_url:
            screen.print(
                f"The embedded broker lets in user [bold]{place.broker.username}[/] with the password in "
                f"{place.folder / 'broker-password'}."
            )
        if "api" in roles:
            screen.print(f"Board and API: [bold]{settings.api_url}/[/]")
            if first:
                screen.print(
                    "There is no account: whoever sits at this machine may do everything. "
                    "Make the first: [bold]anbu user add LOGIN --name NAME --role admin --area CITY[/]"
                )
        code = supervise(supervisor, stop)
    finally:
        supervisor.stop()
    raise typer.Exit(code)


def check() -> None:
    """Look at settings, database, policy, broker and API, and say what is wrong. Exit code 1 where something is."""
    settings = load()
    screen = Console()
    wrong = 0

    def say(ok: bool, what: str, detail: object) -> None:
        nonlocal wrong
        wrong += not ok
        screen.print(f"[{'green' if ok else 'red'}]{'ok   ' if ok else 'WRONG'}[/] {what:<9} {detail}")

    city = City(settings)
    say(True, "settings", f"data in {city.place.folder}")
    now = wall_anchor()
    ahead_s = off_s(anchor(city.place.folder, now), now)
    say(
        abs(ahead_s) <= WORTH_TELLING_S,
        "clock",
        f"the system's is {ahead_s:.1f} s ahead of the city's, which counts on from {city.place.folder / FILE}; if the "
        "system's is right, end the city, remove that file, start it again"
        if abs(ahead_s) > WORTH_TELLING_S
        else "as the system's",
    )
    with city.db.read() as tx:
        homes, members, covers = all_homes(tx), all_members(tx), all_covers(tx)
    say(True, "database", f"{city.db.backend}, {len(homes)} homes, {len(members)} members")
    holes = gaps(city.policy, members, covers, sorted({home.area for home in homes}), city.clock.now())
    say(not holes, "policy", f"{len(holes)} gaps in the next 30 days: see `anbu policy check`" if holes else "no gap")
    session = Session(
        city.place.broker, f"anbu-{city.place.city_id}-check", persistent=False, identity=city.place.identity
    )
    until_s = stopwatch_s() + 6
    while not session.connected and stopwatch_s() < until_s:
        session.poll(0.1)
    say(
        session.connected,
        "broker",
        f"{city.place.broker}, MQTT {session.protocol}" if session.connected else "no answer",
    )
    session.disconnect()
    trust = ssl.create_default_context(cafile=settings.broker_ca or None)
    try:
        answer = httpx.get(f"{settings.api_url}/readyz", timeout=3, verify=trust)
        say(answer.status_code == 200, "api", answer.text.strip()[:300])
    except httpx.HTTPError as error:
        say(False, "api", f"{settings.api_url}: {error}")
    raise typer.Exit(1 if wrong else 0)


@callees.command("add")
def add_member(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    id: Annotated[str, typer.Option(help="A short id: a-z, 0-9 and -.")],
    area: Annotated[
        str, typer.Option(help="The area they answer for, such as gwangju/nam-gu; empty: everywhere.")
    ] = "",
    role: Annotated[Role, typer.Option(help="What they are called as.")] = Role.MANAGER,
    language: Annotated[str, typer.Option(help="ko or en.")] = "ko",
    reach: Annotated[
        list[str] | None, typer.Option(help="A channel and its address, such as webhook=https://…; in order of choice.")
    ] = None,
) -> None:
    """Add somebody who answers Care Calls, or change them."""
    if not valid_id(id):
        raise typer.BadParameter(f"{id!r} is not 3 to 64 of a-z, 0-9 and -", param_hint="--id")
    if area and AREA.fullmatch(area) is None:
        raise typer.BadParameter(f"{area!r} is not a code path such as gwangju/nam-gu", param_hint="--area")
    if language not in ("ko", "en"):
        raise typer.BadParameter("ko or en", param_hint="--language")
    if is_canary(id) or role is Role.CANARY:
        raise typer.BadParameter("this role, and ids of this kind, are the city's own programs'", param_hint="--role")
    ways: list[Reach] = []
    for text in reach or ["console"]:
        channel, _, address = text.partition("=")
        if channel not in CHANNELS:
            raise typer.BadParameter(f"{channel!r} is none of {', '.join(CHANNELS)}", param_hint="--reach")
        if channel != "console" and not address:
            raise typer.BadParameter(f"{channel} needs an address: {channel}=…", param_hint="--reach")
        ways.append(Reach(channel, address))
    member = Member(id=id, name=name, role=role, area=area, language=language, reach=tuple(ways))
    city = City(load())
    with city.db.write() as tx:
        put_member(tx, city.db.backend, member)
    Console().print(f"{name} ({id}) answers as {role} for {area or 'every area'}: {msgspec.json.encode(ways).decode()}")


def here() -> Place:
    """The folder of the city that the settings name."""
    return Place(load())
