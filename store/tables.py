"""Every table, with the life cycle of the rows that have one; Alembic's migrations build exactly this."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.people import CANARY
from store.columns import BigId, UtcDateTime, metadata
from store.columns import table as _table
from store.columns import text as _text
from store.columns import time as _time

__all__ = ["UtcDateTime", "metadata"]


def of_people(home: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a row is about people: its home is none of the canaries'. A row about no single home is."""
    return sa.or_(home.is_(None), home.not_like(f"{CANARY}%"))


# The city's own facts; `epoch` is made anew by every restore.
city = _table("city", _text("key", primary_key=True), _text("value"))

# --- people and places

areas = _table("areas", _text("code", primary_key=True), _text("name_ko"), _text("name_en"))

homes = _table(
    "homes",
    _text("id", primary_key=True),
    _text("gateway", unique=True),
    _text("area"),
    _text("risk"),
    _text("language"),
    _text("timezone"),
    sa.Column("residents", sa.Integer, nullable=False),
    sa.Column("consent", sa.Boolean, nullable=False),
    sa.Column("speaker", sa.Boolean, nullable=False),
    sa.Column("wandering", sa.Boolean, nullable=False),
    sa.Column("silence_ceiling_s", sa.Float, nullable=True),
    sa.Column("alarm_budget", sa.Float, nullable=True),
    # Set by a row of `tunings` and by nothing else.
    sa.Column("budget_factor", sa.Float, nullable=True),
    _text("ask_by", nullable=True),
    _text("wording", nullable=True),
    _text("cloud", nullable=True),
    # Rises with every change of any home, so that loops see a change with one cheap query.
    sa.Column("revision", sa.BigInteger, nullable=False, index=True),
    _time("created_at"),
)

residents = _table(
    "residents",
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("home", sa.ForeignKey("homes.id", ondelete="CASCADE"), index=True),
    _text("name"),
)

devices = _table(
    "devices",
    _text("gateway", primary_key=True),
    _text("device", primary_key=True),
    _text("kinds"),
    _time("first_seen"),
    _time("last_seen"),
    sa.Column("battery_pct", sa.Float, nullable=True),
    # What its gateway says of it: kinds that it can say, and those that nobody has seen arrive. NULL: nothing.
    _text("can", nullable=True),
    _text("unproved", nullable=True),
    _time("told_at", nullable=True),
    # Homes that are not fully commissioned are counted on each board.
    sa.Index(
        "ix_devices_unproved",
        "gateway",
        sqlite_where=sa.text("unproved <> ''"),
        postgresql_where=sa.text("unproved <> ''"),
    ),
)

# Homes of which nothing arrives any more, or ever did; `since`: when the last word did. Kept by the watch.
unheard = _table("unheard", _text("home", primary_key=True), _time("since", nullable=True))

members = _table(
    "members",
    _text("id", primary_key=True),
    _text("name"),
    _text("role"),
    _text("area"),
    _text("language"),
    sa.Column("reach", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

covers = _table(
    "covers",
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("member", sa.ForeignKey("members.id", ondelete="CASCADE")),
    _time("start"),
    _time("end"),
    _text("by", nullable=True),
)

absences = _table(
    "absences",
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("home", sa.ForeignKey("homes.id", ondelete="CASCADE"), index=True),
    _time("start"),
    _time("end"),
    _text("by"),
)

check_ins = _table(
    "check_ins",
    # When a home is called, by its wall clock; `days` as "mon wed fri".
    _text("home", sa.ForeignKey("homes.id", ondelete="CASCADE"), primary_key=True),
    _text("clock", primary_key=True),
    _text("days"),
    # The next call's local day and moment: whoever takes it writes the call, and the one after it here.
    _text("next_day"),
    _time("next_at", index=True),
)

check_in_calls = _table(
    "check_in_calls",
    # alerts/check_in.py says how a row lives. One for each appointment, whatever happens: it is never asked twice.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("home", sa.ForeignKey("homes.id", ondelete="CASCADE")),
    _text("day"),
    _text("clock"),
    _time("planned_at"),
    _text("state"),
    sa.Column("asks", sa.Integer, nullable=False),
    _text("reason"),
    _time("set_at", nullable=True),
    _time("due_at", nullable=True, index=True),
    _time("ended_at", nullable=True),
    # The case that a missed call has opened or joined.
    sa.Column("case_id", sa.BigInteger, nullable=True),
    sa.UniqueConstraint("home", "day", "clock"),
)

tunings = _table(
    "tunings",
    # Append-only: how the outcomes of a home's cases have changed its budget of false alarms.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("home", sa.ForeignKey("homes.id", ondelete="CASCADE"), index=True),
    _time("at"),
    # False alarms a month; `factor` is `after` over the usual budget.
    sa.Column("before", sa.Float, nullable=False),
    sa.Column("after", sa.Float, nullable=False),
    sa.Column("factor", sa.Float, nullable=False),
    # A key of core.words ("tuning.…") and the numbers that fill it: the cases that were counted.
    _text("reason"),
    sa.Column("numbers", sa.JSON, nullable=False),
    sa.Column("replay", sa.JSON, nullable=False),
)

# --- gateways and their keys

gateways = _table(
    "gateways",
    # store/gateways.py says how a row lives. Which home a gateway speaks for stands in `homes`.
    _text("id", primary_key=True),
    _text("serial", unique=True),
    _text("code_hash", nullable=True),
    _time("code_expires_at", nullable=True),
    _time("code_used_at", nullable=True),
    sa.Column("wrong_tries", sa.Integer, nullable=False),
    _text("secret", nullable=True),
    _text("next_secret", nullable=True),
    _time("registered_at"),
    _time("claimed_at", nullable=True),
    _time("rotated_at", nullable=True),
    _time("revoked_at", nullable=True),
    # Rises with every change of any gateway, as that of homes.
    sa.Column("revision", sa.BigInteger, nullable=False, index=True),
)

gateway_log = _table(
    "gateway_log",
    # Append-only: who changed what of a gateway's enrolment, and when.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("gateway", sa.ForeignKey("gateways.id"), index=True),
    _time("at"),
    _text("what"),
    _text("who"),
)

# --- the event log and the folds over it

events = _table(
    "events",
    # Assigned under the writer lock: a lower id is never committed after a higher one, so that a cursor misses nothing.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("gateway"),
    _text("home"),
    _text("device"),
    _text("kind"),
    _text("event_id"),
    _text("boot", nullable=True),
    sa.Column("seq", sa.BigInteger, nullable=True),
    # Microseconds since 1970 UTC: an engine reads millions of these.
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("seen_at_us", sa.BigInteger, nullable=False),
    _text("data"),
    sa.Index(
        "uq_events_seq",
        "gateway",
        "boot",
        "seq",
        unique=True,
        sqlite_where=sa.text("seq IS NOT NULL"),
        postgresql_where=sa.text("seq IS NOT NULL"),
    ),
    sa.Index(
        "uq_events_id",
        "gateway",
        "device",
        "event_id",
        unique=True,
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    ),
    # Notes are rare, and a home's page shows the newest.
    sa.Index(
        "ix_events_notes",
        "home",
        "id",
        sqlite_where=sa.text("kind = 'note'"),
        postgresql_where=sa.text("kind = 'note'"),
    ),
)

receipts = _table(
    "receipts",
    # What is committed of a gateway's boot: a JSON list of closed [from, to] ranges of seq.
    _text("gateway", primary_key=True),
    _text("boot", primary_key=True),
    _text("ranges"),
)

quarantine = _table(
    "quarantine",
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _time("at"),
    _text("topic"),
    _text("reason"),
    _text("detail"),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

counters = _table(
    "counters",
    _text("name", primary_key=True),
    _text("label", primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)

cursors = _table("cursors", _text("fold", primary_key=True), sa.Column("position", sa.BigInteger, nullable=False))

snapshots = _table(
    "snapshots",
    _text("fold", primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    _time("at"),
)

signals = _table(
    "signals",
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    _text("key", unique=True),
    _text("home", nullable=True),
    _text("area", nullable=True),
    _text("concern"),
    _text("sense"),
    _time("at"),
    sa.Column("body", sa.JSON, nullable=False),
    # The case that took it in; NULL: no case wanted it.
    sa.Column("case_id", sa.BigInteger, nullable=True),
    sa.Index("ix_signals_home", "home"),
)

telemetry = _table(
    "telemetry",
    _text("home", primary_key=True),
    _text("metric", primary_key=True),
    _text("device", primary_key=True),
    _time("at", primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
)

# --- the Care Call

cases = _table(
    "cases",
    # verifying -> alerting -> acknowledged -> arrived -> closed; alerts/case.py has the one table of transitions.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    # "home:ID" or "area:CODE"
    _text("subject"),
    _text("home", nullable=True),
    _text("area"),
    _text("group"),
    _text("concern"),
    sa.Column("urgency", sa.Integer, nullable=False),
    _text("state"),
    _time("opened_at"),
    # When the deadline was set: a clock that went back behind it is noticed.
    _time("set_at", nullable=True),
    _time("due_at", nullable=True),
    _text("owner", nullable=True),
    _text("outcome", nullable=True),
    _time("acknowledged_at", nullable=True),
    _time("closed_at", nullable=True),
    sa.Column("exercise", sa.Boolean, nullable=False),
    # The whole case as alerts/case.py knows it, its pinned plan included; the columns above are what queries need.
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index(
        "uq_cases_live",
        "subject",
        "group",
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    ),
    sa.Index("ix_cases_due", "due_at"),
    sa.Index("ix_cases_home", "home"),
)

case_log = _table(
    "case_log",
    # Append-only; the live stream's cursor.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=False, index=True),
    _time("at"),
    # A key of core.words ("case.log.…") and the numbers that fill it.
    _text("what"),
    sa.Column("numbers", sa.JSON, nullable=False),
    _text("who", nullable=True),
    _text("channel", nullable=True),
)

outbox = _table(
    "outbox",
    # queued -> accepted -> delivered -> seen -> acknowledged; queued -> failed; queued -> dropped (no longer wanted)
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    # The idempotency key that the provider sees too.
    _text("key", unique=True),
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=False, index=True),
    _text("purpose"),
    _text("member", nullable=True),
    _text("channel"),
    _text("address"),
    sa.Column("urgency", sa.Integer, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    _text("state"),
    sa.Column("attempts", sa.Integer, nullable=False),
    _time("created_at"),
    _time("due_at"),
    # Claimed until then by a sender; a sender that died lets it go.
    _time("claimed_until", nullable=True),
    # Set at the first attempt: until when this channel is tried, and until when the member's channels are.
    _time("give_up_at", nullable=True),
    _time("pass_on_at", nullable=True),
    _text("last_error", nullable=True),
    _time("accepted_at", nullable=True),
    _time("delivered_at", nullable=True),
    _time("seen_at", nullable=True),
    sa.Index("ix_outbox_due", "state", "due_at"),
)

# Signed requests of clouds that came lately: none is heard twice.
cloud_requests = _table("cloud_requests", _text("digest", primary_key=True), _time("at", index=True))

beats = _table(
    "beats",
    _text("worker", primary_key=True),
    _time("at"),
    sa.Column("detail", sa.JSON, nullable=False),
)

idempotency = _table(
    "idempotency",
    _text("key", primary_key=True),
    _text("route", primary_key=True),
    _text("request"),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("response", sa.JSON, nullable=False),
    _time("at"),
)
