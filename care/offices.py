"""Who may decide: an office's active member whose own area covers the place, or a provider's own staff."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.care import Refused
from core.people import CALLED, Role, within
from store.pack_tables import provider_staff
from store.tables import members


def answers_for(tx: Connection, id: str, area: str, roles: Collection[Role] = CALLED) -> Refused | None:
    """None: the member `id` may decide for `area`; else why not."""
    row = tx.execute(sa.select(members.c.role, members.c.area, members.c.active).where(members.c.id == id)).first()
    if row is None or not row.active or row.role == Role.CANARY:
        return Refused("unknown_member", {"id": id})
    if row.role not in roles or not within(area, row.area):
        return Refused("not_theirs", {"id": id, "area": area})
    return None


def speaks_for(tx: Connection, id: str, provider: str, area: str = "", *, office: bool = True) -> Refused | None:
    """None: the member `id` is of a provider's staff, or (`office`) of one that answers for `area`; else why not."""
    row = tx.execute(sa.select(members.c.role, members.c.area, members.c.active).where(members.c.id == id)).first()
    if row is None or not row.active:
        return Refused("unknown_member", {"id": id})
    theirs = sa.and_(provider_staff.c.member == id, provider_staff.c.provider == provider)
    if tx.execute(sa.select(provider_staff.c.member).where(theirs)).first() is not None:
        return None
    if office and row.role in CALLED and (within(area, row.area) or within(row.area, area)):
        return None
    return Refused("not_theirs", {"id": id, "area": provider})
