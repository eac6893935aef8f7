"""What each thing of the care chain is in HL7 FHIR R4, as plain JSON: pure. `care.fhir` reads and validates it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Json = dict[str, Any]
HTEST: Json = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:anbu:fhir")
PLAN = {"draft": "draft", "agreed": "active", "replaced": "revoked"}
ORDER = {"offered": "active", "accepted": "active", "done": "completed"}
"""Every other state is "revoked"."""
TASK = {"assigned": "accepted", "done": "completed", "missed": "failed", "cancelled": "cancelled"}
VISIT = {"planned": "planned", "started": "planned", "arrived": "in-progress", "finished": "finished"}
"""Every other state is "cancelled": nobody was met."""
PRIORITY = {"routine": "routine", "soon": "asap", "urgent": "urgent"}
SURVEY: Json = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}
UCUM = "http://unitsofmeasure.org"


def ident(kind: str, key: str | int) -> str:
    """A resource's id: a UUID made of what it stands for, the same in every bundle. A pseudonym, and no secret."""
    return str(uuid.uuid5(SPACE, f"{kind}/{key}"))


def to(kind: str, key: str | int) -> Json:
    return {"reference": f"urn:uuid:{ident(kind, key)}", "type": kind}


def stamp(at: datetime) -> str:
    return at.isoformat()


def between(start: datetime | None, end: datetime | None) -> Json | None:
    spans = {"start": stamp(start) if start else None, "end": stamp(end) if end else None}
    return present(spans) or None


def present(fields: Mapping[str, Any]) -> Json:
    """Without what is not known: FHIR has no empty values."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def code(system: str, value: str, *, version: str | None = None, text: str | None = None) -> Json:
    coding = present({"system": f"urn:anbu:{system}", "version": version, "code": value})
    return present({"coding": [coding], "text": text})


def resource(kind: str, key: str | int, exercise: bool, **fields: Any) -> Json:
    """One resource with its id; everything of an exercise says so itself."""
    meta = {"security": [HTEST], "tag": [HTEST]} if exercise else None
    return present({"resourceType": kind, "id": ident(kind, key), "meta": meta, **fields})


def identified(system: str, value: str | int) -> list[Json]:
    return [{"system": f"urn:anbu:{system}", "value": str(value)}]


def patient(person: Any, named: bool) -> Json:
    return resource(
        "Patient",
        person.id,
        person.exercise,
        identifier=identified("person", person.id),
        active=person.gone_at is None,
        name=[{"text": person.name}] if named and person.name else None,
        deceasedBoolean=True if person.gone_why == "died" else None,
    )


def practitioner(id: str, exercise: bool) -> Json:
    return resource("Practitioner", id, exercise, identifier=identified("member", id))


def organization(id: str, name: str, exercise: bool) -> Json:
    return resource("Organization", id, exercise, identifier=identified("provider", id), name=name or id)


def flag(case: Any, it: Any, words: str) -> Json:
    return resource(
        "Flag",
        case.id,
        it.exercise,
        identifier=identified("case", case.id),
        status="inactive" if case.closed_at else "active",
        code=code("concern", case.concern, text=words),
        subject=to("Patient", it.person),
        period=between(case.opened_at, case.closed_at),
    )


def team(it: Any, people: Iterable[str], providers: Iterable[str]) -> Json:
    owner = to("Practitioner", it.owner) if it.owner in people else {"display": it.owner}
    roles = [("owner", owner)]
    roles += [("worker", to("Practitioner", id)) for id in sorted(people) if id != it.owner]
    roles += [("provider", to("Organization", id)) for id in sorted(providers)]
    return resource(
        "CareTeam",
        it.id,
        it.exercise,
        status="active" if it.closed_at is None else "inactive",
        subject=to("Patient", it.person),
        period=between(it.opened_at, it.closed_at),
        participant=[{"role": [code("role", role)], "member": member} for role, member in roles],
    )


def care_plan(plan: Any, items: Iterable[Any], it: Any, named: bool) -> Json:
    status = PLAN[plan.state]
    if status == "active" and it.closed_at is not None:
        status = "completed" if it.ended == "completed" else "revoked"
    return resource(
        "CarePlan",
        plan.id,
        it.exercise,
        identifier=identified("plan", plan.id),
        status=status,
        intent="plan",
        # Goals are free text, and free text names people.
        description=plan.goals if named else None,
        subject=to("Patient", it.person),
        created=stamp(plan.at),
        period=between(plan.agreed_at, None),
        careTeam=[to("CareTeam", it.id)],
        supportingInfo=[to("Flag", it.case_id)],
        activity=[{"reference": to("ServiceRequest", f"item-{item.id}")} for item in items],
    )


def requested(item: Any, plan: Any, it: Any, words: str) -> Json:
    """A plan's item: what is to be done, by whomever."""
    status = {"draft": "draft", "active": "active", "revoked": "revoked"}[PLAN[plan.state]]
    return _service(f"item-{item.id}", item, it, words, status, "plan", plan.at, based_on=None, performer=None)


def order(row: Any, it: Any, words: str) -> Json:
    """What a provider was asked to do of an item."""
    status = ORDER.get(row.state, "revoked")
    performer = [to("Organization", row.provider)]
    item = [to("ServiceRequest", f"item-{row.item}")]
    return _service(f"order-{row.id}", row, it, words, status, "order", row.offered_at, item, performer)


def _service(
    key: str, row: Any, it: Any, words: str, status: str, intent: str, at: datetime, based_on: Any, performer: Any
) -> Json:
    return resource(
        "ServiceRequest",
        key,
        it.exercise,
        identifier=identified(key.partition("-")[0], row.id),
        basedOn=based_on,
        status=status,
        intent=intent,
        priority=PRIORITY[it.priority],
        code=code("service", row.service, text=words),
        quantityQuantity={"value": row.units},
        subject=to("Patient", it.person),
        occurrencePeriod=between(row.start, row.end),
        authoredOn=stamp(at),
        performer=performer,
    )


def task(row: Any, it: Any, people: Iterable[str]) -> Json:
    worker = to("Practitioner", row.worker) if row.worker in people else None
    return resource(
        "Task",
        row.id,
        it.exercise,
        identifier=identified("task", row.id),
        basedOn=[to("ServiceRequest", f"order-{row.order}")],
        status=TASK[row.state],
        intent="order",
        priority=PRIORITY[it.priority],
        focus=to("ServiceRequest", f"order-{row.order}"),
        **{"for": to("Patient", it.person)},
        authoredOn=stamp(row.at),
        executionPeriod=between(row.planned_at, None),
        owner=worker,
    )


def encounter(row: Any, it: Any, people: Iterable[str]) -> Json:
    went = [{"individual": to("Practitioner", row.owner)}] if row.owner in people else None
    return resource(
        "Encounter",
        row.id,
        it.exercise,
        status=VISIT.get(row.state, "cancelled"),
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"}},
        type=[code("visit", row.kind)],
        subject=to("Patient", it.person),
        participant=went,
        period=between(row.arrived_at or row.started_at or row.planned_at, row.finished_at),
    )


def observation(row: Any, it: Any, people: Iterable[str], *, level: str | None, phase: str | None) -> Json:
    """The score of a questionnaire, of an evaluation where it has a phase; its answers stay with whoever asked."""
    return resource(
        "Observation",
        f"{'evaluation' if phase else 'assessment'}-{row.id}",
        it.exercise,
        status="final",
        category=[SURVEY],
        code=code("instrument", row.instrument, version=row.version, text=row.instrument),
        subject=to("Patient", it.person),
        effectiveDateTime=stamp(row.at),
        performer=[to("Practitioner", row.by)] if row.by in people else None,
        valueQuantity={"value": row.score, "unit": "score", "system": UCUM, "code": "{score}"},
        interpretation=[code("level", level)] if level else None,
        component=[{"code": code("phase", "phase"), "valueString": phase}] if phase else None,
    )
