"""Viewers over HTTP: a person says to their care manager which relative sees how their home stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from access import viewers
from access.roles import Purpose
from api.asking import must
from api.care_shapes import Signed
from api.cases import UNKNOWN
from api.city import Here
from api.people import PersonId
from api.shapes import STORABLE
from core.care import Refused

router = APIRouter(prefix="/api/care/persons", tags=["care"])
AccountId = Annotated[str, Path(max_length=100, pattern=STORABLE)]


class ViewerIn(Signed):
    purpose: Purpose
    state: Literal["given", "withdrawn"] = Field(
        description="The person's own word. It holds from the next request on."
    )


class ViewerOut(BaseModel):
    """A resident's or a relative's account, and what the person has said last of it."""

    model_config = ConfigDict(from_attributes=True)

    account: str
    name: str
    purpose: Purpose
    state: Literal["given", "withdrawn"] | None = Field(description="Null: nothing yet, which shows nothing.")
    by: str | None = Field(description="Who has taken the word down.")
    at: datetime | None


@router.get("/{id}/viewers", responses=UNKNOWN)
def list_viewers(city: Here, id: PersonId) -> list[ViewerOut]:
    """Who could see how this person's home stands, and whom they let."""
    with city.db.read() as tx:
        return [ViewerOut.model_validate(one) for one in viewers.of(tx, id)]


@router.get("/{id}/viewers/{account}", responses=UNKNOWN)
def read_viewer(city: Here, id: PersonId, account: AccountId) -> ViewerOut:
    """What this person has said of one of them."""
    with city.db.read() as tx:
        found = viewers.of(tx, id, account)
        return ViewerOut.model_validate(must(found[0] if found else Refused("unknown_viewer", {"account": account})))


@router.put("/{id}/viewers/{account}", responses=UNKNOWN)
def put_viewer(city: Here, id: PersonId, account: AccountId, said: ViewerIn) -> ViewerOut:
    """Take down the person's word. Withdrawn, it ends what is being shown within half a minute."""
    by, now = city.by(said.by), city.clock.now()
    with city.db.write() as tx:
        return ViewerOut.model_validate(must(viewers.put(tx, id, account, said.purpose, said.state, by, now)))
