"""The city of the simulated year: the shipped pack of Gwangju, with made-up people."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.bench.year_rows import Rows
from care import catalogue
from care.catalogue import rules_for
from care.pack import load_pack
from care.rules import Rules
from core.care import Refused, gu_of
from core.words import say
from store.database import insert_new
from store.pack_tables import provider_services, provider_staff, providers, services
from store.tables import areas, members

CITY = "gwangju"
MANAGERS = 320


class Work(NamedTuple):
    """How a service is delivered: units at a time, how often at least and at most, after how many days again, and in
    which of a worker's slots: two hours of the day (`visit`), a half day (`hours`), an evening (`evening`)."""

    units: int
    least: int
    most: int
    days: int
    slot: str


MAIN = {"meals": 3067, "housekeeping": 2022, "companion": 1108, "medical-visit": 917}
"""Users by their first service: 7,114 in all."""
SERVICES = {
    "meals": Work(14, 8, 12, 7, "visit"),
    "housekeeping": Work(4, 8, 12, 7, "hours"),
    "companion": Work(4, 5, 8, 9, "hours"),
    "medical-visit": Work(1, 7, 11, 7, "visit"),
    "rehabilitation": Work(1, 4, 8, 7, "visit"),
    "large-cleaning": Work(1, 1, 1, 7, "hours"),
    "pest-control": Work(1, 1, 2, 28, "visit"),
    "disease-prevention": Work(1, 1, 2, 28, "visit"),
    "home-repair": Work(1, 1, 1, 7, "hours"),
    "bathing-haircut": Work(1, 2, 4, 14, "visit"),
    "discharge-care": Work(1, 3, 6, 1, "hours"),
    "dementia-care": Work(1, 4, 8, 4, "hours"),
    "short-shelter": Work(1, 2, 4, 1, "hours"),
    "holiday-night-care": Work(3, 2, 4, 7, "evening"),
    "smart-home": Work(30, 1, 2, 30, "visit"),
    "emergency-care": Work(1, 1, 1, 1, "visit"),
}
MORE = [code for code in SERVICES if code not in MAIN]
_MEMBER = {"language": "ko", "active": True}


class Place(NamedTuple):
    """What the year's lives need to know of their city."""

    dongs: list[str]
    prices: dict[str, int]
    offering: dict[tuple[str, str], list[str]]
    """(service, gu) -> providers."""
    managers: dict[str, list[str]]
    """dong -> its care managers."""
    chiefs: dict[str, list[str]]
    """gu -> three who judge its claims."""
    rules: Rules


def settle(tx: Connection, managers: int, now: datetime) -> Place:
    """The city of the shipped pack, with made-up people. Raises ValueError where the pack can't be loaded here."""
    loaded = catalogue.load(tx, load_pack(CITY), now)
    if isinstance(loaded, Refused):
        raise ValueError(say(f"care.refused.{loaded.code}", "en", loaded.numbers))
    codes = tx.scalars(sa.select(areas.c.code).where(areas.c.code.like(f"{CITY}/%/%")).order_by(areas.c.code))
    dongs = list(codes)
    named = tx.execute(sa.select(services.c.code, services.c.price_won).where(services.c.city == CITY))
    prices = {code: price for code, price in named if code in SERVICES}
    offering: dict[tuple[str, str], list[str]] = defaultdict(list)
    query = sa.select(providers.c.id, providers.c.areas, provider_services.c.service)
    query = query.join(provider_services, provider_services.c.provider == providers.c.id)
    for id, served, service in tx.execute(query.where(providers.c.city == CITY).order_by(providers.c.id)):
        for gu in sorted({gu_of(dong) for dong in dongs}):
            if any(gu == area or area == CITY for area in served):
                offering[service, gu].append(id)
    return Place(dongs, prices, offering, *_people(tx, dongs, managers), rules_for(tx, CITY))


def _people(tx: Connection, dongs: list[str], count: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Care managers over the dongs, and three chiefs for each gu."""
    by_dong: dict[str, list[str]] = defaultdict(list)
    rows: list[dict[str, Any]] = []
    for n in range(max(count, len(dongs))):
        dong, id = dongs[n % len(dongs)], f"year-manager-{n + 1:03}"
        by_dong[dong].append(id)
        rows.append(_member(id, f"모의 담당 {n + 1}", "manager", dong))
    chiefs: dict[str, list[str]] = {}
    for gu in sorted({gu_of(dong) for dong in dongs}):
        name = gu.rpartition("/")[2]
        chiefs[gu] = [f"year-{name}-{n}" for n in (1, 2, 3)]
        rows += [_member(id, f"모의 {id}", "supervisor", gu) for id in chiefs[gu]]
    tx.execute(insert_new(members, tx.dialect.name), rows)
    return by_dong, chiefs


def _member(id: str, name: str, role: str, area: str) -> dict[str, Any]:
    reach = [{"channel": "console", "address": ""}]
    return {"id": id, "name": name, "role": role, "area": area, "reach": reach, **_MEMBER}


def workers(staff: dict[str, str], rows: Rows) -> None:
    """The workers whom the year's visits needed: id -> provider."""
    for n, (id, provider) in enumerate(sorted(staff.items()), 1):
        rows.add(members, _member(id, f"모의 제공인력 {n}", "worker", CITY))
        rows.add(provider_staff, {"member": id, "provider": provider})


def first_services(people: int, random: Random) -> list[str]:
    """Each user's first service, in the proportions of the whole year, shuffled."""
    whole = sum(MAIN.values())
    them = [code for code, share in MAIN.items() for _ in range(round(share * people / whole))]
    them = (them + ["meals"] * people)[:people]
    random.shuffle(them)
    return them
