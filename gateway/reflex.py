"""What the home does by itself when nobody can be reached: the speaker says so, and what to do; a siren may sound."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
from collections.abc import Callable, Sequence

import msgspec

from core.events import Event
from core.words import say
from gateway.outbox import Key, Numbered

log = logging.getLogger(__name__)

AGAIN_S = 60.0
_OFF_AGAIN_S = 5.0
LASTS_S = 3600.0
"""Longer than this it is not said: whoever could be helped by it knows."""


class Order(msgspec.Struct, frozen=True):
    """What `anbu/gateway/reflex` carries: `say` is to be said aloud, "" nothing; `siren`: it is to sound."""

    on: bool
    siren: bool
    kind: str
    language: str
    say: str


class Reflex:
    """Driven by one thread: `turn` often. It begins with the first urgent event that nobody takes, says itself again
    every minute, and ends when the city has them all, or after an hour. Its end is said until the home's broker has it.
    """

    def __init__(
        self,
        publish: Callable[[bytes], Callable[[], bool] | None],
        note: Callable[[str], object],
        began: str = "",
        *,
        language: str = "ko",
        command: str = "",
    ) -> None:
        """`publish` sends an `Order` to the home's own devices and answers whether the broker has it, None: it cannot
        now. `command` is run at each change as well. `note` is told the kind that begins, and "" when its end was
        taken; `began` is what it was told last, by whatever process.
        """
        self._publish, self._note = publish, note
        self._language, self._command = language, shlex.split(command)
        self._kind = began
        self._ends: bytes | None = None
        self._taken: Callable[[], bool] | None = None
        self._unreached: dict[Key, float] = {}
        self._said_s = 0.0
        self._children: list[subprocess.Popen[bytes]] = []

    def turn(self, unreached: Sequence[Numbered], owed: Sequence[Numbered], now_s: float) -> None:
        """`unreached`: the urgent events that wait for too long, of all `owed`; `now_s` counts real seconds."""
        self._children = [child for child in self._children if child.poll() is None]
        calling = {one.key: one.event.kind for one in unreached if alarming(one.event)}
        self._unreached = {key: self._unreached.get(key, now_s) for key in calling}
        fresh = [key for key, since_s in self._unreached.items() if now_s - since_s < LASTS_S]
        if fresh:
            self._call(calling[fresh[-1]], now_s)
        elif calling or not any(alarming(one.event) for one in owed):
            self._end("" if calling else say("reflex.through", self._language), now_s)

    def _call(self, kind: str, now_s: float) -> None:
        begins = kind != self._kind or self._ends is not None
        if not begins and now_s - self._said_s < AGAIN_S:
            return
        if begins:
            self._note(kind)
        self._kind, self._said_s, self._ends = kind, now_s, None
        word = "reflex.sos" if kind == "fall" else f"reflex.{kind}"
        log.warning("nobody can be reached: the home says so")
        self._publish(self._order(on=True, text=say(word, self._language), run=begins))

    def _end(self, text: str, now_s: float) -> None:
        if not self._kind:
            return
        if self._ends is None:
            log.warning("the home stops saying that nobody is reached")
            self._ends, self._taken = self._order(on=False, text=text, run=True), None
        elif self._taken is not None and self._taken():
            self._kind, self._ends = "", None
            self._note("")
            return
        elif self._taken is not None and now_s - self._said_s < _OFF_AGAIN_S:
            return
        self._taken, self._said_s = self._publish(self._ends), now_s

    def _order(self, *, on: bool, text: str, run: bool) -> bytes:
        """What the home's devices are told; the command is told it here."""
        said = {"ANBU_REFLEX": "on" if on else "off", "ANBU_REFLEX_KIND": self._kind, "ANBU_REFLEX_SAY": text}
        if self._command and run:
            try:
                self._children.append(subprocess.Popen(self._command, env=os.environ | said, stdin=subprocess.DEVNULL))
            except OSError as error:
                log.error("the reflex's command: %s", error)
        return msgspec.json.encode(Order(on, on, self._kind, self._language, text))


def alarming(event: Event) -> bool:
    """Whether somebody may be in danger: not so the all-clear of a smoke detector, which takes the same lane."""
    return event.kind in ("sos", "fall") or bool(getattr(event.data, "alarm", False))
