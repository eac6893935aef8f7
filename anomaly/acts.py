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

from anomaly.batch import Events
from anomaly.compiled import kernel
from anomaly.rounds import Round
from anomaly.rows import Column, Rows
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
    col, i, on, second = rows.col, event["home"].item(), bool(event["on"]), int(event["t"])
    if event["at"] != event["t"] and any(column[i] > 0 for column in _unproved(rows)):
        human = False
    if not thing:
        return human
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


def sort_out(rows: Rows, some: Round) -> None:
    """`shows` for a round: those of its events that tell nothing new are no person's any more."""
    _sort_out(some.events, *_unproved(rows), *(rows.col[name] for name in FIELDS))


def _unproved(rows: Rows) -> tuple[Column, Column]:
    """Above 0 where a home cannot be seen or has yet to prove life after an outage: what it says then may be a backlog,
    and shows a person only where somebody knows when it happened.
    """
    dark = rows.col["sight.dark"]
    return dark, rows.col.get("outage.prove_by", dark)


@kernel
def _sort_out(events: Events, dark: Column, prove_by: Column, things: Column, said_at: Column, was: Column) -> None:
    for k in range(len(events)):
        event = events[k]
        i = event.home
        if event.at != event.t and (dark[i] > 0 or prove_by[i] > 0):
            events[k].human = False
        if not event.thing:
            continue
        second, slot = np.int64(event.t), -1
        for n in range(ROOM):
            if things[i, n] == event.thing:
                slot = n
                break
        known = slot >= 0
        if not known:
            slot = said_at[i].argmin()
            if second < said_at[i, slot] + np.int64(KEEP_S):
                events[k].human = False
                continue
        if not known or was[i, slot] == event.on:
            events[k].human = False
        things[i, slot], said_at[i, slot], was[i, slot] = event.thing, second, event.on
