"""Reports of time: from a Care Call to plan and first service, how soon calls are answered, who carries what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.report_figures import HOUR_S, MINUTE_S, quantiles
from care.report_scope import NUMBER, REAL, TEXT, Cell, Report, Scope, seconds, served
from core.care import Priority, Stage
from core.signals import Urgency
from store.care_tables import episodes, orders, persons, plans, visits
from store.outcome_tables import follow_ups
from store.tables import cases, of_people

ALL = "all"


def times(tx: Connection, scope: Scope) -> Report:
    """Hours from the Care Call to the agreed plan and to the first service, of the episodes that were opened then."""
    e, work = episodes.c, served()
    agreed = sa.select(plans.c.episode, sa.func.min(plans.c.agreed_at).label("at")).where(
        plans.c.agreed_at.is_not(None)
    )
    plan = agreed.group_by(plans.c.episode).subquery("plan")
    received = sa.select(orders.c.episode, sa.func.min(work.c.first).label("at")).join(
        work, work.c.order == orders.c.id
    )
    first = received.group_by(orders.c.episode).subquery("first")
    query = (
        sa.select(
            e.priority,
            seconds(tx, cases.c.opened_at, plan.c.at).label("plan"),
            seconds(tx, cases.c.opened_at, first.c.at).label("service"),
        )
        .select_from(episodes)
        .join(cases, cases.c.id == e.case_id)
        .outerjoin(plan, plan.c.episode == e.id)
        .outerjoin(first, first.c.episode == e.id)
        .where(scope.here(e.area), scope.then(e.opened_at), e.exercise.is_(False))
    )
    found = tx.execute(query).all()
    rows = [
        (step, priority, len(group), *_spread([row[place] for row in group], HOUR_S))
        for place, step in enumerate(("plan", "service"), 1)
        for priority, group in _by(found, [*reversed(Priority)])
    ]
    columns = {"step": TEXT, "priority": TEXT, "episodes": NUMBER, "n": NUMBER, "median_h": REAL, "p90_h": REAL}
    return Report("times", columns, rows)


def responses(tx: Connection, scope: Scope) -> Report:
    """Minutes from a Care Call to its being taken and to somebody's arriving, of the calls that were opened then."""
    c = cases.c
    drilled = sa.select(episodes.c.case_id).where(episodes.c.exercise.is_(True))
    nobody = sa.select(sa.literal("person:") + persons.c.id).where(persons.c.exercise.is_(True))
    arrived: Any = c.body["arrived_at"].as_string()
    if tx.dialect.name != "sqlite":
        arrived = sa.cast(arrived, sa.DateTime(timezone=True))
    query = sa.select(c.urgency, seconds(tx, c.opened_at, c.acknowledged_at), seconds(tx, c.opened_at, arrived)).where(
        *(scope.here(c.area), scope.then(c.opened_at), c.exercise.is_(False), of_people(c.home)),
        *(c.id.not_in(drilled), c.subject.not_in(nobody)),
    )
    found = [(Urgency(row[0]).name.lower(), *row[1:]) for row in tx.execute(query)]
    rows = [
        (step, urgency, len(group), *_spread([row[place] for row in group], MINUTE_S))
        for place, step in enumerate(("acknowledged", "arrived"), 1)
        for urgency, group in _by(found, [one.name.lower() for one in reversed(Urgency)])
    ]
    columns = {"step": TEXT, "urgency": TEXT, "calls": NUMBER, "n": NUMBER, "median_min": REAL, "p90_min": REAL}
    return Report("responses", columns, rows)


def workload(tx: Connection, scope: Scope) -> Report:
    """What each owner has open and overdue now, and what was closed in the time: episodes, visits and follow-ups."""
    e, v, f = episodes.c, visits.c, follow_ups.c
    tasks = (
        _load(scope, e.owner, e.stage != Stage.CLOSED.value, e.due_at, e.closed_at).where(
            scope.here(e.area), e.exercise.is_(False)
        ),
        _load(scope, v.owner, v.state.in_(("planned", "started", "arrived")), v.due_at, v.finished_at).where(
            scope.here(v.area), v.exercise.is_(False)
        ),
        _load(scope, f.owner, f.state == "open", f.due_at, f.done_at)
        .join(episodes, f.episode == e.id)
        .where(scope.here(e.area), e.exercise.is_(False)),
    )
    loads: dict[str, list[int]] = defaultdict(lambda: [0] * 9)
    for place, query in enumerate(tasks):
        for owner, *numbers in tx.execute(query):
            loads[owner][3 * place : 3 * place + 3] = [int(number) for number in numbers]
    kinds = ("episodes", "visits", "follow_ups")
    columns = {"owner": TEXT, **{f"{kind}_{what}": NUMBER for kind in kinds for what in ("open", "overdue", "closed")}}
    rows: list[tuple[Cell, ...]] = [(owner, *loads[owner]) for owner in sorted(loads) if any(loads[owner])]
    return Report("workload", columns, rows)


def _load(
    scope: Scope, owner: Any, open_: sa.ColumnElement[bool], due_at: Any, closed_at: Any
) -> sa.Select[tuple[Any, ...]]:
    late, closed = sa.and_(open_, due_at < scope.now), sa.and_(sa.not_(open_), scope.then(closed_at))
    numbers = [sa.func.sum(sa.case((when, 1), else_=0)) for when in (open_, late, closed)]
    return sa.select(owner, *numbers).group_by(owner)


def _by(found: Iterable[Any], names: Iterable[str]) -> list[tuple[str, list[Any]]]:
    """All of them, and those of each name that occurs."""
    rows = list(found)
    groups = [(ALL, rows), *((name, [row for row in rows if row[0] == name]) for name in names)]
    return [(name, group) for name, group in groups if group or name == ALL]


def _spread(values: list[float | None], unit: float) -> tuple[Cell, ...]:
    it = quantiles(values, unit)
    return (it.n, it.median, it.p90)
