"""Laws of claims and money, on the real tables: in whatever order things happen, no won goes where it must not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from care import budget, claims, ledger
from care.claim import CLOSED, OFFICE, TABLE, Act, Person, Standing, State, Step, decide, split
from care.rules import Deadlines
from core.care import Refused
from store.care_tables import care_log, claim_items, entries, postings, records
from store.care_tables import claims as rows
from store.care_tables import orders as order_rows
from store.database import Database
from store.pack_tables import budgets
from tests.billing import Billing
from tests.conftest import on_sqlite_first

T0 = datetime(2026, 12, 20, 5, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
BUDGET = 9_000  # of each year
YEARS = st.sampled_from((2026, 2027, 2028))
REAL, DRILL, ALL = slice(0, 7), slice(9, 11), slice(None)
"""Which of the records can be claimed together; of all of them, some cannot."""
# Who hands in, and who of the offices that is: by id, by name, by a name that only looks like another.
CLERKS = {"박청구": "", "lee": "lee", "김 지민\u200b": "kim", "PARK": "park"}
OFFICERS = ("kim", "lee", "kim", "lee", "park", "duty", "seo", "both", "gone", "hand")
ANYTHING = (Act.RETURN, Act.RETURN, Act.WITHDRAW, Act.APPROVE, Act.PAY)
SIGNERS = ("kim", "lee", "park", "duty")


# --- pure


@given(won=st.integers(0, 10**13), percent=st.integers(0, 100))
def test_what_is_split_is_all_of_it_to_the_won(won: int, percent: int) -> None:
    city, gu = split(won, percent)
    assert city + gu == won
    assert city >= 0
    assert gu >= 0
    assert city == int((Decimal(won) * percent / 100).to_integral_value(ROUND_HALF_UP))


def person(*names: str) -> Person:
    return Person(names[0], frozenset(names))


@given(
    state=st.sampled_from(State),
    act=st.sampled_from(Act),
    by=st.sampled_from("abc"),
    submitters=st.sets(st.sampled_from("abc"), min_size=1),
    verifier=st.sampled_from("abc") | st.none(),
    staff=st.booleans(),
)
def test_only_what_the_table_says_by_whom_it_may(
    state: State, act: Act, by: str, submitters: set[str], verifier: str | None, staff: bool
) -> None:
    it = Standing(state, "p", "c/g", tuple(map(person, sorted(submitters))), person(verifier) if verifier else None)
    done = decide(it, act, person(by), staff, Deadlines(), T0)
    allowed = (state, act) in TABLE and not (act in OFFICE and (by in submitters or staff))
    if act is Act.APPROVE:
        allowed = allowed and verifier is not None and by != verifier
    assert isinstance(done, Step) == allowed
    if isinstance(done, Step):
        assert done.owner
        assert (done.due_at is None) == (done.state in CLOSED)
        assert done.due_at is None or done.due_at > T0
    else:
        assert (done == Refused("closed")) == (state in CLOSED)


def test_every_state_can_end() -> None:
    for state in set(State) - CLOSED:
        reached = {state}
        for _ in State:
            reached |= {to for (frm, _), to in TABLE.items() if frm in reached}
        assert reached & CLOSED


# --- on the tables


class AnyTill(RuleBasedStateMachine):
    """Claims of a town of its own; what is checked is computed from what was allowed, beside the code that allows."""

    towns = count(1)

    def __init__(self, db: Database) -> None:
        super().__init__()
        self.db, self.now = db, T0
        self.ids: list[int] = []
        self.handed_in: dict[int, set[str]] = {}
        self.signed: dict[tuple[int, Act], str] = {}
        self.paid_records: Counter[str] = Counter()
        self.paid: Counter[int] = Counter()
        self.decided: dict[str, tuple[int, int]] = {}
        self.closed: dict[int, Any] = {}
        self.done = self.checked = 0

    @initialize(units=st.lists(st.integers(1, 4), min_size=12, max_size=12), price=st.sampled_from((333, 2_501, 7_777)))
    def begins(self, units: list[int], price: int) -> None:
        with self.db.write() as tx:
            self.town = Billing(tx, f"c{next(self.towns):05}", T0, budget=BUDGET)
            tx.execute(sa.insert(budgets).values(city=self.town.code, year=2027, won=BUDGET))
            much, little = self.town.order(tx, units=18, price=price), self.town.order(tx, units=4, price=price + 7)
            drill = self.town.order(tx, units=12, price=price, exercise=True)
            beyond = self.town.order(tx, units=12, price=price, gu=self.town.b)
            of = [much] * 7 + [little, little, drill, drill, beyond]
            self.records = [self.town.record(tx, *one) for one in zip(of, units, strict=True)]
            self.records.append(self.town.record(tx, much, 1, "closed_door"))
        for record in (self.records[0], self.records[1], self.records[9]):
            self.hand_in([record], "박청구", len(self.ids))

    @rule(
        data=st.data(),
        of=st.sampled_from((REAL, REAL, DRILL, ALL)),
        clerk=st.sampled_from(sorted(CLERKS)),
        again=st.integers(0, 4),
    )
    def submit(self, data: st.DataObject, of: slice, clerk: str, again: int) -> None:
        pool = st.sampled_from(self.records[of])
        chosen = data.draw(st.lists(pool, min_size=1, max_size=3, unique=of is not ALL))
        self.hand_in(chosen, clerk, len(self.ids) if again else 0)

    def hand_in(self, chosen: list[str], clerk: str, key: int) -> None:
        by = {"lee": self.town.id("lee"), "PARK": self.town.id("park").upper()}.get(clerk, clerk)
        with self.db.write() as tx:
            it = claims.submit(tx, f"{self.town.code}-key-{key}", self.town.providers[0], chosen, by, self.now)
            if isinstance(it, claims.Claim) and it.id not in self.ids:
                self.ids.append(it.id)
                self.handed_in[it.id] = {CLERKS[clerk]}
                self.done += 1

    @rule(data=st.data(), signers=st.lists(st.sampled_from(SIGNERS), min_size=3, max_size=6))
    def what_is_next(self, data: st.DataObject, signers: list[str]) -> None:
        """One after another tries what is next with a claim."""
        id = self.pick(data, State.SUBMITTED, State.VERIFIED, State.APPROVED)
        following = {State.SUBMITTED: Act.VERIFY, State.VERIFIED: Act.APPROVE}
        for by in signers:
            self.sign(id, lambda state: following.get(state, Act.PAY), by)

    @rule(data=st.data(), act=st.sampled_from(ANYTHING), by=st.sampled_from(OFFICERS))
    def anything(self, data: st.DataObject, act: Act, by: str) -> None:
        """Anybody does anything, where it can be done if anywhere."""
        self.sign(self.pick(data, *(state for state, one in TABLE if one is act)), lambda _: act, by)

    def pick(self, data: st.DataObject, *states: State) -> int:
        with self.db.read() as tx:
            there = sa.select(rows.c.id).where(rows.c.id.in_(self.ids), rows.c.state.in_(states)).order_by(rows.c.id)
            return data.draw(st.sampled_from(tx.scalars(there).all() or self.ids))

    def sign(self, id: int, what: Callable[[State], Act], by: str) -> None:
        with self.db.write() as tx:
            before = claims.claim(tx, id)
            assert isinstance(before, claims.Claim)
            act, held = what(before.state), [record for record, _ in claims.items(tx, id)]
            after = claims.act(tx, id, act, self.town.id(by), self.now, reason="다시")
        if isinstance(after, Refused):
            return
        self.done += 1
        self.signed[id, act] = by
        if act in OFFICE:
            assert by in {"kim", "lee", "park", "duty"} if after.gu == self.town.a else {"seo", "park", "duty"}
            assert by not in self.handed_in[id], "nobody judges or pays what they handed in"
        if act is Act.APPROVE:
            assert by != self.signed[id, Act.VERIFY], "four eyes"
        if act is Act.PAY:
            self.paid_records.update(held)
            if not after.exercise:
                self.paid[self.now.astimezone(SEOUL).year] += after.won

    @rule(data=st.data(), officer=st.sampled_from(SIGNERS), clerk=st.sampled_from(["박청구", "lee"]))
    def resubmit(self, data: st.DataObject, officer: str, clerk: str) -> None:
        """Given back where that can be, and handed in again."""
        id = self.pick(data, State.RETURNED, State.SUBMITTED, State.VERIFIED)
        self.sign(id, lambda _: Act.RETURN, officer)
        by = self.town.id(clerk) if clerk == "lee" else clerk
        with self.db.write() as tx:
            held = [record for record, _ in claims.items(tx, id)] or self.records
            stays = data.draw(st.lists(st.sampled_from(held), min_size=1, unique=True))
            if isinstance(claims.resubmit(tx, id, stays, by, self.now), claims.Claim):
                self.handed_in[id].add(CLERKS[clerk])
                self.done += 1

    @rule(n=st.integers(0, 3), won=st.integers(1, 1_000), year=YEARS, by=st.sampled_from(("park", "kim")))
    def decision(self, n: int, won: int, year: int, by: str) -> None:
        self.now += timedelta(days=2 * n)
        it = budget.Decision(f"{self.town.code}-decision-{n}", self.town.code, year, won, "추경", self.town.id(by))
        with self.db.write() as tx:
            if isinstance(budget.decide(tx, it, self.now), budget.Budget) and it.id not in self.decided:
                assert by in ("park", "duty")
                self.decided[it.id] = year, won
                self.done += 1

    @invariant()
    def the_laws_hold(self) -> None:
        if self.done != self.checked:
            self.checked = self.done
            self.check()

    def teardown(self) -> None:
        # What was refused since must have changed nothing.
        if self.ids:
            self.check()

    def check(self) -> None:
        with self.db.read() as tx:
            self.claims_are_right(tx)
            self.books_are_right(tx)
            ours = care_log.c.numbers["claim"].as_integer().in_(self.ids)
            ours |= care_log.c.numbers["city"].as_string() == self.town.code
            lines = sa.select(sa.func.count()).select_from(care_log).where(ours)
            assert tx.scalar(lines) == self.done, "each thing that was done is in the journal once"

    def claims_are_right(self, tx: sa.Connection) -> None:
        assert all(times == 1 for times in self.paid_records.values()), "no record is paid twice"
        mine = sa.select(rows).where(rows.c.city == self.town.code)
        for row in tx.execute(mine).all():
            held = claims.items(tx, row.id)
            if State(row.state) in CLOSED:
                assert row.due_at is None
                assert self.closed.setdefault(row.id, (tuple(row), held)) == (tuple(row), held), "closed never changes"
            else:
                assert row.owner
                assert row.due_at is not None
            assert row.state == State.WITHDRAWN or row.won == sum(won for _, won in held) > 0
            assert (row.state == State.WITHDRAWN) == (not held)
        joined = records.join(claim_items).join(order_rows, order_rows.c.id == records.c.order)
        units = sa.select(order_rows.c.units, sa.func.sum(records.c.units)).select_from(joined)
        for ordered, claimed in tx.execute(units.group_by(order_rows.c.id, order_rows.c.units)):
            assert claimed <= ordered

    def books_are_right(self, tx: sa.Connection) -> None:
        paid: Counter[int] = Counter()
        for entry in tx.execute(sa.select(entries).where(entries.c.city == self.town.code)).all():
            lines = {
                line.account: line.won for line in tx.execute(sa.select(postings).where(postings.c.entry == entry.id))
            }
            it = claims.claim(tx, entry.claim)
            assert isinstance(it, claims.Claim)
            assert it.state is State.PAID
            assert not it.exercise, "an exercise moves no money"
            city = int((Decimal(it.won) * 3 / 4).to_integral_value(ROUND_HALF_UP))
            assert lines == {
                f"provider:{it.provider}": it.won,
                f"city:{it.city}": -city,
                f"gu:{it.gu}": city - it.won,
            }
            paid[entry.year] += it.won
        assert paid == self.paid, "each payment is in the books once, in its year"
        for year in (2026, 2027):
            more = sum(won for of, won in self.decided.values() if of == year)
            assert paid[year] <= BUDGET + more, "nothing beyond the budget and the decisions"
            book = ledger.book(tx, self.town.code, year, limit=200)
            assert book.balance == 0
            assert ledger.paid(tx, self.town.code, year) == paid[year]


@on_sqlite_first
def test_whatever_happens_to_claims_the_laws_hold(db: Database) -> None:
    examples = 20 if db.backend == "sqlite" else 5
    health = [HealthCheck.too_slow, HealthCheck.data_too_large]
    told = settings(max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=health)
    run_state_machine_as_test(lambda: AnyTill(db), settings=told)
