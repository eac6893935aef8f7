"""The page of reports: one table of an area and a time, and the same as a file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from api import catalogue, reports
from api.board import Lang
from api.care_frame import Block, Cell, Facts, Field, Form, PageRoute, Reader, Table, show
from api.care_pages import Prefix, reader_of
from api.city import Here
from care.reports import Name
from core.care import EARLIEST, LATEST

router = APIRouter(include_in_schema=False, route_class=PageRoute)
YEARS = range(EARLIEST.year, LATEST.year)


def _a_day(text: str) -> str:
    if text and date.fromisoformat(text).year not in YEARS:
        raise ValueError("between 2000 and 2199")
    return text


Day = Annotated[str, Query(max_length=10, pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"), AfterValidator(_a_day)]
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
    start, end = _day(reader, since), _day(reader, until)
    it = reports.read_report(city, name, of, start, end)
    columns = [getattr(one, lang) for one in it.columns]
    rows = [[_cell(row[one.key]) for one in it.columns] for row in it.rows[:MOST_ROWS]]
    times = {key: at.isoformat() for key, at in (("since", start), ("until", end)) if at is not None}
    said = urlencode({"area": of, **times})
    files = [(kind, Cell(kind, f"/api/care/reports/{name.value}.{kind}?{said}")) for kind in ("csv", "parquet")]
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
    if not text:
        return None
    # In a city east of Greenwich the first day begins before our time does.
    return min(LATEST, max(EARLIEST, datetime.fromisoformat(text).replace(tzinfo=reader.city.timezone)))


def _cell(value: Any) -> Cell:
    if value is None:
        return Cell("·")
    if isinstance(value, float):
        return Cell(f"{value:,.1f}", number=True)
    return Cell(f"{value:,}", number=True) if isinstance(value, int) else Cell(str(value))
