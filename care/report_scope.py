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


def served(scope: Scope | None = None) -> sa.Subquery:
    """What was received, by order: `order`, `units` and when `first`; of all time without a scope."""
    r = records.c
    query = sa.select(r.order, sa.func.sum(r.units).label("units"), sa.func.min(r.start).label("first"))
    query = query.where(r.outcome == SERVED)
    if scope is not None:
        query = query.where(scope.then(r.start))
    return query.group_by(r.order).subquery("served")


def users(scope: Scope) -> sa.Select[Any]:
    """The ids of people who received something; nobody of an exercise."""
    work = served(scope)
    who = sa.select(orders.c.person).join(work, work.c.order == orders.c.id)
    return who.where(scope.here(orders.c.area), orders.c.exercise.is_(False)).distinct()
