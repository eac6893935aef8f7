"""`GET /api/cases/{id}/console`: everything that one decision about a Care Call needs, at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection

from alerts.views import CaseView
from anomaly.time import zone
from api.cards import Card, cards
from api.cases import UNKNOWN, Number, history
from api.city import City, Here
from api.kin import case_for_kin, kin, of_the_chain
from api.readers import reader
from api.resident import About, ResidentCard, of_home, of_person
from api.shapes import Entry, Sentence, Verb, fault_body
from care import aloud
from core.people import CALLED, Role, within
from core.signals import Concern, Sense
from store import people
from store.figures import newest_line
from store.log import signals_of_case
from store.tables import outbox

router = APIRouter(prefix="/api", tags=["cases"])
HOLD_S = 10.0
ACTS: dict[str, tuple[Verb, ...]] = {
    "verifying": ("ack", "arrive", "close", "note"),
    "alerting": ("ack", "arrive", "close", "note"),
    "acknowledged": ("ack", "arrive", "release", "close", "note"),
    "arrived": ("release", "close", "note"),
    "closed": ("note",),
}
Kind = Literal["signal", "ask", "answer", "call", "delivery", "person", "note", "city"]
KINDS: dict[Kind, str] = {
    "signal": "opened joined raised repeated cleared resolved",
    "ask": "asked asked_shown sent_home ask_failed speaker_failed",
    "answer": "answered_ok answered_not_ok answered_badly answered_late no_answer",
    "call": "held released climbed repeats called called_post nobody_on_call unreachable owner_unreachable forgotten",
    "delivery": "sent told delivered seen channel_failed",
    "person": "acknowledged taken_over arrived also given_back closed",
    "note": "noted",
    "city": "unreadable clock_back",
}
_KIND_OF = {f"case.log.{line}": kind for kind, lines in KINDS.items() for line in lines.split()}
_KIND_OF |= {"access.kin.noted": "note", "access.kin.called": "call", "access.kin.again": "call"}


class Step(Entry):
    """One line of the history, and of what kind it is."""

    kind: Kind

    @classmethod
    def told(cls, entries: Sequence[Entry]) -> list[Step]:
        return [cls(**dict(entry), kind=_kind(entry.key)) for entry in entries]


def _kind(key: str) -> Kind:
    if key.startswith("rota."):
        return "call"
    return _KIND_OF.get(key, "signal")  # what is no line of our own is a signal's evidence


class SignalOut(BaseModel):
    """What the case was opened by and has taken in; `at`: when it happened."""

    at: datetime
    concern: str
    name: Sentence
    sense: Sense
    source: str
    evidence: list[Sentence]


class DeliveryOut(BaseModel):
    """One message and how far it is known to have come. Null times: nobody has said so."""

    id: int
    member: str | None = Field(description="Null: it goes to the home.")
    name: Sentence | None
    channel: str
    purpose: str
    state: Literal["queued", "accepted", "delivered", "seen", "acknowledged", "failed", "dropped"]
    attempts: int
    created_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    seen_at: datetime | None
    error: str | None = Field(description="What the last failed attempt said.")


class Answering(BaseModel):
    """Somebody who answers for the case's area."""

    id: str
    name: str
    role: Role


class CaseConsole(BaseModel):
    """A Care Call as the console draws it."""

    line: int = Field(description="Follow the stream from here.")
    now: datetime
    card: Card
    timeline: list[Step] = Field(description="Oldest first.")
    signals: list[SignalOut]
    deliveries: list[DeliveryOut] = Field(description="Oldest first.")
    members: list[Answering] = Field(description="By name.")
    resident: ResidentCard | None = Field(description="Null where the case is about nobody in particular.")
    acts: list[Verb] = Field(description="What who asks can do to it as it stands.")
    needs_contact: bool = Field(description="To close it as `safe`, somebody must have reached the person.")
    hold_s: float = Field(description="So long `arrive` and `close` are held back on the screen, to be undone.")


@router.get("/cases/{id}/console", responses=UNKNOWN)
def read_case_console(city: Here, id: Number) -> CaseConsole:
    """One Care Call with its history, its messages' proof, who may act, and whom it is about."""
    with city.db.read() as tx:
        line = newest_line(tx)
        view = city.desk.view(tx, id)
        if view is None:
            raise HTTPException(404, fault_body("api.no_case", id=id)["detail"])
        (card,) = cards(tx, [view])
        own = kin(city.actor)
        signals = _signals(tx, id)
        card = case_for_kin(card) if own else card
        if own and of_the_chain(card.concern):
            signals = [it.model_copy(update={"source": "", "evidence": []}) for it in signals]
        return CaseConsole(
            line=line,
            now=city.clock.now(),
            card=card,
            timeline=Step.told(history(city, tx, id)),
            signals=signals,
            deliveries=[] if own else _deliveries(city, tx, id),
            members=[] if own else _answering(tx, view.area),
            resident=_resident(city, tx, view, card, reader(city.actor)),
            acts=list(ACTS[view.state]) if city.actor.may("case.act") else [],
            needs_contact=view.needs_contact,
            hold_s=HOLD_S,
        )


def _signals(tx: Connection, case: int) -> list[SignalOut]:
    return [
        SignalOut(
            at=signal.at,
            concern=signal.concern,
            name=Sentence.words(f"concern.{signal.concern}"),
            sense=signal.sense,
            source=signal.source,
            evidence=[Sentence.words(reason.key, **reason.numbers) for reason in signal.evidence],
        )
        for signal in signals_of_case(tx, case)
    ]


def _deliveries(city: City, tx: Connection, case: int) -> list[DeliveryOut]:
    found: Sequence[Any] = tx.execute(sa.select(outbox).where(outbox.c.case_id == case).order_by(outbox.c.id)).all()
    names = city.desk.views.names(tx, {row.member for row in found if row.member})
    shown = [name for name in DeliveryOut.model_fields if name not in ("name", "error")]
    return [
        DeliveryOut(
            **{name: getattr(row, name) for name in shown},
            name=Sentence(**names[row.member]) if row.member else None,
            error=row.last_error,
        )
        for row in found
    ]


def _answering(tx: Connection, area: str) -> list[Answering]:
    found = [m for m in people.all_members(tx) if m.active and m.role in CALLED and within(area, m.area)]
    return [Answering(id=m.id, name=m.name, role=m.role) for m in sorted(found, key=lambda m: m.name)]


def _resident(city: City, tx: Connection, view: CaseView, card: Card, role: Role | None) -> ResidentCard | None:
    home = people.home(tx, view.home) if view.home else None
    where = (home and zone(home.timezone)) or city.timezone
    signals = [] if kin(city.actor) and of_the_chain(view.concern) else signals_of_case(tx, view.id)
    what = aloud.what(Concern(view.concern), signals, view.opened_at, city.clock.now(), where)
    about = About(case=view.id, what=Sentence(**what), exercise=card.exercise, over=view.state == "closed")
    if home is not None:
        return of_home(city, tx, home, role, about)
    return of_person(city, tx, card.person, role, about) if card.person else None
