"""The city of the simulated year: Gwangju's shape with made-up people, where no pack has brought another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.bench.year_rows import Rows, pour
from care.catalogue import rules_for
from care.rules import Rules
from core.care import gu_of
from store.database import insert_new
from store.pack_tables import budgets, instruments, packs, provider_services, provider_staff, providers, services
from store.tables import areas, members

CITY = "gwangju"
BUDGET_WON = 10_103_796_000
"""US$ 7.74 million at 1,305.4 won."""
DONGS = {"dong-gu": 13, "seo-gu": 18, "nam-gu": 17, "buk-gu": 28, "gwangsan-gu": 21}
MANAGERS = 320


class Work(NamedTuple):
    """How a service is delivered: units at a time, how often at least and at most, after how many days again, and in
    which of a worker's slots: two hours of the day (`visit`), a half day (`hours`), an evening (`evening`)."""

    units: int
    least: int
    most: int
    days: int
    slot: str
    price_won: int
    unit: str


MAIN = {"meals": 3067, "housekeeping": 2022, "companion": 1108, "medical-visit": 917}
"""Users by their first service: 7,114 in all."""
SERVICES = {
    "meals": Work(14, 8, 12, 7, "visit", 9_000, "meal"),
    "housekeeping": Work(4, 8, 12, 7, "hours", 18_000, "hour"),
    "companion": Work(4, 5, 8, 9, "hours", 17_000, "hour"),
    "medical-visit": Work(1, 7, 11, 7, "visit", 90_000, "visit"),
    "rehabilitation": Work(1, 4, 8, 7, "visit", 50_000, "visit"),
    "large-cleaning": Work(1, 1, 1, 7, "hours", 400_000, "visit"),
    "pest-control": Work(1, 1, 2, 28, "visit", 80_000, "visit"),
    "disease-prevention": Work(1, 1, 2, 28, "visit", 60_000, "visit"),
    "home-repair": Work(1, 1, 1, 7, "hours", 300_000, "visit"),
    "bathing-haircut": Work(1, 2, 4, 14, "visit", 55_000, "visit"),
    "discharge-care": Work(1, 3, 6, 1, "hours", 110_000, "day"),
    "dementia-care": Work(1, 4, 8, 4, "hours", 70_000, "day"),
    "short-shelter": Work(1, 2, 4, 1, "hours", 85_000, "day"),
    "holiday-night-care": Work(3, 2, 4, 7, "evening", 27_000, "hour"),
    "smart-home": Work(30, 1, 2, 30, "visit", 1_500, "day"),
    "emergency-care": Work(1, 1, 1, 1, "visit", 120_000, "visit"),
}
MORE = [code for code in SERVICES if code not in MAIN]
_KINDS = {"care-level": "care_level", "satisfaction": "satisfaction", "quality-of-life": "quality_of_life"}
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
    """The city as it stands in the database; what is missing of it is made up."""
    if tx.scalar(sa.select(services.c.code).where(services.c.city == CITY).limit(1)) is None:
        _stand_in(tx, now)
    for code, kind in _KINDS.items():
        if tx.scalar(sa.select(instruments.c.code).where(instruments.c.kind == kind).limit(1)) is None:
            row = {"code": code, "version": "1", "kind": kind, "body": {"code": code, "version": "1"}}
            tx.execute(sa.insert(instruments).values(**row, loaded_at=now))
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


# --- where no pack is loaded


def _stand_in(tx: Connection, now: datetime) -> None:
    pour(tx, packs, [{"city": CITY, "version": "stand-in", "loaded_at": now, "body": {"city": CITY}}])
    pour(tx, areas, list(_areas()))
    offered = [_service(code, work) for code, work in SERVICES.items()]
    pour(tx, services, offered)
    homes, links = [], []
    for id, gu, codes in _providers():
        name = {"name_ko": f"모의 {id}", "name_en": f"Simulated {id}"}
        reach = {"hook_url": None, "hook_secret": None}
        kind = "public" if codes == ["emergency-care"] else "private"
        homes.append({"id": id, "city": CITY, **name, "kind": kind, "areas": [gu], "active": True, **reach})
        links += [{"provider": id, "service": code} for code in codes]
    pour(tx, providers, homes)
    pour(tx, provider_services, links)
    pour(tx, budgets, [{"city": CITY, "year": 2023, "won": BUDGET_WON}])


def _areas() -> Iterator[dict[str, str]]:
    known = {CITY: "Gwangju"}
    for gu, dongs in DONGS.items():
        known[f"{CITY}/{gu}"] = gu
        known |= {f"{CITY}/{gu}/dong-{n:02}": f"Simulated {gu} {n}" for n in range(1, dongs + 1)}
    for code, name in known.items():
        yield {"code": code, "name_ko": f"모의 {name}", "name_en": name}


def _service(code: str, work: Work) -> dict[str, Any]:
    return {
        "city": CITY,
        "code": code,
        "name_ko": f"모의 {code}",
        "name_en": code,
        "unit": work.unit,
        "price_won": work.price_won,
        "by": "public" if code == "emergency-care" else "private",
        "hours": {"hours": "office", "evening": "off_hours", "visit": "any"}[work.slot],
        "most_units": 730,
        "active": True,
    }


def _providers() -> Iterator[tuple[str, str, list[str]]]:
    """Seven in each gu, two of the whole city, and the public one."""
    kinds = [
        ["meals"],
        ["housekeeping", "companion"],
        ["medical-visit", "rehabilitation"],
        ["meals", "bathing-haircut", "discharge-care"],
        ["large-cleaning", "pest-control", "disease-prevention", "home-repair"],
        ["housekeeping", "companion", "holiday-night-care"],
        ["dementia-care", "short-shelter"],
    ]
    places = [(f"{CITY}/{gu}", kind) for gu in DONGS for kind in kinds]
    places += [(CITY, ["smart-home"]), (CITY, ["smart-home", "home-repair"]), (CITY, ["emergency-care"])]
    for n, (gu, codes) in enumerate(places, 1):
        yield f"{CITY}-{n:02}", gu, codes


def first_services(people: int, random: Random) -> list[str]:
    """Each user's first service, in the proportions of the whole year, shuffled."""
    whole = sum(MAIN.values())
    them = [code for code, share in MAIN.items() for _ in range(round(share * people / whole))]
    them = (them + ["meals"] * people)[:people]
    random.shuffle(them)
    return them
