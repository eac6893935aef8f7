"""Providers' claims: which records they ask money for, and the SQL of their way to being paid, each record once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import budget, journal, ledger
from care.catalogue import rules_for
from care.claim import CLOSED, MOST_RECORDS, OFFICE, Act, Person, Standing, State, Step, decide, due, owner_of
from care.offices import answers_for
from care.records import Line, bill, claimable
from care.sent import keep
from core.care import MOST_WON, Refused, city_of, gu_of, who
from store.care_tables import claim_items, claims, orders
from store.care_tables import records as record_rows
from store.columns import below
from store.pack_tables import provider_staff, providers
from store.tables import members

__all__ = ["Claim", "Line", "act", "claim", "claimable", "details", "items", "overdue", "resubmit", "select", "submit"]

Tell = Callable[[Connection, str, str, str, dict[str, Any], datetime], object]
"""(tx, provider, type, subject, data, now): what a provider's own software is told, as words and numbers."""


def nobody(_tx: Connection, _to: str, _type: str, _subject: str, _data: dict[str, Any], _now: datetime) -> None:
    """Tells nobody."""


class Claim(msgspec.Struct, frozen=True):
    """One row of `claims`; `won` is the sum of its records', also after a withdrawal has freed them."""

    id: int
    key: str
    provider: str
    city: str
    gu: str
    state: State
    won: int
    owner: str
    due_at: datetime | None
    sent: dict[str, Any]
    submitters: list[str]
    submitted_by: str
    submitted_at: datetime
    verified_by: str | None
    verified_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    reason: str | None
    exercise: bool

    @property
    def open(self) -> bool:
        return self.state not in CLOSED


class Detail(msgspec.Struct, frozen=True):
    """One record of a claim, as whoever signs it has to see it."""

    record: str
    won: int
    start: datetime
    worker: str
    units: int
    service: str
    area: str


def claim(tx: Connection, id: int) -> Claim | Refused:
    """One claim."""
    row = tx.execute(sa.select(claims).where(claims.c.id == id)).first()
    return Refused("unknown_claim", {"id": id}) if row is None else _claim(row)


def _claim(row: Any) -> Claim:
    return Claim(**{**row._mapping, "state": State(row.state)})


def _now(tx: Connection, id: int) -> Claim:
    found = claim(tx, id)
    assert isinstance(found, Claim)
    return found


def select(tx: Connection, *where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> Sequence[Claim]:
    """Claims, what is due first on top, closed ones last."""
    order = (claims.c.due_at.is_(None), claims.c.due_at, claims.c.id.desc())
    query = sa.select(claims).where(*where).order_by(*order).limit(limit).offset(offset)
    return [_claim(row) for row in tx.execute(query)]


def within_area(prefix: str) -> sa.ColumnElement[bool]:
    """The claims of an area and of what lies below it; empty: all."""
    return below(claims.c.gu, prefix)


def overdue(tx: Connection, prefix: str, now: datetime, *, limit: int = 200, offset: int = 0) -> Sequence[Claim]:
    """The open claims of an area whose deadline has passed. They concern money and nobody's safety: no signal."""
    return select(tx, within_area(prefix), claims.c.due_at < now, limit=limit, offset=offset)


def items(tx: Connection, id: int) -> list[tuple[str, int]]:
    """The records that a claim holds, and the won asked for each."""
    mine = sa.select(claim_items.c.record, claim_items.c.won).where(claim_items.c.claim == id)
    return [(row.record, row.won) for row in tx.execute(mine.order_by(claim_items.c.record))]


def details(tx: Connection, id: int) -> list[Detail]:
    """The work that a claim holds, the earliest first."""
    of = (claim_items.c.record, claim_items.c.won, record_rows.c.start, record_rows.c.worker, record_rows.c.units)
    query = (
        sa.select(*of, orders.c.service, orders.c.area)
        .join(record_rows, record_rows.c.id == claim_items.c.record)
        .join(orders, orders.c.id == record_rows.c.order)
        .where(claim_items.c.claim == id)
        .order_by(record_rows.c.start, record_rows.c.id)
    )
    return [Detail(**row) for row in tx.execute(query).mappings()]


def submit(tx: Connection, key: str, provider: str, records: Sequence[str], by: str, now: datetime) -> Claim | Refused:
    """A provider asks money for what it did. The same claim sent again is the claim as it stands now."""
    sent = {"provider": provider, "records": sorted(records), "by": by}
    stood = tx.execute(sa.select(claims).where(claims.c.key == key)).first()
    if stood is not None:
        if stood.sent == sent:
            return _claim(stood)
        keep(tx, f"claim:{key}", sent, now)
        return Refused("id_taken")
    if tx.scalar(sa.select(providers.c.id).where(providers.c.id == provider)) is None:
        return Refused("unknown_provider", {"id": provider})
    lines = bill(tx, provider, records)
    if isinstance(lines, Refused):
        return lines
    gu, exercise, won = gu_of(lines[0].area), lines[0].exercise, sum(line.won for line in lines)
    if won > MOST_WON:
        return Refused("claim_won", {"most": MOST_WON})
    row = {
        "key": key,
        "provider": provider,
        "city": city_of(gu),
        "gu": gu,
        "state": State.SUBMITTED.value,
        "won": won,
        "owner": owner_of(State.SUBMITTED, provider, gu),
        "due_at": due(State.SUBMITTED, rules_for(tx, gu).deadlines, now),
        "sent": sent,
        "submitters": [by],
        "submitted_by": by,
        "submitted_at": now,
        "exercise": exercise,
    }
    id = int(tx.execute(sa.insert(claims).values(row).returning(claims.c.id)).scalar_one())
    tx.execute(sa.insert(claim_items), [{"record": line.record, "claim": id, "won": line.won} for line in lines])
    journal.note(tx, "claim_submitted", now, by, claim=id, provider=provider, records=len(lines), won=won)
    return _now(tx, id)


def resubmit(tx: Connection, id: int, records: Sequence[str], by: str, now: datetime) -> Claim | Refused:
    """A returned claim again, with these of its records; the others are free for another claim."""
    it = claim(tx, id)
    if isinstance(it, Refused):
        return it
    step = _step(tx, it, Act.RESUBMIT, by, now)
    if isinstance(step, Refused):
        return step
    if not 1 <= len(records) <= MOST_RECORDS:
        return Refused("claim_size", {"most": MOST_RECORDS})
    held, keeping = dict(items(tx, id)), set(records)
    for record in records:
        if record not in held:
            return Refused("not_of_claim", {"id": record})
    _free(tx, id, held.keys() - keeping)
    won = sum(held[record] for record in keeping)
    submitters = it.submitters if by in it.submitters else [*it.submitters, by]
    again = {"won": won, "submitters": submitters, "submitted_by": by, "submitted_at": now}
    numbers = {"records": len(keeping), "dropped": len(held) - len(keeping), "won": won}
    return _settle(tx, it, step, now, by, "resubmitted", again, numbers)


def act(
    tx: Connection, id: int, act: Act, by: str, now: datetime, *, reason: str = "", tell: Tell = nobody
) -> Claim | Refused:
    """Verify, return (for a reason), withdraw, approve or pay a claim. An exercise's moves no money."""
    it = claim(tx, id)
    if isinstance(it, Refused):
        return it
    if it.open and act in OFFICE:
        allowed = answers_for(tx, by, it.gu)
        if isinstance(allowed, Refused):
            return allowed
    step = _step(tx, it, act, by, now)
    if isinstance(step, Refused):
        return step
    if act is Act.RETURN and not reason:
        return Refused("no_reason")
    if act is Act.PAY and not it.exercise:
        missing = budget.short(tx, it.city, it.won, now)
        if missing:
            return Refused("beyond_budget", {"short": missing})
        ledger.post(tx, id, it.provider, it.gu, it.city, it.won, by, now)
    if act is Act.WITHDRAW:
        _free(tx, id, [record for record, _ in items(tx, id)])
    done = _settle(tx, it, step, now, by, step.state.value, _signed(act, by, now, reason), {"won": it.won})
    if act in (Act.PAY, Act.RETURN):
        data = {"claim": id, "key": it.key, "state": done.state.value, "won": done.won, "exercise": done.exercise}
        tell(tx, it.provider, f"claim.{done.state.value}", str(id), data, now)
    return done


def _signed(act: Act, by: str, now: datetime, reason: str) -> dict[str, Any]:
    if act is Act.RETURN:
        # Whoever verified it has to look at it again: the journal keeps that they had.
        return {"verified_by": None, "verified_at": None, "reason": reason}
    name = {Act.VERIFY: "verified", Act.APPROVE: "approved", Act.PAY: "paid"}.get(act)
    return {f"{name}_by": by, f"{name}_at": now} if name else {}


def _step(tx: Connection, it: Claim, act: Act, by: str, now: datetime) -> Step | Refused:
    signer = _person(tx, by)
    standing = Standing(
        it.state,
        it.provider,
        it.gu,
        tuple(_person(tx, name) for name in it.submitters),
        _person(tx, it.verified_by) if it.verified_by else None,
    )
    theirs = sa.select(provider_staff.c.member).where(provider_staff.c.provider == it.provider)
    staff = any(signer.is_(_person(tx, member)) for member in tx.scalars(theirs).all()) if act in OFFICE else False
    return decide(standing, act, signer, staff, rules_for(tx, it.gu).deadlines, now)


def _person(tx: Connection, said: str) -> Person:
    # Who hands in writes a name or an id; a member is known by both.
    names = {who(said)}
    for member in tx.execute(sa.select(members.c.id, members.c.name).where(members.c.id == said)):
        names.add(who(member.name))
    return Person(said, frozenset(names - {""}))


def _free(tx: Connection, id: int, records: Iterable[str]) -> None:
    mine = sa.and_(claim_items.c.claim == id, claim_items.c.record.in_(list(records)))
    tx.execute(sa.delete(claim_items).where(mine))


def _settle(
    tx: Connection,
    it: Claim,
    step: Step,
    now: datetime,
    by: str,
    what: str,
    values: dict[str, Any],
    numbers: dict[str, Any],
) -> Claim:
    stands = {"state": step.state.value, "owner": step.owner, "due_at": step.due_at}
    tx.execute(sa.update(claims).where(claims.c.id == it.id).values(**stands, **values))
    journal.note(tx, f"claim_{what}", now, by, claim=it.id, provider=it.provider, **numbers)
    return _now(tx, it.id)
