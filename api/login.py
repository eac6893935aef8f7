"""Logging in to the plain pages, with an account or the city's token, until the console takes their place."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.board import Lang, form_fields
from api.city import City, Here
from api.door import COOKIE, SESSION, session
from api.gate import same
from api.pages import Language, page
from api.session import begun, by_password, ended
from core.clock import wall_now

router = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)
Next = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/login")
def ask(city: Here, lang: Lang = "ko", then: Next = "/") -> Response:
    return _form(city, lang, then) if city.token or city.gate.needed() else RedirectResponse("/", 303)


@router.post("/login")
def enter(
    request: Request,
    city: Here,
    form: Annotated[dict[str, str], Depends(form_fields)],
    lang: Lang = "ko",
    then: Next = "/",
) -> Response:
    response = RedirectResponse(local(then), 303)
    if "login" in form:
        account = by_password(city, request, form["login"], form.get("password", ""))
        new = None if account is None else begun(city, request, account, "password")
        if new is None:
            return _form(city, lang, then, wrong=True)
        city.gate.give(request, response, new[0])
        return response
    if city.token is None:
        return response
    if not same(form.get("token", ""), city.token):
        log.warning("a log-in with a wrong token from %s", request.client.host if request.client else "nowhere")
        return _form(city, lang, then, wrong=True)
    # Real time, not the city's: a demo's hours run faster than a person's.
    response.set_cookie(
        COOKIE,
        session(city.token, wall_now() + SESSION),
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
def leave(request: Request, city: Here, lang: Lang = "ko") -> Response:
    response = RedirectResponse(f"/login?lang={lang}", 303)
    response.delete_cookie(COOKIE)
    ended(city, request, response)
    return response


def local(then: str) -> str:
    """Where to go on: a path of ours. Somebody who can write a link must not choose where a fresh session lands."""
    ours = then.startswith("/") and not then.startswith(("//", "/\\")) and then.isprintable()
    return then if ours else "/"


def _form(city: City, lang: Language, then: str, wrong: bool = False) -> Response:
    return page(
        "login.html",
        lang,
        401 if wrong else 200,
        then=then,
        wrong=wrong,
        line=None,
        guarded=False,
        token=city.token is not None,
        accounts=city.gate.needed(),
    )
