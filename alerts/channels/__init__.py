"""Ways to reach people and homes: one file a channel, and what every one of them takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from core.known import known
from core.people import WAYS, AskBy


@known
class Question(msgspec.Struct, frozen=True):
    """What the home is to say or to show: `check_in` waits `wait_s` for an answer, `reassure` for none. `ways`: by what
    (`core.people.WAYS`). After `until` it is not to be put any more.
    """

    id: str
    kind: str
    wait_s: float
    ways: tuple[str, ...] = WAYS[AskBy.VOICE]
    until: datetime | None = None


class Message(msgspec.Struct, frozen=True):
    """One message to one address.

    `key` is the same at every attempt, so that a provider can tell a repetition. `text` is fit for a lock screen; `url`
    is the path of the case's page. `ask` is there for a home only.
    """

    key: str
    address: str
    case: int
    purpose: str
    concern: str
    urgency: str
    member: str | None
    language: str
    text: str
    url: str
    ask: Question | None = None


class Sent(msgspec.Struct, frozen=True):
    """The provider has taken it; `delivered`: and it is known to have arrived."""

    delivered: bool = False


class Retry(msgspec.Struct, frozen=True):
    """Not now: `why`, and not before `after_s` seconds."""

    why: str
    after_s: float = 0.0


class Failed(msgspec.Struct, frozen=True):
    """Never by this channel: `why`."""

    why: str


Answer = Sent | Retry | Failed


class Channel(Protocol):
    """Sends one message and says what became of it, within seconds. Called from several threads at once."""

    def send(self, message: Message) -> Answer:
        """Try once. A provider's refusal and a dead network are answers, not exceptions."""
        ...
