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
    every minute, and ends when the city has them all, or after an hour.
    """

    def __init__(self, publish: Callable[[bytes], object], *, language: str = "ko", command: str = "") -> None:
        """`publish` sends an `Order` to the home's own devices; `command` is run at each change as well."""
        self._publish, self._language, self._command = publish, language, shlex.split(command)
        self._kind = ""
        self._unreached: dict[Key, float] = {}
        self._said_s = 0.0
        self._children: list[subprocess.Popen[bytes]] = []

    def turn(self, unreached: Sequence[Numbered], now_s: float) -> None:
        """`unreached`: the urgent events that wait for too long; `now_s` counts real seconds."""
        self._children = [child for child in self._children if child.poll() is None]
        calling = {one.key: one.event.kind for one in unreached if alarming(one.event)}
        self._unreached = {key: self._unreached.get(key, now_s) for key in calling}
        fresh = [key for key, since_s in self._unreached.items() if now_s - since_s < LASTS_S]
        if not fresh:
            if self._kind:
                self._order(on=False, text="" if calling else say("reflex.through", self._language))
                self._kind = ""
            return
        kind = calling[fresh[-1]]
        if kind != self._kind or now_s - self._said_s >= AGAIN_S:
            begins = kind != self._kind
            self._kind, self._said_s = kind, now_s
            word = "reflex.sos" if kind == "fall" else f"reflex.{kind}"
            self._order(on=True, text=say(word, self._language), run=begins)

    def _order(self, *, on: bool, text: str, run: bool = True) -> None:
        log.warning("nobody can be reached: the home says so" if on else "the home stops saying that nobody is reached")
        self._publish(msgspec.json.encode(Order(on, on, self._kind, self._language, text)))
        if not self._command or not run:
            return
        said = {"ANBU_REFLEX": "on" if on else "off", "ANBU_REFLEX_KIND": self._kind, "ANBU_REFLEX_SAY": text}
        try:
            self._children.append(subprocess.Popen(self._command, env=os.environ | said, stdin=subprocess.DEVNULL))
        except OSError as error:
            log.error("the reflex's command: %s", error)


def alarming(event: Event) -> bool:
    """Whether somebody may be in danger: not so the all-clear of a smoke detector, which takes the same lane."""
    return event.kind in ("sos", "fall") or bool(getattr(event.data, "alarm", False))
