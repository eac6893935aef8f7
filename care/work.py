"""What workers are given to do and what they have really done: tasks, and records that arrive late and in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from care import episodes, journal, linkage, persons, tasks
from care.catalogue import rules_for
from care.episodes import Hands
from care.order import Numbers, Order, Outcome, Sent, State, fits, judge
from care.tasks import Task, task
from care.worries import worry
from core.care import Refused, city_of
from core.people import Role
from core.signals import Concern, Evidence, Urgency
from store.care_tables import care_log, orders, record_conflicts, records
from store.care_tables import tasks as task_rows
from store.database import insert_new
from store.pack_tables import provider_staff, services
from store.tables import members

chore = tasks.chore


class Record(msgspec.Struct, frozen=True):
    """One row of `records`: what was really done, and it never changes. `units` are those that are paid."""

    id: str
    order: int
    task: int | None
    provider: str
    worker: str
    start: datetime
    end: datetime
    outcome: str
    units: int
    note: str
    worry: str | None
    received_at: datetime


class Kept(msgspec.Struct, frozen=True):
    """What was sent and does not count: another text under a known id, or a record that did not fit its order."""

    record: str
    at: datetime
    body: dict[str, Any]


# --- tasks


def assign(
    tx: Connection,
    id: int,
    key: str,
    worker: str,
    planned_at: datetime,
    units: int,
    by: str,
    off_hours: Callable[[datetime], bool],
    hands: Hands,
    now: datetime,
) -> tuple[Task, bool] | Refused:
    """Give a worker a part of an accepted order; the task, and whether their telephone can be told of it.

    `key` is the provider's own id of it: given twice, it is one task.
    """
    it = linkage.read(tx, id)
    if isinstance(it, Refused):
        return it
    stands = next(iter(tasks.select(tx, task_rows.c.key == key, limit=1)), None)
    if stands is not None:
        same = (stands.order, stands.worker, stands.planned_at, stands.units) == (id, worker, planned_at, units)
        if same:
            return stands, _was_told(tx, it.episode, stands.id)
        said: Numbers = {"key": key, "order": id, "worker": worker, "planned_at": f"{planned_at:%Y-%m-%dT%H:%MZ}"}
        journal.note(tx, "task_conflict", now, by, episode=it.episode, person=it.person, units=units, **said)
        return Refused("id_taken")
    refused = _unfit(tx, it, worker, planned_at, units, off_hours)
    if refused is not None:
        return refused
    due_at = planned_at + timedelta(hours=rules_for(tx, it.area).deadlines.task_grace)
    if due_at <= now:
        return Refused("task_past")
    row = {"order": id, "key": key, "worker": worker, "units": units, "planned_at": planned_at, "due_at": due_at}
    made = sa.insert(task_rows).values(**row, state="assigned", by=by, at=now).returning(task_rows.c.id)
    number = int(tx.execute(made).scalar_one())
    about = episodes.episode(tx, it.episode)
    assert about is not None
    told = tasks.tell(tx, about.case_id, "task", number, worker, hands, now)
    numbers: Numbers = {"task": number, "order": id, "worker": worker, "told": int(told)}
    journal.note(tx, "task_assigned", now, by, episode=it.episode, person=it.person, **numbers)
    given = task(tx, number)
    assert given is not None
    return given, told


def _unfit(
    tx: Connection, it: Order, worker: str, planned_at: datetime, units: int, off_hours: Callable[[datetime], bool]
) -> Refused | None:
    who = persons.person(tx, it.person)
    if who is None or who.gone_at is not None:
        return Refused("order_person_gone")
    active = sa.select(members.c.id).where(members.c.id == worker, members.c.active, members.c.role == Role.WORKER)
    if not _of_staff(tx, it.provider, worker) or tx.execute(active).first() is None:
        return Refused("unknown_member", {"id": worker})
    of_city = sa.and_(services.c.city == city_of(it.area), services.c.code == it.service)
    hours = tx.scalar(sa.select(services.c.hours).where(of_city)) or "any"
    taken = tasks.live_units(tx, it.id) + linkage.recorded(tx, [it.id])[it.id]
    return fits(it, planned_at, units, taken, hours, off_hours(planned_at))


def _of_staff(tx: Connection, provider: str, worker: str) -> bool:
    pair = sa.and_(provider_staff.c.provider == provider, provider_staff.c.member == worker)
    return tx.execute(sa.select(provider_staff).where(pair)).first() is not None


def _was_given(tx: Connection, order: int, worker: str) -> bool:
    """Whether a part of the order was ever theirs: who has left since has been there all the same."""
    theirs = sa.and_(task_rows.c.order == order, task_rows.c.worker == worker)
    return tx.execute(sa.select(task_rows.c.id).where(theirs).limit(1)).first() is not None


def _was_told(tx: Connection, episode: int, task: int) -> bool:
    mine = sa.and_(care_log.c.episode == episode, care_log.c.what.endswith(".task_assigned"))
    lines = tx.scalars(sa.select(care_log.c.numbers).where(mine, care_log.c.numbers["task"].as_integer() == task))
    return any(line.get("told") for line in lines)


# --- records


def record(tx: Connection, sent: Sent, hands: Hands, now: datetime) -> Record | Refused:
    """Take in what a worker has done. The same again is the same record; whatever does not count is kept beside them.

    A closed door and a word of worry are told at once, whether the record counts or not.
    """
    print_ = digest(sent)
    stands = tx.execute(sa.select(records).where(records.c.id == sent.id)).first()
    if stands is not None and stands.digest == print_:
        return _record(stands)
    it = _order_of(tx, sent)
    if isinstance(it, Refused):
        return it
    given = task(tx, sent.task) if sent.task is not None else None
    if stands is not None:
        refused: Refused | None = Refused("id_taken")
    elif not _of_staff(tx, it.provider, sent.worker) and not _was_given(tx, it.id, sent.worker):
        refused = Refused("unknown_member", {"id": sent.worker})
    elif given is not None and given.order != it.id:
        refused = Refused("record_task", {"task": given.id, "order": it.id})
    else:
        refused = judge(it, sent, linkage.recorded(tx, [it.id])[it.id], now)
    if refused is not None:
        _keep(tx, it, sent, print_, refused, hands, now)
        return refused
    made = _insert(tx, it, sent, given, print_, now)
    _alarm(tx, it, sent, f"record/{sent.id}", hands, now)
    if it.state is State.ACCEPTED and linkage.recorded(tx, [it.id])[it.id] >= it.units:
        linkage.finish(tx, it.id, sent.worker, "", hands, now)
    return made


def digest(sent: Sent) -> str:
    """The same whenever the same was sent, whichever offset its times are written in."""
    utc = msgspec.structs.replace(sent, start=sent.start.astimezone(UTC), end=sent.end.astimezone(UTC))
    return hashlib.sha256(msgspec.json.encode(utc)).hexdigest()


def read(tx: Connection, *where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> Sequence[Record]:
    """Records, the earliest first."""
    query = sa.select(records).where(*where).order_by(records.c.start, records.c.id).limit(limit).offset(offset)
    return [_record(row) for row in tx.execute(query)]


def kept(tx: Connection, order: int, limit: int, offset: int = 0) -> Sequence[Kept]:
    """What was sent for an order and does not count, the oldest first."""
    stands = sa.and_(records.c.id == record_conflicts.c.record, records.c.digest == record_conflicts.c.digest)
    query = sa.select(record_conflicts.c.record, record_conflicts.c.at, record_conflicts.c.body).where(
        record_conflicts.c.body["order"].as_integer() == order, ~sa.select(records.c.id).where(stands).exists()
    )
    query = query.order_by(record_conflicts.c.at, record_conflicts.c.record).limit(limit).offset(offset)
    return [Kept(**row) for row in tx.execute(query).mappings()]


def _record(row: Any) -> Record:
    return Record(**{name: getattr(row, name) for name in Record.__struct_fields__})


def _order_of(tx: Connection, sent: Sent) -> Order | Refused:
    if sent.order is not None:
        it = linkage.read(tx, sent.order)
        unknown = sent.task is not None and task(tx, sent.task) is None
        return Refused("unknown_task", {"id": sent.task or 0}) if unknown and isinstance(it, Order) else it
    given = task(tx, sent.task or 0)
    return Refused("unknown_task", {"id": sent.task or 0}) if given is None else linkage.read(tx, given.order)


def _insert(tx: Connection, it: Order, sent: Sent, given: Task | None, print_: str, now: datetime) -> Record:
    waiting = given is not None and given.state == "assigned"
    row = {
        "id": sent.id,
        "order": it.id,
        # What was missed or taken back stays so; the record counts for the order alone.
        "task": given.id if given is not None and waiting else None,
        "provider": it.provider,
        "worker": sent.worker,
        "start": sent.start,
        "end": sent.end,
        "outcome": sent.outcome.value,
        "units": sent.payable,
        "note": sent.note,
        "worry": sent.worry or None,
        "received_at": now,
    }
    _note_overlaps(tx, it, sent, now)
    tx.execute(sa.insert(records).values(**row, digest=print_))
    if given is not None and waiting:
        tasks.change(tx, given.id, "done")
    said: Numbers = {"record": sent.id, "order": it.id, "outcome": sent.outcome.value, "units": sent.payable}
    journal.note(tx, "recorded", now, sent.worker, episode=it.episode, person=it.person, **said)
    _meet(tx, it, sent, now)
    made = tx.execute(sa.select(records).where(records.c.id == sent.id)).one()
    return _record(made)


def _keep(tx: Connection, it: Order, sent: Sent, print_: str, why: Refused, hands: Hands, now: datetime) -> None:
    """Nothing that was really done is lost: it is kept, journalled, and whoever was worried about is looked after."""
    body = msgspec.to_builtins(sent) | {"order": it.id, "why": why.code}
    row = {"record": sent.id, "digest": print_, "body": body, "at": now}
    fresh = insert_new(record_conflicts, tx.dialect.name).values(row).returning(record_conflicts.c.record)
    if tx.execute(fresh).first() is None:
        return
    said: Numbers = {"record": sent.id, "order": it.id, "why": why.code}
    journal.note(tx, "record_kept", now, sent.worker, episode=it.episode, person=it.person, **said)
    _alarm(tx, it, sent, f"record/{sent.id}/{print_[:12]}", hands, now)
    if why.code == "beyond_order":
        _meet(tx, it, sent, now)


def _meet(tx: Connection, it: Order, sent: Sent, now: datetime) -> None:
    if sent.outcome is Outcome.DONE:
        persons.met(tx, it.person, min(sent.end, now))


def _alarm(tx: Connection, it: Order, sent: Sent, key: str, hands: Hands, now: datetime) -> None:
    if not sent.worrying:
        return
    what = "worry" if sent.worry else sent.outcome.value
    why = Evidence(f"evidence.service.{what}", {"record": sent.id, "order": it.id})
    worry(tx, it.person, key, Concern.SERVICE_WORRY, Urgency.URGENT, why, hands, now)


def _note_overlaps(tx: Connection, it: Order, sent: Sent, now: datetime) -> None:
    """One worker at two people's at once: it is taken in, and the gu-office sees it."""
    theirs = sa.select(provider_staff.c.provider).where(provider_staff.c.member == sent.worker)
    at_once = sa.select(records.c.id).join(orders, orders.c.id == records.c.order)
    at_once = at_once.where(
        records.c.provider.in_(theirs),
        records.c.worker == sent.worker,
        records.c.start < sent.end,
        records.c.end > sent.start,
        orders.c.person != it.person,
    )
    for other in tx.scalars(at_once.order_by(records.c.id).limit(10)).all():
        said: Numbers = {"record": sent.id, "other": other}
        journal.note(tx, "overlap", now, sent.worker, episode=it.episode, person=it.person, **said)
