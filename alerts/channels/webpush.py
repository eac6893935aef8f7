"""Puts a notice on the browsers of who is called, by the push service of each (RFC 8030, 8291, 8292)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]  # it brings no types

from alerts.channels import Answer, Failed, Message, Retry, Sent
from store.account_tables import push_subscriptions
from store.database import Database

TIMEOUT_S = 3.5
KEPT_S = {"immediate": 600, "urgent": 1800, "soon": 21_600, "routine": 43_200}
"""So long a push service keeps what it cannot deliver: a call of last night must not ring this morning."""
URGENCY = {"immediate": "high", "urgent": "high", "soon": "normal", "routine": "low"}
SIGNED_S = 12 * 3600


def public_key(pem: bytes) -> str:
    """The key that browsers must be given to subscribe, of a private one in PEM: base64url, without padding."""
    point = Vapid02.from_pem(pem).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def new_key() -> bytes:
    """A new private key, in PEM."""
    vapid = Vapid02()
    vapid.generate_keys()
    pem: bytes = vapid.private_pem()
    return pem.strip()


class WebPush:
    """The address is a subscription's id. `subject` tells push services whom to write to: a mailto: or https: URL.

    What is sent is encrypted for the browser, and says no more than a lock screen may: no name, no place. Where the
    service calls a subscription gone, it is ended.
    """

    def __init__(self, db: Database, pem: bytes, subject: str, now: Callable[[], datetime]) -> None:
        self._db, self._vapid, self._subject, self._now = db, Vapid02.from_pem(pem), subject, now
        # A redirect would carry it to a door that nobody has subscribed at.
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def send(self, message: Message) -> Answer:
        from pywebpush import (  # type: ignore[import-untyped]  # no types; and large: for those who push alone
            WebPusher,
            WebPushException,
        )

        query = sa.select(push_subscriptions).where(
            push_subscriptions.c.id == message.address, push_subscriptions.c.ended_at.is_(None)
        )
        with self._db.read() as tx:
            row = tx.execute(query).first()
        if row is None:
            return Failed("the browser asks for none any more")
        said = {"text": message.text, "url": message.url, "case": message.case, "urgency": message.urgency}
        try:
            browser = {"endpoint": row.endpoint, "keys": {"p256dh": row.p256dh, "auth": row.auth}}
            body = WebPusher(browser).encode(msgspec.json.encode(said))["body"]
        except (WebPushException, ValueError, TypeError) as error:
            return self._gone(message.address, f"key: {type(error).__name__}")
        try:
            answer = self._client.post(row.endpoint, content=body, headers=self._headers(row.endpoint, message))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return self._gone(message.address, f"address: {error}")
        except httpx.HTTPError as error:
            return Retry(type(error).__name__)
        if answer.is_success:
            return Sent()
        why = f"HTTP {answer.status_code}"
        if answer.status_code in (404, 410):
            return self._gone(message.address, why)
        if answer.status_code in (408, 425, 429) or answer.is_server_error:
            after = answer.headers.get("Retry-After", "")
            return Retry(why, float(after) if after.isdigit() else 0.0)
        return Failed(why)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _headers(self, endpoint: str, message: Message) -> dict[str, str]:
        there = urlsplit(endpoint)
        claims = {
            "aud": f"{there.scheme}://{there.netloc}",
            "exp": int(self._now().timestamp()) + SIGNED_S,
            "sub": self._subject,
        }
        signed: dict[str, str] = self._vapid.sign(claims)
        return {
            **signed,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S.get(message.urgency, KEPT_S["urgent"])),
            "Urgency": URGENCY.get(message.urgency, "normal"),
            "Topic": f"case-{message.case}",  # a later notice of a case stands in the place of the one before
        }

    def _gone(self, subscription: str, why: str) -> Failed:
        ended = sa.update(push_subscriptions).where(push_subscriptions.c.id == subscription)
        with self._db.write() as tx:
            tx.execute(ended.values(ended_at=self._now()))
        return Failed(why)
