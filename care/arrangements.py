"""What people arrange beside a city's pack: what a gu sets by itself, who works for a provider, where it is told."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import journal
from care.addresses import may_call
from care.catalogue import Provider, area_known, body_of, own_rules, provider
from care.pack import most_of, unreasonable
from care.rules import Rules, merged
from core.care import Refused, city_of
from core.people import Member, Role
from store.database import insert_new, upsert
from store.pack_tables import overrides, provider_staff, providers
from store.tables import members

LEAST_SECRET, MOST_SECRET = 16, 200


class Override(msgspec.Struct, frozen=True):
    """What a gu has set by itself. Not `in_force`: its city lets it no more."""

    key: str
    value: int
    at: datetime
    by: str
    in_force: bool


def overrides_of(tx: Connection, gu: str) -> list[Override]:
    """All that a gu has set by itself, by key."""
    body = body_of(tx, city_of(gu)) or {}
    allowed = frozenset(body.get("overridable", ()))
    rows = tx.execute(sa.select(overrides).where(overrides.c.area == gu).order_by(overrides.c.key))
    return [Override(row.key, row.value, row.at, row.by, row.key in allowed) for row in rows]


def put_override(tx: Connection, gu: str, key: str, value: int | None, by: str, now: datetime) -> Rules | Refused:
    """A gu sets a rule by itself, or, with None, follows its city's again; the rules that hold there then.

    Refused: `unknown_gu`, `not_overridable` (what the city fixes, it fixes), `bad_value`.
    """
    body = body_of(tx, city_of(gu))
    if body is None or gu.count("/") != 1 or not area_known(tx, gu):
        return Refused("unknown_gu", {"id": gu})
    own = own_rules(tx, gu)
    before = merged(body, own)
    if value is None:
        after = merged(body, {name: said for name, said in own.items() if name != key})
        wrong = unreasonable(after)
        if wrong is not None and unreasonable(before) is None:
            return Refused("bad_value", {"rule": wrong[0], "most": wrong[1]})
        mine = sa.and_(overrides.c.area == gu, overrides.c.key == key)
        if tx.execute(sa.delete(overrides).where(mine)).rowcount:
            journal.note(tx, "override_ended", now, by, area=gu, rule=key)
        return after
    if key not in before.overridable:
        return Refused("not_overridable", {"rule": key})
    if type(value) is not int:
        return Refused("bad_value", {"rule": key, "most": most_of(key)})
    after = merged(body, {**own, key: value})
    wrong = unreasonable(after)
    if wrong is not None:
        return Refused("bad_value", {"rule": wrong[0], "most": wrong[1]})
    if own.get(key) != value:
        row = {"area": gu, "key": key, "value": value, "at": now, "by": by}
        tx.execute(upsert(overrides, tx.dialect.name, ["area", "key"], ["value", "at", "by"]).values(row))
        journal.note(tx, "override", now, by, area=gu, rule=key, value=value)
    return after


# --- staff


def staff_of(tx: Connection, provider: str) -> list[Member]:
    """Who delivers for a provider, by id."""
    query = sa.select(members).join(provider_staff, provider_staff.c.member == members.c.id)
    rows = tx.execute(query.where(provider_staff.c.provider == provider).order_by(members.c.id)).mappings()
    return [msgspec.convert({str(name): row[name] for name in row}, Member) for row in rows]


def works_for(tx: Connection, member: str, provider: str) -> bool:
    """Whether a member who is active delivers for a provider. One that the pack has no more finishes its work."""
    mine = sa.and_(provider_staff.c.member == member, provider_staff.c.provider == provider)
    known = sa.select(members.c.id).join(provider_staff, provider_staff.c.member == members.c.id)
    return tx.scalar(known.where(mine, members.c.active, members.c.role == Role.WORKER)) is not None


def put_staff(tx: Connection, member: str, provider: str, by: str, now: datetime) -> Refused | None:
    """One more member delivers for a provider; twice is once. Refused as `set_staff`."""
    there = [one.id for one in staff_of(tx, provider)]
    done = set_staff(tx, provider, {*there, member}, by, now, trusted=there)
    return done if isinstance(done, Refused) else None


def set_staff(
    tx: Connection,
    provider_id: str,
    wanted: Collection[str],
    by: str,
    now: datetime,
    *,
    trusted: Collection[str] = (),
) -> list[Member] | Refused:
    """These members deliver for a provider, and nobody else; `trusted` were found right before.

    Refused: `unknown_provider` (or one that is not active), `unknown_member` (or not active), `not_worker`.
    """
    found = provider(tx, provider_id)
    if found is None or not found.active:
        return Refused("unknown_provider", {"id": provider_id})
    for id in sorted(set(wanted) - set(trusted)):
        row = tx.execute(sa.select(members.c.role, members.c.active).where(members.c.id == id)).first()
        if row is None or not row.active:
            return Refused("unknown_member", {"id": id})
        if row.role != Role.WORKER:
            return Refused("not_worker", {"id": id})
    stood = {one.id for one in staff_of(tx, provider_id)}
    if stood != set(wanted):
        gone = sa.and_(
            provider_staff.c.provider == provider_id, provider_staff.c.member.in_(sorted(stood - set(wanted)))
        )
        tx.execute(sa.delete(provider_staff).where(gone))
        for id in sorted(set(wanted) - stood):
            tx.execute(insert_new(provider_staff, tx.dialect.name).values(member=id, provider=provider_id))
        journal.note(tx, "staff", now, by, provider=provider_id, count=len(set(wanted)))
    return staff_of(tx, provider_id)


# --- hooks


def put_hook(
    tx: Connection, id: str, url: str | None, secret: str | None, by: str, now: datetime, *, loopback: bool = False
) -> Provider | Refused:
    """Where a provider's own software is told of its orders, and the secret that signs it; None: nowhere.

    `loopback`: this machine itself may be named. Refused: `unknown_provider`, `bad_hook`, `bad_secret`.
    """
    found = provider(tx, id)
    if found is None or not found.active:
        return Refused("unknown_provider", {"id": id})
    if url is not None and not may_call(url, loopback=loopback):
        return Refused("bad_hook")
    if url is not None and not re.fullmatch(rf"[!-~]{{{LEAST_SECRET},{MOST_SECRET}}}", secret or ""):
        return Refused("bad_secret", {"least": LEAST_SECRET, "most": MOST_SECRET})
    after = (url, secret if url is not None else None)
    if (found.hook_url, found.hook_secret) != after:
        tx.execute(sa.update(providers).where(providers.c.id == id).values(hook_url=after[0], hook_secret=after[1]))
        journal.note(tx, "hook_ended" if url is None else "hook", now, by, provider=id)
    return msgspec.structs.replace(found, hook_url=after[0], hook_secret=after[1])
