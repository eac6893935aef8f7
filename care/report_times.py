"""Reports of time: from a Care Call to plan and first service, how soon calls are answered, who carries what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.report_figures import HOUR_S, MINUTE_S, quantiles
from care.report_scope import NUMBER, REAL, TEXT, Cell, Report, Scope, first_served, seconds
from core.care import Priority, Stage
from core.signals import Urgency
from store.care_tables import episodes, orders, persons, plans, visits
from store.outcome_tables import follow_ups
from store.tables import cases, of_people

ALL = "all"


def times(tx: Connection, scope: Scope) -> Report:
    """Hours from the Care Call to the agreed plan and to the first service, of the episodes that were opened then."""
    e, p, o = episodes.c, plans.c, orders.c
    plan = sa.select(sa.func.min(p.agreed_at)).where(p.episode == e.id).scalar_subquery()
    service = sa.select(sa.func.min(first_served(o.id))).where(o.episode == e.id).scalar_subquery()
    called = cases.c.opened_at
    query = (
        sa.select(e.priority, seconds(tx, called, plan), seconds(tx, called, service))
        .join(cases, cases.c.id == e.case_id)
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
    opened = c.opened_at.label("opened_at")
    query = sa.select(c.urgency, seconds(tx, opened, c.acknowledged_at), opened, sa.cast(c.body, sa.Text)).where(
        *(scope.here(c.area), scope.then(c.opened_at), c.exercise.is_(False), of_people(c.home)),
        *(c.id.not_in(drilled), c.subject.not_in(nobody)),
    )
    found = [
        (Urgency(urgency).name.lower(), taken, _arrived_after(opened_at, body))
        for urgency, taken, opened_at, body in tx.execute(query)
    ]
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
        _load(scope, e.owner, e.stage != Stage.CLOSED.value, sa.true(), e.due_at, e.closed_at).where(
            scope.here(e.area), e.exercise.is_(False)
        ),
        _load(scope, v.owner, v.state.in_(("planned", "started", "arrived")), sa.true(), v.due_at, v.finished_at).where(
            scope.here(v.area), v.exercise.is_(False)
        ),
        _load(scope, f.owner, f.state == "open", f.state == "done", f.due_at, f.done_at)
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


class _Body(msgspec.Struct, frozen=True):
    """The one thing that stands in a case's body alone."""

    arrived_at: datetime | None = None


_BODY = msgspec.json.Decoder(_Body)


def _arrived_after(opened_at: datetime, body: str) -> float | None:
    try:
        arrived = _BODY.decode(body).arrived_at
    except msgspec.DecodeError:
        return None  # a body that nobody can read any more has lost it
    return None if arrived is None else (arrived - opened_at).total_seconds()


def _load(
    scope: Scope, owner: Any, open_: sa.ColumnElement[bool], over: sa.ColumnElement[bool], due_at: Any, closed_at: Any
) -> sa.Select[tuple[Any, ...]]:
    late, closed = sa.and_(open_, due_at < scope.now), sa.and_(over, scope.then(closed_at))
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
