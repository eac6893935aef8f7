"""Reports over HTTP: each as JSON, as CSV and as Parquet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.care_shapes import Area, Moment, must
from api.city import City, Here
from api.places import place
from api.shapes import Fault, Sentence
from care import reports
from care.report_files import as_csv, as_parquet
from care.report_scope import Report, Scope
from care.reports import Name
from core.words import say
from store import people

router = APIRouter(
    prefix="/api/care",
    tags=["care"],
    responses={
        404: {"model": Fault, "description": "There is no such area."},
        409: {"model": Fault, "description": "It would show too few people, or the time is none."},
    },
)
Within = Annotated[Area, Query(description="A city, a district or a dong: it and all below it.")]
Since = Annotated[Moment | None, Query(description="Without it: from this year's first day on.")]
Until = Annotated[Moment | None, Query(description="Without it: until now.")]
Which = Annotated[Name, Path()]
PARQUET = "application/vnd.apache.parquet"


class Column(BaseModel):
    """A column's key in each row, and what people call it."""

    key: str
    ko: str
    en: str


class ReportOut(BaseModel):
    """One flat table. A cell that is null is not known, or hidden because it would show too few people."""

    name: Name
    ko: str
    en: str
    area: str = Field(description="Asked for from above, it is cut to what of it is theirs who ask.")
    area_name: Sentence = Field(description="What is said of a time is of there; of `budget` the months and districts.")
    since: datetime
    until: datetime
    at: datetime = Field(description="What is overdue is so at this time.")
    columns: list[Column]
    rows: list[dict[str, str | int | float | None]]

    @classmethod
    def of(cls, report: Report, scope: Scope, named: Sentence) -> ReportOut:
        return cls(
            name=Name(report.name),
            ko=_says(report.name, "ko"),
            en=_says(report.name, "en"),
            area=scope.area,
            area_name=named,
            since=scope.since,
            until=scope.until,
            at=scope.now,
            columns=[
                Column(key=key, ko=_says(f"column.{key}", "ko"), en=_says(f"column.{key}", "en"))
                for key in report.columns
            ],
            rows=[dict(zip(report.columns, row, strict=True)) for row in report.rows],
        )


@router.get(
    "/reports/{name}.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}, "description": "CSV"}}
)
def report_as_csv(city: Here, name: Which, area: Within, since: Since = None, until: Until = None) -> Response:
    """The report as CSV; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    found, _, _ = _read(city, name, area, since, until)
    return _file(as_csv(found), "text/csv; charset=utf-8", f"{name.value}.csv")


@router.get(
    "/reports/{name}.parquet",
    response_class=Response,
    responses={200: {"content": {PARQUET: {}}, "description": "Parquet"}},
)
def report_as_parquet(city: Here, name: Which, area: Within, since: Since = None, until: Until = None) -> Response:
    """The report as Parquet."""
    found, _, _ = _read(city, name, area, since, until)
    return _file(as_parquet(found), PARQUET, f"{name.value}.parquet")


@router.get("/reports/{name}")
def read_report(city: Here, name: Which, area: Within, since: Since = None, until: Until = None) -> ReportOut:
    """One report of an area and a time [since, until); exercises and canaries count in none."""
    return ReportOut.of(*_read(city, name, area, since, until))


def _read(
    city: City, name: Name, area: str, since: datetime | None, until: datetime | None
) -> tuple[Report, Scope, Sentence]:
    with city.db.read() as tx:
        scope: Scope = must(reports.scope(tx, city.reach(area), since, until, city.clock.now()))
        return must(reports.report(tx, name, scope)), scope, place(scope.area, people.area_names(tx))


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _says(key: str, language: str) -> str:
    return say(f"care.report.{key}", language)
