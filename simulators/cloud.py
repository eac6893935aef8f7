"""A speaker maker's cloud: takes the city's questions over HTTP, puts them to residents, and tells what they answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx
import msgspec

from core.clock import wall_now
from core.events import Event, Payload
from core.signed import HEADER, holds, signature
from simulators.speaker import Manner, read_ask, reply
from wire.codec import encode

_TRIES = 3


class _Whose(msgspec.Struct):
    gateway: str


class SpeakerCloud:
    """One cloud with any number of speakers. `step` says the answers whose time has come.

    `manner` says how the resident of a gateway answers. While `away`, it answers every question with 503.
    """

    def __init__(
        self, name: str, secret: str, city: str, manner: Callable[[str], Manner], now: Callable[[], datetime]
    ) -> None:
        """`city`: the API's URL; `now`: the time that the homes live in, while signatures go by the wall's."""
        self._name, self._secret, self._manner, self._now = name, secret.encode(), manner, now
        self._client = httpx.Client(base_url=city, timeout=10)
        self._due: list[tuple[datetime, Event]] = []
        self._lock = threading.Lock()
        self.away = False
        self.put: list[tuple[str, str]] = []
        """(gateway, what was said), each question once."""
        self.requests = 0
        self._keys: set[str] = set()
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = cloud._asked(self.headers[HEADER] or "", self.headers["Idempotency-Key"] or "", body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/asks"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def step(self) -> int:
        """Tell the city what residents have answered by now; how many answers."""
        now = self._now()
        with self._lock:
            told = [event for at, event in self._due if at <= now]
            self._due = [(at, event) for at, event in self._due if at > now]
        for event in told:
            self.tell(encode(event)).raise_for_status()
        return len(told)

    def say(self, gateway: str, kind: str, data: Payload, id: str) -> httpx.Response:
        """A speaker of a home hears something."""
        return self.tell(encode(Event(id, gateway, "speaker", kind, self._now(), data)))

    def tell(self, body: bytes) -> httpx.Response:
        """Send a signed request to the city; signed anew where it is told to."""
        for _ in range(_TRIES):
            signed = signature(self._secret, int(wall_now().timestamp()), body)
            answer = self._client.post(f"/api/cloud/{self._name}/events", content=body, headers={HEADER: signed})
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
        return answer

    def close(self) -> None:
        """Leave."""
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def _asked(self, signed: str, key: str, body: bytes) -> int:
        with self._lock:
            self.requests += 1
            if not holds(signed, self._secret, body, wall_now()):
                return 401
            if self.away:
                return 503
            ask = read_ask(body)
            if ask is None:
                return 422
            if key in self._keys:
                return 200
            self._keys.add(key)
            gateway = msgspec.json.decode(body, type=_Whose).gateway
            self.put.append((gateway, ask.text))
            given = reply(ask, self._manner(gateway), Random(f"{self._name}/{key}"))
            if given is not None:
                at = self._now() + timedelta(seconds=given.after_s)
                event = Event(f"answer-{ask.ask}", gateway, given.device, "answer", at, given.answer)
                self._due.append((at, event))
            return 200
