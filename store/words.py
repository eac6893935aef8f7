"""Takes the words of old cries out of the log; that there was a cry stays."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from core.events import Utterance
from store.log import cursor, micros, move_cursor
from store.tables import events

FOLD = "words"
"""Its cursor: behind it no words stand."""
STRIDE = 50_000

_SPOKEN = msgspec.json.Decoder(Utterance)


def blank_words(tx: Connection, before: datetime) -> tuple[int, bool]:
    """Blank the words of utterances that the city saw by then, in one stride of the log: how many, and whether
    there is more to look through."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete=ON")  # what is overwritten is zeroed, not only let go
    after = cursor(tx, FOLD)
    behind = sa.and_(events.c.id > after, events.c.id <= after + STRIDE)
    young = sa.select(sa.func.min(events.c.id)).where(behind, events.c.seen_at_us > micros(before))
    newest = sa.select(sa.func.max(events.c.id))
    first_young, head = tx.scalar(young), tx.scalar(newest) or 0
    upto = min(after + STRIDE, head) if first_young is None else first_young - 1
    old = sa.select(events.c.id, events.c.data).where(
        events.c.id > after, events.c.id <= upto, events.c.kind == "utterance"
    )
    blanked = 0
    for number, data in tx.execute(old).all():
        if (silent := _silent(data)) != data:
            tx.execute(sa.update(events).where(events.c.id == number).values(data=silent))
            blanked += 1
    if upto > after:
        move_cursor(tx, FOLD, upto)
    return blanked, first_young is None and upto < head


def _silent(data: str) -> str:
    try:
        heard = _SPOKEN.decode(data)
    except msgspec.MsgspecError:
        return "{}"  # damaged: nobody can tell what of it was said
    return data if not heard.text else msgspec.json.encode(replace(heard, text="")).decode()
