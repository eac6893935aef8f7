"""The simulated staff acts as each of them is said to act, through a real door: HTTP in, HTTP out."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from core.clock import ManualClock
from core.people import Role
from simulators.staff import Behaviour, Person, Staff

START = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)


class Board:
    """One case behind the paths of the API: what was done to it, and by whom."""

    def __init__(self) -> None:
        self.case: dict[str, object] = {
            "id": 7, "home": "home-1", "state": "alerting", "owner": None, "timeline": [],
        }  # fmt: skip
        self.deeds: list[tuple[str, dict[str, str]]] = []
        self.keys: list[str] = []
        board = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                many = self.path.startswith("/api/cases?")
                self._answer(200, [board.case] if many else board.case)

            def do_POST(self) -> None:
                verb = self.path.rsplit("/", 1)[1]
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["Authorization"] == "Bearer secret"
                board.keys.append(self.headers["Idempotency-Key"])
                board.deeds.append((verb, body))
                board.case["state"] = {"ack": "acknowledged", "arrive": "arrived", "close": "closed"}[verb]
                board.case["owner"] = body["by"]
                self._answer(200, board.case)

            def _answer(self, status: int, body: object) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.server.shutdown()
    board.server.server_close()


class Day:
    """A staff of one at work for an hour, looked in on every half minute."""

    def __init__(self, board: Board, behaviour: Behaviour = Behaviour.FAST, watches: str = "") -> None:
        person = Person("mgr-1", "김미정", Role.MANAGER, "gwangju", behaviour, watches=watches)
        self.clock = ManualClock(START)
        api = f"http://127.0.0.1:{board.server.server_port}"
        self.staff = Staff([person], api, "secret", "t", self.clock.now, lambda home: f"truth of {home}")
        self.staff.start()

    def ring(self, member: str = "mgr-1", body: object = None) -> int:
        note = {"case": "7", "member": member, "purpose": "call", "text": "-"} if body is None else body
        return httpx.post(f"{self.staff.address}/{member}", json=note).status_code

    def hour(self) -> None:
        for _ in range(120):
            self.clock.advance(30)
            self.staff.step(self.clock.now())
        self.staff.stop()


def test_a_fast_manager_takes_the_case_goes_there_and_says_what_was_true(board: Board) -> None:
    day = Day(board)
    assert (day.ring(), day.ring()) == (200, 200)
    day.hour()
    assert [verb for verb, _ in board.deeds] == ["ack", "arrive", "close"]
    assert board.deeds[-1][1] | {"note": ""} == {
        "by": "mgr-1", "outcome": "truth of home-1", "contact": "visit", "note": "",
    }  # fmt: skip
    assert len(set(board.keys)) == 3


@pytest.mark.parametrize(
    ("behaviour", "status", "deeds"),
    [(Behaviour.NEVER, 200, []), (Behaviour.OFF, 500, []), (Behaviour.FORGETS, 200, ["ack"])],
)
def test_others_do_less(board: Board, behaviour: Behaviour, status: int, deeds: list[str]) -> None:
    day = Day(board, behaviour)
    assert day.ring() == status
    day.hour()
    assert [verb for verb, _ in board.deeds] == deeds
    assert [(call.member, call.case, call.at) for call in day.staff.calls] == [("mgr-1", "7", START)]


def test_a_late_manager_comes_late(board: Board) -> None:
    day = Day(board, Behaviour.LATE)
    day.ring()
    day.clock.set(START + timedelta(minutes=11))
    day.staff.step(day.clock.now())
    assert board.deeds == []
    day.hour()
    assert [verb for verb, _ in board.deeds] == ["ack", "arrive", "close"]


def test_nobody_touches_what_somebody_else_has(board: Board) -> None:
    board.case |= {"state": "acknowledged", "owner": "sup-1"}
    day = Day(board)
    day.ring()
    day.hour()
    assert board.deeds == []


def test_who_watches_a_post_takes_what_has_climbed_to_it_and_nothing_else(board: Board) -> None:
    day = Day(board, watches="city-duty-desk")
    day.staff.step(START)
    day.clock.advance(1800)
    day.staff.step(day.clock.now())
    assert board.deeds == []
    board.case["timeline"] = [{"who": "city-duty-desk", "at": START.isoformat()}]
    day.hour()
    assert [verb for verb, _ in board.deeds] == ["ack", "arrive", "close"]


def test_a_wrong_number_and_a_wrong_word_are_refused(board: Board) -> None:
    day = Day(board)
    assert day.ring(member="mgr-9") == 404
    assert day.ring(body={"member": "mgr-1"}) == 400
    assert day.ring(body=[1]) == 400
    day.hour()
    assert board.deeds == []
    assert day.staff.calls == []


def test_an_api_that_is_away_is_asked_again(board: Board) -> None:
    day = Day(board)
    day.ring()
    board.server.shutdown()
    port = board.server.server_port
    board.server.server_close()
    day.clock.advance(90)
    day.staff.step(day.clock.now())
    assert board.deeds == []
    board.server = ThreadingHTTPServer(("127.0.0.1", port), board.server.RequestHandlerClass)
    threading.Thread(target=board.server.serve_forever, args=(0.05,), daemon=True).start()
    day.hour()
    assert [verb for verb, _ in board.deeds] == ["ack", "arrive", "close"]
