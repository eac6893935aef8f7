"""The live stream: whoever listens hears everything once and in order, whatever breaks on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.stream import KEPT, PAGE
from core.clock import sleep_s, stopwatch_s
from store.database import Database
from store.figures import newest_line
from store.migrate import migrate
from store.tables import case_log
from tests.servers import POSTGRES, Postgres
from tests.serving import City
from tests.waiting import wait_until


class Listener:
    """Reads the stream as a browser does: remembers the last id, and comes back with it."""

    def __init__(self, door: httpx.Client) -> None:
        self.door = door
        self.last: int | None = None
        self.ids: list[int] = []
        self.told: list[dict[str, Any]] = []
        self.beats = 0

    @contextmanager
    def connected(self, **params: int) -> Iterator[Iterator[str]]:
        headers = {} if self.last is None else {"Last-Event-ID": str(self.last)}
        with self.door.stream("GET", "/api/stream", params=params, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield answer.iter_lines()

    def take(self, lines: Iterator[str], amount: int) -> None:
        """Read until `amount` more events of cases have come."""
        wanted = len(self.ids) + amount
        fields: dict[str, str] = {}
        while len(self.ids) < wanted:
            line = next(lines)
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields.get("event") == "case":
                self.last = int(fields["id"])
                self.ids.append(self.last)
                self.told.append(json.loads(fields["data"]))
                fields = {}
            else:
                self.beats += fields.get("event") == "beat"
                fields = {}


def all_lines(db: Database) -> list[int]:
    with db.read() as tx:
        return list(tx.scalars(sa.select(case_log.c.id).order_by(case_log.c.id)))


def test_what_happens_is_heard_with_its_case(db: Database) -> None:
    city = City(db)
    before = city.press()
    with city.serve() as door, Listener(door).connected() as lines:
        listener = Listener(door)
        started = stopwatch_s()
        door.post(f"/api/cases/{before}/ack", json={"by": "kim"})
        listener.take(lines, 1)
        assert stopwatch_s() - started < 2
        (told,) = listener.told
        assert (told["case"]["id"], told["case"]["state"], told["case"]["owner"]) == (before, "acknowledged", "kim")
        assert told["entry"]["id"] == listener.last
        assert told["entry"]["key"] == "case.log.acknowledged"
        assert "김지민" in told["entry"]["what"]["ko"]
        assert listener.beats == 1


def test_a_line_that_breaks_again_and_again_loses_nothing_and_repeats_nothing(db: Database) -> None:
    city = City(db)
    case = city.press()
    with city.serve() as door:
        listener = Listener(door)
        writer = threading.Thread(target=lambda: [city.note(case, f"note {n}") for n in range(120)])
        writer.start()
        for n in range(8):
            with listener.connected(after=0) as lines:
                listener.take(lines, n + 1)
        writer.join()
        rest = len(all_lines(db)) - len(listener.ids)
        with listener.connected() as lines:
            listener.take(lines, rest)
    assert listener.ids == all_lines(db)


def test_who_fell_far_behind_gets_all_of_it(db: Database) -> None:
    city = City(db)
    case = city.press()
    with city.serve() as door:
        witness, start = Listener(door), all_lines(db)[-1]
        with witness.connected(after=start) as lines:
            # More than one page, and more than the stream keeps in memory.
            with db.write() as tx:
                for n in range(KEPT + PAGE + 1):
                    city.desk.act(tx, case, "note", "kim", city.clock.now(), note=str(n))
            written = all_lines(db)
            witness.take(lines, len(written) - start)
        for after in (0, start, start + PAGE, written[-KEPT], written[-2]):
            listener = Listener(door)
            expected = [line for line in written if line > after]
            with listener.connected(after=after) as lines:
                listener.take(lines, len(expected))
            assert listener.ids == expected


def test_a_place_beyond_the_end_goes_on_from_the_end(db: Database) -> None:
    city = City(db)
    case = city.press()
    with city.serve() as door:
        listener = Listener(door)
        listener.last = 10**9
        with listener.connected() as lines:
            city.note(case, "now")
            listener.take(lines, 1)
        assert listener.ids == [all_lines(db)[-1]]
        assert door.get("/api/stream", headers={"Last-Event-ID": "yesterday"}).status_code == 422


def test_many_listeners_share_one_reader(db: Database) -> None:
    city = City(db)
    case = city.press()
    reads = 0

    def counting(*execution: Any) -> None:
        nonlocal reads
        reads += "FROM case_log" in execution[2]

    with city.serve() as door:
        listeners = [Listener(door) for _ in range(20)]
        streams = [listener.connected() for listener in listeners]
        open_lines = [stream.__enter__() for stream in streams]
        sa.event.listen(db.engine, "before_cursor_execute", counting)
        sleep_s(1.0)
        quiet, reads = reads, 0
        city.note(case, "hear, hear")
        for listener, lines in zip(listeners, open_lines, strict=True):
            listener.take(lines, 1)
        busy = reads
        for stream in streams:
            stream.__exit__(None, None, None)
    assert {listener.last for listener in listeners} == {all_lines(db)[-1]}
    assert 1 <= quiet <= 6
    assert busy <= 8


def test_a_slow_writer_does_not_stop_readers(db: Database) -> None:
    city = City(db)
    case = city.press()
    with city.serve() as door, Listener(door).connected() as lines:
        assert next(lines).startswith(":")
        with db.write():
            waiting = threading.Thread(target=door.post, args=(f"/api/cases/{case}/ack",))
            waiting.start()
            sleep_s(0.1)
            # Who looks waits a second for the audit, and no longer.
            for path in ("/healthz", "/api/cases", "/readyz"):
                assert door.get(path).status_code == 200
            assert waiting.is_alive()
        waiting.join(30)
    with db.read() as tx:
        view = city.desk.view(tx, case)
    assert view is not None
    assert view.owner == "operator"


def test_listeners_are_let_go_when_the_server_stops(db: Database) -> None:
    city = City(db)
    ended = threading.Event()
    listening = threading.Event()

    def listen(url: httpx.URL) -> None:
        with httpx.stream("GET", url.join("/api/stream"), timeout=30) as answer:
            for _ in answer.iter_lines():
                listening.set()
        ended.set()

    with city.serve() as door:
        threading.Thread(target=listen, args=(door.base_url,)).start()
        assert listening.wait(5)
        started = stopwatch_s()
    assert stopwatch_s() - started < 3
    assert ended.wait(2)


@pytest.mark.skipif(POSTGRES is None, reason="PostgreSQL is not installed")
def test_when_the_database_goes_streams_end_and_when_it_is_back_nothing_is_missing(tmp_path: Path) -> None:
    server = Postgres(tmp_path).start()
    try:
        db = Database(server.database())
        migrate(db)
        city = City(db)
        case = city.press()
        with city.serve() as door:
            listener = Listener(door)
            with listener.connected(after=0) as lines:
                listener.take(lines, len(all_lines(db)))
                server.stop("fast")
                # The stream ends rather than beat on as if all were calm.
                assert list(lines)[-1:] in ([], [""])
            assert door.get("/readyz").json()["database"] is False
            assert door.get("/api/stream").status_code == 503
            server.start()
            wait_until(lambda: door.get("/readyz").status_code == 200)
            city.note(case, "back again")
            with listener.connected() as lines:
                listener.take(lines, 1)
        with db.read() as tx:
            assert newest_line(tx) == listener.last
        assert listener.ids == all_lines(db)
        db.close()
    finally:
        server.stop("immediate")
