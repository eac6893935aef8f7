"""Scheduled check-in calls over HTTP: when a home is called, what came of it, and how that goes over the weeks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from access.visible import Kind
from alerts.happenings import Result
from api.cases import UNKNOWN
from api.city import City, Here
from api.homes import HomeId
from api.shapes import Refusal, Unreadable, fault_body
from core.people import Home, within
from core.signals import Evidence
from core.week import Weekly, weekly
from store import check_ins, people
from store.check_ins import MOST_TIMES
from store.tables import homes as home_rows

router = APIRouter(prefix="/api", tags=["check-ins"])
SHOWN = 50
Weeks = Annotated[int, Query(ge=1, le=53, description="How many, this one among them.")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Time(BaseModel):
    """One time of the week, by the home's wall clock."""

    model_config = ConfigDict(extra="forbid")

    clock: str = Field(
        description="HH:MM. Where daylight saving skips it, as much later; where it comes twice, the first."
    )
    days: list[Day]


class AgendaIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agenda: list[Time] = Field(description="All of a home's times: those of before are no more.")


class CallOut(BaseModel):
    """One appointment and what came of it."""

    day: date = Field(description="Of the home's own calendar.")
    clock: str
    planned_at: datetime
    state: Literal["waiting", "asking", "ok", "not_ok", "missed", "not_possible"]
    asks: int = Field(description="How often it was put.")
    reason: Refusal | None = Field(description="Why it was not possible, or what came of the last question.")
    ended_at: datetime | None
    case: int | None = Field(description="The case that a missed call has opened or joined.")

    @classmethod
    def of(cls, row: Any) -> CallOut:
        key = f"result.{row.reason}" if row.reason in frozenset(Result) else f"checkins.why.{row.reason}"
        known = {name: getattr(row, name) for name in ("day", "clock", "planned_at", "state", "asks", "ended_at")}
        return cls(**known, reason=Refusal.because(Evidence(key)) if row.reason else None, case=row.case_id)


class WeekOut(BaseModel):
    """One week's calls; `week` as in ISO 8601. What lives still is in `planned` and `asked` alone."""

    model_config = ConfigDict(from_attributes=True)

    week: str
    planned: int
    asked: int
    ok: int
    not_ok: int
    missed: int
    not_possible: int


class CheckIns(BaseModel):
    agenda: list[Time]
    next_at: datetime | None
    calls: list[CallOut] = Field(description=f"The newest {SHOWN}.")
    weeks: list[WeekOut] = Field(description="The oldest first; a week without calls is left out.")


class HomeWeeks(BaseModel):
    home: str
    area: str
    resident: str
    weeks: list[WeekOut]


@router.get("/homes/{id}/check-ins", responses=UNKNOWN)
def read(city: Here, id: HomeId, weeks: Weeks = 12) -> CheckIns:
    """When a home is called, and what came of its calls."""
    with city.db.read() as tx:
        return _told(city, tx, _home(tx, id), weeks)


@router.put(
    "/homes/{id}/check-ins",
    responses={**UNKNOWN, 422: {"model": Unreadable, "description": "These are no times of a week."}},
)
def plan(city: Here, id: HomeId, asked: AgendaIn, weeks: Weeks = 12) -> CheckIns:
    """Call a home at these times from now on, and at no others."""
    agenda: list[Weekly] = []
    for time in asked.agenda:
        week = weekly(time.clock, tuple(time.days))
        if week is None:
            text = f"{','.join(time.days)} {time.clock[:20]}"
            raise HTTPException(422, fault_body("checkins.bad_time", text=text)["detail"])
        agenda.append(week)
    if len(agenda) > MOST_TIMES or len({week.clock for week in agenda}) < len(agenda):
        raise HTTPException(422, fault_body("checkins.too_many", most=MOST_TIMES)["detail"])
    with city.db.write() as tx:
        home = _home(tx, id)
        check_ins.put_agenda(tx, id, home.timezone, agenda, city.clock.now())
        return _told(city, tx, home, weeks)


@router.get("/check-ins")
def trends(
    city: Here,
    area: Annotated[str, Query(max_length=100, description="A prefix; empty: everywhere.")] = "",
    weeks: Weeks = 8,
) -> list[HomeWeeks]:
    """Week by week, what came of the calls of each home that had any."""
    with city.db.read() as tx:
        found = check_ins.weeks(tx, _since(city, weeks))
        seen = set(tx.scalars(sa.select(home_rows.c.id).where(city.only(Kind.HOME, home_rows.c.id))))
        homes = [
            home for home in people.all_homes(tx) if home.id in found and home.id in seen and within(home.area, area)
        ]
    return [
        HomeWeeks(home=home.id, area=home.area, resident=home.resident, weeks=_out(found[home.id])) for home in homes
    ]


def _home(tx: Any, id: str) -> Home:
    home = people.home(tx, id)
    if home is None:
        raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
    return home


def _told(city: City, tx: Any, home: Home, weeks: int) -> CheckIns:
    return CheckIns(
        agenda=[Time.model_validate(week, from_attributes=True) for week in check_ins.agenda_of(tx, home.id)],
        next_at=check_ins.next_call_at(tx, home.id),
        calls=[CallOut.of(row) for row in check_ins.last_calls(tx, home.id, SHOWN)],
        weeks=_out(check_ins.weeks(tx, _since(city, weeks), home.id).get(home.id, [])),
    )


def _since(city: City, weeks: int) -> date:
    """The Monday on which the first of so many weeks began, by the city's calendar."""
    today = city.clock.now().astimezone(city.timezone).date()
    return today - timedelta(days=today.weekday() + 7 * (weeks - 1))


def _out(weeks: list[check_ins.Week]) -> list[WeekOut]:
    return [WeekOut.model_validate(week) for week in weeks]
