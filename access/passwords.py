"""Passwords: which are good enough, kept as argon2id, and asked for without saying whether somebody exists."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from access.common_passwords import is_common
from core.care import Refused, who

LEAST, MOST = 12, 128
# RFC 9106's second choice; each takes 64 MiB, so few at a time.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_AT_ONCE, _WAITING = 2, 10
_turns = threading.BoundedSemaphore(_AT_ONCE)
_queue = threading.BoundedSemaphore(_WAITING)


class Busy(Exception):
    """So many log in just now that one more would only wait."""


def fresh(password: str, login: str, name: str) -> str | Refused:
    """What is kept of a new password, or why it is not good enough. It takes its time: not for a transaction.

    Raises Busy.
    """
    return fault(password, login, name) or hashed(password)


def hashed(password: str) -> str:
    """What is kept of a password. Raises Busy."""
    with _turn():
        return _HASHER.hash(_plain(password))


def holds(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; as much work where there is none. Raises Busy."""
    with _turn():
        try:
            return _HASHER.verify(kept or _nobodys(), _plain(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Whether it was kept with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def generated() -> str:
    """A password for somebody's first log-in: 100 bits, in letters that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    while True:
        made = "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
        if fault(made, "", "") is None:
            return made


def fault(password: str, login: str, name: str) -> Refused | None:
    """Why a password is not good enough; None: it is."""
    plain = _plain(password)
    if not LEAST <= len(plain) <= MOST:
        return Refused("password_length", {"least": LEAST, "most": MOST})
    compared = who(plain)
    own = {who(login), who(name), "anbu", *re.split(r"[._@+-]", who(login))}
    without = compared
    for word in sorted(own, key=len, reverse=True):
        without = without.replace(word, "") if len(word) >= 3 else without  # shorter ones are in many words
    if without != compared and (len(without) < LEAST // 2 or is_common(without)):
        return Refused("password_own_name")
    if is_common(compared):
        return Refused("password_common")
    return None


def _plain(password: str) -> str:
    # Two keyboards write one letter in two ways.
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))


@contextmanager
def _turn() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise Busy
    try:
        with _turns:
            yield
    finally:
        _queue.release()
