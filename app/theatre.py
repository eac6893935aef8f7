"""A scenario played against a city of its own, from an empty folder to the ledger: the demo, drills and tests."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from alerts.views import LogEntry
from app.care_ledger import care_ledger
from app.chain import cast
from app.city import City
from app.ledger import ledger
from app.settings import Settings, give_cue, make_clock
from app.supervisor import Supervisor
from core.clock import sleep_s, stopwatch_s, wall_now
from core.words import say
from simulators.scenario import Scenario
from simulators.stage import Stage
from store.people import put_home, put_member
from wire.broker import free_port

READY_S = 90.0
_LISTEN_S = 0.25


class Theatre:
    """One performance. `line` is told each new line of the case log, `stop` ends it early."""

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        *,
        http: str,
        speed: float | None = None,
        broker_url: str = "",
        guarded: bool = False,
        ready_s: float = READY_S,
    ) -> None:
        """`broker_url`: empty for the embedded broker. `guarded`: people need an account, simulated ones a token.

        `ready_s`: real seconds in which the city has to be up.
        """
        self.scenario, self._ready_s = scenario, ready_s
        self.speed = speed or scenario.speed
        self._cue = folder.resolve() / "curtain"
        clock = f"{scenario.start.isoformat()},{self.speed},{self._cue}"
        self.clock = make_clock(clock)
        self.settings = Settings(
            data_dir=str(folder),
            http=http,
            api_token=secrets.token_urlsafe(32) if guarded else "",
            broker_url=broker_url,
            broker_port=free_port(),
            log_level="ERROR",
            clock=clock,
            canary_s=0.0,
        )
        self.city = City(self.settings)
        self.supervisor = Supervisor(self.settings)
        place = self.city.place
        self.stage = Stage(
            scenario,
            self.clock,
            place.broker,
            f"http://{http}",
            self.settings.api_token,
            place.identity,
            at_once=None if broker_url else 1,
        )
        with self.city.db.write() as tx:
            for home in scenario.homes():
                if (problem := put_home(tx, self.city.db.backend, home, scenario.start)) is not None:
                    raise ValueError(f"home {home.id}: {say(problem.key, 'en', problem.numbers)}")
            for member in scenario.members(self.stage.webhook_base):
                put_member(tx, self.city.db.backend, member)
            if scenario.script.care is not None:
                cast(tx, self.city.db.backend, scenario.script.care.pack, self.stage.webhook_base, scenario.start)

    def play(
        self,
        *,
        endless: bool = False,
        stop: Callable[[], bool] = lambda: False,
        line: Callable[[LogEntry], None] = lambda _entry: None,
        share: Callable[[float], None] = lambda _share: None,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the city, play, end the city. `ready` is called once the city is up. Raises what starting it raises."""
        narrator = threading.Thread(target=self._narrate, args=(line,), daemon=True)
        self._over = threading.Event()
        try:
            self.supervisor.start()
            self.stage.start()
            self._raise_curtain(stop)
            if not stop():
                ready()
            narrator.start()
            end = self.scenario.end + timedelta(days=3650 if endless else 0)
            player = threading.Thread(target=self.stage.run, args=(end,), daemon=True)
            player.start()
            while player.is_alive() and not stop():
                if self.supervisor.check() is not None:
                    raise RuntimeError("a worker of the city has failed for good; its words stand above")
                share(self.stage.progress().share)
                player.join(0.1)
        finally:
            try:
                self.stage.stop()
            finally:
                self.supervisor.stop()
            self._over.set()
            if narrator.is_alive():
                narrator.join(3)

    def ledger(self) -> dict[str, Any]:
        """What the city did."""
        with self.city.db.read() as tx:
            record = ledger(tx, self.city.desk, len(self.stage.pressed))
            return record | {"care": care_ledger(tx)} if self.scenario.script.care else record

    def _raise_curtain(self, stop: Callable[[], bool]) -> None:
        """The clock stands until the city is up."""
        until_s = stopwatch_s() + self._ready_s
        while not stop() and not self._is_ready():
            if self.supervisor.check() is not None or stopwatch_s() > until_s:
                raise RuntimeError("the city does not start; its words stand above")
            sleep_s(0.1)
        give_cue(self._cue, wall_now())

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://{self.settings.http}/readyz", timeout=2, verify=False).status_code == 200
        except httpx.HTTPError:
            return False

    def _narrate(self, line: Callable[[LogEntry], None]) -> None:
        after = 0
        while True:
            over = self._over.wait(_LISTEN_S)
            with self.city.db.read() as tx:
                entries = self.city.desk.log_since(tx, after)
            for entry in entries:
                line(entry)
                after = entry.id
            if over and not entries:
                return


@contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """A folder for one performance, gone when it is over."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


def write_json(path: Path, record: Any) -> None:
    """A record as readable JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
