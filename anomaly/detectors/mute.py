"""A sensor that has died without a word, told apart from a person who has become still: the home's others go on.

The day is cut into half hours. One in which other sensors hear somebody is a chance for this one to hear somebody
too, and how often it takes that chance is learned (`anomaly.mute`). A sensor is mute when it has said nothing for 20 h
and its missed chances weigh more than 7.5: e^-7.5 as a probability, were they independent. Where nobody is heard
nothing is missed: an empty, sleeping or dark home mutes nothing. ROUTINE; over when the sensor speaks again. Others may
read `mute.suspects`, how many sensors of the home are mute now. The 8 sensors of a home that came first are judged; one
that has been silent for ten days makes room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from zlib import crc32

from anomaly import life, mute
from anomaly.detector import Heard, because, signal
from anomaly.detectors.slots import SLOTS, slot
from anomaly.rows import Rows
from core.signals import Concern, Evidence, Sense, Signal, Urgency

QUIET_S = 20 * 3600.0
KEEP_S = 10 * 86400.0
NAME_BYTES = 11
TOO_MUCH = 7.5


class Mute:
    name, version = "mute", "1"
    fields: ClassVar[Mapping[str, str]] = {
        "slot_id": f"({SLOTS},)<u4",
        "slot_at": f"({SLOTS},)<u4",  # it last spoke, to the second
        "place": f"({SLOTS},)S{NAME_BYTES}",  # its room, UTF-8, cut
        "rate": f"({SLOTS},{mute.BUSY})<f2",
        "seen": f"({SLOTS},{mute.BUSY})u1",
        "missed": f"({SLOTS},)<f2",
        "chances": f"({SLOTS},{mute.BUSY})u1",
        "told": f"({SLOTS},)?",
        "block": "<u4",  # the half hour that is open, counted from 1970
        "spoke": "<u2",  # who spoke in it: a bit for each slot, one more for all that have none
        "before": "<u2",  # and in the one before
        "suspects": "u1",
    }
    kinds = frozenset({"motion", "contact", "presence", "bed", "appliance"})

    def __init__(self, too_much: float = TOO_MUCH) -> None:
        self.too_much = too_much

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if not heard.human:
            return ()
        k = self._slot(rows, i, heard)
        found = () if k is None else self._speak(rows, i, k, heard)
        if heard.late:
            return found
        col, block = rows.col, int(heard.t // mute.BLOCK_S)
        if block > col["mute.block"][i]:
            found = [*found, *self._close(rows, i, heard.t)]
            col["mute.block"][i], col["mute.before"][i], col["mute.spoke"][i] = block, col["mute.spoke"][i], 0
        if block == col["mute.block"][i]:
            col["mute.spoke"][i] |= 1 << (SLOTS if k is None else k)
        return found

    def _slot(self, rows: Rows, i: int, heard: Heard) -> int | None:
        col, device = rows.col, heard.event.device
        mark = crc32(device.encode()) or 1
        same = (col["mute.slot_id"][i] == mark).nonzero()[0]
        if same.size:
            return int(same[0])
        if heard.late or col["mute.slot_at"][i].min() + KEEP_S > heard.t:
            return None
        k, _ = slot(rows, i, self.name, device, int(heard.t))
        col["mute.suspects"][i] -= col["mute.told"][i, k]
        for field in ("rate", "seen", "missed", "chances", "told"):
            col[f"mute.{field}"][i, k] = 0
        place = life.place_of(heard.event).encode()[:NAME_BYTES]
        col["mute.place"][i, k] = place.decode(errors="ignore").encode()
        return k

    def _speak(self, rows: Rows, i: int, k: int, heard: Heard) -> Sequence[Signal]:
        col = rows.col
        since = int(col["mute.slot_at"][i, k])  # to the second, so that what comes again changes nothing
        if int(heard.t) <= since:
            return ()
        col["mute.slot_at"][i, k] = heard.t
        col["mute.missed"][i, k] = 0
        mute.catch_up(*(col[f"mute.{field}"][i, k] for field in ("rate", "seen", "chances")))
        if not col["mute.told"][i, k]:
            return ()
        col["mute.told"][i, k] = False
        col["mute.suspects"][i] -= 1
        why = because("mute.over", place=self._place(rows, i, k), silent=heard.t - since)
        return [self._signal(rows, i, k, heard.t, since, why, Sense.CLEAR)]

    def _close(self, rows: Rows, i: int, t: float) -> Sequence[Signal]:
        """The half hour that was open has ended: who missed it, and who has missed too much by now?"""
        col = rows.col
        spoke, before = int(col["mute.spoke"][i]), int(col["mute.before"][i])
        if mute.alone(spoke, before):
            return ()
        rate, seen, missed, chances, told = (
            col[f"mute.{field}"][i] for field in ("rate", "seen", "missed", "chances", "told")
        )
        mute.miss(rate, seen, missed, chances, told, spoke)
        over = missed > self.too_much
        if not over.any():
            return ()
        over &= ~told & (t - col["mute.slot_at"][i] >= QUIET_S) & mute.known(seen)
        return [self._tell(rows, i, k, t) for k in over.nonzero()[0].tolist()]

    def _tell(self, rows: Rows, i: int, k: int, t: float) -> Signal:
        col = rows.col
        since, chances = int(col["mute.slot_at"][i, k]), int(col["mute.chances"][i, k].sum(dtype=int))
        col["mute.told"][i, k] = True
        col["mute.suspects"][i] += 1
        usual = mute.expected(float(col["mute.missed"][i, k]), chances)
        why = because("mute", place=self._place(rows, i, k), silent=t - since, chances=chances, usual=round(usual))
        return self._signal(rows, i, k, t, since, why)

    def _place(self, rows: Rows, i: int, k: int) -> str:
        return bytes(rows.col["mute.place"][i, k]).decode()

    def _signal(
        self, rows: Rows, i: int, k: int, t: float, since: int, why: Evidence, sense: Sense = Sense.RAISE
    ) -> Signal:
        episode = f"{int(rows.col['mute.slot_id'][i, k]):08x}-{since}"
        home = rows.homes[i].id
        return signal(self, Concern.DEVICE, Urgency.ROUTINE, t, why, home=home, episode=episode, sense=sense)
