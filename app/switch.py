"""The dead man's switch: an outside monitor hears from the city only while all is well, and calls people otherwise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import httpx
from sqlalchemy.engine import Connection

from core.clock import stopwatch_s
from core.signals import Evidence
from core.words import say
from store.canary import Trial
from store.database import Database
from store.figures import case_figures, outbox_figures

log = logging.getLogger(__name__)

PING_S = 60.0
_PATIENCE_S = 10.0
Troubles = Callable[[Connection], list[Evidence]]


class Switch:
    """`step` tells the monitor at `url` that all is well, every `every_s`, or says in the log why it does not."""

    def __init__(self, db: Database, troubles: Troubles, url: str, every_s: float = PING_S) -> None:
        self._db, self._troubles, self._url, self._every_s = db, troubles, url, every_s
        self._next_s = 0.0
        self._said: set[str] = set()

    def step(self) -> int:
        """One word to the monitor, or none. A database that is away raises: then nothing is said either."""
        if stopwatch_s() < self._next_s:
            return 0
        with self._db.read() as tx:
            found = self._troubles(tx)
        if (kinds := {trouble.key for trouble in found}) and kinds != self._said:
            why = " ".join(say(trouble.key, "en", trouble.numbers) for trouble in found)
            log.error("the outside monitor is not told that all is well: %s", why)
        self._said = kinds
        if found:
            return 0
        self._next_s = stopwatch_s() + self._every_s
        try:
            httpx.get(self._url, timeout=_PATIENCE_S, follow_redirects=True).raise_for_status()
        except httpx.HTTPError as error:
            log.warning("the outside monitor did not take the word that all is well: %s", error)
        return 0


def troubles(
    tx: Connection, ages: Mapping[str, float], trials: Iterable[Trial], now: datetime, limit_s: float
) -> list[Evidence]:
    """Everything for which somebody should look after the city.

    `ages`: each worker's seconds since its last round. A deadline or a message may be `limit_s` late at most.
    """
    found = [Evidence("health.late", {"worker": worker}) for worker, age_s in ages.items() if age_s > limit_s]
    for trial in trials:
        if trial.failing_since is not None:
            found.append(Evidence("health.canary", {"area": trial.area}))
        elif trial.arrived_at is None:
            found.append(Evidence("health.unproven", {"area": trial.area}))
    overdue = case_figures(tx, now - timedelta(seconds=limit_s)).overdue
    if overdue:
        found.append(Evidence("health.overdue", {"cases": overdue}))
    unsent_s = outbox_figures(tx, now).oldest_unsent_s
    if unsent_s > limit_s:
        found.append(Evidence("health.outbox", {"age": unsent_s}))
    return found
