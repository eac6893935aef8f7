"""Builds the simulated year in a database: as many people as were served, and some who were not, and drills."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from sqlalchemy.engine import Connection

from alerts.policy import load
from app.bench.year_lives import END, START, Life, World
from app.bench.year_money import claim_all
from app.bench.year_person import Diary, Share
from app.bench.year_place import MANAGERS, first_services, settle, workers
from app.bench.year_rows import Rows
from store import care_tables as care
from store import outcome_tables as outcome
from store import tables
from store.pack_tables import provider_staff

USERS = 7_114
"""Who received a service, as the programme has published."""
LOW_INCOME = 0.978
TABLES = (
    *(tables.members, provider_staff, tables.cases, tables.case_log, tables.signals, care.persons, care.person_facts),
    *(care.episodes, care.care_log, care.consents, care.visits, care.visit_versions, care.assessments),
    *(care.plans, care.plan_items, care.orders, care.tasks, care.records, outcome.follow_ups, outcome.evaluations),
    *(care.claims, care.claim_items, care.entries, care.postings),
)
"""In the order in which they point to one another."""
AT_ONCE = 400


class Lived(NamedTuple):
    """What somebody receives first, "" for nothing; an exercise is nobody."""

    service: str
    exercise: bool = False


def build(tx: Connection, scale: float = 1.0, seed: int = 7) -> dict[str, int]:
    """A year of 7,114 people × `scale`, the same for the same seed; the rows by table. The city must be new."""
    users, pick = max(round(USERS * scale), 1), Random(seed)
    lives: list[Lived] = [Lived(code) for code in first_services(users, pick)]
    lives += [Lived("")] * max(users // 16, 4)
    lives += [Lived(code, exercise=True) for code in first_services(max(users // 200, 3), pick)]
    return play(tx, lives, round(MANAGERS * scale), seed)


def play(tx: Connection, lives: Sequence[Lived], managers: int, seed: int, first: int = 0) -> dict[str, int]:
    """Let these be lived, numbered from `first` on, which must be free; the rows by table."""
    rows = Rows(tx, TABLES)
    world = World(rows, settle(tx, managers, START), load(), seed, Diary(f"-{first}" if first else ""))
    poor = Share(LOW_INCOME)
    for n, life in enumerate(lives, first):
        low_income = not life.service or life.exercise or poor.next()
        Life(world, n, life.service, low_income=low_income, exercise=life.exercise).live()
        if n % AT_ONCE == 0:
            rows.pour()
    workers(world.diary.staff, rows)
    rows.pour()
    claim_all(rows, world.place, world.done, seed)
    rows.finish()
    return dict(rows.poured)


__all__ = ["END", "START", "TABLES", "USERS", "Lived", "build", "play"]
