"""The resident's own channel: what is said or shown in the home, over MQTT."""

from __future__ import annotations

from collections.abc import Callable

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
        return Sent() if self._publish(topic, encode(message, message.ask)) else Retry("the broker did not take it")


def encode(message: Message, ask: Question) -> bytes:
    """What a home is asked, as the contract has it."""
    body = {"ask": ask.id, "language": message.language, "text": message.text, "wait_s": ask.wait_s, "kind": ask.kind}
    return msgspec.json.encode(body | {"ways": ask.ways})
