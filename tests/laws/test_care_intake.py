"""Laws of an episode of care, on real tables: whatever people do, no stage is skipped and what is closed stays so."""

from __future__ import annotations

from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from care import alarms, consent, episodes, intake, journal, offices, persons, profile
from care.episodes import Episode
from care.intake import Application
from care.stages import NEXT
from core.care import MOST_SERVICES, Ended, Origin, Priority, Refused, Stage
from core.people import Role
from core.words import WORDS
from store.care_tables import episodes as episodes_table
from store.care_tables import persons as persons_table
from store.database import Database
from store.tables import cases
from tests.applying import DONG, SERVICES, Applying, rows
from tests.conftest import on_sqlite_first
from tests.effort import tried
from tests.serving import HOME, T0

_runs = count(1)


class AnyCare(RuleBasedStateMachine):
    """What anybody may do to the care of three people and of a watched home, in any order. Each run has people of its
    own in the one database.
    """

    town: Applying

    @initialize(origins=st.lists(st.sampled_from(Origin), min_size=3, max_size=3))
    def begin(self, origins: list[Origin]) -> None:
        self.run, self.sent, self.now = next(_runs), count(1), T0
        self.people = [f"p-run-{self.run:05}-{n}" for n in range(3)]
        self.known: dict[int, Episode] = {}
        self.applied: list[Application] = []
        with self.town.db.write() as tx:
            for n, id in enumerate(self.people):
                made = persons.register(tx, id.removeprefix("p-"), f"사람{n}", DONG, "kim", T0, exercise=n == 2)
                assert isinstance(made, persons.Person)
        for who, origin in enumerate(origins):
            self.apply(who, origin, Priority.ROUTINE, [], real=True)

    def of(self, who: int) -> str:
        return self.people[who]

    @rule(
        who=st.integers(0, 2),
        origin=st.sampled_from(Origin),
        priority=st.sampled_from(Priority),
        wanted=st.lists(st.sampled_from(SERVICES), max_size=6),
        real=st.sampled_from([True, True, True, False]),
    )
    def apply(self, who: int, origin: Origin, priority: Priority, wanted: list[str], real: bool) -> None:
        id = f"run-{self.run:05}-a-{next(self.sent)}"
        it = Application(id, origin, priority, "kim", "", wanted, (who == 2) == real, person=self.of(who))
        with self.town.db.write() as tx:
            before = persons.open_episode(tx, self.of(who))
            done = intake.apply(tx, it, self.town.hands, self.now)
            after = persons.open_episode(tx, self.of(who))
            if isinstance(done, Refused):
                assert after == before
                return
            assert done == after
            assert before is None or done.id == before.id
            assert set(wanted) <= set(done.requested)
        self.applied.append(it)

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        if not self.applied:
            return
        it = data.draw(st.sampled_from(self.applied))
        with self.town.db.write() as tx:
            before = rows(tx, episodes_table)
            assert isinstance(intake.apply(tx, it, self.town.hands, self.now), Episode)
            other = Application(**{name: getattr(it, name) for name in it.__struct_fields__} | {"note": "other"})
            assert intake.apply(tx, other, self.town.hands, self.now) == Refused("id_taken")
            assert rows(tx, episodes_table) == before

    @rule(who=st.integers(0, 2), steps=st.integers(1, 4))
    def goes_on(self, who: int, steps: int) -> None:
        self.apply(who, Origin.SELF, Priority.SOON, [], real=True)
        for _ in range(steps):
            with self.town.db.read() as tx:
                it = self._last(tx, who)
            if it is not None and (to := NEXT[it.stage]) is not None:
                self.move(who, to)
                self.each_open_one_has_an_owner_and_a_deadline()

    @rule(who=st.integers(0, 2), to=st.sampled_from(Stage))
    def move(self, who: int, to: Stage) -> None:
        with self.town.db.write() as tx:
            it = self._last(tx, who)
            if it is not None:
                done = episodes.move(tx, it, to, self.town.hands, self.now, "kim")
                assert isinstance(done, Episode) == (to is NEXT[it.stage] and it.open)

    @rule(who=st.integers(0, 2), ended=st.sampled_from([*Ended, Ended.COMPLETED, Ended.COMPLETED]))
    def finish(self, who: int, ended: Ended) -> None:
        with self.town.db.write() as tx:
            it = self._last(tx, who)
            if it is not None:
                persons.finish(tx, it, ended, "kim", self.town.hands, self.now)

    @rule(who=st.integers(0, 2))
    def take(self, who: int) -> None:
        with self.town.db.write() as tx:
            it = self._last(tx, who)
            if it is not None:
                episodes.take(tx, it, "kim", self.now)

    @rule(
        who=st.integers(0, 2),
        purpose=st.sampled_from(["care", "sharing"]),
        decision=st.sampled_from(["given", "refused", "withdrawn"]),
    )
    def decide(self, who: int, purpose: consent.Purpose, decision: consent.Decision) -> None:
        with self.town.db.write() as tx:
            done = consent.decide(tx, self.of(who), purpose, decision, "kim", self.town.hands, self.now)
            if isinstance(done, Refused):
                return
            assert consent.given(tx, self.of(who), purpose) == (decision == "given")
            if purpose == "care" and decision != "given":
                assert persons.open_episode(tx, self.of(who)) is None

    @rule(hours=st.sampled_from([1, 5, 30, 24 * 15]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with self.town.db.write() as tx:
            while alarms.chore(tx, self.town.hands, self.now) + consent.chore(tx, self.town.hands, self.now):
                pass
            late = {it.episode for it in alarms.overdue(tx, "", self.now, limit=200)}
            assert {it.id for it in self._mine(tx) if it.due_at and it.due_at <= self.now and not it.exercise} <= late

    @rule(by=st.sampled_from(["care", "true_emergency", "exercise"]))
    def somebody_closes_the_call(self, by: str) -> None:
        with self.town.db.read() as tx:
            living = sa.select(cases.c.id).where(cases.c.state != "closed", cases.c.subject.in_(self._subjects()))
            open_ = list(tx.scalars(living))
        for case in open_:
            self.town.close_case(case, by)

    @invariant()
    def each_open_one_has_an_owner_and_a_deadline(self) -> None:
        if not hasattr(self, "known"):
            return
        with self.town.db.read() as tx:
            mine = self._mine(tx)
            for it in mine:
                self._lawful(tx, it)
            live = sa.select(cases.c.id).where(
                cases.c.state != "closed", cases.c.concern == "application", cases.c.subject.in_(self._subjects())
            )
            calls = set(tx.scalars(live))
        assert calls <= {it.case_id for it in mine if it.open}, "no Care Call is left behind"
        assert len({it.case_id for it in mine}) == len(mine)
        assert len({it.person for it in mine if it.open}) == len([it for it in mine if it.open])
        self.known = {it.id: it for it in mine}

    def _lawful(self, tx: Any, it: Episode) -> None:
        before = self.known.get(it.id)
        assert it.exercise == (it.person == self.people[2])
        assert len(it.requested) <= MOST_SERVICES
        assert it.owner
        assert (it.due_at is None) == (it.stage is Stage.CLOSED) == (it.closed_at is not None) == (it.ended is not None)
        assert before is None or before.open or before == it, "what is closed never changes"
        assert before is None or it.stage in (before.stage, NEXT[before.stage], Stage.CLOSED)
        lines = [line for line in journal.history(tx, episode=it.id) if line["what"] in WORDS]
        went = [line["numbers"]["to"] for line in lines if line["what"] in ("care.log.moved", "care.log.closed")]
        for a, b in pairwise(["intake", *went]):
            assert b in (NEXT[Stage(a)], Stage.CLOSED), "the journal tells each step"
        assert ["intake", *went][-1] == it.stage
        assert it.ended is not Ended.COMPLETED or went[-2:-1] == ["evaluation"]

    def _subjects(self) -> list[str]:
        return [f"person:{id}" for id in self.people]

    def _mine(self, tx: Any) -> list[Episode]:
        return list(episodes.select(tx, episodes_table.c.person.in_(self.people), limit=200))

    def _last(self, tx: Any, who: int) -> Episode | None:
        found = episodes.select(tx, episodes_table.c.person == self.of(who), limit=200)
        return max(found, key=lambda it: it.id, default=None)


@on_sqlite_first
def test_no_stage_is_skipped_and_what_is_closed_never_changes(db: Database) -> None:
    town = Applying(db)

    class OfTown(AnyCare):
        pass

    OfTown.town = town
    hurry = settings(
        max_examples=25,
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a shorter story of what went wrong would take minutes of the database's time
    )
    run_state_machine_as_test(OfTown, settings=hurry)  # type: ignore[no-untyped-call]


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=600),
    st.lists(st.text(max_size=9), max_size=25),
    st.floats(),
)


@tried(20)
@given(field=st.sampled_from([*profile.FIELDS, "shoe_size"]), value=values)
def test_what_may_be_written_is_of_its_kind_and_bounded(field: str, value: Any) -> None:
    if not profile.allowed(field, value):
        return
    known = profile.FIELDS[field]
    assert type(value) is known.kind
    assert not known.values or set([value] if isinstance(value, str) else value) <= known.values
    assert len(str(value)) <= profile.MOST_LETTERS * 25
    assert isinstance(value, bool | list) or value not in ("", "\0")


def test_each_fact_has_a_purpose_in_words_and_a_reader_who_is_somebody() -> None:
    for name, it in profile.FIELDS.items():
        assert f"fact.{name}" in WORDS
        assert f"purpose.{it.purpose}" in WORDS
        assert it.readers
        assert Role.CANARY not in it.readers
    assert "income_band" in profile.FIELDS
    assert Role.WORKER not in profile.FIELDS["income_band"].readers


@tried(20)
@given(name=st.one_of(st.text(max_size=20), st.text("가각ᄀ\u1161e\u0301\u200b\u00ad ", max_size=6)))
def test_a_name_is_shown_as_it_is_compared(name: str) -> None:
    assert persons.who(persons.shown(name)) == persons.who(name)
    assert persons.shown(persons.shown(name)) == persons.shown(name)


def test_an_invisible_character_makes_nobody_another() -> None:
    assert persons.who("\u1100\u200b\u1161") == persons.who("가")
    assert persons.who("Jose\u00ad\u0301") == persons.who("ＪＯＳÉ")


def test_a_watched_homes_person_made_known_is_one_whoever_asks(db: Database) -> None:
    town = Applying(db)
    with db.write() as tx:
        for n, whom in enumerate(({"home": HOME.id}, {"person": f"h-{HOME.id}"}) * 2):
            it = Application(f"tablet-{n:04}", Origin.SELF, Priority.SOON, "kim", **whom)  # type: ignore[arg-type]
            assert isinstance(intake.apply(tx, it, town.hands, T0), Episode)
        assert [row["id"] for row in rows(tx, persons_table)] == [f"h-{HOME.id}"]
        assert isinstance(offices.answers_for(tx, "lee", HOME.area), Refused)
