"""A home's record has room for a few of its devices; this finds a device's place in it."""

from __future__ import annotations

from zlib import crc32

from anomaly.rows import Rows

SLOTS = 8
"""Devices remembered at a time. In a home with more, the one heard longest ago is forgotten first."""
CLOCK_S = 3600.0


def slot(rows: Rows, i: int, detector: str, device: str, t: float) -> tuple[int, bool]:
    """The slot of a device of home `i`, and whether it is new there (its fields are then another device's: reset them).

    The detector declares `slot_id` (u4) and `slot_at` (f8), both of SLOTS. Devices are told apart by a 32-bit checksum.
    """
    ids, heard_at = rows.col[f"{detector}.slot_id"], rows.col[f"{detector}.slot_at"]
    mark = crc32(device.encode()) or 1
    place = rows.places.get((detector, i, mark), 0)
    if ids[i, place] != mark:
        same = (ids[i] == mark).nonzero()[0]
        new = not same.size
        place = int(heard_at[i].argmin() if new else same[0])
        rows.places[detector, i, mark] = place
        if new:
            ids[i, place], heard_at[i, place] = mark, t
            return place, True
    if t > heard_at[i, place] + CLOCK_S:  # to the hour is enough to know the oldest, and cheap
        heard_at[i, place] = t
    return place, False
