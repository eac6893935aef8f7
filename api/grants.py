"""Break-glass over HTTP: whoever needs a foreign home's or person's data says why, and a supervisor there sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from access import audit, grants
from access.grants import LONGEST_H
from access.visible import Kind
from api.asking import InPerson, Somebody, must
from api.care_shapes import In, Number
from api.cases import UNKNOWN
from api.city import Here
from api.guard import Unseen
from api.shapes import STORABLE, fault_body
from core.care import Refused
from core.clock import wall_now
from store.account_tables import grants as rows

router = APIRouter(prefix="/api", tags=["accounts"])
PAGE = 200


class GrantIn(In):
    kind: Literal["home", "person"]
    object: Annotated[str, StringConstraints(min_length=1, max_length=110, pattern=STORABLE)] = Field(
        description="Its id."
    )
    reason: Annotated[str, StringConstraints(max_length=1000, pattern=STORABLE)] = Field(
        description="In ten letters at least; the supervisor there reads it."
    )
    hours: int = Field(1, description=f"1 to {LONGEST_H}.")


class GrantOut(BaseModel):
    """One home or person that is lent to an account, with who lives there, their Care Calls and their care."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    account: str
    name: str = Field(description="Of who asked.")
    kind: Literal["home", "person"]
    object: str
    area: str
    reason: str
    start: datetime
    end: datetime
    seen_by: str | None = Field(description="The supervisor's account who has looked at it.")
    seen_at: datetime | None


@router.post("/grants", status_code=201, responses=UNKNOWN)
def break_glass(request: Request, city: Here, actor: InPerson, asked: GrantIn) -> GrantOut:
    """Lend whoever asks one foreign home or person of their own city. It is written down, and shown at once to the
    supervisors there."""
    with city.db.write() as tx:
        done = grants.ask(tx, actor, asked.kind, asked.object, asked.reason, asked.hours, city.clock.now())
        if isinstance(done, Refused) and done.code.startswith("unknown_"):
            # As for any other thing that is not theirs: whether there is one, they can't tell.
            raise Unseen(Kind(asked.kind), asked.object)
        made = must(done)
        asked_for = f"{request.method} {request.url.path}"
        audit.note(
            tx, actor, "grant", made.kind, made.object, made.object, asked_for, f"#{made.id} {made.reason}",
            now=wall_now(),
        )  # fmt: skip
    return GrantOut.model_validate(made)


@router.get("/grants")
def list_grants(
    city: Here,
    seen: Annotated[bool | None, Query(description="False: those that no supervisor has looked at yet.")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="The last id of a page.")] = None,
) -> list[GrantOut]:
    """Break-glass in one's own area, the newest first."""
    which = city.only(Kind.GRANT, rows.c.id)
    if seen is not None:
        which &= rows.c.seen_at.is_not(None) if seen else rows.c.seen_at.is_(None)
    if before is not None:
        which &= rows.c.id < before
    with city.db.read() as tx:
        return [GrantOut.model_validate(one) for one in grants.select(tx, which, PAGE)]


@router.get("/me/grants")
def my_grants(city: Here, actor: Somebody) -> list[GrantOut]:
    """What is lent to this account now."""
    with city.db.read() as tx:
        held = grants.running(actor.account, city.clock.now())
        return [GrantOut.model_validate(one) for one in grants.select(tx, held, PAGE)]


@router.post("/grants/{id}/seen", responses=UNKNOWN)
def see_grant(city: Here, actor: InPerson, id: Number) -> GrantOut:
    """A supervisor has looked at it. Nobody signs off their own."""
    with city.db.write() as tx:
        return GrantOut.model_validate(must(grants.see(tx, actor, id, city.clock.now())))


@router.delete("/grants/{id}", responses=UNKNOWN)
def end_grant(city: Here, actor: Somebody, id: Number) -> GrantOut:
    """End it early: whoever asked for it, or a supervisor there."""
    with city.db.write() as tx:
        ended = grants.end(tx, id, city.clock.now())
        if ended is None:
            raise HTTPException(404, fault_body("access.refused.unknown_grant")["detail"])
        return GrantOut.model_validate(ended)
