"""The event log on both backends: order, duplicates, receipts, quarantine, counters, one writer at a time."""

import threading
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from core.events import Event, Motion
from store import log, past
from store.database import Database
from store.tables import metadata, quarantine

AT = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)


def entry(seq: int | None, *, gateway: str = "gw-0001", id_: str = "") -> log.Entry:
    at = AT + timedelta(seconds=seq or 0)
    boot = None if seq is None else "b1"
    event = Event(id_ or f"e-{seq}", gateway, "kitchen-pir", "motion", at, Motion("kitchen"), boot, seq)
    return log.Entry(event, "home-1", at)


def test_what_is_appended_is_read_in_order(db: Database) -> None:
    with db.write() as tx:
        assert log.append(tx, [entry(n) for n in range(5)]) == 5
        assert log.append_one(tx, entry(7)) is not None
    with db.read() as tx:
        rows = log.read(tx, 0, 100)
        assert [row.event_id for row in rows] == ["e-0", "e-1", "e-2", "e-3", "e-4", "e-7"]
        assert rows[0].at == AT
        assert rows[0].data == Motion("kitchen")
        assert [row.position for row in log.read(tx, rows[2].position, 2)] == [rows[3].position, rows[4].position]
        assert log.head(tx) == rows[-1].position
        assert log.newest_seen(tx) == AT + timedelta(seconds=7)


def test_a_duplicate_is_a_no_op(db: Database) -> None:
    with db.write() as tx:
        assert log.append(tx, [entry(1), entry(1), entry(2)]) == 2
        assert log.append_one(tx, entry(2, id_="other")) is None
        assert log.append(tx, [entry(None, id_="x"), entry(None, id_="x"), entry(None, id_="y")]) == 2
        assert log.append(tx, [entry(1, gateway="gw-0002")]) == 1


def test_an_undone_transaction_leaves_nothing(db: Database) -> None:
    try:
        with db.write() as tx:
            log.append(tx, [entry(1)])
            raise RuntimeError("the power went")
    except RuntimeError:
        pass
    with db.read() as tx:
        assert log.read(tx, 0, 10) == []


def test_writers_queue_and_no_position_is_skipped(db: Database) -> None:
    seen: list[int] = []
    done = threading.Event()

    def follow() -> None:
        cursor = 0
        while not (done.is_set() and cursor == head()):
            with db.read() as tx:
                rows = log.read(tx, cursor, 1000)
            seen.extend(row.position for row in rows)
            cursor = rows[-1].position if rows else cursor

    def head() -> int:
        with db.read() as tx:
            return log.head(tx)

    def write(gateway: str) -> None:
        for n in range(40):
            with db.write() as tx:
                log.append(tx, [entry(n, gateway=gateway)])

    follower = threading.Thread(target=follow)
    follower.start()
    writers = [threading.Thread(target=write, args=(f"gw-000{n}",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    follower.join()
    assert len(seen) == 160
    assert seen == sorted(seen)


def test_a_homes_rows_are_read_in_order_counted_or_not(db: Database) -> None:
    with db.write() as tx:
        log.append(tx, [entry(n) for n in (3, 1)])
        log.append(tx, [entry(None, id_="note"), entry(5, gateway="gw-0002")])
        log.append(tx, [entry(4), log.Entry(entry(9).event, "home-2", AT + timedelta(hours=1))])
    with db.read() as tx:
        found = past.of_home(tx, "home-1", "gw-0001", AT)
        assert [row.event_id for row in found] == ["e-3", "e-1", "note", "e-4"]
        assert [row.event_id for row in past.of_home(tx, "home-1", "gw-0001", AT + timedelta(seconds=4))] == ["e-4"]


def test_quarantine_is_bounded(db: Database, monkeypatch: object) -> None:
    with db.write() as tx:
        log.put_quarantine(tx, [(AT, f"t{n}", "unreadable", "d", b"x" * 10_000) for n in range(log.QUARANTINE_ROWS)])
        log.put_quarantine(tx, [(AT, "last", "unreadable", "d", b"\x00\xff")] * 3)
        kept = tx.execute(sa.select(sa.func.count(), sa.func.min(quarantine.c.topic))).one()
        assert kept == (log.QUARANTINE_ROWS, "last")
        assert max(len(row.payload) for row in tx.execute(sa.select(quarantine))) == log.QUARANTINE_BYTES


def test_counters_add_up(db: Database) -> None:
    with db.write() as tx:
        log.count(tx, {("rejected", "time"): 2, ("duplicates", ""): 1})
        log.count(tx, {("rejected", "time"): 3})
        assert log.counts(tx) == {("rejected", "time"): 5, ("duplicates", ""): 1}


def test_ranges_and_folds_are_kept(db: Database) -> None:
    with db.write() as tx:
        log.put_ranges(tx, {("gw-0001", "b1"): [(1, 5), (9, 9)]})
        log.put_ranges(tx, {("gw-0001", "b1"): [(1, 9)], ("gw-0002", "b2"): [(4, 4)]})
        assert log.committed_ranges(tx, ["gw-0001"]) == {("gw-0001", "b1"): [(1, 9)]}
        assert log.cursor(tx, "f") == 0
        log.move_cursor(tx, "f", 7)
        log.put_snapshot(tx, "f", 7, b"\x00body", AT)
        log.put_snapshot(tx, "f", 8, b"\x01body", AT)
        assert (log.cursor(tx, "f"), log.snapshot(tx, "f")) == (7, (8, b"\x01body"))
        log.beat(tx, "watch", AT, {"lag": 3})
        log.beat(tx, "watch", AT, {"lag": 0})
        assert log.all_beats(tx) == {"watch": (AT, {"lag": 0})}


def test_the_migrations_build_exactly_the_tables(db: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
