"""Which devices are supervised, and who of them is silent for longer than its class may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.events import PRESS
from gateway.adapters.capabilities import BY_NAME
from gateway.adapters.said import Heard, State, States, class_of
from gateway.proofs import HEARD

_WITHIN, _GONE = "supervised within", "gone"
# Under these, and the capabilities' names, something is remembered of who has spoken.
_OF_DEVICES = frozenset({_WITHIN, _GONE, HEARD, PRESS})


def has_spoken(what: str) -> bool:
    """Whether what is remembered under this is a device's own word, and not a note of what others mean by a name."""
    name = what.partition(" ")[0]
    return what in _OF_DEVICES or name in BY_NAME or name == "use"


class Roll:
    """Law: a device is lost once, until it speaks again; one that nothing is known of is never lost by its silence."""

    def __init__(self, states: States, now_s: float) -> None:
        """`states`: what was remembered of devices; who is silent since before this start is given its time anew."""
        self._within_s = {device: float(value) for (device, what), value in states.items() if what == _WITHIN}
        self._gone = {device for (device, what), value in states.items() if what == _GONE and value}
        self._heard_s = dict.fromkeys((device for device, what in states if has_spoken(what)), now_s)
        self._turned_s = now_s

    def hear(self, heard: Heard, now_s: float) -> tuple[bool, Mapping[tuple[str, str], State]]:
        """Whether a message changed who is lost, and what is to be remembered of it."""
        device = heard.device
        if device is None:
            return False, {}
        states: dict[tuple[str, str], State] = {}
        was_gone = device in self._gone
        if not heard.gone:
            self._heard_s[device] = now_s
            within_s = self._within_s.get(device, heard.within_s)
            if heard.every_s is not None:
                within_s = class_of(heard.every_s)
            if within_s is not None and self._within_s.get(device) != within_s:
                self._within_s[device] = states[device, _WITHIN] = within_s
        if was_gone != heard.gone:
            states |= self._mark(device, heard.gone)
        return was_gone != heard.gone, states

    def silent(self, now_s: float, listening: bool) -> tuple[list[str], Mapping[tuple[str, str], State]]:
        """Who is lost from now on, and what is to be remembered of it. While nobody listens, nobody is silent."""
        passed_s, self._turned_s = now_s - self._turned_s, now_s
        if not listening:
            self._heard_s = {device: heard_s + passed_s for device, heard_s in self._heard_s.items()}
            return [], {}
        lost = [
            device
            for device, within_s in self._within_s.items()
            if device not in self._gone and now_s - self._heard_s[device] >= within_s
        ]
        states: dict[tuple[str, str], State] = {}
        for device in lost:
            states |= self._mark(device, True)
        return lost, states

    def forget_beyond(self, most: int) -> list[str]:
        """Who is forgotten, so that of no more than `most` devices anything is known: the longest unheard first."""
        beyond = len(self._heard_s) - most
        if beyond <= 0:
            return []
        gone = sorted(self._heard_s, key=lambda device: self._heard_s[device])[:beyond]
        for device in gone:
            del self._heard_s[device]
            self._within_s.pop(device, None)
            self._gone.discard(device)
        return gone

    def _mark(self, device: str, gone: bool) -> dict[tuple[str, str], State]:
        (self._gone.add if gone else self._gone.discard)(device)
        return {(device, _GONE): gone}
