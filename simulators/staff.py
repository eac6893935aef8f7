"""Care managers, supervisors and duty officers: they hear webhooks and act through the API, each in their own way."""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import msgspec

from core.people import Role

log = logging.getLogger(__name__)

_MAX_BODY = 64 * 1024
_RETRY = timedelta(minutes=1)
_WATCH_EVERY = timedelta(minutes=1)


class Behaviour(StrEnum):
    """`fast` and `late` differ in `after_min` only; `forgets` acknowledges and does nothing more; `off`: no phone."""

    FAST = "fast"
    LATE = "late"
    NEVER = "never"
    OFF = "off"
    FORGETS = "forgets"


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member of the staff. Minutes are simulated: from the call to the acknowledgement, from there to the door,
    and from the door to the case's close; the shipped policy gives an owner 5 minutes to act on smoke.

    `watches` names a post that has no phone but the board: the officer there is no member of the rota, and takes the
    cases that have climbed to the post.
    """

    id: str
    name: str
    role: Role
    area: str
    behaviour: Behaviour = Behaviour.FAST
    after_min: float | None = None
    arrive_min: float = 4.0
    close_min: float = 6.0
    watches: str = ""
    language: str = "ko"

    @property
    def answers_after(self) -> timedelta:
        usual_min = 12.0 if self.behaviour is Behaviour.LATE else 1.0
        return timedelta(minutes=usual_min if self.after_min is None else self.after_min)


class Call(NamedTuple):
    """A webhook that came in."""

    at: datetime
    member: str
    case: str
    purpose: str


class Staff:
    """The staff's phones: an HTTP server on loopback, and the list of what each of them does next.

    `truth(home)` is the outcome that somebody finds who has been there; `on_task` is told whose telephone says that
    there is a task. `step` may be called by one thread only; the
    server's threads only ring.
    """

    def __init__(
        self,
        people: Sequence[Person],
        api: str,
        token: str,
        run: str,
        now: Callable[[], datetime],
        truth: Callable[[str], str],
        port: int = 0,
        on_task: Callable[[str], None] = lambda worker: None,
    ) -> None:
        self.calls: list[Call] = []
        self._people = {person.id: person for person in people}
        self._run, self._now, self._truth, self._on_task = run, now, truth, on_task
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=api.rstrip("/"), headers=headers, timeout=4.0)
        self._lock = threading.Lock()
        self._diary: list[tuple[datetime, int, str, str]] = []
        self._planned: set[tuple[str, str]] = set()
        self._done: set[tuple[str, str]] = set()
        self._counter = itertools.count(1)
        self._watched_at: datetime | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _phone(self._ring))
        self._server.daemon_threads = True
        self._ringing = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="phones", daemon=True)

    @property
    def address(self) -> str:
        """The base of every member's webhook address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._ringing.start()

    def stop(self) -> None:
        if self._ringing.is_alive():  # waits for ever on a server that never served
            self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def _ring(self, member: str, body: bytes) -> HTTPStatus:
        try:
            note = json.loads(body)
            case = str(note["case"])
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST
        if note.get("purpose") == "task":
            self._on_task(member)
            return HTTPStatus.OK
        person = self._people.get(member)
        if person is None:
            return HTTPStatus.NOT_FOUND
        now = self._now()
        with self._lock:
            self.calls.append(Call(now, member, case, str(note.get("purpose", ""))))
        if person.behaviour is Behaviour.OFF:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        if person.behaviour is not Behaviour.NEVER:
            self._plan(now + person.answers_after, member, case)
        return HTTPStatus.OK

    def _plan(self, at: datetime, member: str, case: str) -> None:
        with self._lock:
            if (member, case) not in self._planned | self._done:
                self._planned.add((member, case))
                heapq.heappush(self._diary, (at, next(self._counter), member, case))

    def step(self, now: datetime) -> int:
        """Do what is due; the number of cases looked at."""
        if self._watched_at is None or now - self._watched_at >= _WATCH_EVERY:
            self._watched_at = now
            for person in self._people.values():
                if person.watches:
                    self._watch(person, now)
        looked = 0
        while (due := self._next(now)) is not None:
            self._look(self._people[due[0]], due[1], now)
            looked += 1
        return looked

    def _next(self, now: datetime) -> tuple[str, str] | None:
        with self._lock:
            if not self._diary or self._diary[0][0] > now:
                return None
            _, _, member, case = heapq.heappop(self._diary)
            self._planned.discard((member, case))
            return member, case

    def _watch(self, person: Person, now: datetime) -> None:
        """Look at the board for cases that have been put to one's post."""
        try:
            board = self._get("/api/cases", state="alerting")
            for case in [str(view["id"]) for view in board]:
                timeline = self._get(f"/api/cases/{case}")["timeline"]
                if any(entry.get("who") == person.watches for entry in timeline):
                    self._plan(now + person.answers_after, person.id, case)
        except httpx.HTTPError as error:
            log.warning("%s cannot read the board: %s", person.id, error)

    def _get(self, path: str, **query: str) -> Any:
        answer = self._http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def _look(self, person: Person, case: str, now: datetime) -> None:
        """Look at the case as it is now, and do the next thing that is one's own."""
        try:
            view = self._get(f"/api/cases/{case}")
            mine = view.get("owner") == person.id
            match view.get("state"):
                case "verifying" | "alerting":
                    self._post(person, case, "ack", {})
                    if person.behaviour is Behaviour.FORGETS:
                        self._done.add((person.id, case))
                        return
                    self._plan(now + timedelta(minutes=person.arrive_min), person.id, case)
                case "acknowledged" if mine:
                    self._post(person, case, "arrive", {})
                    self._plan(now + timedelta(minutes=person.close_min), person.id, case)
                case "arrived" if mine:
                    self._post(person, case, "close", self._finding(person, view.get("home") or ""))
        except httpx.HTTPError as error:
            log.warning("%s could not act on case %s: %s", person.id, case, error)
            self._plan(now + _RETRY, person.id, case)

    def _finding(self, person: Person, home: str) -> dict[str, str]:
        note = "직접 방문하여 확인했습니다." if person.language == "ko" else "I went there and saw for myself."
        return {"outcome": self._truth(home), "contact": "visit", "note": note}

    def _post(self, person: Person, case: str, verb: str, body: dict[str, str]) -> None:
        """A refusal (409) is an answer: somebody else was quicker."""
        key = f"{self._run}-{person.id}-{case}-{verb}-{next(self._counter)}"
        answer = self._http.post(
            f"/api/cases/{case}/{verb}", json={"by": person.id, **body}, headers={"Idempotency-Key": key}
        )
        if answer.status_code != HTTPStatus.CONFLICT:
            answer.raise_for_status()


def _phone(ring: Callable[[str, bytes], HTTPStatus]) -> type[BaseHTTPRequestHandler]:
    class Phone(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            if length <= _MAX_BODY:
                status = ring(self.path.strip("/"), self.rfile.read(length))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # every ring is in `calls` already
            pass

    return Phone
