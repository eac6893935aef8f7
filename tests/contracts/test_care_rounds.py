"""Compulsory visits in the tables, on both databases: who is followed, what repeated silence brings, who is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from app.chain import hands
from care import persons, rounds, visits
from care.persons import Person
from care.visit import Kind, Visit
from core.care import Ended
from core.people import Home, Risk
from core.signals import Concern, Urgency
from store import people
from store.care_tables import persons as people_table
from store.care_tables import visits as table
from store.database import Database
from store.pack_tables import overrides, packs
from store.tables import cases, signals
from tests.serving import HOME, T0, City

HIM = persons.id_of(home=HOME.id)


class Rounds:
    """A city whose time is moved, with its chore."""

    def __init__(self, db: Database) -> None:
        self.db, self.city = db, City(db)
        self.hands = hands(self.city.desk)

    @property
    def now(self) -> datetime:
        return self.city.clock.now()

    def on(self, days: float) -> None:
        """So many days later, all is done that is due."""
        self.city.clock.set(T0 + timedelta(days=days))
        for _ in range(20):
            with self.db.write() as tx:
                if not rounds.chore(tx, self.hands, self.now):
                    return
        raise AssertionError("it does not come to an end")

    def home(self, home: Home) -> None:
        with self.db.write() as tx:
            people.store_home(tx, self.db.backend, home, self.now)

    def person(self, id: str = HIM) -> Person | None:
        with self.db.read() as tx:
            return persons.person(tx, id)

    def visits(self, id: str = HIM, *, open: bool = True) -> list[Visit]:
        with self.db.read() as tx:
            return visits.select(tx, table.c.person == id, *([visits.IS_OPEN] if open else []), limit=50)

    def silence(self) -> None:
        case = self.city.fall_silent()
        with self.db.write() as tx:
            self.city.desk.act(tx, case, "close", "kim", self.now, outcome="safe", contact="phone")

    def told(self) -> int:
        with self.db.read() as tx:
            wanted = signals.c.concern == Concern.VISIT_OVERDUE
            return tx.scalar(sa.select(sa.func.count()).select_from(signals).where(wanted)) or 0


@pytest.fixture
def town(db: Database) -> Rounds:
    return Rounds(db)


def test_homes_are_followed_and_who_has_not_consented_stays_unknown(town: Rounds) -> None:
    mute = Home("home-0002", "gw-0002", HOME.area, "박", consent=False)
    test = Home("canary-1", "canary-gw", "gwangju")
    for home in (mute, test):
        town.home(home)
    town.on(0)
    assert town.person("h-home-0002") is None
    assert town.person("h-canary-1") is None
    assert town.person() is not None
    town.on(84)
    assert [one.owner for one in town.visits()] == ["office:" + HOME.area]
    town.home(replace(HOME, area="gwangju/seo-gu/nongseong-dong", risk=Risk.HIGH, resident="김순이"))
    town.home(replace(mute, consent=True))
    town.on(84.5)
    assert town.person("h-home-0002") is not None
    him = town.person()
    assert him is not None
    assert (him.area, him.name, him.risk) == ("gwangju/seo-gu/nongseong-dong", "김순이", Risk.HIGH)
    (visit,) = town.visits()
    assert (visit.area, visit.owner) == (him.area, "office:" + him.area)
    assert visit.due_at == T0 + timedelta(days=30), "at a higher risk it should have been made long ago"


def test_what_is_overdue_is_told_once_and_again_every_three_days(town: Rounds) -> None:
    town.on(0)
    town.on(82.9)
    assert not town.visits()
    town.on(83)
    (visit,) = town.visits()
    assert (visit.id, visit.due_at) == ("round-h-home-0001-20270219", T0 + timedelta(days=90))
    assert (visit.kind, visit.reason) == (Kind.COMPULSORY, "interval")
    assert town.told() == 0
    for day in (90, 90.5, 91, 92.9):
        town.on(day)
        assert town.told() == 1
    for day in (93, 94, 95.9):
        town.on(day)
        assert town.told() == 2
    with town.db.read() as tx:
        (row,) = tx.execute(sa.select(cases).where(cases.c.concern == Concern.VISIT_OVERDUE))
    assert (row.home, row.urgency) == (HOME.id, Urgency.SOON)
    with town.db.write() as tx:
        persons.met(tx, HIM, town.now)
    town.on(96)
    assert (town.visits(), town.told()) == ([], 2)
    assert [one.state for one in town.visits(open=False)] == ["cancelled"]
    town.on(95.9 + 83)
    assert [one.due_at for one in town.visits()] == [T0 + timedelta(days=95.9 + 90)]


def test_repeated_silence_sends_somebody_soon_and_a_contact_begins_the_count_anew(town: Rounds) -> None:
    town.on(0)
    for day in (1, 2):
        town.on(day)
        town.silence()
    town.on(3)
    assert not town.visits()
    town.silence()
    town.on(3.1)
    (visit,) = town.visits()
    assert (visit.reason, visit.due_at) == ("silence", T0 + timedelta(days=6.1))
    town.silence()
    town.on(3.2)
    assert town.visits() == [visit], "one visit is enough"
    with town.db.write() as tx:
        persons.met(tx, HIM, town.now)
    town.on(4)
    assert not town.visits()
    for day in (5, 6):
        town.on(day)
        town.silence()
    town.on(7)
    assert not town.visits(), "two since somebody met them"
    town.silence()
    town.on(8)
    assert len(town.visits()) == 1


def test_silence_brings_a_planned_visit_forward(town: Rounds) -> None:
    town.on(0)
    town.on(83)
    for _ in range(3):
        town.silence()
    town.on(84)
    (visit,) = town.visits()
    assert (visit.reason, visit.due_at) == ("silence", T0 + timedelta(days=87))


def test_old_and_technical_silences_send_nobody(town: Rounds) -> None:
    town.on(0)
    town.silence()
    town.silence()
    town.on(31)
    case = town.city.fall_silent()
    with town.db.write() as tx:
        town.city.desk.act(tx, case, "close", "kim", town.now, outcome="technical")
    town.silence()
    town.silence()
    town.on(31.1)
    assert not town.visits()
    town.silence()
    town.on(31.2)
    assert len(town.visits()) == 1


def test_who_is_gone_and_who_is_an_exercise_gets_no_visits(town: Rounds) -> None:
    town.on(0)
    with town.db.write() as tx:
        persons.of_home(tx, HOME, T0)
        tx.execute(sa.update(people_table).values(exercise=True))
    town.on(200)
    assert not town.visits()
    with town.db.write() as tx:
        tx.execute(sa.update(people_table).values(exercise=False))
    town.on(201)
    assert len(town.visits()) == 1
    assert town.told() == 1
    with town.db.write() as tx:
        tx.execute(sa.update(people_table).values(gone_at=town.now, gone_why="died"))
    town.on(210)
    assert [one.state for one in town.visits(open=False)] == ["cancelled"]
    assert town.told() == 1


def test_a_guardian_is_known_and_not_visited(town: Rounds) -> None:
    with town.db.write() as tx:
        guardian = persons.register(tx, "guardian-001", "김보호", HOME.area, "kim", town.now)
    assert isinstance(guardian, Person)
    town.on(0)
    town.on(400)
    assert town.visits(guardian.id, open=False) == []
    assert town.visits()


def test_who_moves_in_after_somebody_is_somebody_else(town: Rounds) -> None:
    town.on(0)
    with town.db.write() as tx:
        persons.gone(tx, HIM, Ended.DIED, town.now, "kim", town.hands, town.now)
        after = persons.of_home(tx, HOME, town.now)
        assert (after.id, after.gone_at is None) == (HIM, False)  # the same name: nobody has moved in
        later = persons.of_home(tx, replace(HOME, resident="최새봄"), town.now)
        assert later.id != HIM
        assert later.gone_at is None
        assert persons.of_home(tx, replace(HOME, resident="최새봄"), town.now).id == later.id
        before = persons.person(tx, HIM)
        assert before is not None
        assert (before.name, before.gone_at is not None) == (HOME.resident, True)


def test_a_district_may_have_its_own_rule(town: Rounds) -> None:
    body = {"overridable": ["visits.normal_days"]}
    own = {"area": "gwangju/nam-gu", "key": "visits.normal_days", "value": 40, "at": T0, "by": "lee"}
    town.home(Home("home-0002", "gw-0002", "gwangju/seo-gu/nongseong-dong", "박"))
    with town.db.write() as tx:
        tx.execute(sa.insert(packs).values(city="gwangju", version="1", loaded_at=T0, body=body))
        tx.execute(sa.insert(overrides).values(own))
    town.on(0)
    town.on(33)
    assert len(town.visits()) == 1
    assert not town.visits("h-home-0002")
    town.on(83)
    assert len(town.visits("h-home-0002")) == 1
