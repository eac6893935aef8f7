"""Made-up people for a city that only runs to be looked at: care managers, gu offices, and providers' staff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from care.pack import Pack
from core.people import Member, Reach, Role

STAFF = 2  # of each provider
CONSOLE = (Reach("console"),)


def townsfolk(pack: Pack) -> list[Member]:
    """As many managers as the pack says, spread evenly over its dong; a supervisor and somebody on duty for each gu.

    Their names say that they are simulated, and their ids begin with `sim-`.
    """
    return [*_managers(pack), *_offices(pack)]


def staff(pack: Pack) -> Mapping[str, list[Member]]:
    """The workers of each provider, by its id."""
    return {id: [_worker(pack, id, number) for number in range(1, STAFF + 1)] for id in pack.providers}


def _managers(pack: Pack) -> Iterator[Member]:
    dongs, code = pack.dongs, pack.city.code
    for number in range(pack.simulated.managers):
        area = dongs[number * len(dongs) // pack.simulated.managers]
        name = f"모의 {pack.areas[area][0]} 담당 {number + 1:03}"
        yield Member(f"sim-{code}-m{number + 1:03}", name, Role.MANAGER, area, reach=CONSOLE)


def _offices(pack: Pack) -> Iterator[Member]:
    for gu in pack.gus:
        names, code = pack.areas[gu], gu.replace("/", "-")
        yield Member(f"sim-{code}-s", f"모의 {names[0]} 팀장", Role.SUPERVISOR, gu, reach=CONSOLE)
        yield Member(f"sim-{code}-d", f"모의 {names[0]} 당직", Role.DUTY, gu, reach=CONSOLE)


def _worker(pack: Pack, provider: str, number: int) -> Member:
    name = f"{pack.providers[provider].ko} {number}번"
    name = name if name.startswith("모의") else f"모의 {name}"
    return Member(f"sim-{provider}-w{number}", name, Role.WORKER, pack.city.code, reach=CONSOLE)
