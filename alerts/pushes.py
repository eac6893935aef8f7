"""Beside each message to a member one to each of their browsers that asks for it; never instead of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.account_tables import accounts, push_subscriptions

PUSH = "push"
"""The channel. It proves nobody reached, and its failure makes nobody unreachable."""

# Built once: an SOS passes through this.
_BROWSERS = (
    sa.select(push_subscriptions.c.id, accounts.c.member)
    .join(accounts, accounts.c.id == push_subscriptions.c.account)
    .where(
        accounts.c.member.in_(sa.bindparam("of", expanding=True)),
        accounts.c.active,
        push_subscriptions.c.ended_at.is_(None),
    )
    .order_by(push_subscriptions.c.id)
)


def beside(tx: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These rows of the outbox, and the pushed ones that go with them. The address is the subscription's id."""
    told = {row["member"]: row for row in rows if row["member"] is not None}
    if not told:
        return rows
    return rows + [_pushed(told[found.member], found.id) for found in tx.execute(_BROWSERS, {"of": sorted(told)})]


def _pushed(row: dict[str, Any], browser: str) -> dict[str, Any]:
    key = f"{row['key'].rpartition('/')[0]}/{PUSH}.{browser[:12]}"
    return {**row, "key": key, "channel": PUSH, "address": browser, "payload": {**row["payload"], "then": []}}
