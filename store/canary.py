"""What canaries leave in the tables, told apart from people's by its kind, and forgotten after an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.log import micros
from store.tables import beats, case_log, cases, events, homes, of_people, outbox, receipts, signals

WORKER = "canary"


class Trial(msgspec.Struct, frozen=True):
    """How the last presses of an area's canary went.

    `arrived_at`: when one last reached its member, `took_s` after it was pressed. `failing_since`: the press from which
    on they came too late or not at all; None: they come, or none has had its time yet.
    """

    area: str
    arrived_at: datetime | None = None
    took_s: float | None = None
    failing_since: datetime | None = None


def trials(tx: Connection) -> list[Trial]:
    """How every canary fares, as its worker last said, by area."""
    said = tx.scalar(sa.select(beats.c.detail).where(beats.c.worker == WORKER)) or {}
    return msgspec.convert(said.get("trials", []), list[Trial])


def delivered_at(tx: Connection, key: str) -> datetime | None:
    """When the case that the signal `key` led to last reached its member."""
    query = sa.select(sa.func.max(outbox.c.delivered_at)).join(signals, signals.c.case_id == outbox.c.case_id)
    found: datetime | None = tx.scalar(query.where(signals.c.key == key, outbox.c.channel == WORKER))
    return found


def is_case(tx: Connection, key: str) -> bool:
    """Whether the signal `key` has led to a case."""
    return tx.scalar(sa.select(signals.c.case_id).where(signals.c.key == key)) is not None


def alarm_lives(tx: Connection) -> bool:
    """Whether people have been told that a canary fails, and have not closed that case."""
    query = sa.select(cases.c.id).where(cases.c.concern == "canary", cases.c.state != "closed")
    return tx.scalar(query.limit(1)) is not None


def areas(tx: Connection) -> list[str]:
    """The gus in which people live: two levels of their homes' areas."""
    lived_in = tx.scalars(sa.select(homes.c.area).where(of_people(homes.c.id)).distinct())
    return sorted({"/".join(area.split("/")[:2]) for area in lived_in})


def forget(tx: Connection, home: str, before: datetime, boot: str) -> int:
    """Remove what a canary's cases and presses before then have left, and its earlier boots; the number of cases.

    The newest row of a table stays: its number would be given again, behind the cursors of those who read on.
    """
    newest = [tx.scalar(sa.select(sa.func.max(cases.c.id)))]
    newest += [tx.scalar(sa.select(t.c.case_id).order_by(t.c.id.desc()).limit(1)) for t in (case_log, outbox)]
    old = sa.select(cases.c.id).where(cases.c.home == home, cases.c.closed_at < before)
    gone: Sequence[int] = tx.scalars(old.where(cases.c.id.not_in([id for id in newest if id is not None]))).all()
    for column in (case_log.c.case_id, outbox.c.case_id, signals.c.case_id, cases.c.id):
        tx.execute(sa.delete(column.table).where(column.in_(gone)))
    head = sa.select(sa.func.max(events.c.id)).scalar_subquery()
    e = events.c
    tx.execute(sa.delete(events).where(e.gateway == home, e.seen_at_us < micros(before), e.id < head))
    tx.execute(sa.delete(receipts).where(receipts.c.gateway == home, receipts.c.boot != boot))
    return len(gone)
