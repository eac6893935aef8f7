"""What every report has in common: its scope, its table, and the one rule of who counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.rules import Rules
from store.care_tables import orders, records

Cell = str | int | float | None
TEXT, NUMBER, REAL = "text", "number", "real"
SERVED = "done"
"""The outcome of a record that says that a service was received."""


class Scope(msgspec.Struct, frozen=True):
    """An area and all below it, and a time [since, until); `now` says what is overdue."""

    area: str
    since: datetime
    until: datetime
    now: datetime
    rules: Rules

    def here(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """An area code holds nothing that LIKE takes for its own."""
        return sa.or_(column == self.area, column.like(f"{self.area}/%"))

    def then(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(column >= self.since, column < self.until)


class Report(msgspec.Struct, frozen=True):
    """One flat table; `columns`: name -> text, number (integer) or real. A None in a row: not known, or hidden."""

    name: str
    columns: dict[str, str]
    rows: Sequence[tuple[Cell, ...]]


def seconds(tx: Connection, earlier: Any, later: Any) -> sa.ColumnElement[Any]:
    """The seconds between two moments of a row."""
    if tx.dialect.name == "sqlite":
        return (sa.func.julianday(later) - sa.func.julianday(earlier)) * 86400.0
    return sa.extract("epoch", later - earlier)


def served(scope: Scope) -> sa.Subquery:
    """What was received then, by order: `order` and `units`."""
    r = records.c
    query = sa.select(r.order, sa.func.sum(r.units).label("units")).where(r.outcome == SERVED, scope.then(r.start))
    return query.group_by(r.order).subquery("served")


def first_served(order: Any) -> sa.ScalarSelect[Any]:
    """When something was first received of an order of the query around it."""
    r = records.c
    return sa.select(sa.func.min(r.start)).where(r.order == order, r.outcome == SERVED).scalar_subquery()


def users(scope: Scope) -> sa.Select[Any]:
    """`person` and `area` of everybody who received something; nobody of an exercise. Of two areas, one."""
    r, o = records.c, orders.c
    received = sa.exists().where(r.order == o.id, r.outcome == SERVED, scope.then(r.start))
    who = sa.select(o.person, sa.func.min(o.area).label("area")).where(received, scope.here(o.area))
    return who.where(o.exercise.is_(False)).group_by(o.person)
