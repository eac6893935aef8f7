"""The topic grammar `care/v1/{gateway}/up/{lane}` and `…/down/{name}`; the only place that spells it."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from core.events import Lane

PREFIX = "care/v1"
_UP = re.compile(r"care/v1/([a-z0-9][a-z0-9-]{2,63})/up/(sos|event|bulk|status)")


class Down(StrEnum):
    """What the city says to a gateway."""

    RECEIPT = "receipt"
    ASK = "ask"
    CONFIG = "config"
    STATE = "state"


class UpTopic(msgspec.Struct, frozen=True, gc=False):
    gateway: str
    lane: Lane


_seen: dict[str, UpTopic] = {}


def parse_up(topic: str) -> UpTopic | None:
    """The gateway and lane of an upward topic; None where the topic is not of the grammar."""
    known = _seen.get(topic)
    if known is not None:
        return known
    match = _UP.fullmatch(topic)
    if match is None:
        return None
    parsed = UpTopic(match[1], Lane(match[2]))
    if len(_seen) < 100_000:  # a stranger who invents gateways must not fill the memory
        _seen[topic] = parsed
    return parsed


def up(gateway: str, lane: Lane) -> str:
    """Where `gateway` publishes events of `lane`."""
    return f"{PREFIX}/{gateway}/up/{lane}"


def down(gateway: str, name: Down) -> str:
    """Where the city publishes `name` for `gateway`."""
    return f"{PREFIX}/{gateway}/down/{name}"


def subscriptions(*lanes: Lane) -> list[str]:
    """The filters by which the city hears these lanes of every gateway."""
    return [f"{PREFIX}/+/up/{lane}" for lane in lanes]
