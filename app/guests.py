"""Throw-away accounts of a city that only runs to be looked at: one for each role, with a password nobody has read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access import accounts, passwords
from access.accounts import Account, Wanted
from access.roles import Purpose, Role
from care import persons
from core.care import Refused, city_of
from core.clock import wall_now
from core.people import Home, Member
from core.people import Role as Called
from core.words import say
from store.account_tables import viewer_consents
from store.database import Database
from store.pack_tables import provider_staff

_CALLED = {Role.MANAGER: Called.MANAGER, Role.SUPERVISOR: Called.SUPERVISOR, Role.DUTY: Called.DUTY}
_OF_THE_CITY = (Role.ADMIN, Role.OPERATOR, Role.AUDITOR, Role.RESEARCHER)


class Guest(msgspec.Struct, frozen=True):
    """An account, and what opens it."""

    account: Account
    password: str


def invite(db: Database, staff: Sequence[Member], homes: Sequence[Home], now: datetime) -> list[Guest]:
    """One account for each role that this city has somebody or something for. `now`: the city's time.

    Raises ValueError where one can't be made.
    """
    password = passwords.generated()
    kept = passwords.hashed(password)
    with db.write() as tx:
        wanted = [*_members(staff), *_city(homes), *_worker(tx), *_relative(homes)]
        made = [_checked(accounts.add(tx, one, kept, wall_now())) for one in wanted]
        for one in made:
            _agree(tx, one, homes, now)
    return [Guest(one, password) for one in made]


def _members(staff: Sequence[Member]) -> list[Wanted]:
    found = {one.role: one for one in reversed(staff)}
    return [
        Wanted(role.value, member.name, role, area=member.area, member=member.id)
        for role, called in _CALLED.items()
        if (member := found.get(called)) is not None
    ]


def _city(homes: Sequence[Home]) -> list[Wanted]:
    area = city_of(homes[0].area)
    return [Wanted(role.value, say(f"access.role.{role}", "ko"), role, area=area) for role in _OF_THE_CITY]


def _worker(tx: Connection) -> list[Wanted]:
    row = tx.execute(sa.select(provider_staff).order_by(provider_staff.c.provider).limit(1)).first()
    if row is None:
        return []
    name = say(f"access.role.{Role.WORKER}", "ko")
    return [Wanted(Role.WORKER.value, name, Role.WORKER, member=row.member, provider=row.provider)]


def _relative(homes: Sequence[Home]) -> list[Wanted]:
    home = homes[0]
    return [Wanted(Role.FAMILY.value, say(f"access.role.{Role.FAMILY}", "ko"), Role.FAMILY, homes=(home.id,))]


def _agree(tx: Connection, account: Account, homes: Sequence[Home], now: datetime) -> None:
    """The demo's resident has said that their relative may see how they are."""
    for home in homes:
        if home.id in account.homes:
            person = persons.of_home(tx, home, now)
            said = {"person": person.id, "viewer": account.id, "purpose": Purpose.WATCH, "state": "given"}
            tx.execute(sa.insert(viewer_consents).values(**said, by="demo", at=now))


def _checked(made: Account | Refused) -> Account:
    if isinstance(made, Refused):
        raise ValueError(say(f"access.refused.{made.code}", "en", made.numbers))
    return made
