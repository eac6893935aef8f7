"""A Care Call as a card: everything that a board, a list or the live stream must show of it at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection

from alerts.views import CaseView
from api.places import place
from api.shapes import CaseOut, Entry, Sentence
from care.subjects import subjects
from store import people


class Card(CaseOut):
    """One Care Call with whom and where."""

    name: str | None = Field(description="The person's name, else the home's id; null for a case of a whole area.")
    place: Sentence
    person: str | None = Field(description="Whom it is about, where the care chain knows them.")
    reasons: list[Sentence] = Field(description="`why`, reason by reason.")
    unproved: list[str] = Field(description="Devices of the home that nobody has seen work.")
    exercise: bool = Field(description="A drill, all of it.")
    episode: int | None = Field(description="The care chain's episode that it leads.")


class Told(BaseModel):
    """The data of one `case` event of the live stream: a line of the log, and its case as it stands when sent."""

    case: Card
    entry: Entry


def cards(tx: Connection, views: Sequence[CaseView]) -> list[Card]:
    """The cards of these cases, in their order, by as many queries for hundreds as for one."""
    about = subjects(tx, [view.id for view in views])
    unproved = people.unproved_devices(tx, {view.home for view in views if view.home})
    names = people.area_names(tx)
    return [
        Card(
            **dict(CaseOut.of(view)),
            name=about[view.id].name,
            place=place(view.area, names),
            person=about[view.id].person,
            reasons=[Sentence(**reason) for reason in view.why],
            unproved=unproved.get(view.home or "", []),
            exercise=about[view.id].exercise,
            episode=about[view.id].episode,
        )
        for view in views
    ]
