"""A home's record has room for a few of its devices; this finds a device's place in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anomaly.batch import Positions, mark_of
from anomaly.rounds import Round
from anomaly.rows import Column, Rows, Who

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


def find(rows: Rows, detector: str, who: Who, mark: Column) -> Column:
    """The slots of devices by their marks, each of a home of `who`; SLOTS: it has none."""
    same = rows.col[f"{detector}.slot_id"].take(who, axis=0) == mark[:, None]
    flags = same.view("<u8")[:, 0]  # eight of them, a byte each: the bits below the lowest one tell its place
    place: Column = np.bitwise_count(~flags & (flags - np.uint64(1))) >> 3
    return place


def slots(rows: Rows, some: Round, which: Positions, detector: str, fields: Sequence[str]) -> Positions:
    """The slots of the devices of some events, as indices of the flattened columns; `fields` of new ones are reset. -1:
    the home has no room for it."""
    who, mark = some.who[which], some.column("mark", which)
    k = find(rows, detector, who, mark)
    flat: Positions = who * SLOTS + k
    new = np.flatnonzero(k == SLOTS)
    if new.size:
        heard_at, second = rows.col[f"{detector}.slot_at"], some.t[which[new]].astype(np.int64)
        home, oldest = who[new], heard_at[who[new]].argmin(axis=1)
        room = second >= heard_at[home, oldest] + KEEP_S
        flat[new] = np.where(room, home * SLOTS + oldest, -1)
        new, second = new[room], second[room]
        for field in fields:
            column = rows.col[f"{detector}.{field}"]
            column.reshape(-1, *column.shape[2:])[flat[new]] = 0
        flattened(rows, f"{detector}.slot_id")[flat[new]] = mark[new]
        flattened(rows, f"{detector}.slot_at")[flat[new]] = second
    return flat


def touch(rows: Rows, detector: str, flat: Positions, second: npt.NDArray[np.int64]) -> None:
    """Note that devices were heard."""
    heard_at = flattened(rows, f"{detector}.slot_at")
    old = np.flatnonzero(second > heard_at[flat] + CLOCK_S)
    heard_at[flat[old]] = second[old]


def flattened(rows: Rows, name: str) -> Column:
    """A column with one field a slot, all homes' slots in a line."""
    return rows.col[name].reshape(-1)
