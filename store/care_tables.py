"""The tables of the care chain, each with the life of its rows; money is integer won, times are UTC."""

from __future__ import annotations

import sqlalchemy as sa

from store.columns import BigId, table, text, time

# --- people

persons = table(
    "persons",
    # `h-HOME`: the resident of a watched home; `p-…`: made of an application.
    text("id", primary_key=True),
    text("home", sa.ForeignKey("homes.id", ondelete="SET NULL"), nullable=True, index=True),
    text("name"),
    text("area", index=True),
    text("risk"),
    # Nobody of an exercise is real, and nobody real is an exercise.
    sa.Column("exercise", sa.Boolean, nullable=False),
    # When somebody of the chain last saw or spoke to them.
    time("contact_at", index=True),
    # Moved away or died: nothing is planned for them any more.
    time("gone_at", nullable=True),
    text("gone_why", nullable=True),
    time("created_at"),
)

person_facts = table(
    "person_facts",
    # The profile; care/persons.py says for each field what it is for and who may read it.
    text("person", sa.ForeignKey("persons.id"), primary_key=True),
    text("field", primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    text("by"),
    time("at"),
)

person_ties = table(
    "person_ties",
    # Guardians, families and young carers are people too. That one is at home proves nobody else safe.
    text("person", sa.ForeignKey("persons.id"), primary_key=True),
    text("other", sa.ForeignKey("persons.id"), primary_key=True),
    text("kind"),
    text("by"),
    time("at"),
)

consents = table(
    "consents",
    # asked -> given | refused | lapsed; given -> withdrawn
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    text("person", sa.ForeignKey("persons.id"), index=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id"), nullable=True, index=True),
    text("purpose"),
    text("state"),
    time("asked_at"),
    time("due_at", nullable=True, index=True),
    time("decided_at", nullable=True),
    text("by", nullable=True),
)

# --- the episode and its history

episodes = table(
    "episodes",
    # intake -> assessment -> plan -> linkage -> evaluation -> closed; care/stages.py has the one table of transitions.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    # The applicant's own id: one sent twice is one episode.
    text("application", unique=True),
    text("person", sa.ForeignKey("persons.id"), index=True),
    text("area", index=True),
    text("origin"),
    text("priority"),
    # The Care Call: the same kind for every origin.
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=False, unique=True),
    text("stage"),
    time("stage_since"),
    # A member's id, or `office:AREA` while nobody has taken it. A closed one has an owner and no deadline.
    text("owner"),
    time("due_at", nullable=True),
    # When its being overdue was told; NULL: it was not, in this stage.
    time("told_at", nullable=True),
    time("opened_at"),
    time("closed_at", nullable=True),
    text("ended", nullable=True),
    sa.Column("requested", sa.JSON, nullable=False),
    text("note"),
    text("by"),
    text("level", nullable=True),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Index("ix_episodes_stage_due", "stage", "due_at"),
)

applications = table(
    "applications",
    # Append-only: what was taken down, by its sender's own id. One that has opened or joined an episode is never
    # overwritten; another text under the same id is kept beside it as a conflict.
    text("id", primary_key=True),
    text("digest", primary_key=True),
    sa.Column("conflict", sa.Boolean, nullable=False),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id"), nullable=False, index=True),
    # The Care Call that it has opened or joined; of a conflict none.
    sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=True),
    sa.Column("body", sa.JSON, nullable=False),
    text("by"),
    time("at"),
)

care_log = table(
    "care_log",
    # Append-only: each transition, whoever made it. `what` is a key of core.words ("care.log.…").
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("episode", sa.BigInteger, nullable=True, index=True),
    text("person", nullable=True, index=True),
    time("at"),
    text("what"),
    sa.Column("numbers", sa.JSON, nullable=False),
    text("who"),
)

# --- visits, assessment, plan

visits = table(
    "visits",
    # planned -> started -> arrived -> finished; planned | started -> missed | cancelled
    text("id", primary_key=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id"), nullable=True, index=True),
    text("person", sa.ForeignKey("persons.id"), index=True),
    text("area"),
    # intake, compulsory, follow_up
    text("kind"),
    text("reason"),
    text("state"),
    text("owner"),
    time("due_at"),
    time("told_at", nullable=True),
    time("planned_at", nullable=True),
    time("started_at", nullable=True),
    time("arrived_at", nullable=True),
    time("finished_at", nullable=True),
    # met, not_home, refused, gone
    text("outcome", nullable=True),
    sa.Column("record", sa.JSON, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    time("created_at"),
    # Those that are over are many, and their deadlines are nobody's business any more.
    sa.Index(
        "ix_visits_due",
        "due_at",
        sqlite_where=sa.text("state IN ('planned', 'started', 'arrived')"),
        postgresql_where=sa.text("state IN ('planned', 'started', 'arrived')"),
    ),
    sa.Index("ix_visits_owner", "owner", "state", "due_at", "finished_at", "area", "exercise"),
)

visit_versions = table(
    "visit_versions",
    # Every form that was sent for a visit, the one that stands and those that met it: none is lost.
    text("id", primary_key=True),
    text("visit", sa.ForeignKey("visits.id"), index=True),
    # The version it was written over; another than the visit's then: a conflict.
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("conflict", sa.Boolean, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    text("digest"),
    text("by"),
    time("at"),
)

assessments = table(
    "assessments",
    text("id", primary_key=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id"), nullable=False, index=True),
    text("instrument"),
    text("version"),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    text("level"),
    text("by"),
    time("at"),
)

plans = table(
    "plans",
    # draft -> agreed; draft | agreed -> replaced
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id"), nullable=False, index=True),
    text("state"),
    text("goals"),
    text("by"),
    time("at"),
    time("agreed_at", nullable=True),
)

plan_items = table(
    "plan_items",
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("plan", sa.BigInteger, sa.ForeignKey("plans.id"), nullable=False, index=True),
    text("service"),
    sa.Column("units", sa.Integer, nullable=False),
    time("start"),
    time("end"),
)

# --- providers' work

orders = table(
    "orders",
    # offered -> accepted -> done; offered -> declined | lapsed (both go back to the gu-office); offered | accepted ->
    # cancelled
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id"), nullable=False, index=True),
    sa.Column("item", sa.BigInteger, sa.ForeignKey("plan_items.id"), nullable=False, index=True),
    text("person", sa.ForeignKey("persons.id")),
    text("area"),
    text("service"),
    text("provider", sa.ForeignKey("providers.id"), index=True),
    sa.Column("units", sa.Integer, nullable=False),
    # As it was when the order was made, for one unit.
    sa.Column("price_won", sa.BigInteger, nullable=False),
    time("start"),
    time("end"),
    text("state"),
    text("owner"),
    time("due_at", nullable=True, index=True),
    time("offered_at"),
    time("decided_at", nullable=True),
    text("decided_by", nullable=True),
    text("reason", nullable=True),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Index(
        "uq_orders_live",
        "item",
        unique=True,
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'done')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'done')"),
    ),
)

tasks = table(
    "tasks",
    # assigned -> done | missed | cancelled
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("order", sa.BigInteger, sa.ForeignKey("orders.id"), nullable=False, index=True),
    # The provider's own id for it: given twice, it is one task.
    text("key", unique=True),
    text("worker", index=True),
    sa.Column("units", sa.Integer, nullable=False),
    time("planned_at"),
    time("due_at", nullable=True, index=True),
    text("state"),
    text("by"),
    time("at"),
)

records = table(
    "records",
    # Never changes: what was really done. Another text under the same id is kept as a conflict.
    text("id", primary_key=True),
    sa.Column("order", sa.BigInteger, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("task", sa.BigInteger, sa.ForeignKey("tasks.id"), nullable=True, index=True),
    text("provider", index=True),
    text("worker"),
    time("start"),
    time("end"),
    # done, closed_door, refused, hospital
    text("outcome"),
    sa.Column("units", sa.Integer, nullable=False),
    text("note"),
    # Something to worry about: it raises a signal. NULL: nothing.
    text("worry", nullable=True),
    text("digest"),
    time("received_at"),
    # All that a report asks of a record: a year's are summed up from the index alone.
    sa.Index("ix_records_work", "order", "outcome", "start", "units"),
)

record_conflicts = table(
    "record_conflicts",
    # What was sent under the id of a record that stands, or did not fit its order: none is lost.
    text("record", primary_key=True),
    text("digest", primary_key=True),
    sa.Column("body", sa.JSON, nullable=False),
    time("at"),
)

hooks = table(
    "hooks",
    # queued -> delivered | failed: what a provider's own software is told, as a signed CloudEvent.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    text("key", unique=True),
    text("provider", sa.ForeignKey("providers.id")),
    sa.Column("body", sa.JSON, nullable=False),
    text("state"),
    sa.Column("attempts", sa.Integer, nullable=False),
    time("created_at"),
    time("due_at", index=True),
    text("last_error", nullable=True),
)

# --- claims and money

claims = table(
    "claims",
    # submitted -> verified -> approved -> paid; submitted -> returned -> submitted; returned -> withdrawn
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    text("key", unique=True),
    text("provider", sa.ForeignKey("providers.id"), index=True),
    text("city"),
    text("gu", index=True),
    text("state"),
    sa.Column("won", sa.BigInteger, nullable=False),
    text("owner"),
    time("due_at", nullable=True, index=True),
    # As it was handed in: {"provider", "records", "by"}. The same key with anything else is another claim.
    sa.Column("sent", sa.JSON, nullable=False),
    # Whoever has ever handed it in; none of them may judge or pay it.
    sa.Column("submitters", sa.JSON, nullable=False),
    text("submitted_by"),
    time("submitted_at"),
    text("verified_by", nullable=True),
    time("verified_at", nullable=True),
    text("approved_by", nullable=True),
    time("approved_at", nullable=True),
    text("paid_by", nullable=True),
    time("paid_at", nullable=True),
    text("reason", nullable=True),
    sa.Column("exercise", sa.Boolean, nullable=False),
)

claim_items = table(
    "claim_items",
    # A record is claimed once, by one claim.
    text("record", sa.ForeignKey("records.id"), primary_key=True),
    sa.Column("claim", sa.BigInteger, sa.ForeignKey("claims.id"), nullable=False, index=True),
    sa.Column("won", sa.BigInteger, nullable=False),
)

entries = table(
    "entries",
    # Append-only, as are its postings: one for each paid claim.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("claim", sa.BigInteger, sa.ForeignKey("claims.id"), nullable=False, unique=True),
    text("city"),
    sa.Column("year", sa.Integer, nullable=False),
    time("at"),
    text("by"),
    sa.Index("ix_entries_city_year", "city", "year"),
)

postings = table(
    "postings",
    # The sum of an entry's is nought. Accounts: `provider:ID` (+: it receives), `city:CODE`, `gu:AREA` (-: they pay).
    sa.Column("entry", sa.BigInteger, sa.ForeignKey("entries.id"), primary_key=True),
    text("account", primary_key=True),
    sa.Column("won", sa.BigInteger, nullable=False),
)

budget_decisions = table(
    "budget_decisions",
    # Append-only: what was decided beyond the year's budget, and why.
    text("id", primary_key=True),
    text("city"),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("won", sa.BigInteger, nullable=False),
    text("reason"),
    text("by"),
    time("at"),
)

money_conflicts = table(
    "money_conflicts",
    # Append-only: what came under the id of another claim ("claim:KEY") or decision ("decision:ID").
    text("key", primary_key=True),
    text("digest", primary_key=True),
    sa.Column("body", sa.JSON, nullable=False),
    time("at"),
)
