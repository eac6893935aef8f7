"""Joins the care chain to the Care Call desk, and a simulated city's pack to its people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from alerts.case import Outcome, State
from alerts.desk import Desk
from care import catalogue
from care.arrangements import put_staff
from care.episodes import Hands
from care.pack import load_pack
from core.care import Refused
from core.people import Home, Member, Reach, Role
from core.signals import Concern, Signal
from core.words import say
from simulators.chain import worker_of
from store.people import put_member


def hands(desk: Desk) -> Hands:
    """What the desk does for the chain."""

    def alert(tx: Connection, signal: Signal, home: Home | None, now: datetime, about: str) -> int | None:
        return desk.signal(tx, signal, home, now, about=about)

    def shut(tx: Connection, case: int, by: str, exercise: bool, now: datetime) -> None:
        view = desk.view(tx, case)
        if view is not None and view.state != State.CLOSED and view.concern == Concern.APPLICATION:
            desk.act(tx, case, "close", by, now, outcome=Outcome.EXERCISE if exercise else Outcome.CARE)

    return Hands(alert, desk.tell, shut)


def cast(tx: Connection, backend: str, pack: str, phones: str, now: datetime) -> None:
    """Load a pack, and give each of its providers the one simulated worker whose telephone rings at `phones`."""
    found = load_pack(pack)
    loaded = catalogue.load(tx, found, now)
    if isinstance(loaded, Refused):
        raise ValueError(say(f"care.refused.{loaded.code}", "en", loaded.numbers))
    for provider, named in found.providers.items():
        id = worker_of(provider)
        worker = Member(id, named.ko, Role.WORKER, found.city.code, reach=(Reach("webhook", f"{phones}/{id}"),))
        put_member(tx, backend, worker)
        put_staff(tx, id, provider, "demo", now)
