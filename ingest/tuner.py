"""Lets the outcomes of closed cases tune the budgets of homes; each change is replayed first and written down."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy.engine import Connection

from alerts.case import Outcome
from alerts.policy import Policy
from anomaly.detectors.habit import Habit
from anomaly.life import spoke
from anomaly.tuning import WINDOW, Change, Outcomes, Tuned, tune
from anomaly.whatif import LEARN_DAYS, Comparison, what_if
from core.clock import Clock
from core.people import Home
from store import log, past, people
from store.database import Database
from store.tunings import Tuning, all_tunings, enrolled_at, put_tuning, silence_outcomes, to_judge

notes = logging.getLogger(__name__)

REPLAYED = timedelta(days=30)
_LOOKED_AT = 50


class Tuner:
    """The tuner's worker: `step` a few times an hour. It reads long and writes one row."""

    def __init__(self, db: Database, policy: Policy, clock: Clock) -> None:
        self._db, self._policy, self._clock = db, policy, clock
        self._round: list[str] = []

    def step(self) -> int:
        """Look at the next homes of the round until one has been replayed, at `_LOOKED_AT` at most. 0: it rests now."""
        if not self._round:
            with self._db.read() as tx:
                self._round = to_judge(tx, self._clock.now() - WINDOW)
        turn, self._round = self._round[:_LOOKED_AT], self._round[_LOOKED_AT:]
        while turn:
            if self._look_at(turn.pop(0)):
                break
        self._round = turn + self._round
        return 0

    def _look_at(self, home_id: str) -> bool:
        """Whether the home has been replayed for a change: that is the work of one step."""
        now = self._clock.now()
        with self._db.read() as tx:
            home = people.home(tx, home_id)
            found = self._judge(tx, home, now) if home else None
            until = log.newest_seen(tx)
            if home is None or found is None or until is None:
                return False
            since = until - REPLAYED
            rows = past.of_home(tx, home.id, home.gateway, since - timedelta(days=LEARN_DAYS))
        if not spoke(rows, since):
            notes.info("%s keeps its budget: the log holds nothing to try another one on", home.id)
            return False
        changed = replace(home, budget_factor=found.factor)
        tried = what_if(rows, home, changed, since, until, self._policy.asks_first)
        tuning = Tuning(
            home=home.id, at=now, before=found.before, after=found.after, factor=found.factor,
            reason=found.why.key, numbers=found.why.numbers, replay=_told(tried),
        )  # fmt: skip
        with self._db.write() as tx:
            # An operator may have changed the home during the replay, or another tuner may have tuned it.
            if people.home(tx, home.id) == home:
                put_tuning(tx, tuning)
        return True

    def _judge(self, tx: Connection, home: Home, now: datetime) -> Tuned | None:
        since = max(now - WINDOW, enrolled_at(tx, home.id) or now)
        ended = silence_outcomes(tx, home.id, Habit.name, since)
        outcomes = Outcomes(false=ended.get(Outcome.SAFE, 0), true=ended.get(Outcome.TRUE_EMERGENCY, 0))
        changes = [Change(tuning.at, tuning.factor) for tuning in all_tunings(tx, home.id)]
        return tune(home, outcomes, changes, since, now)


def _told(tried: Comparison) -> dict[str, Any]:
    return {
        "days": round(tried.days, 1),
        "learned_days": round(tried.learned_days, 1),
        "added": len(tried.added),
        "removed": len(tried.removed),
        "delay_p50_h": [tried.before.delay_p50_h, tried.after.delay_p50_h],
        "delay_p95_h": [tried.before.delay_p95_h, tried.after.delay_p95_h],
    }
