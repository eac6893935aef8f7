"""A city's money for the year: what was decided, what is paid, what is promised, and what is left."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import journal, ledger
from care.claim import State
from care.offices import answers_for
from care.sent import keep
from core.care import Refused
from core.people import Role
from store.care_tables import budget_decisions, claims
from store.pack_tables import budgets

DECIDE = (Role.SUPERVISOR, Role.DUTY)


class Decision(msgspec.Struct, frozen=True):
    """Money beyond the year's budget, and why; `id` is the client's own."""

    id: str
    city: str
    year: int
    won: int
    reason: str
    by: str


class Budget(msgspec.Struct, frozen=True):
    """A city's year in won, the city's and the districts' shares together; exercises are in none of it.

    What is not yet paid counts in whichever year it will be paid: `approved`, `verified` and `submitted` are what the
    city is asked for now, in any year's budget alike.
    """

    city: str
    year: int
    budget: int
    decided: int
    paid: int
    approved: int
    verified: int
    submitted: int
    decisions: list[Decision]

    @property
    def remaining(self) -> int:
        return self.budget + self.decided - self.paid


def remaining(tx: Connection, city: str, year: int) -> int:
    """Won that may still be paid. A city without a budget for that year has what was decided, which is nothing."""
    mine = sa.and_(budgets.c.city == city, budgets.c.year == year)
    budget = int(tx.scalar(sa.select(budgets.c.won).where(mine)) or 0)
    return budget + _decided(tx, city, year) - ledger.paid(tx, city, year)


def short(tx: Connection, city: str, won: int, now: datetime) -> int:
    """How many won a payment of `won` would lack now; 0: it can be paid."""
    return max(0, won - remaining(tx, city, ledger.year_of(tx, city, now))) if won else 0


def read(tx: Connection, city: str, year: int) -> Budget | Refused:
    """A city's year."""
    mine = sa.and_(budgets.c.city == city, budgets.c.year == year)
    won = tx.scalar(sa.select(budgets.c.won).where(mine))
    if won is None:
        return Refused("unknown_budget", {"city": city, "year": year})
    asked = sa.select(claims.c.state, sa.func.sum(claims.c.won).label("won")).group_by(claims.c.state)
    asked = asked.where(claims.c.city == city, claims.c.exercise.is_(False))
    by_state = {row.state: int(row.won) for row in tx.execute(asked)}
    waiting = {state.value: by_state.get(state, 0) for state in (State.APPROVED, State.VERIFIED, State.SUBMITTED)}
    decided = sa.select(budget_decisions).where(budget_decisions.c.city == city, budget_decisions.c.year == year)
    rows = tx.execute(decided.order_by(budget_decisions.c.at, budget_decisions.c.id))
    return Budget(
        city=city,
        year=year,
        budget=int(won),
        decided=_decided(tx, city, year),
        paid=ledger.paid(tx, city, year),
        **waiting,
        decisions=[_decision(row) for row in rows],
    )


def decide(tx: Connection, it: Decision, now: datetime) -> Budget | Refused:
    """Put a decision on record, once for each id, and show what is left then."""
    stood = tx.execute(sa.select(budget_decisions).where(budget_decisions.c.id == it.id)).first()
    if stood is not None:
        if _decision(stood) != it:
            keep(tx, f"decision:{it.id}", msgspec.to_builtins(it), now)
            return Refused("id_taken")
        return read(tx, it.city, it.year)
    known = read(tx, it.city, it.year)
    if isinstance(known, Refused):
        return known
    allowed = answers_for(tx, it.by, it.city, DECIDE)
    if isinstance(allowed, Refused):
        return allowed
    tx.execute(sa.insert(budget_decisions).values(**msgspec.to_builtins(it), at=now))
    journal.note(tx, "budget_decided", now, it.by, city=it.city, year=it.year, won=it.won)
    return read(tx, it.city, it.year)


def _decision(row: sa.Row[tuple[object, ...]]) -> Decision:
    return Decision(**{name: row._mapping[name] for name in Decision.__struct_fields__})


def _decided(tx: Connection, city: str, year: int) -> int:
    mine = sa.and_(budget_decisions.c.city == city, budget_decisions.c.year == year)
    return int(tx.scalar(sa.select(sa.func.sum(budget_decisions.c.won)).where(mine)) or 0)
