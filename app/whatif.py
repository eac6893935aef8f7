"""Asks a city's own log what other settings would have meant for one of its homes. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from alerts.policy import Policy
from anomaly.life import spoke
from anomaly.whatif import CUT_S, LEARN_DAYS, Comparison, what_if
from core.signals import Evidence
from store import log, past, people
from store.database import Database
from store.enrol import with_cells

SETTINGS = ("risk", "timezone", "residents", "speaker", "wandering", "silence_ceiling_h", "alarm_budget", "ask_by")
"""What of a home may be tried: the columns of the homes file that a silence is judged by."""


class CannotTell(ValueError):
    """There is nothing to compare; `why` is the sentence that says so."""

    def __init__(self, key: str, **numbers: str | int | float) -> None:
        super().__init__(key)
        self.why = Evidence(key, numbers)


def settings_of(texts: list[str]) -> dict[str, str]:
    """`name=value` texts by name. Raises CannotTell."""
    known = ", ".join(SETTINGS)
    if not texts:
        raise CannotTell("whatif.nothing", known=known)
    cells: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name.strip() not in SETTINGS:
            raise CannotTell("whatif.no_setting", value=text[:40], known=known)
        cells[name.strip()] = value.strip()
    return cells


def told(
    db: Database, policy: Policy, home_id: str, cells: Mapping[str, str], days: int, progress: Callable[[float], None]
) -> Comparison | Evidence:
    """As `ask`; an Evidence says why there is nothing to compare."""
    try:
        return ask(db, policy, home_id, cells, days, progress)
    except CannotTell as cannot:
        return cannot.why


def ask(
    db: Database, policy: Policy, home_id: str, cells: Mapping[str, str], days: int, progress: Callable[[float], None]
) -> Comparison:
    """Replay the last `days` of a home's log, and up to `LEARN_DAYS` before them, with these settings changed.

    The days end with the newest event of the whole city. Raises CannotTell.
    """
    with db.read() as tx:
        home, until = people.home(tx, home_id), log.newest_seen(tx)
        if home is None:
            raise CannotTell("whatif.no_home", home=home_id[:40])
        changed = with_cells(home, cells)
        if isinstance(changed, Evidence):
            raise CannotTell(changed.key, **changed.numbers)
        since = until and until - timedelta(days=days)
        rows = past.of_home(tx, home_id, home.gateway, since - timedelta(days=LEARN_DAYS)) if since else []
    if (
        until is None
        or since is None
        or not spoke(rows, since)
        or until - max(since, rows[0].seen_at) < timedelta(seconds=CUT_S)
    ):
        raise CannotTell("whatif.no_log", home=home_id, days=days)
    return what_if(rows, home, changed, since, until, policy.asks_first, progress)
