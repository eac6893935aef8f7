"""A closed Care Call about a silence goes into the log: who closes it has made sure of the resident, and the hard limit
of silence is counted anew from then. Without this word a silence that has been told would be told never again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from alerts.case import Case
from core.events import Checked, Event
from core.signals import Concern
from store import people
from store.log import Entry, append_one

SILENCES = (Concern.INACTIVITY, Concern.OVERDUE)


def write_down(tx: Connection, case_id: int, case: Case, now: datetime) -> None:
    """`case`, as it was when somebody closed it at `now`."""
    if case.home is None or not any(case.standing.get(concern, 0) for concern in SILENCES):
        return
    home = people.home(tx, case.home)
    if home is None:
        return
    id = f"checked-{case_id}-{now:%Y%m%dT%H%M%S%f}"
    append_one(tx, Entry(Event(id, home.gateway, "desk", "checked", now, Checked(case_id)), home.id, now))
