"""The board: every living Care Call on one page, what is due first on top, and a page for each with what one can do."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.engine import Connection

from alerts.case import State
from alerts.views import CaseView
from api.cases import Number, perform
from api.city import City, Here
from api.pages import CONTACTS, OUTCOMES, Language, countdown, page, when
from api.places import place
from api.shapes import OPERATOR, Act, Verb, fault_body
from care import persons
from core.people import Home, Member, within
from store import people
from store.figures import newest_line
from store.unheard import count_unheard

router = APIRouter(include_in_schema=False)
Lang = Annotated[Language, Query()]
SHOWN_CLOSED = 50


@router.get("/")
def board(city: Here, lang: Lang = "ko", state: Literal["open", "closed"] = "open") -> Response:
    with city.db.read() as tx:
        views = city.desk.list(tx, state)
        shown = views if state == "open" else views[:SHOWN_CLOSED]
        areas = people.area_names(tx)
        cards = [_card(city, tx, view, areas, lang) for view in shown]
        lost, never = count_unheard(tx)
        counts = {"count": len(views), "lost": lost, "never": never, "unproved": people.count_uncommissioned(tx)}
        return page("board.html", lang, cards=cards, state=state, **counts, **_frame(city, tx))


@router.get("/cases/{id}")
def case_page(city: Here, id: Number, lang: Lang = "ko") -> Response:
    return _case_page(city, id, lang)


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a plain HTML form; an empty one says nothing."""
    return {name: value for name, value in parse_qsl((await request.body()).decode("utf-8", "replace")) if value}


@router.post("/cases/{id}/{verb}")
def act(
    city: Here, id: Number, verb: Verb, form: Annotated[dict[str, str], Depends(form_fields)], lang: Lang = "ko"
) -> Response:
    # Each drawn form has a key of its own: pressing a button of it twice acts once.
    key = form.pop("key", None)
    try:
        said = Act.model_validate(form)
    except ValidationError:
        return _case_page(city, id, lang, 422, fault_body("api.bad_form"))
    reply = perform(city, id, verb, said, key)
    if reply.status != 200:
        return _case_page(city, id, lang, reply.status, reply.body)
    return RedirectResponse(f"/cases/{id}?lang={lang}", 303)


def _case_page(
    city: City, id: int, lang: Language, status: int = 200, refused: dict[str, Any] | None = None
) -> Response:
    with city.db.read() as tx:
        view = city.desk.view(tx, id)
        if view is None:
            return page("missing.html", lang, 404, **_frame(city, tx))
        now = city.clock.now()
        history = [
            {"at": when(entry.at, city.timezone, now), "what": entry.what, "channel": entry.channel}
            for entry in city.desk.timeline(tx, id, lang)
        ]
        return page(
            "case.html",
            lang,
            status,
            card=_card(city, tx, view, people.area_names(tx), lang),
            history=history,
            members=_answerable(people.all_members(tx), view.area),
            operator=OPERATOR,
            outcomes=OUTCOMES,
            contacts=CONTACTS,
            refused=refused["detail"][lang] if refused else None,
            key=secrets.token_urlsafe(12),
            **_frame(city, tx),
        )


def _frame(city: City, tx: Connection) -> dict[str, Any]:
    """What every page needs to stay fresh: the place in the log it shows, and the city's time and its speed."""
    now = city.clock.now()
    return {
        "line": newest_line(tx),
        "now_ms": int(now.timestamp() * 1000),
        "now": when(now, city.timezone, now),
        "speed": 1 / city.clock.real_s(1.0),
        "zone": city.timezone.key,
        "guarded": city.token is not None,
    }


def _card(
    city: City, tx: Connection, view: CaseView, areas: dict[str, tuple[str, str]], lang: Language
) -> dict[str, Any]:
    """A case as both pages draw it."""
    now = city.clock.now()
    home = people.home(tx, view.home) if view.home else None
    devices = people.devices_of(tx, home.gateway) if home else []
    return {
        "view": view,
        "name": _name(view, home) or persons.name_in(tx, view.id),
        "unproved": [device.device for device in devices if device.proved is False],
        "place": getattr(place(view.area, areas), lang),
        "why": [reason[lang] for reason in view.why],
        "next": view.next_action[lang] if view.next_action else None,
        "rung_name": view.rung_name[lang],
        "due_ms": int(view.due_at.timestamp() * 1000) if view.due_at else None,
        "countdown": countdown(view.due_at, now) if view.due_at else None,
        "late": view.due_at is not None and view.due_at < now,
        "opened": when(view.opened_at, city.timezone, now),
        "closed": when(view.closed_at, city.timezone, now) if view.closed_at else None,
        "living": view.state != State.CLOSED,
    }


def _name(view: CaseView, home: Home | None) -> str | None:
    """Whom it is about: the resident, else the home's id; None for a case of a whole area."""
    return home.resident or home.id if home else view.home


def _answerable(members: list[Member], area: str) -> list[Member]:
    """Members who answer for `area`, by name."""
    return sorted((m for m in members if m.active and within(area, m.area)), key=lambda m: m.name)
