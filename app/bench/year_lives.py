"""One person's way through the care chain in the simulated year, by the chain's own rules, as rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from alerts.policy import Policy
from app.bench.year_call import Call
from app.bench.year_person import Diary, Share, evaluated, person_rows, round_visits
from app.bench.year_place import MORE, SERVICES, Place
from app.bench.year_rows import Row, Rows
from care import stages
from care.stages import Standing
from core.care import Ended, Origin, Priority, Refused, Stage, gu_of
from core.signals import Urgency
from store.care_tables import (
    assessments,
    care_log,
    consents,
    episodes,
    orders,
    plan_items,
    plans,
    records,
    tasks,
    visit_versions,
    visits,
)
from store.outcome_tables import follow_ups
from store.tables import cases

START = datetime(2022, 12, 31, 15, tzinfo=UTC)
END = START + timedelta(days=365)
"""The year 2023 of Seoul's clock."""
YEAR = 2023
DAY = timedelta(days=1)
_URGENCY = {Priority.ROUTINE: Urgency.ROUTINE, Priority.SOON: Urgency.SOON, Priority.URGENT: Urgency.URGENT}
_ANSWER_MIN = {Priority.ROUTINE: 45.0, Priority.SOON: 12.0, Priority.URGENT: 3.0}
_ORIGINS = [Origin.OPERATOR, Origin.SELF, Origin.REFERRAL, Origin.COMPULSORY_VISIT, Origin.NEIGHBOUR, Origin.SPEAKER]
__all__ = ["DAY", "END", "START", "YEAR", "Life", "Work", "World"]


@dataclass
class Work:
    """A record that can be claimed."""

    record: str
    gu: str
    provider: str
    at: datetime
    won: int
    exercise: bool


@dataclass
class World:
    """What the lives share: the city, its workers' diaries, and what has been done for money."""

    rows: Rows
    place: Place
    policy: Policy
    seed: int
    diary: Diary = field(default_factory=Diary)
    done: list[Work] = field(default_factory=list)
    improved: Share = field(default_factory=lambda: Share(0.98))
    satisfied: Share = field(default_factory=lambda: Share(0.86))
    drilled: dict[str, Share] = field(default_factory=lambda: defaultdict(lambda: Share(0.5)))


class Life:
    """One episode. `service`: what it receives first; "": it ends early, or stands in an early stage at the end."""

    def __init__(self, world: World, n: int, service: str, *, low_income: bool = True, exercise: bool = False) -> None:
        self.world, self.rows, self.exercise, self.service = world, world.rows, exercise, service
        self.low_income = low_income
        self.random = Random(f"{world.seed}/{n}/{exercise}")
        pick = self.random
        kind = "x" if exercise else "y"
        self.application = f"year-{kind}{n:05}"
        self.person = f"p-{self.application}"
        self.area = pick.choice(world.place.dongs)
        self.gu = gu_of(self.area)
        self.owner = pick.choice(world.place.managers[self.area])
        self.priority = pick.choices(list(Priority), (60, 30, 10))[0]
        self.origin = pick.choice(_ORIGINS)
        # Whoever has received something by the end of the year has asked some days before it.
        self.opened = START + DAY * pick.uniform(0, 349) if service else START + DAY * pick.uniform(0, 364.9)
        self.id, self.case = self.rows.id(episodes), self.rows.id(cases)
        begun = stages.begin(self.priority, self.origin, world.place.rules, self.opened)
        self.at = begun
        self.contacts = [self.opened]
        self.log: list[Row] = []
        self.level: str | None = None
        self.orders_over = self.opened

    def live(self) -> None:
        """Everything up to the end of the year."""
        self._note("opened", self.opened, self.origin.value, origin=self.origin.value)
        answered = self.opened + timedelta(minutes=self.random.expovariate(1 / _ANSWER_MIN[self.priority]) + 0.5)
        call = Call(self.world.policy, self.person, self.area, self.application, _URGENCY[self.priority], self.opened)
        met = self._after(self.opened, 0.05, 0.15 if self.priority is Priority.URGENT else 0.95)
        answered = min(answered, met - timedelta(minutes=35))
        taken = answered < END
        if taken:
            there = met if met < END and self.random.random() < 0.7 else None
            call.answered(self.owner, answered, there)
            self._note("taken", answered, self.owner)
        self._early_or_on(met)
        if len(self.log) > 2:  # it went on, or ended
            call.shut(self.owner, self.at_first_move, self.exercise)
        call.put(self.rows, self.case)
        self._put(taken)

    # --- the stages

    def _early_or_on(self, met: datetime) -> None:
        self.at_first_move = met
        if met >= END:
            self._visit(None)
            return
        self._visit(met)
        ends = "" if self.service else self.random.choice(["declined", "not_needed", "", ""])
        if ends:
            self._consent(met, "refused" if ends == "declined" else "lapsed")
            self._close(Ended(ends), met)
            return
        self._consent(met, "given")
        self._move(Stage.ASSESSMENT, met)
        assessed = self._after(met, 0.3, 2.8)
        if assessed >= END or self._stuck():
            return
        self._assess(assessed)
        self._move(Stage.PLAN, assessed)
        agreed = self._after(assessed, 0.3, 2.8)
        if agreed >= END or not self.service:
            return
        items = self._plan(assessed, agreed)
        self._move(Stage.LINKAGE, agreed)
        followed = self._follow(agreed)
        over = max(self._deliver(*item, agreed) for item in items)
        begun = over + DAY / 2
        if begun >= END:
            return
        self._move(Stage.EVALUATION, begun)
        if followed is not None and (end := max(begun, followed) + DAY) < END:
            self._close(Ended.COMPLETED, end)

    def _stuck(self) -> bool:
        return not self.service and self.random.random() < 0.5

    def _move(self, to: Stage, at: datetime) -> None:
        before, self.at = self.at, self._standing(stages.advance(self.at, to, self.world.place.rules, at))
        self._note("moved", at, self.owner, **{"from": before.stage.value, "to": to.value, "ended": ""})

    def _close(self, ended: Ended, at: datetime) -> None:
        before, self.at = self.at, self._standing(stages.close(self.at, ended, at))
        self._note("closed", at, self.owner, **{"from": before.stage.value, "to": "closed", "ended": ended.value})

    def _standing(self, it: Standing | Refused) -> Standing:
        assert isinstance(it, Standing), it
        return it

    def _after(self, at: datetime, least: float, most: float) -> datetime:
        """Some days later; three in a hundred take twice as long as they may."""
        slow = 2.0 if not self.service and self.random.random() < 0.03 else 1.0
        return at + DAY * self.random.uniform(least, most) * slow

    # --- what each stage leaves

    def _visit(self, met: datetime | None) -> None:
        due = self.at.due_at
        assert due is not None
        id = f"{self.application}-visit"
        times: tuple[datetime | None, ...] = (None, None, None)
        if met is not None:
            times = (met - timedelta(minutes=50), met - timedelta(minutes=30), met)
            self.contacts.append(met)
        body = {"mood": "fair", "well_being": "fair"}
        self.rows.add(
            visits,
            visit_row(id, self.person, self.area, self.owner, due, self.exercise, self.opened)
            | {"episode": self.id, "kind": "intake", "reason": "application", "planned_at": met}
            | {"state": "finished" if met else "planned", "outcome": "met" if met else None}
            | dict(zip(("started_at", "arrived_at", "finished_at"), times, strict=True))
            | {"record": body if met else None, "version": 1 if met else 0},
        )
        if met is not None:
            form = {"id": f"{id}-form", "visit": id, "base": 0, "conflict": False, "body": body}
            self.rows.add(visit_versions, form | {"digest": id, "by": self.owner, "at": met})

    def _consent(self, at: datetime, state: str) -> None:
        due = self.opened + timedelta(hours=self.world.place.rules.deadlines.consent)
        row = {"person": self.person, "episode": self.id, "purpose": "care", "state": state, "asked_at": self.opened}
        self.rows.add(consents, row | {"due_at": due, "decided_at": at, "by": self.person})

    def _assess(self, at: datetime) -> None:
        score = self.random.choice([45, 55, 65, 75, 80, 90, 95])
        self.level = "severe" if score <= 60 else "moderate" if score <= 90 else "slight"
        row = {"id": f"{self.application}-level", "episode": self.id, "instrument": "care-level", "version": "1"}
        done = {"answers": {}, "score": float(score), "level": self.level, "by": self.owner, "at": at}
        self.rows.add(assessments, row | done)

    def _plan(self, drafted: datetime, agreed: datetime) -> list[tuple[int, str, int, datetime, datetime]]:
        plan = self.rows.id(plans)
        row = {"id": plan, "episode": self.id, "state": "agreed", "goals": "", "by": self.owner}
        self.rows.add(plans, row | {"at": drafted, "agreed_at": agreed})
        wanted = [self.service]
        if self.random.random() < 0.35:
            wanted.append(self.random.choice([code for code in MORE if (code, self.gu) in self.world.place.offering]))
        items = []
        for code in wanted:
            work, id = SERVICES[code], self.rows.id(plan_items)
            times = self.random.randint(work.least, work.most)
            start, end = agreed + DAY, agreed + DAY * (times * work.days + 21)
            item = {"id": id, "plan": plan, "service": code, "units": times * work.units, "start": start, "end": end}
            self.rows.add(plan_items, item)
            items.append((id, code, times, start, end))
        return items

    def _deliver(self, item: int, code: str, times: int, start: datetime, end: datetime, agreed: datetime) -> datetime:
        """One order with its visits; when it was over."""
        rules, work, id = self.world.place.rules, SERVICES[code], self.rows.id(orders)
        provider = self.random.choice(self.world.place.offering[code, self.gu])
        offered = agreed + timedelta(minutes=self.random.uniform(5, 120))
        accepted = offered + timedelta(minutes=self.random.uniform(2, 110))
        price, last = self.world.place.prices[code], accepted
        for n in range(times):
            day = start + DAY * (1 + n * work.days + self.random.uniform(0, 2))
            worker, begin, finish = self.world.diary.book(provider, work.slot, day)
            if begin >= END + 7 * DAY:
                last = END
                break
            last = finish
            self._visited(id, provider, worker, work.units, price, begin, finish, n)
        late = last >= END
        row = {"id": id, "episode": self.id, "item": item, "person": self.person, "area": self.area, "service": code}
        row |= {"provider": provider, "units": times * work.units, "price_won": price, "start": start, "end": end}
        due = end + timedelta(hours=rules.deadlines.task_grace)
        row |= {"state": "accepted" if late else "done", "due_at": due if late else None, "offered_at": offered}
        row |= {"owner": f"provider:{provider}", "decided_at": accepted, "decided_by": provider, "reason": None}
        self.rows.add(orders, row | {"exercise": self.exercise})
        return last

    def _visited(
        self, order: int, provider: str, worker: str, units: int, price: int, begin: datetime, end: datetime, n: int
    ) -> None:
        task = self.rows.id(tasks)
        due = end + timedelta(hours=self.world.place.rules.deadlines.task_grace)
        chance = self.random.random()
        missed = n > 0 and chance < 0.015
        state = "assigned" if end >= END else "missed" if missed else "done"
        row = {"id": task, "order": order, "key": f"year-task-{task}", "worker": worker, "units": units}
        row |= {"planned_at": begin, "due_at": due if state == "assigned" else None, "state": state}
        self.rows.add(tasks, row | {"by": provider, "at": self.at.since})
        if state != "done":
            return
        closed_door = n > 0 and chance > 0.985
        record = f"year-record-{task}"
        row = {"id": record, "order": order, "task": task, "provider": provider, "worker": worker, "start": begin}
        row |= {"end": end, "outcome": "closed_door" if closed_door else "done", "units": 0 if closed_door else units}
        row |= {"note": "", "worry": None, "digest": record, "received_at": end + timedelta(minutes=5)}
        self.rows.add(records, row)
        if not closed_door:
            self.contacts.append(end)
            self.world.done.append(Work(record, self.gu, provider, begin, units * price, self.exercise))

    def _follow(self, agreed: datetime) -> datetime | None:
        """The evaluations; when the last of them was made, None while one is missing."""
        last: datetime | None = agreed
        forgets = self.random.random() < 0.03
        before = 0
        for instrument, phase, days in (
            ("quality-of-life", "first", 7),
            ("satisfaction", "first", 30),
            ("quality-of-life", "follow_up", 90),
        ):
            due = agreed + DAY * days
            done = due + DAY * self.random.uniform(-2.5, 0.4)
            over = done < END and not (forgets and days > 7)
            row = {"episode": self.id, "instrument": instrument, "phase": phase, "state": "done" if over else "open"}
            self.rows.add(follow_ups, row | {"owner": self.owner, "due_at": due, "done_at": done if over else None})
            if not over:
                last = None
                continue
            last = None if last is None else max(last, done)
            self.contacts.append(done)
            score = evaluated(self, instrument, phase, before, done)
            before = score if instrument == "quality-of-life" else before
        return last

    # --- the rest

    def _note(self, what: str, at: datetime, who: str, **numbers: Any) -> None:
        line = {"episode": self.id, "person": self.person, "at": at, "what": f"care.log.{what}", "numbers": numbers}
        self.log.append(line | {"who": who})

    def _put(self, taken: bool) -> None:
        it, rows = self.at, self.rows
        overdue = it.due_at is not None and it.due_at < END
        closed = it.stage is Stage.CLOSED
        row = {"id": self.id, "application": self.application, "person": self.person, "area": self.area}
        row |= {"origin": self.origin.value, "priority": self.priority.value, "case_id": self.case}
        row |= {"stage": it.stage.value, "stage_since": it.since, "due_at": it.due_at}
        row |= {"owner": self.owner if taken else f"office:{self.area}", "told_at": it.due_at if overdue else None}
        row |= {"opened_at": self.opened, "closed_at": it.since if closed else None, "ended": it.ended}
        row |= {"requested": [self.service] if self.service else [], "note": "", "by": self.origin.value}
        rows.add(episodes, row | {"level": self.level, "exercise": self.exercise})
        for line in self.log:
            rows.add(care_log, line)
        round_visits(self, START, END)
        person_rows(self)


def visit_row(id: str, person: str, area: str, owner: str, due: datetime, exercise: bool, created: datetime) -> Row:
    """What all visits have."""
    row: Row = {"id": id, "person": person, "area": area, "owner": owner, "due_at": due, "told_at": None}
    return row | {"exercise": exercise, "created_at": created}
