"""What tables are made of: their columns' types, and the one metadata that Alembic compares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite has no time zones: it is stored there as naive UTC, and comes back aware."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time needs its zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # only INTEGER autoincrements in SQLite
metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def table(name: str, *items: Any) -> sa.Table:
    """A table of the one metadata."""
    return sa.Table(name, metadata, *items)


def text(name: str, *items: Any, **options: Any) -> sa.Column[Any]:
    """A column of text; not null unless said."""
    return sa.Column(name, sa.Text, *items, **{"nullable": False, **options})


def below(column: Any, area: str) -> sa.ColumnElement[bool]:
    """Whether a column's area is `area` or lies in it; the empty one is everywhere."""
    if not area:
        return sa.true()
    return sa.or_(column == area, column.startswith(f"{area}/", autoescape=True))


def time(name: str, **options: Any) -> sa.Column[Any]:
    """A column of moments in UTC; not null unless said."""
    return sa.Column(name, UtcDateTime, **{"nullable": False, **options})
