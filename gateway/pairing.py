"""Setting a home up: for a while a button's first press is its proof and not a cry. Pure."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import msgspec

USUAL_S, SHORTEST_S, LONGEST_S = 900.0, 60.0, 3600.0
RENEWED_S = 30.0
"""Whoever sets the home up says so again and again; a terminal that is gone ends it after this."""
AGAIN_S = 60.0

_MOST_OVER = 64


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """What a terminal says on the home's broker. `pair` names one commissioning; `forget`: a device that is gone;
    `remote`: a button that is meant to call nobody."""

    pair: str = ""
    on: bool = True
    for_s: float = USUAL_S
    forget: str = ""
    remote: str = ""


_decoder = msgspec.json.Decoder(Order)


def order_of(payload: bytes) -> Order | None:
    """An order, or None where the bytes are none."""
    try:
        return _decoder.decode(payload[:4096])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


class Pairing:
    """Law: a press is a proof only while the home is being set up, only of a button that is not proved, and not within
    a minute of the press before; every other press is a cry. It ends when its terminal says so or is silent for
    `RENEWED_S`, at its limit whatever anybody says, and with the program; one that has ended never goes on.
    """

    def __init__(self) -> None:
        self.name = ""
        """Of the one that is on; empty: none is."""
        self._since: datetime | None = None
        self._until_s = self._silent_s = 0.0
        self._over: deque[str] = deque(maxlen=_MOST_OVER)
        self._pressed_s: dict[str, float] = {}
        self.cried: set[str] = set()
        """Whose presses since it began were cries."""

    def hear(self, order: Order, now: datetime, now_s: float) -> None:
        """Begin, go on or end; `now_s` counts the seconds that pass."""
        self.turn(now_s)
        name = order.pair[:64]
        if not name or name in self._over or (self.name and name != self.name):
            return
        if not order.on:
            self._end()
            return
        if not self.name:
            self.name, self._since = name, now
            self._until_s = now_s + min(max(order.for_s, SHORTEST_S), LONGEST_S)
            self._pressed_s = {one: at_s for one, at_s in self._pressed_s.items() if now_s - at_s < AGAIN_S}
            self.cried.clear()
        self._silent_s = now_s + RENEWED_S

    def turn(self, now_s: float) -> None:
        """End what has lasted long enough."""
        if self.name and now_s >= min(self._until_s, self._silent_s):
            self._end()

    def left_s(self, now_s: float) -> float:
        """How long it may still last; 0: none is on."""
        return max(self._until_s - now_s, 0.0) if self.name else 0.0

    def proves(self, device: str, proved: bool, at: datetime | None, now_s: float) -> bool:
        """Whether a press, of the time `at` if the device names one, is the proof of a button."""
        self.turn(now_s)
        if not self.name:
            return False
        last_s = self._pressed_s.get(device)
        self._pressed_s[device] = now_s
        old = at is not None and at.tzinfo is not None and self._since is not None and at < self._since
        proof = not proved and not old and (last_s is None or now_s - last_s >= AGAIN_S)
        if not proof:
            self.cried.add(device)
        return proof

    def _end(self) -> None:
        self._over.append(self.name)
        self.name = ""
