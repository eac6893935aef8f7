"""Gateways over HTTPS: enrolled by an operator, keeping their own key, and sending when the broker is away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import segno
import sqlalchemy as sa
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response, Security
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from access.visible import Kind
from api.cases import UNKNOWN
from api.city import City, Here
from api.shapes import OPERATOR, By, Fault, Sentence, Unreadable, fault_body
from core.people import ID
from core.signals import Evidence
from store import gateways
from store.gateways import Gateway, Refusal, secret_is
from store.log import count
from store.tables import gateways as gateway_rows

router = APIRouter(prefix="/api/gateway", tags=["gateway"])
operators = APIRouter(prefix="/api", tags=["gateways"])
MOST_BYTES = 64 * 1024
GatewayId = Annotated[str, Path(pattern=f"^{ID.pattern}$")]
Secret = Annotated[str, StringConstraints(pattern=f"^{gateways.SECRET.pattern}$")]
Short = Annotated[str, StringConstraints(max_length=64)]
BASIC = HTTPBasic(auto_error=False, description="The gateway's id and its key.")
KNOCKS: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "No admitted gateway has this key."},
    503: {"model": Fault, "description": "The database, or the broker, cannot be reached now: send the same again."},
}
_REFUSED = {
    Refusal.WRONG: (403, "api.claim_wrong"),
    Refusal.EXPIRED: (403, "api.claim_expired"),
    Refusal.USED: (409, "api.claim_used"),
}


class ClaimIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    serial: Short
    code: Short = Field(description="As it was printed, with or without its hyphens.")
    secret: Secret = Field(description="32 random bytes in base64url, made by the gateway. Keep it before you send it.")


class RotateIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: Secret


class Admission(BaseModel):
    gateway: str
    broker: str = Field(description="The MQTT broker's URL. User and password: the gateway's id and its secret.")
    managed: bool = Field(description="The city keeps the broker's accounts; if not, do not rotate by yourself.")
    authority: str = Field(description="PEM of the authority to trust for the broker; empty: the system's.")


class Registration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Short
    serial: Short = ""
    by: By = OPERATOR


class Code(BaseModel):
    id: str
    serial: str
    code: str = Field(description="Good once; kept nowhere.")
    expires_at: datetime
    city: str = Field(description="Where the gateway claims.")
    link: str = Field(description="The code with its serial, as `anbu gateway claim` takes it.")
    qr: list[str] = Field(description="The QR code of `link` without its quiet zone, row by row; 1 is dark.")


class ChangeOut(BaseModel):
    at: datetime
    what: Sentence
    key: str
    who: str


class GatewayOut(BaseModel):
    id: str
    serial: str
    state: Literal["waiting", "admitted", "revoked"]
    registered_at: datetime
    claimed_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None
    history: list[ChangeOut]


# --- what operators do


@operators.get("/gateways")
def list_gateways(city: Here) -> list[GatewayOut]:
    """Every registered gateway and what happened to it."""
    with city.db.read() as tx:
        seen = set(tx.scalars(sa.select(gateway_rows.c.id).where(city.only(Kind.GATEWAY, gateway_rows.c.id))))
        return [
            GatewayOut(
                id=known.id,
                serial=known.serial,
                state="revoked" if known.revoked_at else "admitted" if known.admitted else "waiting",
                registered_at=known.registered_at,
                claimed_at=known.claimed_at,
                rotated_at=known.rotated_at,
                revoked_at=known.revoked_at,
                history=[
                    ChangeOut(at=change.at, what=Sentence.words(key), key=key, who=change.who)
                    for change in gateways.history(tx, known.id)
                    for key in [f"enrol.log.{change.what}"]
                ],
            )
            for known in gateways.all_gateways(tx)
            if known.id in seen
        ]


@operators.post("/gateways", responses={422: {"model": Unreadable, "description": "It cannot be registered so."}})
def register(city: Here, asked: Registration) -> Code:
    """Register a gateway; it needs no home yet. The code in the answer is shown once."""
    with city.db.write() as tx:
        return _code(
            city, gateways.register(tx, asked.id, asked.serial, city.by(asked.by), city.clock.now()), tx, asked.id
        )


@operators.post("/gateways/{id}/code", responses=UNKNOWN)
def another_code(city: Here, id: GatewayId, by: Annotated[By, Query()] = OPERATOR) -> Code:
    """A new claim code: for a box that was changed, or a code that ran out or was used by somebody else."""
    with city.db.write() as tx:
        return _code(city, gateways.new_code(tx, id, city.by(by), city.clock.now()), tx, id)


@operators.delete("/gateways/{id}", status_code=204, responses=UNKNOWN)
def revoke(city: Here, id: GatewayId, by: Annotated[By, Query()] = OPERATOR) -> None:
    """Its key is worth nothing from now on, and the broker hangs up on it within seconds."""
    with city.db.write() as tx:
        if gateways.revoke(tx, id, city.by(by), city.clock.now()) is not None:
            raise HTTPException(404, fault_body("api.no_gateway", id=id)["detail"])


def _code(city: City, made: str | Evidence, tx: Any, id: str) -> Code:
    known = gateways.gateway(tx, id)
    if isinstance(made, Evidence):
        status = 404 if made.key == "enrol.unknown" else 422
        raise HTTPException(status, fault_body(made.key, **made.numbers)["detail"])
    assert known is not None
    assert known.code_expires_at is not None
    where = city.homeward.public_url
    link = gateways.claim_link(where, known.serial, made)
    rows = ["".join("1" if dark else "0" for dark in row) for row in segno.make(link, micro=False).matrix]
    return Code(
        id=id, serial=known.serial, code=made, expires_at=known.code_expires_at, city=where, link=link, qr=rows
    )  # fmt: skip


# --- what gateways do


@router.post(
    "/claim",
    responses={
        403: {"model": Fault, "description": "Serial or code are wrong, or the code has run out."},
        409: {"model": Fault, "description": "The code has been used with another secret."},
        429: {"model": Fault, "description": "Too many claims from this address."},
        503: KNOCKS[503],
    },
)
def claim(city: Here, request: Request, asked: ClaimIn) -> Admission:
    """A gateway's first words: its secret for its code. The same again, after a lost answer, is granted again."""
    now = city.clock.now()
    if not city.claims.take(request.client.host if request.client else "", now):
        raise HTTPException(429, fault_body("api.too_often")["detail"], {"Retry-After": "5"})
    with city.db.write() as tx:
        found = gateways.claim(tx, asked.serial, asked.code, asked.secret, now)
        if isinstance(found, Refusal):
            count(tx, {("rejected", f"claim_{found}"): 1})
    if isinstance(found, Refusal):
        status, key = _REFUSED[found]
        raise HTTPException(status, fault_body(key)["detail"])
    return _admitted(city, found.id, asked.secret)


@router.post("/rotate", status_code=204, responses=KNOCKS)
def rotate(city: Here, knock: Annotated[HTTPBasicCredentials | None, Security(BASIC)], asked: RotateIn) -> None:
    """Another secret, valid beside the one in force until it is first used. Then the former is refused."""
    known = _known(city, knock)
    with city.db.write() as tx:
        gateways.rotate(tx, known.id, asked.secret, city.clock.now())


@router.post("/contact", responses=KNOCKS)
def contact(city: Here, knock: Annotated[HTTPBasicCredentials | None, Security(BASIC)]) -> Admission:
    """Make sure that the broker knows this secret: after a rotation, or when the broker refuses the gateway."""
    known = _known(city, knock)
    assert knock is not None
    return _admitted(city, known.id, knock.password)


async def small_body(request: Request) -> bytes:
    """The body, of at most `MOST_BYTES`."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413, fault_body("api.too_large")["detail"])
    return bytes(body)


_EVENTS: dict[str, Any] = {
    "required": True,
    "content": {
        "application/cloudevents+json": {"schema": {"description": "An event or a batch: docs/asyncapi.yaml."}}
    },
}


@router.post(
    "/events",
    responses={**KNOCKS, 413: {"model": Fault, "description": "More than 64 KiB."}},
    openapi_extra={"requestBody": _EVENTS},
)
def send(
    city: Here,
    knock: Annotated[HTTPBasicCredentials | None, Security(BASIC)],
    body: Annotated[bytes, Depends(small_body)],
    lane: Annotated[
        Literal["sos", "event", "bulk", "status"], Query(description="As in the topic: an unreadable `sos` is one.")
    ] = "sos",
) -> Response:
    """What else would be published. The answer is the receipt of `down/receipt`, after the commit."""
    known = _known(city, knock)
    return Response(city.homeward.take_in(known.id, lane, body), media_type="application/json")


def _known(city: City, knock: HTTPBasicCredentials | None) -> Gateway:
    """The gateway that knocks; the first use of a new secret puts it in force."""
    known = None
    if knock is not None:
        with city.db.read() as tx:
            known = gateways.knows(tx, knock.username, knock.password)
        if known is not None and not secret_is(knock.password, known.secret):
            with city.db.write() as tx:
                known = gateways.knows(tx, knock.username, knock.password)
                if known is not None and not secret_is(knock.password, known.secret):
                    gateways.put_in_force(tx, known.id, city.clock.now())
    if known is None:
        raise HTTPException(401, fault_body("api.gateway_key")["detail"], {"WWW-Authenticate": 'Basic realm="gateway"'})
    return known


def _admitted(city: City, gateway: str, secret: str) -> Admission:
    homeward = city.homeward
    if homeward.admit is not None and not homeward.admit(gateway, secret):
        raise HTTPException(503, fault_body("api.no_broker")["detail"], {"Retry-After": "5"})
    managed = homeward.admit is not None
    return Admission(gateway=gateway, broker=homeward.broker, authority=homeward.authority, managed=managed)
