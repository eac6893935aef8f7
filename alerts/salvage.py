"""Cases whose body cannot be read: what their columns still say, so that nobody is forgotten with one."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from alerts.case import Case, State
from alerts.plan import Plan, Rung
from core.signals import Concern, Evidence, Signal, Urgency, group_of
from store.tables import cases


def legible(body: Any) -> Case | None:
    """The case in `body`, as `cases.body` holds it; None: it cannot be read."""
    try:
        return msgspec.convert(body, Case)
    except msgspec.ValidationError:
        return None


def salvaged(tx: Connection, case_id: int) -> Case:
    """A case that can be shown and closed, and no more: its ladder has one rung."""
    row = tx.execute(sa.select(cases).where(cases.c.id == case_id)).one()
    concern = Concern(row.concern) if row.concern in set(Concern) else Concern.UNREADABLE_SOS
    urgency = Urgency(row.urgency) if row.urgency in set(Urgency) else Urgency.IMMEDIATE
    return Case(
        subject=row.subject,
        home=row.home,
        area=row.area,
        group=group_of(concern),
        concern=concern,
        urgency=urgency,
        state=State(row.state) if row.state in set(State) else State.ALERTING,
        opened_at=row.opened_at,
        due_at=row.due_at,
        owner=row.owner,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        plan=Plan(urgency, "unreadable", (Rung("duty", 60.0),), 0.0, 0.0),
        standing={concern: 1},
        why=(Evidence("evidence.unreadable_case", {"case": case_id}),),
    )


def once_more(case_id: int, case: Case) -> Signal:
    """What opens a case anew whose own words are lost."""
    return Signal(
        key=f"unreadable_case/{case_id}",
        concern=case.concern,
        urgency=case.urgency,
        at=case.opened_at,
        evidence=case.why,
        source="desk",
        home=case.home,
        area=None if case.home else case.area or None,
    )
