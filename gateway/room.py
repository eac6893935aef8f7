"""What leaves the outbox when its room is used up: a thinner story, not a gap, and nothing urgent that is owed."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Container

from core.events import Lane

ROW_BYTES = 100  # of columns and index, beside the data: a little more than was measured
# What is thinned, in this order; `URGENT_KINDS` are in none of them.
_SPARE = (Lane.BULK, Lane.STATUS, Lane.EVENT)


def thin(db: sqlite3.Connection, excess: float, on_way: Container[int]) -> tuple[int, Counter[str]]:
    """Free `excess` bytes, if there are so many to spare: first of what the city has, the oldest first; then of what
    can be spared most of the rest, taken evenly out of all that waits and is not `on_way`. The bytes that are free now,
    and what was thinned, by kind.
    """
    freed = drop_held(db, excess)
    gone: Counter[str] = Counter()
    for lane in _SPARE:
        rows = db.execute(
            f"SELECT id, kind, length(data) + {ROW_BYTES} FROM events "
            "WHERE lane = ? AND boot IS NULL AND NOT urgent AND receipted IS NULL ORDER BY id",
            (lane,),
        ).fetchall()
        rows = [row for row in rows if row[0] not in on_way]
        while rows and freed < excess:
            size = sum(row[2] for row in rows)
            many = min(len(rows), math.ceil((excess - freed) * len(rows) / size))
            chosen = {(2 * i + 1) * len(rows) // (2 * many) for i in range(many)}
            drop = [rows[i] for i in chosen]
            rows = [row for i, row in enumerate(rows) if i not in chosen]
            db.executemany("DELETE FROM events WHERE id = ?", [row[:1] for row in drop])
            freed += sum(row[2] for row in drop)
            gone.update(row[1] for row in drop)
    return freed, gone


def drop_held(db: sqlite3.Connection, excess: float) -> int:
    """Free `excess` bytes of what the city has, if there are so many: what is not urgent first, and the oldest."""
    freed = 0
    drop: list[tuple[int]] = []
    rows = db.execute(
        f"SELECT id, length(data) + {ROW_BYTES} FROM events WHERE receipted IS NOT NULL ORDER BY urgent, receipted"
    )
    while freed < excess and (row := rows.fetchone()) is not None:
        drop.append(row[:1])
        freed += row[1]
    rows.close()
    db.executemany("DELETE FROM events WHERE id = ?", drop)
    return freed
