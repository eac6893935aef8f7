"""One city, and a second one, with the same things in four places; tests call them by where they lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from access import accounts, tokens
from access.accounts import Account, Wanted
from access.roles import Role
from alerts.desk import Desk
from app.chain import hands
from care import arrangements, catalogue, claims, episodes, facts, linkage, persons, visits, work
from care.order import Outcome, Sent
from care.pack import load_pack
from care.visit import Kind
from core.clock import ManualClock, wall_now
from core.people import Home, Member, Reach
from core.people import Role as MemberRole
from core.signals import Concern, Evidence, Signal, Urgency
from core.week import weekly
from store import check_ins, gateways, people, unheard
from store.account_tables import grants, passkeys
from store.care_tables import consents, plan_items, plans, record_conflicts
from store.database import Database
from store.outcome_tables import follow_ups
from store.tables import check_in_calls, covers, quarantine
from tests.serving import T0

WEEK = timedelta(days=7)
WORKING = timedelta(days=-4, hours=-4)  # before T0: Tuesday, 10:00 in Seoul
PLACES = {
    "own": ("gwangju/nam-gu/bongseon-1-dong", "gwangju-15", "meals"),
    "near": ("gwangju/nam-gu/wolsan-dong", "gwangju-16", "companion"),
    "far": ("gwangju/buk-gu/unam-1-dong", "gwangju-22", "meals"),
    "foreign": ("daejeon/daedeok-gu/ojeong-dong", "daejeon-01", "meals"),
}
"""Its area, a provider that serves it, and what it delivers."""
_signals = count(1)
SIMULATION = "20261121-050000-0123ab"


@dataclass
class Place:
    """The ids of what lies in one place."""

    name: str
    area: str
    provider: str
    service: str
    ids: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.ids[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def gu(self) -> str:
        return "/".join(self.area.split("/")[:2])

    @property
    def city(self) -> str:
        return self.area.split("/")[0]


def ok(done: Any) -> Any:
    """What was done, and no refusal."""
    assert not type(done).__name__.startswith("Refused"), done
    assert not isinstance(done, Evidence), done
    return done


def passkey(tx: Connection, account: str) -> str:
    """A passkey that an account has; its id."""
    key: dict[str, Any] = {
        "id": f"passkey-of-{account}",
        "account": account,
        "name": "x",
        "public_key": "x",
        "sign_count": 0,
    }
    tx.execute(sa.insert(passkeys).values(**key, created_at=wall_now()))
    return str(key["id"])


def grant(tx: Connection, it: Place, account: str, now: datetime) -> int:
    """A loan of the place's home to an account; its number."""
    lent = {"account": account, "kind": "home", "object": it.home, "area": it.area, "reason": "x"}
    made = sa.insert(grants).values(**lent, start=now, end=now + timedelta(hours=1)).returning(grants.c.id)
    return int(tx.execute(made).scalar_one())


class Builder:
    """Puts everything into every place, through the same rooms that the city uses."""

    def __init__(self, db: Database, desk: Desk, clock: ManualClock) -> None:
        self.db, self.desk, self.clock, self.hands = db, desk, clock, hands(desk)

    def build(self) -> dict[str, Place]:
        self.clock.advance(-WEEK.total_seconds())
        with self.db.write() as tx:
            for pack in ("gwangju", "daedeok"):
                ok(catalogue.load(tx, load_pack(pack), self.clock.now()))
        made = {name: Place(name, *what) for name, what in PLACES.items()}
        with self.db.write() as tx:
            for place in made.values():
                self._people(tx, place)
                self._chain(tx, place)
        self.clock.advance(WEEK.total_seconds())
        with self.db.write() as tx:
            for place in made.values():
                self._work(tx, place)
                self._home(tx, place)
                self._accounts(tx, place)
        return made

    def _member(self, tx: Connection, id: str, role: MemberRole, area: str) -> str:
        people.put_member(tx, self.db.backend, Member(id, f"{id} 씨", role, area, reach=(Reach("console", id),)))
        return id

    def _people(self, tx: Connection, it: Place) -> None:
        now, name = self.clock.now(), it.name
        home = Home(f"home-{name}", f"gw-{name}", it.area, f"김{name}")
        ok(people.put_home(tx, self.db.backend, home, now))
        it.ids["home"], it.ids["gateway"] = home.id, home.gateway
        ok(gateways.register(tx, home.gateway, "", "operator", now))
        it.ids["manager"] = self._member(tx, f"manager-{name}", MemberRole.MANAGER, it.area)
        it.ids["worker"] = self._member(tx, f"worker-{name}", MemberRole.WORKER, it.city)
        ok(arrangements.put_staff(tx, it.worker, it.provider, it.manager, now))
        it.ids["person"] = persons.of_home(tx, home, now).id
        it.ids["other"] = ok(persons.register(tx, f"another-{name}-0001", "이웃", it.area, it.manager, now)).id
        ok(facts.put_fact(tx, it.person, "key_safe", f"secret-of-{name}", it.manager, now))
        ok(facts.tie(tx, it.person, it.other, "family", it.manager, now))
        it.ids["case"] = self._signal(tx, Concern.SOS, Urgency.IMMEDIATE, home)
        it.ids["call"] = self._signal(tx, Concern.APPLICATION, Urgency.SOON, home)

    def _signal(self, tx: Connection, concern: Concern, urgency: Urgency, home: Home) -> int:
        why = (Evidence("evidence.sos", {"device": "pendant"}),)
        raised = Signal(f"matrix/{next(_signals)}", concern, urgency, self.clock.now(), why, "test", home.id)
        case = self.desk.signal(tx, raised, home, self.clock.now())
        assert case is not None
        return case

    def _chain(self, tx: Connection, it: Place) -> None:
        now = self.clock.now()
        row = {
            "application": f"app-{it.name}-0001", "person": it.person, "area": it.area, "origin": "self",
            "priority": "soon", "case_id": it.call, "stage": "linkage", "stage_since": now, "owner": it.manager,
            "due_at": now + timedelta(days=1), "opened_at": now, "requested": [], "note": "", "by": it.manager,
            "exercise": False,
        }  # fmt: skip
        it.ids["episode"] = episodes.put(tx, row, now, it.manager)
        for purpose in ("care", "sharing"):
            said = {"person": it.person, "episode": it.episode, "purpose": purpose, "state": "given", "asked_at": now}
            tx.execute(sa.insert(consents).values(**said, decided_at=now, by=it.manager))
        agreed = {"episode": it.episode, "state": "agreed", "goals": "", "by": it.manager, "at": now, "agreed_at": now}
        it.ids["plan"] = tx.execute(sa.insert(plans).values(agreed).returning(plans.c.id)).scalar_one()
        span = {"start": now, "end": now + timedelta(days=40)}
        for name in ("item", "offered_item", "free_item"):
            item = {"plan": it.plan, "service": it.service, "units": 10, **span}
            it.ids[name] = tx.execute(sa.insert(plan_items).values(item).returning(plan_items.c.id)).scalar_one()
        it.ids["order"] = ok(linkage.offer(tx, it.item, it.provider, it.manager, now)).id
        ok(linkage.accept(tx, it.order, it.worker, now))
        it.ids["offered"] = ok(linkage.offer(tx, it.offered_item, it.provider, it.manager, now)).id
        visit = (f"visit-{it.name}-0001", it.person, Kind.FOLLOW_UP, it.manager, now, now + timedelta(days=9))
        it.ids["visit"] = ok(visits.plan_visit(tx, *visit, it.episode, it.manager, now)).id
        due = {"episode": it.episode, "instrument": "quality-of-life", "phase": "first", "state": "open"}
        tx.execute(sa.insert(follow_ups).values(**due, owner=it.manager, due_at=now))

    def _work(self, tx: Connection, it: Place) -> None:
        now = self.clock.now()
        planned = T0 + timedelta(days=2, hours=20)  # Tuesday, 10:00 in Seoul
        assigned = (it.order, f"task-{it.name}-0001", it.worker, planned, 1, it.worker)
        it.ids["task"] = ok(work.assign(tx, *assigned, self.desk.policy.off_hours, self.hands, now))[0].id
        for name, hours in (("record", 0), ("unclaimed", 2)):
            start = T0 + WORKING + timedelta(hours=hours)
            sent = Sent(
                id=f"{name}-{it.name}-0001", order=it.order, task=None, worker=it.worker, start=start,
                end=start + timedelta(hours=1), outcome=Outcome.DONE, units=1, note="", worry=None,
            )  # fmt: skip
            it.ids[name] = ok(work.record(tx, sent, self.hands, now)).id
        asked = (f"claim-{it.name}-0001", it.provider, [it.record], it.worker, now)
        it.ids["claim"] = ok(claims.submit(tx, *asked)).id
        body = {"order": it.order, "why": "id_taken"}
        tx.execute(sa.insert(record_conflicts).values(record=it.record, digest="another", body=body, at=now))

    def _home(self, tx: Connection, it: Place) -> None:
        now = self.clock.now()
        week = weekly("09:00", ("mon",))
        assert week is not None
        check_ins.put_agenda(tx, it.home, "Asia/Seoul", [week], now)
        call = {"home": it.home, "day": "2026-11-16", "clock": "09:00", "planned_at": now - timedelta(days=5)}
        call |= {"state": "ok", "asks": 1, "reason": "", "ended_at": now - timedelta(days=5)}
        tx.execute(sa.insert(check_in_calls).values(call))
        away = {"member": it.manager, "start": now + timedelta(days=5), "end": now + timedelta(days=6)}
        it.ids["cover"] = tx.execute(sa.insert(covers).values(away).returning(covers.c.id)).scalar_one()
        unheard.put_unheard(tx, self.db.backend, {it.home: now - timedelta(hours=2)}, [])
        odd = {
            "at": now,
            "topic": f"anbu/v1/{it.gateway}/up/event",
            "reason": "not_json",
            "detail": "",
            "payload": b"?",
        }
        tx.execute(sa.insert(quarantine).values(odd))

    def _accounts(self, tx: Connection, it: Place) -> None:
        wanted = Wanted(f"clerk-{it.name}", f"{it.name} 서기", Role.MANAGER, it.area)
        made: Account = ok(accounts.add(tx, wanted, None, wall_now()))
        it.ids["account"] = made.id
        kin = Wanted(f"kin-{it.name}", "딸", Role.FAMILY, homes=(it.home,))
        it.ids["kin"] = ok(accounts.add(tx, kin, None, wall_now())).id
        it.ids["passkey"] = passkey(tx, made.id)
        if it.name != "own":
            it.ids["grant"] = grant(tx, it, made.id, self.clock.now())
        given = tokens.make(tx, made.id, made.role, "x", ["case.read"], wall_now() + timedelta(days=1), wall_now())
        it.ids["token"] = ok(given)[0].id
