"""Pours rows into a database as fast as it takes them: prepared statements on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.columns import UtcDateTime

Row = dict[str, Any]


class Rows:
    """Rows by table, poured in the order in which `tables` stand: what others point to comes first.

    Ids are given here, behind those that the database holds already.
    """

    def __init__(self, tx: Connection, tables: Sequence[sa.Table]) -> None:
        self._tx, self._tables = tx, tables
        self._waiting: dict[str, list[Row]] = defaultdict(list)
        self._ids = {t.name: tx.scalar(sa.select(sa.func.max(t.c.id))) or 0 for t in tables if _counts(t)}
        self._given: set[str] = set()
        self.poured: dict[str, int] = defaultdict(int)

    def id(self, table: sa.Table) -> int:
        """The next id of a table that counts its rows."""
        self._given.add(table.name)
        self._ids[table.name] += 1
        return self._ids[table.name]

    def add(self, table: sa.Table, row: Row) -> None:
        """A row with all columns of its table but those that may be null and are so in every row of the table."""
        self._waiting[table.name].append(row)

    def pour(self) -> None:
        """Insert what waits."""
        for table in self._tables:
            if rows := self._waiting.pop(table.name, []):
                pour(self._tx, table, rows)
                self.poured[table.name] += len(rows)

    def finish(self) -> None:
        """Pour the rest, and let the database count on from there."""
        self.pour()
        if self._tx.dialect.name == "postgresql":
            for name in sorted(self._given):
                counter = sa.func.pg_get_serial_sequence(name, "id")
                self._tx.execute(sa.select(sa.func.setval(counter, self._ids[name])))
        self._tx.exec_driver_sql("ANALYZE")


def pour(tx: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, which all have the same keys."""
    dialect = tx.dialect
    columns = [table.c[name] for name in rows[0]]
    to_db = [_to_db(column.type, dialect) for column in columns]
    names = [column.name for column in columns]
    tuples = (
        [row[name] if change is None else change(row[name]) for name, change in zip(names, to_db, strict=True)]
        for row in rows
    )
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, names))
    driver: Any = tx.connection.driver_connection
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        driver.executemany(f"INSERT INTO {quote(table.name)} ({listed}) VALUES ({marks})", tuples)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({listed}) FROM STDIN") as copy:
        for row in tuples:
            copy.write_row(row)


def _to_db(kind: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime) and dialect.name == "sqlite":
        return _as_sqlite_keeps_it  # a million of them: the type's own way takes seconds longer
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor


def _as_sqlite_keeps_it(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _counts(table: sa.Table) -> bool:
    return "id" in table.c and isinstance(table.c.id.type, sa.Integer)
