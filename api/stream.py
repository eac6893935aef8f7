"""The live stream: one reader follows the case log for everybody who listens, and who lost the line misses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import NamedTuple

from core.clock import stopwatch_s
from store.database import Unavailable

POLL_S = 0.25
KEEP_ALIVE_S = 15.0
RENEW_S = 20.0
"""How long a listener is believed to be who they were: a session that has ended, a consent withdrawn."""
PAGE = 200
KEPT = 1000
log = logging.getLogger(__name__)


class Message(NamedTuple):
    """One line of the case log, ready for the wire; `id` is its place in the log. `kin`: as the home's own are told it;
    None: they are not. The rest says whose it is.
    """

    id: int
    wire: bytes
    kin: bytes | None
    area: str
    home: str | None
    person: str | None
    opened_at: datetime


Shows = Callable[[Message], bytes | None]
"""What somebody is told of a line; None: it is not theirs."""

Read = Callable[[int, int], list[Message]]
"""(after, limit): the log's messages behind `after`, in order."""


def sse(event: str, data: bytes, id: int | None = None) -> bytes:
    """A server-sent event; `data` is one line of JSON."""
    head = b"" if id is None else b"id: %d\n" % id
    return head + b"event: %s\ndata: %s\n\n" % (event.encode(), data)


class Stream:
    """Follows the log while `run` runs.

    Listeners hold no queue: each has its own place in the log and reads on from the newest `KEPT` messages, or from the
    database where it has fallen further behind. So nobody who is slow costs memory, and nobody misses a line.
    """

    def __init__(self, read: Read, head: Callable[[], int]) -> None:
        self._read = read
        self._head = head
        self._kept: deque[Message] = deque()
        self._floor: int | None = None  # `_kept` holds everything behind this place; None: not following
        self._news = asyncio.Event()
        self._over = False

    @property
    def live(self) -> bool:
        """Whether the log is being followed."""
        return self._floor is not None

    async def run(self) -> None:
        """Follow the log until cancelled. While the database is away nobody is told that all is calm: streams end."""
        while True:
            try:
                await self._follow()
            except Unavailable as error:
                if self.live:
                    log.warning("the live stream cannot read the case log: %s", error)
                self._floor = None
                self._wake()
            await asyncio.sleep(POLL_S)

    async def _follow(self) -> None:
        place = self._floor = await asyncio.to_thread(self._head)
        self._kept.clear()
        self._wake()
        while True:
            fresh = await asyncio.to_thread(self._read, place, PAGE)
            if fresh:
                place = fresh[-1].id
                self._kept.extend(fresh)
                while len(self._kept) > KEPT:
                    self._floor = self._kept.popleft().id
                self._wake()
            if len(fresh) < PAGE:
                await asyncio.sleep(POLL_S)

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def end(self) -> None:
        """Let every listener go, so that the server can stop."""
        self._over = True
        self._wake()

    async def begin(self, after: int | None) -> int:
        """The place from which to listen: `after`, or the end of the log (None, or a place beyond it)."""
        head = await asyncio.to_thread(self._head)
        return head if after is None else min(after, head)

    async def listen(
        self, place: int, beat: Callable[[], bytes], sight: Callable[[], Shows | None] = lambda: _everything
    ) -> AsyncIterator[bytes]:
        """Everything behind `place` that the listener may see, then what comes, until the server ends, the database is
        away, or they may see nothing any more.

        `beat()` makes what is sent at once and then whenever nothing else was for a while. `sight()` says what they may
        see now, and is asked again after `RENEW_S`; it may read the database. None: they are told so, and go.
        """
        shows, renewed_s = None, 0.0
        said_s = stopwatch_s()
        yield beat()
        while not self._over:
            news = self._news
            try:
                if shows is None or stopwatch_s() - renewed_s >= RENEW_S:
                    shows, renewed_s = await asyncio.to_thread(sight), stopwatch_s()
                fresh = await self._behind(place)
            except Unavailable:
                return
            if shows is None:
                yield sse("reach", b"{}")
                return
            for message in fresh:
                if (wire := shows(message)) is not None:
                    said_s = stopwatch_s()
                    yield wire
            if fresh:
                place = fresh[-1].id
                continue
            # Lines that are not theirs wake them, too: the beat still comes in time.
            if (left_s := said_s + KEEP_ALIVE_S - stopwatch_s()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), left_s)
            else:
                said_s = stopwatch_s()
                yield beat()

    async def _behind(self, place: int) -> list[Message]:
        if self._floor is not None and place >= self._floor:
            return [message for message in self._kept if message.id > place]
        return await asyncio.to_thread(self._read, place, PAGE)


def _everything(message: Message) -> bytes:
    return message.wire
