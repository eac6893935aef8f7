"""What somebody does, told apart from a device that says again how it is.

A contact, a mat, a presence sensor and a plug say a state, and many say it again every few minutes for as long as they
live. Only a state unlike the one before shows a person; so the last state of each is remembered. The first word of one
that is not known tells nothing, nor do those for which there is no room: twelve of a home are remembered, and one that
has been silent for ten days makes room. Of late words only those newer than the last one count, to the second, so that
what comes again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from anomaly.batch import Positions
from anomaly.rounds import Round
from anomaly.rows import Rows
from core.events import Appliance, Bed, Contact, LogRow, Presence

ROOM = 12
KEEP_S = 10 * 86400
FIELDS: Mapping[str, str] = {
    "acts.thing": f"({ROOM},)<u4",
    "acts.at": f"({ROOM},)<u4",  # it last said how it is, to the second
    "acts.on": f"({ROOM},)?",
}
"""Columns: 108 bytes a home."""


def state_of(event: LogRow) -> tuple[int, bool]:
    """What an event tells the state of, as a 32-bit checksum, and the state; 0: of nothing, it is news by nature."""
    match event.data:
        case Contact(place=name, open=bool(on)) | Presence(room=name, present=on) | Appliance(name=name, on=on):
            pass
        case Bed(in_bed=on):
            name = ""
        case _:
            return 0, False
    return thing_of(event.device, event.kind, name), on


def thing_of(device: str, kind: str, name: str) -> int:
    """The checksum of what a device tells the state of, never 0; `name` as the event names it."""
    return crc32(f"{device}\n{kind}\n{name}".encode()) or 1


def shows(rows: Rows, event: Any) -> bool:
    """Whether one event of a batch shows an active person; its state is remembered."""
    thing, human = event["thing"].item(), bool(event["human"])
    if not thing:
        return human
    col, i, on, second = rows.col, event["home"].item(), bool(event["on"]), int(event["t"])
    things, said_at, was = (col[name][i] for name in FIELDS)
    same = (things == thing).nonzero()[0]
    known = same.size > 0
    k = int(same[0] if known else said_at.argmin())
    newest = said_at.item(k)
    if (bool(event["late"]) and second <= newest) if known else second < newest + KEEP_S:
        return False
    news = known and bool(was[k]) is not on
    things[k], said_at[k], was[k] = thing, second, on
    return news and human


def repeated(rows: Rows, some: Round) -> Positions:
    """`shows` for a round: which of its events show nobody because they tell nothing new."""
    which = some.of("contact", "bed", "presence", "appliance")
    which = which[some.column("thing", which) > 0]
    if not which.size:
        return which
    things, said_at, was = (rows.col[name] for name in FIELDS)
    who, thing, on = some.who[which], some.column("thing", which), some.column("on", which)
    second = some.t[which].astype(np.int64)
    same = things[who] == thing[:, None]
    known = same.any(axis=1)
    k = np.where(known, same.argmax(axis=1), said_at[who].argmin(axis=1))
    room = known | (second >= said_at[who, k] + np.int64(KEEP_S))
    news = known & (was[who, k] != on)
    who, k = who[room], k[room]
    things[who, k], said_at[who, k], was[who, k] = thing[room], second[room], on[room]
    found: Positions = which[~news]
    return found
