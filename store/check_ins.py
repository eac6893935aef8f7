"""The SQL of scheduled check-in calls: a home's times of the week, its appointments, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.signals import Concern, Group
from core.week import Weekly, next_after
from store.database import insert_new
from store.tables import cases, check_in_calls, check_ins, homes, of_people, unheard

MOST_TIMES = 8
"""So often a day at most is a home called."""
_DUE = sa.select(check_ins, homes.c.timezone).join(homes, homes.c.id == check_ins.c.home)
_LATE = sa.select(check_in_calls).where(
    sa.or_(
        check_in_calls.c.due_at <= sa.bindparam("now"),
        sa.and_(check_in_calls.c.due_at > sa.bindparam("now"), check_in_calls.c.set_at > sa.bindparam("now")),
    )
)


class Week(msgspec.Struct, frozen=True):
    """One week of a home's calls, by its local days; `week` in the form of ISO 8601. Those that live are in none but
    `planned` and `asked`.
    """

    week: str
    planned: int = 0
    asked: int = 0
    ok: int = 0
    not_ok: int = 0
    missed: int = 0
    not_possible: int = 0


def put_agenda(tx: Connection, home: str, timezone: str, agenda: Sequence[Weekly], now: datetime) -> None:
    """These are a home's times from now on, and no others; calls that live go on.

    A time that stays as it was keeps its next call, which may be due this moment.
    """
    kept = [week for week in agenda_of(tx, home) if week in agenda]
    gone = sa.and_(check_ins.c.home == home, check_ins.c.clock.not_in([week.clock for week in kept]))
    tx.execute(sa.delete(check_ins).where(gone))
    _add(tx, home, timezone, [week for week in agenda if week not in kept], now)


def move_agenda(tx: Connection, home: str, timezone: str, now: datetime) -> None:
    """A home's wall clock is another one from now on."""
    agenda = agenda_of(tx, home)
    tx.execute(sa.delete(check_ins).where(check_ins.c.home == home))
    _add(tx, home, timezone, agenda, now)


def _add(tx: Connection, home: str, timezone: str, agenda: Sequence[Weekly], now: datetime) -> None:
    for week in agenda:
        day, at = next_after(week, timezone, now)
        row = {"home": home, "clock": week.clock, "days": " ".join(week.days), "next_day": str(day), "next_at": at}
        tx.execute(sa.insert(check_ins).values(row))


def agenda_of(tx: Connection, home: str) -> list[Weekly]:
    """A home's times, the earliest of the day first."""
    query = sa.select(check_ins).where(check_ins.c.home == home).order_by(check_ins.c.clock)
    return [_weekly(row) for row in tx.execute(query)]


def next_call_at(tx: Connection, home: str) -> datetime | None:
    """When a home is called next."""
    at: datetime | None = tx.scalar(sa.select(sa.func.min(check_ins.c.next_at)).where(check_ins.c.home == home))
    return at


def due(tx: Connection, now: datetime) -> bool:
    """Whether there is anything to do."""
    coming = tx.scalar(sa.select(sa.func.min(check_ins.c.next_at)))
    return (coming is not None and coming <= now) or tx.execute(_LATE.limit(1), {"now": now}).first() is not None


def plan(tx: Connection, now: datetime, limit: int) -> int:
    """Make calls of the appointments that have come, each once; how many."""
    rows = tx.execute(_DUE.where(check_ins.c.next_at <= now).order_by(check_ins.c.next_at).limit(limit)).all()
    for row in rows:
        call = {
            "home": row.home, "day": row.next_day, "clock": row.clock, "planned_at": row.next_at, "state": "waiting",
            "asks": 0, "reason": "", "set_at": row.next_at, "due_at": row.next_at,
        }  # fmt: skip
        tx.execute(insert_new(check_in_calls, tx.dialect.name).values(call))
        day, at = next_after(_weekly(row), row.timezone, row.next_at)
        this = sa.and_(check_ins.c.home == row.home, check_ins.c.clock == row.clock)
        tx.execute(sa.update(check_ins).where(this).values(next_day=str(day), next_at=at))
    return len(rows)


def overdue(tx: Connection, now: datetime, limit: int) -> Sequence[Any]:
    """Rows of calls whose time has come, the most overdue first, and of those that a clock set back would forget."""
    return tx.execute(_LATE.order_by(check_in_calls.c.due_at).limit(limit), {"now": now}).all()


def living(tx: Connection, home: str) -> Sequence[Any]:
    """Rows of a home's calls that are not over."""
    mine = sa.and_(check_in_calls.c.home == home, check_in_calls.c.due_at.is_not(None))
    return tx.execute(sa.select(check_in_calls).where(mine).order_by(check_in_calls.c.id)).all()


def change(tx: Connection, id: int, **values: Any) -> None:
    """Write down what has become of a call."""
    tx.execute(sa.update(check_in_calls).where(check_in_calls.c.id == id).values(values))


def is_dark(tx: Connection, home: str) -> bool:
    """Whether nothing arrives from a home."""
    return tx.execute(sa.select(unheard.c.home).where(unheard.c.home == home)).first() is not None


def is_worried_about(tx: Connection, home: str) -> bool:
    """Whether a case about a home's person lives that is more than a missed call."""
    theirs = sa.and_(cases.c.home == home, cases.c.group == Group.PERSON, cases.c.state != "closed")
    worse = sa.and_(theirs, cases.c.concern != Concern.MISSED_CHECK_IN)
    return tx.execute(sa.select(cases.c.id).where(worse)).first() is not None


def last_calls(tx: Connection, home: str, limit: int) -> Sequence[Any]:
    """Rows of a home's newest calls, the newest first."""
    query = sa.select(check_in_calls).where(check_in_calls.c.home == home)
    return tx.execute(query.order_by(check_in_calls.c.planned_at.desc()).limit(limit)).all()


def weeks(tx: Connection, since: date, home: str | None = None) -> dict[str, list[Week]]:
    """Home -> its weeks with calls since that local day, the oldest first; of one home or of all."""
    calls = check_in_calls.c
    was_asked = sa.case((calls.asks > 0, 1), else_=0)
    query = sa.select(calls.home, calls.day, calls.state, sa.func.count(), sa.func.sum(was_asked))
    query = query.where(calls.day >= str(since), of_people(calls.home))
    if home is not None:
        query = query.where(calls.home == home)
    sums: dict[str, dict[str, dict[str, int]]] = {}
    for name, day, state, count, asked in tx.execute(query.group_by(calls.home, calls.day, calls.state)):
        year, number, _ = date.fromisoformat(day).isocalendar()
        week = sums.setdefault(name, {}).setdefault(f"{year}-W{number:02}", {"planned": 0, "asked": 0})
        week["planned"] += count
        week["asked"] += asked
        if state in Week.__struct_fields__:
            week[state] = week.get(state, 0) + count
    return {name: [Week(week, **of[week]) for week in sorted(of)] for name, of in sums.items()}


def _weekly(row: Any) -> Weekly:
    return Weekly(row.clock, tuple(row.days.split()))
