"""Calls people through somebody else's service: a signed POST."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

import httpx
import msgspec

from alerts.channels import Answer, Failed, Message, Retry, Sent

TIMEOUT_S = 4.0


class Webhook:
    """POSTs the message as JSON to its address.

    `Anbu-Signature: t=SECONDS,v1=HEX` is HMAC-SHA256 over `SECONDS.BODY` with the shared secret, `SECONDS` the time of
    the attempt since 1970: the receiver refuses what is old. `Idempotency-Key` is the same at every attempt.
    """

    def __init__(self, secret: str, now: Callable[[], datetime], timeout_s: float = TIMEOUT_S) -> None:
        self._secret, self._now = secret.encode(), now
        # A redirect would carry a signed body to another's door.
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False)

    def send(self, message: Message) -> Answer:
        body = msgspec.json.encode(message)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "Anbu-Signature": signature(self._secret, int(self._now().timestamp()), body),
        }
        try:
            response = self._client.post(message.address, content=body, headers=headers)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return Failed(f"address: {error}")
        except httpx.HTTPError as error:
            return Retry(type(error).__name__)
        if response.is_success:
            return Sent()
        why = f"HTTP {response.status_code}"
        if response.status_code in (408, 425, 429) or response.is_server_error:
            return Retry(why, _retry_after_s(response))
        return Failed(why)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The value of the signature header; a receiver computes it anew and compares."""
    digest = hmac.new(secret, f"{seconds}.".encode() + body, "sha256").hexdigest()
    return f"t={seconds},v1={digest}"


def _retry_after_s(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0  # the header's other form, a date, is another clock's word
