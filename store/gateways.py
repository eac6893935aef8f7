"""Which gateways may speak for a home: claim codes, secrets of which only a hash is kept, and who changed what when.

    registered -> claimed -> (rotating -> claimed)* -> revoked -> a new code -> claimed

A secret is 256 random bits, so a slow hash would protect nothing. Its hash has the form in which Mosquitto keeps one
(PBKDF2 with SHA-512, a salt for each), so that a broker that has lost its accounts can be given them back from here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.people import valid_id
from core.signals import Evidence
from store.tables import gateway_log
from store.tables import gateways as table

CODE_LIFE = timedelta(hours=72)
MOST_TRIES = 10
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes in base64url: what a gateway makes for itself."""
SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
RESERVED = frozenset({"city", "admin", "anbu"})
"""Names of accounts at a broker that are no gateway's."""
_ITERATIONS = 101
_SALT_BYTES = 12
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without letters that pass for others
_CODE_LETTERS = 16
_LOOKS_LIKE = str.maketrans("OIL", "011", "- ")


def claim_link(city: str, serial: str, code: str) -> str:
    """What the QR code says. The code stands behind the `#`: no browser sends it to a server that logs addresses."""
    return f"{city.rstrip('/')}/claim#{urlencode({'serial': serial, 'code': code})}"


class Gateway(msgspec.Struct, frozen=True):
    """A registered gateway. `secret`: its hash; `next_secret`: one more that is valid until it is first used."""

    id: str
    serial: str
    code_hash: str | None
    code_expires_at: datetime | None
    code_used_at: datetime | None
    wrong_tries: int
    secret: str | None
    next_secret: str | None
    registered_at: datetime
    claimed_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None
    revision: int

    @property
    def admitted(self) -> bool:
        """Whether it may speak now."""
        return self.secret is not None and self.revoked_at is None


class Change(msgspec.Struct, frozen=True):
    """One line of a gateway's history; `what` is the last part of a key `enrol.log.…` of the vocabulary."""

    gateway: str
    at: datetime
    what: str
    who: str


class Refusal(StrEnum):
    """Why a claim was not granted."""

    WRONG = "wrong"
    EXPIRED = "expired"
    USED = "used"


def hash_secret(secret: str, salt: bytes = b"") -> str:
    """`iterations$salt$hash`, the latter two in base64, as Mosquitto's dynamic security has them."""
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, _ITERATIONS)
    return f"{_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def secret_is(secret: str, kept: str | None) -> bool:
    """Whether `secret` is the one whose hash is kept."""
    if kept is None:
        return False
    return hmac.compare_digest(hash_secret(secret, base64.b64decode(kept.split("$")[1])), kept)


def _hash_code(code: str) -> str:
    return hashlib.sha256(code.upper().translate(_LOOKS_LIKE).encode()).hexdigest()


# --- reading


def gateway(tx: Connection, id: str) -> Gateway | None:
    return _one(tx, table.c.id == id)


def all_gateways(tx: Connection) -> list[Gateway]:
    return [_gateway(row) for row in tx.execute(sa.select(table).order_by(table.c.id)).mappings()]


def changed_since(tx: Connection, revision: int) -> list[Gateway]:
    """Those that have changed after `revision`, the newest change last; begin with 0."""
    query = sa.select(table).where(table.c.revision > revision).order_by(table.c.revision)
    return [_gateway(row) for row in tx.execute(query).mappings()]


def history(tx: Connection, id: str) -> list[Change]:
    """What happened to a gateway's enrolment, the oldest first."""
    log = gateway_log.c
    query = sa.select(log.gateway, log.at, log.what, log.who).where(log.gateway == id).order_by(log.id)
    return [Change(**row) for row in tx.execute(query).mappings()]


# --- from one database into another


class Keys(msgspec.Struct, frozen=True):
    """All that is known of gateways, as rows."""

    gateways: list[dict[str, Any]]
    history: list[dict[str, Any]]


def read_keys(tx: Connection) -> Keys:
    gateways, history = (
        [dict(row) for row in tx.execute(sa.select(one).order_by(one.c.id)).mappings()] for one in (table, gateway_log)
    )
    return Keys(gateways, history)


def put_keys(tx: Connection, keys: Keys) -> None:
    """Let `keys` be all that is known."""
    tx.execute(sa.delete(gateway_log))
    tx.execute(sa.delete(table))
    if keys.gateways:
        tx.execute(sa.insert(table), keys.gateways)
    if keys.history:
        tx.execute(sa.insert(gateway_log), [{n: v for n, v in row.items() if n != "id"} for row in keys.history])


# --- what an operator does


def register(tx: Connection, id: str, serial: str, by: str, now: datetime) -> str | Evidence:
    """Make a gateway known; its claim code, which is kept nowhere, or why not."""
    if not valid_id(id) or id in RESERVED:
        return Evidence("enrol.bad_id", {"id": id[:64]})
    serial = serial or id
    if SERIAL.fullmatch(serial) is None:
        return Evidence("enrol.bad_serial", {"serial": serial[:64]})
    other = _one(tx, sa.or_(table.c.id == id, table.c.serial == serial))
    if other is not None:
        return Evidence("enrol.known", {"id": other.id})
    row = {"id": id, "serial": serial, "wrong_tries": 0, "registered_at": now, "revision": _next_revision(tx)}
    tx.execute(sa.insert(table).values(row))
    _note(tx, id, "registered", by, now)
    return _fresh_code(tx, id, now)


def new_code(tx: Connection, id: str, by: str, now: datetime) -> str | Evidence:
    """Another claim code, for a box that was changed or a code that ran out. What is in force stays so until then."""
    if gateway(tx, id) is None:
        return Evidence("enrol.unknown", {"id": id[:64]})
    _note(tx, id, "new_code", by, now)
    return _fresh_code(tx, id, now)


def revoke(tx: Connection, id: str, by: str, now: datetime) -> Evidence | None:
    """From this commit on its secret and its code are worth nothing. None: done."""
    if gateway(tx, id) is None:
        return Evidence("enrol.unknown", {"id": id[:64]})
    _change(tx, id, secret=None, next_secret=None, code_hash=None, code_expires_at=None, revoked_at=now)
    _note(tx, id, "revoked", by, now)
    return None


# --- what a gateway does


def claim(tx: Connection, serial: str, code: str, secret: str, now: datetime) -> Gateway | Refusal:
    """Take `secret` for the gateway of this serial where the code is right; the gateway as it is then.

    The same claim again, because the answer was lost, is granted again. Refusals are written down, so commit them.
    """
    found = _one(tx, table.c.serial == serial) if SERIAL.fullmatch(serial) else None
    known = None if found is None else found.code_hash
    right = hmac.compare_digest(_hash_code(code), known or "0" * 64)
    if found is None or known is None:
        return Refusal.WRONG
    if not right:
        tries = found.wrong_tries + 1
        if tries >= MOST_TRIES:
            _change(tx, found.id, wrong_tries=tries, code_hash=None, code_expires_at=None)
            _note(tx, found.id, "code_locked", serial, now)
        else:
            _change(tx, found.id, wrong_tries=tries)
        return Refusal.WRONG
    if found.code_used_at is not None:
        if secret_is(secret, found.secret):
            return found
        _change(tx, found.id, code_hash=None)  # who has it must not fill the history
        _note(tx, found.id, "claimed_twice", serial, now)
        return Refusal.USED
    if found.code_expires_at is None or now >= found.code_expires_at:
        return Refusal.EXPIRED
    _change(
        tx, found.id, secret=hash_secret(secret), next_secret=None, code_used_at=now, claimed_at=now, rotated_at=None,
        revoked_at=None, wrong_tries=0,
    )  # fmt: skip
    _note(tx, found.id, "claimed", serial, now)
    return _one(tx, table.c.id == found.id) or Refusal.WRONG


def knows(tx: Connection, id: str, secret: str) -> Gateway | None:
    """The gateway, where it may speak and this is a secret of its own: the one in force, or the next."""
    found = gateway(tx, id) if valid_id(id) else None
    if found is None or not found.admitted:
        return None
    return found if secret_is(secret, found.secret) or secret_is(secret, found.next_secret) else None


def rotate(tx: Connection, id: str, secret: str, now: datetime) -> None:
    """`secret` is valid beside the one in force, until it is first used: a lost answer locks nobody out."""
    _change(tx, id, next_secret=hash_secret(secret))
    _note(tx, id, "rotating", id, now)


def put_in_force(tx: Connection, id: str, now: datetime) -> None:
    """The next secret has been used: the former one is worth nothing from this commit on."""
    _change(tx, id, secret=table.c.next_secret, next_secret=None, rotated_at=now)
    _note(tx, id, "rotated", id, now)


# --- rows


def _gateway(row: Any) -> Gateway:
    return Gateway(**{name: row[name] for name in Gateway.__struct_fields__})


def _one(tx: Connection, where: sa.ColumnElement[bool]) -> Gateway | None:
    row = tx.execute(sa.select(table).where(where).limit(1)).mappings().one_or_none()
    return None if row is None else _gateway(row)


def _next_revision(tx: Connection) -> int:
    return (tx.scalar(sa.select(sa.func.max(table.c.revision))) or 0) + 1


def _change(tx: Connection, id: str, **values: Any) -> None:
    tx.execute(sa.update(table).where(table.c.id == id).values(revision=_next_revision(tx), **values))


def _note(tx: Connection, id: str, what: str, who: str, now: datetime) -> None:
    tx.execute(sa.insert(gateway_log).values(gateway=id, at=now, what=what, who=who))


def _fresh_code(tx: Connection, id: str, now: datetime) -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS))
    _change(
        tx, id, code_hash=_hash_code(letters), code_expires_at=now + CODE_LIFE, code_used_at=None, wrong_tries=0,
    )  # fmt: skip
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LETTERS, 4))
