"""The page of reports: one table of an area and a time, and the same as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api import catalogue, reports
from api.board import Lang
from api.care_frame import Block, Cell, Facts, Field, Form, Reader, Table, show
from api.care_pages import Prefix, reader_of
from api.city import Here
from care.reports import Name

router = APIRouter(include_in_schema=False)
Day = Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
MOST_ROWS = 400


@router.get("/care/reports")
def choose(request: Request, city: Here, lang: Lang = "ko", area: Prefix = "") -> Response:
    reader = reader_of(city, lang)
    return show(reader, reader.t("chain.room.reports"), [_others(reader, area, "", "")], request)


@router.get("/care/reports/{name}")
def report_page(
    request: Request,
    city: Here,
    name: Annotated[Name, Path()],
    lang: Lang = "ko",
    area: Prefix = "",
    since: Day = "",
    until: Day = "",
) -> Response:
    reader = reader_of(city, lang)
    t = reader.t
    known = catalogue.list_cities(city, limit=200, offset=0)
    of = area or (known[0].city if known else "")
    it = reports.read_report(city, name, of, _day(reader, since), _day(reader, until))
    columns = [getattr(one, lang) for one in it.columns]
    rows = [[_cell(row[one.key]) for one in it.columns] for row in it.rows[:MOST_ROWS]]
    files = [(kind, Cell(kind, f"/api/care/reports/{name.value}.{kind}?area={of}")) for kind in ("csv", "parquet")]
    look = [
        Field("lang", type="hidden", value=lang),
        Field("area", t("chain.area"), value=of),
        Field("since", t("chain.from"), "date", value=since),
        Field("until", t("chain.until"), "date", value=until),
    ]
    blocks: list[Block] = [
        Table(f"{getattr(it, lang)} · {of} · {reader.at(it.since)} – {reader.at(it.until)}", columns, rows),
        Facts(files, t("chain.files")),
        Form(t("chain.look"), f"/care/reports/{name.value}", look, t("chain.look"), method="get"),
        _others(reader, of, since, until),
    ]
    return show(reader, getattr(it, lang), blocks, request)


def _others(reader: Reader, area: str, since: str, until: str) -> Facts:
    kept = {name: value for name, value in (("area", area), ("since", since), ("until", until)) if value}
    lines = []
    for name in Name:
        said = reader.t(f"care.report.{name.value}")
        lines.append((said, Cell(said, reader.link(f"/care/reports/{name.value}", **kept))))
    return Facts(lines, reader.t("chain.room.reports"))


def _day(reader: Reader, text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=reader.city.timezone) if text else None
    except ValueError:
        return None


def _cell(value: Any) -> Cell:
    if value is None:
        return Cell("·")
    if isinstance(value, float):
        return Cell(f"{value:,.1f}", number=True)
    return Cell(f"{value:,}", number=True) if isinstance(value, int) else Cell(str(value))
