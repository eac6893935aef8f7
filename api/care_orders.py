"""Orders over HTTP: what is offered to providers, what they answer, and what nobody has taken yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.care_shapes import Area, In, Name, Number, Offset, PageSize, Signed, change, must
from api.cases import REFUSED, UNKNOWN
from api.city import City, Here
from api.once import IdempotencyKey
from api.shapes import STORABLE
from care import linkage, offices, persons
from care.order import Order, State
from core.care import Refused
from store.care_tables import episodes, orders
from store.care_tables import persons as person_rows
from store.columns import below

router = APIRouter(prefix="/api/care", tags=["care"])
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=STORABLE)]
Below = Annotated[Area | None, Query(description="This area and all below it.")]
OrderState = Literal["offered", "accepted", "done", "declined", "lapsed", "cancelled"]


class OfferIn(Signed):
    """An item of an agreed plan, and the provider that is to deliver it."""

    item: Id
    provider: Name


class SaidIn(Signed):
    """Who says so."""


class BecauseIn(Signed):
    reason: Reason


class FinishIn(Signed):
    reason: Annotated[Reason | None, Field(description="Needed where units are missing after the order's end.")] = None


class OrderOut(BaseModel):
    """One order. `units` were ordered, `recorded` are those that records hold; `price_won` is for one."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    episode: int
    item: int
    person: str
    name: str | None = Field(None, description="The person's, for whoever may see them; null: not told.")
    area: str
    service: str
    provider: str
    units: int
    recorded: int
    price_won: int
    start: datetime
    end: datetime
    state: OrderState
    owner: str
    due_at: datetime | None
    offered_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    exercise: bool

    @classmethod
    def of(cls, it: Order, recorded: int) -> OrderOut:
        known = {name: getattr(it, name) for name in it.__struct_fields__}
        return cls(**known | {"state": it.state.value, "recorded": recorded})


class UnplacedOut(BaseModel):
    """An item of an agreed plan that no provider has; `last`: what became of its last order."""

    model_config = ConfigDict(from_attributes=True)

    item: int
    episode: int
    person: str
    name: str = ""
    area: str
    service: str
    units: int
    start: datetime
    end: datetime
    owner: str
    due_at: datetime
    last: OrderState | None
    exercise: bool


def shown(tx: Connection, *found: Order) -> list[OrderOut]:
    """Orders with what is recorded of them."""
    units = linkage.recorded(tx, [it.id for it in found])
    return [OrderOut.of(it, units[it.id]) for it in found]


@router.post("/orders", response_model=OrderOut, responses=REFUSED)
def offer(city: Here, said: OfferIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Offer an item of the agreed plan to a provider, at the price of today."""

    def deed(tx: Connection, now: datetime) -> OrderOut | Refused:
        city.must_see(tx, Kind.PLAN_ITEM, said.item)
        city.must_see(tx, Kind.PROVIDER, said.provider)
        return _out(tx, linkage.offer(tx, said.item, said.provider, said.by, now))

    return change(city, idempotency_key, "care/orders", said, deed)


@router.get("/orders")
def list_orders(
    city: Here,
    provider: Annotated[Name | None, Query()] = None,
    state: OrderState | None = None,
    area: Below = None,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[OrderOut]:
    """Orders, what is due first on top, closed ones last."""
    where = [below(orders.c.area, area or ""), city.only(Kind.ORDER, orders.c.id)]
    if provider is not None:
        where.append(orders.c.provider == provider)
    if state is not None:
        where.append(orders.c.state == State(state).value)
    with city.db.read() as tx:
        found = shown(tx, *linkage.select(tx, *where, limit=limit, offset=offset))
        return _named(city, tx, found)


@router.get("/orders/{id}", responses=UNKNOWN)
def read_order(city: Here, id: Number) -> OrderOut:
    """One order."""
    with city.db.read() as tx:
        return _named(city, tx, shown(tx, must(linkage.read(tx, id))))[0]


@router.post("/orders/{id}/accept", response_model=OrderOut, responses=REFUSED)
def accept(city: Here, id: Number, said: SaidIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The provider takes it. Doing it twice changes nothing."""
    return _step(
        city,
        id,
        "accept",
        said,
        idempotency_key,
        lambda tx, now: _theirs(tx, id, said.by) or linkage.accept(tx, id, said.by, now),
    )


@router.post("/orders/{id}/decline", response_model=OrderOut, responses=REFUSED)
def decline(city: Here, id: Number, said: BecauseIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The provider does not take it: it goes back to the gu-office."""
    return _step(
        city,
        id,
        "decline",
        said,
        idempotency_key,
        lambda tx, now: _theirs(tx, id, said.by) or linkage.decline(tx, id, said.by, said.reason, now),
    )


@router.post("/orders/{id}/cancel", response_model=OrderOut, responses=REFUSED)
def cancel(city: Here, id: Number, said: BecauseIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """It is wanted no longer: its tasks are taken back and their workers told."""

    def deed(tx: Connection, now: datetime) -> Order | Refused:
        return _theirs(tx, id, said.by) or linkage.cancel(tx, id, said.by, said.reason, city.hands, now)

    return _step(city, id, "cancel", said, idempotency_key, deed)


@router.post("/orders/{id}/finish", response_model=OrderOut, responses=REFUSED)
def finish(city: Here, id: Number, said: FinishIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Say that it is done: by itself it is once all its units are recorded."""

    def deed(tx: Connection, now: datetime) -> Order | Refused:
        return _theirs(tx, id, said.by) or linkage.finish(tx, id, said.by, said.reason or "", city.hands, now)

    return _step(city, id, "finish", said, idempotency_key, deed)


@router.get("/unplaced")
def unplaced(city: Here, area: Below = None, limit: PageSize = 50, offset: Offset = 0) -> list[UnplacedOut]:
    """What is agreed and nobody delivers yet: the gu-office's own list."""
    with city.db.read() as tx:
        found = linkage.unplaced(tx, area or "", limit, offset, city.only(Kind.EPISODE, episodes.c.id))
        names = persons.names(tx, [one.person for one in found])
    return [UnplacedOut.model_validate(one).model_copy(update={"name": names[one.person]}) for one in found]


def _named(city: City, tx: Connection, found: list[OrderOut]) -> list[OrderOut]:
    """With the names of those people whom whoever asks may see."""
    seen = tx.scalars(
        sa.select(person_rows.c.id).where(
            person_rows.c.id.in_({one.person for one in found}), city.only(Kind.PERSON, person_rows.c.id)
        )
    )
    names = persons.names(tx, list(seen))
    return [one.model_copy(update={"name": names.get(one.person)}) for one in found]


def _theirs(tx: Connection, id: int, by: str) -> Refused | None:
    """An order is the provider's staff's to answer, and the offices' of its area."""
    it = linkage.read(tx, id)
    return it if isinstance(it, Refused) else offices.speaks_for(tx, by, it.provider, it.area)


def _step(
    city: City,
    id: int,
    verb: str,
    said: In,
    key: str | None,
    deed: Callable[[Connection, datetime], Order | Refused],
) -> JSONResponse:
    return change(city, key, f"care/orders/{id}/{verb}", said, lambda tx, now: _out(tx, deed(tx, now)))


def _out(tx: Connection, it: Order | Refused) -> OrderOut | Refused:
    return it if isinstance(it, Refused) else shown(tx, it)[0]
