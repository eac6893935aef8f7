"""What came of care: when the services are over and it can be judged, and the change that many people have seen."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import change, episodes, planning
from care.assess import must_be_known
from care.catalogue import rules_for
from care.change import Change, Share
from care.episodes import Episode, Hands
from care.followup import AGAIN, FIRST, below
from care.instruments import instrument as one_of
from core.care import Refused, Stage
from store import care_tables as tables
from store.care_tables import orders, records
from store.outcome_tables import evaluations

SATISFIED = "satisfied"
"""The level of a satisfaction instrument from which somebody counts as satisfied."""


def begin_evaluation(tx: Connection, episode: int, by: str, hands: Hands, now: datetime) -> Episode | Refused:
    """The services are over: each item of the agreed plan was delivered, or cancelled with a reason, and something was
    delivered at all. An episode that is there already stays as it is."""
    it = episodes.episode(tx, episode)
    if it is None:
        return Refused("unknown_episode", {"id": episode})
    if it.stage is Stage.EVALUATION:
        return it
    refused = must_be_known(tx, it, by)
    if refused is None and it.stage is Stage.LINKAGE:
        refused = _over(tx, it)
    return refused or episodes.move(tx, it, Stage.EVALUATION, hands, now, by)


def changed(tx: Connection, area: str, instrument: str, since: datetime, until: datetime) -> Change | Refused:
    """The paired change from the first time to the follow-up, of whoever was asked both times with the same version and
    the second time from `since` up to `until`. A person counts once, with their newest pair; an exercise never."""
    known = one_of(tx, instrument)
    if isinstance(known, Refused):
        return known
    first, again = evaluations.alias("first"), evaluations.alias("again")
    pairs = sa.and_(
        first.c.episode == again.c.episode,
        first.c.instrument == again.c.instrument,
        first.c.version == again.c.version,
        first.c.phase == FIRST,
        again.c.phase == AGAIN,
    )
    joined = again.join(first, pairs).join(tables.episodes, tables.episodes.c.id == again.c.episode)
    within = (again.c.instrument == instrument, again.c.at >= since, again.c.at < until)
    query = sa.select(again.c.person, first.c.score.label("before"), again.c.score.label("after")).select_from(joined)
    query = query.where(*within, below(area), ~tables.episodes.c.exercise).order_by(again.c.at, again.c.id)
    newest = {row.person: (row.before, row.after) for row in tx.execute(query)}
    before, after = [pair[0] for pair in newest.values()], [pair[1] for pair in newest.values()]
    return change.paired(before, after, rules_for(tx, area).floor)


def satisfied(tx: Connection, area: str, instrument: str, since: datetime, until: datetime) -> Share | Refused:
    """How many of a hundred people are satisfied, by the newest answer of each from `since` up to `until`."""
    known = one_of(tx, instrument)
    if isinstance(known, Refused):
        return known
    if known.kind != "satisfaction":
        return Refused("no_level", {"id": instrument})
    query = sa.select(evaluations).join(tables.episodes, tables.episodes.c.id == evaluations.c.episode)
    within = (evaluations.c.instrument == instrument, evaluations.c.at >= since, evaluations.c.at < until)
    query = query.where(*within, below(area), ~tables.episodes.c.exercise)
    rows = tx.execute(query.order_by(evaluations.c.at, evaluations.c.id)).all()
    versions = {version: one_of(tx, instrument, version) for version in {row.version for row in rows}}
    newest: dict[str, bool] = {}
    for row in rows:
        asked = versions[row.version]
        assert not isinstance(asked, Refused), "what was answered is never deleted"
        newest[row.person] = asked.level_of(row.score) == SATISFIED
    return change.share(list(newest.values()), rules_for(tx, area).floor)


def _over(tx: Connection, it: Episode) -> Refused | None:
    plan = planning.agreed(tx, it.id)
    if plan is None:
        return Refused("no_plan")
    if left := planning.unserved(tx, plan):
        return Refused("services_open", {"open": left})
    mine = sa.select(records.c.id).join(orders, orders.c.id == records.c.order).where(orders.c.episode == it.id)
    return None if tx.execute(mine.limit(1)).first() else Refused("no_record")
