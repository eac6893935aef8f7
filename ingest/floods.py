"""Which gateways send far more than a home can: what is not urgent of theirs is set aside, and nobody else waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.events import URGENT_KINDS, Event, Lane, Rejected
from core.rate import Buckets
from wire.topics import UpTopic

# A home with a hundred devices says about one event a second. What cannot be read has no time and counts as said now.
EVENTS_PER_S, EVENTS_AT_ONCE = 50.0, 500.0
UNREADABLE_PER_S, UNREADABLE_AT_ONCE = 1.0, 100.0
# What waited at home through an outage comes as fast as the line carries it: that is no flood, and yet has its turn.
LATE = timedelta(minutes=5)
LATE_PER_S, LATE_AT_ONCE = 500.0, 5000.0


class Floods:
    """A gateway floods from the first event that is beyond its rate until it has kept below it for some ten seconds.
    A backlog that is faster than its own rate is held to it, and is no flood.

    Urgent events are always taken in and cost nothing. What cannot be read on the urgent lane may be one, and is
    counted apart: the first of many has opened a case. `begin` opens a round, `keep` follows its commit, `undo` takes
    it back where there was none.
    """

    def __init__(self) -> None:
        self._events = Buckets(EVENTS_PER_S, EVENTS_AT_ONCE)
        self._unreadable = Buckets(UNREADABLE_PER_S, UNREADABLE_AT_ONCE)
        self._cries = Buckets(UNREADABLE_PER_S, UNREADABLE_AT_ONCE)
        self._late = Buckets(LATE_PER_S, LATE_AT_ONCE)
        self._all = (self._events, self._unreadable, self._cries, self._late)
        self._now = datetime.min.replace(tzinfo=UTC)
        self._since: dict[str, datetime] = {}
        self._before: dict[str, datetime] = {}
        self._fresh: set[str] = set()

    def begin(self, now: datetime) -> None:
        """A round of messages that are all taken in at `now`."""
        self._now = now
        self.keep()

    def keep(self) -> None:
        """The round was committed: `undo` reaches back to here and no further."""
        for buckets in self._all:
            buckets.begin()
        self._before = dict(self._since)
        self._fresh.clear()

    def undo(self) -> None:
        """What has come since the last commit never was."""
        for buckets in self._all:
            buckets.undo()
        self._since = dict(self._before)
        self._fresh.clear()

    def take(self, topic: UpTopic, item: Event | Rejected) -> bool:
        """Whether the item is taken in now."""
        gateway = topic.gateway
        if isinstance(item, Rejected):
            may = (self._cries if topic.lane is Lane.SOS else self._unreadable).take(gateway, self._now)
        elif item.kind in URGENT_KINDS:
            may = True
        elif item.at < self._now - LATE:
            return self._late.take(gateway, self._now)
        else:
            may = self._events.take(gateway, self._now)
        if not may and gateway not in self._since:
            self._since[gateway] = self._now
            self._fresh.add(gateway)
        return may

    def begun(self, gateway: str) -> datetime | None:
        """Since when the gateway floods, said once for each flood."""
        if gateway not in self._fresh:
            return None
        self._fresh.discard(gateway)
        return self._since[gateway]

    def over(self) -> list[tuple[str, datetime]]:
        """The floods that have ended, each with its beginning; said once."""
        quiet = [
            (gateway, since)
            for gateway, since in self._since.items()
            if all(buckets.is_full(gateway, self._now) for buckets in (self._events, self._unreadable, self._cries))
        ]
        for gateway, _ in quiet:
            del self._since[gateway]
        return quiet
