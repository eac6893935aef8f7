"""Gateways of one firmware that fail together, wherever they are, while all others can be seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anomaly.rows import FIRMWARE, Rows, Who
from core.events import FIRMWARE_LONGEST, Heartbeat

FEWEST, MANY, FEW = 5, 0.6, 0.2
"""So many homes, and so much of those that were seen; of the others at most so much."""
_MARK = "firmware:"

Flags = npt.NDArray[np.bool_]


def code_of(rows: Rows, beat: Heartbeat) -> int:
    """The number of what a gateway says that it runs. An odd text is made fit to be shown: it must not cost the home
    its sign of life."""
    return rows.firmwares.code("".join(letter for letter in beat.firmware[:FIRMWARE_LONGEST] if letter.isprintable()))


def key(rows: Rows, i: int) -> str:
    """What an incident of home `i`'s firmware is called in `Rows.areas`; "": its firmware is not known."""
    return key_of(rows, int(rows.col[FIRMWARE][i]))


def key_of(rows: Rows, code: int) -> str:
    """The same by the firmware's number."""
    return f"{_MARK}{rows.firmwares.name(code)}" if code else ""


def name_of(key: str) -> str:
    """The firmware of an incident; "": it is an area's."""
    return key.removeprefix(_MARK) if key.startswith(_MARK) else ""


def homes(rows: Rows, code: int) -> Who:
    """The homes whose gateways run it."""
    found: Who = np.flatnonzero(rows.col[FIRMWARE][: len(rows.homes)] == code)
    return found


def stands_out(rows: Rows, code: int, gone: Flags, seen: Flags) -> bool:
    """Whether homes are gone because of this firmware; `gone` and `seen` are of all homes, who is gone was seen before.

    Where the others are too few to compare with, or many of them are gone too, it is not the firmware.
    """
    its = rows.col[FIRMWARE][: len(rows.homes)] == code
    its_gone, its_seen, all_gone, all_seen = (
        int(np.count_nonzero(one)) for one in (gone & its, seen & its, gone, seen)
    )
    others_gone, others_seen = all_gone - its_gone, all_seen - its_seen
    return its_gone >= max(FEWEST, MANY * its_seen) and others_seen >= FEWEST and others_gone <= FEW * others_seen
