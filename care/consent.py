"""A person's consent: asked for, given, refused, withdrawn, and what is not obtained in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal, persons
from care.catalogue import rules_for
from care.episodes import Episode, Hands
from core.care import Ended, Refused
from core.signals import Concern, Evidence, Urgency
from store.care_tables import consents

Purpose = Literal["care", "sharing"]
"""`care`: before a plan may be agreed. `sharing`: before a provider is told of them."""
Decision = Literal["given", "refused", "withdrawn"]
TOGETHER = 100


class Consent(msgspec.Struct, frozen=True):
    """One row of `consents`. `due_at`: until when it should have been decided."""

    id: int
    person: str
    episode: int | None
    purpose: str
    state: str
    asked_at: datetime
    due_at: datetime | None
    decided_at: datetime | None
    by: str | None


def of_person(tx: Connection, person: str) -> list[Consent]:
    """All that somebody was asked, and what they said; the oldest first."""
    return _read(tx, consents.c.person == person)


def of_episode(tx: Connection, episode: int) -> list[Consent]:
    return _read(tx, consents.c.episode == episode)


def _read(tx: Connection, mine: sa.ColumnElement[bool]) -> list[Consent]:
    query = sa.select(consents).where(mine).order_by(consents.c.id)
    return [Consent(**row) for row in tx.execute(query).mappings()]


def given(tx: Connection, person: str, purpose: Purpose) -> bool:
    """Whether somebody's last word is that they agree. One who was asked anew has not said it yet."""
    last = _last(tx, person, purpose)
    return last is not None and last.state == "given"


def _last(tx: Connection, person: str, purpose: str) -> Consent | None:
    found = _read(tx, sa.and_(consents.c.person == person, consents.c.purpose == purpose))
    return found[-1] if found else None


def at_intake(tx: Connection, it: Episode, applied: bool, by: str, now: datetime) -> None:
    """Who has applied agrees; whoever others have applied for is asked, by a deadline, and once in an episode."""
    last = _last(tx, it.person, "care")
    mine = last is not None and last.episode == it.id
    if applied:
        if last is None or not mine or last.state in ("asked", "lapsed"):
            _decide(tx, it.person, it.id, "care", "given", by, now, last)
    elif not mine:
        ask(tx, it, "care", now)


def ask(tx: Connection, it: Episode, purpose: Purpose, now: datetime) -> None:
    """Somebody has to ask the person, until the area's deadline."""
    due_at = now + timedelta(hours=rules_for(tx, it.area).deadlines.consent)
    _insert(tx, it.person, it.id, purpose, "asked", now, due_at=due_at)
    journal.note(tx, "consent", now, "", episode=it.id, person=it.person, purpose=purpose, consent="asked")


def decide(
    tx: Connection, person: str, purpose: Purpose, decision: Decision, by: str, hands: Hands, now: datetime
) -> Consent | Refused:
    """What the person has said. Said twice it is the same.

    Who refuses care, or takes back their consent to it, gets none: their open episode is closed as declined.
    """
    it = persons.person(tx, person)
    if it is None:
        return Refused("unknown_person", {"id": person})
    last = _last(tx, person, purpose)
    if last is not None and last.state == decision:
        return last
    if decision == "withdrawn" and (last is None or last.state != "given"):
        return Refused("nothing_given")
    if decision == "refused" and last is not None and last.state == "given":
        return Refused("consent_given")
    if it.gone_at is not None and decision == "given":
        return Refused("gone")
    open_ = persons.open_episode(tx, person)
    _decide(tx, person, open_.id if open_ else None, purpose, decision, by, now, last)
    if open_ is not None and purpose == "care" and decision != "given":
        closed = episodes.close(tx, open_, Ended.DECLINED, hands, now, by)
        assert not isinstance(closed, Refused)
    decided = _last(tx, person, purpose)
    assert decided is not None
    return decided


def _decide(
    tx: Connection,
    person: str,
    episode: int | None,
    purpose: str,
    decision: str,
    by: str,
    now: datetime,
    last: Consent | None,
) -> None:
    if last is not None and last.state == ("given" if decision == "withdrawn" else "asked"):
        said = {"state": decision, "decided_at": now, "by": by}
        tx.execute(sa.update(consents).where(consents.c.id == last.id).values(said))
        episode = last.episode
    else:
        _insert(tx, person, episode, purpose, decision, now, decided_at=now, by=by)
    journal.note(tx, "consent", now, by, episode=episode, person=person, purpose=purpose, consent=decision)


def _insert(
    tx: Connection, person: str, episode: int | None, purpose: str, state: str, now: datetime, **more: Any
) -> None:
    row = {"person": person, "episode": episode, "purpose": purpose, "state": state, "asked_at": now, **more}
    tx.execute(sa.insert(consents).values(row))


_later = consents.alias("later")
_since = _later.c.person == consents.c.person, _later.c.purpose == consents.c.purpose, _later.c.id > consents.c.id
LATE = sa.and_(consents.c.state == "lapsed", ~sa.select(_later.c.id).where(*_since).correlate(consents).exists())
"""Not obtained in time, and nothing was said since. Of a closed episode nobody waits for it any more."""


def chore(tx: Connection, hands: Hands, now: datetime) -> int:
    """Consents whose deadline has passed: each is told once, and stays to be seen until the person has spoken."""
    due = sa.select(consents).where(consents.c.state == "asked", consents.c.due_at <= now)
    rows: Sequence[Any] = tx.execute(due.order_by(consents.c.due_at).limit(TOGETHER)).all()
    for row in rows:
        it = persons.person(tx, row.person)
        assert it is not None
        zone = ZoneInfo(rules_for(tx, it.area).timezone)
        why = Evidence("evidence.consent_overdue", {"due": f"{row.due_at.astimezone(zone):%Y-%m-%d %H:%M}"})
        persons.alert(tx, it, Concern.CARE_OVERDUE, Urgency.ROUTINE, f"consent/{row.id}", why, hands, now)
        tx.execute(sa.update(consents).where(consents.c.id == row.id).values(state="lapsed"))
        told = {"purpose": row.purpose, "consent": "lapsed"}
        journal.note(tx, "consent", now, "", episode=row.episode, person=row.person, **told)
    return len(rows)
