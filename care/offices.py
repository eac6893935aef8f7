"""Who may decide: an office's active member whose own area covers the place, or a provider's own staff."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.care import Refused
from core.people import CALLED, Member, Role, within
from store import people
from store.pack_tables import provider_staff


def active(tx: Connection, id: str) -> Member | Refused:
    """The member of that id, who has not left."""
    found = people.member(tx, id)
    return found if found is not None and found.active else Refused("unknown_member", {"id": id})


def answers_for(tx: Connection, id: str, area: str, roles: Collection[Role] = CALLED) -> Member | Refused:
    """The active member of that id, who has one of the roles and whose own area covers this one."""
    found = active(tx, id)
    if isinstance(found, Refused) or (found.role in roles and within(area, found.area)):
        return found
    return Refused("not_theirs", {"id": id, "area": area})


def speaks_for(tx: Connection, id: str, provider: str, area: str = "", *, office: bool = True) -> Refused | None:
    """None: the member `id` is of a provider's staff, or (`office`) of one that answers for `area`; else why not."""
    found = active(tx, id)
    if isinstance(found, Refused):
        return found
    theirs = sa.and_(provider_staff.c.member == id, provider_staff.c.provider == provider)
    if tx.execute(sa.select(provider_staff.c.member).where(theirs)).first() is not None:
        return None
    if office and found.role in CALLED and (within(area, found.area) or within(found.area, area)):
        return None
    return Refused("not_theirs", {"id": id, "area": provider})
