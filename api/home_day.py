"""A home's last day by room beside its usual one, and the list in which homes are found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from access.visible import Kind
from anomaly.picture import ACTS, USUAL_DAYS, picture
from api.care_shapes import Moment
from api.cases import UNKNOWN
from api.city import Here
from api.homes import HomeId
from api.places import place
from api.shapes import STORABLE, Sentence, fault_body
from core.care import who
from core.people import Risk
from core.words import room
from store import past, people
from store.home_list import found_homes, living_cases
from store.tables import homes

router = APIRouter(prefix="/api", tags=["homes"])
DAY = timedelta(days=1)
SLACK = timedelta(hours=1)
"""The city's clock may have gone back a little; a home's words may come late."""
MOST_ROOMS = 24


class HomeRow(BaseModel):
    """A home in a list."""

    id: str
    name: str = Field(description="The resident's, else the home's id.")
    area: str
    place: Sentence
    risk: Risk
    heard: bool | None = Field(description="Null: nobody listens, for want of consent.")
    unproved: list[str]
    commissioned: bool | None = Field(
        description="Whether every device that its gateway has announced is proved; null: it says nothing of them."
    )
    absent_until: datetime | None
    cases: list[int] = Field(description="Open ones.")
    last_event_at: datetime | None


class HomeList(BaseModel):
    total: int
    homes: list[HomeRow]


class Stretch(BaseModel):
    start: datetime
    end: datetime


class Room(BaseModel):
    room: str
    name: Sentence
    at: list[datetime] = Field(description="When somebody was active there, to the minute.")
    usual: list[float] = Field(description="Share of days with activity there, for each half-hour of a local day.")


class HomeDay(BaseModel):
    """`unheard`: no word of that time ever came. `absent`: somebody had said that the home is empty. `door`: nobody was
    seen from the front door's moving on."""

    home: str
    since: datetime
    until: datetime
    timezone: str
    rooms: list[Room] = Field(description="The liveliest first.")
    usual: list[float] = Field(description="Share of days with activity anywhere, for each half-hour from midnight.")
    days: int = Field(description="How many of the 28 days before say what is usual.")
    unheard: list[Stretch]
    absent: list[Stretch]
    door: list[Stretch]
    last_act: datetime | None = Field(description="When somebody was last active; null: not for 28 days.")
    next_alarm: datetime | None
    next_alarm_as_of: datetime | None


@router.get("/homes")
def list_homes(
    city: Here,
    text: Annotated[str, Query(max_length=100, pattern=STORABLE, description="Of a name or an id.")] = "",
    area: Annotated[str, Query(max_length=100, pattern=STORABLE)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HomeList:
    """Homes by name, in an area and below it."""
    now, theirs = city.clock.now(), city.only(Kind.HOME, homes.c.id)
    with city.db.read() as tx:
        total, rows = found_homes(tx, who(text), text.strip().lower(), area, limit, offset, only=theirs)
        ids = {row.id for row in rows}
        names, unproved, open_cases = people.area_names(tx), people.unproved_devices(tx, ids), living_cases(tx, ids)
        told = people.announced(tx, ids)
        absent = {note.home: note.end for note in people.absences_at(tx, now)}
        return HomeList(
            total=total,
            homes=[
                HomeRow(
                    id=row.id,
                    name=row.resident or row.id,
                    area=row.area,
                    place=place(row.area, names),
                    risk=row.risk,
                    heard=not row.unheard if row.consent else None,
                    unproved=unproved.get(row.id, []),
                    commissioned=row.id not in unproved if row.id in told else None,
                    absent_until=absent.get(row.id),
                    cases=open_cases.get(row.id, []),
                    last_event_at=row.last_event_at,
                )
                for row in rows
            ],
        )


@router.get("/homes/{id}/day", responses=UNKNOWN)
def read_day(
    city: Here,
    id: HomeId,
    until: Annotated[Moment | None, Query(description="The day ends here; left out: now.")] = None,
) -> HomeDay:
    """The 24 hours before `until` by room, and the usual day of the four weeks before them."""
    now = city.clock.now()
    end = min(until.astimezone(UTC), now) if until else now
    since, first = end - DAY, end - DAY - timedelta(days=USUAL_DAYS + 1)
    with city.db.read() as tx:
        home = people.home(tx, id)
        if home is None or home.synthetic:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
        absences = [(note.start, note.end) for note in people.absences_of(tx, id, first, end)]
        old = past.position_before(tx, first - SLACK)
        fresh = past.position_before(tx, since - SLACK)
        rows = past.of_home(tx, id, home.gateway, first, kinds=ACTS, after=old)
        rows = [row for row in rows if row.position <= fresh]
        rows += past.of_home(tx, id, home.gateway, first, after=fresh)
    found = picture(rows, since, end, home.timezone, absences)
    due, as_of = city.next_alarm(id) or (None, None)
    lively = sorted(found.rooms.keys() | found.usual.keys(), key=lambda room: (-sum(found.usual.get(room, ())), room))
    return HomeDay(
        home=id,
        since=since,
        until=end,
        timezone=home.timezone,
        rooms=[
            Room(
                room=room,
                name=_room(room),
                at=list(found.rooms.get(room, ())),
                usual=list(found.usual.get(room, (0.0,) * len(found.anywhere))),
            )
            for room in lively[:MOST_ROOMS]
        ],
        usual=list(found.anywhere),
        days=found.days,
        unheard=_stretches(found.unheard),
        absent=_stretches([(max(start, since), min(last, end)) for start, last in absences if last > since]),
        door=_stretches(found.door),
        last_act=found.last,
        next_alarm=due,
        next_alarm_as_of=as_of,
    )


def _stretches(spans: Sequence[tuple[datetime, datetime]]) -> list[Stretch]:
    return [Stretch(start=start, end=end) for start, end in spans]


def _room(name: str) -> Sentence:
    ko, en = room(name)
    return Sentence(ko=ko, en=en)
