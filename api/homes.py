"""Homes over HTTP: take in one or a file of them, see how one stands, say that nobody is in."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.engine import Connection

from access import visible
from access.visible import Kind
from api.cases import UNKNOWN, as_told
from api.city import City, Here
from api.places import place
from api.shapes import (
    AbsenceIn,
    AbsenceOut,
    DeviceOut,
    HomeIn,
    HomeOut,
    Imported,
    NoteOut,
    RejectedLine,
    Sentence,
    UnheardHome,
    Unreadable,
    fault_body,
)
from core.events import LogRow
from core.people import ID, LONGEST_ABSENCE, Home
from core.signals import Evidence
from core.words import WORDS
from store import people
from store.enrol import Line, fault, read_homes_csv
from store.figures import living_cases_of
from store.log import notes
from store.tables import homes
from store.unheard import unheard_homes, unheard_since

router = APIRouter(prefix="/api", tags=["homes"])
HomeId = Annotated[str, Path(pattern=f"^{ID.pattern}$")]


@router.get("/homes/{id}", responses=UNKNOWN)
def read_home(city: Here, id: HomeId) -> HomeOut:
    """A home, its devices, and how it stands."""
    now = city.clock.now()
    with city.db.read() as tx:
        home = people.home(tx, id)
        if home is None:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
        absent = people.absences_at(tx, now, id)
        due, as_of = city.next_alarm(id) or (None, None)
        unheard, since = unheard_since(tx, id)
        devices = people.devices_of(tx, home.gateway)
        told = [device.proved for device in devices if device.proved is not None]
        heard = None if home.synthetic or not home.consent else not unheard
        living = [city.desk.view(tx, case) for case in living_cases_of(tx, id)]
        return HomeOut(
            **{name: getattr(home, name) for name in home.__struct_fields__},
            asked_by=home.asked_by,
            devices=[DeviceOut.model_validate(device) for device in devices],
            last_event_at=people.last_event_at(tx, home.gateway),
            heard=heard,
            commissioned=all(told) if told else None,
            watched=heard is True and all(told),
            unheard_since=since,
            absence=AbsenceOut.model_validate(absent[-1]) if absent else None,
            next_alarm=due,
            next_alarm_as_of=as_of,
            cases=[as_told(city, view) for view in living if view is not None],
            notes=[_note(row) for row in notes(tx, id)],
        )


def _note(row: LogRow) -> NoteOut:
    what = str(getattr(row.data, "what", ""))
    key = f"note.{what}" if f"note.{what}" in WORDS else "note.other"
    return NoteOut(at=row.at, device=row.device, key=key, what=Sentence.words(key, device=row.device, what=what))


@router.get("/unheard")
def read_unheard(city: Here) -> list[UnheardHome]:
    """The homes that nobody watches just now, longest first; those that never said a word are last."""
    with city.db.read() as tx:
        names = people.area_names(tx)
        return [
            UnheardHome(
                home=row.home, area=row.area, place=place(row.area, names), resident=row.resident, since=row.since
            )
            for row in unheard_homes(tx, only=city.only(Kind.HOME, homes.c.id))
        ]


async def _lines(request: Request) -> list[Line]:
    """The homes of a body in CSV or JSON. A body that is neither is the client's error, not a rejected line."""
    body = await request.body()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv":
        try:
            return read_homes_csv(body.decode())
        except UnicodeDecodeError:
            raise HTTPException(422, fault_body("api.not_utf8")["detail"]) from None
    try:
        home = HomeIn.model_validate_json(body).home()
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from None
    return [Line(1, fault(home) or home)]


_ONE: dict[str, Any] = {"schema": HomeIn.model_json_schema(ref_template="#/components/schemas/{model}")}
_ONE["schema"].pop("$defs")  # what HomeIn refers to, HomeOut has put among the document's schemas
_MANY: dict[str, Any] = {
    "schema": {"type": "string", "description": "The header names the columns; each line is a home."},
    "example": "home,gateway,area,resident,risk,language,timezone,residents\n"
    "home-1,gw-0001,gwangju/nam-gu/bongseon-1-dong,김순자,high,ko,Asia/Seoul,1\n",
}


@router.post(
    "/homes",
    responses={422: {"model": Unreadable, "description": "Neither a home nor a file of homes."}},
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": _ONE, "text/csv": _MANY}}},
)
def take_in(city: Here, lines: Annotated[list[Line], Depends(_lines)]) -> Imported:
    """Take in one home, or a file of them: what is right is taken, each wrong line is told."""
    done = list(people.take_in(city.db, lines, city.clock.now(), partial(_not_theirs, city)))
    rejected = [
        RejectedLine(line=line.number, reason=Sentence.words(line.read.key, **line.read.numbers))
        for line in done
        if isinstance(line.read, Evidence)
    ]
    return Imported(imported=len(done) - len(rejected), rejected=rejected)


def _not_theirs(city: City, tx: Connection, home: Home) -> Evidence | None:
    """Why an account may not put a home there: another's area, another's home, or the gateway of another's home."""
    if city.actor.system:
        return None
    stand = [one.id for one in (people.home(tx, home.id), people.home_of_gateway(tx, home.gateway)) if one is not None]
    if city.covers(home.area) and all(visible.find(tx, city.actor, Kind.HOME, id) for id in stand):
        return None
    return Evidence("homes.not_yours", {"home": home.id})


@router.post("/homes/{id}/absence", responses=UNKNOWN)
def note_absence(city: Here, id: HomeId, note: AbsenceIn) -> AbsenceOut:
    """Nobody will be in until then: silence raises no concern. It ends within 72 hours, and may then be said anew."""
    now = city.clock.now()
    try:
        until = note.until.astimezone(UTC)
    except OverflowError:  # the ends of the calendar
        until = now
    if not now < until <= now + LONGEST_ABSENCE:
        hours = int(LONGEST_ABSENCE.total_seconds() // 3600)
        raise HTTPException(422, fault_body("api.bad_until", hours=hours)["detail"])
    by = city.by(note.by)
    with city.db.write() as tx:
        home = people.home(tx, id)
        if home is None:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
        people.add_absence(tx, id, now, until, by)
        city.record_absence(tx, home, until, now)
    return AbsenceOut(start=now, end=until, by=by)


@router.delete("/homes/{id}/absence", status_code=204, responses=UNKNOWN)
def end_absence(city: Here, id: HomeId) -> None:
    """They are back before the time. Where nobody was away it changes nothing."""
    now = city.clock.now()
    with city.db.write() as tx:
        home = people.home(tx, id)
        if home is None:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
        if people.absences_at(tx, now, id):
            people.end_absence(tx, id, now)
            city.record_absence(tx, home, None, now)
