"""Homes as a list to look somebody up in: by name or id, in an area, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.columns import below
from store.people import RESIDENT
from store.tables import absences, cases, devices, homes, of_people, residents
from store.tables import unheard as unheard_table

_LAST = (
    sa.select(sa.func.max(devices.c.last_seen))
    .where(devices.c.gateway == homes.c.gateway)
    .scalar_subquery()
    .label("last_event_at")
)


def found_homes(
    tx: Connection, name: str, text: str, area: str, limit: int, offset: int, only: sa.ColumnElement[bool] | None = None
) -> tuple[int, Sequence[Any]]:
    """How many homes there are, and a page of them by name: whose resident's name holds `name` or whose id holds `text`
    (either empty: all), in `area` and below. Rows have the home's columns, `resident`, `unheard` and `last_event_at`.
    """
    wanted = [of_people(homes.c.id)]
    if name or text:
        called = sa.func.replace(sa.func.lower(residents.c.name), " ", "").contains(name, autoescape=True)
        theirs = sa.select(residents.c.id).where(residents.c.home == homes.c.id, called).exists()
        either = [homes.c.id.contains(text, autoescape=True)] if text else []
        wanted.append(sa.or_(*either, *([theirs] if name else [])))
    if area:
        wanted.append(below(homes.c.area, area))
    if only is not None:
        wanted.append(only)
    total = tx.scalar(sa.select(sa.func.count()).select_from(homes).where(*wanted)) or 0
    silent = sa.select(unheard_table.c.home).where(unheard_table.c.home == homes.c.id).exists().label("unheard")
    query = sa.select(homes, RESIDENT, silent, _LAST).where(*wanted)
    query = query.order_by(sa.func.coalesce(RESIDENT, homes.c.id), homes.c.id).limit(limit).offset(offset)
    return total, tx.execute(query).all()


def living_cases(tx: Connection, of: Collection[str]) -> dict[str, list[int]]:
    """Home -> its cases that are not closed, of these homes."""
    query = sa.select(cases.c.home, cases.c.id).where(cases.c.home.in_(set(of)), cases.c.state != "closed")
    found: dict[str, list[int]] = {}
    for row in tx.execute(query.order_by(cases.c.id)) if of else ():
        found.setdefault(row.home, []).append(row.id)
    return found


def away_homes(
    tx: Connection, now: datetime, limit: int, only: sa.ColumnElement[bool] | None = None
) -> tuple[int, Sequence[Any]]:
    """How many watched homes were said to be empty now, and (home, area, resident, until) of them, who is back last on
    top. Of several absences of a home the one noted last holds. `only`: a further clause on the table of homes."""
    newest = sa.select(sa.func.max(absences.c.id)).where(absences.c.start <= now, absences.c.end > now)
    wanted = [absences.c.id.in_(newest.group_by(absences.c.home)), homes.c.consent, of_people(homes.c.id)]
    if only is not None:
        wanted.append(only)
    query = sa.select(homes.c.id.label("home"), homes.c.area, RESIDENT, absences.c.end.label("until"))
    query = query.join(absences, absences.c.home == homes.c.id).where(*wanted)
    total = tx.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    return total, tx.execute(query.order_by(absences.c.end.desc(), homes.c.id).limit(limit)).all()
