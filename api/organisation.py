"""Logging in by the organisation's own log-in: there, and back again."""

from __future__ import annotations

import html
import logging
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from access import challenges, oidc
from access.oidc import Away, Oidc
from api.city import City, Here
from api.session import begun, denied, private
from api.shapes import STORABLE, fault_body
from core.care import Refused
from core.clock import wall_now
from core.words import say

router = APIRouter(prefix="/api/session", tags=["session"])
log = logging.getLogger(__name__)
Brought = Annotated[str, Query(max_length=4000, pattern=STORABLE)]
_COOKIE = "anbu-oidc"
_BACK = "/api/session/oidc/back"
Next = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/oidc", status_code=303, response_class=RedirectResponse)
def go(request: Request, city: Here, then: Next = "/") -> Response:
    """Send the browser to the organisation's own log-in."""
    organisation = _set_up(city)
    private(city, request)
    city.gate.limits.start(request.client.host if request.client else None)
    try:
        server = organisation.server()
    except Away as error:
        raise _away(error) from None
    back = city.gate.origin(request) + _BACK
    with city.db.write() as tx:
        where, word = organisation.begin(tx, back, local(then), server, wall_now())
    response = RedirectResponse(where, 303)
    # Lax: the organisation's page sends the browser back here, and what it was sent with must come along.
    secure = city.gate.secure(request)
    response.set_cookie(
        _name(secure), word, max_age=int(challenges.HOLDS.total_seconds()), path="/", secure=secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return response


@router.get("/oidc/back", response_class=HTMLResponse)
def back(
    request: Request,
    city: Here,
    state: Brought = "",
    code: Brought = "",
    iss: Brought | None = None,
) -> Response:
    """Where the organisation sends the browser back to."""
    organisation = _set_up(city)
    private(city, request)
    city.gate.limits.start(request.client.host if request.client else None)
    secure = city.gate.secure(request)
    word = request.cookies.get(_name(secure), "")
    with city.db.write() as tx:
        taken = challenges.take(tx, oidc.KIND, word, wall_now())
    if taken is None:
        return _landed(Refused("challenge"), secure)
    try:
        claims = organisation.finish(taken.body, state, code, iss)
    except Away as error:
        raise _away(error) from None
    with city.db.write() as tx:
        account = claims if isinstance(claims, Refused) else oidc.account_of(tx, claims)
        if isinstance(account, Refused):
            denied(tx, request, None, "oidc")
    if isinstance(account, Refused):
        return _landed(account, secure)
    new = begun(city, request, account, "oidc")
    if new is None:
        return _landed(Refused("oidc_unknown"), secure)
    # The session's cookie is SameSite=Strict, and a redirect of a journey that began elsewhere would not carry it. So
    # this page is where the journey ends, and goes on by itself: that step begins here.
    response = _landed(taken.body["then"], secure)
    city.gate.give(request, response, new[0])
    return response


def _landed(then: str | Refused, secure: bool) -> Response:
    if isinstance(then, Refused):
        korean, english = (say(f"access.refused.{then.code}", language) for language in ("ko", "en"))
        more, text, status, onward = "", f"{korean} {english}", 401, "/login"
    else:
        more, text, status, onward = '<meta http-equiv="refresh" content="0; url=', "", 200, then
        more += html.escape(then) + '">'
    page = (
        f'<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>Anbu</title>{more}</head>'
        f'<body><p>{html.escape(text)}</p><p><a href="{html.escape(onward)}">안부 Anbu</a></p></body></html>'
    )
    response = HTMLResponse(page, status)
    response.delete_cookie(_name(secure), path="/", secure=secure, httponly=True, samesite="lax")
    return response


def _set_up(city: City) -> Oidc:
    if city.oidc is None:
        raise HTTPException(404, fault_body("access.refused.oidc_off")["detail"])
    return city.oidc


def _away(error: Away) -> HTTPException:
    log.warning("the organisation's log-in: %s", error)
    return HTTPException(502, fault_body("access.refused.oidc_away")["detail"])


def _name(secure: bool) -> str:
    return f"__Host-{_COOKIE}" if secure else _COOKIE


def local(then: str) -> str:
    """Where to go on: a path of ours. Somebody who can write a link must not choose where a fresh session lands."""
    ours = then.startswith("/") and not then.startswith(("//", "/\\")) and then.isprintable()
    return then if ours else "/"
