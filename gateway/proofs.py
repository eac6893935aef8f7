"""What each device of the home can say, and what of it has been heard: only that is known to arrive. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.events import ANY, PRESS, Bed, DeviceKnown, Motion, Note, Payload, Presence
from gateway.adapters.capabilities import BY_NAME
from gateway.adapters.said import BRIDGE, CAN, SELF, Heard, Said, State, States

PRACTISED = "sos_at_commissioning"
HEARD, PROVED, LEFT, TOLD = "heard of", "proved", "left", "told"
"""Under these it is remembered: kinds, separated by spaces; whether the device was taken out of the home; and what of
it was last told."""

MOST = 20
"""Of so many devices at once the city is told, which takes a home that says far too much for a flood."""
_NOT = "-"  # was announced, and is not any more
_NO_DEVICES = frozenset({SELF, BRIDGE})
# They are said of a device rather than by it, or come by themselves.
_NO_PROOF = frozenset({"battery", "lost", "mains", "absence", "note", "heartbeat", "device"})
# A danger nobody brings about to try a sensor: who says that there is none is heard. It says so when it is switched on.
_BY_ANY_WORD = frozenset({"smoke", "gas", "co", "leak", "fall", "climate"})


class Known(NamedTuple):
    """A device, the kinds that it can say, and those of them that are not proved."""

    device: str
    can: frozenset[str]
    unproved: frozenset[str]


class Proofs:
    """Law: a kind is proved by having been heard, for as long as its device is in the home, restarts and all. What a
    device can say is what was announced of it or heard from it; of who only lives, nobody knows: `ANY` is unproved. A
    button whose presses call nobody is unproved, too, unless another one calls or somebody has confirmed it.
    """

    def __init__(self, states: States) -> None:
        self._announced = _kinds_under(CAN, states)
        self._elsewhere: Mapping[str, set[str]] = {}
        self._heard, self._proved = _kinds_under(HEARD, states), _kinds_under(PROVED, states)
        self._left = {device for (device, what), value in states.items() if what == LEFT and value is True}
        self._told = {device: str(value) for (device, what), value in states.items() if what == TOLD}
        self._new = True
        for device, what in states:  # what was remembered by a version without proofs
            if (kind := _kind_under(what)) is not None:
                self._heard.setdefault(device, set()).add(kind)
                self._proved.setdefault(device, set()).update({kind} & _BY_ANY_WORD)

    def hear(self, heard: Heard, said: Iterable[Said]) -> dict[tuple[str, str], State]:
        """Take in what a message means and what is said because of it; what is to be remembered."""
        states: dict[tuple[str, str], State] = {}
        for (device, what), value in heard.states.items():
            if what == CAN:
                self._announced[device] = {*str(value).split()}
                self._left.discard(device)
                states[device, LEFT] = False
                self._new = True
            elif (kind := _kind_under(what)) is not None:
                states |= self._note(device, kind, kind in _BY_ANY_WORD)
        for one in said:
            if isinstance(one.data, Note) and one.data.what == PRACTISED:
                states |= self._note(one.device, "sos", True)
            elif one.kind not in _NO_PROOF:
                states |= self._note(one.device, one.kind, one.kind in _BY_ANY_WORD or _shows(one.data))
        lives = heard.device
        if lives is not None and not heard.gone and (lives not in self._heard or lives in self._left):
            states |= self._live(lives)
        if heard.left is not None:
            states |= self.leave(heard.left)
        return states

    def leave(self, device: str) -> dict[tuple[str, str], State]:
        """It is in the home no more. Another that comes under its name has all to prove."""
        if not any(device in known for known in (self._heard, self._announced, self._elsewhere)):
            return {}
        self._left.add(device)
        for known in (self._announced, self._heard, self._proved):
            known.pop(device, None)
        self._new = True
        left: dict[tuple[str, str], State] = {(device, CAN): _NOT, (device, HEARD): "", (device, PROVED): ""}
        return left | {(device, LEFT): True, (device, PRESS): False}

    def confirm(self, device: str) -> dict[tuple[str, str], State]:
        """Somebody says that this button is meant to call nobody."""
        return self._note(device, PRESS, True) if PRESS in self._known(device).can else {}

    def elsewhere(self, able: Mapping[str, set[str]]) -> None:
        """What others have announced of devices, all of it."""
        self._elsewhere = able
        self._new = True

    def forget(self, devices: Iterable[str]) -> None:
        """Nothing is known of these any more."""
        for device in devices:
            self._left.discard(device)
            for known in (self._announced, self._heard, self._proved, self._told):
                known.pop(device, None)

    def proved(self, device: str, kind: str) -> bool:
        """Whether this device has been heard to say that."""
        return kind in self._proved.get(device, ())

    def devices(self) -> list[Known]:
        """Who is in the home, by name; not who is known to say nothing that matters."""
        names = (self._announced.keys() | self._elsewhere.keys() | self._heard.keys()) - self._left - _NO_DEVICES
        known = [self._known(name) for name in sorted(names)]
        if any("sos" in one.can for one in known):
            known = [one._replace(unproved=one.unproved - {PRESS}) for one in known]
        return [one for one in known if one.can]

    def news(self, most: int = MOST) -> tuple[list[Said], dict[tuple[str, str], State]]:
        """What of it the city has not been told, of `most` devices; and what is to be remembered of the telling."""
        if not self._new:
            return [], {}
        self._new = False
        now = {one.device: one for one in self.devices()}
        said: list[Said] = []
        states: dict[tuple[str, str], State] = {}
        for device in sorted(now.keys() | self._told.keys()):
            one = now.get(device, Known(device, frozenset(), frozenset()))
            can, unproved = tuple(sorted(one.can)), tuple(sorted(one.unproved))
            text = f"{' '.join(can)}|{' '.join(unproved)}"
            if self._told.get(device) != text:
                if len(said) == most:
                    self._new = True
                    break
                self._told[device] = states[device, TOLD] = text
                said.append(Said(device, "device", DeviceKnown(can, unproved)))
        return said, states

    def _known(self, device: str) -> Known:
        announced, elsewhere = self._announced.get(device), self._elsewhere.get(device)
        can = ((announced or set()) | (elsewhere or set()) | self._heard.get(device, set())) - _NO_PROOF
        if can - {PRESS}:
            can.discard(PRESS)  # it is a wall switch, or a sensor that has a button as well
        if not can and announced is None and elsewhere is None:
            can = {ANY}
        return Known(device, frozenset(can), frozenset(can - self._proved.get(device, set())))

    def _note(self, device: str, kind: str, proof: bool) -> dict[tuple[str, str], State]:
        states: dict[tuple[str, str], State] = {}
        for under, known, so in ((HEARD, self._heard, True), (PROVED, self._proved, proof)):
            kinds = known.setdefault(device, set())
            if so and kind not in kinds:
                kinds.add(kind)
                states[device, under] = " ".join(sorted(kinds))
        self._new |= bool(states)
        return states

    def _live(self, device: str) -> dict[tuple[str, str], State]:
        self._left.discard(device)
        self._new = True
        return {(device, HEARD): " ".join(sorted(self._heard.setdefault(device, set()))), (device, LEFT): False}


def _shows(data: Payload) -> bool:
    """Whether this is what somebody brings about to try a device, and not its return to rest."""
    match data:
        case Motion(on=on) | Presence(present=on) | Bed(in_bed=on):
            return on
    return True


def _kind_under(what: str) -> str | None:
    """The kind of event of which a device's value is remembered under this; None: of none that is proved."""
    name = what.partition(" ")[0]
    if name == PRESS:
        return PRESS
    capability = BY_NAME.get("power" if name == "use" else name)
    return None if capability is None or capability.kind in _NO_PROOF else capability.kind


def _kinds_under(what: str, states: States) -> dict[str, set[str]]:
    return {
        device: {*str(value).split()} for (device, under), value in states.items() if under == what and value != _NOT
    }
