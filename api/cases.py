"""Care Calls over HTTP: list, read, and what a person can do to one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.engine import Connection

from access.visible import Kind
from alerts.case import Refused
from alerts.views import CaseView
from api.city import City, Here
from api.kin import case_for_kin, kin, told_to_kin
from api.once import IdempotencyKey, answer
from api.shapes import STORABLE, Act, CaseOut, CaseWithTimeline, Delivery, Entry, Fault, State, Taken, Verb, fault_body
from core.words import say
from store.idempotency import Reply
from store.tables import cases

router = APIRouter(prefix="/api", tags=["cases"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
UNKNOWN: dict[int | str, dict[str, object]] = {404: {"model": Fault, "description": "There is no such thing."}}
REFUSED: dict[int | str, dict[str, object]] = {
    **UNKNOWN,
    409: {"model": Fault, "description": "The case's state does not allow it."},
}


@router.get("/cases")
def list_cases(
    city: Here,
    state: Annotated[State | None, Query(description="`open`: every living case.")] = None,
    synthetic: Annotated[bool, Query(description="Also those of homes where nobody lives.")] = False,
) -> list[CaseOut]:
    """Cases, what is due first on top."""
    with city.db.read() as tx:
        return [
            as_told(city, view)
            for view in city.desk.list(tx, state, synthetic=synthetic, only=city.only(Kind.CASE, cases.c.id))
        ]


@router.get("/cases/{id}", responses=UNKNOWN)
def read_case(city: Here, id: Number) -> CaseWithTimeline:
    """One case with its whole history."""
    with city.db.read() as tx:
        return with_timeline(city, tx, id)


@router.post("/cases/{id}/{verb}", response_model=CaseWithTimeline, responses=REFUSED)
def act(
    city: Here,
    id: Number,
    verb: Verb,
    said: Annotated[Act | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take a case, arrive, give it back (`release`), close it, or write a note. Doing it twice changes nothing."""
    reply = perform(city, id, verb, said or Act(), idempotency_key)
    return JSONResponse(reply.body, reply.status)


@router.post("/deliveries/{key:path}")
def report_delivery(
    city: Here, key: Annotated[str, Path(max_length=200, pattern=STORABLE)], delivery: Delivery
) -> Taken:
    """A provider's word that a message was delivered to a phone, or seen by its owner. It may say so twice."""
    with city.db.write() as tx:
        return Taken(taken=city.report(tx, key, delivery.state, city.clock.now()))


def perform(city: City, id: int, verb: Verb, said: Act, key: str | None) -> Reply:
    """Carry out an act, once for each key, in one transaction with its answer."""
    if verb == "note" and not said.note:
        return Reply(422, fault_body("api.empty_note"))
    if verb == "close" and said.outcome is None:
        return Reply(422, fault_body("api.no_outcome"))
    now = city.clock.now()
    said.by = city.by(said.by)
    with city.db.write() as tx:

        def deed() -> Reply:
            done = city.desk.act(
                tx, id, verb, said.by, now, outcome=said.outcome or "", contact=said.contact, note=said.note
            )
            if done is None:
                return Reply(404, fault_body("api.no_case", id=id))
            if isinstance(done, Refused):
                return Reply(409, _refused(done))
            if said.note and verb in ("ack", "arrive"):
                city.desk.act(tx, id, "note", said.by, now, note=said.note)
            return Reply(200, with_timeline(city, tx, id).model_dump(mode="json"))

        return answer(city, tx, key, f"cases/{id}/{verb}", said.model_dump_json(), now, deed)


def with_timeline(city: City, tx: Connection, id: int) -> CaseWithTimeline:
    """One case with its history; 404 where there is none."""
    view = city.desk.view(tx, id)
    if view is None:
        raise HTTPException(404, fault_body("api.no_case", id=id)["detail"])
    return CaseWithTimeline(**dict(as_told(city, view)), timeline=history(city, tx, id))


def as_told(city: City, view: CaseView) -> CaseOut:
    """A case as whoever asks is told it."""
    case = CaseOut.of(view)
    return case_for_kin(case) if kin(city.actor) else case


def history(city: City, tx: Connection, id: int) -> list[Entry]:
    """A case's history as whoever asks is told it."""
    lines = Entry.of(city.desk.timeline(tx, id, "ko"), city.desk.timeline(tx, id, "en"))
    return told_to_kin(lines) if kin(city.actor) else lines


def _refused(refused: Refused) -> dict[str, object]:
    key = f"case.refused.{refused.reason}"
    return {"detail": {"code": refused.reason, "ko": say(key, "ko"), "en": say(key, "en")}}
