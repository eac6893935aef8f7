"""The append-only event log and what belongs to it: receipts, quarantine, counters, and the cursors of its folds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.clock import wall_now
from core.events import CITY_KINDS, LOG_KINDS, Event, LogRow
from core.signals import Signal
from store.database import insert_new, upsert
from store.tables import beats, counters, cursors, events, of_people, quarantine, receipts, signals, snapshots

QUARANTINE_ROWS = 10_000
QUARANTINE_BYTES = 4096
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_COLUMNS = ("gateway", "home", "device", "kind", "event_id", "boot", "seq", "at_us", "seen_at_us", "data")
_encode = msgspec.json.Encoder().encode
_decoders = {kind: msgspec.json.Decoder(body) for kind, body in LOG_KINDS.items()}
_statements: dict[str, str] = {}


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An event on its way into the log: whose home it is, and when the city saw it."""

    event: Event
    home: str
    seen_at: datetime


def micros(at: datetime) -> int:
    """Microseconds since 1970 UTC."""
    return (at - _EPOCH) // _US


def moment(at_us: int) -> datetime:
    """The inverse of `micros`."""
    return _EPOCH + timedelta(microseconds=at_us)


def _row(entry: Entry) -> tuple[Any, ...]:
    event = entry.event
    return (
        event.gateway,
        entry.home,
        event.device,
        event.kind,
        event.id,
        event.boot,
        event.seq,
        (event.at - _EPOCH) // _US,
        (entry.seen_at - _EPOCH) // _US,
        _encode(event.data).decode(),
    )


def append(tx: Connection, entries: Sequence[Entry]) -> int:
    """Append what the log does not hold yet; the number of new rows. A duplicate is a no-op."""
    if not entries:
        return 0
    backend = tx.dialect.name
    statement = _statements.get(backend)
    if statement is None:
        # Compiled once and driven by tuples: the ORM-free path still spends more on parameters than SQLite on the row.
        values: dict[str, Any] = {name: sa.bindparam(name) for name in _COLUMNS}
        compiled = insert_new(events, backend).values(values).compile(dialect=tx.dialect)
        statement = _statements[backend] = _positional(str(compiled), backend)
    return tx.exec_driver_sql(statement, [_row(entry) for entry in entries]).rowcount


def _positional(statement: str, backend: str) -> str:
    if backend == "sqlite":
        return statement
    for name in _COLUMNS:
        statement = statement.replace(f"%({name})s", "%s")
    # psycopg wants to know what a bare NULL is.
    return statement.split(" RETURNING ")[0]


def append_one(tx: Connection, entry: Entry) -> int | None:
    """Append one event; its position, or None where the log holds it already."""
    values = dict(zip(_COLUMNS, _row(entry), strict=True))
    found: int | None = tx.scalar(_append_one(tx.dialect.name), values)
    return found


# An SOS passes through these: built once, for building a statement costs as much as running it.


@cache
def _append_one(backend: str) -> Any:
    values: dict[str, Any] = {name: sa.bindparam(name) for name in _COLUMNS}
    return insert_new(events, backend).values(values).returning(events.c.id)


@cache
def _put_ranges(backend: str) -> Any:
    return upsert(receipts, backend, ["gateway", "boot"], ["ranges"])


_RANGES = sa.select(receipts).where(receipts.c.gateway.in_(sa.bindparam("gateways", expanding=True)))


def logged_id(tx: Connection, event: Event) -> str | None:
    """The id of the event that the log holds under this one's counters."""
    e = events.c
    query = sa.select(e.event_id).where(e.gateway == event.gateway, e.boot == event.boot, e.seq == event.seq)
    found: str | None = tx.scalar(query) if event.seq is not None else event.id
    return found


ROW = sa.select(
    events.c.id,
    events.c.home,
    events.c.device,
    events.c.kind,
    events.c.at_us,
    events.c.seen_at_us,
    events.c.event_id,
    events.c.data,
).order_by(events.c.id)
_READ = ROW.where(events.c.id > sa.bindparam("after")).limit(sa.bindparam("limit"))


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of the log: its rows in order, those that cannot be read, and its last position."""

    rows: list[LogRow]
    illegible: list[Illegible]
    position: int
    more: bool
    """Whether there may be more behind it."""


class Illegible(msgspec.Struct, frozen=True):
    """A row of the log that says nothing: damaged, or of a kind this program does not know."""

    position: int
    kind: str
    data: str


def stretch(tx: Connection, after: int, limit: int) -> Stretch:
    """Up to `limit` rows behind position `after`."""
    found = tx.execute(_READ, {"after": after, "limit": limit}).all()
    illegible: list[Illegible] = []
    rows = legible_rows(found, illegible)
    return Stretch(rows, illegible, found[-1].id if found else after, len(found) == limit)


def read(tx: Connection, after: int, limit: int) -> list[LogRow]:
    """What can be read of up to `limit` rows behind position `after`, in order."""
    return stretch(tx, after, limit).rows


def of_kinds(tx: Connection, kinds: Sequence[str], after: int, upto: int) -> list[LogRow]:
    """The rows of these kinds behind `after`, up to and with `upto`, in order."""
    return legible_rows(tx.execute(ROW.where(events.c.id > after, events.c.id <= upto, events.c.kind.in_(kinds))))


_NOTES = (
    ROW.where(events.c.home == sa.bindparam("home"), sa.text("kind = 'note'"))
    .order_by(None)
    .order_by(events.c.id.desc())
    .limit(sa.bindparam("limit"))
)


def notes(tx: Connection, home: str, limit: int = 20) -> list[LogRow]:
    """What a home's gateways have noted, the newest first."""
    return legible_rows(tx.execute(_NOTES, {"home": home, "limit": limit}))


def legible_rows(found: Iterable[Any], illegible: list[Illegible] | None = None) -> list[LogRow]:
    """The rows that can be read; the others go into `illegible`. The engine's fold is who looks at every row."""
    rows = []
    for position, home, device, kind, at_us, seen_us, event_id, data in found:
        try:
            at, seen_at = _EPOCH + timedelta(microseconds=at_us), _EPOCH + timedelta(microseconds=seen_us)
            rows.append(LogRow(position, home, device, kind, at, seen_at, event_id, _decoders[kind].decode(data)))
        except (KeyError, OverflowError, TypeError, msgspec.MsgspecError):
            if illegible is not None:
                illegible.append(Illegible(position, str(kind), str(data)))
    return rows


class Sight(msgspec.Struct, frozen=True):
    """That a device sent events of a kind, and when the city saw the first and the last of them."""

    gateway: str
    home: str
    device: str
    kind: str
    first: datetime
    last: datetime


def devices_seen(tx: Connection, after: int, upto: int) -> list[Sight]:
    """Which devices sent what behind `after`, up to and with `upto`."""
    e = events.c
    who = (e.gateway, e.home, e.device, e.kind)
    query = sa.select(*who, sa.func.min(e.seen_at_us), sa.func.max(e.seen_at_us))
    query = query.where(e.id > after, e.id <= upto, of_people(e.home), e.kind.not_in(CITY_KINDS)).group_by(*who)
    return [Sight(g, h, d, k, moment(first), moment(last)) for g, h, d, k, first, last in tx.execute(query)]


def head(tx: Connection) -> int:
    """The newest position; 0 for an empty log."""
    newest: int = tx.execute(sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0))).scalar_one()
    return newest


def newest_seen(tx: Connection) -> datetime | None:
    """When the city saw the newest row."""
    last: int | None = tx.execute(
        sa.select(events.c.seen_at_us).order_by(events.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    return None if last is None else moment(last)


# --- receipts

Ranges = list[tuple[int, int]]
_ranges = msgspec.json.Decoder(Ranges)


def committed_ranges(tx: Connection, gateways: Iterable[str]) -> dict[tuple[str, str], Ranges]:
    """What is committed of each boot of these gateways."""
    known: dict[tuple[str, str], Ranges] = {}
    for row in tx.execute(_RANGES, {"gateways": list(gateways)}).all():
        try:
            known[row.gateway, row.boot] = _ranges.decode(row.ranges)
        except (TypeError, msgspec.MsgspecError):
            # What the home still keeps comes again, is known to the log, and is committed once more.
            set_aside(tx, "receipt", f"{row.gateway}/{row.boot}", str(row.ranges), wall_now())
    return known


def put_ranges(tx: Connection, ranges: Mapping[tuple[str, str], Ranges]) -> None:
    """Write down what is committed now."""
    if ranges:
        tx.execute(
            _put_ranges(tx.dialect.name),
            [{"gateway": g, "boot": b, "ranges": _encode(r).decode()} for (g, b), r in ranges.items()],
        )


# --- what could not be taken in

Quarantined = tuple[datetime, str, str, str, bytes]
"""(at, topic, reason, detail, payload)"""


def put_quarantine(tx: Connection, rows: Sequence[Quarantined]) -> None:
    """Keep bad input for an operator, cut to `QUARANTINE_BYTES` each; beyond `QUARANTINE_ROWS` the oldest goes."""
    if not rows:
        return
    names = ("at", "topic", "reason", "detail", "payload")
    tx.execute(
        sa.insert(quarantine),
        [dict(zip(names, (*row[:4], row[4][:QUARANTINE_BYTES]), strict=True)) for row in rows],
    )
    newest = sa.select(sa.func.max(quarantine.c.id)).scalar_subquery()
    tx.execute(sa.delete(quarantine).where(quarantine.c.id <= newest - QUARANTINE_ROWS))


class Kept(msgspec.Struct, frozen=True):
    """One row of the quarantine."""

    id: int
    at: datetime
    topic: str
    reason: str
    detail: str
    payload: bytes


def quarantined(tx: Connection, limit: int = 200) -> list[Kept]:
    """What was put aside last, the newest first."""
    rows = tx.execute(sa.select(quarantine).order_by(quarantine.c.id.desc()).limit(limit))
    return [Kept(row.id, row.at, row.topic, row.reason, row.detail, row.payload) for row in rows]


def set_aside(tx: Connection, what: str, which: str, body: str, now: datetime) -> None:
    """Keep, once, what a row of ours held that cannot be read, and count it as `unreadable_{what}`."""
    topic, reason = f"{what}/{which}", f"unreadable_{what}"
    known = sa.select(quarantine.c.id).where(quarantine.c.topic == topic, quarantine.c.reason == reason)
    if tx.execute(known.limit(1)).first() is None:
        put_quarantine(tx, [(now, topic, reason, "", body.encode())])
        count(tx, {("rejected", reason): 1})


def count(tx: Connection, amounts: Mapping[tuple[str, str], int]) -> None:
    """Add to counters, by (name, label)."""
    if not amounts:
        return
    statement = upsert(counters, tx.dialect.name, ["name", "label"], [])
    statement = statement.on_conflict_do_update(
        index_elements=["name", "label"], set_={"count": counters.c.count + statement.excluded.count}
    )
    tx.execute(statement, [{"name": n, "label": lb, "count": c} for (n, lb), c in sorted(amounts.items())])


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """Every counter."""
    return {(name, label): n for name, label, n in tx.execute(sa.select(counters))}


# --- folds


def cursor(tx: Connection, fold: str) -> int:
    """How far `fold` has come; 0 before its first step."""
    query = sa.select(cursors.c.position).where(cursors.c.fold == fold)
    return tx.execute(query).scalar_one_or_none() or 0


def move_cursor(tx: Connection, fold: str, position: int) -> None:
    """`fold` has taken in everything up to `position`."""
    tx.execute(upsert(cursors, tx.dialect.name, ["fold"], ["position"]), {"fold": fold, "position": position})


def put_snapshot(tx: Connection, fold: str, position: int, body: bytes, at: datetime) -> None:
    """The state of `fold` after `position`."""
    tx.execute(
        upsert(snapshots, tx.dialect.name, ["fold"], ["position", "body", "at"]),
        {"fold": fold, "position": position, "body": body, "at": at},
    )


def snapshot(tx: Connection, fold: str) -> tuple[int, bytes] | None:
    """The last snapshot of `fold`: its position and body."""
    row = tx.execute(sa.select(snapshots.c.position, snapshots.c.body).where(snapshots.c.fold == fold)).one_or_none()
    return None if row is None else (row.position, row.body)


def put_signal(tx: Connection, signal: Signal) -> bool:
    """Keep a signal that opens no case; False where its key is known."""
    row = {
        "key": signal.key,
        "home": signal.home,
        "area": signal.area,
        "concern": signal.concern,
        "sense": signal.sense,
        "at": signal.at,
        "body": msgspec.to_builtins(signal),
    }
    return tx.execute(insert_new(signals, tx.dialect.name).values(row)).rowcount == 1


def signals_of_case(tx: Connection, case: int) -> list[Signal]:
    """The signals that a case took in, oldest first."""
    query = sa.select(signals.c.body).where(signals.c.case_id == case).order_by(signals.c.at, signals.c.key)
    return [msgspec.convert(body, Signal) for body in tx.execute(query).scalars()]


def signals_in_order(tx: Connection) -> list[dict[str, Any]]:
    """Every signal's body in canonical order (at, key)."""
    query = sa.select(signals.c.body).order_by(signals.c.at, signals.c.key)
    return [row.body for row in tx.execute(query)]


# --- who is alive


def beat(tx: Connection, worker: str, at: datetime, detail: Mapping[str, Any]) -> None:
    """`worker` has done a round at `at`."""
    tx.execute(
        upsert(beats, tx.dialect.name, ["worker"], ["at", "detail"]),
        {"worker": worker, "at": at, "detail": dict(detail)},
    )


def all_beats(tx: Connection) -> dict[str, tuple[datetime, dict[str, Any]]]:
    """Each worker's last round."""
    return {row.worker: (row.at, row.detail) for row in tx.execute(sa.select(beats))}
