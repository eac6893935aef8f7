"""Passkeys over HTTP: making one, and logging in with one."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from access import accounts, passkeys
from access.passkeys import Place
from api.asking import InPerson, Me, must
from api.care_shapes import In, Name
from api.city import City, Here
from api.me import fresh, noted
from api.session import WRONG, denied, entered, private
from api.shapes import STORABLE, fault_body
from core.care import Refused
from core.clock import wall_now

router = APIRouter(prefix="/api", tags=["passkeys"])
Id = Annotated[str, Path(max_length=2000, pattern=STORABLE)]
Word = Annotated[str, StringConstraints(max_length=100, pattern=STORABLE)]
Credential = Annotated[dict[str, Any], Field(description="A PublicKeyCredential as JSON (`toJSON`).")]


class Begun(BaseModel):
    id: str = Field(description="To be sent back with the credential: once, within five minutes.")
    options: dict[str, Any] = Field(description="For navigator.credentials, as JSON (`parse…OptionsFromJSON`).")


class PasskeyIn(In):
    id: Word
    credential: Credential


class PasskeyNew(PasskeyIn):
    name: Name


class PasskeyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


@router.post("/session/passkey/options", responses=WRONG)
def begin_login(request: Request, city: Here) -> Begun:
    """Begin to log in with a passkey."""
    _start(city, request)
    with city.db.write() as tx:
        word, options = passkeys.begin_login(tx, _place(city, request), wall_now())
    return Begun(id=word, options=options)


@router.post("/session/passkey", response_model=Me, responses=WRONG)
def log_in(request: Request, city: Here, given: PasskeyIn) -> Response:
    """Log in with a passkey."""
    _start(city, request)
    with city.db.write() as tx:
        done = passkeys.login(tx, given.id, given.credential, wall_now())
        account = None if isinstance(done, Refused) else accounts.find(tx, done)
        if account is None or not account.active:
            denied(tx, request, account, "passkey")
    if isinstance(done, Refused):
        return JSONResponse(fault_body(f"access.refused.{done.code}"), 401)
    if account is None:
        return JSONResponse(fault_body("access.refused.passkey"), 401)
    return entered(city, request, account, "passkey")


@router.post("/me/passkeys/options")
def begin_new(request: Request, city: Here, actor: InPerson) -> Begun:
    """Begin to make a passkey for this account."""
    _start(city, request)
    place = _place(city, request)
    with city.db.write() as tx:
        fresh(city, tx, actor)
        account = accounts.find(tx, actor.account)
        assert account is not None
        word, options = must(passkeys.begin_new(tx, account, place, wall_now()))
    return Begun(id=word, options=options)


@router.post("/me/passkeys", status_code=201, response_model=PasskeyOut)
def add(request: Request, city: Here, actor: InPerson, given: PasskeyNew) -> Response:
    """Take in the passkey that the browser has made."""
    with city.db.write() as tx:
        fresh(city, tx, actor)
        account = accounts.find(tx, actor.account)
        assert account is not None
        done = passkeys.add(tx, account, given.id, given.credential, given.name, wall_now())
        if not isinstance(done, Refused):
            noted(tx, actor, "passkey", done.id, request)
    # Behind the transaction: what was begun stays used, whatever came of it.
    return JSONResponse(PasskeyOut.model_validate(must(done)).model_dump(mode="json"), 201)


@router.get("/me/passkeys")
def mine(city: Here, actor: InPerson) -> list[PasskeyOut]:
    """The passkeys of this account."""
    with city.db.read() as tx:
        return [PasskeyOut.model_validate(one) for one in passkeys.of(tx, actor.account)]


@router.delete("/me/passkeys/{id}", status_code=204)
def remove(request: Request, city: Here, actor: InPerson, id: Id) -> Response:
    """Forget a passkey: it opens nothing more."""
    with city.db.write() as tx:
        if not passkeys.remove(tx, actor.account, id):
            must(Refused("unknown_passkey"))
        noted(tx, actor, "passkey_end", id, request)
    return Response(status_code=204)


def _start(city: City, request: Request) -> None:
    private(city, request)
    city.gate.limits.start(request.client.host if request.client else None)


def _place(city: City, request: Request) -> Place:
    origin = city.gate.origin(request)
    host = request.url.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Place(host, origin)
    return must(Refused("passkey_place"))
