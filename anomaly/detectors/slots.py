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
    known = rows.places.get((detector, i, mark))
    if known is not None and ids[i, known] == mark:
        if t > heard_at[i, known] + CLOCK_S:  # to the hour is enough to know the oldest, and cheap
            heard_at[i, known] = t
        return known, False
    for place in range(SLOTS):
        if ids[i, place] == mark:
            rows.places[detector, i, mark] = place
            return place, False
    place = int(heard_at[i].argmin())
    ids[i, place], heard_at[i, place] = mark, t
    rows.places[detector, i, mark] = place
    return place, True
