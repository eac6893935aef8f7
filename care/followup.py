"""Evaluation and follow-up: what came of the care, asked when the rules say so, and how an episode ends well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal
from care.assess import keep_other, must_be_known
from care.catalogue import rules_for
from care.episodes import Episode, Hands
from care.instruments import scored
from care.persons import met, person
from core.care import Ended, Refused, Stage, who
from core.signals import Concern, Evidence, Signal, Urgency
from store import care_tables as tables
from store import people
from store.database import insert_new
from store.outcome_tables import evaluations, follow_ups
from store.tables import signals

FIRST, AGAIN = "first", "follow_up"
AT_ONCE = 100
"""So many overdue ones are told in one round."""


class Evaluation(msgspec.Struct, frozen=True):
    """One row of `evaluations`; it never changes. `mode`: visit or phone."""

    id: str
    episode: int
    person: str
    instrument: str
    version: str
    phase: str
    mode: str
    answers: dict[str, int]
    score: float
    by: str
    at: datetime


class FollowUp(msgspec.Struct, frozen=True):
    """One row of `follow_ups`."""

    id: int
    episode: int
    instrument: str
    phase: str
    state: str
    owner: str
    due_at: datetime
    done_at: datetime | None


def open_all(tx: Connection, it: Episode, now: datetime) -> None:
    """What the rules want asked after a plan, each once; what was asked before is done."""
    known = {(row.instrument, row.phase): row.at for row in evaluations_of(tx, it.id)}
    for rule in rules_for(tx, it.area).follow_ups:
        for phase, days in ((FIRST, rule.first_days), (AGAIN, rule.again_days)):
            if days is None:
                continue
            done = known.get((rule.instrument, phase))
            row = {
                "episode": it.id,
                "instrument": rule.instrument,
                "phase": phase,
                "state": "done" if done else "open",
                "owner": it.owner,
                "due_at": now + timedelta(days=days),
                "done_at": done,
            }
            tx.execute(insert_new(follow_ups, tx.dialect.name).values(row))


def record_evaluation(
    tx: Connection,
    id: str,
    episode: int,
    instrument: str,
    phase: str,
    mode: str,
    answers: Mapping[str, int],
    by: str,
    now: datetime,
    *,
    version: str | None = None,
) -> Evaluation | Refused:
    """Keep what somebody said of their care or their life; once for each episode, instrument and phase.

    Whoever asks has seen or spoken to them. Sent again under its `id`, it is the same evaluation.
    """
    it = episodes.episode(tx, episode)
    if it is None:
        return Refused("unknown_episode", {"id": episode})
    row = tx.execute(sa.select(evaluations).where(evaluations.c.id == id)).first()
    stands = None if row is None else Evaluation(**row._mapping)
    come = scored(tx, instrument, version or (stands.version if stands else None), dict(answers))
    if isinstance(come, Refused):
        return come
    asked, sum_ = come
    fresh = Evaluation(
        id, episode, it.person, instrument, asked.version, phase, mode, dict(answers), sum_.score, by, now
    )
    if stands is not None:
        if _said(stands) == _said(fresh):
            return stands
        keep_other(tx, it, id, msgspec.to_builtins(fresh), by, now)
        return Refused("id_taken")
    refused = _may_evaluate(tx, it, instrument, phase, by)
    if refused is not None:
        return refused
    tx.execute(sa.insert(evaluations).values(msgspec.structs.asdict(fresh)))
    mine = sa.and_(*_of(follow_ups, episode, instrument, phase), follow_ups.c.state == "open")
    tx.execute(sa.update(follow_ups).where(mine).values(state="done", done_at=now))
    met(tx, it.person, now)
    told: dict[str, Any] = {"instrument": instrument, "phase": phase, "mode": mode}
    journal.note(tx, "evaluated", now, by, episode=episode, person=it.person, **told)
    return fresh


def evaluations_of(tx: Connection, episode: int) -> list[Evaluation]:
    """An episode's evaluations, oldest first."""
    mine = sa.select(evaluations).where(evaluations.c.episode == episode)
    rows = tx.execute(mine.order_by(evaluations.c.at, evaluations.c.id))
    return [Evaluation(**row._mapping) for row in rows]


def follow_ups_of(tx: Connection, episode: int) -> list[FollowUp]:
    """What is to be asked of an episode, by the day it falls due."""
    mine = sa.select(follow_ups).where(follow_ups.c.episode == episode)
    return [FollowUp(**row._mapping) for row in tx.execute(mine.order_by(follow_ups.c.due_at, follow_ups.c.id))]


def due(
    tx: Connection,
    area: str,
    before: datetime,
    *,
    owner: str | None = None,
    limit: int,
    offset: int = 0,
    only: sa.ColumnElement[bool] | None = None,
) -> list[FollowUp]:
    """Open follow-ups that fall due by `before` below an area ("": everywhere), the oldest first. `only`: a further
    clause on the table of episodes."""
    query = sa.select(follow_ups).join(tables.episodes, tables.episodes.c.id == follow_ups.c.episode)
    query = query.where(follow_ups.c.state == "open", follow_ups.c.due_at <= before, below(area))
    if only is not None:
        query = query.where(only)
    if owner is not None:
        query = query.where(follow_ups.c.owner == owner)
    rows = tx.execute(query.order_by(follow_ups.c.due_at, follow_ups.c.id).limit(limit).offset(offset))
    return [FollowUp(**row._mapping) for row in rows]


def below(area: str) -> sa.ColumnElement[bool]:
    """Episodes of an area and of what lies in it; "": all."""
    column = tables.episodes.c.area
    return sa.or_(sa.literal(area == ""), column == area, column.startswith(area + "/", autoescape=True))


def finish(tx: Connection, episode: int, by: str, hands: Hands, now: datetime) -> Episode | Refused:
    """Close an episode as completed; nothing of it may be open. Finished again, it is as it was."""
    it = episodes.episode(tx, episode)
    if it is None:
        return Refused("unknown_episode", {"id": episode})
    if it.ended is Ended.COMPLETED:
        return it
    return must_be_known(tx, it, by) or episodes.close(tx, it, Ended.COMPLETED, hands, now, by)


def chore(tx: Connection, hands: Hands, now: datetime) -> int:
    """Each overdue evaluation becomes one care-overdue alert about its person; how many were told."""
    key = sa.literal("follow-up/") + sa.cast(follow_ups.c.id, sa.Text)
    # The desk keeps each signal's key: what it has heard of is told.
    told = sa.select(signals.c.id).where(signals.c.key == key).exists()
    late = sa.and_(follow_ups.c.state == "open", follow_ups.c.due_at <= now, ~told)
    query = sa.select(follow_ups, tables.episodes.c.person).join(tables.episodes).where(late)
    rows = tx.execute(query.order_by(follow_ups.c.due_at, follow_ups.c.id).limit(AT_ONCE)).all()
    for row in rows:
        them = person(tx, row.person)
        assert them is not None
        home = people.home(tx, them.home) if them.home else None
        why = Evidence("care.why.follow_up", {"episode": row.episode, "instrument": row.instrument})
        signal = Signal(
            f"follow-up/{row.id}",
            Concern.CARE_OVERDUE,
            Urgency.ROUTINE,
            now,
            (why,),
            "care",
            home.id if home else None,
            None if home else them.area,
        )
        hands.alert(tx, signal, home, now, "" if home else f"person:{them.id}")
        journal.note(
            tx, "follow_up_late", now, "care", episode=row.episode, person=row.person, instrument=row.instrument
        )
    return len(rows)


def _may_evaluate(tx: Connection, it: Episode, instrument: str, phase: str, by: str) -> Refused | None:
    refused = must_be_known(tx, it, by)
    if refused is not None:
        return refused
    if it.stage is Stage.INTAKE:
        return Refused("not_now", {"stage": it.stage.value})
    known = {row.phase for row in evaluations_of(tx, it.id) if row.instrument == instrument}
    if phase in known:
        return Refused("evaluated", {"instrument": instrument})
    if phase == AGAIN and FIRST not in known:
        return Refused("first_missing", {"instrument": instrument})
    return None


def _said(it: Evaluation) -> tuple[Any, ...]:
    return (it.episode, it.instrument, it.version, it.phase, it.mode, it.answers, who(it.by))


def _of(table: sa.Table, episode: int, instrument: str, phase: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.episode == episode, table.c.instrument == instrument, table.c.phase == phase)
