"""The city's questions, handed on to what is in the home: speaker, light and tablet hear them on the home's broker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

import msgspec

from core.events import Answer

_KEPT = 64


class _Ask(msgspec.Struct):
    ask: str
    kind: str = "check_in"
    until: datetime | None = None


_decoder = msgspec.json.Decoder(_Ask)


class Asks:
    """Driven by one thread. A question that comes again is put once, and one that comes too late not at all: who sleeps
    by now is not to be woken by what was asked in the evening.
    """

    def __init__(self, publish: Callable[[bytes], bool]) -> None:
        """`publish` hands a question to the home's own devices; False: it cannot now."""
        self._publish = publish
        self._put: deque[str] = deque(maxlen=_KEPT)

    def put(self, payload: bytes, now: datetime | None) -> Answer | None:
        """Hand on what the city asks. The answer to give at once, where nobody in the home can be asked.

        `now` None: the clock is not to be trusted, and a question is better put late than not at all.
        """
        try:
            ask = _decoder.decode(payload)
        except (msgspec.MsgspecError, RecursionError):
            return None
        late = now is not None and ask.until is not None and ask.until.tzinfo is not None and now > ask.until
        if late or ask.ask in self._put:
            return None
        self._put.append(ask.ask)
        if self._publish(payload) or ask.kind != "check_in":
            return None
        return Answer(ask.ask, "offline")
