"""An afternoon in a gu, for pages to have something to show: who pressed, who is silent, and who is cared for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access.roles import Role
from care import claims, facts, persons, visits
from care.visit import Kind
from core.events import Event, Motion
from core.people import Cover, Home, Member, Reach
from core.people import Role as MemberRole
from core.signals import Concern, Evidence, Urgency
from core.week import weekly
from store import care_tables as rows
from store import check_ins, covers, people
from store.log import Entry, append
from store.unheard import put_unheard
from tests.accounts import account
from tests.browser.caring import Caring
from tests.browser.conftest import BONGSEON, ELSEWHERE
from tests.serving import HOME

FALLEN = Home("home-0003", "gw-0003", BONGSEON, "이복순")
UNHEARD = Home("home-0004", "gw-0004", BONGSEON, "정말례")
SILENT_H = 8.5
# From which half-hour of the local day to which somebody is where, most days.
_DAY = [(11, 13, "bedroom"), (13, 17, "kitchen"), (17, 24, "living"), (24, 27, "kitchen"), (27, 35, "living"),
        (35, 39, "kitchen"), (39, 43, "living"), (43, 45, "bedroom")]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """What an address may need."""

    sos: int
    silent: int
    visits: tuple[str, str]
    episode: int
    waiting: int
    person: str
    claim: int
    account: str


def play(town: Caring) -> Story:
    """Everything that has happened until now."""
    _lives(town)
    admin = account(town.db, "admin", Role.ADMIN, "gwangju", name="시청 관리자")
    account(town.db, "auditor", Role.AUDITOR, "gwangju", name="감사 담당")
    said = {"when": "05:42", "place": "침실", "silent": int(SILENT_H * 3600)}
    silent = town.signal(Concern.INACTIVITY, Urgency.URGENT, Evidence("evidence.silence", said))
    fell = Evidence("evidence.fall", {"device": "radar", "place": "욕실"})
    fall = town.signal(Concern.FALL, Urgency.URGENT, fell, home=FALLEN)
    with town.db.write() as tx:
        town.desk.act(tx, fall, "ack", "lee", town.clock.now())
    episode, claimed = town.delivered("최복례"), town.delivered("강말순")
    waiting = town.asked("박순임", "meals", "housekeeping")
    with town.db.read() as tx:
        person = tx.scalar(sa.select(rows.episodes.c.person).where(rows.episodes.c.id == episode))
    done = [f"record-{claimed:08d}"]
    claim = town.done(lambda tx, now: claims.submit(tx, "claim-0001", town.provider, done, town.worker, now))
    ids = _visits(town)
    sos = town.press(ELSEWHERE)
    return Story(sos, silent, ids, episode, waiting, str(person), claim.id, admin.id)


def _lives(town: Caring) -> None:
    """Two weeks of a woman's days and the silence of this one, devices, somebody unheard, somebody away next week."""
    db, now = town.db, town.clock.now()
    midnight = now.replace(hour=15, minute=0, second=0, microsecond=0) - timedelta(days=1)
    moved = [
        (midnight - timedelta(days=day) + timedelta(minutes=30 * slot + (7 * day + 11 * slot) % 29), room)
        for day in range(15)
        for begin, end, room in _DAY
        for slot in range(begin, end)
        if (day + slot) % 5 or room == "bedroom"
    ]
    last = now - timedelta(hours=SILENT_H)
    entries = [
        Entry(Event(f"e-{n}", HOME.gateway, "pir", "motion", at, Motion(room), "b1", n), HOME.id, at)
        for n, (at, room) in enumerate(sorted([*((at, room) for at, room in moved if at < last), (last, "bedroom")]))
    ]
    known = {"door": (("contact",), 9.0, ()), "pendant": (("sos",), 60.0, ("press",)), "pir": (("motion",), 80.0, ())}
    with db.write() as tx:
        append(tx, entries)
        for home in (FALLEN, UNHEARD):
            people.put_home(tx, db.backend, home, now)
        put_unheard(tx, db.backend, {UNHEARD.id: now - timedelta(hours=5)}, [])
        people.put_devices(
            tx,
            db.backend,
            [
                people.Device(HOME.gateway, name, kinds, now - timedelta(days=14), last, pct, kinds, missing, now)
                for name, (kinds, pct, missing) in known.items()
            ],
        )
        once = weekly("10:00", ("mon",))
        assert once is not None
        check_ins.put_agenda(tx, HOME.id, HOME.timezone, [once], now)
        covers.add_cover(tx, Cover("park", now + timedelta(days=3), now + timedelta(days=5), None))
        people.put_member(
            tx, db.backend, Member("cho", "조당직", MemberRole.DUTY, "gwangju", reach=(Reach("console"),))
        )
        them = persons.of_home(tx, HOME, now)
        for field, value in {
            "address": "광주광역시 남구 봉선로 12, 301호", "key_safe": "현관 왼쪽 열쇠함 4711#",
            "phone": "062-000-0000", "birth_year": 1944, "health": "당뇨, 고혈압", "challenges": ["hearing", "walking"],
            "pets": True, "contacts": ["딸 김미영 010-0000-0000"],
        }.items():  # fmt: skip
            facts.put_fact(tx, them.id, field, value, "kim", now)


def _visits(town: Caring) -> tuple[str, str]:
    """Two that are due for one manager this afternoon."""
    ids = ("visit-0001", "visit-0002")
    for number, (id, home) in enumerate(zip(ids, (HOME, FALLEN), strict=True)):
        at = town.clock.now() + timedelta(hours=1 + number)

        def planned(tx: Connection, now: datetime, id: str = id, home: Home = home, at: datetime = at) -> Any:
            them = persons.of_home(tx, home, now)
            return visits.plan_visit(
                tx, id=id, person=them.id, kind=Kind.FOLLOW_UP, owner="kim", due_at=at, planned_at=None,
                episode=None, by="kim", now=now,
            )  # fmt: skip

        town.done(planned)
    return ids
