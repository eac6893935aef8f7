"""What comes to care by itself: alarms that were real become episodes, and episodes that stand still are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, intake, journal, offices, persons
from care.catalogue import rules_for
from care.consent import LATE
from care.episodes import Hands
from care.intake import OF_CASES, Application
from core.care import Origin, Priority, Refused, Stage
from core.signals import Concern, Evidence, Group, Urgency
from store import people
from store.care_tables import consents
from store.care_tables import episodes as episodes_table
from store.columns import below
from store.log import cursor, move_cursor
from store.tables import case_log, cases, of_people

FOLD = "care-alarms"
TOGETHER = 100
LOOK_BACK = timedelta(days=90)
"""A city that begins with the care chain does not begin with what is over long since."""
REAL = ("true_emergency", "care")
"""The outcomes of a Care Call after which somebody needs care."""
GROUPS = (Group.PERSON, Group.HAZARD, Group.WELLBEING, Group.ENVIRONMENT, Group.SERVICE)
ORIGINS = {
    Concern.SOS: Origin.BUTTON,
    Concern.FALL: Origin.BUTTON,
    Concern.DESPAIR: Origin.SPEAKER,
    Concern.DISTRESS: Origin.SPEAKER,
    Concern.MISHEARD: Origin.SPEAKER,
}
PRIORITIES = {Urgency.ROUTINE: Priority.ROUTINE, Urgency.SOON: Priority.SOON}
OPEN = episodes_table.c.stage.in_([stage.value for stage in Stage if stage is not Stage.CLOSED])


class Overdue(msgspec.Struct, frozen=True):
    """An episode that stands too long in its stage, or a consent that was not obtained in time."""

    what: Literal["episode", "consent"]
    id: int
    episode: int
    person: str
    area: str
    stage: Stage
    owner: str
    due_at: datetime
    exercise: bool


def chore(tx: Connection, hands: Hands, now: datetime) -> int:
    """The alarms that were closed, and the episodes whose time has come; how many were looked at."""
    return become_care(tx, now) + tell(tx, hands, now)


def become_care(tx: Connection, now: datetime) -> int:
    """Read on in the cases' log: each home's case that was closed as real is an episode, or joins the open one, once.

    How many lines were read; each is read once, in the order in which they were written.
    """
    query = sa.select(case_log.c.id, case_log.c.case_id).where(case_log.c.id > cursor(tx, FOLD))
    lines = tx.execute(query.order_by(case_log.c.id).limit(TOGETHER)).all()
    if not lines:
        return 0
    move_cursor(tx, FOLD, lines[-1].id)
    real = sa.and_(
        cases.c.id.in_({line.case_id for line in lines}),
        cases.c.state == "closed",
        cases.c.outcome.in_(REAL),
        cases.c.group.in_([group.value for group in GROUPS]),
        cases.c.home.is_not(None),
        of_people(cases.c.home),
        cases.c.closed_at > now - LOOK_BACK,
    )
    for row in tx.execute(sa.select(cases).where(real).order_by(cases.c.id)).all():
        _become(tx, row, now)
    return len(lines)


def _become(tx: Connection, case: Any, now: datetime) -> None:
    home = people.home(tx, case.home)
    before = persons.person(tx, persons.resident_id(tx, home)) if home is not None else None
    if home is None or (before is not None and (before.gone_at is not None or before.exercise)):
        return
    area = home.area
    office = intake.office(area)
    owner = case.owner if case.owner and not isinstance(offices.answers_for(tx, case.owner, area), Refused) else office
    origin = ORIGINS.get(Concern(case.concern), Origin.ANOMALY)
    priority = PRIORITIES.get(Urgency(case.urgency), Priority.URGENT)
    it = Application(f"{OF_CASES}{case.id}", origin, priority, owner, home=home.id)
    if intake.known_as(tx, it, now) is not None:
        return
    person = persons.of_home(tx, home, now)
    open_ = persons.open_episode(tx, person.id)
    if open_ is None:
        intake.begin(tx, it, person, [], case.id, owner, now)
    else:
        intake.join(tx, open_, it, [], case.id, now)


def tell(tx: Connection, hands: Hands, now: datetime) -> int:
    """Episodes that stand too long in their stage are told, once in each stage; how many."""
    late = sa.and_(OPEN, episodes_table.c.due_at <= now, episodes_table.c.told_at.is_(None))
    found = episodes.select(tx, late, limit=TOGETHER)
    for it in found:
        person = persons.person(tx, it.person)
        assert person is not None
        assert it.due_at is not None
        zone = ZoneInfo(rules_for(tx, it.area).timezone)
        due = f"{it.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        why = Evidence("evidence.care_overdue", {"episode": it.id, "due": due})
        key = f"overdue/{it.application}/{it.stage.value}/{it.stage_since.isoformat()}"
        persons.alert(tx, person, Concern.CARE_OVERDUE, Urgency.ROUTINE, key, why, hands, now)
        tx.execute(sa.update(episodes_table).where(episodes_table.c.id == it.id).values(told_at=now))
        journal.note(tx, "overdue", now, "", episode=it.id, person=it.person, stage=it.stage.value)
    return len(found)


def overdue(
    tx: Connection,
    area: str,
    now: datetime,
    *,
    exercise: bool = False,
    limit: int = 50,
    offset: int = 0,
    only: sa.ColumnElement[bool] | None = None,
) -> Sequence[Overdue]:
    """What should have been done by now in an area and below it, the most overdue first. `only`: a further clause on
    the table of episodes."""
    of = episodes_table.c
    here = (below(of.area, area), of.exercise == exercise, sa.true() if only is None else only)
    shared = (of.person, of.area, of.stage, of.owner)
    standing = sa.select(
        sa.literal("episode").label("what"), of.id, of.id.label("episode"), *shared, of.due_at, of.exercise
    ).where(OPEN, of.due_at <= now, *here)
    unsaid = (
        sa.select(
            sa.literal("consent").label("what"),
            consents.c.id,
            of.id.label("episode"),
            *shared,
            consents.c.due_at,
            of.exercise,
        )
        .join(episodes_table, of.id == consents.c.episode)
        .where(sa.or_(LATE, sa.and_(consents.c.state == "asked", consents.c.due_at <= now)), OPEN, *here)
    )
    both = sa.union_all(standing, unsaid).subquery()
    query = sa.select(both).order_by(both.c.due_at, both.c.what, both.c.id).limit(limit).offset(offset)
    return [Overdue(**{**row, "stage": Stage(row["stage"])}) for row in tx.execute(query).mappings()]
