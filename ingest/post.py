"""The other way in, for a gateway whose broker is away: one HTTPS request, one transaction, one receipt."""

from __future__ import annotations

import threading

from msgspec.structs import replace

from alerts.desk import Desk
from anomaly.speech import ready
from core.clock import Clock
from core.events import Lane
from ingest.floods import Floods
from ingest.loop import Round, items_of, settle
from ingest.roster import Roster
from store.database import Database, Unavailable
from wire.line import Delivery
from wire.receipt import Receipt
from wire.topics import up


class Post:
    """Takes messages in by the same rules as a lane does; any thread may call."""

    def __init__(self, db: Database, desk: Desk, clock: Clock, floods: Floods | None = None) -> None:
        self._db, self._desk, self._clock, self._floods = db, desk, clock, floods
        self._roster = Roster()
        ready()
        self._turn = threading.Lock()

    def take(self, gateway: str, lane: Lane, payload: bytes) -> Receipt:
        """Commit all that the message leads to, and answer what `gateway` may forget of it.

        One boot is receipted; where a batch mixes boots, the other's events are known when they come again.
        Raises what the database raises: nothing is held then.
        """
        delivery = Delivery(up(gateway, lane), payload, mid=0, qos=0, life=0)
        with self._turn:
            try:
                return self._take(delivery)
            except Unavailable:
                if self._floods is not None:
                    self._floods.undo()
                raise

    def _take(self, delivery: Delivery) -> Receipt:
        with self._db.write() as tx:
            self._roster.refresh(tx)
            now = self._clock.now()
            round_ = Round(tx, now, lambda _at: now, self._roster, self._desk, self._floods)
            for one, topic, item in items_of([delivery]):
                round_.take(one, topic, item)
            round_.finish()
            settled = settle(tx, round_.seqs)
        if self._floods is not None:
            self._floods.keep()
        said = [receipt for _, receipt in (*settled, *round_.receipts)]
        return replace(said[0] if said else Receipt(), ids=tuple(id for one in said for id in one.ids))
