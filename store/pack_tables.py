"""The tables of what a city pack brings: services, providers, instruments, and what a district may say otherwise."""

from __future__ import annotations

import sqlalchemy as sa

from store.columns import table, text, time

# `body` is the pack's rules as care/rules.py reads them; a pack loaded again changes rows and deletes none.
packs = table(
    "packs",
    text("city", primary_key=True),
    text("version"),
    time("loaded_at"),
    sa.Column("body", sa.JSON, nullable=False),
)

services = table(
    "services",
    text("city", primary_key=True),
    text("code", primary_key=True),
    text("name_ko"),
    text("name_en"),
    # visit, hour, meal, day, trip
    text("unit"),
    sa.Column("price_won", sa.BigInteger, nullable=False),
    # By whom: private or public institutions.
    text("by"),
    # When: any, office, off_hours (nights, weekends, public holidays).
    text("hours"),
    sa.Column("most_units", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)

providers = table(
    "providers",
    text("id", primary_key=True),
    text("city", index=True),
    text("name_ko"),
    text("name_en"),
    text("kind"),
    # Area code paths that it serves.
    sa.Column("areas", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    # Where its own software hears of orders; the secret signs what it is told.
    text("hook_url", nullable=True),
    text("hook_secret", nullable=True),
)

provider_services = table(
    "provider_services",
    text("provider", sa.ForeignKey("providers.id"), primary_key=True),
    text("service", primary_key=True),
)

# The members (role `worker`) who deliver for a provider.
provider_staff = table(
    "provider_staff",
    text("member", sa.ForeignKey("members.id"), primary_key=True),
    text("provider", sa.ForeignKey("providers.id"), primary_key=True, index=True),
)

# What a district says otherwise than its city, of the keys that the city marks as overridable.
overrides = table(
    "overrides",
    text("area", primary_key=True),
    text("key", primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    time("at"),
    text("by"),
)

# Questionnaires; one that was answered never changes, another `version` takes its place.
instruments = table(
    "instruments",
    text("code", primary_key=True),
    text("version", primary_key=True),
    # care_level, satisfaction, quality_of_life
    text("kind"),
    sa.Column("body", sa.JSON, nullable=False),
    time("loaded_at"),
)

# The year's money of a city, integer won.
budgets = table(
    "budgets",
    text("city", primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("won", sa.BigInteger, nullable=False),
)
