"""The audit over HTTP: for the city's auditor, and for a person whose care manager is asked who has seen them."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from access import audit, books
from access.actor import Actor
from api.asking import Somebody, must
from api.cases import UNKNOWN
from api.city import City, Here
from api.people import PersonId
from api.shapes import STORABLE
from core.care import Refused
from core.clock import wall_now

router = APIRouter(prefix="/api", tags=["audit"])
Wanted = Annotated[str, Query(max_length=200, pattern=STORABLE)]
Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="Like 2026-11, by the city's time zone.")]
COLUMNS = ("account", "name", "role", "action", "times", "about")


class RecordOut(BaseModel):
    """Who saw or changed what. Times are real time, also where a demo's hours run faster."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    account: str = Field(description="Empty: a program of the city, or nobody who was known.")
    name: str | None
    role: str
    action: str
    kind: str
    object: str
    about: str = Field(description="The person or home it was about; empty: a list, or nobody.")
    request: str
    reason: str = Field(description="Of what was lent, what for; of a denial, why.")
    hash: str


class UseOut(BaseModel):
    """What one account did in the month."""

    model_config = ConfigDict(from_attributes=True)

    account: str
    name: str | None
    role: str
    action: str
    times: int
    about: int = Field(description="To how many people or homes, one by one; lists are in `times` alone.")


class LookOut(BaseModel):
    """What one account did with what is known of one person."""

    model_config = ConfigDict(from_attributes=True)

    account: str
    name: str | None
    role: str
    action: str
    times: int
    lent: int = Field(description="How many of these by break-glass.")
    first: datetime
    last: datetime


class VerdictOut(BaseModel):
    """`head`: to be written down elsewhere, so that it shows later whether the end was cut off."""

    model_config = ConfigDict(from_attributes=True)

    records: int = Field(description="How many stand as they were written, from the first on.")
    head: str = Field(description="The hash of the last of these.")
    broken: int | None = Field(description="The first record that is changed or missing; null: none is.")


@router.get("/audit")
def read_audit(
    request: Request,
    city: Here,
    actor: Somebody,
    about: Wanted = "",
    account: Wanted = "",
    action: Wanted = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="The last number of a page.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[RecordOut]:
    """The records, the newest first. That they are read is a record, too."""
    said = {"about": about, "account": account, "action": action}
    _looked(city, actor, request, about, " ".join(f"{name}={it}" for name, it in said.items() if it))
    with city.db.read() as tx:
        found = books.records(
            tx, books.told(actor), about=about, account=account, action=action, before=before, limit=limit
        )
        return [RecordOut.model_validate(one) for one in found]


@router.get("/audit/report")
def read_report(request: Request, city: Here, actor: Somebody, month: Month) -> list[UseOut]:
    """The access report of a month: who did what, how often, and to how many people or homes."""
    return [UseOut.model_validate(one) for one in _report(request, city, actor, month)]


@router.get("/audit/report.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def read_report_csv(request: Request, city: Here, actor: Somebody, month: Month) -> Response:
    """The same as a file for a spreadsheet."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for one in _report(request, city, actor, month):
        rows.writerow([_plain(getattr(one, name)) for name in COLUMNS])
    name = {"Content-Disposition": f'attachment; filename="access-{month}.csv"'}
    # With a mark of its encoding: spreadsheets show Korean names with it alone.
    return Response("\ufeff" + file.getvalue(), media_type="text/csv", headers=name)


@router.get("/audit/verify")
def verify_audit(request: Request, city: Here, actor: Somebody) -> VerdictOut:
    """Read the whole chain, and name the first record that is not as it was written."""
    _looked(city, actor, request, "", "verify")
    with city.db.read() as tx:
        return VerdictOut.model_validate(audit.verify(tx), from_attributes=True)


@router.get("/care/persons/{id}/seen-by", responses=UNKNOWN)
def read_seen_by(
    city: Here, id: PersonId, days: Annotated[int, Query(ge=1, le=3660, description="So far back.")] = 365
) -> list[LookOut]:
    """Who has looked at this person's things one by one, for them to be told; lists are not in it."""
    with city.db.read() as tx:
        return [LookOut.model_validate(one) for one in books.looks(tx, id, wall_now() - timedelta(days=days))]


def _looked(city: City, actor: Actor, request: Request, about: str, said: str) -> None:
    """First the record, then the look: what takes long keeps no writer waiting."""
    with city.db.write() as tx:
        asked = f"{request.method} {request.url.path}"
        audit.note(tx, actor, "audit", about=about, request=asked, reason=said, now=wall_now())


def _report(request: Request, city: City, actor: Actor, month: str) -> list[books.Use]:
    start, end = months(city, month)
    _looked(city, actor, request, "", month)
    with city.db.read() as tx:
        return books.uses(tx, books.told(actor), start, end)


def months(city: City, month: str) -> tuple[datetime, datetime]:
    """The beginning of a month and of the next one."""
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=city.timezone)
    except ValueError:
        must(Refused("audit_month"))
        raise
    return start, (start + timedelta(days=32)).replace(day=1)


def _plain(value: object) -> object:
    """What no spreadsheet takes for a formula."""
    text = str(value or "") if not isinstance(value, int) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
