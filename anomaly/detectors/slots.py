"""A home's record has room for a few of its devices; this finds a device's place in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from anomaly.batch import Positions, mark_of
from anomaly.rounds import Round
from anomaly.rows import Column, Rows, Who

SLOTS = 8
"""Devices remembered at a time. In a home with more, the one heard longest ago is forgotten first."""
CLOCK_S = 3600


def slot(rows: Rows, i: int, detector: str, device: str, second: int) -> tuple[int, bool]:
    """The slot of a device of home `i`, and whether it is new there (its fields are then another device's: reset them).

    The detector declares `slot_id` and `slot_at` (whole seconds), both u4 of SLOTS. Devices are told apart by a 32-bit
    checksum.
    """
    ids, heard_at = rows.col[f"{detector}.slot_id"], rows.col[f"{detector}.slot_at"]
    mark, marks = mark_of(device), ids[i].tolist()
    if mark not in marks:
        k = int(heard_at[i].argmin())
        ids[i, k], heard_at[i, k] = mark, second
        return k, True
    k = marks.index(mark)
    if second > heard_at.item(i, k) + CLOCK_S:  # to the hour is enough to know the oldest, and cheap
        heard_at[i, k] = second
    return k, False


def find(rows: Rows, detector: str, who: Who, mark: Column) -> Column:
    """The slots of devices by their marks, each of a home of `who`; SLOTS: it has none."""
    same = rows.col[f"{detector}.slot_id"].take(who, axis=0) == mark[:, None]
    flags = same.view("<u8")[:, 0]  # eight of them, a byte each: the bits below the lowest one tell its place
    place: Column = np.bitwise_count(~flags & (flags - np.uint64(1))) >> 3
    return place


def slots(rows: Rows, some: Round, which: Positions, detector: str, fields: Sequence[str]) -> Positions:
    """The slots of the devices of some events, as indices of the flattened columns; `fields` of new ones are reset."""
    who, mark = some.who[which], some.column("mark", which)
    ids, heard_at = rows.col[f"{detector}.slot_id"], rows.col[f"{detector}.slot_at"]
    k = find(rows, detector, who, mark)
    flat: Positions = who * SLOTS + k
    new = np.flatnonzero(k == SLOTS)
    if new.size:
        home = who[new]
        flat[new] = home * SLOTS + heard_at[home].argmin(axis=1)
        for field in fields:
            column = rows.col[f"{detector}.{field}"]
            column.reshape(-1, *column.shape[2:])[flat[new]] = 0
        ids.reshape(-1)[flat[new]] = mark[new]
        heard_at.reshape(-1)[flat[new]] = some.t[which[new]].astype(np.int64)
    return flat


def touch(rows: Rows, detector: str, flat: Positions, second: npt.NDArray[np.int64]) -> None:
    """Note that devices were heard."""
    heard_at = flattened(rows, f"{detector}.slot_at")
    old = np.flatnonzero(second > heard_at[flat] + CLOCK_S)
    heard_at[flat[old]] = second[old]


def flattened(rows: Rows, name: str) -> Column:
    """A column with one field a slot, all homes' slots in a line."""
    return rows.col[name].reshape(-1)
