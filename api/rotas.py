"""Who answers in the coming weeks: the people, who stands in for whom, and the hours in which nobody can be called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from icalendar import Calendar, Event
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from access.visible import Kind
from alerts import gaps
from api.care_shapes import In, Moment, change, refusal
from api.cases import UNKNOWN
from api.city import City, Here
from api.once import IdempotencyKey
from api.places import Names, place
from api.shapes import STORABLE, CalendarKey, Sentence, Unreadable
from core.care import Refused
from core.people import CALLED, Cover, Member, Role
from core.words import LANGUAGES, say
from store import covers as store_covers
from store import people
from store.tables import covers, homes, members

router = APIRouter(prefix="/api", tags=["rota"])
AHEAD = 30
LONGEST = timedelta(days=400)
MemberId = Annotated[str, Field(min_length=1, max_length=100, pattern=STORABLE)]
CALENDAR = "text/calendar"


class OnRota(BaseModel):
    """Somebody who answers Care Calls."""

    id: str
    name: str
    role: Role
    area: str
    place: Sentence
    active: bool
    reachable: bool = Field(description="False: no way to reach them is known, so nobody calls them.")


class ShiftOut(BaseModel):
    """Hours of a role by the city's policy; without any, everybody of the role is always on call."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    role: Role
    area: str
    start_min: int = Field(description="Minutes from local midnight.")
    end_min: int = Field(description="More than 1440 where it ends on the next day.")
    days: list[str]
    members: list[str]


class CoverOut(BaseModel):
    """`member` is away and `by` stands in; null: nobody does."""

    id: int
    member: str
    name: str
    start: datetime
    end: datetime
    by: str | None
    by_name: str | None


class GapOut(BaseModel):
    """Nobody of that role can be called for that area then; cases climb past it at once."""

    area: str
    place: Sentence
    role: Role
    role_name: Sentence
    start: datetime
    end: datetime
    why: list[Sentence]


class RotaOut(BaseModel):
    start: datetime
    end: datetime
    timezone: str
    members: list[OnRota]
    shifts: list[ShiftOut]
    covers: list[CoverOut]
    gaps: list[GapOut]


class CoverIn(In):
    member: MemberId
    start: Moment
    end: Moment
    by: MemberId | None = Field(None, description="Who stands in; null: nobody.")


Start = Annotated[Moment | None, Query(description="Left out: now.")]
Days = Annotated[int, Query(ge=1, le=60)]


@router.get("/rota")
def read_rota(city: Here, start: Start = None, days: Days = AHEAD) -> RotaOut:
    """The people who answer, the covers, and the gaps of the days ahead."""
    begin = start or city.clock.now()
    with city.db.read() as tx:
        return _rota(city, tx, begin, days)


@router.post(
    "/rota/covers",
    response_model=CoverOut,
    responses={422: {"model": Unreadable, "description": "Who or when is not right."}},
)
def put_cover(city: Here, said: CoverIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Somebody is away, and another stands in for them. Where two covers overlap, the one written last holds."""

    def deed(tx: Connection, now: datetime) -> CoverOut | Refused:
        known = {member.id: member for member in _people(city, tx)}
        for id in (said.member, said.by):
            if id is not None and (id not in known or not known[id].active):
                return Refused("unknown_member", {"id": id})
        if said.by == said.member:
            return Refused("cover_self")
        if not max(said.start, now) < said.end <= said.start + LONGEST:
            return Refused("cover_period", {"days": LONGEST.days})
        it = Cover(said.member, said.start, said.end, said.by)
        number = store_covers.add_cover(tx, it)
        return _cover(store_covers.cover(tx, number), {id: one.name for id, one in known.items()})

    return change(city, idempotency_key, "rota/covers", said, deed)


@router.delete("/rota/covers/{id}", status_code=204, responses=UNKNOWN)
def end_cover(city: Here, id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> Response:
    """They are there again: what has begun ends now, what has not is taken out."""
    with city.db.write() as tx:
        if store_covers.cover(tx, id, city.only(Kind.MEMBER, covers.c.member)) is None:
            reply = refusal(Refused("unknown_cover", {"id": id}))
            return JSONResponse(reply.body, reply.status)
        store_covers.end_cover(tx, id, city.clock.now())
    return Response(status_code=204)


@router.get(
    "/rota.ics",
    response_class=Response,
    responses={200: {"content": {CALENDAR: {}}, "description": "RFC 5545: a VEVENT for each cover and each gap."}},
)
def read_calendar(
    city: Here, language: Annotated[str, Query(pattern="^(ko|en)$")] = "ko", key: CalendarKey = None
) -> Response:
    """The covers and the gaps of the days ahead as a calendar."""
    now = city.clock.now()
    with city.db.read() as tx:
        found = _rota(city, tx, now, AHEAD)
    return Response(_calendar(found, language, now), media_type=CALENDAR)


def _rota(city: City, tx: Connection, start: datetime, days: int) -> RotaOut:
    end = start + timedelta(days=days)
    theirs, names = _people(city, tx), people.area_names(tx)
    everybody = people.all_members(tx)
    called = {member.id: member.name for member in everybody}
    areas = tx.scalars(sa.select(homes.c.area).distinct().where(city.only(Kind.HOME, homes.c.id)))
    found = gaps.gaps(city.desk.policy, everybody, people.all_covers(tx), areas, start, days)
    known = store_covers.covers_between(tx, start, end, city.only(Kind.MEMBER, covers.c.member))
    return RotaOut(
        start=start,
        end=end,
        timezone=city.timezone.key,
        members=[
            OnRota(
                id=member.id,
                name=member.name,
                role=member.role,
                area=member.area,
                place=place(member.area, names),
                active=member.active,
                reachable=bool(member.reach),
            )
            for member in theirs
        ],
        shifts=[_shift(shift) for shift in city.desk.policy.rota.shifts],
        covers=[_cover(row, called) for row in known],
        gaps=[_gap(city, gap, names, called) for gap in found],
    )


def _people(city: City, tx: Connection) -> list[Member]:
    """Who answers, as far as it is theirs to see, by name."""
    seen = set(tx.scalars(sa.select(members.c.id).where(city.only(Kind.MEMBER, members.c.id))))
    found = [one for one in people.all_members(tx) if one.id in seen and one.role in CALLED]
    return sorted(found, key=lambda one: (one.name, one.id))


def _shift(shift: Any) -> ShiftOut:
    return ShiftOut(
        name=shift.name,
        role=shift.role,
        area=shift.area,
        start_min=shift.hours.start_min,
        end_min=shift.hours.end_min,
        days=list(shift.days),
        members=list(shift.members),
    )


def _cover(row: Any, names: dict[str, str]) -> CoverOut:
    return CoverOut(
        id=row.id,
        member=row.member,
        name=names.get(row.member, row.member),
        start=row.start,
        end=row.end,
        by=row.by,
        by_name=names.get(row.by, row.by) if row.by else None,
    )


def _gap(city: City, gap: gaps.Gap, names: Names, called: dict[str, str]) -> GapOut:
    views = city.desk.views
    return GapOut(
        area=gap.area,
        place=place(gap.area, names),
        role=Role(gap.who),
        role_name=Sentence.words(f"role.{gap.who}"),
        start=gap.start,
        end=gap.end,
        why=[Sentence(**{la: views.sentence(reason, la, called) for la in LANGUAGES}) for reason in gap.why],
    )


def _calendar(found: RotaOut, language: str, now: datetime) -> bytes:
    calendar = Calendar()
    for name, value in (("prodid", "-//Anbu//rota//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, value)
    calendar.add("x-wr-calname", say("rota.calendar", language))
    for cover in found.covers:
        key = "rota.covered" if cover.by else "rota.away"
        told = {"member": cover.name, "by": cover.by_name or ""}
        calendar.add_component(_event(f"cover-{cover.id}", cover.start, cover.end, say(key, language, told), now))
    for gap in found.gaps:
        told = {"role": getattr(gap.role_name, language), "place": getattr(gap.place, language)}
        uid = f"gap-{gap.area.replace('/', '-')}-{gap.role}-{gap.start:%Y%m%dT%H%M}"
        calendar.add_component(_event(uid, gap.start, gap.end, say("rota.gap", language, told), now))
    body: bytes = calendar.to_ical()
    return body


def _event(uid: str, start: datetime, end: datetime, summary: str, now: datetime) -> Event:
    event = Event()
    parts: Sequence[tuple[str, Any]]
    parts = (("uid", f"{uid}@anbu"), ("dtstamp", now), ("dtstart", start), ("dtend", end), ("summary", summary))
    for name, value in parts:
        event.add(name, value)
    return event
