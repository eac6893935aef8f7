"""From an agreed plan to providers: the SQL of orders, what silence does to them, and what nobody has taken yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, hooks, journal, order, persons, tasks
from care.catalogue import rules_for
from care.episodes import Episode, Hands
from care.order import LIVE, Numbers, Order, State
from care.worries import worry
from core.care import Priority, Refused, Stage, city_of, gu_of
from core.people import within
from core.signals import Concern, Evidence, Urgency
from store.care_tables import episodes as episode_rows
from store.care_tables import orders, plan_items, plans, records
from store.care_tables import persons as person_rows
from store.columns import below
from store.pack_tables import provider_services, providers, services
from store.tables import signals

BATCH = 50
_LAST = orders.alias("last_order")
_NEWEST = sa.select(sa.func.max(orders.c.id)).where(orders.c.item == plan_items.c.id).correlate(plan_items)
PLACED = ("accepted", "done")
_UNPLACED = (
    sa.select(
        plan_items.c.id.label("item"),
        plan_items.c.service,
        plan_items.c.units,
        plan_items.c.start,
        plan_items.c.end,
        plans.c.episode,
        episode_rows.c.person,
        episode_rows.c.area,
        episode_rows.c.exercise,
        plans.c.agreed_at,
        plans.c.at,
        _LAST.c.id.label("last"),
        _LAST.c.state,
        _LAST.c.decided_at,
    )
    .select_from(plan_items)
    .join(plans, plans.c.id == plan_items.c.plan)
    .join(episode_rows, episode_rows.c.id == plans.c.episode)
    .join(person_rows, person_rows.c.id == episode_rows.c.person)
    .outerjoin(_LAST, _LAST.c.id == _NEWEST.scalar_subquery())
    .where(
        plans.c.state == "agreed",
        episode_rows.c.stage == Stage.LINKAGE,
        person_rows.c.gone_at.is_(None),
        sa.or_(_LAST.c.id.is_(None), _LAST.c.state.not_in(LIVE)),
    )
    .order_by(plan_items.c.id)
)


class Unplaced(msgspec.Struct, frozen=True):
    """An item of an agreed plan that no provider has. `last`: what became of its last order; None: it had none."""

    item: int
    episode: int
    person: str
    area: str
    service: str
    units: int
    start: datetime
    end: datetime
    owner: str
    due_at: datetime
    last: str | None
    exercise: bool


# --- reading


def read(tx: Connection, id: int) -> Order | Refused:
    """One order, or that there is none of that number."""
    found = select(tx, orders.c.id == id, limit=1)
    return found[0] if found else Refused("unknown_order", {"id": id})


def select(tx: Connection, *where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Order]:
    """Orders, what is due first on top, closed ones last."""
    first = (orders.c.due_at.is_(None), orders.c.due_at, orders.c.id.desc())
    query = sa.select(orders).where(*where).order_by(*first).limit(limit).offset(offset)
    return [Order(**{**row, "state": State(row["state"])}) for row in tx.execute(query).mappings()]


def recorded(tx: Connection, ids: Iterable[int]) -> Mapping[int, int]:
    """Order -> the units that its records hold."""
    wanted = list(ids)
    query = sa.select(records.c.order, sa.func.sum(records.c.units)).where(records.c.order.in_(wanted))
    return dict.fromkeys(wanted, 0) | {id: int(units) for id, units in tx.execute(query.group_by(records.c.order))}


def unplaced(
    tx: Connection, area: str, limit: int = 50, offset: int = 0, only: sa.ColumnElement[bool] | None = None
) -> Sequence[Unplaced]:
    """What waits for the gu-office to find somebody, below an area; what has waited longest first. `only`: a further
    clause on the table of episodes."""
    query = _UNPLACED.where(below(episode_rows.c.area, area), sa.true() if only is None else only)
    query = query.limit(limit).offset(offset)
    return [_unplaced(row, _patience(tx, row.area)) for row in tx.execute(query)]


def _unplaced(row: Any, patience: timedelta) -> Unplaced:
    known = {name: getattr(row, name) for name in Unplaced.__struct_fields__ if name in row._mapping and name != "last"}
    since = row.decided_at or row.agreed_at or row.at
    return Unplaced(**known, owner=_office(row.area), due_at=since + patience, last=row.state)


def _office(area: str) -> str:
    return f"office:{gu_of(area)}"


def _patience(tx: Connection, area: str) -> timedelta:
    return timedelta(hours=rules_for(tx, area).deadlines.back_at_gu)


# --- what people do


def offer(tx: Connection, item: int, provider: str, by: str, now: datetime) -> Order | Refused:
    """Offer an item of an agreed plan to a provider, at today's price; it must answer within its deadline."""
    planned = sa.select(plan_items, plans.c.episode, plans.c.state).join(plans, plans.c.id == plan_items.c.plan)
    row = tx.execute(planned.where(plan_items.c.id == item)).first()
    if row is None:
        return Refused("unknown_item", {"id": item})
    it = episodes.episode(tx, row.episode)
    assert it is not None
    refused = _untimely(tx, it, row, now)
    if refused is not None:
        return refused
    price = _price(tx, it.area, row.service, provider)
    if isinstance(price, Refused):
        return price
    live = tx.scalar(sa.select(orders.c.id).where(orders.c.item == item, orders.c.state.in_(LIVE)))
    if live is not None:
        return Refused("order_live", {"order": live})
    deadlines = rules_for(tx, it.area).deadlines
    hours = deadlines.urgent_order if it.priority is Priority.URGENT else deadlines.order
    values = {
        "episode": it.id,
        "item": item,
        "person": it.person,
        "area": it.area,
        "service": row.service,
        "provider": provider,
        "units": row.units,
        "price_won": price,
        "start": row.start,
        "end": row.end,
        "state": State.OFFERED.value,
        "owner": f"provider:{provider}",
        "due_at": now + timedelta(hours=hours),
        "offered_at": now,
        "exercise": it.exercise,
    }
    id = int(tx.execute(sa.insert(orders).values(values).returning(orders.c.id)).scalar_one())
    said: Numbers = {"order": id, "item": item, "provider": provider, "units": row.units}
    journal.note(tx, "order_offered", now, by, episode=it.id, person=it.person, **said)
    made = read(tx, id)
    assert isinstance(made, Order)
    _tell(tx, made, "order.offered", now)
    return made


def accept(tx: Connection, id: int, by: str, now: datetime) -> Order | Refused:
    """The provider takes it. Once every item of the plan is in somebody's hands, the stage lasts as long as they do."""
    it = read(tx, id)
    if isinstance(it, Refused):
        return it
    after = _put(tx, it, order.accept(it, by, now), by, now)
    if isinstance(after, Order) and tx.execute(_UNPLACED.where(plans.c.episode == it.episode).limit(1)).first() is None:
        placed = sa.select(sa.func.max(orders.c.end)).where(orders.c.episode == it.episode, orders.c.state.in_(PLACED))
        if (last := tx.scalar(placed)) is not None:
            linked = sa.and_(episode_rows.c.id == it.episode, episode_rows.c.stage == Stage.LINKAGE)
            later = sa.and_(linked, episode_rows.c.due_at < last + _patience(tx, it.area))
            values = {"due_at": last + _patience(tx, it.area), "told_at": None}
            tx.execute(sa.update(episode_rows).where(later).values(values))
    return after


def decline(tx: Connection, id: int, by: str, reason: str, now: datetime) -> Order | Refused:
    """The provider does not take it: it goes back to the gu-office."""
    it = read(tx, id)
    return it if isinstance(it, Refused) else _put(tx, it, order.decline(it, by, reason, now), by, now)


def cancel(tx: Connection, id: int, by: str, reason: str, hands: Hands, now: datetime) -> Order | Refused:
    """It is wanted no longer: its tasks are taken back, and the provider's own software is told."""
    it = read(tx, id)
    if isinstance(it, Refused):
        return it
    after = _put(tx, it, order.cancel(it, by, reason, now), by, now)
    if isinstance(after, Order) and after.state is not it.state:
        tasks.withdraw(tx, id, by, hands, now)
        _tell(tx, after, "order.cancelled", now)
    return after


def finish(tx: Connection, id: int, by: str, reason: str, hands: Hands, now: datetime) -> Order | Refused:
    """It is done. Where every item of its plan is, the episode goes on to its evaluation."""
    it = read(tx, id)
    if isinstance(it, Refused):
        return it
    after = _put(tx, it, order.finish(it, recorded(tx, [id])[id], by, reason, now), by, now)
    if isinstance(after, Order) and after.state is not it.state:
        tasks.withdraw(tx, id, by, hands, now)
        if _all_done(tx, it.episode):
            _go_on(tx, it.episode, by, hands, now)
    return after


def _untimely(tx: Connection, it: Episode, row: Any, now: datetime) -> Refused | None:
    who = persons.person(tx, it.person)
    if who is None or who.gone_at is not None:
        return Refused("order_person_gone")
    if it.stage is not Stage.LINKAGE:
        return Refused("not_linkage", {"stage": it.stage.value})
    if row.state != "agreed":
        return Refused("plan_not_agreed", {"plan": row.plan})
    return Refused("order_past", {"item": row.id}) if row.end <= now else None


def _price(tx: Connection, area: str, service: str, provider: str) -> int | Refused:
    """What one unit costs today, of a provider that offers the service there."""
    city = city_of(area)
    price: int | None = tx.scalar(
        sa.select(services.c.price_won).where(services.c.city == city, services.c.code == service, services.c.active)
    )
    if price is None:
        return Refused("unknown_service", {"id": service})
    found = tx.execute(sa.select(providers).where(providers.c.id == provider)).first()
    if found is None or not found.active:
        return Refused("unknown_provider", {"id": provider})
    pair = sa.and_(provider_services.c.provider == provider, provider_services.c.service == service)
    if found.city != city or tx.execute(sa.select(provider_services).where(pair)).first() is None:
        return Refused("order_service", {"provider": provider, "service": service})
    if not any(within(area, served) for served in found.areas):
        return Refused("order_area", {"provider": provider, "area": area})
    return price


def _put(tx: Connection, it: Order, after: Order | Refused, by: str, now: datetime) -> Order | Refused:
    """Write down what a step has made of an order, once."""
    if isinstance(after, Refused) or after is it:
        return after
    if after.state in (State.DECLINED, State.LAPSED):
        after = msgspec.structs.replace(after, owner=_office(after.area))
    changed = {name: getattr(after, name) for name in ("owner", "due_at", "decided_at", "decided_by", "reason")}
    values = {**changed, "state": after.state.value}
    tx.execute(sa.update(orders).where(orders.c.id == it.id).values(values))
    said: Numbers = {"order": it.id, "provider": it.provider}
    journal.note(tx, f"order_{after.state.value}", now, by, episode=it.episode, person=it.person, **said)
    return after


def _tell(tx: Connection, it: Order, what: str, now: datetime) -> None:
    data = {
        "order": it.id,
        "service": it.service,
        "units": it.units,
        "start": it.start.isoformat(),
        "end": it.end.isoformat(),
        "due_at": it.due_at.isoformat() if it.due_at else None,
        "exercise": it.exercise,
    }
    hooks.queue(tx, it.provider, what, f"orders/{it.id}", data, now)


def _all_done(tx: Connection, episode: int) -> bool:
    finished = sa.select(orders.c.id).where(orders.c.item == plan_items.c.id, orders.c.state == State.DONE).exists()
    planned = sa.select(plan_items.c.id).join(plans, plans.c.id == plan_items.c.plan)
    left = planned.where(plans.c.episode == episode, plans.c.state == "agreed", ~finished)
    return tx.execute(left).first() is None


def _go_on(tx: Connection, episode: int, by: str, hands: Hands, now: datetime) -> None:
    it = episodes.episode(tx, episode)
    if it is not None and it.stage is Stage.LINKAGE:
        episodes.move(tx, it, Stage.EVALUATION, hands, now, by)


# --- what falls due by itself


def chore(tx: Connection, hands: Hands, now: datetime) -> int:
    """Silent providers' orders go back to the gu-office; it is told of what nobody takes and of what nobody ends."""
    late = select(tx, orders.c.due_at <= now, limit=BATCH)
    for it in late:
        (_lapse if it.state is State.OFFERED else _ended)(tx, it, hands, now)
    return len(late) + _waiting(tx, hands, now)


def _lapse(tx: Connection, it: Order, hands: Hands, now: datetime) -> None:
    who = persons.person(tx, it.person)
    if who is None or who.gone_at is not None:
        cancel(tx, it.id, "", "gone", hands, now)
        return
    _put(tx, it, order.lapse(it, now), "", now)
    why = Evidence("evidence.service.lapsed", {"order": it.id, "provider": it.provider})
    worry(tx, it.person, f"order/{it.id}/lapsed", Concern.CARE_OVERDUE, Urgency.SOON, why, hands, now)


def _ended(tx: Connection, it: Order, hands: Hands, now: datetime) -> None:
    """Its span is over and units are missing: the gu-office must say what became of them."""
    due_at = now + _patience(tx, it.area)
    tx.execute(sa.update(orders).where(orders.c.id == it.id).values(owner=_office(it.area), due_at=due_at))
    journal.note(tx, "order_ended", now, "", episode=it.episode, person=it.person, order=it.id, provider=it.provider)
    why = Evidence("evidence.service.ended", {"order": it.id})
    key = f"order/{it.id}/ended/{now:%Y%m%dT%H%M}"
    worry(tx, it.person, key, Concern.CARE_OVERDUE, Urgency.ROUTINE, why, hands, now)


def _waiting(tx: Connection, hands: Hands, now: datetime) -> int:
    """What the gu-office has left waiting beyond its deadline is told once for each order that was tried. What it has
    cancelled itself it knows of."""
    key = sa.literal("unplaced/") + sa.cast(plan_items.c.id, sa.Text)
    key = key + sa.literal("/") + sa.cast(sa.func.coalesce(_LAST.c.id, 0), sa.Text)
    since = sa.func.coalesce(_LAST.c.decided_at, plans.c.agreed_at, plans.c.at)
    unknown = sa.or_(_LAST.c.id.is_(None), _LAST.c.state != State.CANCELLED)
    untold = ~sa.select(signals.c.id).where(signals.c.key == key).exists()
    rows = tx.execute(_UNPLACED.where(unknown, untold, since <= now, plan_items.c.end > now).limit(BATCH)).all()
    told = 0
    for row in rows:
        it = _unplaced(row, _patience(tx, row.area))
        if it.due_at <= now:
            why = Evidence("evidence.service.unplaced", {"item": it.item})
            name = f"unplaced/{it.item}/{row.last or 0}"
            worry(tx, it.person, name, Concern.CARE_OVERDUE, Urgency.SOON, why, hands, now)
            told += 1
    return told
