"""How each home stands, told to its gateway when it asks and when that changes: who lives there may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from core.clock import Clock
from core.events import Heartbeat
from core.people import Home
from ingest.roster import Roster
from store.database import Database
from store.figures import homes_with_cases
from store.log import head, of_kinds
from store.people import uncommissioned
from store.unheard import unheard
from wire.standing import Standing, encode_standing
from wire.topics import Down, down

_ROWS = 20_000
_MISSED = 3
SHORTEST_S = 90.0


class Standings:
    """Who asks with a heartbeat is answered, and is told of changes until three heartbeats are missed. It forgets at a
    restart who has asked: the next heartbeat asks again.
    """

    def __init__(
        self, db: Database, clock: Clock, tell: Callable[[str, bytes], object], works: Callable[[Connection], bool]
    ) -> None:
        """`tell` sends to a topic what nobody has to keep; `works`: whether the workers go round without whom nobody
        would notice anything.
        """
        self._db, self._clock, self._tell, self._works = db, clock, tell, works
        self._roster = Roster()
        with db.read() as tx:
            self._position = head(tx)
        self._asked: dict[str, tuple[datetime, float]] = {}
        """Home -> until when it is told of changes, and for how long it believes a word."""
        self._open: set[str] = set()
        self._unheard: set[str] = set()

    def step(self) -> int:
        """Answer who has asked, and tell the others what has changed; how many homes were told."""
        now = self._clock.now()
        with self._db.read() as tx:
            self._roster.refresh(tx)
            upto = min(head(tx), self._position + _ROWS)
            due = self._ask(tx, upto, now)
            living, silent = homes_with_cases(tx), set(unheard(tx))
            due |= self._asked.keys() & ((living ^ self._open) | (silent ^ self._unheard))
            homes = [home for name in due if (home := self._roster.of(name)) is not None]
            unproved = uncommissioned(tx, [home.gateway for home in homes]) if homes else set()
            works = self._works(tx) if homes else True
        self._position, self._open, self._unheard = upto, living, silent
        for home in homes:
            why = self._why_not(home, works, unproved)
            said = Standing(home.id in living, not why, self._asked[home.id][1], why)
            self._tell(down(home.gateway, Down.STATE), encode_standing(said))
        return len(homes)

    def _ask(self, tx: Connection, upto: int, now: datetime) -> set[str]:
        self._asked = {home: lease for home, lease in self._asked.items() if lease[0] > now}
        due: set[str] = set()
        for row in of_kinds(tx, ("heartbeat",), self._position, upto) if upto > self._position else ():
            if isinstance(row.data, Heartbeat) and row.data.tell:
                for_s = max(_MISSED * min(row.data.every_s, 3600.0), SHORTEST_S)
                self._asked[row.home] = now + timedelta(seconds=for_s), for_s
                due.add(row.home)
        return due

    def _why_not(self, home: Home, works: bool, unproved: Iterable[str]) -> str:
        """Why nobody would notice; empty: somebody would."""
        reasons = (
            ("refused", home.synthetic or not home.consent),
            ("late", not works),
            ("unheard", home.id in self._unheard),
            ("unproved", home.gateway in unproved),
        )
        return next((why for why, so in reasons if so), "")
