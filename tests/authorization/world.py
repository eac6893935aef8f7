"""The city behind its door, everybody who may knock there, and a way back to how it stood before a call."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi.testclient import TestClient

from access import accounts, sessions, tokens
from access.accounts import Wanted
from access.roles import Role
from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.policy import load
from api.app import create_app
from api.runs import Run, RunState
from app import whatif
from app.chain import hands
from app.runs import RUN, Runs, write
from core.clock import ManualClock, wall_now
from core.people import Member, Reach
from core.people import Role as MemberRole
from store import people
from store.account_tables import sessions as session_rows
from store.account_tables import tokens as token_rows
from store.account_tables import viewer_consents
from store.care_tables import persons
from store.database import Database
from store.migrate import migrate
from store.outcome_tables import research_exports
from tests.authorization.places import SIMULATION, Builder, Place, grant, ok, passkey
from tests.serving import T0, homeward

LETTERS = "msadwourfS"
TOKEN = "the city's own token"
ROLES = {
    "m": Role.MANAGER, "s": Role.SUPERVISOR, "a": Role.ADMIN, "d": Role.DUTY, "w": Role.WORKER, "o": Role.OPERATOR,
    "u": Role.AUDITOR, "r": Role.RESEARCHER, "f": Role.FAMILY,
}  # fmt: skip
HERE = "http://127.0.0.1"
UNSTEADY = {"audit", "sqlite_sequence", "alembic_version"}
"""What a refused call may write: that it was refused."""
SEEN = {"sessions": "seen_at", "tokens": "used_at"}


class World:
    """`places`, and a head for each way to knock: `by["m"]` a manager's session, `by["no token"]` …"""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "anbu.db"
        self.db = Database(f"sqlite:///{self.path}")
        migrate(self.db)
        self.clock, self.desk = ManualClock(T0), Desk(load())
        self.places = Builder(self.db, self.desk, self.clock).build()
        self.by: dict[str, dict[str, str]] = {"S": {"Authorization": f"Bearer {TOKEN}"}}
        self.accounts: dict[str, str] = {}
        self.own: dict[str, dict[str, str]] = {"S": {"session": "none", "token": "none", "passkey": "none"}}
        self._enrol(self.places["own"])
        self.app = create_app(
            db=self.db,
            desk=self.desk,
            clock=self.clock,
            record_absence=lambda tx, home, until, now: None,
            lanes=lambda tx: {},
            report=Outbox(self.db, self.desk, {}, self.clock).report,
            homeward=homeward(self.db, self.desk, self.clock),
            hands=hands(self.desk),
            replay=partial(whatif.told, self.db, self.desk.policy),
            simulations=self._simulations(folder / "simulations"),
            token=TOKEN,
        )
        self.app.state.city.stream.end()  # what is streamed ends after its first beat
        self._before = folder / "before.db"
        self._copy(self.path, self._before)
        self._raw = sqlite3.connect(self.path)
        self._looks = self._all_tables()
        self._seen = (-1, "")

    def _simulations(self, folder: Path) -> Runs:
        """One that is over, and another city's process that plays: nothing is started here."""
        title = {"ko": "연기", "en": "Smoke"}
        run = Run(
            id=SIMULATION, scenario="smoke", title=title, speed=60, minutes=60, by="operator", started_at=T0,
            ended_at=T0, state=RunState.AS_EXPECTED,
        )  # fmt: skip
        (folder / run.id).mkdir(parents=True)
        write(folder / run.id / RUN, run)
        self._playing = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._playing, fcntl.LOCK_EX)
        return Runs(folder)

    # --- who knocks

    def _enrol(self, own: Place) -> None:
        with self.db.write() as tx:
            for id, role, area in (
                ("supervisor", MemberRole.SUPERVISOR, own.gu),
                ("mayor", MemberRole.SUPERVISOR, own.city),
                ("duty", MemberRole.DUTY, own.city),
            ):
                people.put_member(tx, self.db.backend, Member(id, f"{id} 씨", role, area, reach=(Reach("console"),)))
            for letter, role in ROLES.items():
                self._account(tx, letter, role, own)
            spent = sessions.begin(tx, self.accounts["m"], "password", "old", wall_now(), sessions.Life())
            late = {"seen_at": wall_now() - timedelta(hours=9)}
            tx.execute(sa.update(session_rows).where(session_rows.c.id == sessions.digest(spent)).values(late))
            ended = sessions.begin(tx, self.accounts["m"], "password", "out", wall_now(), sessions.Life())
            sessions.end(tx, sessions.digest(ended), wall_now())
            gone = ok(accounts.add(tx, Wanted("gone", "나간 사람", Role.ADMIN, own.city), None, wall_now()))
            closed = sessions.begin(tx, gone.id, "password", "closed", wall_now(), sessions.Life())
            accounts.disable(tx, gone.id, wall_now())
            opened = sa.update(session_rows).where(session_rows.c.id == sessions.digest(closed))
            tx.execute(opened.values(ended_at=None))  # so that nothing but the account itself keeps them out
            words = {name: self._token(tx, name) for name in ("narrow", "run out", "taken back")}
            self.calendar = ok(
                tokens.make(
                    tx, self.accounts["m"], Role.MANAGER, "calendar", ["calendar.read"],
                    wall_now() + timedelta(days=1), wall_now(), calendar=True,
                )
            )[1]  # fmt: skip
            past = {"ends_at": wall_now() - timedelta(minutes=1)}
            tx.execute(sa.update(token_rows).where(token_rows.c.name == "run out").values(past))
            tx.execute(sa.update(token_rows).where(token_rows.c.name == "taken back").values(ended_at=wall_now()))
            tx.execute(sa.insert(research_exports).values(
                id=1, asked_by="researcher", purpose="x", since=T0 - timedelta(days=400),
                until=T0 - timedelta(days=300), asked_at=T0, state="asked",
            ))  # fmt: skip
        self.by |= {
            "nobody": {},
            "a session too old": self._cookie(spent),
            "a session that was ended": self._cookie(ended),
            "an account that is closed": self._cookie(closed),
            "a wrong cookie": self._cookie("0" * 43),
            "a token that has run out": {"Authorization": f"Bearer {words['run out']}"},
            "a token taken back": {"Authorization": f"Bearer {words['taken back']}"},
            "a calendar's word as a bearer": {"Authorization": f"Bearer {self.calendar}"},
            "a token for the rota alone": {"Authorization": f"Bearer {words['narrow']}"},
        }

    def _account(self, tx: sa.Connection, letter: str, role: Role, own: Place) -> None:
        area = {"m": own.area, "s": own.gu, "w": "", "f": ""}.get(letter, own.city)
        member = {"m": own.manager, "s": "supervisor", "a": "mayor", "d": "duty", "w": own.worker}.get(letter)
        more: dict[str, Any] = {"w": {"provider": own.provider}, "f": {"homes": (own.home,)}}.get(letter, {})
        wanted = Wanted(role.value, f"{role.value} 씨", role, area, member=member, **more)
        id = ok(accounts.add(tx, wanted, None, wall_now())).id
        now = wall_now()
        cookie, other = (sessions.begin(tx, id, "password", "here", now, sessions.Life()) for _ in range(2))
        given = ok(tokens.make(tx, id, role, "own", ["self"], now + timedelta(days=1), now))
        self.accounts[letter] = id
        self.by[letter] = self._cookie(cookie)
        self.own[letter] = {"session": sessions.digest(other), "token": given[0].id, "passkey": passkey(tx, id)}
        # On a busy machine all of this takes longer than a log-in counts as fresh.
        here = sa.update(session_rows).where(session_rows.c.id == sessions.digest(cookie))
        tx.execute(here.values(created_at=now + timedelta(hours=2)))
        if letter == "m":
            own.ids["grant"] = grant(tx, own, id, self.clock.now())
        if letter == "f":
            said = {"person": own.person, "viewer": id, "purpose": "watch", "state": "given", "by": own.manager}
            tx.execute(sa.insert(viewer_consents).values(**said, at=T0))
            home = sa.select(persons.c.id).where(persons.c.home == own.home)
            assert tx.scalar(home) == own.person

    def _token(self, tx: sa.Connection, name: str) -> str:
        now = wall_now()
        given = tokens.make(tx, self.accounts["m"], Role.MANAGER, name, ["rota.read"], now + timedelta(days=1), now)
        return str(ok(given)[1])

    @staticmethod
    def _cookie(value: str) -> dict[str, str]:
        return {"Cookie": f"anbu={value}", "Origin": HERE, "Sec-Fetch-Site": "same-origin"}

    def other_session(self, letter: str, place: str) -> str:
        """The id of somebody else's living session."""
        others = [other for other in ROLES if other != letter]
        return self.own[others[len(place) % len(others)]]["session"]

    # --- knocking

    @contextmanager
    def open(self) -> Iterator[World]:
        """The door, open."""
        with TestClient(self.app, base_url=HERE, headers={"Accept": "application/json"}) as client:
            self._client = client
            yield self
        self._raw.close()
        os.close(self._playing)
        self.db.close()

    def call(self, who: str, method: str, path: str, **sent: Any) -> httpx.Response:
        """What somebody is answered."""
        headers = self.by[who] | sent.pop("headers", {})
        self._client.cookies.clear()
        answer = self._client.request(method, path, headers=headers, follow_redirects=False, **sent)
        assert answer.status_code != 429, "the test knocks too often"
        return answer

    # --- what is in the database

    def state(self) -> str:
        """A print of everything in the database but the audit."""
        (version,) = self._raw.execute("PRAGMA data_version").fetchone()
        if version == self._seen[0]:
            return self._seen[1]  # nobody has committed anything since
        seen = hashlib.sha256()
        for look in self._looks:
            for row in self._raw.execute(look):
                seen.update(repr(row).encode())
        self._seen = (version, seen.hexdigest())
        return self._seen[1]

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        names = [name for (name,) in self._raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: self._raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}

    def restore(self) -> None:
        """As it was before anybody knocked."""
        self._copy(self._before, self.path)

    def _all_tables(self) -> list[str]:
        looks = []
        for (name,) in self._raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            if name in UNSTEADY:
                continue
            columns = [row[1] for row in self._raw.execute(f'PRAGMA table_info("{name}")')]
            shown = ", ".join(f'"{column}"' for column in columns if column != SEEN.get(name))
            looks.append(f'SELECT {shown} FROM "{name}" ORDER BY rowid')
        return looks

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        one, other = sqlite3.connect(source), sqlite3.connect(target)
        try:
            one.backup(other)
        finally:
            one.close()
            other.close()
