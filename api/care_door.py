"""The plain pages of the care chain, together; the console takes their place."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api import care_episode, care_field, care_money, care_pages, care_report_page
from api.care_frame import Reader, show
from api.city import City

ROUTERS = tuple(room.router for room in (care_pages, care_episode, care_field, care_money, care_report_page))


def told(request: Request, error: Exception) -> Response | None:
    """The page that says why another one can't be shown; None: who asks wants no page."""
    if not f"{request.url.path}/".startswith("/care/"):
        return None
    city: City = request.app.state.city
    reader = Reader(city, "en" if request.query_params.get("lang") == "en" else "ko", city.clock.now())
    if isinstance(error, RequestValidationError):
        names = sorted({str(one["loc"][-1]) for one in error.errors()})
        return show(reader, reader.t("chain.room.episodes"), [], request, status=422,
                    refused=reader.t("chain.bad_form", fields=", ".join(names)))  # fmt: skip
    if not isinstance(error, HTTPException):
        return None
    detail: Any = error.detail
    why = str(detail[reader.lang]) if isinstance(detail, dict) else reader.t("board.missing")
    return show(reader, reader.t("chain.room.episodes"), [], request, status=error.status_code, refused=why)
