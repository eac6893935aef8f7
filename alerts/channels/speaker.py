"""The resident's own channel: what is said or shown in the home, over MQTT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from alerts.channels import Answer, Failed, Message, Question, Retry, Sent


class Speaker:
    """Publishes `down/ask` to the gateway that is the message's address.

    `topic` gives a gateway's topic, or raises `ValueError` for what is no gateway; `publish` hands bytes to the broker
    and says whether it took them.
    """

    def __init__(self, publish: Callable[[str, bytes], bool], topic: Callable[[str], str]) -> None:
        self._publish, self._topic = publish, topic

    def send(self, message: Message) -> Answer:
        if message.ask is None:
            return Failed("nothing to say")
        try:
            topic = self._topic(message.address)
        except ValueError as error:
            return Failed(str(error))
        body = msgspec.json.encode(as_asked(message, message.ask))
        return Sent() if self._publish(topic, body) else Retry("the broker did not take it")


def as_asked(message: Message, ask: Question) -> dict[str, Any]:
    """What a home is asked, as the contract has it."""
    body = {"ask": ask.id, "language": message.language, "text": message.text, "wait_s": ask.wait_s, "kind": ask.kind}
    return body | {"ways": ask.ways} | ({"until": ask.until} if ask.until else {})
