"""Puts whole histories of care into a database row by row, as the chain leaves them, for tests that read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import persons
from care.research_rows import STAGES
from core.people import Home
from store import care_tables as t
from store import outcome_tables, pack_tables, tables
from store.people import put_area

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DONG = "gwangju/nam-gu/bongseon-1-dong"


def put(tx: Connection, table: sa.Table, *rows: dict[str, Any]) -> None:
    tx.execute(sa.insert(table), list(rows))


def member(tx: Connection, id: str, role: str, *, area: str = "gwangju", active: bool = True) -> None:
    row = {"id": id, "name": id, "role": role, "area": area, "language": "ko", "reach": [], "active": active}
    put(tx, tables.members, row)


def full_episode(tx: Connection, home: Home, case: int, *, exercise: bool = False, name: str = "") -> int:
    """An episode at its evaluation with something in every table; its number. Its owner is "kim", its worker "park"."""
    person = persons.of_home(tx, home, T0, exercise=exercise).id
    if name:
        tx.execute(sa.update(t.persons).where(t.persons.c.id == person).values(name=name))
    put_area(tx, tx.dialect.name, DONG, "봉선1동", "Bongseon 1-dong")
    row = {"id": 7, "application": "app-00000007", "person": person, "area": DONG, "origin": "button"}
    row |= {"priority": "urgent", "case_id": case, "stage": "evaluation", "stage_since": T0, "owner": "kim"}
    row |= {"due_at": T0 + timedelta(days=9), "opened_at": T0 - timedelta(days=20), "requested": ["meals"]}
    put(tx, t.episodes, row | {"note": "secret note", "by": "kim", "level": "severe", "exercise": exercise})
    service = {"city": "gwangju", "code": "meals", "name_ko": "식사", "name_en": "meals", "unit": "meal"}
    service |= {"price_won": 9000, "by": "private", "hours": "any", "most_units": 99, "active": True}
    put(tx, pack_tables.services, service)
    provider = {"id": "warm", "city": "gwangju", "name_ko": "따뜻한", "name_en": "Warm", "kind": "private"}
    put(tx, pack_tables.providers, provider | {"areas": ["gwangju"], "active": True})
    member(tx, "park", "worker")
    span = {"start": T0, "end": T0 + timedelta(days=30)}
    for id, state in ((1, "replaced"), (2, "agreed")):
        plan = {"id": id, "episode": 7, "state": state, "goals": "secret goal", "by": "kim", "at": T0}
        put(tx, t.plans, plan | {"agreed_at": T0})
        put(tx, t.plan_items, {"id": id, "plan": id, "service": "meals", "units": 5, **span})
    order = {"episode": 7, "item": 2, "person": person, "area": DONG, "service": "meals", "provider": "warm", **span}
    order |= {"units": 5, "price_won": 9000, "owner": "provider:warm", "offered_at": T0, "exercise": exercise}
    put(tx, t.orders, order | {"id": 1, "state": "declined"}, order | {"id": 2, "state": "accepted"})
    task = {"order": 2, "worker": "park", "units": 1, "planned_at": T0, "by": "park", "at": T0}
    for id, state in enumerate(("assigned", "done", "missed", "cancelled"), 1):
        put(tx, t.tasks, task | {"id": id, "key": f"task-{id:05}", "state": state})
    visit = {"episode": 7, "person": person, "area": DONG, "kind": "intake", "reason": "secret reason", "owner": "kim"}
    visit |= {"due_at": T0 + timedelta(days=1), "version": 1, "exercise": exercise, "created_at": T0}
    for state in ("planned", "started", "arrived", "finished", "missed", "cancelled"):
        planned = T0 + timedelta(hours=3) if state != "missed" else None
        ended = {"arrived_at": T0, "finished_at": T0 + timedelta(hours=1)} if state == "finished" else {}
        values = {"arrived_at": None, "finished_at": None, **ended}
        put(tx, t.visits, visit | values | {"id": f"round-{person}-{state}", "state": state, "planned_at": planned})
    asked = {"episode": 7, "version": "1", "answers": {"q": 1}, "score": 40.0, "by": "kim", "at": T0}
    put(tx, t.assessments, asked | {"id": "answers-1", "instrument": "care-level", "level": "severe"})
    judged = asked | {"person": person, "instrument": "quality-of-life", "mode": "visit"}
    put(tx, outcome_tables.evaluations, judged | {"id": "answers-1", "phase": "first"})
    put(tx, outcome_tables.evaluations, judged | {"id": "answers-2", "phase": "follow_up", "by": "한 이웃"})
    return 7


class Somebody(dict[str, Any]):
    """One person of a study and their episode; what is not said is usual."""

    USUAL: ClassVar[dict[str, Any]] = {
        "birth_year": 1945,
        "gender": "female",
        "gu": "gwangju/nam-gu",
        "income": "low",
        "closed_at": datetime(2026, 2, 10, tzinfo=UTC),
        "level": "severe",
        "consent": "given",
        "exercise": False,
        "gone": False,
        "weeks": (1, 1, 1, 2, 8),
        "services": 2,
        "scores": (40.0, 61.0),
    }

    def __getattr__(self, name: str) -> Any:
        return self.get(name, self.USUAL[name])


def study(tx: Connection, people: Sequence[Somebody], first: int = 1) -> None:
    """Closed episodes of people of no watched home, numbered from `first`."""
    if first == 1:
        kind = {"code": "wellbeing", "version": "1", "kind": "quality_of_life", "body": {}, "loaded_at": T0}
        put(tx, pack_tables.instruments, kind)
        row = {"id": "firm", "city": "gwangju", "name_ko": "집", "name_en": "Firm", "kind": "private"}
        put(tx, pack_tables.providers, row | {"areas": ["gwangju"], "active": True})
    rows: dict[sa.Table, list[dict[str, Any]]] = {}
    for number, one in enumerate(people, first):
        for table, row in _of(number, one):
            rows.setdefault(table, []).append(row)
    for table, listed in rows.items():
        put(tx, table, *listed)


def _of(number: int, one: Somebody) -> list[tuple[sa.Table, dict[str, Any]]]:
    id, at, end = f"p-somebody-{number:06}", T0 - timedelta(days=900), one.closed_at
    opened = end - timedelta(weeks=sum(one.weeks))
    area = f"{one.gu}/some-dong"
    person = {"id": id, "name": f"person {number}", "area": area, "risk": "low", "exercise": one.exercise}
    person |= {"home": None, "contact_at": at, "created_at": at, "gone_at": T0 if one.gone else None}
    case = {"id": number, "subject": f"person:{id}", "area": area, "group": "care", "concern": "application"}
    case |= {"urgency": 0, "state": "closed", "opened_at": opened, "closed_at": end, "exercise": one.exercise}
    episode = {"id": number, "application": id, "person": id, "area": area, "origin": "self", "priority": "routine"}
    episode |= {"case_id": number, "stage": "closed", "stage_since": end, "owner": "kim", "opened_at": opened}
    episode |= {"closed_at": end, "ended": "completed", "requested": [], "note": "", "by": "kim", "level": one.level}
    consent = {"person": id, "purpose": "care", "state": one.consent, "asked_at": opened, "decided_at": opened}
    found: list[tuple[sa.Table, dict[str, Any]]] = [
        (t.persons, person),
        (tables.cases, case | {"body": {}}),
        (t.episodes, episode | {"exercise": one.exercise}),
        (t.consents, consent),
        (t.plans, {"id": number, "episode": number, "state": "agreed", "goals": "", "by": "kim", "at": opened}),
    ]
    facts = {"birth_year": one.birth_year, "gender": one.gender, "income_band": one.income}
    found += [
        (t.person_facts, {"person": id, "field": field, "value": value, "by": "kim", "at": at})
        for field, value in facts.items()
        if value is not None
    ]
    moved = opened
    for stage, weeks in zip(STAGES, one.weeks, strict=True):
        moved += timedelta(weeks=weeks)
        what = "care.log.closed" if stage is STAGES[-1] else "care.log.moved"
        line = {"episode": number, "person": id, "at": moved, "what": what, "numbers": {"from": stage.value}}
        found.append((t.care_log, line | {"who": "kim"}))
    for service in range(one.services):
        item = number * 10 + service
        span = {"service": f"service-{service}", "units": 1, "start": opened, "end": end}
        found.append((t.plan_items, {"id": item, "plan": number, **span}))
        order = {"id": item, "episode": number, "item": item, "person": id, "area": area, "provider": "firm", **span}
        order |= {"price_won": 1, "state": "done", "owner": "provider:firm", "offered_at": opened}
        found.append((t.orders, order | {"exercise": one.exercise}))
    for phase, score in zip(("first", "follow_up"), one.scores, strict=False):
        judged = {"id": f"{id}-{phase}", "episode": number, "person": id, "instrument": "wellbeing", "version": "1"}
        judged |= {"phase": phase, "mode": "visit", "answers": {}, "score": score, "by": "kim", "at": end}
        found.append((outcome_tables.evaluations, judged))
    return found
