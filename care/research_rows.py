"""Reads whom a research export may speak of: one row for each person, as exact as the chain knows them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.anonymous import UNKNOWN, Row, quarter_of
from core.care import Stage, gu_of
from store.care_tables import care_log, consents, episodes, orders, person_facts, persons
from store.outcome_tables import evaluations
from store.pack_tables import instruments

STAGES = tuple(stage for stage in Stage if stage is not Stage.CLOSED)
MOST_WEEKS, MOST_SERVICES, POINTS = 52, 5, 5
"""What is rare is as good as a name: longer and more are said to be so long and so many; points come in fives."""
ASKED_ABOUT = ("care", "research")
"""Consents that count: "care" must be given, and whoever has refused or withdrawn either is left out."""
FACTS = ("birth_year", "gender", "income_band")
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
SOME = 500


def rows(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> list[Row]:
    """The last assessed episode that each person had closed in [since, until), of nobody who is to be left out:
    exercises, whoever is gone, and whoever has not consented or no longer does."""
    query = sa.select(episodes).join(persons, persons.c.id == episodes.c.person)
    query = query.where(
        episodes.c.closed_at >= since,
        episodes.c.closed_at < until,
        episodes.c.level.is_not(None),
        sa.not_(episodes.c.exercise),
        sa.not_(persons.c.exercise),
        persons.c.gone_at.is_(None),
    )
    last = {row.person: row for row in tx.execute(query.order_by(episodes.c.closed_at, episodes.c.id))}
    willing = _consenting(tx, last)
    chosen = {person: row for person, row in last.items() if person in willing}
    ids = [row.id for row in chosen.values()]
    facts, weeks, delivered, changes = _facts(tx, chosen), _weeks(tx, ids), _delivered(tx, ids), _changes(tx, ids)
    return [
        Row(
            age=_age(facts[person].get("birth_year"), row.closed_at.astimezone(zone).year),
            gender=_code(facts[person].get("gender")),
            gu=gu_of(row.area),
            income=_code(facts[person].get("income_band")),
            quarter=quarter_of(row.closed_at, zone),
            level=_code(row.level),
            weeks=weeks[row.id],
            services=min(delivered.get(row.id, 0), MOST_SERVICES),
            change=changes.get(row.id),
        )
        for person, row in chosen.items()
    ]


def _among(tx: Connection, query: sa.Select[Any], column: Any, keys: Iterable[Any]) -> Iterable[Any]:
    # A database takes so many parameters and no more.
    listed = list(keys)
    for start in range(0, len(listed), SOME):
        yield from tx.execute(query.where(column.in_(listed[start : start + SOME])))


def _consenting(tx: Connection, people: Iterable[str]) -> set[str]:
    newest: dict[tuple[str, str], tuple[datetime, int, str]] = {}
    decided = sa.select(consents).where(
        consents.c.purpose.in_(ASKED_ABOUT), consents.c.state.in_(("given", "refused", "withdrawn"))
    )
    for row in _among(tx, decided, consents.c.person, people):
        said = (row.decided_at or row.asked_at, row.id, row.state)
        newest[row.person, row.purpose] = max(said, newest.get((row.person, row.purpose), said))
    no = {person for (person, _), (_, _, state) in newest.items() if state != "given"}
    return {person for person, purpose in newest if purpose == "care"} - no


def _facts(tx: Connection, people: Iterable[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    query = sa.select(person_facts.c.person, person_facts.c.field, person_facts.c.value)
    for row in _among(tx, query.where(person_facts.c.field.in_(FACTS)), person_facts.c.person, people):
        found[row.person][row.field] = row.value
    return found


def _age(birth_year: Any, year: int) -> int | None:
    return year - birth_year if isinstance(birth_year, int) and 0 <= year - birth_year <= 130 else None


def _code(value: Any) -> str:
    """A word of ours; any other text could say more than a word should."""
    return value if isinstance(value, str) and CODE.fullmatch(value) else UNKNOWN


def _weeks(tx: Connection, ids: list[int]) -> dict[int, tuple[int | None, ...]]:
    """How long each stage took, in weeks to the nearest; None: it was never in it."""
    moved = sa.select(care_log.c.episode, care_log.c.at, care_log.c.numbers).where(
        care_log.c.what.in_(("care.log.moved", "care.log.closed"))
    )
    ends: dict[int, dict[str, datetime]] = defaultdict(dict)
    for row in _among(tx, moved.order_by(care_log.c.id), care_log.c.episode, ids):
        ends[row.episode][str(row.numbers.get("from", ""))] = row.at
    opened = sa.select(episodes.c.id, episodes.c.opened_at)
    found = {}
    for row in _among(tx, opened, episodes.c.id, ids):
        start, spent = row.opened_at, []
        for stage in STAGES:
            end = ends[row.id].get(stage.value)
            spent.append(None if end is None else _rounded(end - start))
            start = end or start
        found[row.id] = tuple(spent)
    return found


def _rounded(spent: timedelta) -> int:
    return max(0, min(round(spent / timedelta(weeks=1)), MOST_WEEKS))


def _delivered(tx: Connection, ids: list[int]) -> dict[int, int]:
    """How many services were delivered to the end."""
    done = sa.select(orders.c.episode, orders.c.service).where(orders.c.state == "done").distinct()
    found: dict[int, int] = defaultdict(int)
    for row in _among(tx, done, orders.c.episode, ids):
        found[row.episode] += 1
    return found


def _changes(tx: Connection, ids: list[int]) -> dict[int, int]:
    """By how many points quality of life has changed, where it was judged twice with one instrument."""
    judged = sa.select(evaluations.c.episode, evaluations.c.instrument, evaluations.c.phase, evaluations.c.score)
    judged = judged.join(
        instruments,
        sa.and_(
            instruments.c.code == evaluations.c.instrument,
            instruments.c.version == evaluations.c.version,
            instruments.c.kind == "quality_of_life",
        ),
    )
    scores: dict[int, dict[tuple[str, str], float]] = defaultdict(dict)
    for row in _among(tx, judged.order_by(evaluations.c.instrument), evaluations.c.episode, ids):
        scores[row.episode][row.instrument, row.phase] = row.score
    found = {}
    for id, of in scores.items():
        for instrument, phase in of:
            before = of.get((instrument, "first"))
            if phase == "follow_up" and before is not None:
                found[id] = POINTS * round((of[instrument, phase] - before) / POINTS)
    return found
