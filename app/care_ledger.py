"""What the care chain of a performance did, as one plain record: episodes, orders, claims, and the books."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import Connection

from store.care_tables import care_log, claims, entries, episodes, orders, persons, postings, records, visits
from store.outcome_tables import evaluations


def care_ledger(tx: Connection) -> dict[str, Any]:
    """`balance` is the sum of all postings: nought, or the books are wrong. `ownerless`: open episodes that have no
    owner or no deadline: none."""
    open_ = sa.and_(episodes.c.stage != "closed", sa.or_(episodes.c.due_at.is_(None), episodes.c.owner == ""))
    accounts = sa.select(postings.c.account, sa.func.sum(postings.c.won)).group_by(postings.c.account)
    sums = {account: int(won) for account, won in tx.execute(accounts.order_by(postings.c.account))}
    return {
        "episodes": [_episode(tx, row) for row in tx.execute(sa.select(episodes).order_by(episodes.c.id))],
        "orders": _counted(tx, orders.c.state),
        "visits": _counted(tx, visits.c.state),
        "claims": _counted(tx, claims.c.state),
        "records": _count(tx, records),
        "evaluations": _count(tx, evaluations),
        "paid_won": sum(won for account, won in sums.items() if account.startswith("provider:")),
        "entries": _count(tx, entries),
        "accounts": sums,
        "balance": sum(sums.values()),
        "ownerless": tx.scalar(sa.select(sa.func.count()).select_from(episodes).where(open_)) or 0,
    }


def show(screen: Console, record: dict[str, Any]) -> None:
    """Print the record as a person reads books."""
    book = Table("account", "won", title="The care chain's ledger", title_justify="left")
    book.columns[1].justify = "right"
    for account, won in record["accounts"].items():
        book.add_row(account, f"{won:,}")
    book.add_section()
    book.add_row("balance", f"{record['balance']:,}")
    if record["accounts"]:
        screen.print(book)
    stages = [episode["ended"] or episode["stage"] for episode in record["episodes"]]
    told = ", ".join(f"{stages.count(stage)} {stage}" for stage in dict.fromkeys(stages)) or "none"
    counted = {
        name: ", ".join(f"{n} {state}" for state, n in record[name].items()) or "none" for name in ("orders", "claims")
    }
    screen.print(
        f"[bold]{len(stages)} episodes of care[/]: {told}; orders: {counted['orders']}; {record['records']} records; "
        f"claims: {counted['claims']}; {record['paid_won']:,} won paid; {record['evaluations']} evaluations."
    )


def _episode(tx: Connection, row: Any) -> dict[str, Any]:
    whom = tx.execute(sa.select(persons.c.home).where(persons.c.id == row.person)).scalar()
    lines = sa.select(care_log.c.at, care_log.c.what, care_log.c.who).where(care_log.c.episode == row.id)
    return {
        "id": row.id,
        "case": row.case_id,
        "home": whom,
        "origin": row.origin,
        "stage": row.stage,
        "ended": row.ended,
        "level": row.level,
        "requested": row.requested,
        "log": [
            {"at": at.isoformat().replace("+00:00", "Z"), "what": what.removeprefix("care.log."), "who": who}
            for at, what, who in tx.execute(lines.order_by(care_log.c.id))
        ],
    }


def _counted(tx: Connection, column: sa.Column[Any]) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).group_by(column).order_by(column)
    return {str(state): count for state, count in tx.execute(query)}


def _count(tx: Connection, table: sa.Table) -> int:
    return tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0
