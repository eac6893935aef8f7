"""The other way to the city: what is urgent goes by HTTPS when its broker does not take it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import httpx

from core.events import Event
from wire.codec import encode_batch
from wire.errand import Errand, Pause
from wire.receipt import Receipt, decode_receipt
from wire.trust import trusting

log = logging.getLogger(__name__)

PATH = "/api/gateway/events"
_TIMEOUT_S = 5.0
_PAUSE_S = (1.0, 30.0)


class Byway:
    """One post at a time, in a thread of its own: `turn` often. The answer is a receipt, and follows the commit."""

    def __init__(self, api: str, gateway: str, secret: str, authority: str = "") -> None:
        """`api`: the city's `https://host[:port]`; the gateway's credential there is that at the broker. `authority`: a
        certificate (PEM) to trust beside the system's.
        """
        self._url = f"{api.rstrip('/')}{PATH}"
        self._client = httpx.Client(
            auth=(gateway, secret), timeout=_TIMEOUT_S, verify=trusting(authority), trust_env=False
        )
        self._body = b""
        self._post = Errand(self._go)
        self._posting = False
        self._pause = Pause(*_PAUSE_S, gateway)

    def turn(self, waiting: Sequence[Event]) -> Receipt | None:
        """Post the oldest of what waits, unless a post is on its way; the receipt of one that has come back."""
        if not self._posting:
            if not waiting or self._pause.left_s:
                return None
            self._body = encode_batch([event for event in waiting if event.boot == waiting[0].boot])
        answer = self._post.run()
        self._posting = answer is None
        if answer is None:
            return None
        if isinstance(answer, Receipt) and answer.boot is not None:
            self._pause.succeeded()
            return answer
        log.warning("%s does not take what is urgent: %s", self._url, answer)
        self._pause.failed()
        return None

    def _go(self) -> Receipt | str:
        try:
            answer = self._client.post(
                self._url, content=self._body, headers={"Content-Type": "application/cloudevents-batch+json"}
            )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        receipt = decode_receipt(answer.content) if answer.status_code == 200 else None
        return receipt or f"HTTP {answer.status_code}"
