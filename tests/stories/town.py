"""A whole city in one process, its clock in the story's hand: real broker, real database, real HTTP, jumped time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import httpx

from api.server import Server
from app.city import City
from app.settings import Settings
from core.clock import ManualClock
from core.events import KINDS, Event, Lane, Payload, lane_of
from core.people import Home, Member, Reach, Role
from store.people import put_home, put_member
from tests.servers import written
from tests.waiting import wait_until
from wire.broker import free_port
from wire.client import Publisher
from wire.codec import encode
from wire.receipt import Receipt, decode_receipt
from wire.session import Session
from wire.topics import Down, down, up
from wire.url import BrokerUrl

AREA = "gwangju/nam-gu/bongseon-1-dong"
TOKEN = "story"
MORNING = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)  # a Thursday, 10:00 in Gwangju
_TICK_S = 30.0


class Broker(Protocol):
    """Any broker that a story may be played at."""

    @property
    def url(self) -> BrokerUrl:
        """For the city."""
        ...

    @property
    def homes_url(self) -> BrokerUrl:
        """For gateways."""
        ...


class Phones:
    """The phone company: notes every message, and answers as the story wants."""

    def __init__(self) -> None:
        self.rang: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, int] = {}
        self.meanwhile: dict[str, Callable[[], object]] = {}
        phones = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                member = self.path.strip("/")
                phones.meanwhile.get(member, lambda: None)()
                status = phones.answers.get(member, 200)
                if status == 200:
                    phones.rang.append((member, body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def calls(self, purpose: str = "call") -> list[str]:
        """Who was called, in order."""
        return [member for member, body in self.rang if body["purpose"] == purpose]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Gateway:
    """A home's gateway and its speaker, at the real broker."""

    def __init__(self, town: Town, home: Home, boot: str = "b1") -> None:
        self.home, self._town, self._boot = home, town, boot
        self._seq = 0
        self.asked: list[dict[str, Any]] = []
        self.receipts: list[Receipt] = []
        self.session = Session(
            town.broker.homes_url, f"story-{home.gateway}",
            subscribe=[down(home.gateway, Down.RECEIPT), down(home.gateway, Down.ASK)],
        )  # fmt: skip
        wait_until(lambda: bool(self.session.poll(0.02)) or self.session.connected)

    def event(self, kind: str, device: str = "", at: datetime | None = None, **data: Any) -> Event:
        """The next event of this gateway."""
        self._seq += 1
        payload: Payload = KINDS[kind](**data)
        device = device or f"{data.get('room') or data.get('place') or kind}-{kind}"
        return Event(
            f"{self._boot}-{self._seq}", self.home.gateway, device, kind, at or self._town.clock.now(), payload,
            self._boot, self._seq,
        )  # fmt: skip

    def say(self, kind: str, device: str = "", at: datetime | None = None, **data: Any) -> Event:
        """Send the next event, and let the city take it in."""
        event = self.event(kind, device, at, **data)
        self.send(event)
        self._town.settle()
        # The bulk lanes gather their receipts for a moment: the city's own loop has to go on for them.
        wait_until(lambda: self._town.take() < 0 or self.hear() or self.receipted(event))
        return event

    def receipted(self, event: Event) -> bool:
        """Whether the city has said that it holds the event."""
        return any(receipt.covers(event.boot or "", event.seq or 0) for receipt in self.receipts)

    def send(self, event: Event) -> None:
        """Put an event on the wire."""
        self.send_bytes(lane_of(event.kind), encode(event))

    def send_bytes(self, lane: Lane, payload: bytes) -> None:
        """Put any bytes on the wire, and wait until the broker has them."""
        sent = self.session.publish(up(self.home.gateway, lane), payload, 1)
        wait_until(lambda: self.hear() or sent.is_published())
        self._town.expected += 1

    def hear(self, wait_s: float = 0.01) -> bool:
        """Take in what the city says; False, for use in conditions."""
        heard = self.session.poll(wait_s)
        for delivery in heard:
            if delivery.topic.endswith("/ask"):
                self.asked.append(json.loads(delivery.payload))
            elif (receipt := decode_receipt(delivery.payload)) is not None:
                self.receipts.append(receipt)
        self.session.ack(heard)
        return False

    def answer(self, result: str | None = None, text: str = "", **heard: float) -> None:
        """The resident answers the last question; `heard`: how sure and how loud."""
        self.say("answer", "speaker", ask=self.asked[-1]["ask"], result=result, text=text, **heard)

    def check_ins(self) -> int:
        """How many questions the speaker has put that wait for an answer."""
        return sum(ask["kind"] == "check_in" for ask in self.asked)


class Town:
    """One city in this process. `settle` does all work that is due now; `forward` lets time pass."""

    def __init__(self, broker: Broker, database_url: str, folder: Path, start: datetime = MORNING) -> None:
        self.broker, self.clock = broker, ManualClock(start)
        self.settings = Settings(
            broker_url=written(broker.url), broker_ca=broker.url.ca or "", database_url=database_url,
            data_dir=str(folder), http=f"127.0.0.1:{free_port()}", api_token=TOKEN,
        )  # fmt: skip
        self.phones = Phones()
        self.gateways: list[Gateway] = []
        self.expected = 0
        self.taken = self._heard_of = 0
        self._publisher = Publisher(broker.url, "story-asks")
        self._publisher.start()
        self._workers()
        self._serve()

    def _workers(self) -> None:
        self.city = City(self.settings, self.clock)
        self.sos, self.events = self.city.ingest("sos"), self.city.ingest("events")
        self.watch, self.bell = self.city.watch(), self.city.bell()
        self.outbox = self.city.outbox(self._publisher.publish)
        self.caller = self.city.caller(self._publisher.publish)
        self.keepers = self.city.keepers()
        wait_until(lambda: self.take(0.01) < 0 or (self.sos.connected and self.events.connected))

    def _serve(self) -> None:
        self._server = Server(self.city.api(self.outbox), self.settings.http_host, self.settings.http_port)
        self._serving = threading.Thread(target=self._server.run, daemon=True)
        self._serving.start()
        self.api = httpx.Client(
            base_url=f"http://{self.settings.http}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=20,
            verify=False,
        )
        wait_until(lambda: self._server.started)

    def restart(self) -> None:
        """Every worker of the city dies with what it had in its hands, and is started anew on the same database."""
        self.end()
        self.begin()

    def end(self) -> None:
        """Nothing of the city runs any more; the broker, the homes and the telephones go on."""
        for ingest in (self.sos, self.events):
            ingest._session.kill()
        self.outbox.close()
        self.caller.close()
        self._stop_server()
        self.city.close()

    def begin(self) -> None:
        """Start the city on what is in its database."""
        self._workers()
        self._serve()

    def _stop_server(self) -> None:
        self._server.should_exit = True
        self._serving.join(10)
        self.api.close()

    def close(self) -> None:
        self._stop_server()
        for gateway in self.gateways:
            gateway.session.disconnect()
        self.outbox.close()
        self.caller.close()
        self._publisher.stop()
        self.phones.close()
        self.city.close()

    # --- people and homes

    def home(self, name: str = "home-1", **more: Any) -> Gateway:
        """Enrol a home, and switch its gateway on."""
        home = Home(**{"id": name, "gateway": f"gw-{name}", "area": AREA, "resident": "김영순", **more})
        with self.city.db.write() as tx:
            assert put_home(tx, self.city.db.backend, home, self.clock.now()) is None
        gateway = Gateway(self, home)
        self.gateways.append(gateway)
        return gateway

    def member(self, id: str, role: Role = Role.MANAGER, area: str = "gwangju", *, reach: str = "webhook") -> Member:
        """Enrol somebody who answers Care Calls."""
        ways = (Reach("webhook", f"{self.phones.url}/{id}"),) if reach == "webhook" else ()
        member = Member(id, id.title(), role, area, "ko", ways)
        with self.city.db.write() as tx:
            put_member(tx, self.city.db.backend, member)
        return member

    # --- time and work

    def settle(self) -> None:
        """Let the city do everything that is due now, until nothing moves any more."""
        wait_until(lambda: self.taken >= self.expected or self.take(0.01) < 0)
        talked = self.taken > self._heard_of
        self._heard_of = self.taken
        for _ in range(50):
            moved = self.take() + self.watch.step() + self.bell.step() + self.caller.step() + self.outbox.step(0.3)
            talked = talked or bool(moved)
            if not moved and self.outbox.idle and self.caller.idle:
                break
        for gateway in self.gateways:
            for _ in range(3 if talked else 1):
                gateway.hear(0.01 if talked else 0.0)

    def forward(self, minutes: float, alive: Callable[[], None] = lambda: None) -> None:
        """Let time pass; `alive` is called every half minute for what the homes do meanwhile."""
        for _ in range(round(minutes * 60 / _TICK_S)):
            self.clock.advance(_TICK_S)
            alive()
            self.settle()

    def jump(self, minutes: float) -> None:
        """Time passes while nothing of the city runs."""
        self.clock.advance(minutes * 60)

    def keep(self) -> int:
        """Let the care chain do what falls due by itself, and the city what follows; how much that was."""
        done = 0
        for _ in range(50):
            moved = {name: count for name, keeper in self.keepers.items() if (count := keeper.step())}
            if not moved:
                self.settle()
                return done
            done += sum(moved.values())
        raise AssertionError(f"it never comes to rest: {moved}")

    def pass_by(self, hours: float) -> None:
        """Time passes in a few steps, for a story in which the minutes play no part."""
        steps = max(1, min(12, round(hours)))
        for _ in range(steps):
            self.clock.advance(hours * 3600 / steps)
            self.keep()

    def take(self, wait_s: float = 0.0) -> int:
        """Let ingest do one round; the number of messages."""
        taken = self.sos.step(wait_s) + self.events.step(wait_s)
        self.taken += taken
        return taken

    # --- what people see

    def cases(self, state: str | None = None) -> list[dict[str, Any]]:
        """What `GET /api/cases` says."""
        answer = self.api.get("/api/cases", params={"state": state} if state else {})
        assert answer.status_code == 200, answer.text
        return sorted(answer.json(), key=lambda case: case["id"])

    def the_case(self) -> dict[str, Any]:
        """The one case that there is."""
        (case,) = self.cases()
        return case

    def timeline(self, id: int) -> list[str]:
        """The keys of a case's history, in order."""
        return [entry["key"] for entry in self.api.get(f"/api/cases/{id}").json()["timeline"]]

    def act(self, id: int, verb: str, **body: Any) -> httpx.Response:
        """What a care manager does."""
        answer = self.api.post(f"/api/cases/{id}/{verb}", json=body)
        self.settle()
        return answer


@contextmanager
def town(broker: Broker, database_url: str, folder: Path, start: datetime = MORNING) -> Iterator[Town]:
    """A city for one story."""
    place = Town(broker, database_url, folder, start)
    try:
        yield place
    finally:
        place.close()
