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
SATISFIED = 20.0
"""Of 25: four of five on average, to each of the five questions."""
PROFILE = ("gender", "age", "income_band")


def services(tx: Connection, scope: Scope) -> Report:
    """People, units and won of what was received then, by service, by provider and by both; won as it was ordered."""
    work, o = served(scope), orders.c
    query = sa.select(o.service, o.provider, o.person, work.c.units, work.c.units * o.price_won)
    query = query.join(work, work.c.order == o.id).where(scope.here(o.area), o.exercise.is_(False))
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for service, provider, person, units, won in tx.execute(query):
        people[service, provider].add(person)
        both = sums[service, provider]
        both[0] += int(units)
        both[1] += int(won)
    for (service, provider), them in list(people.items()):
        for group in (("", ""), (service, ""), ("", provider)):
            people[group] |= them
            sums[group] = [a + b for a, b in zip(sums[group], sums[service, provider], strict=True)]
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
    whole = paired(*_summed(pairs), scope.rules.floor)
    if isinstance(whole, Refused):
        return whole
    for part, group, some in _grouped(pairs):
        change = paired(*_summed(some), scope.rules.floor)
        rows += _changed(part, group, change if isinstance(change, Paired) else None)
    for measure, answers in (("satisfied", _satisfied(tx, scope)), ("low_income", _low_income(tx, scope))):
        for part, group, said in _grouped(answers):
            n, yes = sum(one[2] for one in said), sum(one[2] for one in said if one[1])
            enough = n >= scope.rules.floor
            rows.append(
                (measure, part, group, n if enough else None, None, None, None, percent(yes, n) if enough else None)
            )
    columns = {"measure": TEXT, "part": TEXT, "group": TEXT, "n": NUMBER}
    return Report("outcomes", {**columns, "mean": REAL, "low": REAL, "high": REAL, "percent": REAL}, rows)


def profile(tx: Connection, scope: Scope) -> Report:
    """How many who received something are of which age, gender and income; small groups are hidden."""
    year = scope.since.astimezone(ZoneInfo(scope.rules.timezone)).year
    f, value, who = person_facts.c, sa.cast(person_facts.c.value, sa.Text).label("said"), users(scope).cte("who")
    known = sa.select(f.field, value, sa.func.count()).join(who, who.c.person == f.person)
    known = known.where(f.field.in_(("gender", "birth_year", "income_band"))).group_by(f.field, value)
    everybody = sa.select(sa.literal("all"), sa.literal("0"), sa.func.count()).select_from(who)
    counts: dict[str, dict[str, int]] = {part: defaultdict(int) for part in PROFILE}
    total = 0
    for field, text, count in tx.execute(sa.union_all(everybody, known)):
        said = json.loads(text)
        if field == "all":
            total = count
        elif field == "birth_year":
            counts["age"][age_band(int(said), year)] += count
        else:
            counts[field][str(said)] += count
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
    """(area, pairs, sum of the changes, sum of their squares, how many rose) of whose second evaluation was then."""
    first, again = evaluations.alias("first"), evaluations.alias("again")
    same = sa.and_(
        first.c.episode == again.c.episode, first.c.instrument == again.c.instrument, first.c.phase == "first"
    )
    change = again.c.score - first.c.score
    sums = (sa.func.count(), sa.func.sum(change), sa.func.sum(change * change))
    risen = sa.func.sum(sa.case((change > 0, 1), else_=0))
    query = sa.select(episodes.c.area, *sums, risen).select_from(again).join(first, same).group_by(episodes.c.area)
    return _of_kind(tx, scope, query, again, "quality_of_life", "follow_up")


def _satisfied(tx: Connection, scope: Scope) -> list[Any]:
    """(area, whether satisfied, how many)."""
    happy = (evaluations.c.score >= SATISFIED).label("happy")
    query = sa.select(episodes.c.area, happy, sa.func.count()).select_from(evaluations)
    return _of_kind(tx, scope, query.group_by(episodes.c.area, happy), evaluations, "satisfaction", "first")


def _of_kind(tx: Connection, scope: Scope, query: Any, answered: Any, kind: str, phase: str) -> list[Any]:
    codes = sa.select(instruments.c.code).where(instruments.c.kind == kind)
    query = query.join(episodes, episodes.c.id == answered.c.episode).where(
        *(answered.c.instrument.in_(codes), answered.c.phase == phase, scope.then(answered.c.at)),
        *(scope.here(episodes.c.area), episodes.c.exercise.is_(False)),
    )
    return list(tx.execute(query))


def _low_income(tx: Connection, scope: Scope) -> list[Any]:
    """(area, whether it is low, how many) of everybody who received something and whose income is known."""
    f, who = person_facts.c, users(scope).subquery("who")
    said = sa.cast(f.value, sa.Text).label("said")
    query = sa.select(who.c.area, said, sa.func.count()).join(person_facts, f.person == who.c.person)
    found = tx.execute(query.where(f.field == "income_band").group_by(who.c.area, said))
    return [(area, json.loads(band) in LOW_INCOME, n) for area, band, n in found]


def _grouped(rows: Iterable[Any]) -> list[tuple[str, str, list[Any]]]:
    everybody = list(rows)
    by_gu: dict[str, list[Any]] = defaultdict(list)
    for row in everybody:
        by_gu[gu_of(row[0])].append(row)
    return [("all", "", everybody), *(("gu", gu, by_gu[gu]) for gu in sorted(by_gu))]


def _summed(rows: list[Any]) -> tuple[int, float, float, int]:
    n, total, squares, risen = (
        (sum(column) for column in zip(*(row[1:] for row in rows), strict=True)) if rows else [0] * 4
    )
    return int(n), float(total), float(squares), int(risen)


def _changed(part: str, group: str, it: Paired | None) -> list[tuple[Cell, ...]]:
    if it is None:
        return [(measure, part, group, *[None] * 5) for measure in ("change", "improved")]
    return [
        ("change", part, group, it.n, it.mean, it.low, it.high, None),
        ("improved", part, group, it.n, None, None, None, it.improved),
    ]
