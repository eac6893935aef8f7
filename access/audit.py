"""Who saw or changed what: rows that only grow, each with a hash over itself and the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from access.actor import Actor
from store.account_tables import audit

PAGE = 1000
LONGEST = 500
GENESIS = ""


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found. `broken`: the first record that is not as it was written, or is not there; None: none is."""

    records: int
    head: str
    broken: int | None = None


def note(
    tx: Connection,
    actor: Actor | None,
    action: str,
    kind: str = "",
    object: str = "",
    about: str = "",
    request: str = "",
    reason: str = "",
    *,
    now: datetime,
) -> int:
    """Write one record in the writer's own transaction `tx`, behind the city's one writer lock; its number.

    `actor` None: nobody who is known. `now`: real time, UTC. Texts are cut at 500 letters.
    """
    last = tx.execute(sa.select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).first()
    number: int = (last.id if last else 0) + 1
    row = {
        "id": number,
        "at": now.astimezone(UTC),
        "account": actor.account if actor else "",
        "role": actor.role.value if actor else "",
        "action": action,
        "kind": kind,
        "object": object[:LONGEST],
        "about": about[:LONGEST],
        "request": request[:LONGEST],
        "reason": reason[:LONGEST],
    }
    tx.execute(sa.insert(audit).values(**row, hash=_hash(last.hash if last else GENESIS, row)))
    return number


def verify(tx: Connection) -> Verdict:
    """Read the whole chain. Whoever keeps its `head` elsewhere sees also that the end was cut off."""
    before, count = GENESIS, 0
    for row in _rows(tx):
        count += 1
        if row.id != count or row.hash != _hash(before, dict(row._mapping)):
            return Verdict(count - 1, before, count)
        before = row.hash
    return Verdict(count, before)


def holds(tx: Connection, record: int, head: str) -> bool:
    """Whether the record of that number still has the hash that was written down of it."""
    return tx.scalar(sa.select(audit.c.hash).where(audit.c.id == record)) == head


def _rows(tx: Connection) -> Iterator[Row[tuple[object, ...]]]:
    place = 0
    while page := tx.execute(sa.select(audit).where(audit.c.id > place).order_by(audit.c.id).limit(PAGE)).all():
        yield from page
        place = page[-1].id


def _hash(before: str, row: dict[str, object]) -> str:
    said = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}  # type: ignore[attr-defined]  # a time
    said.pop("hash", None)
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
