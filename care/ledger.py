"""The ledger: what was paid for each claim, in double entry; it is only ever added to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care.catalogue import rules_for
from care.claim import split
from store.care_tables import entries, postings

COLUMNS = ("entry", "at", "claim", "by", "account", "won")


class Entry(msgspec.Struct, frozen=True):
    """One paid claim; `postings` are (account, won), and their sum is nought."""

    id: int
    claim: int
    at: datetime
    by: str
    postings: tuple[tuple[str, int], ...]


class Book(msgspec.Struct, frozen=True):
    """A city's year: what each account has received (+) or paid (-), their sum (nought), and its entries."""

    accounts: dict[str, int]
    balance: int
    count: int
    entries: list[Entry]


def year_of(tx: Connection, city: str, at: datetime) -> int:
    """The year whose budget a payment made then counts against, by the city's own calendar.

    It is the payment's year and not the service's: a year's money can be spent in that year alone, and a claim that is
    handed in after the year's end must not change what was already accounted for.
    """
    return at.astimezone(ZoneInfo(rules_for(tx, city).timezone)).year


def post(tx: Connection, claim: int, provider: str, gu: str, city: str, won: int, by: str, now: datetime) -> int:
    """Write down that `won` was paid for a claim; a second time for the same one breaks a unique index. Its number."""
    city_won, gu_won = split(won, rules_for(tx, gu).city_percent)
    values = {"claim": claim, "city": city, "year": year_of(tx, city, now), "at": now, "by": by}
    id = int(tx.execute(sa.insert(entries).values(values).returning(entries.c.id)).scalar_one())
    lines = {f"provider:{provider}": won, f"city:{city}": -city_won, f"gu:{gu}": -gu_won}
    tx.execute(sa.insert(postings), [{"entry": id, "account": name, "won": sum_} for name, sum_ in lines.items()])
    return id


def paid(tx: Connection, city: str, year: int) -> int:
    """Won that providers have received in a city's year, out of the city's and its districts' money."""
    total = sa.select(sa.func.sum(postings.c.won)).select_from(postings.join(entries))
    theirs = postings.c.account.startswith("provider:")
    return int(tx.scalar(total.where(entries.c.city == city, entries.c.year == year, theirs)) or 0)


def book(tx: Connection, city: str, year: int, *, limit: int, offset: int = 0) -> Book:
    """The accounts of a city's year, and its entries, the oldest first."""
    mine = sa.and_(entries.c.city == city, entries.c.year == year)
    sums = sa.select(postings.c.account, sa.func.sum(postings.c.won).label("won")).select_from(postings.join(entries))
    sums = sums.where(mine).group_by(postings.c.account).order_by(postings.c.account)
    accounts = {row.account: int(row.won) for row in tx.execute(sums)}
    count = tx.scalar(sa.select(sa.func.count()).select_from(entries).where(mine)) or 0
    page = tx.execute(sa.select(entries).where(mine).order_by(entries.c.id).limit(limit).offset(offset)).all()
    lines: dict[int, list[tuple[str, int]]] = {row.id: [] for row in page}
    found = sa.select(postings).where(postings.c.entry.in_(lines)).order_by(postings.c.entry, postings.c.account)
    for line in tx.execute(found):
        lines[line.entry].append((line.account, line.won))
    listed = [Entry(row.id, row.claim, row.at, row.by, tuple(lines[row.id])) for row in page]
    return Book(accounts, sum(accounts.values()), count, listed)


def as_csv(tx: Connection, city: str, year: int) -> Iterator[str]:
    """Every posting of a city's year as lines of CSV, the header first."""
    yield _line(COLUMNS)
    query = sa.select(entries.c.id, entries.c.at, entries.c.claim, entries.c.by, postings.c.account, postings.c.won)
    query = query.select_from(entries.join(postings)).where(entries.c.city == city, entries.c.year == year)
    for row in tx.execute(query.order_by(entries.c.id, postings.c.account)):
        yield _line((row.id, row.at.isoformat(), row.claim, row.by, row.account, row.won))


def _line(fields: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(fields)
    return out.getvalue()
