"""Who lives the simulated year: their profile, the visits that are their due, their answers, and workers' diaries."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.bench.year_rows import Row
from core.people import Risk
from store.care_tables import person_facts, persons, visits
from store.outcome_tables import evaluations

if TYPE_CHECKING:
    from app.bench.year_lives import Life

SEOUL = ZoneInfo("Asia/Seoul")
HOURS = {"visit": (9, 11, 13, 15), "hours": (9, 14), "evening": (19,)}
LASTS = {"visit": timedelta(minutes=50), "hours": timedelta(hours=4), "evening": timedelta(hours=3)}
# Of 2023, on weekdays: the office is closed.
HOLIDAYS = {(1, 23), (1, 24), (3, 1), (5, 1), (5, 5), (5, 29), (6, 6), (8, 15), (9, 28), (9, 29), (10, 2), (10, 3)}
HOLIDAYS |= {(10, 9), (12, 25)}


class Share:
    """Says yes to a share of all who ask, as evenly as whole people allow."""

    def __init__(self, share: float) -> None:
        self._share, self._asked = share, 0

    def next(self) -> bool:
        self._asked += 1
        return round(self._asked * self._share) > round((self._asked - 1) * self._share)


class Diary:
    """Every provider's workers: nobody is in two places at once."""

    def __init__(self, suffix: str = "") -> None:
        self._suffix = suffix
        self._booked: dict[tuple[str, str, date], int] = defaultdict(int)
        self.staff: dict[str, str] = {}
        """worker -> provider"""

    def book(self, provider: str, slot: str, at: datetime) -> tuple[str, datetime, datetime]:
        """The next free slot of that day or, if the office must be open, of the next working day: who comes, from when
        to when."""
        day = at.astimezone(SEOUL).date()
        while slot == "hours" and (day.weekday() > 4 or (day.month, day.day) in HOLIDAYS):
            day += timedelta(days=1)
        taken = self._booked[provider, slot, day]
        self._booked[provider, slot, day] = taken + 1
        number, hour = divmod(taken, len(HOURS[slot]))
        worker = f"{provider}-{slot}-{number + 1}{self._suffix}"
        self.staff[worker] = provider
        begin = datetime(day.year, day.month, day.day, HOURS[slot][hour], tzinfo=SEOUL).astimezone(UTC)
        return worker, begin, begin + LASTS[slot]


def evaluated(life: Life, instrument: str, phase: str, before: int, at: datetime) -> int:
    """One evaluation: nearly everybody feels better the second time, and most are satisfied. The raw sum."""
    pick, world = life.random, life.world
    shares = world.drilled if life.exercise else {"improved": world.improved, "satisfied": world.satisfied}
    if instrument == "satisfaction":
        items, factor = ("needed", "in_time", "kind", "safer", "again"), 1
        total = pick.randint(20, 25) if shares["satisfied"].next() else pick.randint(10, 19)
        least, most = 1, 5
    else:
        items, factor, least, most = ("cheerful", "calm", "active", "rested", "interested"), 4, 0, 5
        total = pick.randint(4, 14)
        if phase == "follow_up":
            total = before + pick.randint(1, 9) if shares["improved"].next() else before - pick.randint(0, 3)
    answers = dict.fromkeys(items, least)
    for place in range(total - least * len(items)):
        answers[items[place % len(items)]] += 1
    assert max(answers.values()) <= most
    row: Row = {"id": f"{life.application}-{instrument}-{phase}", "episode": life.id, "person": life.person}
    row |= {"instrument": instrument, "version": "1", "phase": phase, "mode": pick.choice(("visit", "phone"))}
    life.rows.add(evaluations, row | {"answers": answers, "score": float(factor * total), "by": life.owner, "at": at})
    return total


def person_rows(life: Life) -> None:
    """The person and what is known of them, when all that happened is known."""
    pick = life.random
    row: Row = {"id": life.person, "home": None, "name": f"모의 {life.application}", "area": life.area}
    row |= {"risk": risk_of(life).value, "exercise": life.exercise, "contact_at": max(life.contacts)}
    life.rows.add(persons, row | {"gone_at": None, "gone_why": None, "created_at": life.opened})
    income = pick.choice(("basic_livelihood", "near_poverty") if life.low_income else ("median", "above"))
    facts = {
        "birth_year": min(max(round(pick.gauss(1945, 9)), 1921), 1990),
        "gender": pick.choices(("female", "male"), (68, 32))[0],
        "income_band": income,
    }
    for field, value in facts.items():
        fact = {"person": life.person, "field": field, "value": value, "by": life.owner, "at": life.opened}
        life.rows.add(person_facts, fact)


def risk_of(life: Life) -> Risk:
    """The same for the same person."""
    return (Risk.NORMAL, Risk.NORMAL, Risk.NORMAL, Risk.LOW, Risk.HIGH)[life.id % 5]


def round_visits(life: Life, start: datetime, end: datetime) -> None:
    """The compulsory visits wherever nobody came for as long as the rules allow; the next one stands open."""
    if life.exercise:
        return
    interval = life.world.place.rules.visits.interval(risk_of(life))
    lead = timedelta(days=life.world.place.rules.visits.lead_days)
    times = sorted(life.contacts)
    for last, following in zip(list(times), [*times[1:], end], strict=True):
        while last + interval < following:
            due = last + interval
            last = due - timedelta(days=life.random.uniform(0.1, 5))
            _round(life, due, last)
            life.contacts.append(last)
    due = max(life.contacts) + interval
    if due - lead <= end:
        _round(life, due, None)


def _round(life: Life, due: datetime, done: datetime | None) -> None:
    row: Row = {"id": f"round-{life.person}-{due:%Y%m%d%H}", "person": life.person, "area": life.area}
    row |= {"owner": life.owner, "due_at": due, "told_at": None, "exercise": False, "episode": None}
    row |= {"kind": "compulsory", "reason": "interval", "planned_at": done}
    row |= {"state": "finished" if done else "planned", "outcome": "met" if done else None}
    row |= dict.fromkeys(("started_at", "arrived_at", "finished_at"), done)
    row |= {"record": {"mood": "fair"} if done else None, "version": 1 if done else 0}
    life.rows.add(visits, row | {"created_at": due - timedelta(days=7)})
