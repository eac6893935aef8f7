"""The door of speakers' clouds: what they heard in homes comes in signed, by no token of the city's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path
from pydantic import BaseModel, Field

from api.city import Here
from api.gateways import small_body
from api.shapes import Fault, Unreadable, fault_body
from core.people import ID

router = APIRouter(prefix="/api/cloud", tags=["clouds"])
Name = Annotated[str, Path(pattern=f"^{ID.pattern}$")]
_REFUSED = {
    "key": (401, "api.cloud_key"),
    "replay": (409, "api.cloud_replay"),
    "unreadable": (422, "api.cloud_unreadable"),
    "kind": (422, "api.cloud_kind"),
    "foreign": (403, "api.cloud_foreign"),
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "Unknown, wrongly signed, or signed over five minutes ago."},
    403: {"model": Fault, "description": "It speaks for a home whose speaker is not its own; nothing was taken."},
    409: {"model": Fault, "description": "This very request came before: sign it anew."},
    413: {"model": Fault, "description": "More than 64 KiB."},
    422: {"model": Unreadable, "description": "It cannot be read, or says what a gateway alone can say."},
    503: {"model": Fault, "description": "The database cannot be reached now: sign the same again."},
}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/cloudevents+json": {"schema": {"description": "An event or an array: docs/asyncapi.yaml."}}
    },
}


class Heard(BaseModel):
    taken: int = Field(description="Events that are held from now on.")


@router.post("/{name}/events", responses=_ANSWERS, openapi_extra={"requestBody": _BODY})
def hear(
    city: Here,
    name: Name,
    body: Annotated[bytes, Depends(small_body)],
    anbu_signature: Annotated[
        str, Header(max_length=200, description="t=SECONDS,v1=HEX: HMAC-SHA256 of SECONDS.BODY by the shared secret.")
    ] = "",
) -> Heard:
    """What speakers heard: utterances, answers, presses. The same events again are known by their ids."""
    taken = city.homeward.from_cloud(name, anbu_signature, body)
    if not isinstance(taken, str):
        return Heard(taken=taken)
    status, key = _REFUSED[taken]
    raise HTTPException(status, fault_body(key)["detail"])
