"""An episode of care as an HL7 FHIR R4 bundle, for hospitals and other systems that know no table of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, fhir_resources, persons
from care.fhir_resources import Json
from core.care import Refused, city_of
from core.people import CALLED, within
from core.words import say
from store.care_tables import assessments as assessed
from store.care_tables import orders, plan_items, plans, tasks, visits
from store.outcome_tables import evaluations
from store.pack_tables import providers, services
from store.tables import cases, members


def may_read_names(tx: Connection, member: str, area: str) -> bool:
    """Whether a member answers for that area: an active care manager, supervisor or duty desk."""
    theirs = sa.select(members.c.area).where(
        members.c.id == member, members.c.active, members.c.role.in_([role.value for role in CALLED])
    )
    answers_for = tx.scalar(theirs)
    return answers_for is not None and within(area, answers_for)


def bundle(tx: Connection, id: int, now: datetime, *, named: bool = False) -> str | Refused:
    """The JSON of an episode's bundle (type collection). Refused: unknown_episode.

    Without names and free text unless `named`. Every resource is built by the FHIR library's own model, and raises
    its ValidationError where a mapping of ours is wrong.
    """
    it = episodes.episode(tx, id)
    if it is None:
        return Refused("unknown_episode", {"id": id})
    # It takes a while to load, and nothing but an export needs it.
    from fhir.resources.R4B.bundle import Bundle, BundleEntry

    found = resources(tx, it, named)
    entries = [BundleEntry(fullUrl=f"urn:uuid:{one['id']}", resource=validated(one)) for one in found]
    meta = found[0].get("meta")
    whole = Bundle(type="collection", timestamp=now, entry=entries, **({"meta": meta} if meta else {}))
    text: str = whole.model_dump_json()
    return text


def validated(resource: Json) -> Any:
    """The FHIR library's own object of a resource. Raises pydantic's ValidationError."""
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def resources(tx: Connection, it: episodes.Episode, named: bool) -> list[Json]:
    """Everything of an episode, the patient first. What refers to another one refers to one of these."""
    person = persons.person(tx, it.person)
    assert person is not None, "an episode's person is never deleted"
    case = tx.execute(sa.select(cases).where(cases.c.id == it.case_id)).one()
    planned = _rows(tx, sa.select(plans).where(plans.c.episode == it.id).order_by(plans.c.id))
    items = _rows(tx, sa.select(plan_items).join(plans).where(plans.c.episode == it.id).order_by(plan_items.c.id))
    ordered = _rows(tx, sa.select(orders).where(orders.c.episode == it.id).order_by(orders.c.id))
    work = _rows(
        tx,
        sa.select(tasks)
        .join(orders, orders.c.id == tasks.c.order)
        .where(orders.c.episode == it.id)
        .order_by(tasks.c.id),
    )
    went = _rows(tx, sa.select(visits).where(visits.c.episode == it.id).order_by(visits.c.created_at, visits.c.id))
    needs = _rows(tx, sa.select(assessed).where(assessed.c.episode == it.id).order_by(assessed.c.at, assessed.c.id))
    outcomes = _rows(
        tx, sa.select(evaluations).where(evaluations.c.episode == it.id).order_by(evaluations.c.at, evaluations.c.id)
    )
    people = _members(
        tx,
        {
            it.owner,
            *(row.worker for row in work),
            *(row.owner for row in went),
            *(row.by for row in (*needs, *outcomes)),
        },
    )
    firms = _names(
        tx,
        sa.select(providers.c.id, providers.c.name_ko).where(
            providers.c.id.in_(sorted({row.provider for row in ordered}))
        ),
    )
    offered = _names(tx, sa.select(services.c.code, services.c.name_ko).where(services.c.city == city_of(it.area)))
    by_plan = {plan.id: plan for plan in planned}
    r = fhir_resources
    found = [r.patient(person, named), r.flag(case, it, say(f"concern.{case.concern}", "ko"))]
    found += [r.practitioner(id, it.exercise) for id in sorted(people)]
    found += [r.organization(id, name, it.exercise) for id, name in sorted(firms.items())]
    found.append(r.team(it, people, firms))
    found += [r.care_plan(plan, [item for item in items if item.plan == plan.id], it, named) for plan in planned]
    found += [r.requested(item, by_plan[item.plan], it, offered.get(item.service, item.service)) for item in items]
    found += [r.order(row, it, offered.get(row.service, row.service)) for row in ordered]
    found += [r.task(row, it, people) for row in work]
    found += [r.encounter(row, it, people) for row in went]
    found += [r.observation(row, it, people, level=row.level, phase=None) for row in needs]
    found += [r.observation(row, it, people, level=None, phase=row.phase) for row in outcomes]
    return found


def _rows(tx: Connection, query: sa.Select[Any]) -> Sequence[Any]:
    return tx.execute(query).all()


def _names(tx: Connection, query: sa.Select[Any]) -> dict[str, str]:
    return {row[0]: row[1] for row in tx.execute(query)}


def _members(tx: Connection, named: Iterable[str]) -> set[str]:
    """Those of these that are members: an owner can be an office, and a name that was written down anybody's."""
    return set(tx.scalars(sa.select(members.c.id).where(members.c.id.in_(sorted(named)))))
