"""Joins the care chain to the Care Call desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from alerts.case import Outcome, State
from alerts.desk import Desk
from care.episodes import Hands
from core.people import Home
from core.signals import Concern, Signal


def hands(desk: Desk) -> Hands:
    """What the desk does for the chain."""

    def alert(tx: Connection, signal: Signal, home: Home | None, now: datetime, about: str) -> int | None:
        return desk.signal(tx, signal, home, now, about=about)

    def shut(tx: Connection, case: int, by: str, exercise: bool, now: datetime) -> None:
        view = desk.view(tx, case)
        if view is not None and view.state != State.CLOSED and view.concern == Concern.APPLICATION:
            desk.act(tx, case, "close", by, now, outcome=Outcome.EXERCISE if exercise else Outcome.CARE)

    return Hands(alert, desk.tell, shut)
