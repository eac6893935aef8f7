"""Viewers: by a person's own word a relative sees how their home stands, or no longer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.roles import Purpose, Role
from core.care import Refused
from store.account_tables import account_homes, accounts, viewer_consents
from store.care_tables import persons

Word = Literal["given", "withdrawn"]
_said = viewer_consents.c


class Viewer(msgspec.Struct, frozen=True):
    """An account that could see a person's home, and the person's last word on it. `state` None: none yet."""

    account: str
    name: str
    purpose: str
    state: str | None = None
    by: str | None = None
    at: datetime | None = None


def of(tx: Connection, person: str, account: str | None = None, purpose: Purpose = Purpose.WATCH) -> list[Viewer]:
    """The accounts of a person's home by name; with `account` that one, if it is one of them."""
    words = viewer_consents.alias("words")
    newest = (
        sa.select(sa.func.max(words.c.id))
        .where(words.c.viewer == accounts.c.id, words.c.purpose == purpose, words.c.person == person)
        .correlate(accounts)
        .scalar_subquery()
    )
    query = (
        sa.select(accounts.c.id.label("account"), accounts.c.name, _said.state, _said.by, _said.at)
        .select_from(
            persons.join(account_homes, account_homes.c.home == persons.c.home)
            .join(accounts, accounts.c.id == account_homes.c.account)
            .outerjoin(viewer_consents, _said.id == newest)
        )
        .where(persons.c.id == person, persons.c.gone_at.is_(None), accounts.c.role == Role.FAMILY)
        .order_by(accounts.c.name, accounts.c.id)
    )
    if account is not None:
        query = query.where(accounts.c.id == account)
    return [Viewer(purpose=purpose, **row) for row in tx.execute(query).mappings()]


def put(
    tx: Connection, person: str, account: str, purpose: Purpose, state: Word, by: str, now: datetime
) -> Viewer | Refused:
    """A person's word, as `by` has heard it; said twice it stands once."""
    known = of(tx, person, account, purpose)
    if not known:
        return Refused("unknown_viewer", {"account": account[:100]})
    if known[0].state == state:
        return known[0]
    row: dict[str, Any] = {"person": person, "viewer": account, "purpose": purpose.value, "state": state}
    tx.execute(sa.insert(viewer_consents).values(**row, by=by, at=now))
    return msgspec.structs.replace(known[0], state=state, by=by, at=now)
