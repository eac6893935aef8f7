"""The page of one episode: how it stands, all that belongs to it, and the next thing that one can do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter

from api import assess, care, care_orders, catalogue, evaluations, people, work
from api.board import Lang
from api.care_frame import (
    NUMBER,
    Block,
    Cell,
    Deed,
    Facts,
    Field,
    Fields,
    Form,
    PageRoute,
    Reader,
    Strange,
    Table,
    perform,
)
from api.care_names import Names, draw, level_name, names_of, remember
from api.care_pages import by_field, done_by, reader_of
from api.care_shapes import Number
from api.city import City, Here
from core.care import Ended, Stage, city_of

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(remember)])
FINAL = (Ended.MOVED, Ended.DIED)
LINES = 5
"""Of a plan that is written on this page."""


def _plan(said: dict[str, Any]) -> dict[str, Any]:
    """The lines of a plan are fields with numbers: `service-1`, `units-1`."""
    numbers = sorted({name.partition("-")[2] for name in said if name.startswith("units-")})
    span = {"start": said.get("start"), "end": said.get("end")}
    items = [{"service": said.get(f"service-{n}"), "units": said.get(f"units-{n}"), **span} for n in numbers]
    return {"goals": said.get("goals", ""), "items": items, "by": said.get("by")}


def _answers(said: dict[str, Any]) -> dict[str, Any]:
    """The answers of a questionnaire are fields `item-CODE`."""
    answers = {name.removeprefix("item-"): int(value) for name, value in said.items() if name.startswith("item-")}
    return {name: value for name, value in said.items() if not name.startswith("item-")} | {"answers": answers}


def _order_here(city: City, at: dict[str, Any]) -> int:
    """An order of the episode whose page it is. Raises Strange."""
    if care_orders.read_order(city, at["order"]).episode != int(at["episode"]):
        raise Strange("order")
    return int(at["order"])


def _item_here(city: City, at: dict[str, Any], body: care_orders.OfferIn) -> care_orders.OfferIn:
    """An item of this episode's plan. Raises Strange."""
    agreed = assess.read_plan(city, int(at["episode"])).agreed
    if agreed is None or body.item not in [one.id for one in agreed.items]:
        raise Strange("item")
    return body


def _ending(said: dict[str, Any]) -> dict[str, Any]:
    """Whether they are sure is between the page and its reader."""
    return {name: value for name, value in said.items() if name != "sure"}


def _unsure(said: Sequence[tuple[str, str]]) -> bool:
    """Whether somebody would be gone for good at one careless touch."""
    asked = dict(said)
    return asked.get("do") == "close" and asked.get("ended") in FINAL and "sure" not in asked


EPISODE = {
    "take": Deed(care.TakeIn, lambda city, at, body, key: care.take(city, at["id"], body, key), {"id": NUMBER}),
    "move": Deed(care.MoveIn, lambda city, at, body, key: care.move(city, at["id"], body, key), {"id": NUMBER}),
    "close": Deed(
        care.CloseIn, lambda city, at, body, key: care.close(city, at["id"], body, key), {"id": NUMBER}, shape=_ending
    ),
    "consent": Deed(
        people.ConsentIn,
        lambda city, at, body, key: people.decide(city, at["person"], body, key),
        {"person": TypeAdapter(people.PersonId)},
    ),
    "assess": Deed(
        assess.AssessmentIn,
        lambda city, at, body, key: assess.assess(city, at["episode"], body, key),
        {"episode": NUMBER},
        shape=_answers,
    ),
    "plan": Deed(
        assess.PlanIn,
        lambda city, at, body, key: assess.draft(city, at["episode"], body, key),
        {"episode": NUMBER},
        moments=("start", "end"),
        shape=_plan,
    ),
    "agree": Deed(
        assess.By,
        lambda city, at, body, key: assess.agree(city, at["episode"], at["plan"], body, key),
        {"episode": NUMBER, "plan": NUMBER},
    ),
    "offer": Deed(
        care_orders.OfferIn, lambda city, at, body, key: care_orders.offer(city, _item_here(city, at, body), key)
    ),
    "cancel": Deed(
        care_orders.BecauseIn,
        lambda city, at, body, key: care_orders.cancel(city, _order_here(city, at), body, key),
        {"order": NUMBER},
    ),
    "finish_order": Deed(
        care_orders.FinishIn,
        lambda city, at, body, key: care_orders.finish(city, _order_here(city, at), body, key),
        {"order": NUMBER},
    ),
    "evaluation": Deed(
        assess.By, lambda city, at, body, key: evaluations.begin(city, at["episode"], body, key), {"episode": NUMBER}
    ),
    "evaluate": Deed(
        evaluations.EvaluationIn,
        lambda city, at, body, key: evaluations.evaluate(city, at["episode"], body, key),
        {"episode": NUMBER},
        shape=_answers,
    ),
    "finish": Deed(
        assess.By, lambda city, at, body, key: evaluations.finish(city, at["episode"], body, key), {"episode": NUMBER}
    ),
}


@router.get("/care/episodes/{id}")
def episode_page(request: Request, city: Here, id: Number, lang: Lang = "ko") -> Response:
    return _page(request, reader_of(city, lang), id)


@router.post("/care/episodes/{id}")
def act(request: Request, city: Here, id: Number, said: Fields, lang: Lang = "ko") -> Response:
    reader = reader_of(city, lang)
    if _unsure(said):
        return _page(request, reader, id, 422, reader.t("chain.be_sure"))
    fixed = {"id": str(id), "episode": str(id), "person": care.read_episode(city, id).person}
    return perform(reader, request, said, EPISODE, lambda status, why: _page(request, reader, id, status, why), fixed)


def _page(request: Request, reader: Reader, id: int, status: int = 200, refused: str = "") -> Response:
    city, t = reader.city, reader.t
    it = care.read_episode(city, id)
    blocks: list[Block] = [_facts(reader, it)]
    if it.stage is not Stage.CLOSED:
        blocks += _next(reader, it)
    blocks += _belongings(reader, it)
    if it.stage is not Stage.CLOSED:
        usual = [one for one in Ended if one is not Ended.COMPLETED and one not in FINAL]
        blocks.append(_form(reader, it, "close", t("chain.close"), _endings(reader, usual)))
        sure = Field("sure", "", "checks", options=[("true", t("chain.sure"))], required=True)
        blocks.append(_form(reader, it, "close", t("chain.gone"), _endings(reader, FINAL), sure))
    blocks.append(_history(reader, it.history))
    return draw(reader, f"{it.name or it.person} · {reader.word('stage', it.stage.value)}", blocks, request,
                status=status, refused=refused)  # fmt: skip


def _endings(reader: Reader, which: Sequence[Ended]) -> Field:
    options = [(one.value, reader.word("ended", one.value)) for one in which]
    return Field("ended", reader.t("chain.why"), "select", options=options)


def _facts(reader: Reader, it: care.EpisodeDetail) -> Facts:
    t, names = reader.t, names_of(reader)
    lines = [
        (t("chain.person"), Cell(it.name or it.person, reader.link(f"/care/persons/{it.person}"))),
        (t("chain.area"), Cell(names.area(it.area))),
        (t("chain.stage"), Cell(reader.word("stage", it.stage.value))),
        (t("chain.due"), reader.due(it.due_at)),
        (t("chain.owner"), Cell(it.owner)),
        (t("chain.origin"), Cell(reader.word("origin", it.origin.value))),
        (t("chain.services"), Cell(names.services(it.area, it.requested))),
        (t("chain.level"), Cell(level_name(reader, it.level))),
        (t("board.note_text"), Cell(it.note)),
        (t("chain.call"), Cell(t("board.case", id=it.case), f"/cases/{it.case}?lang={reader.lang}")),
        (t("chain.consents"), Cell(", ".join(_consent(reader, one) for one in it.consents))),
    ]
    if it.exercise:
        lines.insert(0, (t("chain.exercise"), Cell(t("chain.yes"))))
    return Facts([line for line in lines if line[1].text])


def _consent(reader: Reader, one: care.ConsentOut) -> str:
    return f"{reader.word('purpose', one.purpose)}: {reader.word('consent', one.state)}"


def _form(reader: Reader, it: care.EpisodeDetail, do: str, title: str, *more: Field) -> Form:
    hidden = [Field(name, type="hidden", value=str(value)) for name, value in (("id", it.id), ("episode", it.id))]
    mine = [field for field in hidden if field.name in EPISODE[do].where]
    fields = done_by(do, *mine, *more, by_field(reader, it.area))
    return Form(title, reader.link(f"/care/episodes/{it.id}"), fields, title)


def _next(reader: Reader, it: care.EpisodeDetail) -> list[Block]:
    """What this stage asks for."""
    city, t = reader.city, reader.t
    found: list[Block] = [_form(reader, it, "take", t("chain.take"))] if it.owner.startswith("office:") else []
    if any(one.purpose == "care" and one.state != "given" for one in it.consents):
        hidden = [Field("person", type="hidden", value=it.person), Field("purpose", type="hidden", value="care")]
        said = [(word, reader.word("consent", word)) for word in ("given", "refused")]
        found.append(_form(reader, it, "consent", t("chain.consent"), *hidden,
                           Field("decision", t("chain.consent"), "select", options=said)))  # fmt: skip
    match it.stage:
        case Stage.INTAKE:
            visits = Cell(t("chain.visit_plan"), reader.link("/care/visits", person=it.person, episode=it.id))
            found.append(Facts([(t("chain.room.visits"), visits)], t("chain.visit_plan")))
            fixed = [Field("to", type="hidden", value="assessment"), Field("contact", type="hidden", value="phone")]
            found.append(_form(reader, it, "move", t("chain.by_phone"), *fixed))
        case Stage.ASSESSMENT:
            found.append(_form(reader, it, "assess", t("chain.assess"), _client(), *_items(reader, "care_level")))
        case Stage.PLAN:
            found += _planning(reader, it)
        case Stage.LINKAGE:
            for item in care_orders.unplaced(city, it.area, limit=200, offset=0):
                if item.episode == it.id:
                    found.append(_offer(reader, it, item))
            found.append(_form(reader, it, "evaluation", t("chain.begin_evaluation")))
        case Stage.EVALUATION:
            due = [one for one in evaluations.read(city, it.id).follow_ups if one.state == "open"]
            found += [_ask(reader, it, one) for one in due]
            found.append(_form(reader, it, "finish", t("chain.finish")))
    return found


def _client() -> Field:
    return Field("id", type="hidden", value=f"page-{done_by('')[1].value}")


def _items(reader: Reader, kind: Any, code: str = "") -> list[Field]:
    """The newest questionnaire of a kind, or the one of this code."""
    found = [one for one in assess.list_instruments(reader.city, kind, limit=50, offset=0) if code in ("", one.code)]
    return [
        Field(
            f"item-{item.code}",
            getattr(item.name, reader.lang),
            "select",
            options=[("", ""), *((str(one.points), getattr(one.name, reader.lang)) for one in item.choices)],
            required=True,
        )
        for item in (found[0].items if found else ())
    ]


def _planning(reader: Reader, it: care.EpisodeDetail) -> list[Block]:
    city, t = reader.city, reader.t
    services = [(s.code, getattr(s.name, reader.lang))
                for s in catalogue.list_services(city, city_of(it.area), limit=200, offset=0)]  # fmt: skip
    wanted = [*it.requested, *[""] * LINES][: max(LINES, len(it.requested))]
    local = reader.now.astimezone(city.timezone)
    fields: list[Field] = [Field("goals", t("chain.goals"), "textarea")]
    for number, service in enumerate(wanted):
        options = [("", ""), *services]
        fields.append(Field(f"service-{number}", t("chain.service"), "select", value=service, options=options))
        fields.append(Field(f"units-{number}", t("chain.units"), "number", value="4" if service else ""))
    fields.append(Field("start", t("chain.from"), "datetime-local", value=f"{local:%Y-%m-%dT%H:%M}"))
    fields.append(
        Field("end", t("chain.until"), "datetime-local", value=f"{local + timedelta(days=90):%Y-%m-%dT%H:%M}")
    )
    found: list[Block] = [_form(reader, it, "plan", t("chain.plan"), *fields)]
    draft = assess.read_plan(city, it.id).draft
    if draft is not None:
        found.insert(0, _form(reader, it, "agree", t("chain.agree"), Field("plan", type="hidden", value=str(draft.id))))
    return found


def _offer(reader: Reader, it: care.EpisodeDetail, item: care_orders.UnplacedOut) -> Form:
    city, t = reader.city, reader.t
    able = catalogue.list_providers(city, city_of(it.area), item.service, item.area, limit=200, offset=0)
    options = [(one.id, getattr(one.name, reader.lang)) for one in able]
    title = f"{t('chain.offer')}: {names_of(reader).service(it.area, item.service)}"
    return _form(reader, it, "offer", title, Field("item", type="hidden", value=str(item.item)),
                 Field("provider", t("chain.provider"), "select", options=options, required=True))  # fmt: skip


def _ask(reader: Reader, it: care.EpisodeDetail, one: evaluations.FollowUpOut) -> Form:
    t = reader.t
    hidden = [_client(), Field("instrument", type="hidden", value=one.instrument),
              Field("phase", type="hidden", value=one.phase)]  # fmt: skip
    ways = [(way, reader.word("contact", way)) for way in ("phone", "visit")]
    title = f"{t('chain.evaluate')}: {one.instrument} · {reader.at(one.due_at)}"
    return _form(reader, it, "evaluate", title, *hidden, Field("mode", t("board.contact"), "select", options=ways),
                 *_items(reader, None, one.instrument))  # fmt: skip


# --- what belongs to it


def _belongings(reader: Reader, it: care.EpisodeDetail) -> list[Block]:
    city, t, names = reader.city, reader.t, names_of(reader)
    found: list[Block] = []
    plans = assess.read_plan(city, it.id)
    for title, plan in ((t("chain.draft"), plans.draft), (t("chain.agreed"), plans.agreed)):
        if plan is not None:
            rows = [
                [
                    Cell(names.service(it.area, one.service)),
                    Cell(str(one.units), number=True),
                    *(Cell(reader.at(at)) for at in (one.start, one.end)),
                ]
                for one in plan.items
            ]
            columns = [t(f"chain.{name}") for name in ("service", "units", "from", "until")]
            found.append(Table(f"{title} · {plan.goals}".strip(" ·"), columns, rows))
    services = work.services(city, it.id, limit=200, offset=0)
    if services:
        columns = [t(f"chain.{name}") for name in ("service", "provider", "state", "units", "due", "records")]
        found.append(Table(t("chain.orders"), columns, [_order(reader, one, names) for one in services]))
    if it.stage is not Stage.CLOSED:
        found += [form for one in services for form in _exits(reader, it, one, names)]
    return found


def _exits(reader: Reader, it: care.EpisodeDetail, one: work.ServiceOut, names: Names) -> list[Form]:
    """The ways out of an order that lives."""
    t = reader.t
    ways = {"offered": ("cancel",), "accepted": ("finish_order", "cancel")}.get(one.state, ())
    order = Field("order", type="hidden", value=str(one.id))
    what = f"{names.service(one.area, one.service)} · {one.recorded}/{one.units}"
    return [
        _form(reader, it, do, f"{t(f'chain.order_{do}')}: {what}", order,
              Field("reason", t("chain.why"), required=do == "cancel" or one.recorded < one.units))
        for do in ways
    ]  # fmt: skip


def _order(reader: Reader, one: work.ServiceOut, names: Names) -> Sequence[Cell]:
    return (
        Cell(names.service(one.area, one.service)),
        Cell(one.provider, reader.link(f"/care/providers/{one.provider}")),
        Cell(reader.word("order", one.state)),
        Cell(f"{one.recorded}/{one.units}", number=True),
        reader.due(one.due_at),
        Cell(", ".join(f"{reader.at(record.end)} {reader.word('record', record.outcome)}" for record in one.records)),
    )


def _history(reader: Reader, lines: Sequence[care.Line]) -> Table:
    columns = [reader.t(f"chain.{name}") for name in ("when", "what", "who")]
    rows = [[Cell(reader.at(line.at)), Cell(getattr(line.what, reader.lang)), Cell(line.who)] for line in lines]
    return Table(reader.t("board.timeline"), columns, rows)
