"""`GET /api/stream`: the case log as server-sent events, from wherever a client lost it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from access.visible import shows_case
from alerts.desk import Desk
from api.cards import Card, Told, cards
from api.city import City, Here
from api.kin import case_for_kin, kin, line_for_kin
from api.shapes import Entry
from api.stream import Message, Shows, sse
from core.clock import Clock
from store.database import Database
from store.figures import newest_line

router = APIRouter(prefix="/api", tags=["stream"])
EXAMPLE = 'id: 42\nevent: case\ndata: {"case": {"id": 7, "state": "alerting"}, "entry": {"id": 42}}\n\n'


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


@router.get(
    "/stream", response_class=EventStream, responses={200: {"content": {"text/event-stream": {"example": EXAMPLE}}}}
)
async def stream(
    city: Here,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**63 - 1, description="Goes before `after`.")] = None,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Line to go on from; 0: all of it.")] = None,
) -> EventStream:
    """Every line of the case log behind the given one, then each new one as it is written.

    `event: case` carries a line (an Entry) and its case (a Card) as it stands; its `id` is the line's. `beat`
    (with a comment; every 15 s when nothing else comes) says that the city lives; its data has the city's time.
    """
    place = await city.stream.begin(after if last_event_id is None else last_event_id)
    return EventStream(city.stream.listen(place, partial(_beat, city.clock), partial(_sight, city)))


def _sight(city: City) -> Shows | None:
    actor = city.still()
    # Whose reach has become another comes back and draws anew what is theirs.
    if actor is None or actor.reach != city.actor.reach:
        return None
    own = kin(actor)

    def shown(it: Message) -> bytes | None:
        if not shows_case(actor, it.area, it.home, it.person, it.opened_at):
            return None
        return it.kin if own else it.wire

    return shown


def _beat(clock: Clock) -> bytes:
    return b": keep-alive\n" + sse("beat", msgspec.json.encode({"at": clock.now()}))


def messages(db: Database, desk: Desk, after: int, limit: int) -> list[Message]:
    """The log behind line `after` as the stream sends it."""
    with db.read() as tx:
        lines = desk.log_since(tx, after, limit)
        cases = {card.id: card for card in cards(tx, desk.views.some(tx, {line.case for line in lines}))}
        entries = Entry.of(desk.views.told(tx, lines, "ko"), desk.views.told(tx, lines, "en"))
    told: list[Message] = []
    for line, entry in zip(lines, entries, strict=True):
        case, cut = cases[line.case], line_for_kin(entry)
        wire = _wire(line.id, case, entry)
        for_kin = None if cut is None else _wire(line.id, case_for_kin(case), cut)
        person = None if case.home else case.person
        told.append(Message(line.id, wire, for_kin, case.area, case.home, person, case.opened_at))
    return told


def _wire(id: int, case: Card, entry: Entry) -> bytes:
    return sse("case", Told(case=case, entry=entry).model_dump_json().encode(), id)


def newest(db: Database) -> int:
    """The newest line of the case log; 0 for an empty one."""
    with db.read() as tx:
        return newest_line(tx)
