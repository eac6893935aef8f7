"""The tables of what came of care: evaluations, when they are due, and what was given to researchers."""

from __future__ import annotations

import sqlalchemy as sa

from store.care_tables import episodes, persons
from store.columns import BigId, table, text, time

follow_ups = table(
    "follow_ups",
    # open -> done | cancelled
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey(episodes.c.id), nullable=False),
    text("instrument"),
    # first, follow_up
    text("phase"),
    text("state"),
    text("owner"),
    time("due_at", index=True),
    time("done_at", nullable=True),
    sa.UniqueConstraint("episode", "instrument", "phase"),
    sa.Index("ix_follow_ups_owner", "owner", "state", "due_at", "done_at", "episode"),
)

evaluations = table(
    "evaluations",
    text("id", primary_key=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey(episodes.c.id), nullable=False, index=True),
    text("person", sa.ForeignKey(persons.c.id)),
    text("instrument"),
    text("version"),
    text("phase"),
    # visit, phone
    text("mode"),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    text("by"),
    time("at"),
    sa.UniqueConstraint("episode", "instrument", "phase"),
    sa.Index("ix_evaluations_at", "instrument", "phase", "at", "episode", "score"),
)

research_exports = table(
    "research_exports",
    # asked -> made | refused; whoever allows it is another than who asked
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    text("asked_by"),
    text("purpose"),
    time("since"),
    time("until"),
    time("asked_at"),
    text("allowed_by", nullable=True),
    time("decided_at", nullable=True),
    text("state"),
    text("reason", nullable=True),
    sa.Column("manifest", sa.JSON, nullable=True),
)
