"""Builds the simulated year in a database: as many people as were served, and some who were not, and drills."""

from __future__ import annotations

from random import Random
from typing import Any

from sqlalchemy.engine import Connection

from alerts.policy import load
from app.bench.year_lives import END, START, Life, World
from app.bench.year_money import claim_all
from app.bench.year_person import Share
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


def build(tx: Connection, scale: float = 1.0, seed: int = 7) -> dict[str, int]:
    """A year of 7,114 people × `scale`, the same for the same seed; the rows by table. The city must be new."""
    users, pick = max(round(USERS * scale), 1), Random(seed)
    place = settle(tx, round(MANAGERS * scale), START)
    rows = Rows(tx, TABLES)
    world = World(rows, place, load(), seed)
    poor = Share(LOW_INCOME)
    lives: list[dict[str, Any]] = [{"service": code} for code in first_services(users, pick)]
    lives += [{"service": ""}] * max(users // 16, 4)
    lives += [{"service": code, "exercise": True} for code in first_services(max(users // 200, 3), pick)]
    for n, life in enumerate(lives):
        Life(world, n, low_income=not life["service"] or "exercise" in life or poor.next(), **life).live()
        if n % AT_ONCE == 0:
            rows.pour()
    workers(world.diary.staff, rows)
    rows.pour()
    claim_all(rows, place, world.done, seed)
    rows.finish()
    return dict(rows.poured)


__all__ = ["END", "START", "TABLES", "USERS", "build"]
