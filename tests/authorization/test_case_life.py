"""A Care Call's life over HTTP, lived by two managers, their supervisor, a stranger and a family, in any order."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from access import accounts, audit, sessions
from access.accounts import Wanted
from access.roles import Role
from alerts.bell import Bell
from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.policy import load
from api.app import create_app
from app import whatif
from app.chain import hands
from app.runs import Runs
from care import persons
from core.clock import ManualClock, wall_now
from core.people import Home, Member, Reach
from core.people import Role as MemberRole
from core.signals import Concern, Evidence, Signal, Urgency
from store import people
from store.account_tables import audit as audit_rows
from store.account_tables import viewer_consents
from store.database import Database
from store.migrate import migrate
from tests.authorization.world import HERE
from tests.serving import T0, homeward

DONG, OTHER = "gwangju/nam-gu/bongseon-1-dong", "gwangju/nam-gu/wolsan-dong"
HOME = Home("home-0001", "gw-0001", DONG, "김순자")
WHO = {
    "kim": (Role.MANAGER, DONG, MemberRole.MANAGER),
    "lee": (Role.MANAGER, DONG, MemberRole.MANAGER),
    "park": (Role.SUPERVISOR, "gwangju/nam-gu", MemberRole.SUPERVISOR),
    "stranger": (Role.MANAGER, OTHER, MemberRole.MANAGER),
    "family": (Role.FAMILY, "", None),
}
THEIRS, STRANGER, FAMILY = ("kim", "lee", "park"), "stranger", "family"
VERBS = ("ack", "arrive", "release", "close", "note")
BODY = {"close": {"outcome": "true_emergency", "contact": "visit"}, "note": {"note": "문 앞에 왔습니다"}}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with everybody in it, to begin from."""
    folder = tmp_path_factory.mktemp("life")
    db = Database(f"sqlite:///{folder / 'anbu.db'}")
    migrate(db)
    with db.write() as tx:
        people.put_home(tx, db.backend, HOME, T0)
        people.put_area(tx, db.backend, OTHER, "월산동", "Wolsan-dong")
        person = persons.of_home(tx, HOME, T0)
        for name, (role, area, called) in WHO.items():
            if called is not None:
                people.put_member(tx, db.backend, Member(name, name, called, area, reach=(Reach("console"),)))
            homes = () if called else (HOME.id,)
            wanted = Wanted(name, f"{name} 씨", role, area, member=name if called else None, homes=homes)
            made = accounts.add(tx, wanted, None, wall_now())
            assert isinstance(made, accounts.Account), made
            if not called:
                said = {"person": person.id, "viewer": made.id, "purpose": "watch", "state": "given"}
                tx.execute(sa.insert(viewer_consents).values(**said, by="kim", at=T0))
    db.truncate_log()
    db.close()
    return folder / "anbu.db"


class Life(RuleBasedStateMachine):
    """The laws hold after every step."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="anbu-life-")
        shutil.copy(self.template, Path(self.folder) / "anbu.db")
        self.db = Database(f"sqlite:///{self.folder}/anbu.db")
        self.clock, self.desk = ManualClock(T0), Desk(load())
        self.bell = Bell(self.db, self.desk, self.clock)
        app = create_app(
            db=self.db, desk=self.desk, clock=self.clock, record_absence=lambda tx, home, until, now: None,
            lanes=lambda tx: {}, report=Outbox(self.db, self.desk, {}, self.clock).report,
            homeward=homeward(self.db, self.desk, self.clock), hands=hands(self.desk),
            replay=partial(whatif.told, self.db, self.desk.policy), simulations=Runs(Path(self.folder)),
        )  # fmt: skip
        self.client = TestClient(app, base_url=HERE)
        self.ids: dict[str, str] = {}
        self.heads: dict[str, dict[str, str]] = {}
        with self.db.write() as tx:
            for name in WHO:
                account = accounts.by_login(tx, name)
                assert account is not None
                cookie = sessions.begin(tx, account.id, "password", "", wall_now(), sessions.Life())
                self.ids[name] = account.id
                self.heads[name] = {"Cookie": f"anbu={cookie}", "Origin": HERE}
        self.keys, self.presses = count(1), count(1)
        self.case: int | None = None
        self.acts: dict[str, int] = dict.fromkeys(WHO, 0)
        self.denied: dict[str, int] = dict.fromkeys(WHO, 0)
        self.lines: dict[int, list[int]] = {}
        self.press()

    def call(self, who: str, method: str, path: str, **sent: Any) -> Any:
        self.client.cookies.clear()
        head = self.heads[who] | sent.pop("headers", {})
        return self.client.request(method, path, headers=head, **sent)

    def seen(self, who: str = "kim") -> dict[str, Any]:
        answer = self.call(who, "GET", f"/api/cases/{self.case}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @rule()
    def press(self) -> None:
        """Somebody presses SOS: a case is open then, and it is the one that was open before, if one was."""
        before = None if self.case is None else self.seen()
        why = (Evidence("evidence.sos", {"device": "pendant"}),)
        raised = Signal(f"s{next(self.presses)}", Concern.SOS, Urgency.IMMEDIATE, self.clock.now(), why, "t", HOME.id)
        with self.db.write() as tx:
            case = self.desk.signal(tx, raised, HOME, self.clock.now())
        assert case is not None
        if before is not None and before["state"] != "closed":
            assert case == self.case
        else:
            assert case != self.case
        self.case = case

    @rule(minutes=st.sampled_from([0.5, 2, 5, 20, 90]))
    def wait(self, minutes: float) -> None:
        """Time passes. Whoever took it and did nothing is called again when their time is over."""
        before = self.seen()
        self.clock.advance(minutes * 60)
        while self.bell.step():
            pass
        after = self.seen()
        due = before["due_at"] and datetime.fromisoformat(before["due_at"])
        if due and due <= self.clock.now():
            assert len(after["timeline"]) > len(before["timeline"]), "its time came, and nothing happened"
            if before["state"] == "acknowledged":
                assert after["state"] != "acknowledged" or after["due_at"] != before["due_at"]
                assert "case.log.forgotten" in [line["key"] for line in after["timeline"][len(before["timeline"]) :]]
        if before["state"] != "closed":
            assert after["state"] != "closed", "only people close"
            assert after["due_at"] is not None, "an open case always has a next step"

    @rule(who=st.sampled_from(THEIRS), verb=st.sampled_from(VERBS), twice=st.booleans())
    def act(self, who: str, verb: str, twice: bool) -> None:
        """One of those whose case it is does something; sent again under the same key, it is done once."""
        before = self.seen(who)
        key = {"Idempotency-Key": f"key-{next(self.keys)}"}
        path, body = f"/api/cases/{self.case}/{verb}", {**BODY.get(verb, {}), "by": "stranger"}
        answer = self.call(who, "POST", path, json=body, headers=key)
        assert answer.status_code in (200, 409), answer.text
        self.acts[who] += 1
        if answer.status_code == 409:
            assert self.seen(who)["timeline"] == before["timeline"]
        else:
            fresh = answer.json()["timeline"][len(before["timeline"]) :]
            signed = [line["who"] for line in fresh if line["who"]]
            assert STRANGER not in signed, "nobody signs with another's name"
            assert not fresh or signed[0] == who
        if verb == "ack" and answer.status_code == 200 and before["state"] in ("verifying", "alerting"):
            assert (answer.json()["state"], answer.json()["owner"]) == ("acknowledged", who)
            assert answer.json()["due_at"] is not None
        if not twice:
            return
        again = self.call(who, "POST", path, json=body, headers=key)
        self.acts[who] += 1
        assert (again.status_code, again.json()) == (answer.status_code, answer.json())
        if answer.status_code == 200:
            assert self.seen(who)["timeline"] == answer.json()["timeline"]
        other = next(name for name in THEIRS if name != who)
        stolen = self.call(other, "POST", path, json=body, headers=key)
        self.acts[other] += 1
        assert stolen.status_code == 422, "another's answer"

    @rule(verb=st.sampled_from(VERBS), who=st.sampled_from((STRANGER, FAMILY)))
    def meddle(self, verb: str, who: str) -> None:
        """Somebody whose case it is not; the family sees it and does nothing to it."""
        before = self.seen()
        answer = self.call(who, "POST", f"/api/cases/{self.case}/{verb}", json=BODY.get(verb, {}))
        self.denied[who] += 1
        assert answer.status_code == (404 if who == STRANGER else 403)
        assert self.seen() == before

    @invariant()
    def one_open_case_and_a_history_that_only_grows(self) -> None:
        if not hasattr(self, "lines"):
            return
        living = self.call("park", "GET", "/api/cases", params={"state": "open"}).json()
        case = self.seen()
        assert [one["id"] for one in living] == ([] if case["state"] == "closed" else [self.case])
        assert self.case is not None
        lines = [line["id"] for line in case["timeline"]]
        before = self.lines.get(self.case, [])
        assert lines[: len(before)] == before
        assert lines == sorted(set(lines))
        self.lines[self.case] = lines
        assert self.call(STRANGER, "GET", "/api/cases").json() == []

    def teardown(self) -> None:
        if not hasattr(self, "acts"):
            return
        with self.db.read() as tx:
            assert audit.verify(tx).broken is None
            for kind, model in (("case.act", self.acts), ("denied", self.denied)):
                rows = sa.select(audit_rows.c.account, sa.func.count()).where(audit_rows.c.action == kind)
                found = {row[0]: row[1] for row in tx.execute(rows.group_by(audit_rows.c.account))}
                assert found == {self.ids[who]: n for who, n in model.items() if n}, kind
        self.client.close()
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def live(template: Path, examples: int, steps: int) -> None:
    kind = type("Life", (Life,), {"template": template})
    profile = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(kind, settings=profile)  # type: ignore[no-untyped-call]  # hypothesis' own


def test_a_cases_life_over_http(template: Path) -> None:
    live(template, 4, 12)


@pytest.mark.long
def test_many_lives_over_http(template: Path) -> None:
    live(template, 150, 40)
