"""Looks in the audit on both databases: no writer keeps anybody from seeing, and no look is forgotten over it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from access import audit, looks
from access.actor import SYSTEM
from access.looks import Look, Looks, TooMany
from core.clock import sleep_s, wall_now
from store.account_tables import audit as rows
from store.database import Database
from tests.serving import HOME, City
from tests.waiting import wait_until


def look(n: int = 0) -> Look:
    return Look(SYSTEM, "home.read", "home", f"home-{n}", "", "GET /x", "", wall_now())


def seen(db: Database) -> list[str]:
    """The objects of the looks that are written, in order; the chain holds."""
    with db.read() as tx:
        assert audit.verify(tx).broken is None
        return list(tx.scalars(sa.select(rows.c.object).where(rows.c.action == "home.read").order_by(rows.c.id)))


@contextmanager
def away(db: Database) -> Iterator[None]:
    """Nothing can be written into the audit."""
    for a, b in (("audit", "audit_away"), ("audit_away", "audit")):
        with db.write() as tx:
            tx.exec_driver_sql(f"ALTER TABLE {a} RENAME TO {b}")
        if b == "audit_away":
            yield


@pytest.fixture
def book(db: Database) -> Iterator[Looks]:
    it = Looks(db)
    yield it
    it.close()


def test_a_look_is_written_when_it_is_answered(db: Database, book: Looks) -> None:
    for n in range(3):
        assert book.note(look(n))
        assert seen(db) == [f"home-{one}" for one in range(n + 1)]


def test_while_somebody_writes_for_long_a_home_is_shown_and_the_look_is_written_after(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with City(db).serve() as door:
        with db.write():
            assert door.get(f"/api/homes/{HOME.id}").json()["resident"] == HOME.resident
            assert seen(db) == []
        wait_until(lambda: seen(db) == [HOME.id])
    (said,) = [one.getMessage() for one in caplog.records if one.name == looks.__name__]
    assert f'"object":"{HOME.id}"' in said, "if the machine dies now, its log knows"


def test_looks_that_wait_together_are_written_together_and_each_once(db: Database, book: Looks) -> None:
    commits: list[int] = []
    sa.event.listen(db.engine, "commit", lambda tx: commits.append(1))
    with db.write():
        threads = [threading.Thread(target=book.note, args=(look(n),)) for n in range(40)]
        for one in threads:
            one.start()
        wait_until(lambda: len(book._waiting) == 40)
        commits.clear()
    for one in threads:
        one.join(10)
    wait_until(lambda: len(seen(db)) == 40)
    assert sorted(seen(db)) == sorted(f"home-{n}" for n in range(40))
    assert len(commits) <= 3, "the holder's, the first look's, the others'"


def test_what_could_not_be_written_is_written_when_it_can_be(
    db: Database, book: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "PATIENCE_S", 0.05)
    monkeypatch.setattr(looks, "AGAIN_S", 0.05)
    with away(db):
        assert not book.note(look(1))
        assert not book.note(look(2))
        sleep_s(0.2)
    wait_until(lambda: seen(db) == ["home-1", "home-2"])
    assert book.note(look(3))


def test_at_the_end_what_waits_is_written_else_it_is_told(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(looks, "PATIENCE_S", 0.05)
    book = Looks(db)
    with db.write():
        assert not book.note(look(1))
    book.close()
    assert seen(db) == ["home-1"]
    with away(db):
        assert not book.note(look(2))
        with caplog.at_level(logging.ERROR, looks.__name__):
            book.close()
    assert any("not in the audit" in one.getMessage() and "home-2" in one.getMessage() for one in caplog.records)
    assert seen(db) == ["home-1"]


def test_more_than_can_be_remembered_is_not_shown(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PATIENCE_S", 0.01)
    monkeypatch.setattr(looks, "MOST", 2)
    city = City(db)
    with city.serve() as door:
        with db.write():
            said = [door.get(f"/api/homes/{HOME.id}").status_code for _ in range(3)]
            assert said == [200, 200, 503]
        wait_until(lambda: len(seen(db)) == 2)
        assert door.get(f"/api/homes/{HOME.id}").status_code == 200
    monkeypatch.setattr(looks, "MOST", 0)
    with pytest.raises(TooMany):
        Looks(db).note(look())
