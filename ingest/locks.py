"""Keeps the broker's accounts equal to the table of gateways: who is revoked is out within seconds."""

from __future__ import annotations

import logging
import threading

from store.database import Database
from store.gateways import all_gateways, changed_since, knows
from wire.dynsec import Dynsec, Silent
from wire.session import BrokerError

log = logging.getLogger(__name__)

_PATIENCE_S = 1.0


class Locks:
    """The table is the truth. The broker keeps hashes alone, so an account can be made only while a gateway shows its
    secret: `admit`. Everything else follows the table in `step`, which one thread calls often.
    """

    def __init__(self, db: Database, dynsec: Dynsec) -> None:
        self._db, self._dynsec = db, dynsec
        # Between reading the table and telling the broker nobody else may: a revoked one would come back.
        self._turn = threading.Lock()
        self._life = 0
        self._revision = 0

    def admit(self, gateway: str, secret: str) -> bool:
        """Let the broker know the secret of a gateway that the table admits; False: not now."""
        # Threads that wait here are threads that an SOS over HTTPS may need: a broker that is away is not waited for.
        if not self._turn.acquire(timeout=_PATIENCE_S):
            return False
        try:
            with self._db.read() as tx:
                if knows(tx, gateway, secret) is None or not self._dynsec.life:
                    return False
            self._dynsec.admit(gateway, secret)
        except (Silent, BrokerError) as error:
            log.error("%s", error)
            return False
        finally:
            self._turn.release()
        return True

    def step(self) -> int:
        """Throw out who was revoked since the last step; at a new connection, whoever the table does not admit."""
        with self._turn:
            self._dynsec.poll()
            if not self._dynsec.life:
                return 0
            try:
                return self._follow()
            except Silent as error:
                log.error("%s; it is tried again", error)
                return 0

    def _follow(self) -> int:
        life = self._dynsec.life
        with self._db.read() as tx:
            changed = changed_since(tx, self._revision)
            everybody = all_gateways(tx) if life != self._life else []
        out = {gateway.id for gateway in changed if not gateway.admitted}
        if life != self._life:
            admitted = {gateway.id for gateway in everybody if gateway.admitted}
            there = self._dynsec.gateways()
            out |= there - admitted
            if missing := admitted - there:
                log.warning("the broker has no account for %d gateways: `anbu broker init` makes them", len(missing))
        for gateway in sorted(out):
            self._dynsec.remove(gateway)
        self._life = life
        self._revision = max([self._revision, *(gateway.revision for gateway in changed)])
        return len(out)
