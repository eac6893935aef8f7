"""Compulsory visits by rule: nobody is forgotten for longer than their risk allows, nor is repeated silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import persons, visits
from care.catalogue import rules_for
from care.episodes import Hands
from care.persons import Person
from care.rules import Visits
from care.visit import Kind
from care.visit_forms import let_go, worry
from care.visits import IS_OPEN, OFFICE
from core.care import gu_of
from core.people import Home, Risk
from core.signals import Concern, Evidence
from store import people
from store.care_tables import episodes as episode_rows
from store.care_tables import persons as people_table
from store.care_tables import visits as table
from store.log import cursor, move_cursor
from store.tables import cases, homes

BY = "rounds"
HOMES, SILENCES = "care-homes", "care-silences"
"""Cursors: over the revisions of homes, and over the cases."""
TOGETHER = 20
"""Of each thing in one transaction: an SOS may wait behind it."""
AGAIN = timedelta(days=3)
"""What stays overdue is told again so often."""
SILENT = (Concern.INACTIVITY, Concern.OVERDUE, Concern.MISSED_CHECK_IN)


def chore(tx: Connection, hands: Hands, now: datetime) -> int:
    """Do what is due of the rounds, a bounded part of it; how much was done. Nought: nothing is left for now."""
    # A visit that a contact has made needless must not be taken for the one that later silences ask for.
    done = follow_homes(tx, now) + call_off(tx, now) + heed_silences(tx, now)
    return done + plan_due(tx, now) + tell_overdue(tx, hands, now)


# --- who is there


def follow_homes(tx: Connection, now: datetime) -> int:
    """Make the residents of new homes known, and follow homes that change; who has not consented stays unknown."""
    query = sa.select(homes.c.id, homes.c.revision).where(homes.c.revision > cursor(tx, HOMES))
    rows = tx.execute(query.order_by(homes.c.revision).limit(TOGETHER)).all()
    for row in rows:
        home = people.home(tx, row.id)
        if home is not None and not home.synthetic:
            _follow(tx, home, now)
    if rows:
        move_cursor(tx, HOMES, rows[-1].revision)
    return len(rows)


def _follow(tx: Connection, home: Home, now: datetime) -> None:
    before = persons.person(tx, persons.resident_id(tx, home))
    if before is None and not home.consent:
        return
    after = persons.of_home(tx, home, now)
    if before is None or before.area == after.area:
        return
    theirs = sa.and_(table.c.person == after.id, IS_OPEN)
    tx.execute(sa.update(table).where(theirs).values(area=after.area))
    at_the_office = sa.and_(theirs, table.c.owner == OFFICE + before.area)
    tx.execute(sa.update(table).where(at_the_office).values(owner=OFFICE + after.area))


# --- who has fallen silent too often


def heed_silences(tx: Connection, now: datetime) -> int:
    """A visit soon to each home that has been silent so often, since anybody met its resident."""
    query = sa.select(cases.c.id, cases.c.home, cases.c.concern).where(cases.c.id > cursor(tx, SILENCES))
    rows = tx.execute(query.order_by(cases.c.id).limit(TOGETHER)).all()
    for home in sorted({row.home for row in rows if row.home and row.concern in SILENT}):
        _heed(tx, home, now)
    if rows:
        move_cursor(tx, SILENCES, rows[-1].id)
    return len(rows)


def _heed(tx: Connection, home_id: str, now: datetime) -> None:
    home = people.home(tx, home_id)
    if home is None or home.synthetic or not home.consent:
        return
    them = persons.of_home(tx, home, now)
    if them.exercise or them.gone_at is not None:
        return
    rule = rules_for(tx, them.area).visits
    # The time at which somebody became known is no contact.
    since = now - timedelta(days=rule.silence_days)
    since = since if them.contact_at == them.created_at else max(since, them.contact_at)
    silences = sa.and_(
        cases.c.home == home_id,
        cases.c.concern.in_(SILENT),
        cases.c.opened_at > since,
        cases.c.exercise.is_(False),
        sa.or_(cases.c.outcome.is_(None), cases.c.outcome != "technical"),
    )
    count = tx.scalar(sa.select(sa.func.count()).select_from(cases).where(silences)) or 0
    if count < rule.silences:
        return
    due_at = now + timedelta(days=rule.within_days)
    standing = visits.compulsory(tx, them.id)
    if standing is not None:
        visits.sooner(tx, standing, due_at, "silence", now, BY)
        return
    _plan(tx, them, "silence", min(due_at, _limit(them, rule)), now)


# --- whose time has come


def call_off(tx: Connection, now: datetime) -> int:
    """Planned visits of whom somebody has met since, and of those who are gone."""
    met = sa.and_(table.c.kind == Kind.COMPULSORY, people_table.c.contact_at > table.c.created_at)
    needless = sa.or_(met, people_table.c.gone_at.is_not(None))
    joined = sa.select(table.c.id, table.c.person).join(people_table, people_table.c.id == table.c.person)
    rows = tx.execute(joined.where(IS_OPEN, table.c.state == "planned", needless).limit(TOGETHER)).all()
    for row in rows:
        them, it = persons.person(tx, row.person), visits.visit(tx, row.id)
        assert them is not None
        assert it is not None
        if not it.open:
            continue
        if them.gone_at is not None:
            visits.call_off(tx, it, BY, now)
        else:
            let_go(tx, them, now, BY)
    return len(rows)


def plan_due(tx: Connection, now: datetime) -> int:
    """Plan the visits that are due before long; those that should have been due earlier are so now."""
    done = 0
    visited = sa.and_(table.c.person == people_table.c.id, table.c.kind == Kind.COMPULSORY, IS_OPEN)
    none = ~sa.select(table.c.id).where(visited).exists()
    later = sa.select(table.c.id).where(visited, table.c.due_at > now).exists()
    cared_for = sa.select(episode_rows.c.id).where(episode_rows.c.person == people_table.c.id).exists()
    for rule, there in _districts(tx):
        for risk in Risk:
            theirs = sa.and_(
                there,
                people_table.c.risk == risk,
                people_table.c.gone_at.is_(None),
                people_table.c.exercise.is_(False),
                # A guardian or a young carer is known, and nobody's to visit.
                sa.or_(people_table.c.home.is_not(None), cared_for),
            )
            passed = now - rule.interval(risk)
            soon = people_table.c.contact_at <= passed + timedelta(days=rule.lead_days)
            for them in _people(tx, theirs, soon, none):
                _plan(tx, them, "interval", _limit(them, rule), now)
                done += 1
            for them in _people(tx, theirs, people_table.c.contact_at <= passed, later):
                mine = sa.and_(table.c.person == them.id, table.c.kind == Kind.COMPULSORY, IS_OPEN)
                for it in visits.select(tx, mine, limit=20):
                    done += visits.sooner(tx, it, _limit(them, rule), "interval", now, BY)
    return done


def _districts(tx: Connection) -> list[tuple[Visits, sa.ColumnElement[bool]]]:
    """The rules in force, and who lives where each is."""
    found: dict[Visits, list[str]] = {}
    for gu in sorted({gu_of(area) for area in tx.scalars(sa.select(people_table.c.area).distinct())}):
        found.setdefault(rules_for(tx, gu).visits, []).append(gu)
    if len(found) == 1:
        return [(rule, sa.true()) for rule in found]
    return [(rule, sa.or_(*map(_lives_in, districts))) for rule, districts in found.items()]


def _lives_in(gu: str) -> sa.ColumnElement[bool]:
    there = people_table.c.area == gu
    # Above the districts nobody else's are below.
    return sa.or_(there, people_table.c.area.like(f"{gu}/%")) if "/" in gu else there


def _people(tx: Connection, *where: sa.ColumnElement[bool]) -> list[Person]:
    query = sa.select(people_table.c.id).where(*where).order_by(people_table.c.contact_at).limit(TOGETHER)
    return [them for id in tx.scalars(query).all() if (them := persons.person(tx, id)) is not None]


def _limit(them: Person, rule: Visits) -> datetime:
    """Until when somebody must have met them."""
    return them.contact_at + rule.interval(them.risk)


def _plan(tx: Connection, them: Person, reason: str, due_at: datetime, now: datetime) -> None:
    zone = ZoneInfo(rules_for(tx, them.area).timezone)
    id = f"round-{them.id}-{due_at.astimezone(zone):%Y%m%d}"
    visits.put(tx, id, them, Kind.COMPULSORY, reason, OFFICE + them.area, due_at, BY, now)


# --- what was left undone


def tell_overdue(tx: Connection, hands: Hands, now: datetime) -> int:
    """Each visit that is past its time reaches a person, and again every few days for as long as it is open."""
    untold = sa.or_(table.c.told_at.is_(None), table.c.told_at <= now - AGAIN)
    late = visits.select(tx, IS_OPEN, table.c.due_at <= now, untold, limit=TOGETHER)
    for it in late:
        them = persons.person(tx, it.person)
        assert them is not None
        if them.gone_at is None:
            zone = ZoneInfo(rules_for(tx, them.area).timezone)
            today, due = now.astimezone(zone).date(), it.due_at.astimezone(zone).date()
            days = max(0, (now - them.contact_at).days)
            evidence = Evidence("evidence.visit.overdue", {"visit": it.id, "day": str(due), "days": days})
            worry(tx, hands, them, Concern.VISIT_OVERDUE, f"visit-overdue/{it.id}/{today}", evidence, now)
        told = msgspec.structs.replace(it, told_at=now)
        visits.settle(tx, it, told, "visit_overdue", now, BY)
    return len(late)
