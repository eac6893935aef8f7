"""Laws of visits: no form is lost in any order, what is over stays so, and nobody at high risk is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.desk import Desk
from alerts.policy import load
from app.chain import hands
from care import persons, rounds, visit_forms, visits
from care import visit as pure
from care.rules import Rules
from care.visit import Form, Kind, Outcome, Record, State, Visit
from core.care import Refused
from core.people import Home, Member, Risk, Role
from core.signals import Concern, Evidence, Signal, Urgency
from store import people
from store.care_tables import persons as people_table
from store.care_tables import visits as table
from store.database import Database
from tests.conftest import on_sqlite_first

T0 = datetime.fromisoformat("2026-11-21T05:00:00+00:00")
AREA = "gwangju/nam-gu/bongseon-1-dong"
RULE = Rules().visits
WITH_TABLES = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
NUMBERS = count(1)


DESK = Desk(load())
HANDS = hands(DESK)


def known(db: Database, risk: Risk = Risk.HIGH, *, exercise: bool = False, now: datetime = T0) -> str:
    """A new person in a new home; their id."""
    n = next(NUMBERS)
    home = Home(f"home-{n}", f"gw-{n:04}", AREA, "김순자", risk)
    with db.write() as tx:
        for id in ("kim", "lee"):
            people.put_member(tx, db.backend, Member(id, id, Role.MANAGER, "gwangju"))
        people.put_home(tx, db.backend, home, now)
        return persons.of_home(tx, home, now, exercise=exercise).id


def planned(db: Database, person: str, kind: Kind = Kind.FOLLOW_UP) -> str:
    with db.write() as tx:
        made = visits.plan_visit(
            tx, f"visit-{next(NUMBERS)}", person, kind, "kim", None, T0 + timedelta(days=2), None, "kim", T0
        )
    assert isinstance(made, Visit)
    return made.id


def form(name: str, base: int, at: datetime = T0, outcome: Outcome = Outcome.MET, by: str = "kim") -> Form:
    times = [at - timedelta(minutes=minutes) for minutes in (30, 20, 10)]
    return Form(name, base, outcome, *times, Record(note=name), by)


def sent(db: Database, visit: str, one: Form, now: datetime = T0) -> visit_forms.Finished | Refused:
    with db.write() as tx:
        return visit_forms.finish(tx, visit, one, HANDS, now)


def standing(db: Database, visit: str) -> tuple[Visit, list[visits.Version]]:
    with db.read() as tx:
        found = visits.visit(tx, visit)
        assert found is not None
        return found, visits.versions(tx, visit)


@on_sqlite_first
@WITH_TABLES
@given(st.data())
def test_one_tablets_forms_stand_as_written_in_whatever_order_and_however_often_they_come(
    db: Database, data: st.DataObject
) -> None:
    length = data.draw(st.integers(1, 4))
    visit = planned(db, known(db))
    forms = [form(f"{visit}-form-{n}", n) for n in range(length)]
    again = data.draw(st.lists(st.sampled_from(forms), max_size=3))
    for one in data.draw(st.permutations(forms + again)):
        assert not isinstance(sent(db, visit, one), Refused)
    it, kept = standing(db, visit)
    assert it.record == forms[-1].record
    assert (it.version, it.state) == (length, State.FINISHED)
    assert [(one.id, one.conflict) for one in kept] == [(one.id, False) for one in forms]


@on_sqlite_first
@WITH_TABLES
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(("kim", "lee")), st.sampled_from(Outcome)), max_size=6),
    st.data(),
)
def test_no_form_is_lost_and_one_stands_for_each_version_until_somebody_settles_it(
    db: Database, wanted: list[tuple[int, str, Outcome]], data: st.DataObject
) -> None:
    visit = planned(db, known(db))
    forms = [form(f"{visit}-form-{n}", base, T0, outcome, by) for n, (base, by, outcome) in enumerate(wanted)]
    told: list[Record | None] = []
    for one in data.draw(st.permutations(forms + forms[:2])):
        done = sent(db, visit, one)
        assert not isinstance(done, Refused)
        told.append(done.visit.record)
    it, kept = standing(db, visit)
    assert sorted(one.id for one in kept) == sorted(one.id for one in forms)
    stood = [one for one in kept if not one.conflict]
    assert [one.base for one in stood] == list(range(it.version)), "one for each version"
    assert it.record == (stood[-1].form.record if stood else None)
    assert it.state is (State.FINISHED if stood else State.PLANNED)
    last = form(f"{visit}-form-last", it.version)
    sent(db, visit, last)
    after, all_of_them = standing(db, visit)
    assert after.record is not None
    if not any(one.base > it.version and one.by == "kim" for one in forms):
        assert after.record == last.record
    assert len(all_of_them) == len(forms) + 1
    assert all(visits.settled(after, one) for one in all_of_them)


STEPS = st.lists(
    st.tuples(st.sampled_from(("start", "arrive", "cancel", "call_off", "miss", "fill")), st.integers(-300, 10)),
    max_size=12,
)


@given(st.sampled_from(Kind), STEPS)
def test_what_is_over_stays_so_and_time_never_runs_backwards_in_a_visit(
    kind: Kind, steps: list[tuple[str, int]]
) -> None:
    it = Visit(
        "v", None, "p", AREA, kind, "planned", State.PLANNED, "kim", T0, None, None, None, None, None, None, None, 0,
        False, T0,
    )  # fmt: skip
    for step, minutes in steps:
        at = T0 + timedelta(minutes=minutes)
        after: Visit | Refused
        match step:
            case "start":
                after = pure.start(it, at, T0)
            case "arrive":
                after = pure.arrive(it, at, T0)
            case "cancel":
                after = pure.cancel(it)
            case "call_off":
                after = pure.cancel(it, by_rule=True)
            case "miss":
                after = pure.miss(it)
            case _:
                one = form("f", it.version, T0)
                stands = pure.ruling(it, one) is pure.Ruling.STANDS
                after = pure.filled(it, one) if stands else Refused("visit_over")
        if isinstance(after, Refused):
            continue
        if not it.open:
            assert replace(after, version=it.version) == it, "a form over it may correct its record, and no more"
        if step == "cancel" and after.state is State.CANCELLED and it.open:
            assert kind is not Kind.COMPULSORY
        assert not (after.state is State.MISSED and kind in pure.MUST_MEET)
        times = [time for time in (after.started_at, after.arrived_at, after.finished_at) if time is not None]
        assert times == sorted(times)
        assert all(time <= T0 + pure.SKEW for time in times)
        it = after


# --- the rounds


def turn(db: Database, now: datetime) -> int:
    """The chore, until nothing is left."""
    turns = 0
    while True:
        with db.write() as tx:
            if not rounds.chore(tx, HANDS, now):
                return turns
        turns += 1
        assert turns < 20, "it comes to an end"


def open_visits(db: Database, person: str) -> list[Visit]:
    with db.read() as tx:
        mine = sa.and_(table.c.person == person, table.c.kind == Kind.COMPULSORY, visits.IS_OPEN)
        return visits.select(tx, mine, limit=50)


def silent(db: Database, person: str, now: datetime) -> None:
    """A silence of theirs, and it was nothing."""
    home_id = person.removeprefix("h-")
    raised = Signal(
        f"silence/{next(NUMBERS)}", Concern.INACTIVITY, Urgency.URGENT, now, (Evidence("evidence.visit.exercise"),),
        "test", home_id,
    )  # fmt: skip
    with db.write() as tx:
        case = DESK.signal(tx, raised, people.home(tx, home_id), now)
        assert case is not None
        DESK.act(tx, case, "close", "kim", now, outcome="safe", contact="phone")


DAYS = st.lists(
    st.tuples(
        st.integers(0, 26),
        st.sampled_from(
            ["nothing", "nothing", "met", "refused", "not_home", "start", "elsewhere", "riskier", "silent"]
        ),
    ),
    min_size=1,
    max_size=8,
)


@on_sqlite_first
@settings(WITH_TABLES, max_examples=10)
@given(st.sampled_from(Risk), DAYS)
def test_nobody_at_high_risk_is_forgotten(db: Database, risk: Risk, days: list[tuple[int, str]]) -> None:
    now = T0
    with db.write() as tx:
        tx.execute(sa.update(people_table).values(gone_at=now, gone_why="moved"))  # those of earlier examples
    person, contact = known(db, risk, now=now), now
    drill = known(db, Risk.HIGH, exercise=True, now=now)
    for gap, deed in days:
        now += timedelta(days=gap)
        turn(db, now)
        due = open_visits(db, person)
        if deed in ("met", "refused", "not_home") and due:
            done = sent(db, due[0].id, form(f"form-{next(NUMBERS)}", 0, now, Outcome(deed)), now)
            assert isinstance(done, visit_forms.Finished)
            contact = contact if deed == "not_home" else now - timedelta(minutes=10)
        elif deed == "start" and due:
            with db.write() as tx:
                visits.start(tx, due[0].id, "lee", now, now)
        elif deed == "elsewhere":
            contact = now
            with db.write() as tx:
                persons.met(tx, person, now)
        elif deed == "riskier":
            risk = Risk.HIGH
            with db.write() as tx:
                home = people.home(tx, person.removeprefix("h-"))
                assert home is not None
                people.put_home(tx, db.backend, replace(home, risk=risk), now)
        elif deed == "silent":
            silent(db, person, now)
        turn(db, now)
        due = open_visits(db, person)
        assert len(due) <= 1
        if now >= contact + RULE.interval(risk):
            assert due, "nobody is forgotten"
            assert due[0].due_at <= now, "what is overdue is known to be"
            assert due[0].told_at is not None, "and has reached a person"
            assert now - due[0].told_at < rounds.AGAIN
        if now + timedelta(days=RULE.lead_days) >= contact + RULE.interval(risk):
            assert due, "it is planned before it is due"
        assert not open_visits(db, drill)
