"""Events as columns: what the engine takes in, keeps waiting and sorts, without touching them one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast
from zlib import crc32

import numpy as np
import numpy.typing as npt

from core.events import LOG_KINDS, LogRow

Events = npt.NDArray[Any]
Positions = npt.NDArray[np.intp]
Source = LogRow | Callable[[Any], LogRow]

EVENT = np.dtype(
    [
        ("at", "<f8"),  # when it happened by its own clock, UTC seconds
        ("seen", "<f8"),  # when the city got it
        ("t", "<f8"),  # when it happened, as the engine believes
        ("hear", "<f8"),  # event time at which it is heard: `t`, or the watermark if that has passed
        ("no", "<i8"),  # the order of arrival
        ("value", "<f8"),  # °C of climate, percent of a battery, seconds of a heartbeat; NaN: none
        ("home", "<i4"),  # its index in the rows; -1: unknown
        ("mark", "<u4"),  # the device
        ("thing", "<u4"),  # what it tells the state of, see `acts`; 0: nothing
        ("place", "<u4"),  # where a person was active, by `Rows.places`; a heartbeat's firmware, by `Rows.firmwares`
        ("kind", "<u1"),
        ("human", "?"),  # it shows an active person, if it is news
        ("traffic", "?"),
        ("exit", "?"),  # an exit door
        ("late", "?"),
        ("on", "?"),  # the state that it tells
        ("humidity", "<u1"),  # whole percent of climate; 0: not known
    ],
    align=True,
)
"""One event. Whoever makes them fills in all but `t`, `hear`, `no` and `late`, which the engine does."""

KIND_CODES = {kind: code for code, kind in enumerate(LOG_KINDS)}


def mark_of(device: str) -> int:
    """A device's 32-bit checksum, never 0."""
    return crc32(device.encode()) or 1


class Batch:
    """Events in the order of their arrival, or later of their hearing.

    `sources[j]` is event `j`'s log row, or a function that makes it from `events[j]`: of most events nobody asks more
    than the columns tell.
    """

    __slots__ = ("events", "sources")

    def __init__(self, events: Events, sources: npt.NDArray[np.object_]) -> None:
        self.events, self.sources = events, sources

    def __len__(self) -> int:
        return len(self.events)

    def take(self, which: Positions) -> Batch:
        """Those events, in that order."""
        # numpy's take of records is twenty times as fast as its indexing
        return Batch(self.events.take(which), self.sources.take(which))

    def row(self, j: int) -> LogRow:
        """The log row of event `j`."""
        source = cast(Source, self.sources[j])
        return source if isinstance(source, LogRow) else source(self.events[j])

    def name(self, j: int) -> tuple[str, str, str, float]:
        """What makes event `j` the same event when it comes again."""
        row = self.row(j)
        return row.home, row.device, row.event_id, row.at.timestamp()


def columns(events: Events, row: Callable[[Any], LogRow]) -> Batch:
    """Events that are columns already; `row` makes the log row of one of them."""
    return Batch(events, np.full(len(events), row, object))


def merge(parts: Sequence[Batch]) -> Batch:
    """Several batches as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Batch(np.empty(0, EVENT), np.empty(0, object))
    bare = np.dtype((np.void, EVENT.itemsize))  # numpy joins plain bytes faster than records
    events = np.concatenate([p.events.view(bare) for p in parts]).view(EVENT)
    return Batch(events, np.concatenate([p.sources for p in parts]))
