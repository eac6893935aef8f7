"""Reports of people: which services reached how many, who they are, and what came of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.report_figures import Paired, age_band, paired, percent, shown
from care.report_scope import NUMBER, REAL, TEXT, Cell, Report, Scope, served, users
from core.care import Refused, gu_of
from store.care_tables import episodes, orders, person_facts
from store.outcome_tables import evaluations
from store.pack_tables import instruments

LOW_INCOME = frozenset({"basic_livelihood", "near_poverty"})
"""Income bands of who gets the basic livelihood benefit, and of the next above them."""
SATISFIED = 4.0
"""Of five: an average answer that says satisfied."""
PROFILE = ("gender", "age", "income_band")


def services(tx: Connection, scope: Scope) -> Report:
    """People, units and won of what was received then, by service, by provider and by both; won as it was ordered."""
    work, o = served(scope), orders.c
    query = sa.select(o.service, o.provider, o.person, work.c.units, work.c.units * o.price_won)
    query = query.join(work, work.c.order == o.id).where(scope.here(o.area), o.exercise.is_(False))
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for service, provider, person, units, won in tx.execute(query):
        for group in (("", ""), (service, ""), ("", provider), (service, provider)):
            people[group].add(person)
            sums[group][0] += int(units)
            sums[group][1] += int(won)
    rows: list[tuple[Cell, ...]] = [
        (_part(*group), *group, len(people[group]), *sums[group])
        for group in sorted(people, key=lambda g: (_order(*g), g))
    ]
    columns = {"part": TEXT, "service": TEXT, "provider": TEXT, "users": NUMBER, "units": NUMBER, "won": NUMBER}
    return Report("services", columns, rows)


def outcomes(tx: Connection, scope: Scope) -> Report | Refused:
    """The change of the quality of life from the first evaluation to the last, in pairs; who is satisfied, and whose
    income is low. By district beside the whole; what fewer people than the floor would show is hidden."""
    rows: list[tuple[Cell, ...]] = []
    pairs = _pairs(tx, scope)
    whole = paired(*_columns(pairs), scope.rules.floor)
    if isinstance(whole, Refused):
        return whole
    for part, group, some in _grouped(pairs):
        change = paired(*_columns(some), scope.rules.floor)
        rows += _changed(part, group, change if isinstance(change, Paired) else None)
    for measure, answers in (("satisfied", _satisfied(tx, scope)), ("low_income", _low_income(tx, scope))):
        for part, group, said in _grouped(answers):
            n, yes = len(said), sum(bool(one[1]) for one in said)
            enough = n >= scope.rules.floor
            rows.append(
                (measure, part, group, n if enough else None, None, None, None, percent(yes, n) if enough else None)
            )
    columns = {"measure": TEXT, "part": TEXT, "group": TEXT, "n": NUMBER}
    return Report("outcomes", {**columns, "mean": REAL, "low": REAL, "high": REAL, "percent": REAL}, rows)


def profile(tx: Connection, scope: Scope) -> Report:
    """How many who received something are of which age, gender and income; small groups are hidden."""
    year = scope.since.astimezone(ZoneInfo(scope.rules.timezone)).year
    f, value = person_facts.c, sa.cast(person_facts.c.value, sa.Text).label("said")
    query = sa.select(f.field, value, sa.func.count()).where(f.person.in_(users(scope)))
    query = query.where(f.field.in_(("gender", "birth_year", "income_band"))).group_by(f.field, value)
    counts: dict[str, dict[str, int]] = {part: defaultdict(int) for part in PROFILE}
    for field, text, count in tx.execute(query):
        said = json.loads(text)
        if field == "birth_year":
            counts["age"][age_band(int(said), year)] += count
        else:
            counts[field][str(said)] += count
    total = tx.scalar(sa.select(sa.func.count()).select_from(users(scope).subquery())) or 0
    rows: list[tuple[Cell, ...]] = [("all", "", total if total == 0 or total >= scope.rules.floor else None)]
    for part, groups in counts.items():
        if unknown := total - sum(groups.values()):
            groups["unknown"] = unknown
        rows += [(part, group, n) for group, n in sorted(shown(groups, scope.rules.floor).items())]
    return Report("profile", {"part": TEXT, "group": TEXT, "users": NUMBER}, rows)


def _part(service: str, provider: str) -> str:
    return ("all", "provider", "service", "service_provider")[_order(service, provider)]


def _order(service: str, provider: str) -> int:
    return 2 * bool(service) + bool(provider)


def _pairs(tx: Connection, scope: Scope) -> list[Any]:
    """(area, before, after) of the episodes whose second evaluation was made then."""
    first, again = evaluations.alias("first"), evaluations.alias("again")
    same = sa.and_(
        first.c.episode == again.c.episode, first.c.instrument == again.c.instrument, first.c.phase == "first"
    )
    query = sa.select(episodes.c.area, first.c.score, again.c.score).select_from(again).join(first, same)
    return _of_kind(tx, scope, query, again, "quality_of_life", "follow_up")


def _satisfied(tx: Connection, scope: Scope) -> list[Any]:
    query = sa.select(episodes.c.area, evaluations.c.score >= SATISFIED).select_from(evaluations)
    return _of_kind(tx, scope, query, evaluations, "satisfaction", "first")


def _of_kind(tx: Connection, scope: Scope, query: Any, answered: Any, kind: str, phase: str) -> list[Any]:
    codes = sa.select(instruments.c.code).where(instruments.c.kind == kind)
    query = query.join(episodes, episodes.c.id == answered.c.episode).where(
        *(answered.c.phase == phase, answered.c.instrument.in_(codes), scope.then(answered.c.at)),
        *(scope.here(episodes.c.area), episodes.c.exercise.is_(False)),
    )
    return list(tx.execute(query))


def _low_income(tx: Connection, scope: Scope) -> list[Any]:
    """(area, whether it is low) of everybody who received something and whose income is known."""
    work, o, f = served(scope), orders.c, person_facts.c
    mine = sa.select(o.person, sa.func.min(o.area).label("area")).join(work, work.c.order == o.id)
    who = mine.where(scope.here(o.area), o.exercise.is_(False)).group_by(o.person).subquery("who")
    query = sa.select(who.c.area, sa.cast(f.value, sa.Text)).join(person_facts, f.person == who.c.person)
    return [(area, json.loads(said) in LOW_INCOME) for area, said in tx.execute(query.where(f.field == "income_band"))]


def _grouped(rows: Iterable[Any]) -> list[tuple[str, str, list[Any]]]:
    everybody = list(rows)
    by_gu: dict[str, list[Any]] = defaultdict(list)
    for row in everybody:
        by_gu[gu_of(row[0])].append(row)
    return [("all", "", everybody), *(("gu", gu, by_gu[gu]) for gu in sorted(by_gu))]


def _columns(pairs: list[Any]) -> tuple[list[float], list[float]]:
    return [pair[1] for pair in pairs], [pair[2] for pair in pairs]


def _changed(part: str, group: str, it: Paired | None) -> list[tuple[Cell, ...]]:
    if it is None:
        return [(measure, part, group, *[None] * 5) for measure in ("change", "improved")]
    return [
        ("change", part, group, it.n, it.mean, it.low, it.high, None),
        ("improved", part, group, it.n, None, None, None, it.improved),
    ]
