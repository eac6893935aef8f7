"""What providers' software is told, on both databases, at a real server: signed, again, and not for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa

from care import hooks, linkage
from care.hooks import Hooks, post, queue
from core.signed import HEADER, holds
from store.care_tables import hooks as rows
from store.database import Database
from store.pack_tables import providers
from tests.linked import Linked
from tests.serving import T0

SECRET = "a secret of two"
HERE = partial(post, loopback=True)


class Software(ThreadingHTTPServer):
    """A provider's software on this machine; `status` is what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Ear)
        self.status = 204
        self.heard: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/anbu"


class Ear(BaseHTTPRequestHandler):
    server: Software

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def software() -> Iterator[Software]:
    server = Software()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hooked(db: Database, url: str) -> Linked:
    city = Linked(db)
    with db.write() as tx:
        one = providers.c.id == "meals-1"
        tx.execute(sa.update(providers).where(one).values(hook_url=url, hook_secret=SECRET))
    return city


def row(db: Database) -> Any:
    with db.read() as tx:
        return tx.execute(sa.select(rows)).one()


def test_an_order_is_told_and_its_end(db: Database, software: Software) -> None:
    city = hooked(db, software.url)
    sender = Hooks(db, city.clock, HERE)
    assert sender.step() == 0
    with db.write() as tx:
        made = linkage.offer(tx, city.item, "meals-1", "kim", T0)
        assert isinstance(made, linkage.Order)
    assert sender.step() == 1
    assert sender.step() == 0
    city.clock.advance(60)
    with db.write() as tx:
        linkage.cancel(tx, made.id, "kim", "hospital", city.hands, city.clock.now())
        linkage.cancel(tx, made.id, "kim", "hospital", city.hands, city.clock.now())
        linkage.offer(tx, city.item, "meals-2", "kim", city.clock.now())
    assert sender.step() == 1, "who has no software is told nothing"
    for (path, headers, body), what in zip(software.heard, ("offered", "cancelled"), strict=True):
        told = json.loads(body)
        assert path == "/anbu"
        assert headers["Host"] == f"localhost:{software.server_port}"
        assert headers["Content-Type"] == "application/cloudevents+json"
        assert holds(headers[HEADER], SECRET.encode(), body, city.clock.now())
        assert not holds(headers[HEADER], b"another", body, city.clock.now())
        assert headers["Idempotency-Key"] == told["id"]
        assert (told["specversion"], told["type"]) == ("1.0", f"care.order.{what}")
        assert (told["subject"], told["source"]) == (f"orders/{made.id}", "/api/care")
        assert told["data"]["order"] == made.id
        assert "home-0001" not in body.decode(), "nothing of it says who"
        assert "김순자" not in body.decode()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_deaf_one_is_told_again_for_a_day(db: Database, software: Software, status: int) -> None:
    city = hooked(db, software.url)
    software.status = status
    sender = Hooks(db, city.clock, HERE)
    with db.write() as tx:
        assert queue(tx, "meals-1", "claim.paid", "claims/7", {"claim": 7}, T0)
        assert queue(tx, "meals-1", "claim.paid", "claims/7", {"claim": 7}, T0), "the same deed"
    assert sender.step() == 1
    assert sender.step() == 0, "not at once"
    again = row(db)
    assert (again.state, again.attempts, again.last_error) == ("queued", 1, f"HTTP {status}")
    tries = 1
    while row(db).state == "queued":
        city.clock.set(row(db).due_at)
        tries += sender.step()
    assert row(db).state == "failed"
    assert 20 < tries < 60
    assert len({headers["Idempotency-Key"] for _, headers, _ in software.heard}) == 1
    assert {path for path, _, _ in software.heard} == {"/anbu"}, "it follows nobody elsewhere"
    (line,) = city.log("hook_failed")
    assert line.numbers["provider"] == "meals-1"


def test_it_hears_when_it_is_back(db: Database, software: Software) -> None:
    city = hooked(db, software.url)
    software.status = 503
    sender = Hooks(db, city.clock, HERE)
    with db.write() as tx:
        queue(tx, "meals-1", "claim.returned", "claims/7", {"claim": 7}, T0)
    sender.step()
    software.status = 200
    city.clock.advance(10)
    assert sender.step() == 1
    assert (row(db).state, row(db).attempts, row(db).last_error) == ("delivered", 2, None)
    city.clock.advance(86400)
    assert sender.step() == 0


def test_a_sender_that_died_lets_its_rows_go(db: Database) -> None:
    city = hooked(db, "http://provider.example/anbu")
    heard: list[str] = []

    def dies(url: str, body: bytes, headers: Any) -> str:
        raise KeyboardInterrupt

    def lives(url: str, body: bytes, headers: Any) -> str:
        heard.append(headers["Idempotency-Key"])
        return ""

    with db.write() as tx:
        queue(tx, "meals-1", "claim.paid", "claims/7", {"claim": 7}, T0)
    with pytest.raises(KeyboardInterrupt):
        Hooks(db, city.clock, dies).step()
    other = Hooks(db, city.clock, lives)
    assert other.step() == 0
    city.clock.advance(hooks.CLAIM.total_seconds())
    assert other.step() == 1
    assert len(heard) == 1
    assert row(db).state == "delivered"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://[::ffff:169.254.169.254]/latest",
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://0.0.0.0:1/",
        "http://224.0.0.1/",
        "http://[fe80::1]/",
        "ftp://127.0.0.1/",
        "http://",
        "not a url",
    ],
)
def test_where_no_provider_can_stand_nothing_is_sent(url: str) -> None:
    assert post(url, b"{}", {}) == "address"


def test_nobody_at_the_other_end_is_a_reason_not_an_error() -> None:
    assert HERE("http://127.0.0.1:9/", b"{}", {}) == "ConnectError"
    assert post("http://no-such-host.invalid/", b"{}", {}) == "gaierror"
