"""What the care chain's routes have in common: bounded times and numbers, and how a refusal is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from api.city import City
from api.once import answer
from api.shapes import STORABLE, fault_body
from core.care import CLIENT_ID, EARLIEST, LATEST, MOST_WON, Refused, who
from core.people import AREA
from store.idempotency import Reply

MOST = 100_000


def _in_our_time(at: datetime) -> datetime:
    # The ends of the calendar break sums with them.
    if not EARLIEST <= at <= LATEST:
        raise ValueError("between 2000 and 2200")
    return at


def _somebody(name: str) -> str:
    if not who(name):
        raise ValueError("a name that can be seen")
    return name


def _if_anybody(name: str) -> str:
    return _somebody(name) if name else name


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Count = Annotated[int, Field(ge=1, le=MOST)]
Won = Annotated[int, Field(ge=1, le=MOST_WON)]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
ClientId = Annotated[str, StringConstraints(pattern=f"^{CLIENT_ID.pattern}$")]
Area = Annotated[str, StringConstraints(pattern=f"^{AREA.pattern}$", max_length=200)]
Who = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=STORABLE),
    AfterValidator(_somebody),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=STORABLE)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=STORABLE)]
PageSize = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class In(BaseModel):
    """A request's body: a field that nobody knows is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid")


class Signed(In):
    """A request by somebody. With an account they are who they are; a program says for whom it speaks."""

    by: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=100, pattern=STORABLE), AfterValidator(_if_anybody)
    ] = Field("", description="Who acts: a member's id, as a rule. An account's own, whatever stands here.")


def refusal(refused: Refused) -> Reply:
    """404 for what does not exist, 409 for what the state of things does not allow."""
    status = 404 if refused.code.startswith("unknown_") else 409
    return Reply(status, fault_body(f"care.refused.{refused.code}", **refused.numbers))


def must(found: Any) -> Any:
    """What was read, where it is not a refusal; else the refusal as an HTTP error."""
    if isinstance(found, Refused):
        reply = refusal(found)
        raise HTTPException(reply.status, reply.body["detail"])
    return found


def change(
    city: City, key: str | None, route: str, request: BaseModel, deed: Callable[[Connection, datetime], Any]
) -> JSONResponse:
    """Carry out `deed(tx, now)` in one transaction with its answer, once for each Idempotency-Key.

    It returns a Refused, a model, or plain JSON. A refusal leaves what the deed wrote: a conflict is kept, too.
    """
    now = city.clock.now()
    if isinstance(request, Signed):
        request.by = city.by(request.by)
    with city.db.write() as tx:

        def act() -> Reply:
            done = deed(tx, now)
            if isinstance(done, Refused):
                return refusal(done)
            return Reply(200, done.model_dump(mode="json") if isinstance(done, BaseModel) else done)

        reply = answer(city, tx, key, route, request.model_dump_json(), now, act)
    return JSONResponse(reply.body, reply.status)
