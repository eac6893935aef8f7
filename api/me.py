"""What somebody does with their own account: password, sessions, tokens, and where notices are pushed."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from access import accounts, audit, passwords, push, sessions, tokens
from access.actor import Actor
from access.seal import seal
from access.tokens import Token
from api.asking import InPerson, must
from api.care_shapes import In, Name
from api.city import City, Here
from api.gate import is_loopback
from api.shapes import STORABLE, fault_body
from core.care import Refused
from core.clock import wall_now

router = APIRouter(prefix="/api/me", tags=["me"])
Id = Annotated[str, Path(max_length=400, pattern=STORABLE)]
FRESH = timedelta(minutes=15)
"""How new the log-in must be of whoever makes another key to the account."""


class PasswordIn(In):
    old: Annotated[str, StringConstraints(max_length=1000)]
    new: Annotated[str, StringConstraints(max_length=1000)]


class SessionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    how: str = Field(description="password, passkey or oidc")
    agent: str = Field(description="What the browser calls itself.")
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    this: bool = False


class SealOut(BaseModel):
    key: str = Field(description="32 bytes, base64: for AES-GCM.")


class TokenIn(In):
    name: Name
    permissions: Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(min_length=1, max_length=100)]
    ends_at: AwareDatetime = Field(description="Within 366 days.")


class TokenOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    permissions: list[str]
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None
    calendar: Literal["visits", "rota"] | None = Field(description="It is the address of this calendar.")


class CalendarIn(In):
    calendar: Literal["visits", "rota"]
    name: Name


class CalendarMade(BaseModel):
    """`url` opens one calendar, and nothing else, for whoever has it."""

    id: str
    calendar: Literal["visits", "rota"]
    ends_at: datetime
    url: str = Field(description="Shown this once.")


class TokenMade(TokenOut):
    token: str = Field(description="Shown this once.")


class PushKeys(In):
    p256dh: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{80,100}=*$")]
    auth: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,30}=*$")]


class PushIn(In):
    endpoint: Annotated[str, StringConstraints(min_length=10, max_length=2000, pattern=r"^[!-~]*$")]
    keys: PushKeys


class PushGone(In):
    endpoint: Annotated[str, StringConstraints(min_length=10, max_length=2000, pattern=r"^[!-~]*$")] | None = None


@router.post("/password", status_code=204)
def change_password(request: Request, city: Here, actor: InPerson, given: PasswordIn) -> Response:
    """Another password; every other session of this account ends."""
    city.gate.limits.attempt(actor.account, request.client.host if request.client else None)
    with city.db.read() as tx:
        account = accounts.find(tx, actor.account)
    assert account is not None
    if not passwords.holds(account.password, given.old):
        must(Refused("password_old"))
    kept = must(passwords.fresh(given.new, account.login, account.name))
    now = wall_now()
    with city.db.write() as tx:
        accounts.put_password(tx, account.id, kept, now, but=actor.session)
        noted(tx, actor, "password", account.id, request)
    return Response(status_code=204)


@router.get("/seal")
def read_seal(city: Here, actor: InPerson) -> SealOut:
    """The key under which this account's browsers keep what is not sent yet; they forget it at each log-out."""
    with city.db.write() as tx:
        return SealOut(key=base64.b64encode(seal(tx, actor.account)).decode())


@router.get("/sessions")
def my_sessions(city: Here, actor: InPerson) -> list[SessionOut]:
    """Where this account is logged in, the newest first."""
    with city.db.read() as tx:
        found = sessions.living(tx, actor.account, wall_now(), city.gate.life)
    return [SessionOut.model_validate(one).model_copy(update={"this": one.id == actor.session}) for one in found]


@router.delete("/sessions/{id}", status_code=204)
def end_session(request: Request, city: Here, actor: InPerson, id: Id) -> Response:
    """End one session of this account."""
    now = wall_now()
    with city.db.write() as tx:
        mine = {one.id for one in sessions.living(tx, actor.account, now, city.gate.life)}
        if id not in mine:
            must(Refused("unknown_session"))
        sessions.end(tx, id, now)
        noted(tx, actor, "session_end", id, request)
    return Response(status_code=204)


@router.delete("/sessions", status_code=204)
def end_other_sessions(request: Request, city: Here, actor: InPerson) -> Response:
    """End every session of this account but this one."""
    with city.db.write() as tx:
        sessions.end_all(tx, actor.account, wall_now(), but=actor.session)
        noted(tx, actor, "session_end", actor.account, request)
    return Response(status_code=204)


@router.get("/tokens")
def my_tokens(city: Here, actor: InPerson) -> list[TokenOut]:
    """The tokens of this account that hold, the newest first."""
    with city.db.read() as tx:
        return [TokenOut.model_validate(one) for one in tokens.of(tx, actor.account, wall_now())]


@router.post("/tokens", status_code=201, response_model=TokenMade)
def make_token(request: Request, city: Here, actor: InPerson, given: TokenIn) -> Response:
    """A token for a program, with a part of what this account may. It is shown once."""
    now = wall_now()
    with city.db.write() as tx:
        fresh(city, tx, actor)
        made: tuple[Token, str] = must(
            tokens.make(tx, actor.account, actor.role, given.name, given.permissions, given.ends_at, now)
        )
        noted(tx, actor, "token", made[0].id, request)
    out = TokenMade(**TokenOut.model_validate(made[0]).model_dump(), token=made[1])
    return JSONResponse(out.model_dump(mode="json"), 201)


@router.post("/calendars", status_code=201, response_model=CalendarMade)
def make_calendar(request: Request, city: Here, actor: InPerson, given: CalendarIn) -> Response:
    """The address of one's own visits, or of the rota, for a calendar's program; it is taken back like a token."""
    now = wall_now()
    ends_at = now + timedelta(days=tokens.LONGEST_D)
    if not actor.may(tokens.CALENDARS[given.calendar]) or (given.calendar == "visits" and actor.member is None):
        must(Refused("no_calendar"))
    with city.db.write() as tx:
        fresh(city, tx, actor)
        only = [tokens.CALENDARS[given.calendar]]
        made: tuple[Token, str] = must(
            tokens.make(tx, actor.account, actor.role, given.name, only, ends_at, now, calendar=True)
        )
        noted(tx, actor, "token", made[0].id, request)
    path = "/api/rota.ics" if given.calendar == "rota" else f"/api/care/calendar/{quote(actor.member or '')}.ics"
    about = {"key": made[1], **({"language": actor.language} if given.calendar == "rota" else {})}
    url = f"{(city.gate.public or city.gate.origin(request)).rstrip('/')}{path}?{urlencode(about)}"
    out = CalendarMade(id=made[0].id, calendar=given.calendar, ends_at=ends_at, url=url)
    return JSONResponse(out.model_dump(mode="json"), 201)


@router.delete("/tokens/{id}", status_code=204)
def end_token(request: Request, city: Here, actor: InPerson, id: Id) -> Response:
    """End a token, at once."""
    with city.db.write() as tx:
        if not tokens.end(tx, actor.account, id, wall_now()):
            must(Refused("unknown_token"))
        noted(tx, actor, "token_end", id, request)
    return Response(status_code=204)


@router.put("/push", status_code=204)
def push_here(request: Request, city: Here, actor: InPerson, given: PushIn) -> Response:
    """Push notices to this browser, too. They are never the only way."""
    if not given.endpoint.startswith("https://") and not is_loopback(request.headers.get("host", "")):
        must(Refused("push_endpoint"))
    with city.db.write() as tx:
        push.put(tx, city.db.backend, actor.account, given.endpoint, given.keys.p256dh, given.keys.auth, wall_now())
    return Response(status_code=204)


@router.delete("/push", status_code=204)
def push_no_more(city: Here, actor: InPerson, given: PushGone | None = None) -> Response:
    """Push no more: to one endpoint, or to any of this account."""
    with city.db.write() as tx:
        push.end(tx, actor.account, given.endpoint if given else None, wall_now())
    return Response(status_code=204)


def fresh(city: City, tx: Connection, actor: Actor) -> None:
    """Refuses a key to whoever has logged in a while ago: an open screen must not be enough for one."""
    now = wall_now()
    mine = next((s for s in sessions.living(tx, actor.account, now, city.gate.life) if s.id == actor.session), None)
    if mine is None or now - mine.created_at > FRESH:
        raise HTTPException(403, fault_body("access.fresh_needed")["detail"])


def noted(tx: Connection, actor: Actor, action: str, object: str, request: Request) -> None:
    """Write into the audit that somebody has changed an account."""
    asked = f"{request.method} {request.url.path}"
    audit.note(tx, actor, action, "account", object, request=asked, now=wall_now())
