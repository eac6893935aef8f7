"""What the roof hands to the people's door, so that no route reaches for anything by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from prometheus_client.registry import Collector
from sqlalchemy.engine import Connection

from alerts.desk import Desk
from api.metrics import CityFigures
from api.stream import Stream
from care.episodes import Hands
from core.clock import Clock
from core.people import Home
from core.rate import Buckets
from core.signals import Evidence
from store.canary import Trial
from store.database import Database

RecordAbsence = Callable[[Connection, Home, datetime, datetime], None]
"""(tx, home, until, now): appends the absence to the event log, so that the engine learns of it."""

Lanes = Callable[[Connection], Mapping[str, float]]
"""Each lane's and worker's age in real seconds since its last round."""

Report = Callable[[Connection, str, str, datetime], bool]
"""(tx, key, "delivered" or "seen", now): a provider's word on a message; False: unknown, or known already."""

Canaries = Callable[[Connection], Sequence[Trial]]
"""How the test calls fare."""

Troubles = Callable[[Connection], Sequence[Evidence]]
"""Everything for which somebody should look after the city."""

NextAlarm = Callable[[str], tuple[datetime, datetime] | None]
"""When a home's silence would raise a concern, and when the engine saw it so; None: not known."""


TakeIn = Callable[[str, str, bytes], bytes]
"""(gateway, lane, CloudEvents JSON): the receipt's JSON, after the commit. Raises what the database raises."""

Admit = Callable[[str, str], bool]
"""(gateway, secret): the broker lets it in with that from now on; False: the broker cannot be told now."""


FromCloud = Callable[[str, str, bytes], "int | str"]
"""(cloud, signature, body): how many events are held now, or why none is: key, replay, unreadable, kind, foreign."""


@dataclass(frozen=True)
class Homeward:
    """What gateways are told, and what becomes of what they say."""

    take_in: TakeIn
    admit: Admit | None
    """None: the broker's accounts are not ours to keep."""
    broker: str
    """The broker's URL as homes reach it, without an account."""
    authority: str
    """The certificate (PEM) of the authority to trust; empty: the system's."""
    public_url: str
    """The API as homes reach it."""
    from_cloud: FromCloud = lambda cloud, signature, body: "key"


@dataclass(frozen=True)
class City:
    db: Database
    desk: Desk
    clock: Clock
    stream: Stream
    timezone: ZoneInfo
    token: str | None
    record_absence: RecordAbsence
    lanes: Lanes
    lane_limit_s: float
    canaries: Canaries
    troubles: Troubles
    report: Report
    next_alarm: NextAlarm
    homeward: Homeward
    claims: Buckets
    figures: CityFigures
    collectors: Sequence[Collector]
    hands: Hands
    """What the care chain asks of the desk."""

    def off_hours(self, at: datetime) -> bool:
        """Whether it is night, a weekend or a public holiday by the city's policy."""
        return self.desk.policy.off_hours(at)


def _city(request: Request) -> City:
    city: City = request.app.state.city
    return city


Here = Annotated[City, Depends(_city)]
