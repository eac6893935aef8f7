"""Tells providers' own software of orders and claims: signed CloudEvents, queued with the deed and sent after it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import journal
from care.addresses import barred, may_call
from core.clock import Clock
from core.signed import HEADER, signature
from store.care_tables import hooks
from store.database import Database, insert_new
from store.pack_tables import providers

TIMEOUT_S = 4.0
BATCH = 16
WORKERS = 8
CLAIM = timedelta(seconds=60)
"""A sender that died lets its rows go after this."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
GIVE_UP = timedelta(hours=24)
CONTENT_TYPE = "application/cloudevents+json"

Post = Callable[[str, bytes, Mapping[str, str]], str]
"""(url, body, headers): "" where it was taken, else why not, in a word or two."""


def queue(tx: Connection, provider: str, type: str, subject: str, data: Mapping[str, Any], now: datetime) -> bool:
    """Tell a provider's software `care.TYPE` about `subject`; `data` holds ids and numbers, nothing about a person.

    The same deed at the same moment is told once. False: the provider has no such software.
    """
    url = tx.scalar(sa.select(providers.c.hook_url).where(providers.c.id == provider))
    if not url:
        return False
    key = f"{type}/{subject}/{now:%Y%m%dT%H%M%S.%fZ}"
    body = {
        "specversion": "1.0",
        "id": key,
        "source": "/api/care",
        "type": f"care.{type}",
        "subject": subject,
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    row = {
        "key": key,
        "provider": provider,
        "body": body,
        "state": "queued",
        "attempts": 0,
        "created_at": now,
        "due_at": now,
    }
    tx.execute(insert_new(hooks, tx.dialect.name).values(row))
    return True


def wait_after(attempts: int) -> timedelta:
    """How long after so many attempts the next one comes."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 12)), LONGEST_WAIT)


def post(url: str, body: bytes, headers: Mapping[str, str], *, loopback: bool = False) -> str:
    """Send it over HTTP, to an address that was looked up and judged just now, and to no other.

    `loopback`: this machine itself may be told.
    """
    if not may_call(url, loopback=loopback):
        return "address"
    try:
        parsed = httpx.URL(url)
        address = _address(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80), loopback)
        if address is None:
            return "address"
        # A name that is looked up twice may lead to two places.
        there = {"Host": parsed.netloc.decode("ascii"), **headers}
        with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            known = {"sni_hostname": parsed.raw_host.decode("ascii")}
            answer = client.post(parsed.copy_with(host=address), content=body, headers=there, extensions=known)
    except (httpx.InvalidURL, UnicodeError):
        return "address"
    except (httpx.HTTPError, OSError) as error:
        return type(error).__name__
    return "" if answer.is_success else f"HTTP {answer.status_code}"


def _address(host: str, port: int, loopback: bool) -> str | None:
    """Where a name leads; None where any of its addresses is barred."""
    found = sorted({str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    bad = any(barred(ipaddress.ip_address(one), loopback=loopback) for one in found)
    mine = not loopback and any(_is_ours(one) for one in found)
    return None if bad or mine or not found else found[0]


def _is_ours(address: str) -> bool:
    """Whether an address is one of this machine's: only on such can one listen."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class Hooks:
    """The sender of one process. Delivery is at least once, under the same id; it gives up after a day."""

    def __init__(self, db: Database, clock: Clock, post: Post = post) -> None:
        self._db, self._clock, self._post = db, clock, post

    def step(self) -> int:
        """Send what is due, outside any transaction, and write down what became of it. How many were tried."""
        claimed = self._claim()
        if not claimed:
            return 0
        with ThreadPoolExecutor(WORKERS, "hooks") as pool:
            answers = list(pool.map(self._send, claimed))
        with self._db.write() as tx:
            now = self._clock.now()
            for row, why in zip(claimed, answers, strict=True):
                _settle(tx, row, why, now)
        return len(claimed)

    def _claim(self) -> list[Any]:
        due = sa.select(hooks, providers.c.hook_url, providers.c.hook_secret)
        due = due.join(providers, providers.c.id == hooks.c.provider)
        now = self._clock.now()
        due = due.where(hooks.c.state == "queued", hooks.c.due_at <= now).order_by(hooks.c.due_at, hooks.c.id)
        with self._db.read() as tx:
            if tx.execute(due.limit(1)).first() is None:
                return []
        with self._db.write() as tx:
            rows = list(tx.execute(due.limit(BATCH)))
            for row in rows:
                claim = {"attempts": row.attempts + 1, "due_at": now + CLAIM}
                tx.execute(sa.update(hooks).where(hooks.c.id == row.id).values(claim))
        return rows

    def _send(self, row: Any) -> str:
        if not row.hook_url or not row.hook_secret:
            return "address"
        body = msgspec.json.encode(row.body)
        signed = signature(row.hook_secret.encode(), int(self._clock.now().timestamp()), body)
        headers = {"Content-Type": CONTENT_TYPE, "Idempotency-Key": row.key, HEADER: signed}
        return self._post(row.hook_url, body, headers)


def _settle(tx: Connection, row: Any, why: str, now: datetime) -> None:
    again = now + wait_after(row.attempts + 1)
    values: dict[str, Any] = {"state": "queued", "due_at": again, "last_error": why or None}
    if not why:
        values |= {"state": "delivered", "due_at": now}
    elif again >= row.created_at + GIVE_UP:
        values |= {"state": "failed", "due_at": now}
        journal.note(tx, "hook_failed", now, "", provider=row.provider, hook=row.key)
    tx.execute(sa.update(hooks).where(hooks.c.id == row.id, hooks.c.state == "queued").values(values))
