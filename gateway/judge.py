"""What a message alone cannot tell and the time can: a press at pairing, a button held down, a switch that was ordered
to turn, a measure or an alarm said again, a device that is away for a moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from core.events import EMERGENCY_KINDS, Appliance, Climate, Lost, Note
from core.rate import Buckets
from gateway.adapters.said import Heard, Said
from gateway.proofs import PRACTISED

PAIRING_S = 60.0
"""After a button has joined, what it says may be its joining."""
ORDER_S = 10.0
"""After an order what turns was turned by it: radios are slow, and a whole group answers."""
SAME_S, HARSH_S = 5400.0, 300.0
"""Air that has not changed is said again after the first of these: a city that hears none for two hours begins anew.
Where it is not mild it is after the second: there the city counts for how long that holds."""
MILD_C = (18.0, 28.0)
STALE_S = 2.0
"""Many devices say how they were just before they say how they are: what has not changed waits for this."""
GONE_S = 300.0
"""Who is said to be unavailable may be starting anew, as radios, hubs and their programs do."""
PRESSES, PRESS_EVERY_S = 10.0, 10.0
"""So many presses of a button are heard at once, and then one in so many seconds, for as long as it is held down."""
ALARM_S = 300.0
"""An alarm that stands is told again after this, if its device says so: the end of the one before may have been missed.
What a message repeats because another member has changed comes within seconds of it; and hardly any Care Call is closed
within this time, so that another emergency which is taken for the same one still has its case."""

_UNAVAILABLE = Lost("unavailable")


class Judged(NamedTuple):
    """What is left to be said, and how often a button only said again that it is pressed."""

    said: tuple[Said, ...]
    held: int


class Judge:
    """Law: a press is heard, as a cry, or as a note within `PAIRING_S` of its button's joining and where it proves the
    button, unless the button has said `PRESSES` of them a moment before. An alarm that stands is told at its first word
    after a start, and every `ALARM_S`. It forgets at a restart, and so hears rather too much.
    """

    def __init__(self) -> None:
        self._paired_s: dict[str, float] = {}
        self._ordered_s = float("-inf")
        self._air: dict[tuple[str, str], tuple[Climate, float]] = {}
        self._again: dict[tuple[str, str], tuple[Said, float]] = {}
        self._doubted: dict[str, tuple[Heard, float]] = {}
        self._alarmed_s: dict[tuple[str, str], float] = {}
        self._presses = Buckets(1 / PRESS_EVERY_S, PRESSES)

    def doubts(self, heard: Heard, now_s: float) -> bool:
        """Whether a word that a device is unavailable has to wait; `gone` tells it, unless the device speaks again."""
        if heard.device is None:
            return False
        if not heard.gone or any(one.data != _UNAVAILABLE for one in heard.said):
            self._doubted.pop(heard.device, None)
            return False
        self._doubted.setdefault(heard.device, (heard, now_s))
        return True

    def gone(self, now_s: float) -> list[Heard]:
        """Who has been unavailable for `GONE_S`; each is told once."""
        due = [device for device, (_, since_s) in self._doubted.items() if now_s - since_s >= GONE_S]
        return [self._doubted.pop(device)[0] for device in due]

    def again(self, now_s: float) -> list[Said]:
        """Air that has not changed for so long that it is said again; each is told once."""
        due = [key for key, (_, since_s) in self._again.items() if now_s - since_s >= STALE_S]
        said = [self._again.pop(key)[0] for key in due]
        self._air |= {key: (self._air[key][0], now_s) for key in due}
        return said

    def forget(self, devices: Collection[str]) -> None:
        """Nothing is known of these any more."""
        for known in (self._air, self._again, self._alarmed_s):
            for key in [key for key in known if key[0] in devices]:
                del known[key]
        for device in devices:
            self._paired_s.pop(device, None)
            self._doubted.pop(device, None)

    def judge(
        self,
        heard: Heard,
        said: tuple[Said, ...],
        now: datetime,
        now_s: float,
        practises: Callable[[Said], bool] | None = None,
    ) -> Judged:
        """What is to be said of what was heard; `now_s` counts the seconds that pass. `practises`: somebody sets the
        home up, and it tells of a press whether it is a proof.
        """
        if heard.pairing is not None:
            self._paired_s = {name: at_s for name, at_s in self._paired_s.items() if now_s - at_s < PAIRING_S}
            self._paired_s[heard.pairing] = now_s
        if heard.ordered:
            self._ordered_s = now_s
        said = tuple(one for one in said if not self._stands(one, now_s))
        left = tuple(self._judged(said, heard.whole, now, now_s, practises))
        return Judged(left, sum(one.kind == "sos" for one in said) - sum(one.kind in ("sos", "note") for one in left))

    def _judged(
        self,
        said: tuple[Said, ...],
        whole: bool,
        now: datetime,
        now_s: float,
        practises: Callable[[Said], bool] | None,
    ) -> Iterator[Said]:
        for one in said:
            match one.data:
                case Climate() as air if whole and self._same(one, air, now_s):
                    continue
                case Appliance(by_hand=True) as turned if now_s - self._ordered_s < ORDER_S:
                    yield one._replace(data=msgspec.structs.replace(turned, by_hand=False))
                case _ if one.kind == "sos" and not self._presses.take(one.device, now):
                    continue
                case _ if one.kind == "sos" and practises is not None:
                    # Who sets the home up is there: what is no proof is a cry, though its button has just joined.
                    yield one._replace(kind="note", data=Note(PRACTISED)) if practises(one) else one
                case _ if one.kind == "sos" and now_s - self._paired_s.get(one.device, float("-inf")) < PAIRING_S:
                    yield one._replace(kind="note", data=Note("sos_at_pairing"))
                case _:
                    yield one

    def _stands(self, one: Said, now_s: float) -> bool:
        """Whether it is the same alarm as a moment before."""
        if one.kind not in EMERGENCY_KINDS:
            return False
        key = one.device, one.kind
        if one.again and now_s - self._alarmed_s.get(key, float("-inf")) < ALARM_S:
            return True
        self._alarmed_s[key] = now_s
        return False

    def _same(self, one: Said, air: Climate, now_s: float) -> bool:
        key = one.device, air.room
        last = self._air.get(key)
        if last is None or last[0] != air:
            self._air[key] = air, now_s
            self._again.pop(key, None)
            return False
        mild = air.temp_c is None or MILD_C[0] < air.temp_c < MILD_C[1]
        if now_s - last[1] >= (SAME_S if mild else HARSH_S):
            self._again.setdefault(key, (one, now_s))
        return True
