"""The benchmark's homes: single-event messages as fast as one process can publish them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count as counting

from core.clock import stopwatch_s, wall_now
from core.events import Event, Lane, Motion
from core.people import Home
from wire.codec import encode
from wire.session import Session
from wire.topics import up
from wire.url import BrokerUrl

BULK_HOMES = 200
_WINDOW = 500


def home(kind: str, number: int) -> Home:
    """The benchmark's `number`-th home of a kind."""
    return Home(f"{kind}-{number:05d}", f"gw-{kind}-{number:05d}", "gwangju/nam-gu/bongseon-1-dong", speaker=False)


def publish(url: BrokerUrl, count: int | None, boot: str = "b1") -> None:
    """Publish `count` events of the bulk homes, at most `_WINDOW` unacknowledged; None: until the process is ended."""
    session = Session(url, f"bench-publisher-{boot}", persistent=False)
    until(lambda: bool(session.poll(0.05)) or session.connected)
    waiting = []
    for number in range(count) if count is not None else counting():
        gateway = home("bulk", number % BULK_HOMES).gateway
        seq = number // BULK_HOMES + 1
        event = Event(f"{boot}-{seq:06d}", gateway, "kitchen-pir", "motion", wall_now(), Motion("kitchen"), boot, seq)
        waiting.append(session.publish(up(gateway, Lane.EVENT), encode(event), 1))
        while len(waiting) >= _WINDOW:
            session.poll(0.01)
            waiting = [info for info in waiting if not info.is_published()]
    while waiting:
        session.poll(0.01)
        waiting = [info for info in waiting if not info.is_published()]
    session.disconnect()


def until(done: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Wait for what comes soon where everything is well."""
    until_s = stopwatch_s() + limit_s
    while not done():
        if stopwatch_s() > until_s:
            raise RuntimeError(f"broker or city does not answer within {limit_s:g} s")


if __name__ == "__main__":
    publish(BrokerUrl.parse(sys.argv[1]), None, boot="load")
