"""Calls people through somebody else's service: a signed POST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import httpx
import msgspec

from alerts.channels import Answer, Failed, Message, Retry, Sent
from core.signed import HEADER, signature

TIMEOUT_S = 4.0


class Webhook:
    """POSTs the message as JSON to its address.

    It is signed with the shared secret at each attempt (`core.signed`): the receiver refuses what is old.
    `Idempotency-Key` is the same at every attempt.
    """

    def __init__(self, secret: str, now: Callable[[], datetime], timeout_s: float = TIMEOUT_S) -> None:
        self._secret, self._now = secret.encode(), now
        # A redirect would carry a signed body to another's door.
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False)

    def send(self, message: Message) -> Answer:
        body = msgspec.json.encode(message)
        return post(self._client, message.address, body, message.key, self._secret, self._now())

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()


def post(client: httpx.Client, url: str, body: bytes, key: str, secret: bytes, now: datetime) -> Answer:
    """Send a signed JSON body once; `key` is the same at every attempt."""
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        HEADER: signature(secret, int(now.timestamp()), body),
    }
    try:
        response = client.post(url, content=body, headers=headers)
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


def _retry_after_s(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0  # the header's other form, a date, is another clock's word
