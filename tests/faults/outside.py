"""What stands outside the city: homes with their gateways and buttons, and the phone company."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from core.clock import sleep_s, stopwatch_s, wall_now
from core.events import Heartbeat, Motion, SosPressed
from gateway.adapters import native
from simulators.gateway import VirtualGateway
from simulators.home import Said
from tests.servers import DEPLOY
from wire.mosquitto import Mosquitto
from wire.session import Session
from wire.url import BrokerUrl

# What the city's broker keeps, as it is deployed; a home's own writes down each message before it goes on.
_KEEPS = ("autosave_", "max_queued_bytes", "persistent_client_expiration")
DEPLOYED = "".join(
    line
    for line in (DEPLOY / "mosquitto" / "mosquitto.conf").read_text().splitlines(keepends=True)
    if line.startswith(_KEEPS)
)
WRITES_DOWN = "autosave_on_changes true\nautosave_interval 1\n"
BEAT_S, _SELDOM_S = 30.0, 8 * 3600.0
_KINDS = {SosPressed: "sos", Motion: "motion", Heartbeat: "heartbeat"}


def home_of(gateway: str) -> str:
    """The home that has this gateway."""
    return f"home-{gateway.removeprefix('gw-')}"


def gateway_of(home: str) -> str:
    """The gateway of a home."""
    return f"gw-{home.removeprefix('home-')}"


def expect(done: Callable[[], bool], limit_s: float, what: str) -> float:
    """Real seconds until `done()`; AssertionError with `what` where it takes longer than `limit_s`."""
    began_s = stopwatch_s()
    while not done():
        assert stopwatch_s() - began_s < limit_s, f"not within {limit_s:g} s: {what}"
        sleep_s(0.01)
    return stopwatch_s() - began_s


class Phones:
    """The phone company: notes each call with its key and when it came, and answers as a fault wants."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, str, dict[str, Any]]] = []
        self.behave: Callable[[str, dict[str, Any]], int] = lambda _member, _body: 200
        """Gives the status for a call; it may wait. 0: hang up without an answer."""
        phones = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers["Content-Length"]))
                if len(said) < int(self.headers["Content-Length"]):
                    return  # whoever called was killed in the middle of it
                body = json.loads(said)
                member = self.path.strip("/")
                phones.calls.append((stopwatch_s(), member, body))
                status = phones.behave(member, body)
                if not status:
                    self.connection.close()
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def keys(self, purpose: str = "call") -> dict[int, Counter[tuple[str, str]]]:
        """Case -> how often each (member, key) was said."""
        found: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
        for _, member, body in list(self.calls):
            if body["purpose"] == purpose:
                found[body["case"]][member, body["key"]] += 1
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Homes:
    """Homes whose gateways keep each word until the city's receipt, driven by one thread of their own."""

    def __init__(self, url: Callable[[str], BrokerUrl], run: str, enter: Callable[[], None] = lambda: None) -> None:
        """`url`: the broker as a gateway reaches it. `enter` is called by the thread before it opens a connection: to
        go where the homes are.
        """
        self._url, self._run, self._enter = url, run, enter
        self._beats: dict[str, float] = {}
        self._times_up: dict[str, int] = {}
        self._lock = threading.Lock()
        self._gateways: dict[str, VirtualGateway] = {}
        self.pressed: dict[str, datetime] = {}
        self.said = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drive, daemon=True)
        self._thread.start()

    def press(self, gateway: str) -> None:
        """Somebody presses SOS there, for the first time; somebody moves there, too."""
        with self._lock:
            one = self._gateway(gateway)
            self.pressed[gateway] = wall_now()
            self._say(one, wall_now(), Motion(room="kitchen"))
            self._say(one, wall_now(), SosPressed())

    def bring(self, gateway: str, ago: timedelta, words: int) -> None:
        """A home that was cut off brings what was said so long ago, a press in the middle."""
        with self._lock:
            one = self._gateway(gateway)
            for n in range(words):
                at = wall_now() - ago + timedelta(seconds=n)
                self._say(one, at, SosPressed() if n == words // 2 else Motion(room="bath"))

    def beat(self, gateway: str) -> None:
        """From now on its heartbeats come every 30 s."""
        with self._lock:
            self._gateway(gateway)
            self._beats[gateway] = stopwatch_s()

    def _gateway(self, id: str) -> VirtualGateway:
        one = self._gateways[id] = VirtualGateway(id, self._url(id), self._run, resend_s=1.0)
        return one

    def _say(self, gateway: VirtualGateway, at: datetime, data: Motion | SosPressed | Heartbeat) -> None:
        self.said += 1
        kind = _KINDS[type(data)]
        gateway.say(Said(at, f"a-{kind}", kind, data))

    def waiting(self) -> int:
        """Words without a receipt. Those of a home without any are let go, and their line with them."""
        with self._lock:
            for name in [n for n, one in self._gateways.items() if not one.waiting and n not in self._beats]:
                self._gateways.pop(name).close()
            return sum(one.waiting for one in self._gateways.values())

    def connected(self) -> bool:
        """Whether each home that still has something to say can say it."""
        with self._lock:
            return all(one.connected for one in self._gateways.values())

    def _drive(self) -> None:
        self._enter()
        while not self._over.wait(0.01):
            with self._lock:
                now = wall_now()
                for name in [name for name, at_s in self._beats.items() if at_s <= stopwatch_s()]:
                    self._say(self._gateways[name], now, Heartbeat(every_s=BEAT_S))
                    self._beats[name] += BEAT_S
                for name, gateway in self._gateways.items():
                    if gateway.times_up > self._times_up.get(name, 1):  # as the program in the home does
                        self._say(gateway, now, Heartbeat(every_s=BEAT_S if name in self._beats else _SELDOM_S))
                    self._times_up[name] = max(1, gateway.times_up)
                    gateway.turn(now)

    def close(self) -> None:
        self._over.set()
        self._thread.join(10)
        for gateway in self._gateways.values():
            gateway.close()


class Button:
    """An emergency button at a home's own broker."""

    def __init__(self, url: BrokerUrl) -> None:
        self._session = Session(url, "a-button", persistent=False)
        expect(lambda: bool(self._session.poll(0.01)) or self._session.connected, 10, "the button is connected")

    def press(self) -> None:
        """Until the home's broker has it."""
        sent = self._session.publish(f"{native.BASE}/pendant/sos", b"{}", 1)
        expect(lambda: bool(self._session.poll(0.005)) or sent.is_published(), 10, "the home's broker has the press")

    def leave(self) -> None:
        self._session.disconnect()


@contextmanager
def homes_broker(folder: Path) -> Iterator[Mosquitto]:
    """A home's own broker, as docs/gateway.md wants it."""
    (folder / "home").mkdir(parents=True)
    broker = Mosquitto(folder / "home", more=WRITES_DOWN).start()
    try:
        yield broker
    finally:
        broker.stop()
