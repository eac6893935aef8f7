"""What the roof hands to the people's door, so that no route reaches for anything by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import Depends, HTTPException, Request
from prometheus_client.registry import Collector
from sqlalchemy.engine import Connection

from access import visible
from access.actor import SYSTEM, Actor
from access.oidc import Oidc
from access.visible import Kind
from alerts.desk import Desk
from anomaly.whatif import Comparison
from api import guard
from api.gate import Gate
from api.metrics import CityFigures
from api.runs import Simulations
from api.shapes import fault_body
from api.stream import Stream
from care.episodes import Hands
from core.care import city_of
from core.clock import Clock
from core.people import Home
from core.rate import Buckets
from core.signals import Evidence
from store.canary import Trial
from store.database import Transactions

RecordAbsence = Callable[[Connection, Home, datetime | None, datetime], None]
"""(tx, home, until, now): appends the absence to the event log, so that the engine learns of it; None: they are
back."""

Replay = Callable[[str, Mapping[str, str], int, Callable[[float], None]], Comparison | Evidence]
"""(home, cells of the homes file, days, progress): what these settings would have meant; else why nobody can tell."""

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
    db: Transactions
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
    replay: Replay
    simulations: Simulations
    hands: Hands
    """What the care chain asks of the desk."""
    gate: Gate
    oidc: Oidc | None = None
    """The organisation's own log-in."""
    push_key: str | None = None
    """The public key with which browsers ask for pushed notices, base64url."""
    actor: Actor = SYSTEM
    """Who is asking; it is theirs alone that `db` lets through."""
    renew: Callable[[], Actor | None] = lambda: SYSTEM

    def by(self, said: str = "") -> str:
        """Who acts: somebody with an account is who they are; a program says for whom. 422 where it says nobody."""
        if not self.actor.system:
            return self.actor.who
        if not said:
            raise HTTPException(422, fault_body("api.nobody")["detail"])
        return said

    def still(self) -> Actor | None:
        """Who is asking as they stand now, for what goes on for long; None: they may come in no more."""
        return self.renew()

    def only(self, kind: Kind, column: Any) -> sa.ColumnElement[bool]:
        """The rows of a list, whose `column` holds a `kind`'s id, that whoever asks may see."""
        return visible.only(self.actor, kind, column)

    def must_see(self, tx: Connection, kind: Kind, id: int | str) -> None:
        """For an id that stands in a body: 404 for what is not theirs."""
        guard.must_see(tx, self.actor, kind, id)

    def reach(self, area: str) -> str:
        """The part of a wanted area that is theirs; 404 where none is."""
        part = visible.reach(self.actor, area)
        if part is None:
            raise self.no_area(area)
        return part

    def covers(self, area: str) -> bool:
        """Whether all of an area is theirs."""
        return visible.reach(self.actor, area) == area

    @staticmethod
    def no_area(area: str) -> HTTPException:
        """What is said of an area that is not theirs, or is none."""
        return HTTPException(404, fault_body("care.refused.unknown_area", id=area)["detail"])

    def has_city(self, code: str) -> bool:
        """Whether a city's own figures are theirs to see."""
        return self.actor.system or any(city_of(area) in ("", code) for area in self.actor.areas)

    def own_city(self, code: str) -> None:
        """404 for another city's figures."""
        if not self.has_city(code):
            raise self.no_area(code)

    def off_hours(self, at: datetime) -> bool:
        """Whether it is night, a weekend or a public holiday by the city's policy."""
        return self.desk.policy.off_hours(at)


def _city(request: Request, passed: guard.Passed) -> City:
    city: City = request.app.state.city
    return replace(
        city,
        db=guard.Watched(request.app.state.db, request.app.state.looks, passed),
        actor=passed.actor or SYSTEM,
        # The door looks again from time to time while something is being sent.
        renew=lambda: getattr(request.state, "actor", None),
    )


Here = Annotated[City, Depends(_city)]
