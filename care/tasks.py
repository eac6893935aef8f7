"""A worker's tasks once they are given: those that nobody came to, and those that are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import journal
from care.catalogue import rules_for
from care.episodes import Hands
from care.worries import worry
from core.signals import Concern, Evidence, Urgency
from store.care_tables import care_log, episodes, orders, persons, tasks

BATCH = 50
CANCELLED = "task_cancelled"
UNTOLD_FOR = timedelta(days=1)
"""A cancelled task whose time is longer past is told to nobody any more."""


class Task(msgspec.Struct, frozen=True):
    """One row of `tasks`: assigned -> done | missed | cancelled."""

    id: int
    order: int
    key: str
    worker: str
    units: int
    planned_at: datetime
    due_at: datetime | None
    state: str
    by: str
    at: datetime


class Errand(msgspec.Struct, frozen=True):
    """What a task is for: to whom, where, which service."""

    person: str
    name: str
    area: str
    service: str


_TASKS = (
    sa.select(tasks, orders.c.episode, orders.c.person, orders.c.area, episodes.c.case_id)
    .join(orders, orders.c.id == tasks.c.order)
    .join(episodes, episodes.c.id == orders.c.episode)
)


def task(tx: Connection, id: int) -> Task | None:
    """One task; None: there is none of that number."""
    return next(iter(select(tx, tasks.c.id == id, limit=1)), None)


def select(tx: Connection, *where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Task]:
    """Tasks, the earliest first."""
    query = sa.select(tasks).where(*where).order_by(tasks.c.planned_at, tasks.c.id).limit(limit).offset(offset)
    return [Task(**row) for row in tx.execute(query).mappings()]


def errands(tx: Connection, ids: Sequence[int]) -> dict[int, Errand]:
    """Where to go for each of these tasks."""
    query = (
        sa.select(tasks.c.id, orders.c.person, persons.c.name, orders.c.area, orders.c.service)
        .join(orders, orders.c.id == tasks.c.order)
        .join(persons, persons.c.id == orders.c.person)
        .where(tasks.c.id.in_(ids))
    )
    return {row["id"]: Errand(**{k: row[k] for k in row if k != "id"}) for row in tx.execute(query).mappings()}


def live_units(tx: Connection, order: int) -> int:
    """The units of an order's tasks that still wait."""
    mine = sa.and_(tasks.c.order == order, tasks.c.state == "assigned")
    return int(tx.scalar(sa.select(sa.func.coalesce(sa.func.sum(tasks.c.units), 0)).where(mine)) or 0)


def tell(tx: Connection, case: int, what: str, id: int, worker: str, hands: Hands, now: datetime) -> bool:
    """Put it on the worker's telephone, once. False: nothing reaches them."""
    return hands.ring(tx, case, worker, what, f"{id}", "/tasks", now)


def withdraw(tx: Connection, order: int, by: str, hands: Hands, now: datetime) -> int:
    """Take back what still waits of an order, and tell its workers. How many tasks."""
    return _withdraw(tx, sa.and_(tasks.c.order == order, tasks.c.state == "assigned"), by, hands, now)


def chore(tx: Connection, hands: Hands, now: datetime) -> int:
    """Tasks of people who are gone are taken back, cancelled ones told, and those that nobody came to raise a worry."""
    gone = sa.select(persons.c.id).where(persons.c.gone_at.is_not(None))
    done = _withdraw(tx, sa.and_(tasks.c.state == "assigned", orders.c.person.in_(gone)), "", hands, now)
    return done + _tell_cancelled(tx, hands, now) + _missed(tx, hands, now)


def _withdraw(tx: Connection, which: sa.ColumnElement[bool], by: str, hands: Hands, now: datetime) -> int:
    rows = tx.execute(_TASKS.where(which).order_by(tasks.c.id).limit(BATCH * 10)).all()
    for row in rows:
        change(tx, row.id, "cancelled")
        _told(tx, row, by, hands, now)
    return len(rows)


def _tell_cancelled(tx: Connection, hands: Hands, now: datetime) -> int:
    """An episode that ends takes its tasks with it: nobody goes to a door for nothing."""
    said = sa.and_(
        care_log.c.episode == orders.c.episode,
        care_log.c.what == f"care.log.{CANCELLED}",
        care_log.c.numbers["task"].as_integer() == tasks.c.id,
    )
    untold = sa.and_(
        tasks.c.state == "cancelled",
        tasks.c.planned_at > now - UNTOLD_FOR,
        ~sa.select(care_log.c.id).where(said).exists(),
    )
    rows = tx.execute(_TASKS.where(untold).order_by(tasks.c.id).limit(BATCH)).all()
    for row in rows:
        _told(tx, row, "", hands, now)
    return len(rows)


def _told(tx: Connection, row: Any, by: str, hands: Hands, now: datetime) -> None:
    told = tell(tx, row.case_id, CANCELLED, row.id, row.worker, hands, now)
    journal.note(tx, CANCELLED, now, by, episode=row.episode, person=row.person, task=row.id, told=int(told))


def _missed(tx: Connection, hands: Hands, now: datetime) -> int:
    late = sa.and_(tasks.c.state == "assigned", tasks.c.due_at <= now)
    rows = tx.execute(_TASKS.where(late).order_by(tasks.c.due_at, tasks.c.id).limit(BATCH)).all()
    for row in rows:
        change(tx, row.id, "missed")
        journal.note(tx, "task_missed", now, "", episode=row.episode, person=row.person, task=row.id, order=row.order)
        hours = rules_for(tx, row.area).deadlines.task_grace
        why = Evidence("evidence.service.missed", {"hours": hours, "order": row.order})
        worry(tx, row.person, f"task/{row.id}", Concern.SERVICE_WORRY, Urgency.SOON, why, hands, now)
    return len(rows)


def change(tx: Connection, id: int, state: str) -> None:
    """What has become of a task that waited; one that is over never changes."""
    waits = sa.and_(tasks.c.id == id, tasks.c.state == "assigned")
    tx.execute(sa.update(tasks).where(waits).values(state=state, due_at=None))
