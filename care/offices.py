"""Who of the offices may answer for an area: an active member whose own area covers it, in a role that may."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.care import Refused
from core.people import CALLED, Role, within
from store.tables import members


def answers_for(tx: Connection, id: str, area: str, roles: Collection[Role] = CALLED) -> Refused | None:
    """None: the member `id` may decide for `area`; else why not."""
    row = tx.execute(sa.select(members.c.role, members.c.area, members.c.active).where(members.c.id == id)).first()
    if row is None or not row.active or row.role == Role.CANARY:
        return Refused("unknown_member", {"id": id})
    if row.role not in roles or not within(area, row.area):
        return Refused("not_theirs", {"id": id, "area": area})
    return None
