"""The report of a year's money: what there is, what is paid, promised and left, by month and by district."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.report_scope import NUMBER, TEXT, Cell, Report, Scope
from core.care import city_of, gu_of
from store.care_tables import budget_decisions, claims, entries, postings
from store.pack_tables import budgets

COMMITTED = ("approved", "verified", "submitted", "returned")
"""States of claims that may still be paid, the nearest first."""


def budget(tx: Connection, scope: Scope) -> Report:
    """The budget of the year in which the time begins, by the city's own clock.

    What there is, was paid, stands open and is left is the city's and the whole year's; by month and by district it is
    what was paid within the time, of the area's district (money is kept no finer). A payment counts in the month in
    which it was made.
    """
    city, zone = city_of(scope.area), ZoneInfo(scope.rules.timezone)
    year, b = scope.since.astimezone(zone).year, budget_decisions.c
    there = int(tx.scalar(sa.select(budgets.c.won).where(budgets.c.city == city, budgets.c.year == year)) or 0)
    decided = int(tx.scalar(sa.select(sa.func.sum(b.won)).where(b.city == city, b.year == year)) or 0)
    paid = _paid(tx, city, year)
    whole, theirs = sum(one[2] for one in paid), sum(one[3] for one in paid)
    waiting = _waiting(tx, city)
    rows: list[tuple[Cell, ...]] = [
        ("budget", "", there, None, None),
        ("decided", "", decided, None, None),
        ("paid", "", whole, theirs, whole - theirs),
        *(("committed", state, waiting.get(state, 0), None, None) for state in COMMITTED),
        ("remaining", "", there + decided - whole, None, None),
    ]
    by: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for at, gu, won, city_won in paid:
        if scope.since <= at < scope.until and (scope.area == city or gu_of(scope.area) == gu):
            for group in (("month", f"{at.astimezone(zone):%Y-%m}"), ("gu", gu)):
                by[group][0] += won
                by[group][1] += city_won
    for part in ("month", "gu"):
        rows += [(*group, won, its, won - its) for group, (won, its) in sorted(by.items()) if group[0] == part]
    columns = {"part": TEXT, "group": TEXT, "won": NUMBER, "city_won": NUMBER, "gu_won": NUMBER}
    return Report("budget", columns, rows)


def _paid(tx: Connection, city: str, year: int) -> list[tuple[datetime, str, int, int]]:
    """Of each payment: when, the district, the won, and how many of them the city pays."""
    received = sa.func.sum(sa.case((postings.c.won > 0, postings.c.won), else_=0))
    from_city = -sa.func.sum(sa.case((postings.c.account == f"city:{city}", postings.c.won), else_=0))
    query = (
        sa.select(entries.c.at, claims.c.gu, received, from_city)
        .join(claims, claims.c.id == entries.c.claim)
        .join(postings, postings.c.entry == entries.c.id)
        .where(entries.c.city == city, entries.c.year == year, claims.c.exercise.is_(False))
        .group_by(entries.c.id, entries.c.at, claims.c.gu)
    )
    return [(at, gu, int(won), int(its)) for at, gu, won, its in tx.execute(query)]


def _waiting(tx: Connection, city: str) -> dict[str, int]:
    c = claims.c
    query = sa.select(c.state, sa.func.sum(c.won)).where(c.city == city, c.exercise.is_(False), c.state.in_(COMMITTED))
    return {state: int(won) for state, won in tx.execute(query.group_by(c.state))}
