"""A city's pack over HTTP: where it is, what is offered, by whom and by which rules, and what may be arranged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints
from sqlalchemy.engine import Connection

from api.care_shapes import Area, Offset, PageSize, Signed, change, must
from api.cases import REFUSED, UNKNOWN
from api.city import Here
from api.once import IdempotencyKey
from api.shapes import Sentence
from care import arrangements, catalogue, offices
from care.rules import Rules
from core.care import Refused, city_of, gu_of
from core.people import AREA, ID
from store.tables import members

router = APIRouter(prefix="/api/care", tags=["care"])
Id = Annotated[str, StringConstraints(pattern=f"^{ID.pattern}$")]
ProviderId = Annotated[str, Path(pattern=f"^{ID.pattern}$")]
Code = Annotated[str, Query(max_length=64, pattern="^[a-z0-9-]*$")]
CityCode = Annotated[str, Query(max_length=64, pattern="^[a-z0-9-]+$")]
Somewhere = Annotated[str, Query(max_length=200, pattern=f"^({AREA.pattern})?$", description="A code path.")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,50}\.[a-z_]{1,50}$")]


class CityOut(BaseModel):
    """A city whose pack is loaded."""

    city: str
    name: Sentence
    version: str
    loaded_at: datetime
    services: int = Field(description="That are active.")
    providers: int = Field(description="That are active.")


class ServiceOut(BaseModel):
    """What a city offers."""

    city: str
    code: str
    name: Sentence
    unit: Literal["visit", "hour", "meal", "day", "trip"]
    unit_name: Sentence
    price_won: int = Field(description="For one unit.")
    by: Literal["private", "public"]
    by_name: Sentence
    hours: Literal["any", "office", "off_hours"] = Field(description="`off_hours`: nights, weekends, public holidays.")
    hours_name: Sentence
    most_units: int = Field(description="In one item of a plan.")


class ProviderOut(BaseModel):
    """Who delivers. Its hook's secret is told to nobody."""

    id: str
    city: str
    name: Sentence
    kind: Literal["private", "public"]
    areas: list[str] = Field(description="Code paths: it serves everywhere below them.")
    services: list[str]
    active: bool
    hook_url: str | None

    @classmethod
    def of(cls, one: catalogue.Provider) -> ProviderOut:
        known = {name: getattr(one, name) for name in ("id", "city", "kind", "active", "hook_url")}
        return cls(**known, name=_name(one), areas=list(one.areas), services=list(one.services))


class AreaOut(BaseModel):
    code: str
    name: Sentence


class BudgetOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    city: str
    year: int
    won: int


class FollowUpOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    instrument: str
    first_days: int
    again_days: int | None


class OverrideOut(BaseModel):
    """What a gu has set by itself."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    value: int
    at: datetime
    by: str
    in_force: bool = Field(description="False: its city lets it no more.")


class RulesOut(BaseModel):
    """The rules in force in an area, and what its gu has set by itself."""

    city: str
    gu: str
    timezone: str
    care_level: str
    stages: dict[str, int] = Field(description="Hours.")
    deadlines: dict[str, int] = Field(description="Hours.")
    visits: dict[str, int] = Field(description="Days; `silences` is a number of them.")
    follow_ups: list[FollowUpOut]
    city_percent: int
    floor: int
    overridable: list[str]
    overrides: list[OverrideOut]

    @classmethod
    def of(cls, tx: Connection, gu: str, rules: Rules) -> RulesOut:
        sections: dict[str, Any] = {
            name: {key: getattr(section, key) for key in section.__struct_fields__}
            for name, section in (("stages", rules.stages), ("deadlines", rules.deadlines), ("visits", rules.visits))
        }
        same = {name: getattr(rules, name) for name in ("city", "timezone", "care_level", "city_percent", "floor")}
        return cls(
            **same,
            **sections,
            gu=gu,
            follow_ups=[FollowUpOut.model_validate(one) for one in rules.follow_ups],
            overridable=list(rules.overridable),
            overrides=[OverrideOut.model_validate(one) for one in arrangements.overrides_of(tx, gu)],
        )


class OverrideIn(Signed):
    area: Area = Field(description="A gu, such as gwangju/nam-gu.")
    key: Key = Field(description="One that the city marks as overridable, such as deadlines.order.")
    value: StrictInt | None = Field(description="Null: as its city again.")


class StaffIn(Signed):
    members: Annotated[list[Id], Field(max_length=1000)] = Field(
        description="All who deliver for it: those of before are no more."
    )


class StaffMember(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    active: bool


class StaffOut(BaseModel):
    provider: str
    members: list[StaffMember]


class HookIn(Signed):
    url: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        description="http or https, without a password; null: it is told nothing any more."
    )
    secret: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="16 to 200 letters, digits and signs; it signs what is told."
    )


@router.get("/cities")
def list_cities(city: Here, limit: PageSize = 50, offset: Offset = 0) -> list[CityOut]:
    """The cities whose packs are loaded."""
    with city.db.read() as tx:
        found = catalogue.cities(tx)[offset : offset + limit]
    names = ("city", "version", "loaded_at", "services", "providers")
    return [CityOut(**{name: getattr(one, name) for name in names}, name=_name(one)) for one in found]


@router.get("/services", responses=UNKNOWN)
def list_services(here: Here, city: CityCode, limit: PageSize = 50, offset: Offset = 0) -> list[ServiceOut]:
    """What a city offers."""
    with here.db.read() as tx:
        must(_loaded(tx, city))
        found = catalogue.services(tx, city)[offset : offset + limit]
    return [_service(one) for one in found]


@router.get("/providers", responses=UNKNOWN)
def list_providers(
    here: Here,
    city: CityCode,
    service: Code = "",
    area: Somewhere = "",
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[ProviderOut]:
    """The active providers of a city: of a service, and of an area, where these are given."""
    with here.db.read() as tx:
        must(_loaded(tx, city))
        if service:
            known = catalogue.service(tx, city, service)
            must(known if known is not None and known.active else Refused("unknown_service", {"id": service}))
        if area:
            must(None if catalogue.area_known(tx, area) else Refused("unknown_area", {"id": area}))
        found = catalogue.providers(tx, city, service, area)[offset : offset + limit]
    return [ProviderOut.of(one) for one in found]


@router.get("/areas")
def list_areas(here: Here, under: Somewhere = "", limit: PageSize = 50, offset: Offset = 0) -> list[AreaOut]:
    """The areas that have a name, by code."""
    with here.db.read() as tx:
        found = catalogue.areas_under(tx, under)[offset : offset + limit]
    return [AreaOut(code=one.code, name=_name(one)) for one in found]


@router.get("/budgets")
def list_budgets(here: Here, city: Code = "", limit: PageSize = 50, offset: Offset = 0) -> list[BudgetOut]:
    """The yearly budgets of a city, or of all, in won."""
    with here.db.read() as tx:
        found = [one for one in catalogue.budgets(tx, city) if here.has_city(one.city)][offset : offset + limit]
    return [BudgetOut.model_validate(one) for one in found]


@router.get("/rules", responses=UNKNOWN)
def read_rules(
    here: Here, area: Annotated[str, Query(min_length=1, max_length=200, pattern=f"^{AREA.pattern}$")]
) -> RulesOut:
    """The rules in force in an area."""
    with here.db.read() as tx:
        must(_loaded(tx, city_of(area)))
        must(None if catalogue.area_known(tx, gu_of(area)) else Refused("unknown_area", {"id": area}))
        return RulesOut.of(tx, gu_of(area), catalogue.rules_for(tx, area))


@router.put("/rules", response_model=RulesOut, responses=REFUSED)
def put_rule(here: Here, asked: OverrideIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """A gu sets one rule by itself, of those that its city lets it."""

    def deed(tx: Connection, now: datetime) -> Any:
        if here.reach(asked.area) != asked.area:
            raise here.no_area(asked.area)
        allowed = offices.answers_for(tx, asked.by, asked.area)
        if isinstance(allowed, Refused):
            return allowed
        done = arrangements.put_override(tx, asked.area, asked.key, asked.value, asked.by, now)
        return done if isinstance(done, Refused) else RulesOut.of(tx, asked.area, done)

    return change(here, idempotency_key, "care/rules", asked, deed)


@router.get("/providers/{id}/staff", responses=UNKNOWN)
def read_staff(here: Here, id: ProviderId) -> StaffOut:
    """Who delivers for a provider."""
    with here.db.read() as tx:
        must(catalogue.provider(tx, id) or Refused("unknown_provider", {"id": id}))
        return _staff(tx, id)


@router.put("/providers/{id}/staff", response_model=StaffOut, responses=REFUSED)
def put_staff(here: Here, id: ProviderId, asked: StaffIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """These members, of role worker, deliver for a provider, and nobody else."""

    def deed(tx: Connection, now: datetime) -> Any:
        if (refused := _may_arrange(tx, asked.by, id)) is not None:
            return refused
        for member in asked.members:
            if not here.actor.system and not _of_city(tx, member, id):
                return Refused("unknown_member", {"id": member})
        done = arrangements.set_staff(tx, id, asked.members, asked.by, now)
        return done if isinstance(done, Refused) else _staff(tx, id)

    return change(here, idempotency_key, f"care/providers/{id}/staff", asked, deed)


@router.put("/providers/{id}/hook", response_model=ProviderOut, responses=REFUSED)
def put_hook(here: Here, id: ProviderId, asked: HookIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Where a provider's own software is told of its orders: never an address of our own insides."""

    def deed(tx: Connection, now: datetime) -> Any:
        if (refused := _may_arrange(tx, asked.by, id)) is not None:
            return refused
        done = arrangements.put_hook(tx, id, asked.url, asked.secret, asked.by, now)
        return done if isinstance(done, Refused) else ProviderOut.of(done)

    return change(here, idempotency_key, f"care/providers/{id}/hook", asked, deed)


def _may_arrange(tx: Connection, by: str, id: str) -> Refused | None:
    """Whose a provider's own arrangements are: its staff's, and the offices' of its city."""
    found = catalogue.provider(tx, id)
    if found is None:
        return Refused("unknown_provider", {"id": id})
    return offices.speaks_for(tx, by, id, found.city)


def _of_city(tx: Connection, member: str, provider: str) -> bool:
    """Whether a member is of the city of a provider: none of another's can be made to work there."""
    area = tx.scalar(sa.select(members.c.area).where(members.c.id == member))
    found = catalogue.provider(tx, provider)
    return area is None or found is None or city_of(area) == found.city


def _loaded(tx: Connection, city: str) -> Refused | None:
    return Refused("unknown_city", {"id": city}) if catalogue.body_of(tx, city) is None else None


def _staff(tx: Connection, provider: str) -> StaffOut:
    found = arrangements.staff_of(tx, provider)
    return StaffOut(provider=provider, members=[StaffMember.model_validate(one) for one in found])


def _service(one: catalogue.Service) -> ServiceOut:
    same: dict[str, Any] = {
        name: getattr(one, name) for name in ("city", "code", "unit", "price_won", "by", "hours", "most_units")
    }
    words: dict[str, Any] = {
        f"{name}_name": Sentence.words(f"care.{name}.{same[name]}") for name in ("unit", "by", "hours")
    }
    return ServiceOut(**same, **words, name=_name(one))


def _name(one: Any) -> Sentence:
    return Sentence(ko=one.name_ko, en=one.name_en)
