"""Passkeys: a key in somebody's telephone or computer, which opens with their finger or PIN and cannot be phished."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
import webauthn
from sqlalchemy.engine import Connection
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from access import challenges
from access.accounts import Account
from core.care import Refused
from store.account_tables import passkeys

MOST = 20
_NEW, _LOGIN = "passkey-new", "passkey"
_TIMEOUT_MS = 120_000
# What the library makes of bytes that no browser has sent.
_BROKEN = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, EOFError, struct.error)


class Place(msgspec.Struct, frozen=True):
    """Where passkeys hold: the host's name, and the origin that the browser must name."""

    host: str
    origin: str


class Passkey(msgspec.Struct, frozen=True):
    """One row of `passkeys`, without its key."""

    id: str
    account: str
    name: str
    created_at: datetime
    used_at: datetime | None


_COLUMNS = [passkeys.c[name] for name in Passkey.__struct_fields__]


def begin_new(tx: Connection, account: Account, place: Place, now: datetime) -> tuple[str, dict[str, Any]] | Refused:
    """What a browser is told to make a passkey with, and the word that it brings back."""
    mine = of(tx, account.id)
    if len(mine) >= MOST:
        return Refused("passkey_many", {"most": MOST})
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name="Anbu",
        user_id=account.id.encode(),
        user_name=account.login,
        user_display_name=account.name,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in mine],
    )
    word = challenges.begin(tx, _NEW, _kept(options.challenge, place), now, account.id)
    return word, options_to_json_dict(options)


def add(
    tx: Connection, account: Account, word: str, credential: dict[str, Any], name: str, now: datetime
) -> Passkey | Refused:
    """Take in the passkey that a browser has made."""
    begun = challenges.take(tx, _NEW, word, now)
    if begun is None or begun.account != account.id:
        return Refused("challenge")
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(begun.body["challenge"]),
            expected_rp_id=begun.body["host"],
            expected_origin=begun.body["origin"],
            require_user_verification=True,
        )
    except _BROKEN:
        return Refused("passkey")
    id = bytes_to_base64url(made.credential_id)
    if _row(tx, id) is not None:
        return Refused("passkey")
    tx.execute(
        sa.insert(passkeys).values(
            id=id, account=account.id, name=name, sign_count=made.sign_count, created_at=now,
            public_key=bytes_to_base64url(made.credential_public_key),
        )
    )  # fmt: skip
    return Passkey(id, account.id, name, now, None)


def begin_login(tx: Connection, place: Place, now: datetime) -> tuple[str, dict[str, Any]]:
    """What a browser is told to log in with; who it will be, the passkey says."""
    options = webauthn.generate_authentication_options(
        rp_id=place.host, timeout=_TIMEOUT_MS, user_verification=UserVerificationRequirement.REQUIRED
    )
    return challenges.begin(tx, _LOGIN, _kept(options.challenge, place), now), options_to_json_dict(options)


def login(tx: Connection, word: str, credential: dict[str, Any], now: datetime) -> str | Refused:
    """The id of the account that a passkey opens."""
    begun = challenges.take(tx, _LOGIN, word, now)
    if begun is None:
        return Refused("challenge")
    id = credential.get("id")
    row = _row(tx, id) if isinstance(id, str) else None
    if row is None:
        return Refused("passkey")
    try:
        proved = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(begun.body["challenge"]),
            expected_rp_id=begun.body["host"],
            expected_origin=begun.body["origin"],
            credential_public_key=base64url_to_bytes(row.public_key),
            # One that counts backwards is a copy.
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
        # Nobody was named: whose it is, the passkey itself must say.
        if base64url_to_bytes(credential["response"]["userHandle"]) != row.account.encode():
            return Refused("passkey")
    except _BROKEN:
        return Refused("passkey")
    used = {"sign_count": proved.new_sign_count, "used_at": now}
    tx.execute(sa.update(passkeys).where(passkeys.c.id == row.id).values(used))
    account: str = row.account
    return account


def of(tx: Connection, account: str) -> list[Passkey]:
    """The passkeys of an account, the oldest first."""
    query = sa.select(*_COLUMNS).where(passkeys.c.account == account).order_by(passkeys.c.created_at, passkeys.c.id)
    return [Passkey(**row) for row in tx.execute(query).mappings()]


def remove(tx: Connection, account: str, id: str) -> bool:
    """It opens nothing more; False: the account has none of this id."""
    mine = sa.and_(passkeys.c.account == account, passkeys.c.id == id)
    return bool(tx.execute(sa.delete(passkeys).where(mine)).rowcount)


def _kept(challenge: bytes, place: Place) -> dict[str, Any]:
    return {"challenge": bytes_to_base64url(challenge), "host": place.host, "origin": place.origin}


def _row(tx: Connection, id: str) -> sa.Row[Any] | None:
    return tx.execute(sa.select(passkeys).where(passkeys.c.id == id)).first()
