"""What a tablet's form does: it finishes a visit or stands beside another's, and a closed door reaches a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal, persons, visits
from care.catalogue import rules_for
from care.episodes import Hands
from care.persons import Person
from care.visit import (
    CONTACT,
    MUST_MEET,
    Form,
    Kind,
    Outcome,
    Ruling,
    State,
    Visit,
    digest,
    fault,
    filled,
    follows,
    ruling,
)
from care.visit import again as again_id
from care.visits import IS_OPEN, OFFICE, form_of, settle, unknown_member, visit
from core.care import Refused, Stage, city_of
from core.people import Risk
from core.signals import Concern, Evidence, Signal, Urgency
from store import people
from store.care_tables import visit_versions
from store.care_tables import visits as table
from store.pack_tables import services


class Finished(msgspec.Struct, frozen=True):
    """What became of a form. `gone`: that they are gone is still to be said, by a person."""

    visit: Visit
    conflict: bool
    gone: bool


def finish(tx: Connection, id: str, form: Form, hands: Hands, now: datetime) -> Finished | Refused:
    """Take a form in, once for each id that a tablet has made; none that can be read is lost.

    It stands if it was written over the one that stands, else it is kept beside it as a conflict, until somebody sends
    one over the newest. A finished visit's record is corrected so, and stays finished.
    """
    it = visit(tx, id)
    if it is None:
        return Refused("unknown_visit", {"id": id})
    sent = digest(id, form)
    known = tx.execute(sa.select(visit_versions).where(visit_versions.c.id == form.id)).first()
    if known is not None and known.digest == sent:
        return _answer(tx, it, known.conflict)
    refused = fault(form, now) or unknown_member(tx, form.by, active=False) or _unknown_service(tx, it, form)
    if refused is not None:
        return refused
    if known is not None:
        _keep(tx, it, form, f"{form.id}#{sent[:8]}", sent, True, now)
        return Refused("id_taken", {"id": form.id})
    verdict = ruling(it, form)
    _keep(tx, it, form, form.id, sent, verdict is not Ruling.STANDS, now)
    if verdict is Ruling.STANDS:
        return _answer(tx, _stand(tx, it, form, hands, now), False)
    if not it.open and it.state is not State.FINISHED and form.outcome in CONTACT:
        persons.met(tx, it.person, form.finished_at)  # called off, and made all the same
    return _answer(tx, it, True)


def _answer(tx: Connection, it: Visit, conflict: bool) -> Finished:
    return Finished(it, conflict, to_be_said_gone(it, _person(tx, it)))


def to_be_said_gone(it: Visit, them: Person) -> bool:
    """Whether a visit has found that somebody moved away or died, and nobody has said so of the person yet."""
    return it.outcome is Outcome.GONE and them.gone_at is None


def _person(tx: Connection, it: Visit) -> Person:
    them = persons.person(tx, it.person)
    assert them is not None
    return them


def _unknown_service(tx: Connection, it: Visit, form: Form) -> Refused | None:
    if not form.record.needs:
        return None
    query = sa.select(services.c.code).where(services.c.city == city_of(it.area))
    missing = sorted(set(form.record.needs) - set(tx.scalars(query)))
    return Refused("unknown_service", {"id": missing[0]}) if missing else None


def _keep(tx: Connection, it: Visit, form: Form, id: str, sent: str, conflict: bool, now: datetime) -> None:
    if tx.scalar(sa.select(visit_versions.c.id).where(visit_versions.c.id == id)) is not None:
        return
    body = {"standing": it.version, "form": msgspec.to_builtins(form)}
    row = {"id": id, "visit": it.id, "base": form.base, "conflict": conflict, "body": body, "digest": sent}
    tx.execute(sa.insert(visit_versions).values(**row, by=form.by, at=now))
    if conflict:
        journal.note(tx, "visit_conflict", now, form.by, episode=it.episode, person=it.person, visit=it.id)


# --- what follows


def _stand(tx: Connection, before: Visit, form: Form, hands: Hands, now: datetime) -> Visit:
    it = filled(before, form)
    while (waiting := _waiting(tx, it, form)) is not None:
        tx.execute(sa.update(visit_versions).where(visit_versions.c.id == waiting.id).values(conflict=False))
        it, form = filled(it, waiting), waiting
    what = "visit_finished" if before.open else "visit_corrected"
    settle(tx, before, it, what, now, form.by, outcome=form.outcome.value, version=it.version)
    them = _person(tx, it)
    if form.outcome in CONTACT:
        persons.met(tx, them.id, form.finished_at)
        let_go(tx, _person(tx, it), now, form.by)
    if form.outcome is Outcome.MET and it.kind is Kind.INTAKE and it.episode is not None:
        episode = episodes.episode(tx, it.episode)
        if episode is not None and episode.stage is Stage.INTAKE:
            episodes.move(tx, episode, Stage.ASSESSMENT, hands, now, form.by)
    if form.outcome is Outcome.NOT_HOME and before.outcome is not Outcome.NOT_HOME and it.kind in MUST_MEET:
        _closed_door(tx, it, form, them, hands, now)
    return it


def _waiting(tx: Connection, it: Visit, standing: Form) -> Form | None:
    """The form that came too early, and was written over the one that stands now."""
    early = sa.and_(visit_versions.c.visit == it.id, visit_versions.c.base == it.version, visit_versions.c.conflict)
    query = sa.select(visit_versions.c.id, visit_versions.c.body).where(early).order_by(visit_versions.c.id)
    for row in tx.execute(query):
        form = form_of(row.body)
        if row.id == form.id and row.body["standing"] < form.base and follows(it, standing, form):
            return form
    return None


def _closed_door(tx: Connection, it: Visit, form: Form, them: Person, hands: Hands, now: datetime) -> None:
    """It reaches a person, and somebody goes again soon."""
    if them.gone_at is not None:
        return
    # The time at which somebody became known is no contact.
    met_since = form.finished_at < them.contact_at != them.created_at
    rules = rules_for(tx, them.area)
    if not met_since:
        day = form.finished_at.astimezone(ZoneInfo(rules.timezone)).date()
        evidence = Evidence("evidence.visit.closed_door", {"day": str(day), "visit": it.id})
        worry(tx, hands, them, Concern.SERVICE_WORRY, f"closed-door/{it.id}/{it.version}", evidence, now)
    due_at = now + timedelta(days=rules.visits.within_days)
    if it.kind is Kind.COMPULSORY:
        if met_since:
            return
        due_at = min(due_at, them.contact_at + rules.visits.interval(them.risk))
    elif it.episode is not None:
        episode = episodes.episode(tx, it.episode)
        if episode is None or not episode.open:
            return
    told_at = it.told_at if due_at <= now else None
    standing = _standing(tx, it)
    if standing is not None:
        visits.sooner(tx, standing, due_at, "closed_door", now, form.by)
        return
    owner = it.owner if visits.unknown_owner(tx, it.owner) is None else OFFICE + them.area
    reason, id = "closed_door", again_id(it)
    visits.put(tx, id, them, it.kind, reason, owner, due_at, form.by, now, told_at=told_at, episode=it.episode)


def _standing(tx: Connection, it: Visit) -> Visit | None:
    """An open visit for the same thing."""
    same = sa.and_(table.c.person == it.person, table.c.kind == it.kind, IS_OPEN)
    if it.kind is not Kind.COMPULSORY:
        same = sa.and_(same, table.c.episode == it.episode)
    return next(iter(visits.select(tx, same, limit=1)), None)


def let_go(tx: Connection, them: Person, now: datetime, by: str) -> int:
    """Call off the planned compulsory visits that a contact has made needless; how many."""
    limit = them.contact_at + rules_for(tx, them.area).visits.interval(them.risk)
    planned = sa.and_(table.c.person == them.id, table.c.kind == Kind.COMPULSORY, IS_OPEN, table.c.state == "planned")
    done = 0
    for it in visits.select(tx, planned, limit=20):
        if them.contact_at > it.created_at or (it.reason == "interval" and it.due_at < limit):
            visits.call_off(tx, it, by, now)
            done += 1
    return done


def worry(
    tx: Connection, hands: Hands, them: Person, concern: Concern, key: str, evidence: Evidence, now: datetime
) -> None:
    """Somebody at the desk must hear of a person; who is at high risk cannot wait for the office."""
    home = people.home(tx, them.home) if them.home else None
    urgency = Urgency.URGENT if them.risk is Risk.HIGH else Urgency.SOON
    told = (evidence, Evidence("evidence.visit.exercise")) if them.exercise else (evidence,)
    signal = Signal(key, concern, urgency, now, told, "visits", home=them.home, area=them.area)
    hands.alert(tx, signal, home, now, f"person:{them.id}")
