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
from operator import itemgetter
from typing import ClassVar

import numpy as np

from anomaly import life, mute
from anomaly.batch import Events, Positions, mark_of
from anomaly.compiled import AHEAD, fetch, kernel
from anomaly.detector import Heard, because, signal
from anomaly.detectors.slots import KEEP_S, SLOTS, find, slot
from anomaly.mute import BLOCK_S
from anomaly.rounds import Round, table
from anomaly.rows import Column, Rows
from core.signals import Concern, Evidence, Sense, Signal, Urgency

QUIET_S = 20 * 3600.0
TOO_MUCH = 7.5
_CHANCES = ("rate", "seen", "missed", "chances", "told")


class Mute:
    name, version = "mute", "3"
    fields: ClassVar[Mapping[str, str]] = {
        "slot_id": f"({SLOTS},)<u4",
        "slot_at": f"({SLOTS},)<u4",  # it last spoke, to the second
        "place": f"({SLOTS},)<u4",  # its room, as `Rows.places` numbers it
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
        col, block = rows.col, int(heard.t // mute.BLOCK_S)
        # To the second, so that what comes again changes nothing.
        newer = k is not None and int(heard.t) > col["mute.slot_at"][i, k]
        found = self._speak(rows, i, k, heard) if k is not None and newer else ()
        if block > col["mute.block"][i] and not heard.late:
            found = [*found, *self._close(rows, i, heard.t)]
            col["mute.block"][i], col["mute.before"][i], col["mute.spoke"][i] = block, col["mute.spoke"][i], 0
        if block == col["mute.block"][i] and not heard.late:
            col["mute.spoke"][i] |= 1 << (SLOTS if k is None else k)
        if newer and heard.late:  # of no half hour any more
            col["mute.missed"][i, k] = 0
            mute.catch_up(*(col[f"mute.{field}"][i, k] for field in ("rate", "seen", "chances")))
        return found

    def _slot(self, rows: Rows, i: int, heard: Heard) -> int | None:
        col, device = rows.col, heard.event.device
        mark = mark_of(device)
        same = (col["mute.slot_id"][i] == mark).nonzero()[0]
        if same.size:
            return int(same[0])
        if heard.late or col["mute.slot_at"][i].min() + KEEP_S > heard.t:
            return None
        k, _ = slot(rows, i, self.name, device, int(heard.t))
        col["mute.suspects"][i] -= col["mute.told"][i, k]
        for field in ("rate", "seen", "missed", "chances", "told"):
            col[f"mute.{field}"][i, k] = 0
        col["mute.place"][i, k] = rows.places.code(life.place_of(heard.event))
        return k

    def _speak(self, rows: Rows, i: int, k: int, heard: Heard) -> Sequence[Signal]:
        col = rows.col
        since = int(col["mute.slot_at"][i, k])
        col["mute.slot_at"][i, k] = heard.t
        if not col["mute.told"][i, k]:
            return ()
        col["mute.told"][i, k] = False
        col["mute.suspects"][i] -= 1
        why = because("mute.over", place=self._place(rows, i, k), silent=heard.t - since)
        return [self._signal(rows, i, k, heard.t, since, why, Sense.CLEAR)]

    def _close(self, rows: Rows, i: int, t: float) -> Sequence[Signal]:
        """The half hour that was open has ended: who missed it, and who has missed too much by now?"""
        col, here = rows.col, slice(i, i + 1)
        now = {field: col[f"mute.{field}"][here] for field in _CHANCES}
        mute.close(**now, spoke=col["mute.spoke"][here], before=col["mute.before"][here])
        spoke_at = col["mute.slot_at"][here]
        over = self._over(now["missed"], now["told"], spoke_at, now["seen"], np.array([int(t)]))
        return [self._tell(rows, i, k, t) for k in over[0].nonzero()[0].tolist()]

    def _over(self, missed: Column, told: Column, spoke_at: Column, seen: Column, second: Column) -> mute.Flags:
        """Which sensors (m, 8) are mute now and were not told."""
        quiet = second[:, None] - spoke_at >= QUIET_S
        over: mute.Flags = (missed > self.too_much) & ~told & quiet & mute.known(seen)
        return over

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        columns, kinds = _columns(rows.col), table(self.kinds)
        left, over = _hear(some.events, kinds, False, *columns)
        if over.size or not some.at.size:  # an empty round has everything compiled
            events = some.events.take(over)
            quiet = _quiet(events, *columns[:2])
            calm = mute.close_many(rows.col, events, quiet, self.too_much)
            _hear(events.take(np.flatnonzero(calm)), kinds, True, *columns)
            left = np.concatenate([left, over[~calm]])
        return left

    def _tell(self, rows: Rows, i: int, k: int, t: float) -> Signal:
        col = rows.col
        since, chances = int(col["mute.slot_at"][i, k]), int(col["mute.chances"][i, k].sum(dtype=int))
        col["mute.told"][i, k] = True
        col["mute.suspects"][i] += 1
        usual = mute.expected(float(col["mute.missed"][i, k]), chances)
        why = because("mute", place=self._place(rows, i, k), silent=t - since, chances=chances, usual=round(usual))
        return self._signal(rows, i, k, t, since, why)

    def _place(self, rows: Rows, i: int, k: int) -> str:
        return rows.places.name(rows.col["mute.place"].item(i, k))

    def _signal(
        self, rows: Rows, i: int, k: int, t: float, since: int, why: Evidence, sense: Sense = Sense.RAISE
    ) -> Signal:
        episode = f"{int(rows.col['mute.slot_id'][i, k]):08x}-{since}"
        home = rows.homes[i].id
        return signal(self, Concern.DEVICE, Urgency.ROUTINE, t, why, home=home, episode=episode, sense=sense)


_columns = itemgetter(*(f"mute.{name}" for name in ("slot_id", "slot_at", "block", "before", "spoke", "suspects")))


@kernel
def _hear(
    events: Events,
    kinds: Column,
    closed: bool,
    slot_id: Column,
    slot_at: Column,
    block: Column,
    before: Column,
    spoke: Column,
    suspects: Column,
) -> tuple[Positions, Positions]:
    """`hear` of known sensors of homes in which none is mute. Also gives the events before which a half hour has to be
    closed, unless all of them are `closed`."""
    left, over = np.empty(len(events), np.intp), np.empty(len(events), np.intp)
    n, ended = 0, 0
    for j in range(len(events)):
        later = events[min(j + AHEAD, len(events) - 1)]
        fetch((slot_id, slot_at, block, before, spoke, suspects), later.home)
        event = events[j]
        if not (event.human and kinds[event.kind]):
            continue
        i, second, k = event.home, int(event.t), find(slot_id, event.home, event.mark)
        now = second // BLOCK_S
        if suspects[i] > 0 or (k == SLOTS and slot_at[i].min() + KEEP_S <= event.t):
            left[n] = j
            n += 1
            continue
        if now > block[i]:
            if not closed:
                over[ended] = j
                ended += 1
                continue
            block[i], before[i], spoke[i] = now, spoke[i], 0
        if k < SLOTS:
            slot_at[i, k] = max(slot_at[i, k], second)
        if now == block[i]:
            spoke[i] |= 1 << k
    return left[:n], over[:ended]


@kernel
def _quiet(events: Events, slot_id: Column, slot_at: Column) -> mute.Flags:
    """Which sensors (m, 8) have been silent so long that they may be mute, with these events of different homes."""
    quiet = np.empty((len(events), SLOTS), np.bool_)
    for j in range(len(events)):
        i, second = events[j].home, int(events[j].t)
        for k in range(SLOTS):
            quiet[j, k] = second - slot_at[i, k] >= QUIET_S and slot_id[i, k] != events[j].mark
    return quiet
