"""The terminal that sets the home up, and this program: they talk on the home's own broker, for the outbox is ours."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from core.events import Note
from gateway.adapters import native
from gateway.adapters.said import SELF, Said
from gateway.intake import Hour, Intake
from gateway.pairing import order_of

ORDERS, REPORTS = (f"{native.BASE}/{name}" for name in (native.PAIR, native.PAIRED))


class Seen(msgspec.Struct, frozen=True):
    """A device of the home: the kinds that it can say, and those that are not proved."""

    device: str
    can: list[str]
    unproved: list[str]


class Report(msgspec.Struct, frozen=True):
    """How far the commissioning `pair` is; empty: none is on. `cried`: whose presses since its beginning were cries."""

    pair: str
    left_s: float
    devices: list[Seen]
    cried: list[str] = []


class Commissioning:
    """Driven by the program's one thread. That it has begun and ended is noted, so that the city sees it."""

    def __init__(self, intake: Intake, publish: Callable[[str, bytes], object]) -> None:
        self._intake, self._publish = intake, publish
        self._was = ""
        self._owes = False

    def hear(self, topic: str, payload: bytes, hour: Hour) -> None:
        """A terminal's order: each is answered by a report."""
        order = order_of(payload) if topic == ORDERS else None
        if order is None:
            return
        if order.forget:
            self._intake.leave(order.forget, hour)
        if order.remote:
            self._intake.confirm(order.remote, hour)
        self._intake.pairing.hear(order, hour.now, hour.count_s)
        self._owes = True
        self._note(hour)

    def turn(self, hour: Hour) -> None:
        """Tell the city what is new of devices, and the terminal how far it is."""
        pairing = self._intake.pairing
        pairing.turn(hour.count_s)
        self._note(hour)
        news = self._intake.tell_proofs(hour)
        if self._owes or (news and pairing.name):
            self._owes = False
            seen = [Seen(one.device, sorted(one.can), sorted(one.unproved)) for one in self._intake.proofs.devices()]
            report = Report(pairing.name, round(pairing.left_s(hour.count_s), 1), seen, sorted(pairing.cried))
            self._publish(REPORTS, msgspec.json.encode(report))

    def _note(self, hour: Hour) -> None:
        name = self._intake.pairing.name
        if name != self._was:
            self._was = name
            self._owes = True
            what = "commissioning_begun" if name else "commissioning_ended"
            self._intake.say([Said(SELF, "note", Note(what))], hour)
