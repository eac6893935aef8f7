"""The questionnaires that a city may ask with: what was answered once can be scored again, so it never changes."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.scoring import Instrument, Scored, age, score
from core.care import Refused
from store.care_tables import assessments
from store.outcome_tables import evaluations
from store.pack_tables import instruments

SHIPPED = Path(__file__).parent / "packs" / "instruments"


def shipped() -> list[Instrument]:
    """Those that come with the program. Raises msgspec.ValidationError where a file is wrong."""
    files = sorted(SHIPPED.glob("*.toml"))
    return [msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Instrument) for file in files]


def load_shipped(tx: Connection, now: datetime) -> int | Refused:
    """Put those that come with the program; how many. Again, it changes nothing."""
    found = shipped()
    for one in found:
        refused = put(tx, one, now)
        if refused is not None:
            return refused
    return len(found)


def put(tx: Connection, it: Instrument, now: datetime) -> Refused | None:
    """Offer a questionnaire. Another content under a code and version that were answered is refused."""
    body = msgspec.to_builtins(it)
    mine = sa.and_(instruments.c.code == it.code, instruments.c.version == it.version)
    stands = tx.scalar(sa.select(instruments.c.body).where(mine))
    values = {"kind": it.kind, "body": body, "loaded_at": now}
    if stands is None:
        tx.execute(sa.insert(instruments).values(code=it.code, version=it.version, **values))
    elif msgspec.convert(stands, Instrument) != it:
        if _answered(tx, it):
            return Refused("instrument_answered", dict(it.told()))
        tx.execute(sa.update(instruments).where(mine).values(values))
    return None


def instrument(tx: Connection, code: str, version: str | None = None) -> Instrument | Refused:
    """A questionnaire of that version; without one, the newest."""
    query = sa.select(instruments.c.version, instruments.c.body).where(instruments.c.code == code)
    if version is not None:
        query = query.where(instruments.c.version == version)
    found = tx.execute(query).all()
    if not found:
        return Refused("unknown_instrument", {"id": code})
    return msgspec.convert(max(found, key=lambda row: age(row.version)).body, Instrument)


def offered(tx: Connection, kind: str | None, limit: int, offset: int = 0) -> list[Instrument]:
    """All of them, in every version, by code."""
    query = sa.select(instruments.c.body).order_by(instruments.c.code, instruments.c.version)
    if kind is not None:
        query = query.where(instruments.c.kind == kind)
    return [msgspec.convert(body, Instrument) for body in tx.scalars(query.limit(limit).offset(offset))]


def scored(
    tx: Connection, code: str, version: str | None, answers: dict[str, int]
) -> tuple[Instrument, Scored] | Refused:
    """The questionnaire, and what the answers come to."""
    asked = instrument(tx, code, version)
    if isinstance(asked, Refused):
        return asked
    come = score(asked, answers)
    return come if isinstance(come, Refused) else (asked, come)


def _answered(tx: Connection, it: Instrument) -> bool:
    def used(table: Any) -> bool:
        mine = sa.and_(table.c.instrument == it.code, table.c.version == it.version)
        return tx.execute(sa.select(table.c.id).where(mine).limit(1)).first() is not None

    return used(assessments) or used(evaluations)
