"""`GET /api/board`: what stands on the board at one moment, and the line from which to follow it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from access.visible import Kind
from api.cards import Card, cards
from api.city import Here
from api.kin import case_for_kin, kin
from api.places import place
from api.shapes import Sentence
from store import people
from store.figures import newest_line
from store.home_list import away_homes
from store.tables import cases as case_rows
from store.tables import homes
from store.unheard import count_unheard, unheard_homes

router = APIRouter(prefix="/api", tags=["board"])
MOST = 500
UNHEARD = AWAY = 200


class Unheard(BaseModel):
    """A home that nobody watches just now."""

    home: str
    name: str = Field(description="The resident's, else the home's id.")
    place: Sentence
    since: datetime | None = Field(description="When its last word arrived; null: it never said one.")


class Away(BaseModel):
    """A home that somebody has said is empty: no silence is told of there until then."""

    home: str
    name: str = Field(description="The resident's, else the home's id.")
    place: Sentence
    until: datetime


class Board(BaseModel):
    """`cards`: what is due first on top; closed ones the newest first."""

    line: int = Field(description="Follow `GET /api/stream?after=LINE` from here: nothing is missed.")
    now: datetime
    total: int = Field(description="How many cases there are; `cards` are the first of them.")
    cards: list[Card]
    unheard: list[Unheard] = Field(description="Longest first, 200 at most.")
    unheard_total: int
    away: list[Away] = Field(description="Homes with an absence in force, the longest on top, 200 at most.")
    away_total: int
    unproved: int = Field(description="Homes that are not fully commissioned.")


@router.get("/board")
def read_board(
    city: Here,
    state: Annotated[Literal["open", "closed"], Query()] = "open",
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Board:
    """The Care Calls of one moment, and the homes that nobody watches then."""
    theirs, homes_of = city.only(Kind.CASE, case_rows.c.id), city.only(Kind.HOME, homes.c.id)
    with city.db.read() as tx:
        line = newest_line(tx)  # first: what is told twice harms nobody
        views = city.desk.views.list(tx, state, limit, only=theirs)
        now = city.clock.now()
        away_total, away = away_homes(tx, now, AWAY, only=homes_of)
        names, found = people.area_names(tx), cards(tx, views)
        return Board(
            line=line,
            now=now,
            total=city.desk.views.count(tx, state, only=theirs),
            cards=[case_for_kin(card) for card in found] if kin(city.actor) else found,
            unheard=[
                Unheard(home=row.home, name=row.resident or row.home, place=place(row.area, names), since=row.since)
                for row in unheard_homes(tx, UNHEARD, only=homes_of)
            ],
            unheard_total=sum(count_unheard(tx, only=homes_of)),
            away=[
                Away(home=row.home, name=row.resident or row.home, place=place(row.area, names), until=row.until)
                for row in away
            ],
            away_total=away_total,
            unproved=people.count_uncommissioned(tx, only=homes_of),
        )
