"""What a city's pack offers: its rules, services, providers and budgets, as they stand in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import instruments
from care.pack import Pack, unreasonable
from care.rules import Rules, merged
from core.care import Refused, city_of, gu_of
from core.people import within
from store import people
from store.database import insert_new, upsert
from store.pack_tables import budgets as budget_rows
from store.pack_tables import overrides, packs, provider_services
from store.pack_tables import providers as provider_rows
from store.pack_tables import services as service_rows
from store.tables import areas as area_rows


class City(msgspec.Struct, frozen=True):
    """A city whose pack is loaded, and how much of it is active."""

    city: str
    name_ko: str
    name_en: str
    version: str
    loaded_at: datetime
    services: int
    providers: int


class Service(msgspec.Struct, frozen=True):
    """One row of `services`. Not `active`: the pack has it no more, and nothing new of it is offered."""

    city: str
    code: str
    name_ko: str
    name_en: str
    unit: str
    price_won: int
    by: str
    hours: str
    most_units: int
    active: bool


class Provider(msgspec.Struct, frozen=True):
    """One row of `providers` with the codes of its services, sorted. `secret` signs what `hook_url` is told."""

    id: str
    city: str
    name_ko: str
    name_en: str
    kind: str
    areas: tuple[str, ...]
    services: tuple[str, ...]
    active: bool
    hook_url: str | None
    hook_secret: str | None

    def serves(self, area: str) -> bool:
        """Whether an area lies in one of its own."""
        return any(within(area, own) for own in self.areas)


class Budget(msgspec.Struct, frozen=True):
    """A city's money of one year, integer won."""

    city: str
    year: int
    won: int


class Area(msgspec.Struct, frozen=True):
    """A code path and its names."""

    code: str
    name_ko: str
    name_en: str


class Loaded(msgspec.Struct, frozen=True):
    """How much a pack has brought; `retired`: services and providers that it had before and has no more."""

    areas: int
    services: int
    providers: int
    retired: int


# --- rules


def rules_for(tx: Connection, area: str) -> Rules:
    """The rules in force in an area; the program's own where no pack is loaded."""
    body = body_of(tx, city_of(area))
    return Rules(city=city_of(area)) if body is None else merged(body, own_rules(tx, gu_of(area)))


def body_of(tx: Connection, city: str) -> Mapping[str, Any] | None:
    """What a city's pack says of rules; None: no pack of it is loaded."""
    found: Mapping[str, Any] | None = tx.scalar(sa.select(packs.c.body).where(packs.c.city == city))
    return found


def own_rules(tx: Connection, gu: str) -> dict[str, Any]:
    """What a gu has set by itself, whether its city lets it or not."""
    own = tx.execute(sa.select(overrides.c.key, overrides.c.value).where(overrides.c.area == gu))
    return {row.key: row.value for row in own}


# --- loading


def load(tx: Connection, pack: Pack, now: datetime) -> Loaded | Refused:
    """Store a pack, or bring what was stored up to date: rows change, none is deleted, and a service or a provider
    that the pack has no more becomes inactive. Hooks, staff and what districts have set stay. Twice is once.

    Refused, and nothing is stored: `provider_elsewhere`, or `override_clash` where what a gu has set makes no sense
    beside the new rules.
    """
    city = pack.city.code
    refused = _foreign(tx, pack) or _clash(tx, pack)
    if refused is not None:
        return refused
    questionnaires = instruments.load_shipped(tx, now)
    if isinstance(questionnaires, Refused):
        return questionnaires
    named = [{"code": code, "name_ko": names[0], "name_en": names[1]} for code, names in pack.areas.items()]
    _put(tx, area_rows, ["code"], named)
    body = {"city": city, "version": pack.city.version, "loaded_at": now, "body": dict(pack.body)}
    _put(tx, packs, ["city"], [body])
    retired = _retire(tx, service_rows, service_rows.c.code, city, pack.services)
    retired += _retire(tx, provider_rows, provider_rows.c.id, city, pack.providers)
    offered = [_named(one) | {"city": city, "code": code, "active": True} for code, one in pack.services.items()]
    _put(tx, service_rows, ["city", "code"], offered)
    institutions = []
    for id, one in pack.providers.items():
        row = _named(one) | {"id": id, "city": city, "areas": list(one.areas), "active": True}
        del row["services"]
        institutions.append(row)
    _put(tx, provider_rows, ["id"], institutions)
    _link(tx, {id: one.services for id, one in pack.providers.items()})
    money = [{"city": city, "year": year, "won": won} for year, won in pack.budgets.items()]
    _put(tx, budget_rows, ["city", "year"], money)
    return Loaded(len(pack.areas), len(pack.services), len(pack.providers), retired)


def _foreign(tx: Connection, pack: Pack) -> Refused | None:
    query = sa.select(provider_rows.c.id, provider_rows.c.city).where(
        provider_rows.c.id.in_(list(pack.providers)), provider_rows.c.city != pack.city.code
    )
    row = tx.execute(query.order_by(provider_rows.c.id)).first()
    return None if row is None else Refused("provider_elsewhere", {"id": row.id, "city": row.city})


def _clash(tx: Connection, pack: Pack) -> Refused | None:
    query = sa.select(overrides.c.area).distinct().order_by(overrides.c.area)
    for gu in tx.scalars(query.where(overrides.c.area.startswith(f"{pack.city.code}/", autoescape=True))).all():
        wrong = unreasonable(merged(pack.body, own_rules(tx, gu)))
        if wrong is not None:
            return Refused("override_clash", {"area": gu, "rule": wrong[0], "most": wrong[1]})
    return None


def _named(one: Any) -> dict[str, Any]:
    row = msgspec.structs.asdict(one)
    return row | {"name_ko": row.pop("ko"), "name_en": row.pop("en")}


def _put(tx: Connection, table: sa.Table, keys: list[str], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    rows = [{name: value for name, value in row.items() if name in table.c} for row in rows]
    tx.execute(upsert(table, tx.dialect.name, keys, [name for name in rows[0] if name not in keys]), rows)


def _retire(tx: Connection, table: sa.Table, code: sa.Column[Any], city: str, kept: Iterable[str]) -> int:
    gone = sa.and_(table.c.city == city, table.c.active, code.not_in(list(kept)))
    return tx.execute(sa.update(table).where(gone).values(active=False)).rowcount


def _link(tx: Connection, offered: Mapping[str, Iterable[str]]) -> None:
    # A link has no life of its own: what was ordered names its service itself.
    links = provider_services
    wanted = {(provider, service) for provider, services in offered.items() for service in services}
    stood = {
        (row.provider, row.service) for row in tx.execute(sa.select(links).where(links.c.provider.in_(list(offered))))
    }
    for provider, service in sorted(stood - wanted):
        tx.execute(sa.delete(links).where(links.c.provider == provider, links.c.service == service))
    if fresh := [{"provider": provider, "service": service} for provider, service in sorted(wanted - stood)]:
        tx.execute(insert_new(links, tx.dialect.name), fresh)


# --- reading


def cities(tx: Connection) -> list[City]:
    """The cities whose packs are loaded, by code."""
    names = people.area_names(tx)
    found = []
    for row in tx.execute(sa.select(packs.c.city, packs.c.version, packs.c.loaded_at).order_by(packs.c.city)).all():
        korean, english = names.get(row.city, (row.city, row.city))
        offered, institutions = _active(tx, service_rows, row.city), _active(tx, provider_rows, row.city)
        found.append(City(row.city, korean, english, row.version, row.loaded_at, offered, institutions))
    return found


def _active(tx: Connection, table: sa.Table, city: str) -> int:
    mine = sa.and_(table.c.city == city, table.c.active)
    return tx.scalar(sa.select(sa.func.count()).select_from(table).where(mine)) or 0


def services(tx: Connection, city: str) -> list[Service]:
    """What a city offers, by code."""
    mine = sa.and_(service_rows.c.city == city, service_rows.c.active)
    rows = tx.execute(sa.select(service_rows).where(mine).order_by(service_rows.c.code))
    return [Service(**row._mapping) for row in rows]


def service(tx: Connection, city: str, code: str) -> Service | None:
    """One service, active or not; None: the city never had it."""
    mine = sa.and_(service_rows.c.city == city, service_rows.c.code == code)
    row = tx.execute(sa.select(service_rows).where(mine)).first()
    return None if row is None else Service(**row._mapping)


def providers(tx: Connection, city: str, service: str = "", area: str = "") -> list[Provider]:
    """The active providers of a city, by id: of a service that is active, and of an area, where these are given."""
    query = sa.select(provider_rows).where(provider_rows.c.city == city, provider_rows.c.active)
    if service:
        links = provider_services
        offered = sa.and_(
            links.c.service == service_rows.c.code, service_rows.c.city == city, service_rows.c.active
        )  # fmt: skip
        these = sa.select(links.c.provider).join(service_rows, offered).where(links.c.service == service)
        query = query.where(provider_rows.c.id.in_(these))
    found = _providers(tx, query.order_by(provider_rows.c.id))
    return [one for one in found if not area or one.serves(area)]


def provider(tx: Connection, id: str) -> Provider | None:
    """One provider, active or not; None: there never was one of that id."""
    return next(iter(_providers(tx, sa.select(provider_rows).where(provider_rows.c.id == id))), None)


def _providers(tx: Connection, query: sa.Select[Any]) -> list[Provider]:
    rows = tx.execute(query).mappings().all()
    links: dict[str, list[str]] = {row["id"]: [] for row in rows}
    known = sa.select(provider_services).where(provider_services.c.provider.in_(list(links)))
    for link in tx.execute(known.order_by(provider_services.c.service)):
        links[link.provider].append(link.service)
    return [
        Provider(**{**row, "areas": tuple(row["areas"])}, services=tuple(links[row["id"]])) for row in rows
    ]  # fmt: skip


def budgets(tx: Connection, city: str = "") -> list[Budget]:
    """The yearly budgets of a city, or of all."""
    query = sa.select(budget_rows).order_by(budget_rows.c.city, budget_rows.c.year)
    return [Budget(**row._mapping) for row in tx.execute(query.where(budget_rows.c.city == city) if city else query)]


def areas_under(tx: Connection, under: str = "") -> list[Area]:
    """The areas that have a name, `under` itself among them, by code."""
    query = sa.select(area_rows).where(area_rows.c.name_ko != area_rows.c.code).order_by(area_rows.c.code)
    if under:
        below = area_rows.c.code.startswith(f"{under}/", autoescape=True)
        query = query.where(sa.or_(area_rows.c.code == under, below))
    return [Area(**row._mapping) for row in tx.execute(query)]


def area_known(tx: Connection, area: str) -> bool:
    """Whether a pack has named it. A home brings its area along, too, and nobody has named that one yet."""
    named = sa.and_(area_rows.c.code == area, area_rows.c.name_ko != area_rows.c.code)
    return tx.scalar(sa.select(area_rows.c.code).where(named)) is not None
