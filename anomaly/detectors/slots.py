"""A home's record has room for a few of its devices; this finds a device's place in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anomaly.batch import mark_of
from anomaly.compiled import kernel
from anomaly.rows import Column, Rows

Flags = npt.NDArray[np.bool_]

SLOTS = 8
"""Devices remembered at a time."""
KEEP_S = 10 * 86400.0
"""A device that has been silent for so long makes room."""
CLOCK_S = 3600
_NEVER = np.iinfo(np.uint32).max


def slot(
    rows: Rows, i: int, detector: str, device: str, second: int, spare: Flags | None = None
) -> tuple[int | None, bool]:
    """The slot of a device of home `i`, and whether it is new there (its fields are then another device's: reset them).

    A ninth device has none, unless one of the eight makes room. `spare`: a device that has something to tell may have
    the place of one that has not; which those are (SLOTS).

    The detector declares `slot_id` and `slot_at` (whole seconds), both u4 of SLOTS. Devices are told apart by a 32-bit
    checksum.
    """
    ids, heard_at = rows.col[f"{detector}.slot_id"], rows.col[f"{detector}.slot_at"]
    mark, marks = mark_of(device), ids[i].tolist()
    if mark in marks:
        k = marks.index(mark)
        if second > heard_at.item(i, k) + CLOCK_S:  # to the hour is enough to know the oldest, and cheap
            heard_at[i, k] = second
        return k, False
    k = int(heard_at[i].argmin())
    if second < heard_at.item(i, k) + KEEP_S:
        if spare is None or not spare.any():
            return None, False
        k = int(np.where(spare, heard_at[i], _NEVER).argmin())
    ids[i, k], heard_at[i, k] = mark, second
    return k, True


@kernel
def find(slot_id: Column, i: int, mark: int) -> int:
    """The slot of a device of home `i` by its mark; SLOTS: it has none."""
    for k in range(SLOTS):
        if slot_id[i, k] == mark:
            return k
    return SLOTS


@kernel
def place(slot_id: Column, slot_at: Column, i: int, mark: int, second: int) -> tuple[int, bool]:
    """`slot` by a device's mark, for one that has nothing to tell; SLOTS: it has none."""
    k = find(slot_id, i, mark)
    if k < SLOTS:
        if second > slot_at[i, k] + CLOCK_S:
            slot_at[i, k] = second
        return k, False
    k = slot_at[i].argmin()
    if second < slot_at[i, k] + KEEP_S:
        return SLOTS, False
    slot_id[i, k], slot_at[i, k] = mark, second
    return k, True
