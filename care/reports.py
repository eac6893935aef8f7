"""What a district and a city read of the care chain: seven reports, each one table of an area and a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.catalogue import rules_for
from care.report_money import budget
from care.report_outcomes import outcomes, profile, services
from care.report_scope import Report, Scope
from care.report_times import responses, times, workload
from core.care import Refused
from store.tables import areas


class Name(StrEnum):
    TIMES = "times"
    SERVICES = "services"
    WORKLOAD = "workload"
    RESPONSES = "responses"
    OUTCOMES = "outcomes"
    BUDGET = "budget"
    PROFILE = "profile"


ALL: dict[Name, Callable[[Connection, Scope], Report | Refused]] = {
    Name.TIMES: times,
    Name.SERVICES: services,
    Name.WORKLOAD: workload,
    Name.RESPONSES: responses,
    Name.OUTCOMES: outcomes,
    Name.BUDGET: budget,
    Name.PROFILE: profile,
}


def scope(tx: Connection, area: str, since: datetime | None, until: datetime | None, now: datetime) -> Scope | Refused:
    """The scope of a report: without `since` from this year's first day by the city's clock on, without `until` to now.

    Refused: `unknown_area`, or `no_time` where it ends before it begins.
    """
    known = sa.select(areas.c.code).where(sa.or_(areas.c.code == area, areas.c.code.like(f"{area}/%"))).limit(1)
    if tx.scalar(known) is None:
        return Refused("unknown_area", {"id": area})
    rules = rules_for(tx, area)
    here = now.astimezone(ZoneInfo(rules.timezone))
    begin = since or here.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    end = until or now
    if begin >= end:
        return Refused("no_time")
    return Scope(area, begin, end, now, rules)


def report(tx: Connection, name: Name, asked: Scope) -> Report | Refused:
    """One report; exercises and canaries count in none. Refused: `below_floor`."""
    return ALL[name](tx, asked)
