"""The tables of who may come in: accounts and their keys, sessions, loans, and the audit of what they saw.

Times of sessions, tokens and the audit are real time, also where a demo's hours run faster than a person's.
"""

from __future__ import annotations

import sqlalchemy as sa

from store.columns import BigId, table, text, time

accounts = table(
    "accounts",
    # active -> disabled -> active; never deleted: the audit names them
    text("id", primary_key=True),
    # What is typed at the log-in, compared by `core.care.who`.
    text("login", unique=True),
    text("name"),
    # access.roles.Role
    text("role"),
    # A prefix: what lies below it is theirs. Empty: the role reaches by something else.
    text("area"),
    # Who they are on the ladder and in the chain; null: nobody there.
    text("member", sa.ForeignKey("members.id"), nullable=True, index=True),
    text("provider", sa.ForeignKey("providers.id"), nullable=True),
    text("language"),
    # argon2id; null: they come in by a passkey or by the organisation's own log-in.
    text("password", nullable=True),
    # "ISSUER SUBJECT" of OpenID Connect.
    text("subject", nullable=True, unique=True),
    sa.Column("active", sa.Boolean, nullable=False),
    time("created_at"),
    time("password_at", nullable=True),
)

account_homes = table(
    "account_homes",
    # Of a resident or a relative.
    text("account", sa.ForeignKey(accounts.c.id), primary_key=True),
    text("home", sa.ForeignKey("homes.id", ondelete="CASCADE"), primary_key=True),
)

passkeys = table(
    "passkeys",
    # base64url of the credential's id.
    text("id", primary_key=True),
    text("account", sa.ForeignKey(accounts.c.id), index=True),
    text("name"),
    text("public_key"),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    time("created_at"),
    time("used_at", nullable=True),
)

challenges = table(
    "challenges",
    # Of a passkey or of OpenID Connect: made for one use, within minutes. SHA-256 of what the browser holds.
    text("id", primary_key=True),
    text("kind"),
    text("account", nullable=True),
    sa.Column("body", sa.JSON, nullable=False),
    time("ends_at", index=True),
)

sessions = table(
    "sessions",
    # SHA-256 of the cookie.
    text("id", primary_key=True),
    text("account", sa.ForeignKey(accounts.c.id), index=True),
    # password, passkey, oidc
    text("how"),
    text("agent"),
    time("created_at"),
    # When it was last used, to the minute.
    time("seen_at"),
    time("ends_at"),
    time("ended_at", nullable=True),
)

tokens = table(
    "tokens",
    text("id", primary_key=True),
    # SHA-256 of the token; it is shown once.
    text("hash", unique=True),
    text("account", sa.ForeignKey(accounts.c.id), index=True),
    text("name"),
    # Names of access.roles.Permission: a part of what the account may.
    sa.Column("permissions", sa.JSON, nullable=False),
    time("created_at"),
    time("ends_at"),
    time("used_at", nullable=True),
    time("ended_at", nullable=True),
)

grants = table(
    "grants",
    # Break-glass: one home's or person's data, for a reason and some hours.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    text("account", sa.ForeignKey(accounts.c.id)),
    # home, person
    text("kind"),
    text("object"),
    text("area"),
    text("reason"),
    time("start"),
    time("end"),
    # The supervisor who has looked at it.
    text("seen_by", nullable=True),
    time("seen_at", nullable=True),
    sa.Index("ix_grants_account", "account", "end"),
)

viewer_consents = table(
    "viewer_consents",
    # The person's word on what one viewer may see: the newest line of (person, viewer, purpose) holds.
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    text("person", sa.ForeignKey("persons.id")),
    # An account's id.
    text("viewer", sa.ForeignKey(accounts.c.id)),
    # access.roles.Purpose
    text("purpose"),
    # given, withdrawn
    text("state"),
    text("by"),
    time("at"),
    sa.Index("ix_viewer_consents_viewer", "viewer", "person", "purpose", "id"),
)

push_subscriptions = table(
    "push_subscriptions",
    # SHA-256 of the endpoint.
    text("id", primary_key=True),
    text("account", sa.ForeignKey(accounts.c.id), index=True),
    text("endpoint"),
    text("p256dh"),
    text("auth"),
    time("created_at"),
    # The push service said that it is gone.
    time("ended_at", nullable=True),
)

audit = table(
    "audit",
    # Append-only, by triggers; each row's hash covers the one before it.
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    time("at"),
    # An account's id; "": nobody who was known.
    text("account", index=True),
    text("role"),
    # What was asked for: an access.roles.Permission, or login, logout, denied, …
    text("action"),
    # access.visible.Kind and the object's id; "": a list, or nothing.
    text("kind"),
    text("object"),
    # Whom it was about, where that is one person or home.
    text("about"),
    # Method and path as they were asked for, without what could be a person's words.
    text("request"),
    # A break-glass's reason, a denial's code.
    text("reason"),
    text("hash"),
    sa.Index("ix_audit_about", "about", "at"),
    sa.Index("ix_audit_at", "at"),
)
