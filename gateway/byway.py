"""The other way to the city: what is urgent goes by HTTPS when its broker does not take it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import httpx

from core.clock import stopwatch_s
from core.events import Event
from wire.codec import MAX_BYTES, encode
from wire.errand import Errand, Pause
from wire.receipt import Receipt, decode_receipt
from wire.trust import trusting

log = logging.getLogger(__name__)

PATH = "/api/gateway/events"
_TIMEOUT_S = 5.0
_PAUSE_S = (1.0, 30.0)
_MOST = 256
# Said of this body, and not of the city: another one may go at once.
_NOT_SO = (400, 413, 422)


class Byway:
    """One post at a time, in a thread of its own: `turn` often. The answer is a receipt, and follows the commit.

    A post that fails makes the next one half as long; an event that fails alone goes behind all others.
    """

    def __init__(self, api: str, gateway: str, secret: str, authority: str = "") -> None:
        """`api`: the city's `https://host[:port]`; the gateway's credential there is that at the broker. `authority`: a
        certificate (PEM) to trust beside the system's.
        """
        self._url = f"{api.rstrip('/')}{PATH}"
        self._client = httpx.Client(
            auth=(gateway, secret), timeout=_TIMEOUT_S, verify=trusting(authority), trust_env=False
        )
        self._body = b""
        self._posted: list[str] = []
        self._most = _MOST
        self._not_before_s: dict[str, float] = {}
        self._post = Errand(self._go)
        self._posting = False
        self._pause = Pause(*_PAUSE_S, gateway)

    def turn(self, waiting: Sequence[Event]) -> Receipt | None:
        """Post some of what waits, unless a post is on its way; the receipt of one that is back."""
        if not self._posting and (not waiting or self._pause.left_s or not self._pack(waiting)):
            return None
        answer = self._post.run()
        self._posting = answer is None
        if answer is None:
            return None
        if isinstance(answer, Receipt) and answer.boot is not None:
            self._pause.succeeded()
            self._most = min(2 * self._most, _MOST)
            return answer
        log.warning("%s does not take %d that are urgent: %s", self._url, len(self._posted), answer)
        self._most = max(len(self._posted) // 2, 1)
        refused = answer in _NOT_SO
        if len(self._posted) == 1:
            self._not_before_s[self._posted[0]] = stopwatch_s() + (_PAUSE_S[1] if refused else 0.0)
        if not refused:
            self._pause.failed()
        return None

    def _pack(self, waiting: Sequence[Event]) -> bool:
        """Whether there is something to post: what fits a body, of one boot, for a receipt names one."""
        now_s = stopwatch_s()
        later_s = {event.id: self._not_before_s.get(event.id, 0.0) for event in waiting}
        self._not_before_s = {id: at_s for id, at_s in later_s.items() if at_s}
        turn = [event for event in fair(waiting) if later_s[event.id] <= now_s]
        turn.sort(key=lambda event: later_s[event.id])
        body: list[bytes] = []
        self._posted = []
        size = 1
        for event in [event for event in turn if event.boot == turn[0].boot][: self._most]:
            one = encode(event)
            size += len(one) + 1
            if body and size > MAX_BYTES:
                break
            body.append(one)
            self._posted.append(event.id)
        self._body = b"[" + b",".join(body) + b"]"
        return bool(body)

    def _go(self) -> Receipt | int | str:
        try:
            answer = self._client.post(
                self._url, content=self._body, headers={"Content-Type": "application/cloudevents-batch+json"}
            )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        receipt = decode_receipt(answer.content) if answer.status_code == 200 else None
        return receipt or answer.status_code


def fair(waiting: Sequence[Event]) -> list[Event]:
    """The newest of each device first, so that none waits behind another one that is stuck; then as it was said."""
    newest = {event.device: event.id for event in waiting}
    return sorted(waiting, key=lambda event: newest[event.device] != event.id)
