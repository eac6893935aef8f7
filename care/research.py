"""Data for research: who asks, who allows it, and what may leave the house; `care.anonymous` makes it coarse.

asked -> allowed (by a supervisor who is another) -> made; asked | allowed -> refused. An export that was made burns its
period: who held two tables of overlapping periods could subtract one from the other and find the few who differ.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import journal
from care.anonymous import LEAST_K, LEAST_L, Table, anonymised, quarter_begins
from care.research_files import manifest
from care.research_rows import rows
from core.care import Refused, who
from core.people import Role
from store.outcome_tables import research_exports
from store.tables import members

ASKED, MADE, REFUSED = "asked", "made", "refused"


class Export(msgspec.Struct, frozen=True):
    """One row of `research_exports`. Asked for with `allowed_by`: allowed, and not made yet."""

    id: int
    asked_by: str
    purpose: str
    since: datetime
    until: datetime
    asked_at: datetime
    allowed_by: str | None
    decided_at: datetime | None
    state: str
    reason: str | None
    manifest: dict[str, Any] | None

    @property
    def why(self) -> Refused | None:
        """Why it was refused."""
        return Refused(self.reason, {"k": LEAST_K, "l": LEAST_L, "least": LEAST_K}) if self.reason else None


class Made(msgspec.Struct, frozen=True):
    """What may be written into a folder, and nothing else may be."""

    export: Export
    table: Table
    manifest: dict[str, Any]


def export(tx: Connection, id: int) -> Export | Refused:
    """One export. Refused: unknown_research."""
    row = tx.execute(sa.select(research_exports).where(research_exports.c.id == id)).first()
    return Refused("unknown_research", {"id": id}) if row is None else Export(**row._mapping)


def select(tx: Connection, limit: int, offset: int = 0) -> list[Export]:
    """Exports, the newest first."""
    query = sa.select(research_exports).order_by(research_exports.c.id.desc()).limit(limit).offset(offset)
    return [Export(**row._mapping) for row in tx.execute(query)]


def ask(
    tx: Connection,
    by: str,
    purpose: str,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    now: datetime,
    *,
    known: bool = False,
) -> Export | Refused:
    """Ask for the episodes that were closed in [since, until), whole quarters of the calendar that are over.

    `known`: whoever asks has logged in; a researcher is nobody in the chain. Refused: unknown_member, quarters,
    period_open, overlap.
    """
    if not known and _role(tx, by) is None:
        return Refused("unknown_member", {"id": by})
    if since >= until or not quarter_begins(since, zone) or not quarter_begins(until, zone):
        return Refused("quarters")
    if until > now:
        return Refused("period_open")
    met = _overlapping(tx, since, until, 0)
    if met is not None:
        return met
    values = {"asked_by": by, "purpose": purpose, "since": since, "until": until, "asked_at": now, "state": ASKED}
    id = tx.execute(sa.insert(research_exports).values(values).returning(research_exports.c.id)).scalar_one()
    journal.note(tx, "research_asked", now, by, id=int(id))
    return _again(tx, int(id))


def allow(tx: Connection, id: int, by: str, now: datetime) -> Export | Refused:
    """A supervisor allows what somebody else has asked for; allowing it twice changes nothing.

    Refused: unknown_research, unknown_member, not_supervisor, same_person, decided, overlap.
    """
    it = _decidable(tx, id, by)
    if isinstance(it, Refused):
        return it
    if it.allowed_by is not None:
        return it if it.allowed_by == by and it.state != REFUSED else Refused("decided", {"state": it.state})
    if who(by) == who(it.asked_by) or _name(tx, by) == _name(tx, it.asked_by):
        return Refused("same_person")
    met = _overlapping(tx, it.since, it.until, id)
    if met is not None:
        return met
    _put(tx, id, allowed_by=by, decided_at=now)
    journal.note(tx, "research_allowed", now, by, id=id)
    return _again(tx, id)


def turn_down(tx: Connection, id: int, by: str, now: datetime) -> Export | Refused:
    """A supervisor says no to what has not been made. Refused: as for `allow`."""
    it = _decidable(tx, id, by)
    if isinstance(it, Refused):
        return it
    if it.state != ASKED:
        return it if it.reason == "turned_down" else Refused("decided", {"state": it.state})
    return _refuse(tx, it, Refused("turned_down"), by, now)


def make(tx: Connection, id: int, zone: ZoneInfo, now: datetime) -> Made | Refused:
    """What is to be written, once it is certain that it may be; what may not be makes the export refused, with why.

    One that was made is made again only where not a byte of it differs: else the two would tell who came or went.
    Refused: unknown_research, not_allowed, decided, overlap, too_few, not_anonymous, changed.
    """
    it = export(tx, id)
    if isinstance(it, Refused):
        return it
    if it.state == REFUSED:
        return Refused("decided", {"state": it.state})
    if it.allowed_by is None or it.decided_at is None:
        return Refused("not_allowed")
    met = None if it.state == MADE else _overlapping(tx, it.since, it.until, id)
    if met is not None:
        return _refuse(tx, it, Refused("overtaken"), it.allowed_by, now).why or met
    table = anonymised(rows(tx, it.since, it.until, zone))
    if isinstance(table, Refused):
        if it.state == MADE:
            return Refused("changed")
        return _refuse(tx, it, table, it.allowed_by, now).why or table
    said = manifest(table, it.since, it.until, it.purpose, it.asked_by, it.allowed_by)
    if it.state == MADE:
        same = it.manifest is not None and it.manifest["sha256"]["records.csv"] == said["sha256"]["records.csv"]
        return Made(it, table, said) if same else Refused("changed")
    _put(tx, id, state=MADE, manifest=said)
    journal.note(tx, "research_made", now, it.allowed_by, id=id, rows=len(table.records))
    return Made(it, table, said)


def _name(tx: Connection, id: str) -> str:
    """A member's name as names are compared: one person with two accounts is one."""
    return who(tx.scalar(sa.select(members.c.name).where(members.c.id == id)) or id)


def _decidable(tx: Connection, id: int, by: str) -> Export | Refused:
    it = export(tx, id)
    if isinstance(it, Refused):
        return it
    role = _role(tx, by)
    if role is None:
        return Refused("unknown_member", {"id": by})
    return it if role == Role.SUPERVISOR.value else Refused("not_supervisor")


def _role(tx: Connection, member: str) -> str | None:
    known = sa.and_(members.c.id == member, members.c.active, members.c.role != Role.CANARY.value)
    role: str | None = tx.scalar(sa.select(members.c.role).where(known))
    return role


def _overlapping(tx: Connection, since: datetime, until: datetime, but: int) -> Refused | None:
    made = sa.select(research_exports.c.id).where(
        research_exports.c.state == MADE,
        research_exports.c.id != but,
        research_exports.c.since < until,
        research_exports.c.until > since,
    )
    id = tx.scalar(made.order_by(research_exports.c.id).limit(1))
    return None if id is None else Refused("overlap", {"id": int(id)})


def _refuse(tx: Connection, it: Export, why: Refused, by: str, now: datetime) -> Export:
    _put(tx, it.id, state=REFUSED, reason=why.code, decided_at=it.decided_at or now)
    journal.note(tx, "research_refused", now, by, id=it.id)
    return _again(tx, it.id)


def _put(tx: Connection, id: int, **values: Any) -> None:
    tx.execute(sa.update(research_exports).where(research_exports.c.id == id).values(values))


def _again(tx: Connection, id: int) -> Export:
    it = export(tx, id)
    assert isinstance(it, Export)
    return it
