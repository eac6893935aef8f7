"""Homes whose speaker belongs to somebody's cloud: the question is a signed POST to that cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx
import msgspec

from alerts.channels import Answer, Failed, Message
from alerts.channels.speaker import as_asked
from alerts.channels.webhook import TIMEOUT_S, post


class Address(msgspec.Struct, frozen=True):
    """Where a cloud takes questions, and the secret that it and the city share."""

    url: str
    secret: str


class Cloud:
    """POSTs what `down/ask` carries, and the `gateway` of the home, to the cloud of the address `CLOUD/GATEWAY`.

    The `Idempotency-Key` is `GATEWAY/ASK` at every attempt: a cloud puts a question once. What it takes is taken; what
    came of it is an answer that the cloud sends to the city.
    """

    def __init__(
        self, clouds: Mapping[str, Address], now: Callable[[], datetime], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._clouds, self._now = clouds, now
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False)

    def send(self, message: Message) -> Answer:
        name, _, gateway = message.address.partition("/")
        cloud = self._clouds.get(name)
        if message.ask is None:
            return Failed("nothing to say")
        if cloud is None:
            return Failed(f"no cloud {name!r} is set up here")
        body = msgspec.json.encode({"gateway": gateway, **as_asked(message, message.ask)})
        key = f"{gateway}/{message.ask.id}"
        return post(self._client, cloud.url, body, key, cloud.secret.encode(), self._now())

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()
