"""What holds of orders and records in whatever turn things come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from care import linkage, order, work
from care.hooks import GIVE_UP, LONGEST_WAIT, wait_after
from care.order import LIVE, NEXT, Order, Outcome, Sent, State, fits, judge
from core.care import Refused
from store.care_tables import record_conflicts, records, tasks
from store.database import Database
from store.migrate import migrate
from tests.effort import tried
from tests.linked import Linked, at
from tests.serving import T0

SPAN = timedelta(days=10)
EDGES = st.sampled_from([-25, -24, 0, 19, 23, 24, 25, 240, 241, 264, 265])
HOURS = st.one_of(EDGES, st.integers(-60, 400)).map(lambda h: T0 + timedelta(hours=h))


def offered() -> Order:
    due_at, end = T0 + timedelta(hours=24), T0 + SPAN
    return Order(
        1, 1, 1, "p-1", "gwangju/nam-gu", "meal", "meals-1", 10, 9000, T0, end, State.OFFERED, "provider:meals-1",
        due_at, T0, None, None, None, False,
    )  # fmt: skip


def do(it: Order, verb: str, recorded: int, now: datetime) -> Order | Refused:
    match verb:
        case "accept":
            return order.accept(it, "clerk", now)
        case "decline":
            return order.decline(it, "clerk", "no driver", now)
        case "lapse":
            return order.lapse(it, now)
        case "cancel":
            return order.cancel(it, "kim", "hospital", now)
    return order.finish(it, recorded, "kim", "over" if recorded % 2 else "", now)


VERBS = st.sampled_from(["accept", "decline", "lapse", "cancel", "finish"])


@given(st.lists(st.tuples(VERBS, st.integers(0, 10), HOURS), max_size=12))
def test_a_closed_order_never_changes(steps: list[tuple[str, int, datetime]]) -> None:
    it = offered()
    for verb, recorded, now in steps:
        after = do(it, verb, recorded, now)
        if isinstance(after, Refused):
            assert after.code.startswith("order_")
            continue
        if not it.open:
            assert after is it
        if after is not it:
            assert after.state in NEXT[it.state]
            assert after.decided_at == now
            assert (after.due_at is not None) == after.open, "what is open is due"
        if after.state is State.LAPSED and it.state is State.OFFERED:
            assert now >= T0 + timedelta(hours=24), "silence has its time"
        if after.state is State.DONE and it.state is not State.DONE:
            assert recorded >= it.units or (now >= it.end and recorded % 2)
        assert after.units, after.price_won == (10, 9000)
        it = after


@given(HOURS)
def test_silence_has_its_time(now: datetime) -> None:
    assert isinstance(order.lapse(offered(), now), Order) == (now >= T0 + timedelta(hours=24))


@given(HOURS, st.integers(1, 12), st.integers(0, 12), st.sampled_from(["any", "office", "off_hours"]), st.booleans())
def test_a_task_that_fits(planned_at: datetime, units: int, taken: int, hours: str, off: bool) -> None:
    accepted = order.accept(offered(), "clerk", T0)
    assert isinstance(accepted, Order)
    refused = fits(accepted, planned_at, units, taken, hours, off)
    good = T0 <= planned_at <= T0 + SPAN and taken + units <= 10 and hours in ("any", "off_hours" if off else "office")
    assert (refused is None) == good
    assert fits(offered(), planned_at, units, taken, hours, off) is not None


LATER = st.one_of(st.just(T0 + timedelta(hours=300)), HOURS)
LENGTHS = st.one_of(st.integers(1, 4), st.sampled_from([-1, 0, 24, 25]))


@given(HOURS, LENGTHS, st.integers(0, 12), st.integers(0, 10), st.sampled_from(Outcome), LATER)
def test_a_record_that_counts(
    start: datetime, hours: int, units: int, recorded: int, outcome: Outcome, now: datetime
) -> None:
    accepted = order.accept(offered(), "clerk", T0)
    assert isinstance(accepted, Order)
    sent = Sent("phone-0001", 1, None, "worker-1", start, start + timedelta(hours=hours), outcome, units)
    if judge(accepted, sent, recorded, now) is None:
        assert start < sent.end <= now + order.AHEAD
        assert start >= T0 - order.AROUND
        assert sent.end <= T0 + SPAN + order.AROUND
        assert sent.end - start <= order.LONGEST
        assert recorded + sent.payable <= 10
    assert sent.payable == (units if outcome is Outcome.DONE else 0)


@given(st.integers(1, 400))
def test_the_waits_of_a_webhook_grow_and_end(attempts: int) -> None:
    assert wait_after(attempts) <= wait_after(attempts + 1) <= LONGEST_WAIT < GIVE_UP


# --- over a database


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """One city; each example undoes what it has done."""
    path: Path = tmp_path_factory.mktemp("linked")
    db = Database(f"sqlite:///{path / 'anbu.db'}")
    migrate(db)
    yield Linked(db)
    db.close()


class Undo(Exception):
    pass


@contextmanager
def undone(city: Linked) -> Iterator[Connection]:
    """A transaction that leaves no trace."""
    with suppress(Undo), city.db.write() as tx:
        yield tx
        raise Undo


RECORDS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(0, 6),
        st.sampled_from([Outcome.DONE, Outcome.DONE, *Outcome]),
        st.sampled_from([None, 0, 1]),
        st.sampled_from(["", "멍"]),
    ),
    min_size=1,
    max_size=9,
)


@given(RECORDS, st.permutations(range(18)), st.sets(st.integers(0, 8)))
@tried(15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_records_of_any_turn_are_each_one(
    migrated: Linked, drawn: list[tuple[int, int, Outcome, int | None, str]], turn: list[int], lost: set[int]
) -> None:
    city, now = migrated, at(100)
    with undone(city) as tx:
        made = linkage.offer(tx, city.item, "meals-1", "kim", T0)
        assert isinstance(made, Order)
        linkage.accept(tx, made.id, "clerk", T0)
        given_: list[int] = []
        for n in range(2):
            task = work.assign(
                tx, made.id, f"task-000{n}", "worker-1", at(90), 2, "clerk", lambda _: True, city.hands, T0
            )
            assert not isinstance(task, Refused)
            given_.append(task[0].id)
        sent = [
            Sent(
                f"phone-000{id}", made.id, None if task is None else given_[task], "worker-1", at(n), at(n + 1),
                outcome, units, "", worry or None,
            )
            for n, (id, units, outcome, task, worry) in enumerate(drawn)
        ]  # fmt: skip
        answers: dict[int, object] = {}
        for step in (n % 9 for n in turn):
            if step >= len(sent) or (step in lost and step in answers):
                continue
            said = work.record(tx, sent[step], city.hands, now)
            assert answers.setdefault(step, said) == said or isinstance(said, Refused)
            if isinstance(answers[step], Refused):
                assert isinstance(said, Refused), "what did not count does not count later"
        rows = list(tx.execute(sa.select(records)))
        assert linkage.recorded(tx, [made.id])[made.id] == sum(row.units for row in rows) <= made.units
        assert len({row.id for row in rows}) == len(rows)
        kept = {(row.record, row.digest) for row in tx.execute(sa.select(record_conflicts))}
        stand = {(row.id, row.digest) for row in rows}
        assert stand | kept == {(one.id, work.digest(one)) for one in sent}, "nothing is lost"
        assert not stand & kept
        by_task = [row.task for row in rows if row.task is not None]
        assert len(by_task) == len(set(by_task)), "a task is done by one record"
        done = set(tx.scalars(sa.select(tasks.c.id).where(tasks.c.state == "done")))
        assert done == set(by_task)
        state = linkage.read(tx, made.id)
        assert isinstance(state, Order)
        assert (state.state is State.DONE) == (sum(row.units for row in rows) >= made.units)


FITTING = st.lists(st.integers(0, 2), min_size=1, max_size=5)


@given(FITTING, st.data())
@tried(15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_fits_sums_up_alike_in_every_turn(migrated: Linked, units: list[int], data: st.DataObject) -> None:
    city = migrated
    twice = data.draw(st.permutations([*range(len(units)), *range(len(units))]))
    with undone(city) as tx:
        made = linkage.offer(tx, city.item, "meals-1", "kim", T0)
        assert isinstance(made, Order)
        linkage.accept(tx, made.id, "clerk", T0)
        for n in twice:
            sent = Sent(f"phone-000{n}", made.id, None, "worker-1", at(n), at(n + 1), Outcome.DONE, units[n])
            assert isinstance(work.record(tx, sent, city.hands, at(50)), work.Record)
        assert linkage.recorded(tx, [made.id])[made.id] == sum(units)
        assert len(list(tx.execute(sa.select(records)))) == len(units)


@given(st.lists(st.tuples(VERBS, st.integers(0, 40)), max_size=8))
@tried(15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_an_item_has_one_live_order_or_is_unplaced(migrated: Linked, steps: list[tuple[str, int]]) -> None:
    city, now = migrated, T0
    with undone(city) as tx:
        for verb, hours in steps:
            now += timedelta(hours=hours)
            newest = next(iter(sorted(linkage.select(tx, limit=50), key=lambda it: -it.id)), None)
            if newest is None or newest.state not in LIVE:
                assert [one.item for one in linkage.unplaced(tx, "gwangju")] == [city.item]
                linkage.offer(tx, city.item, "meals-1", "kim", now)
            elif verb == "accept":
                linkage.accept(tx, newest.id, "clerk", now)
            elif verb == "decline":
                linkage.decline(tx, newest.id, "clerk", "no", now)
            elif verb == "cancel":
                linkage.cancel(tx, newest.id, "kim", "no", city.hands, now)
            linkage.chore(tx, city.hands, now)
            live = [it for it in linkage.select(tx, limit=50) if it.state in LIVE]
            assert len(live) + len(linkage.unplaced(tx, "gwangju")) == 1
            assert all(it.due_at is not None and it.owner for it in live)
            assert all(it.due_at is None for it in linkage.select(tx, limit=50) if not it.open)
            offered_ = [it for it in live if it.state is State.OFFERED]
            assert all(it.due_at and it.due_at > now for it in offered_), "silence has gone back"
