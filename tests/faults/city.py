"""A city in real processes: what faults are injected into, and what must hold afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from alerts.case import State
from alerts.policy import PACKS
from app.city import append_homes
from app.settings import Settings
from core.clock import SystemClock, wall_now
from core.people import Home, Member, Reach, Role
from gateway.claim import new_secret
from store.database import Database
from store.gateways import claim, register
from store.migrate import migrate
from store.people import put_member
from store.tables import case_log, cases, events, outbox
from tests.faults.nursery import GATEWAY, Nursery, Process
from tests.faults.outside import DEPLOYED, Homes, Phones, expect, gateway_of, home_of
from tests.servers import Nats, written
from wire.broker import free_port
from wire.mosquitto import Mosquitto
from wire.url import BrokerUrl

ROLES = ("sos", "events", "watch", "alerts", "caller", "api")
BESIDE = ("keeper",)
"""Workers that no press passes through; without them the city is not ready."""
AREA = "gwangju/nam-gu/bongseon-1-dong"
TOKEN = "faults"
RUNG_S = 2
EARLY_S, LATE_S = 1.0, 5.0
MANAGERS = ("kim", "lee")
SECOND = "-at-home"
"""Each has a second telephone, which is called where the first cannot be."""


class City:
    """A running city: real broker, real database, a process for each worker, and the means to end each of them."""

    def __init__(
        self,
        folder: Path,
        homes: int,
        *,
        database_url: str = "",
        broker: Mosquitto | Nats | None = None,
        env: Mapping[str, str] | None = None,
        rung_s: int = RUNG_S,
        homes_at: Callable[[str], BrokerUrl] | None = None,
        enter: Callable[[], None] = lambda: None,
    ) -> None:
        """`rung_s`: how long the first person has to answer. `homes_at`: the broker as a gateway reaches it,
        where that is another way than the city's own; `enter`: see Homes.
        """
        self.folder, self.rung_s = folder, rung_s
        (folder / "broker").mkdir(parents=True, exist_ok=True)
        self.broker = broker or Mosquitto(folder / "broker", more=DEPLOYED)
        self.broker.start()
        policy = folder / "policy.toml"
        pack = PACKS.joinpath("gwangju.toml").read_text(encoding="utf-8")
        policy.write_text(pack.replace('"manager", wait = "3m"', f'"manager", wait = "{rung_s}s"'), encoding="utf-8")
        self.settings = Settings(
            broker_url=written(self.broker.url), broker_ca=self.broker.url.ca or "", database_url=database_url,
            data_dir=str(folder / "data"), http=f"127.0.0.1:{free_port()}", api_token=TOKEN, policy=str(policy),
        )  # fmt: skip
        self.phones = Phones()
        self.db = Database(self.settings.database)
        migrate(self.db)
        enrolled = [Home(f"home-{n:05}", f"gw-{n:05}", AREA, f"김{n}", speaker=False) for n in range(homes)]
        append_homes(self.db, enrolled, wall_now())
        with self.db.write() as tx:
            for id, role in zip(MANAGERS, (Role.MANAGER, Role.SUPERVISOR), strict=True):
                reach = tuple(Reach("webhook", f"{self.phones.url}/{way}") for way in (id, f"{id}{SECOND}"))
                put_member(tx, self.db.backend, Member(id, id.title(), role, "gwangju", "ko", reach))
        self._fresh = iter(enrolled)
        self.nursery = Nursery(folder / "logs", env)
        self.workers: dict[str, Process] = {}
        self.rang_again: list[datetime] = []
        self.late_s: list[float] = []
        run = folder.name.replace("_", "-")[-20:] or "run"
        self.homes_at = homes_at or (lambda _: self.broker.url)
        self.homes = Homes(self.homes_at, run, enter)
        self.api = httpx.Client(
            base_url=f"http://{self.settings.http}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
        )
        self.clock = SystemClock()

    # --- processes

    def start(self, role: str, inject: str = "", *, name: str = "") -> Process:
        """Start a worker (anew)."""
        process = self.nursery.start(role, self.settings, inject=inject, name=name or role)
        if role == "alerts":
            self.rang_again.append(wall_now())
        self.workers[name or role] = process
        return process

    def start_all(self) -> City:
        """All workers; ready when the API says so."""
        for role in (*ROLES, *BESIDE):
            self.start(role)
        self.expect_ready()
        return self

    def ready(self) -> bool:
        try:
            return self.api.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def expect_ready(self, limit_s: float = 60.0) -> float:
        """Seconds until the city says that it is ready."""
        return expect(self.ready, limit_s, "the city is ready")

    def gateway(
        self, local: BrokerUrl, id: str, inject: str = "", *, secret: str = "", nursery: Nursery | None = None
    ) -> Process:
        """`anbu gateway` of a home; with its secret it knows the other way, by HTTP. `nursery`: it is born there."""
        there = self.homes_at(id)
        env = {
            "ANBU_GATEWAY_ID": id, "ANBU_GATEWAY_LOCAL": str(local), "ANBU_DATA_DIR": str(self.folder / id),
            "ANBU_DATABASE_URL": "", "ANBU_BROKER_URL": written(there),
        }  # fmt: skip
        if secret:
            env["ANBU_BROKER_URL"] = f"mqtt://{id}:{secret}@{there.host}:{there.port}"
            env["ANBU_GATEWAY_API"] = f"http://{self.settings.http}"
        process = (nursery or self.nursery).start(GATEWAY, self.settings, inject=inject, env=env)
        self.workers[GATEWAY] = process
        return process

    def enrol(self, gateway: str) -> str:
        """A gateway's secret, as claimed."""
        secret = new_secret()
        with self.db.write() as tx:
            code = register(tx, gateway, f"SN-{gateway}", "an operator", wall_now())
            assert isinstance(code, str)
            claim(tx, f"SN-{gateway}", code, secret, wall_now())
        return secret

    # --- people

    def fresh_home(self) -> Home:
        """A home that has said nothing yet."""
        return next(self._fresh)

    def press(self, many: int = 1) -> list[str]:
        """SOS in so many homes; their ids."""
        chosen = [self.fresh_home() for _ in range(many)]
        for home in chosen:
            self.homes.press(home.gateway)
        return [home.id for home in chosen]

    def of(self, homes: list[str]) -> list[Any]:
        """The cases of these homes."""
        with self.db.read() as tx:
            return list(tx.execute(sa.select(cases).where(cases.c.home.in_(homes)).order_by(cases.c.id)))

    def latencies(self, homes: list[str]) -> list[float]:
        """Seconds from each press to its case."""
        return [(case.opened_at - self.homes.pressed[gateway_of(case.home)]).total_seconds() for case in self.of(homes)]

    def climbed(self, case: int) -> bool:
        """Whether the second person has been called."""
        with self.db.read() as tx:
            climbs = sa.select(case_log.c.id).where(case_log.c.case_id == case, case_log.c.what == "case.log.climbed")
            return tx.execute(climbs).first() is not None

    def acknowledge(self, case: int, limit_s: float = 20.0) -> None:
        """A manager takes a case, and presses again until the city has answered."""
        body, header = {"by": "kim"}, {"Idempotency-Key": f"take-{case}"}

        def taken() -> bool:
            try:
                return self.api.post(f"/api/cases/{case}/ack", json=body, headers=header).status_code == 200
            except httpx.HTTPError:
                return False

        expect(taken, limit_s, f"case {case} is taken")

    def close_case(self, case: int) -> None:
        """A manager was there and closes the case."""
        for verb, more in (("arrive", {}), ("close", {"outcome": "safe", "contact": "visit"})):
            answer = self.api.post(f"/api/cases/{case}/{verb}", json={"by": "kim", **more})
            assert answer.status_code == 200, f"{verb} of case {case}: {answer.text}"

    # --- what must hold

    def expect_cases(self, homes: list[str], limit_s: float) -> float:
        """Seconds until each of the homes has its case."""
        return expect(lambda: len(self.of(homes)) >= len(homes), limit_s, f"a case for each of {', '.join(homes)}")

    def expect_receipts(self, limit_s: float) -> float:
        """Seconds until no home waits for a receipt any more."""
        return expect(lambda: not self.homes.waiting(), limit_s, "receipts for all that was said")

    def verdict(self, *, everything: bool = True, besides: Collection[str] = ()) -> dict[str, int]:
        """Count what was said and what came of it. Raises AssertionError where a law is broken.

        `everything`: nobody but `homes` has said anything. `besides`: the only other concerns that there may be.

        Pressed = cases, none twice; every event in the log, once; each call's key for one member and rung, each case's
        history legal: opened once, taken once, nothing after its end.
        """
        assert not self.homes.waiting(), "a home still waits for a receipt"
        with self.db.read() as tx:
            found = list(tx.execute(sa.select(cases)))
            logged = tx.execute(sa.select(sa.func.count()).select_from(events).where(events.c.kind != "lost")).scalar()
            history = defaultdict(list)
            for line in tx.execute(sa.select(case_log).order_by(case_log.c.id)):
                history[line.case_id].append(line)
            letters = list(tx.execute(sa.select(outbox)))
        sos = [case for case in found if case.concern == "sos"]
        homes = Counter(case.home for case in sos)
        pressed = {home_of(gateway) for gateway in self.homes.pressed}
        assert set(homes) == pressed, f"lost: {sorted(pressed - set(homes))}, invented: {sorted(set(homes) - pressed)}"
        assert max(homes.values(), default=1) == 1, f"twice: {[home for home, n in homes.items() if n > 1]}"
        others = sorted({case.concern for case in found} - {"sos", *besides})
        assert not (everything and others), f"cases of {others} besides"
        assert not everything or logged == self.homes.said, f"{self.homes.said} said, {logged} in the log"
        for case in found:
            assert case.state in set(State), f"case {case.id} is {case.state}"
            happened = Counter(line.what for line in history[case.id])
            assert happened["case.log.opened"] == 1, f"case {case.id} was opened {happened['case.log.opened']} times"
            assert happened["case.log.acknowledged"] <= 1, f"case {case.id} was taken twice"
            # Who has taken a case and does nothing is followed by the next after ten minutes: no timer of ours.
            alone = takewhile(lambda line: line.what != "case.log.acknowledged", history[case.id])
            self._timers(case, [line.at for line in alone if line.what == "case.log.climbed"])
        repeated = 0
        for case_id, said in self.phones.keys().items():
            members = Counter(member for member, _ in said)
            assert max(members.values()) == 1, f"case {case_id}: a person was called under two keys: {dict(said)}"
            repeated += sum(said.values()) - len(said)
        return {
            "pressed": len(pressed), "cases": len(sos), "events": self.homes.said, "letters": len(letters),
            "same key again": repeated,
        }  # fmt: skip

    def _timers(self, case: Any, climbs: list[datetime]) -> None:
        """The first rung: once, not early, and soon after whoever rings was (again) there."""
        if not climbs:
            return
        due = case.opened_at + timedelta(seconds=self.rung_s)
        early_s = (due - climbs[0]).total_seconds()
        assert early_s <= EARLY_S, f"case {case.id} climbed {early_s:.1f} s early"
        # It may have been due while nobody was there to ring it.
        again = next((at for at in self.rang_again if at > due), due)
        late_s = min((climbs[0] - at).total_seconds() for at in (due, again) if climbs[0] >= at or at is due)
        assert late_s <= LATE_S, f"case {case.id} climbed {late_s:.1f} s late"
        self.late_s.append(late_s)

    def close(self) -> None:
        self.homes.close()
        self.nursery.close()
        self.broker.stop()
        self.phones.close()
        self.api.close()
        self.db.close()


@contextmanager
def city(folder: Path, homes: int, **more: Any) -> Iterator[City]:
    """A city for one row of the table."""
    place = City(folder, homes, **more)
    try:
        yield place
    finally:
        place.close()
