"""How outcomes have changed the budgets of homes: the SQL of what is counted, and of the changes themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.signals import Concern, Sense
from store.tables import cases, homes, of_people, signals, tunings


class Tuning(msgspec.Struct, frozen=True):
    """One change: budgets `before` and `after` (false alarms a month), `factor` of the usual, the reason with the cases
    that were counted, and what a replay of the home's last days says of it.
    """

    home: str
    at: datetime
    before: float
    after: float
    factor: float
    reason: str
    numbers: dict[str, str | int | float]
    replay: dict[str, Any]


def put_tuning(tx: Connection, tuning: Tuning) -> None:
    """Write a change down and let it take effect: there is no one without the other."""
    tx.execute(sa.insert(tunings).values(msgspec.structs.asdict(tuning)))
    last = tx.scalar(sa.select(sa.func.max(homes.c.revision))) or 0
    changed = sa.update(homes).where(homes.c.id == tuning.home)
    tx.execute(changed.values(budget_factor=tuning.factor, revision=last + 1))


def all_tunings(tx: Connection, home: str | None = None) -> list[Tuning]:
    """Every change, of one home or of all, the oldest first."""
    query = sa.select(*(tunings.c[name] for name in Tuning.__struct_fields__)).order_by(tunings.c.id)
    if home is not None:
        query = query.where(tunings.c.home == home)
    return [Tuning(**row) for row in tx.execute(query).mappings()]


def to_judge(tx: Connection, since: datetime) -> list[str]:
    """The homes whose outcomes may say something: those with a case closed since then, and those tuned before."""
    closed = sa.select(cases.c.home).where(
        cases.c.closed_at >= since, cases.c.home.is_not(None), of_people(cases.c.home)
    )
    tuned = sa.select(homes.c.id).where(homes.c.budget_factor.is_not(None))
    return sorted(tx.scalars(closed.union(tuned)))


def enrolled_at(tx: Connection, home: str) -> datetime | None:
    """When a home was first taken in."""
    at: datetime | None = tx.scalar(sa.select(homes.c.created_at).where(homes.c.id == home))
    return at


def silence_outcomes(tx: Connection, home: str, detector: str, since: datetime) -> dict[str, int]:
    """How the cases ended, by outcome, that `detector` opened for a silence of the home and that closed since then."""
    s = signals.c
    raised = sa.select(sa.func.min(s.id)).where(s.home == home, s.case_id.is_not(None), s.sense == Sense.RAISE.value)
    query = (
        sa.select(cases.c.outcome, sa.func.count().label("cases"))
        .join(signals, s.case_id == cases.c.id)
        .where(s.id.in_(raised.group_by(s.case_id)), s.concern == Concern.INACTIVITY.value)
        .where(s.key.startswith(f"{detector}/", autoescape=True), cases.c.closed_at >= since)
        .group_by(cases.c.outcome)
    )
    return {row.outcome: row.cases for row in tx.execute(query)}
