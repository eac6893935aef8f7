"""The chain's own history: one line for each thing that anybody did, in the transaction in which it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.care_tables import care_log


def note(
    tx: Connection,
    what: str,
    now: datetime,
    who: str,
    *,
    episode: int | None = None,
    person: str | None = None,
    **numbers: str | int,
) -> None:
    """Append `care.log.WHAT` with the numbers that fill its sentence; no free text about a person belongs in them."""
    line = {"episode": episode, "person": person, "at": now, "what": f"care.log.{what}", "numbers": numbers, "who": who}
    tx.execute(sa.insert(care_log).values(line))


def history(tx: Connection, *, episode: int | None = None, person: str | None = None) -> list[dict[str, Any]]:
    """The lines of an episode or of a person, oldest first."""
    mine = care_log.c.episode == episode if episode is not None else care_log.c.person == person
    return [dict(row) for row in tx.execute(sa.select(care_log).where(mine).order_by(care_log.c.id)).mappings()]
