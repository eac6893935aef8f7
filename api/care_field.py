"""The pages of who goes there: visits on a tablet, and a worker's tasks and records on a telephone."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import TypeAdapter

from api import people, visits, work
from api.board import Lang
from api.care_frame import (
    PAGE,
    Block,
    Cell,
    Deed,
    Facts,
    Field,
    Fields,
    Form,
    PageRoute,
    Reader,
    Table,
    fresh,
    pages,
    perform,
)
from api.care_names import Names, called, draw, names_of, remember
from api.care_pages import Prefix, by_field, choices, done_by, members_of, reader_of
from api.care_shapes import ClientId, Offset
from api.city import Here
from api.shapes import STORABLE
from care import persons, tasks
from care.visit import Kind, Mark, Outcome

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(remember)])
Id = Annotated[str, Path(max_length=200, pattern=STORABLE)]
Person = Annotated[str, Query(max_length=110, pattern=STORABLE)]
AN_HOUR = timedelta(hours=1)
CLOCK = "%Y-%m-%dT%H:%M"
RECORDS = ("done", "closed_door", "refused", "hospital")
MARKS = ("well_being", "mood")
TICKS = ("home_safe", "food", "medicine")

# --- visits


def _form_body(said: dict[str, Any]) -> dict[str, Any]:
    """What was found stands in a part of its own."""
    found = {name: said.pop(name) for name in (*MARKS, *TICKS, "note") if name in said}
    return {**said, "record": found}


VISITS = {
    "plan": Deed(
        visits.PlanIn, lambda city, at, body, key: visits.plan(city, body, key), moments=("due_at", "planned_at")
    )
}
VISIT = {
    "step": Deed(
        visits.StepIn,
        lambda city, at, body, key: visits.step(city, at["id"], at["verb"], body, key),
        {"id": TypeAdapter(visits.VisitId), "verb": TypeAdapter(visits.Verb)},
    ),
    "form": Deed(
        visits.FormIn,
        lambda city, at, body, key: visits.finish(city, at["id"], at["form"], body, key),
        {"id": TypeAdapter(visits.VisitId), "form": TypeAdapter(visits.FormId)},
        moments=("started_at", "arrived_at", "finished_at"),
        shape=_form_body,
    ),
}


@router.get("/care/visits")
def visits_page(
    request: Request,
    city: Here,
    lang: Lang = "ko",
    area: Prefix = "",
    person: Person = "",
    episode: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    kind: Kind | None = None,
    offset: Offset = 0,
) -> Response:
    return _visits(request, reader_of(city, lang), area, person, episode, kind, offset)


@router.post("/care/visits")
def plan_visit(
    request: Request,
    city: Here,
    said: Fields,
    lang: Lang = "ko",
    area: Prefix = "",
    person: Person = "",
    episode: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    kind: Kind | None = None,
) -> Response:
    reader = reader_of(city, lang)

    def again(status: int, why: str) -> Response:
        return _visits(request, reader, area, person, episode, kind, 0, status, why)

    return perform(reader, request, said, VISITS, again)


def _visits(
    request: Request,
    reader: Reader,
    area: str,
    person: str,
    episode: int | None,
    kind: Kind | None,
    offset: int,
    status: int = 200,
    refused: str = "",
) -> Response:
    city, t = reader.city, reader.t
    found = visits.list_visits(
        city, None, area or None, person or None, None, "open", None, False, limit=PAGE + 1, offset=offset
    )
    names, who = names_of(reader), called(reader, [one.person for one in found])
    rows = [
        [
            Cell(who[one.person], reader.link(f"/care/visits/{one.id}")),
            Cell(reader.word("visit.kind", one.kind.value)),
            Cell(reader.word("visit.state", one.state.value)),
            reader.due(one.due_at),
            Cell(one.owner),
            Cell(names.area(one.area)),
        ]
        for one in found[:PAGE]
    ]
    columns = [t(f"chain.{name}") for name in ("person", "what", "state", "due", "owner", "area")]
    about = {"person": person, "episode": str(episode or ""), "kind": kind.value if kind else ""}
    kept = {name: value for name, value in about.items() if value}
    around = pages(reader, "/care/visits", offset, len(found), area=area, **kept)
    look = [Field(name, type="hidden", value=value) for name, value in {"lang": reader.lang, **kept}.items()]
    look.append(Field("area", t("chain.area"), value=area))
    answer = members_of(reader, area or _area_of(reader, person))
    local = reader.now.astimezone(city.timezone)
    fields = done_by(
        "plan",
        Field("id", type="hidden", value=f"page-{fresh()}"),
        Field("person", t("chain.person"), value=person, required=True),
        Field("episode", t("chain.episode"), "number", value=str(episode or "")),
        Field("kind", t("chain.what"), "select", value=about["kind"], options=choices(reader, "visit.kind", Kind)),
        Field("planned_at", t("chain.planned"), "datetime-local", value=f"{local + timedelta(hours=2):{CLOCK}}"),
        Field("due_at", t("chain.due"), "datetime-local", value=f"{local + timedelta(hours=24):{CLOCK}}"),
        Field("owner", t("chain.owner"), "select", options=answer, required=True),
        Field("by", t("board.by"), "select", options=answer, required=True),
    )
    here = reader.link("/care/visits", **({"area": area} if area else {}), **kept)
    blocks: list[Block] = [
        Table(t("chain.room.visits"), columns, rows, **around),
        Form(t("chain.look"), "/care/visits", look, t("chain.look"), method="get"),
        Form(t("chain.visit_plan"), here, fields, t("chain.visit_plan")),
    ]
    return draw(reader, t("chain.room.visits"), blocks, request, status=status, refused=refused)


def _area_of(reader: Reader, person: str) -> str:
    with reader.city.db.read() as tx:
        known = persons.person(tx, person) if person else None
    return known.area if known is not None else ""


@router.get("/care/visits/{id}")
def visit_page(request: Request, city: Here, id: Id, lang: Lang = "ko") -> Response:
    return _visit(request, reader_of(city, lang), id)


@router.post("/care/visits/{id}")
def act(request: Request, city: Here, id: Id, said: Fields, lang: Lang = "ko") -> Response:
    reader = reader_of(city, lang)
    return perform(
        reader, request, said, VISIT, lambda status, why: _visit(request, reader, id, status, why), {"id": id}
    )


def _visit(request: Request, reader: Reader, id: str, status: int = 200, refused: str = "") -> Response:
    city, t = reader.city, reader.t
    it = visits.read(city, id)
    here = reader.link(f"/care/visits/{id}")
    mine = Field("id", type="hidden", value=id)
    who = by_field(reader, it.area)
    facts = [
        (t("chain.person"), Cell(it.name or it.person, reader.link(f"/care/persons/{it.person}"))),
        (t("chain.what"), Cell(reader.word("visit.kind", it.kind.value))),
        (t("chain.state"), Cell(reader.word("visit.state", it.state.value))),
        (t("chain.due"), reader.due(it.due_at) if it.overdue else Cell(reader.at(it.due_at))),
        (t("chain.owner"), Cell(it.owner)),
        (t("chain.outcome"), Cell(reader.word("visit.outcome", it.outcome.value) if it.outcome else "")),
    ]
    blocks: list[Block] = [Facts([line for line in facts if line[1].text])]
    verbs = {"planned": ("take", "start"), "started": ("arrive",)}.get(it.state.value, ())
    for verb in verbs:
        fields = done_by("step", mine, Field("verb", type="hidden", value=verb), who)
        blocks.append(Form(t(f"chain.visit_{verb}"), here, fields, t(f"chain.visit_{verb}")))
    if it.state.value not in ("missed", "cancelled"):
        blocks.append(_visit_form(reader, it, here, mine, who))
    rows = [
        [
            Cell(reader.at(one.at)), Cell(one.by), Cell(reader.word("visit.outcome", one.outcome.value)),
            Cell(str(one.record.get("note") or "")),
            Cell(t("chain.conflict"), late=True) if one.conflict and not one.settled else Cell(""),
        ]
        for one in it.forms
    ]  # fmt: skip
    columns = [t(f"chain.{name}") for name in ("when", "who", "outcome", "note", "state")]
    blocks.append(Table(t("chain.forms"), columns, rows))
    return draw(reader, f"{t('chain.visit')} · {it.name or it.person}", blocks, request, status=status, refused=refused)


def _visit_form(reader: Reader, it: visits.VisitWithForms, here: str, mine: Field, who: Field) -> Form:
    t, zone = reader.t, reader.city.timezone
    times = {"started_at": it.started_at, "arrived_at": it.arrived_at, "finished_at": it.finished_at}
    fields = done_by(
        "form",
        mine,
        Field("form", type="hidden", value=f"page-{fresh()}"),
        Field("base", type="hidden", value=str(it.version)),
        Field("outcome", t("chain.outcome"), "select", options=choices(reader, "visit.outcome", Outcome)),
    )
    for name, at in times.items():
        local = (at or reader.now).astimezone(zone)
        fields.append(Field(name, t(f"chain.{name}"), "datetime-local", value=f"{local:{CLOCK}}", required=True))
    for name in MARKS:
        marks = [("", ""), *choices(reader, "visit.mark", Mark)]
        fields.append(Field(name, reader.word("visit.record", name), "select", options=marks))
    for name in TICKS:
        ticks = [("", ""), ("true", t("chain.yes")), ("false", t("chain.no"))]
        fields.append(Field(name, reader.word("visit.record", name), "select", options=ticks))
    fields += [Field("note", t("board.note_text"), "textarea"), who]
    return Form(t("chain.visit_form"), here, fields, t("chain.send"))


# --- a worker's telephone


WORK = {
    "record": Deed(
        work.RecordIn,
        lambda city, at, body, key: work.put_record(city, at["id"], body, key),
        {"id": TypeAdapter(ClientId)},
        held=("worker",),
        moments=("start", "end"),
    )
}


@router.get("/care/work/{worker}")
def work_page(request: Request, city: Here, worker: Id, lang: Lang = "ko", offset: Offset = 0) -> Response:
    return _work(request, reader_of(city, lang), worker, offset)


@router.post("/care/work/{worker}")
def put_record(request: Request, city: Here, worker: Id, said: Fields, lang: Lang = "ko") -> Response:
    reader = reader_of(city, lang)
    return perform(
        reader, request, said, WORK,
        lambda status, why: _work(request, reader, worker, 0, status, why), {"worker": worker},
    )  # fmt: skip


def _work(request: Request, reader: Reader, worker: str, offset: int, status: int = 200, refused: str = "") -> Response:
    city, t = reader.city, reader.t
    given = work.list_tasks(city, worker, None, "assigned", limit=PAGE + 1, offset=offset)
    with city.db.read() as tx:
        whither = tasks.errands(tx, [task.id for task in given])
    names = names_of(reader)
    blocks: list[Block] = []
    for task in given[:PAGE]:
        # What has not been yet is no record: a task that is done early was done in the last hour.
        start = min(task.planned_at, reader.now - AN_HOUR).astimezone(city.timezone)
        end = start + AN_HOUR
        fields = done_by(
            "record",
            Field("id", type="hidden", value=f"page-{fresh()}"),
            Field("task", type="hidden", value=str(task.id)),
            Field("worker", type="hidden", value=worker),
            Field("outcome", t("chain.outcome"), "select", options=[(o, reader.word("record", o)) for o in RECORDS]),
            Field("units", t("chain.units"), "number", value=str(task.units)),
            Field("start", t("chain.from"), "datetime-local", value=f"{start:{CLOCK}}", required=True),
            Field("end", t("chain.until"), "datetime-local", value=f"{end:{CLOCK}}", required=True),
            Field("note", t("board.note_text"), "textarea"),
            Field("worry", t("chain.worry"), "textarea"),
        )
        title = f"{reader.at(task.planned_at)} · {_errand(reader, whither[task.id], names)} · {task.units}"
        blocks.append(Form(title, reader.link(f"/care/work/{worker}"), fields, t("chain.send")))
    around = pages(reader, f"/care/work/{worker}", offset, len(given))
    if not given or around:
        blocks.append(Table(t("chain.tasks"), [], [], **around))
    return draw(reader, f"{t('chain.tasks')} · {worker}", blocks, request, status=status, refused=refused)


def _errand(reader: Reader, one: tasks.Errand, names: Names) -> str:
    """To whom, where, and what for."""
    return f"{one.name or one.person} · {names.area(one.area)} · {names.service(one.area, one.service)}"


# --- a person


@router.get("/care/persons/{id}")
def person_page(request: Request, city: Here, id: Id, lang: Lang = "ko") -> Response:
    reader = reader_of(city, lang)
    t, names = reader.t, names_of(reader)
    it = people.read_person(city, id)
    facts = [
        (t("chain.person"), Cell(it.name or it.id)),
        (t("chain.area"), Cell(names.area(it.area))),
        (t("chain.home"), Cell(it.home or "")),
        (t("chain.risk"), Cell(reader.word("risk", it.risk.value))),
        (t("chain.contact_at"), Cell(reader.at(it.contact_at))),
        (t("chain.gone"), Cell(f"{reader.word('ended', it.gone_why)} {reader.at(it.gone_at)}" if it.gone_at else "")),
        (t("chain.exercise"), Cell(t("chain.yes") if it.exercise else "")),
    ]
    episodes = [
        [Cell(str(one.id), reader.link(f"/care/episodes/{one.id}")), Cell(reader.word("stage", one.stage.value)),
         Cell(reader.at(one.opened_at)), reader.due(one.due_at)]
        for one in it.episodes
    ]  # fmt: skip
    who = called(reader, [one.other for one in it.ties])
    ties = [
        [Cell(who[one.other], reader.link(f"/care/persons/{one.other}")), Cell(reader.word("tie", one.kind))]
        for one in it.ties
    ]
    blocks: list[Block] = [
        Facts([line for line in facts if line[1].text]),
        Table(t("chain.room.episodes"), [t(f"chain.{n}") for n in ("episode", "stage", "when", "due")], episodes),
        Table(t("chain.ties"), [t("chain.person"), t("chain.what")], ties),
    ]
    return draw(reader, it.name or it.id, blocks, request)
