"""The law of the audit: whatever single change is made past the city, it is found, and at the right record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from access import audit
from access.actor import Actor
from access.audit import GENESIS
from access.roles import Role
from store.account_tables import audit as rows
from store.database import Database
from store.migrate import migrate

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
N = 7
TEXTS = ("account", "role", "action", "kind", "object", "about", "request", "reason", "hash")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('audit') / 'anbu.db'}")
    migrate(db)
    with db.write() as tx:
        for n in range(N):
            who = Actor(f"u-{n % 2}", "x", Role.MANAGER)
            audit.note(tx, who, "home.read", "home", f"home-{n}", f"home-{n}", "GET /x", now=AT + timedelta(seconds=n))
        for deed in ("update", "delete"):
            tx.exec_driver_sql(f"DROP TRIGGER audit_no_{deed}")
    yield db
    db.close()


class Undo(Exception):
    """Ends an attack as if it had not been."""


def attacked(db: Database, attack: Any) -> audit.Verdict:
    """What `verify` says after `attack(tx)`, which is undone."""
    found: list[audit.Verdict] = []

    def look(tx: Connection) -> None:
        attack(tx)
        found.append(audit.verify(tx))
        raise Undo

    with pytest.raises(Undo), db.write() as tx:
        look(tx)
    return found[0]


def test_untouched_it_is_whole(books: Database) -> None:
    with books.read() as tx:
        found = audit.verify(tx)
    assert (found.records, found.broken) == (N, None)


@given(st.integers(1, N), st.sampled_from(TEXTS), st.text(max_size=5).filter(lambda t: "\x00" not in t))
def test_a_changed_word_is_found_where_it_stands(books: Database, id: int, column: str, text: str) -> None:
    def change(tx: Connection) -> None:
        tx.execute(sa.update(rows).where(rows.c.id == id).values({column: text}))

    with books.read() as tx:
        same = tx.scalar(sa.select(rows.c[column]).where(rows.c.id == id)) == text
    assert attacked(books, change).broken == (None if same else id)


@given(st.integers(1, N), st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=1)))
def test_a_changed_time_is_found(books: Database, id: int, by: timedelta) -> None:
    def change(tx: Connection) -> None:
        tx.execute(sa.update(rows).where(rows.c.id == id).values(at=AT + timedelta(seconds=id - 1) + by))

    assert attacked(books, change).broken == (id if by else None)


@given(st.integers(1, N - 1), st.booleans())
def test_a_missing_record_is_found_also_where_the_others_close_up(books: Database, id: int, close_up: bool) -> None:
    def cut(tx: Connection) -> None:
        tx.execute(sa.delete(rows).where(rows.c.id == id))
        for later in range(id + 1, N + 1) if close_up else ():
            tx.execute(sa.update(rows).where(rows.c.id == later).values(id=later - 1))

    assert attacked(books, cut).broken == id


@given(st.integers(1, N), st.integers(1, N))
def test_two_records_in_each_others_place_are_found_at_the_first(books: Database, one: int, other: int) -> None:
    def swap(tx: Connection) -> None:
        for a, b in ((one, -1), (other, one), (-1, other)):
            tx.execute(sa.update(rows).where(rows.c.id == a).values(id=b))

    assert attacked(books, swap).broken == (None if one == other else min(one, other))


@given(st.integers(1, N + 1))
def test_a_record_put_in_between_is_found(books: Database, id: int) -> None:
    """Also one whose own hash is right: whoever forges one has to forge all behind it."""

    def put_in(tx: Connection) -> None:
        for later in range(N, id - 1, -1):
            tx.execute(sa.update(rows).where(rows.c.id == later).values(id=later + 1))
        before = tx.scalar(sa.select(rows.c.hash).where(rows.c.id == id - 1)) or GENESIS
        row = {name: "x" for name in TEXTS if name != "hash"} | {"id": id, "at": AT}
        tx.execute(sa.insert(rows).values(**row, hash=audit._hash(before, row)))

    # At the end it is no change of what stands: it is a record more, as the city writes them.
    assert attacked(books, put_in).broken == (None if id == N + 1 else id + 1)


@given(st.integers(1, N))
def test_a_cut_end_is_found_by_the_head_that_was_written_down(books: Database, id: int) -> None:
    with books.read() as tx:
        head = audit.verify(tx).head
        assert audit.holds(tx, N, head)
    kept: list[bool] = []

    def cut(tx: Connection) -> None:
        tx.execute(sa.delete(rows).where(rows.c.id >= id))
        kept.append(audit.holds(tx, N, head))

    found = attacked(books, cut)
    assert (found.records, found.broken, kept) == (id - 1, None, [False])


def test_a_table_without_its_file_is_not_needed(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    migrate(db)
    with db.read() as tx:
        assert audit.verify(tx) == audit.Verdict(0, GENESIS)
    db.close()
