"""A row that cannot be read stands in nobody's way, is kept for an operator, and nobody is forgotten with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.clock import ManualClock
from core.events import Event, Motion
from core.people import Home
from core.signals import Concern
from ingest.watch import Watch
from store import log, people
from store.database import Database
from store.tables import cases, events, outbox, receipts
from tests.contracts.city import City

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
BROKEN = [{}, [], None, "text", {"subject": "?"}]


@pytest.fixture
def city(db: Database) -> Iterator[City]:
    made = City(db)
    yield made
    made.outbox.close()


def damage(db: Database, table: sa.Table, id: int, **values: Any) -> None:
    with db.write() as tx:
        tx.execute(sa.update(table).where(table.c.id == id).values(values))


def kept(db: Database) -> dict[str, int]:
    """How many rows are in quarantine for each reason; the counters say the same."""
    with db.read() as tx:
        found: dict[str, int] = {}
        for row in log.quarantined(tx):
            found[row.reason] = found.get(row.reason, 0) + 1
        counted = {label: n for (name, label), n in log.counts(tx).items() if name == "rejected"}
    assert found == counted
    return found


def test_text_that_is_no_json_at_all_breaks_no_query(city: City) -> None:
    if city.db.backend != "sqlite":
        pytest.skip("PostgreSQL lets none in")
    first, second = city.say(Concern.SOS), city.say(Concern.SMOKE)
    assert second is not None
    with city.db.write() as tx:
        for table, column in (("cases", "body"), ("outbox", "payload")):
            tx.execute(sa.text(f"UPDATE {table} SET {column} = 'no {{json' WHERE id = {first}"))
    city.settle()
    assert "kim:call" in city.lines["phone"].told()
    assert city.view(second).state == "alerting"


@pytest.mark.parametrize("body", BROKEN)
def test_whoever_waits_in_a_broken_case_is_called_for_anew(city: City, body: Any) -> None:
    broken, whole = city.say(Concern.SOS), city.say(Concern.SMOKE)
    assert broken is not None
    assert whole is not None
    city.settle()
    damage(city.db, cases, broken, body=body)
    assert (city.view(broken).state, city.view(broken).home) == ("alerting", "home-0001")
    city.clock.advance(180)
    city.settle()
    fresh = city.rows(sa.select(cases.c.id).where(cases.c.id > whole)).pop().id
    assert (city.view(broken).state, city.keys(broken)[-1]) == ("closed", "unreadable")
    assert (city.view(fresh).state, city.view(fresh).concern) == ("alerting", "sos")
    assert "damaged" in city.view(fresh).why[0]["en"]
    assert city.view(whole).rung == 1
    assert city.lines["phone"].told().count("kim:call") == 3
    assert kept(city.db) == {"unreadable_case": 1}
    city.run(600, step_s=60)
    assert kept(city.db) == {"unreadable_case": 1}


def test_a_signal_that_meets_a_broken_case_opens_another(city: City) -> None:
    broken = city.say(Concern.SOS)
    assert broken is not None
    damage(city.db, cases, broken, body={})
    fresh = city.say(Concern.SOS)
    assert fresh not in (None, broken)
    assert city.view(broken).state == "closed"
    assert city.act(fresh, "ack", "kim") is not None


@pytest.mark.parametrize("payload", BROKEN)
def test_a_message_that_says_nothing_is_followed_by_the_next_person(city: City, payload: Any) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    (letter,) = city.rows(sa.select(outbox.c.id).where(outbox.c.member == "kim"))
    damage(city.db, outbox, letter.id, payload=payload)
    city.settle()
    assert city.lines["phone"].told() == ["lee:call"]
    assert kept(city.db) == {"unreadable_message": 1}
    assert city.act(case, "ack", "lee") is not None


def test_a_damaged_message_that_was_sent_keeps_nobody_from_taking_the_case(city: City) -> None:
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    (letter,) = city.rows(sa.select(outbox.c.id).where(outbox.c.member == "kim"))
    damage(city.db, outbox, letter.id, payload=[])
    assert city.act(case, "ack", "park") is not None
    city.settle()
    assert city.lines["phone"].told() == ["kim:call", "kim:stand_down"]


def test_the_folds_pass_a_broken_row_over(db: Database) -> None:
    clock = ManualClock(AT)
    with db.write() as tx:
        people.put_home(tx, db.backend, Home("home-1", "gw-0001", "gwangju/nam-gu"), AT)
        entries = []
        for n in range(6):
            at = AT + timedelta(seconds=n)
            event = Event(f"e-{n}", "gw-0001", "pir", "motion", at, Motion("kitchen"), "b1", n)
            entries.append(log.Entry(event, "home-1", at))
        log.append(tx, entries)
        ids = [row.position for row in log.read(tx, 0, 10)]
    damage(db, events, ids[1], data="no json")
    damage(db, events, ids[2], kind="martian")
    damage(db, events, ids[5], at_us=2**62)
    for _ in range(2):  # the second begins at the start once more
        watch = Watch(db, lambda *_: None, clock, batch=2)
        while watch.step():
            pass
        assert watch.position == ids[5]
        assert kept(db) == {"unreadable_event": 3}
    with db.read() as tx:
        assert [row.position for row in log.read(tx, 0, 10)] == [ids[0], ids[3], ids[4]]


def test_time_does_not_pass_for_the_engine_before_it_has_read_all(db: Database) -> None:
    """A batch that is short only for its broken rows is no end of the log: what stands behind it is no silence."""
    with db.write() as tx:
        log.append(
            tx, [log.Entry(Event(f"e-{n}", "g-1", "pir", "motion", AT, Motion(), "b", n), "h", AT) for n in (1, 2)]
        )
    damage(db, events, 1, data="no json")
    with db.read() as tx:
        first = log.stretch(tx, 0, 1)
    assert (first.rows, first.position, first.more) == ([], 1, True)


@pytest.mark.parametrize("ranges", ["no json", "{}", '[["a", 1]]', "7"])
def test_broken_receipts_are_begun_anew(db: Database, ranges: str) -> None:
    with db.write() as tx:
        tx.execute(sa.insert(receipts).values(gateway="gw-1", boot="b1", ranges=ranges))
        log.put_ranges(tx, {("gw-1", "b2"): [(1, 5)]})
    with db.write() as tx:
        assert log.committed_ranges(tx, ["gw-1"]) == {("gw-1", "b2"): [(1, 5)]}
        log.put_ranges(tx, {("gw-1", "b1"): [(7, 7)]})
    with db.read() as tx:
        assert log.committed_ranges(tx, ["gw-1"])["gw-1", "b1"] == [(7, 7)]
    assert kept(db) == {"unreadable_receipt": 1}
