"""The plain pages of intake and episodes: apply for somebody, see what is open and late, and bring a case forward."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import care, care_orders, catalogue
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
from api.care_shapes import Offset
from api.city import City, Here
from care import episodes as episodes_sql
from core.care import Origin, Priority, Stage
from core.people import AREA, Role, within
from store import people as people_sql
from store.care_tables import episodes as episode_rows
from store.columns import below

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(remember)])
Prefix = Annotated[str, Query(max_length=200, pattern=rf"^({AREA.pattern})?$")]
DONG = 2  # steps below a city: gu, and dong
NEWEST = 5
CALLED = (Role.MANAGER, Role.SUPERVISOR, Role.DUTY)


def reader_of(city: City, lang: Any) -> Reader:
    return Reader(city, lang, city.clock.now())


def members_of(reader: Reader, area: str, roles: Collection[Role] = CALLED) -> list[tuple[str, str]]:
    """The members who answer for an area; all of them where none is said."""
    with reader.city.db.read() as tx:
        known = [one for one in people_sql.all_members(tx) if one.active and one.role in roles]
    found = [one for one in known if not area or within(area, one.area)]
    return [(member.id, member.name) for member in sorted(found, key=lambda one: one.name)]


def by_field(reader: Reader, area: str) -> Field:
    """Who is acting."""
    return Field("by", reader.t("board.by"), "select", options=members_of(reader, area), required=True)


def choices(reader: Reader, head: str, codes: Any) -> list[tuple[str, str]]:
    return [(str(code.value), reader.word(head, code.value)) for code in codes]


def done_by(do: str, *more: Field) -> list[Field]:
    """The hidden fields of a form that does `do`, and what it asks for."""
    return [Field("do", type="hidden", value=do), Field("key", type="hidden", value=fresh()), *more]


@router.get("/care")
def door(lang: Lang = "ko") -> Response:
    return RedirectResponse(f"/care/episodes?lang={lang}", 303)


# --- intake


APPLY = {
    "apply": Deed(
        care.ApplicationIn,
        lambda city, where, body, key: care.apply(city, body, key),
        lists=("services",),
    )
}


@router.get("/care/apply")
def apply_page(request: Request, city: Here, lang: Lang = "ko", of: Prefix = "") -> Response:
    return _apply(request, reader_of(city, lang), of)


@router.post("/care/apply")
def apply(request: Request, city: Here, said: Fields, lang: Lang = "ko", of: Prefix = "") -> Response:
    reader = reader_of(city, lang)
    return perform(reader, request, said, APPLY, lambda status, why: _apply(request, reader, of, status, why))


def _apply(request: Request, reader: Reader, of: str, status: int = 200, refused: str = "") -> Response:
    """One page on the telephone: who, where, what for; up to five services."""
    t = reader.t
    cities = catalogue.list_cities(reader.city, limit=200, offset=0)
    known = [one.city for one in cities]
    chosen = of if of in known else (known[0] if known else "")
    blocks: list[Block] = [_newest(reader, chosen)] if "done" in request.query_params else []
    if len(known) > 1:
        links = [
            (getattr(one.name, reader.lang), Cell(one.city, reader.link("/care/apply", of=one.city))) for one in cities
        ]
        blocks.append(Facts(links, t("chain.city")))
    services, dong = [], []
    if chosen:
        found = catalogue.list_services(reader.city, chosen, limit=200, offset=0)
        services = [(one.code, getattr(one.name, reader.lang)) for one in found]
        with reader.city.db.read() as tx:
            names = people_sql.area_names(tx)
        dong = [(code, name[reader.lang == "en"]) for code, name in sorted(names.items()) if _is_dong(code, chosen)]
    fields = done_by(
        "apply",
        Field("id", type="hidden", value=f"page-{fresh()}"),
        Field("origin", t("chain.origin"), "select", options=choices(reader, "origin", Origin)),
        Field("priority", t("chain.priority"), "select", value="soon", options=choices(reader, "urgency", Priority)),
        Field("name", t("chain.name")),
        Field("area", t("chain.dong"), "select", options=[("", ""), *dong]),
        Field("home", t("chain.or_home")),
        Field("person", t("chain.or_person")),
        Field("services", t("chain.services"), "checks", options=services),
        Field("note", t("board.note_text"), "textarea"),
        Field("exercise", "", "checks", options=[("true", t("chain.exercise"))]),
        Field("by", t("board.by"), required=True),
    )
    blocks.append(Form(t("chain.apply"), reader.link("/care/apply", of=chosen), fields, t("chain.apply")))
    return draw(reader, t("chain.room.intake"), blocks, request, status=status, refused=refused)


def _newest(reader: Reader, city: str) -> Facts:
    """What was taken down last: whoever has just done so finds it here."""
    with reader.city.db.read() as tx:
        ids = (
            sa.select(episode_rows.c.id)
            .where(below(episode_rows.c.area, city))
            .order_by(episode_rows.c.id.desc())
            .limit(NEWEST)
        )
        found = episodes_sql.select(tx, episode_rows.c.id.in_(list(tx.scalars(ids))), limit=NEWEST)
        shown = care.shown(tx, found, reader.now)
    lines = [
        (f"{reader.t('chain.episode')} {one.id}", Cell(one.name or one.person, reader.link(f"/care/episodes/{one.id}")))
        for one in sorted(shown, key=lambda it: -it.id)
    ]
    return Facts(lines, reader.t("chain.newest"))


def _is_dong(code: str, city: str) -> bool:
    return within(code, city) and code.count("/") == DONG


# --- episodes


@router.get("/care/episodes")
def episodes_page(
    request: Request,
    city: Here,
    lang: Lang = "ko",
    area: Prefix = "",
    stage: Stage | None = None,
    overdue: bool = False,
    exercise: bool = False,
    offset: Offset = 0,
    waiting: Offset = 0,
) -> Response:
    reader = reader_of(city, lang)
    t = reader.t
    found = care.list_episodes(city, stage, None, None, area, overdue, exercise, limit=PAGE + 1, offset=offset)
    if stage is None:
        found = [one for one in found if one.stage is not Stage.CLOSED]
    kept = {"area": area, "stage": stage.value if stage else "", "overdue": "true" if overdue else "false"}
    stages = [("", t("chain.open")), *choices(reader, "stage", Stage)]
    search = Form(
        t("chain.look"),
        "/care/episodes",
        [
            Field("lang", type="hidden", value=lang),
            Field("area", t("chain.area"), value=area),
            Field("stage", t("chain.stage"), "select", value=kept["stage"], options=stages),
            Field("overdue", t("chain.late_only"), "select", value=kept["overdue"], options=_yes_no(reader)),
            Field("exercise", t("chain.exercise"), "select", value=str(exercise).lower(), options=_yes_no(reader)),
        ],
        t("chain.look"),
        method="get",
    )
    columns = [t(f"chain.{name}") for name in ("person", "stage", "due", "owner", "origin", "services")]
    names = names_of(reader)
    rows = [_row(reader, one, names) for one in found[:PAGE]]
    around = pages(reader, "/care/episodes", offset, len(found), **kept, waiting=str(waiting))
    unplaced = care_orders.unplaced(city, area or None, limit=PAGE + 1, offset=waiting)
    beside = {"offset": str(offset), **kept}
    more = {"newer": reader.link("/care/episodes", **beside, waiting=max(0, waiting - PAGE))} if waiting else {}
    if len(unplaced) > PAGE:
        more["older"] = reader.link("/care/episodes", **beside, waiting=waiting + PAGE)
    who = called(reader, [one.person for one in unplaced])
    blocks: list[Block] = [
        Table(t("chain.room.episodes"), columns, rows, **around),
        Table(t("chain.unplaced"), [t("chain.service"), t("chain.person"), t("chain.due"), t("chain.owner")], [
            [
                Cell(names.service(one.area, one.service), reader.link(f"/care/episodes/{one.episode}")),
                Cell(who[one.person]), reader.due(one.due_at), Cell(one.owner),
            ]
            for one in unplaced[:PAGE]
        ], **more),
        search,
    ]  # fmt: skip
    return draw(reader, t("chain.room.episodes"), blocks, request)


def _yes_no(reader: Reader) -> list[tuple[str, str]]:
    return [("false", reader.t("chain.no")), ("true", reader.t("chain.yes"))]


def _row(reader: Reader, one: care.EpisodeOut, names: Names) -> list[Cell]:
    return [
        Cell(one.name or one.person, reader.link(f"/care/episodes/{one.id}")),
        Cell(getattr(one.stage_name, reader.lang)),
        reader.due(one.due_at),
        Cell(one.owner),
        Cell(reader.word("origin", one.origin.value)),
        Cell(names.services(one.area, one.requested)),
    ]
