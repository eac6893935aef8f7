"""The numbers of the whole city, read from the database, so that every process is counted whoever is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import case_log, cases, events, of_people, outbox


class CaseFigures(msgspec.Struct, frozen=True):
    """`by_state`: (state, concern) -> cases; `overdue`: living cases whose `due_at` has passed."""

    by_state: dict[tuple[str, str], int]
    overdue: int


class OutboxFigures(msgspec.Struct, frozen=True):
    """`by_state`: state -> messages; `oldest_unsent_s`: how long the oldest message that is due has waited."""

    by_state: dict[str, int]
    oldest_unsent_s: float


def case_figures(tx: Connection, now: datetime) -> CaseFigures:
    theirs = of_people(cases.c.home)
    by_state = sa.select(cases.c.state, cases.c.concern, sa.func.count()).where(theirs)
    by_state = by_state.group_by(cases.c.state, cases.c.concern)
    overdue = sa.select(sa.func.count()).where(theirs, cases.c.state != "closed", cases.c.due_at < now)
    return CaseFigures(
        {(state, concern): count for state, concern, count in tx.execute(by_state)}, tx.scalar(overdue) or 0
    )


def living_cases_of(tx: Connection, home: str) -> list[int]:
    """The cases of a home that are not closed, oldest first."""
    query = sa.select(cases.c.id).where(cases.c.home == home, cases.c.state != "closed").order_by(cases.c.id)
    return list(tx.scalars(query))


def homes_with_cases(tx: Connection) -> set[str]:
    """The homes of which a case is not closed."""
    return set(tx.scalars(sa.select(cases.c.home).where(cases.c.home.is_not(None), cases.c.state != "closed")))


def newest_line(tx: Connection) -> int:
    """The id of the case log's newest line; 0 for an empty log."""
    return tx.scalar(sa.select(sa.func.max(case_log.c.id))) or 0


def outbox_figures(tx: Connection, now: datetime) -> OutboxFigures:
    theirs = outbox.c.channel != "canary"
    by_state = sa.select(outbox.c.state, sa.func.count()).where(theirs).group_by(outbox.c.state)
    oldest = tx.scalar(sa.select(sa.func.min(outbox.c.due_at)).where(theirs, outbox.c.state == "queued"))
    waited_s = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return OutboxFigures(_by_name(tx, by_state), waited_s)


def events_by_kind(tx: Connection, after: int) -> tuple[dict[str, int], int]:
    """Events behind position `after` by kind, and the position to go on from: the log is never counted twice."""
    head: int = tx.scalar(sa.select(sa.func.max(events.c.id))) or after
    query = sa.select(events.c.kind, sa.func.count()).where(events.c.id > after, events.c.id <= head)
    return _by_name(tx, query.where(of_people(events.c.home)).group_by(events.c.kind)), head


def _by_name(tx: Connection, query: sa.Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in tx.execute(query)}
