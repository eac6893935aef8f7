"""An episode of care at any stage, and what others do for it, as rows: for tests of what comes after."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.chain import hands
from care import episodes, persons
from care.episodes import Episode
from care.instruments import load_shipped
from core.care import Refused, Stage
from core.signals import Concern, Evidence, Signal, Urgency
from store import care_tables, outcome_tables, pack_tables
from store.database import Database
from tests.serving import HOME, T0, City

ORDER = list(Stage)
BARTHEL = {
    "feeding": 10,
    "bathing": 0,
    "grooming": 5,
    "dressing": 5,
    "bowels": 10,
    "bladder": 5,
    "toilet": 10,
    "transfer": 10,
    "walking": 5,
    "stairs": 0,
}  # 60 of 100
MEALS, BATH = "meals", "bath"


class Chain(City):
    """A city with its questionnaires, two services and a provider; `open` brings an episode to a stage."""

    def __init__(self, db: Database, **settings: Any) -> None:
        super().__init__(db, **settings)
        self.hands = hands(self.desk)
        self._made = count(1)
        with db.write() as tx:
            assert load_shipped(tx, T0) == 3
            for code, most in ((MEALS, 60), (BATH, 8)):
                self._service(tx, "gwangju", code, most)
            self._service(tx, "daejeon", "elsewhere", 10)
            self._service(tx, "gwangju", "no-more", 10, active=False)
            provider = {"id": "prov-1", "city": "gwangju", "name_ko": "가", "name_en": "A", "kind": "private"}
            tx.execute(sa.insert(pack_tables.providers).values(areas=["gwangju"], active=True, **provider))

    def open(
        self,
        stage: Stage = Stage.ASSESSMENT,
        *,
        consent: str | None = "given",
        exercise: bool = False,
        area: str = HOME.area,
        watched: bool = False,
        requested: Sequence[str] = (),
    ) -> Episode:
        """An episode, its person and its Care Call; nothing but its stage says what was done before."""
        n, now = next(self._made), self.clock.now()
        with self.db.write() as tx:
            if watched:
                them = persons.of_home(tx, HOME, now).id
            else:
                them = f"p-app-{n}"
                row = {"id": them, "name": f"사람 {n}", "area": area, "risk": "normal", "exercise": exercise}
                tx.execute(sa.insert(care_tables.persons).values(contact_at=T0, created_at=T0, **row))
            why = (Evidence("evidence.sos", {"device": "phone"}),)
            asked = Signal(f"application/a-{n}", Concern.APPLICATION, Urgency.SOON, now, why, "test", area=area)
            case = self.desk.signal(tx, asked, None, now, about=f"person:{them}")
            values = {
                "application": f"application-{n}",
                "person": them,
                "area": area,
                "origin": "self",
                "priority": "routine",
                "case_id": case,
                "stage": "intake",
                "stage_since": now,
                "owner": f"office:{area}",
                "due_at": now + timedelta(hours=24),
                "opened_at": now,
                "requested": list(requested),
                "note": "",
                "by": "kim",
                "exercise": exercise,
            }
            id = episodes.put(tx, values, now, "kim")
            if consent:
                self.consent(tx, them, consent, now)
            found = episodes.episode(tx, id)
            assert found is not None
            for to in ORDER[1 : ORDER.index(stage) + 1]:
                moved = episodes.move(tx, found, to, self.hands, now, "kim")
                assert not isinstance(moved, Refused)
                found = moved
        return found

    def consent(self, tx: Connection, person: str, state: str, at: datetime) -> None:
        row = {"person": person, "purpose": "care", "state": state, "asked_at": at, "decided_at": at, "by": "kim"}
        tx.execute(sa.insert(care_tables.consents).values(row))

    def order(self, it: Episode, item: int, state: str, reason: str | None = None) -> int:
        """An order of a plan's item; the item's own numbers play no part."""
        now = self.clock.now()
        row = {
            "episode": it.id,
            "item": item,
            "person": it.person,
            "area": it.area,
            "service": MEALS,
            "provider": "prov-1",
            "units": 1,
            "price_won": 1000,
            "start": now,
            "end": now + timedelta(days=1),
            "state": state,
            "owner": "prov-1",
            "offered_at": now,
            "reason": reason,
            "exercise": it.exercise,
        }
        with self.db.write() as tx:
            made = tx.execute(sa.insert(care_tables.orders).values(row).returning(care_tables.orders.c.id))
            return int(made.scalar_one())

    def record(self, order: int) -> None:
        now = self.clock.now()
        row = {
            "id": f"record-{order}",
            "order": order,
            "provider": "prov-1",
            "worker": "lee",
            "start": now,
            "end": now,
            "outcome": "done",
            "units": 1,
            "note": "",
            "digest": "",
            "received_at": now,
        }
        with self.db.write() as tx:
            tx.execute(sa.insert(care_tables.records).values(row))

    def say(
        self,
        it: Episode,
        instrument: str,
        phase: str,
        score: float,
        at: datetime,
        version: str = "1",
        tx: Connection | None = None,
    ) -> None:
        """An evaluation that was made; in `tx` where there is one."""
        row = {
            "id": f"said-{next(self._made)}",
            "episode": it.id,
            "person": it.person,
            "instrument": instrument,
            "version": version,
            "phase": phase,
            "mode": "phone",
            "answers": {},
            "score": score,
            "by": "kim",
            "at": at,
        }
        with contextlib.nullcontext(tx) if tx is not None else self.db.write() as its:
            its.execute(sa.insert(outcome_tables.evaluations).values(row))

    def log(self, it: Episode) -> list[str]:
        """What the journal says was done, oldest first."""
        query = sa.select(care_tables.care_log.c.what).where(care_tables.care_log.c.episode == it.id)
        with self.db.read() as tx:
            return [what.removeprefix("care.log.") for what in tx.scalars(query.order_by(care_tables.care_log.c.id))]

    def standing(self, it: Episode) -> Episode:
        with self.db.read() as tx:
            found = episodes.episode(tx, it.id)
        assert found is not None
        return found

    def _service(self, tx: Connection, city: str, code: str, most: int, active: bool = True) -> None:
        names = {"city": city, "code": code, "name_ko": code, "name_en": code, "unit": "visit"}
        rest = {"price_won": 1000, "by": "private", "hours": "any", "most_units": most, "active": active}
        tx.execute(sa.insert(pack_tables.services).values(**names, **rest))
