"""Logging in and out: `POST /api/session` and what belongs to it."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.engine import Connection

from access import accounts, audit, passwords, sessions
from access.accounts import Account
from access.actor import Actor
from access.find import actor_of
from api.asking import Me, Somebody, me
from api.care_shapes import In
from api.city import City, Here
from api.shapes import Fault, fault_body
from core.clock import wall_now

router = APIRouter(prefix="/api/session", tags=["session"])
log = logging.getLogger(__name__)
WRONG: dict[int | str, dict[str, object]] = {
    401: {"model": Fault, "description": "Not somebody who is known, or not so."},
    403: {"model": Fault, "description": "The connection is not encrypted, or another site's page asks."},
    429: {"model": Fault, "description": "Too often; `Retry-After` says when again."},
}


class LogIn(In):
    login: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1000)]


class Ways(BaseModel):
    """How one can log in."""

    password: bool
    passkey: bool
    oidc: str | None = Field(description="What the organisation's own log-in is called; null: there is none.")
    needed: bool = Field(description="False: on this machine, before the first account, nobody has to.")


@router.get("")
def who_am_i(city: Here, actor: Somebody) -> Me:
    """Who is logged in."""
    with city.db.read() as tx:
        return me(city, tx, actor)


@router.post("", response_model=Me, responses=WRONG)
def log_in(request: Request, city: Here, given: LogIn) -> Response:
    """Log in by a password; the session is a cookie that no script can read."""
    account = by_password(city, request, given.login, given.password)
    if account is None:
        return JSONResponse(fault_body("access.wrong"), 401)
    return entered(city, request, account, "password")


@router.delete("", status_code=204)
def log_out(
    request: Request,
    city: Here,
    _: Somebody,
    sealed: Annotated[bool, Query(description="Forms that are not sent yet stay in the browser, unreadable.")] = False,
) -> Response:
    """End this session, here and at once."""
    # What the browser has kept of people goes with the session; what is sealed, nobody reads without the next one.
    wiped = '"cache"' if sealed else '"cache", "storage"'
    response = Response(status_code=204, headers={"Clear-Site-Data": wiped})
    ended(city, request, response)
    return response


@router.get("/ways")
def ways(city: Here) -> Ways:
    """How one can log in here."""
    return Ways(
        password=True,
        passkey=True,
        oidc=city.oidc.name if city.oidc else None,
        needed=city.gate.needed() or city.token is not None,
    )


def by_password(city: City, request: Request, login: str, password: str) -> Account | None:
    """The account that log-in and password open; None, and no reason: they open none. Raises
    TooOften and Busy, for which the answer is 429."""
    private(city, request)
    address = request.client.host if request.client else None
    city.gate.limits.attempt(login, address)
    with city.db.read() as tx:
        account = accounts.by_login(tx, login)
    right = passwords.holds(account.password if account else None, password)
    if account is None or not right or not account.active:
        log.warning("a log-in was refused to %s", address or "nowhere")
        with city.db.write() as tx:
            denied(tx, request, account, "password")
        return None
    if account.password is not None and passwords.outdated(account.password):
        kept = passwords.hashed(password)
        with city.db.write() as tx:
            accounts.keep_anew(tx, account.id, account.password, kept)
    city.gate.limits.came_in(login, address)
    return account


def private(city: City, request: Request) -> None:
    """Refuses what must not be said where others can listen."""
    if not city.gate.private(request):
        raise HTTPException(403, fault_body("access.insecure")["detail"])


def begun(city: City, request: Request, account: Account, how: str) -> tuple[str, Me] | None:
    """A session's cookie and who it is; None: the account was closed, or its password changed, meanwhile."""
    now = wall_now()
    with city.db.write() as tx:
        found = accounts.find(tx, account.id)
        if found is None or not found.active or (how == "password" and found.password_at != account.password_at):
            return None
        if old := request.cookies.get(city.gate.cookie(request)):
            # Whoever has put a cookie of theirs into this browser gains nothing.
            sessions.end(tx, sessions.digest(old), now)
        cookie = sessions.begin(tx, found.id, how, request.headers.get("user-agent", ""), now, city.gate.life)
        actor = actor_of(tx, found, city.clock.now(), session=sessions.digest(cookie))
        audit.note(tx, actor, "login", kind="account", object=found.id, request=_asked(request), reason=how, now=now)
        return cookie, me(city, tx, actor)


def entered(city: City, request: Request, account: Account, how: str) -> Response:
    """The answer to somebody who has logged in: who they are, and the session's cookie."""
    new = begun(city, request, account, how)
    if new is None:
        return JSONResponse(fault_body("access.wrong"), 401)
    response = JSONResponse(new[1].model_dump(mode="json"))
    city.gate.give(request, response, new[0])
    return response


def ended(city: City, request: Request, response: Response) -> None:
    """The session of whoever asks holds no more, and the browser forgets it."""
    actor: Actor | None = request.state.actor
    if actor is not None and actor.session is not None:
        now = wall_now()
        with city.db.write() as tx:
            sessions.end(tx, actor.session, now)
            audit.note(tx, actor, "logout", request=_asked(request), now=now)
    city.gate.take(request, response)


def denied(tx: Connection, request: Request, account: Account | None, how: str) -> None:
    """Write into the audit that somebody was not let in; without what was typed: by a slip it is a password."""
    known = account.id if account else ""
    audit.note(tx, None, "login_denied", "account", known, request=_asked(request), reason=how, now=wall_now())


def _asked(request: Request) -> str:
    return f"{request.method} {request.url.path}"
