"""Assessments: how much help somebody needs, by a published questionnaire, and the level of care that follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal
from care.catalogue import rules_for
from care.episodes import Episode, Hands
from care.instruments import scored
from care.persons import person
from core.care import Refused, Stage, who
from core.people import CALLED
from store import care_tables as tables
from store.care_tables import assessments
from store.tables import members


class Assessment(msgspec.Struct, frozen=True):
    """One row of `assessments`; it never changes. The level of the newest is the episode's."""

    id: str
    episode: int
    instrument: str
    version: str
    answers: dict[str, int]
    score: float
    level: str
    by: str
    at: datetime


def record_assessment(
    tx: Connection,
    id: str,
    episode: int,
    answers: Mapping[str, int],
    by: str,
    now: datetime,
    hands: Hands,
    *,
    instrument: str | None = None,
    version: str | None = None,
) -> Assessment | Refused:
    """Keep an assessment; the level of care becomes the episode's, and an episode that waits for it goes on to plan.

    Without an `instrument` it is the one that the area's rules name; without a `version`, the newest. Sent again under
    its `id`, it is the same assessment, whatever has become of the episode since. A later one corrects it until the
    episode is closed.
    """
    it = episodes.episode(tx, episode)
    if it is None:
        return Refused("unknown_episode", {"id": episode})
    stands = _assessment(tx, id)
    code = instrument or (stands.instrument if stands else rules_for(tx, it.area).care_level)
    come = scored(tx, code, version or (stands.version if stands else None), dict(answers))
    if isinstance(come, Refused):
        return come
    asked, sum_ = come
    fresh = Assessment(id, episode, code, asked.version, dict(answers), sum_.score, sum_.level, by, now)
    if stands is not None:
        same = (stands.episode, stands.instrument, stands.version, stands.answers, who(stands.by))
        if same == (episode, code, asked.version, fresh.answers, who(by)):
            return stands
        keep_other(tx, it, id, msgspec.to_builtins(fresh), by, now)
        return Refused("id_taken")
    refused = must_be_known(tx, it, by) or must_be_here(tx, it)
    if refused is None and asked.kind != "care_level":
        refused = Refused("no_level", {"id": code})
    if refused is not None:
        return refused
    if it.stage in (Stage.INTAKE, Stage.ASSESSMENT):
        moved = episodes.move(tx, it, Stage.PLAN, hands, now, by)
        if isinstance(moved, Refused):
            return moved
    tx.execute(sa.insert(assessments).values(msgspec.structs.asdict(fresh)))
    tx.execute(sa.update(tables.episodes).where(tables.episodes.c.id == episode).values(level=fresh.level))
    told: dict[str, Any] = {"instrument": code, "score": round(fresh.score), "level": fresh.level}
    journal.note(tx, "assessed", now, by, episode=episode, person=it.person, **told)
    return fresh


def assessments_of(tx: Connection, episode: int) -> list[Assessment]:
    """An episode's assessments, the newest first."""
    mine = sa.select(assessments).where(assessments.c.episode == episode)
    rows = tx.execute(mine.order_by(assessments.c.at.desc(), assessments.c.id.desc()))
    return [Assessment(**row._mapping) for row in rows]


def must_be_known(tx: Connection, it: Episode, by: str) -> Refused | None:
    """Why this one may not work at the episode now: it is closed, or they are no active member of the offices."""
    if not it.open:
        return Refused("closed")
    roles = [role.value for role in CALLED]
    theirs = sa.and_(members.c.id == by, members.c.active, members.c.role.in_(roles))
    known = tx.execute(sa.select(members.c.id).where(theirs)).first() is not None
    return None if known else Refused("unknown_member", {"id": by})


def must_be_here(tx: Connection, it: Episode) -> Refused | None:
    """Why nothing new may be planned for the episode's person: they have moved away, or died."""
    them = person(tx, it.person)
    return Refused("gone") if them is None or them.gone_at is not None else None


def keep_other(tx: Connection, it: Episode, id: str, sent: Mapping[str, Any], by: str, now: datetime) -> None:
    """Keep in the journal what came under an id that something else has; once for each content."""
    answers = ", ".join(f"{code}={points}" for code, points in sorted(sent["answers"].items()))
    said = {name: sent[name] for name in ("instrument", "version", "phase", "mode") if name in sent}
    numbers: dict[str, Any] = {**said, "id": id, "answers": answers}
    line = ("care.log.answers_differ", numbers, by)
    known = [(one["what"], one["numbers"], one["who"]) for one in journal.history(tx, episode=it.id)]
    if line not in known:
        journal.note(tx, "answers_differ", now, by, episode=it.id, person=it.person, **numbers)


def _assessment(tx: Connection, id: str) -> Assessment | None:
    row = tx.execute(sa.select(assessments).where(assessments.c.id == id)).first()
    return None if row is None else Assessment(**row._mapping)
